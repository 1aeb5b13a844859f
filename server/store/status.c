#include "store/status.h"

#include "sql.h"
#include "store/ecosystem.h"

static int read_list(struct arena *arena, const struct pg_rows *rows, int column, const json_t **out, struct err *err)
{
    json_t *list = NULL;
    struct str text = pg_str(rows, 0, column);
    if (text.data && json_read(arena, text, &list, err) != 0)
        return -err->code;
    *out = list;
    return 0;
}

int status_store_figures(struct pg *pg, struct arena *arena, const char *ecosystem, size_t max,
                         struct status_figures *out, struct err *err)
{
    struct pg_rows rows;
    if (pg_query(pg, arena, sql_status_document, PG_MAYBE, &rows, err, PG_TEXT(ecosystem),
                 pg_int(arena, (int64_t)max)) != 0)
        return -err->code;
    if (!rows.count)
        return ecosystem_unknown(err, ecosystem);
    *out = (struct status_figures){
        .version = (int)pg_integer(&rows, 0, 0),
        .lag = {pg_text(&rows, 0, 2), pg_text(&rows, 0, 3), pg_text(&rows, 0, 4), pg_integer(&rows, 0, 5)},
        .never_committed = pg_integer(&rows, 0, 6),
        .hints_skipped = pg_integer(&rows, 0, 7),
        .important = pg_integer(&rows, 0, 8)};
    if (read_list(arena, &rows, 1, &out->counts, err) != 0)
        return -err->code;
    if (read_list(arena, &rows, 9, &out->failures, err) != 0)
        return -err->code;
    return read_list(arena, &rows, 10, &out->holds, err);
}
