#include "store/notify.h"

#include "sql.h"

int notify_send(struct pg *pg, struct arena *arena, const char *payload, struct err *err)
{
    return pg_query(pg, arena, sql_notify, PG_NONE, NULL, err, PG_TEXT(payload));
}
