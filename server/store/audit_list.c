#include "store/audit_list.h"

#include "sql.h"

int audit_list(struct pg *pg, struct arena *arena, const struct audit_filter *filter, struct audit_row **out,
               size_t *count, struct err *err)
{
    struct pg_rows rows;
    if (pg_query(pg, arena, sql_audit_list, PG_MANY, &rows, err, PG_TEXT(filter->ecosystem), PG_TEXT(filter->object),
                 PG_TEXT(filter->actor), PG_TEXT(filter->action),
                 filter->before ? pg_int(arena, filter->before) : PG_NULL, pg_int(arena, (int64_t)filter->limit)) != 0)
        return -err->code;
    *out = arena_calloc(arena, rows.count + 1, sizeof **out);
    *count = rows.count;
    for (size_t i = 0; i < rows.count; i++)
        (*out)[i] = (struct audit_row){.id = pg_integer(&rows, i, 0),
                                       .at = pg_text(&rows, i, 1),
                                       .actor = pg_text(&rows, i, 2),
                                       .action = pg_text(&rows, i, 3),
                                       .object = pg_text(&rows, i, 4),
                                       .before = pg_str(&rows, i, 5),
                                       .after = pg_str(&rows, i, 6),
                                       .request_id = pg_text(&rows, i, 7)};
    return 0;
}
