#include "store/audit.h"

#include "sql.h"
#include "store/param.h"

int audit_add(struct pg *pg, struct arena *arena, const struct audit_entry *entry, struct err *err)
{
    return pg_query(pg, arena, sql_audit_add, PG_NONE, NULL, err, PG_TEXT(entry->ecosystem), PG_TEXT(entry->actor),
                    PG_TEXT(entry->action), PG_TEXT(entry->object), param_json(arena, entry->before),
                    param_json(arena, entry->after), PG_TEXT(entry->request_id));
}
