#include "ingest/session.h"

#include "base/buf.h"

#include <string.h>

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

/* Values are SQL; the server parts options at spaces, and takes what stands behind a backslash as it is. */
static void add_option(struct buf *out, const struct pg_setting *setting)
{
    buf_addf(out, "%s-c %s=", out->len ? " " : "", setting->name);
    for (const char *c = setting->value; *c; c++) {
        if (*c == '\'')
            continue;
        if (*c == ' ')
            buf_addc(out, '\\');
        buf_addc(out, *c);
    }
}

const char *session_options(struct arena *arena, int version)
{
    struct buf *out = buf_new(arena);
    size_t n;
    const struct pg_setting *first = pg_session_settings(&n);
    for (size_t i = 0; i < n; i++)
        if (version >= first[i].since)
            add_option(out, &first[i]);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (version >= settings[i].since && strcmp(settings[i].name, "search_path") != 0)
            add_option(out, &settings[i]);
    return buf_text(out);
}

int session_settle(struct pg *pg, struct err *err)
{
    return pg_set(pg, settings, sizeof settings / sizeof *settings, err);
}
