#include "store/audit.h"

#include "sql.h"

static struct pg_param json_param(struct arena *arena, const json_t *value)
{
    if (!value)
        return PG_NULL;
    struct buf *text = buf_new(arena);
    json_write(text, value);
    return PG_TEXT(buf_text(text));
}

int audit_add(struct pg *pg, struct arena *arena, const struct audit_entry *entry, struct err *err)
{
    return pg_query(pg, arena, sql_audit_add, PG_NONE, NULL, err, PG_TEXT(entry->ecosystem), PG_TEXT(entry->actor),
                    PG_TEXT(entry->action), PG_TEXT(entry->object), json_param(arena, entry->before),
                    json_param(arena, entry->after), PG_TEXT(entry->request_id));
}
