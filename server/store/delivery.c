#include "store/delivery.h"

#include "sql.h"
#include "store/audit.h"
#include "store/ecosystem.h"
#include "store/notify.h"

int delivery_add(struct pg *pg, struct arena *arena, const struct delivery_new *delivery, int64_t *id, bool *fresh,
                 struct err *err)
{
    struct pg_rows rows;
    struct pg_param repo = PG_TEXT(delivery->repo ? delivery->repo : "");
    int rc = pg_query(pg, arena, sql_delivery_add, PG_MAYBE, &rows, err, PG_TEXT(delivery->ecosystem),
                      PG_TEXT(delivery->forge), PG_TEXT(delivery->event), PG_TEXT(delivery->forge_id),
                      PG_TEXT(delivery->content_type), PG_BYTES(delivery->payload), repo);
    if (rc)
        return rc;
    bool made = rows.count == 1;
    int64_t found = made ? pg_integer(&rows, 0, 0) : 0;
    if (made) {
        rc = notify_send(pg, arena, "inbox", err);
    } else {
        rc = pg_query(pg, arena, sql_delivery_find, PG_ONE, &rows, err, PG_TEXT(delivery->ecosystem),
                      PG_TEXT(delivery->forge), PG_TEXT(delivery->forge_id), repo);
        if (!rc)
            found = pg_integer(&rows, 0, 0);
    }
    if (rc)
        return rc;
    *id = found;
    *fresh = made;
    return 0;
}

static int read_row(struct arena *arena, const struct pg_rows *rows, size_t i, struct delivery_row *out,
                    struct err *err)
{
    *out = (struct delivery_row){
        .id = pg_integer(rows, i, 0),
        .forge = pg_text(rows, i, 1),
        .event = pg_text(rows, i, 2),
        .forge_id = pg_text(rows, i, 3),
        .redelivery_of = pg_integer(rows, i, 4),
        .ref = pg_text(rows, i, 5),
        .commit_oid = pg_text(rows, i, 6),
        .state = pg_text(rows, i, 7),
        .reason = pg_text(rows, i, 8),
        .attempts = (int)pg_integer(rows, i, 9),
        .crashes = (int)pg_integer(rows, i, 10),
        .version = (int)pg_integer(rows, i, 11),
        .received_at = pg_text(rows, i, 12),
        .due_at = pg_text(rows, i, 13),
        .finished_at = pg_text(rows, i, 14),
        .claimed = pg_is_true(rows, i, 15),
        .repo = pg_text(rows, i, 17),
    };
    return pg_is_null(rows, i, 16) ? 0 : json_read(arena, pg_str(rows, i, 16), &out->findings, err);
}

int delivery_get(struct pg *pg, struct arena *arena, const char *ecosystem, int64_t id, struct delivery_row *out,
                 struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_delivery_get, PG_MAYBE, &rows, err, PG_TEXT(ecosystem), pg_int(arena, id));
    if (rc)
        return rc;
    if (!rows.count)
        return ecosystem_lacks(err, ecosystem, "delivery %lld", (long long)id);
    return read_row(arena, &rows, 0, out, err);
}

int delivery_list(struct pg *pg, struct arena *arena, const char *ecosystem, const struct delivery_filter *filter,
                  size_t limit, struct delivery_row **out, size_t *count, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_delivery_list, PG_MANY, &rows, err, PG_TEXT(ecosystem),
                      filter->before ? pg_int(arena, filter->before) : PG_NULL, PG_TEXT(filter->state),
                      PG_TEXT(filter->event), pg_int(arena, (int64_t)limit));
    if (rc)
        return rc;
    struct delivery_row *items = arena_calloc(arena, rows.count, sizeof *items);
    for (size_t i = 0; !rc && i < rows.count; i++)
        rc = read_row(arena, &rows, i, &items[i], err);
    if (rc)
        return rc;
    *out = items;
    *count = rows.count;
    return 0;
}

int delivery_redeliver(struct pg *pg, struct arena *arena, const char *ecosystem, int64_t id, int64_t *made,
                       struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_delivery_lock, PG_MAYBE, &rows, err, PG_TEXT(ecosystem), pg_int(arena, id));
    if (rc)
        return rc;
    if (!rows.count)
        return ecosystem_lacks(err, ecosystem, "delivery %lld", (long long)id);
    if (strcmp(pg_text(&rows, 0, 0), "received") == 0) {
        err_set(err, ERR_CONFLICT, "delivery %lld of ecosystem %s has no outcome yet", (long long)id, ecosystem);
        return err_hint(err, "it is worked on, or waits until its due_at; read it again later");
    }
    rc = pg_query(pg, arena, sql_delivery_redeliver, PG_ONE, &rows, err, pg_int(arena, id));
    if (!rc)
        rc = notify_send(pg, arena, "inbox", err);
    if (!rc)
        *made = pg_integer(&rows, 0, 0);
    return rc;
}

int delivery_claim(struct pg *pg, struct arena *arena, const char *by, int64_t lease_ms, struct delivery_claim *out,
                   bool *found, struct err *err)
{
    struct pg_rows rows;
    struct err raced = {0};
    int rc = pg_query(pg, arena, sql_delivery_claim, PG_MAYBE, &rows, &raced, PG_TEXT(by), pg_int(arena, lease_ms));
    if (rc && raced.code == ERR_CONFLICT) { /* another worker took one of the ecosystem at the same moment */
        *found = false;
        return 0;
    }
    if (rc) {
        *err = raced;
        return rc;
    }
    *found = rows.count == 1;
    if (!*found)
        return 0;
    *out = (struct delivery_claim){
        .id = pg_integer(&rows, 0, 0),
        .by = arena_strdup(arena, by),
        .ecosystem = pg_text(&rows, 0, 1),
        .forge = pg_text(&rows, 0, 2),
        .event = pg_text(&rows, 0, 3),
        .content_type = pg_text(&rows, 0, 4),
        .payload = pg_bytes(arena, &rows, 0, 5),
        .attempts = (int)pg_integer(&rows, 0, 6),
        .crashes = (int)pg_integer(&rows, 0, 7),
        .at = pg_text(&rows, 0, 8),
        .age_ms = pg_integer(&rows, 0, 9),
        .repo = pg_text(&rows, 0, 10),
    };
    return 0;
}

int delivery_renew(struct pg *pg, struct arena *arena, const char *const *by, size_t n, int64_t lease_ms,
                   struct err *err)
{
    return pg_query(pg, arena, sql_delivery_renew, PG_NONE, NULL, err, pg_text_array(arena, by, n),
                    pg_int(arena, lease_ms));
}

static int audit_outcome(struct pg *pg, struct arena *arena, const char *ecosystem, int64_t id, const char *state,
                         const char *reason, const char *commit, int version, struct err *err)
{
    json_t *after = json_own(arena, json_pack("{s:s, s:s?}", "state", state, "reason", reason));
    if (commit)
        json_object_set_new(after, "commit", json_string(commit));
    if (version)
        json_object_set_new(after, "version", json_integer(version));
    json_t *before = json_own(arena, json_pack("{s:s}", "state", "received"));
    return audit_add(pg, arena,
                     &(struct audit_entry){.ecosystem = ecosystem,
                                           .actor = "worker",
                                           .action = arena_printf(arena, "delivery.%s", state),
                                           .object = arena_printf(arena, "delivery %lld", (long long)id),
                                           .before = before,
                                           .after = after},
                     err);
}

int delivery_backlog(struct pg *pg, struct arena *arena, int64_t *count, int64_t *oldest_s, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_delivery_backlog, PG_ONE, &rows, err);
    if (rc)
        return rc;
    *count = pg_integer(&rows, 0, 0);
    *oldest_s = pg_integer(&rows, 0, 1);
    return 0;
}

int delivery_abandon(struct pg *pg, struct arena *arena, const char *instance, struct err *err)
{
    return pg_query(pg, arena, sql_delivery_abandon, PG_NONE, NULL, err, PG_TEXT(instance));
}

int delivery_expire(struct pg *pg, struct arena *arena, int crash_limit, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_delivery_expire, PG_MANY, &rows, err, pg_int(arena, crash_limit));
    for (size_t i = 0; !rc && i < rows.count; i++) {
        if (strcmp(pg_text(&rows, i, 2), "quarantined") == 0)
            rc = audit_outcome(pg, arena, pg_text(&rows, i, 1), pg_integer(&rows, i, 0), "quarantined",
                               pg_text(&rows, i, 3), NULL, 0, err);
    }
    return rc;
}

static int lost(const struct delivery_claim *claim, struct err *err)
{
    return err_set(err, ERR_CONFLICT, "the claim of delivery %lld is lost", (long long)claim->id);
}

int delivery_release(struct pg *pg, struct arena *arena, const struct delivery_claim *claim, int64_t delay_ms,
                     const char *reason, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_delivery_release, PG_NONE, &rows, err, pg_int(arena, claim->id),
                      PG_TEXT(claim->by), pg_int(arena, delay_ms), PG_TEXT(reason));
    if (rc)
        return rc;
    return rows.affected == 1 ? 0 : lost(claim, err);
}

int delivery_forget(struct pg *pg, struct arena *arena, const char *by, const char *reason, struct err *err)
{
    return pg_query(pg, arena, sql_delivery_forget, PG_NONE, NULL, err, PG_TEXT(by), PG_TEXT(reason));
}

int delivery_fail(struct pg *pg, struct arena *arena, const struct delivery_claim *claim, int64_t delay_ms,
                  int crash_limit, const char *reason, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_delivery_fail, PG_MAYBE, &rows, err, pg_int(arena, claim->id), PG_TEXT(claim->by),
                      pg_int(arena, delay_ms), pg_int(arena, crash_limit), PG_TEXT(reason));
    if (rc)
        return rc;
    if (!rows.count)
        return lost(claim, err);
    if (strcmp(pg_text(&rows, 0, 0), "quarantined") != 0)
        return 0;
    return audit_outcome(pg, arena, claim->ecosystem, claim->id, "quarantined", reason, NULL, 0, err);
}

int delivery_finish(struct pg *pg, struct arena *arena, const struct delivery_claim *claim,
                    const struct delivery_outcome *outcome, struct err *err)
{
    struct pg_param findings = PG_NULL;
    if (outcome->findings) {
        struct buf *text = buf_new(arena);
        json_write(text, outcome->findings);
        findings = PG_TEXT(buf_text(text));
    }
    struct pg_rows rows;
    int rc =
        pg_query(pg, arena, sql_delivery_finish, PG_NONE, &rows, err, pg_int(arena, claim->id), PG_TEXT(claim->by),
                 PG_TEXT(outcome->state), PG_TEXT(outcome->reason), PG_TEXT(outcome->ref), PG_TEXT(outcome->commit_oid),
                 outcome->version ? pg_int(arena, outcome->version) : PG_NULL, findings);
    if (rc)
        return rc;
    if (rows.affected != 1)
        return lost(claim, err);
    return audit_outcome(pg, arena, claim->ecosystem, claim->id, outcome->state, outcome->reason, outcome->commit_oid,
                         outcome->version, err);
}

int delivery_decided(struct pg *pg, struct arena *arena, int64_t id, struct delivery_decided *out, bool *found,
                     struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_delivery_decided, PG_MAYBE, &rows, err, pg_int(arena, id));
    if (rc)
        return rc;
    *found = rows.count == 1;
    if (!*found)
        return 0;
    *out = (struct delivery_decided){
        .head_oid = pg_text(&rows, 0, 0),
        .delivery = pg_integer(&rows, 0, 1),
        .state = pg_text(&rows, 0, 2),
        .version = (int)pg_integer(&rows, 0, 3),
        .after_ms = pg_integer(&rows, 0, 5),
        .reason = pg_text(&rows, 0, 6),
    };
    return pg_is_null(&rows, 0, 4) ? 0 : json_read(arena, pg_str(&rows, 0, 4), &out->findings, err);
}

int delivery_wait(struct pg *pg, struct arena *arena, int64_t max, int64_t *out, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_delivery_wait, PG_ONE, &rows, err);
    if (rc)
        return rc;
    int64_t wait = pg_is_null(&rows, 0, 0) ? max : pg_integer(&rows, 0, 0);
    *out = wait < 0 ? 0 : wait > max ? max : wait;
    return 0;
}
