#include "store/report.h"

#include "sql.h"
#include "store/param.h"

int report_put(struct pg *pg, struct arena *arena, const struct ecosystem_row *repository, const char *kind,
               const char *subject, const json_t *content, struct err *err)
{
    return pg_query(pg, arena, sql_report_put, PG_NONE, NULL, err, PG_TEXT(repository->name), PG_TEXT(kind),
                    PG_TEXT(subject), param_json(arena, content), PG_TEXT(ecosystem_repo(repository)));
}

int report_claim(struct pg *pg, struct arena *arena, int64_t lease_ms, struct report_claim *out, bool *found,
                 struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_report_claim, PG_MAYBE, &rows, err, pg_int(arena, lease_ms));
    if (rc)
        return rc;
    *found = rows.count == 1;
    if (!*found)
        return 0;
    *out = (struct report_claim){.id = pg_integer(&rows, 0, 0),
                                 .ecosystem = pg_text(&rows, 0, 1),
                                 .kind = pg_text(&rows, 0, 2),
                                 .subject = pg_text(&rows, 0, 3),
                                 .remote_id = pg_text(&rows, 0, 5),
                                 .attempts = (int)pg_integer(&rows, 0, 6),
                                 .age_ms = pg_integer(&rows, 0, 7),
                                 .repo = pg_text(&rows, 0, 8)};
    return json_read(arena, pg_str(&rows, 0, 4), &out->content, err);
}

int report_sent(struct pg *pg, struct arena *arena, const struct report_claim *claim, const char *remote_id,
                struct err *err)
{
    return pg_query(pg, arena, sql_report_sent, PG_NONE, NULL, err, pg_int(arena, claim->id),
                    param_json(arena, claim->content), PG_TEXT(remote_id));
}

int report_limit(struct pg *pg, struct arena *arena, const struct report_claim *claim, int64_t wait_ms, struct err *err)
{
    return pg_query(pg, arena, sql_report_limit, PG_NONE, NULL, err, PG_TEXT(claim->ecosystem), pg_int(arena, wait_ms),
                    PG_TEXT(claim->repo));
}

int report_failed(struct pg *pg, struct arena *arena, const struct report_claim *claim,
                  const struct report_failure *failure, struct err *err)
{
    return pg_query(pg, arena, sql_report_failed, PG_NONE, NULL, err, pg_int(arena, claim->id),
                    param_json(arena, claim->content), pg_int(arena, failure->delay_ms), PG_TEXT(failure->text),
                    pg_bool(failure->give_up), pg_bool(failure->forget_remote));
}
