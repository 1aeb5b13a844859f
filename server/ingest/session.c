#include "ingest/session.h"

static const struct pg_setting settings[] = {
    {"search_path", "''", 0}, /* pg_catalog alone */
    {"lock_timeout", "'30s'", 90300},
    {"statement_timeout", "0", 0},
    {"idle_in_transaction_session_timeout", "0", 90600},
    {"idle_session_timeout", "0", 140000},
    {"transaction_timeout", "0", 170000},
    {"row_security", "on", 90500},
    {"default_transaction_isolation", "'read committed'", 0},
    {"default_transaction_read_only", "off", 0},
    {"default_transaction_deferrable", "off", 90100},
    {"transform_null_equals", "off", 0},
    {"extra_float_digits", "3", 0},
};

int session_settle(struct pg *pg, struct err *err)
{
    return pg_set(pg, settings, sizeof settings / sizeof *settings, err);
}
