#include "api/streams.h"

#include "api/app.h"
#include "api/job_json.h"
#include "store/ecosystem.h"

enum { LIST_DEFAULT = 100, LIST_MAX = 1000, BATCHES_DEFAULT = 20, BATCHES_MAX = 500 };

static const char *const list_query[] = {"psp", "platform", "store", "team", "state", "limit", "cursor", NULL};
static const char *const states[] = {"idle", "running", "failed", "lost", "retired", NULL};

static int check_state(const char *state, struct err *err)
{
    for (size_t i = 0; state && states[i]; i++)
        if (strcmp(state, states[i]) == 0)
            return 0;
    return state ? err_set(err, ERR_SYNTAX, "state: one of idle, running, failed, lost, retired, got \"%.64s\"", state)
                 : 0;
}

/* A page has room for one row more than it shows: that one tells whether there is another page. */
static int read_list(struct pg *pg, struct http_request *req, const struct job_filter *filter, struct job_row **rows,
                     size_t *count, struct err *err)
{
    if (job_store_list(pg, req->arena, filter, rows, count, err) != 0)
        return -err->code;
    struct ecosystem_row ecosystem;
    /* An empty page may be that of an ecosystem that does not exist. */
    return *count ? 0 : ecosystem_get(pg, req->arena, filter->ecosystem, &ecosystem, err);
}

int streams_list(struct http_request *req, struct http_response *res, struct err *err)
{
    size_t limit = 0, count = 0;
    const char *after[2] = {NULL, NULL};
    bool present;
    if (http_check_query(req, list_query, err) != 0 || http_page_limit(req, LIST_DEFAULT, LIST_MAX, &limit, err) != 0 ||
        http_cursor_read(req, after, 2, &present, err) != 0 || check_state(http_query(req, "state"), err) != 0)
        return -err->code;
    struct job_filter filter = {.ecosystem = http_param(req, "eco"),
                                .kind = job_kind_of(req),
                                .psp = http_query(req, "psp"),
                                .platform = http_query(req, "platform"),
                                .store = http_query(req, "store"),
                                .team = http_query(req, "team"),
                                .state = http_query(req, "state"),
                                .after_platform = present ? after[0] : NULL,
                                .after_name = present ? after[1] : NULL,
                                .limit = limit + 1};
    struct job_row *rows = NULL;
    struct pg *pg;
    if (pg_pool_take(app_of(req)->pool, &pg, err) != 0)
        return -err->code;
    int rc = read_list(pg, req, &filter, &rows, &count, err);
    pg_pool_give(app_of(req)->pool, pg);
    if (rc)
        return rc;
    json_t *items = json_array();
    for (size_t i = 0; i < count && i < limit; i++)
        json_array_append_new(items, job_json(&rows[i], false));
    if (count > limit) {
        const char *const parts[] = {rows[limit - 1].key.platform, rows[limit - 1].key.name};
        http_link_next(req, res, http_cursor_make(req->arena, parts, 2));
    }
    const char *member = filter.kind == JOB_STREAM ? "streams" : "transformers";
    http_reply_json(res, 200, json_own(req->arena, json_pack("{s:o}", member, items)));
    http_set_body_etag(req, res);
    return 0;
}

int streams_get(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const none[] = {NULL};
    struct job_key key = job_key_of(req);
    struct job_row job;
    struct pg *pg;
    if (http_check_query(req, none, err) != 0 || pg_pool_take(app_of(req)->pool, &pg, err) != 0)
        return -err->code;
    int rc = job_store_get(pg, req->arena, &key, &job, err);
    pg_pool_give(app_of(req)->pool, pg);
    if (rc)
        return rc;
    http_reply_json(res, 200, json_own(req->arena, job_json(&job, true)));
    http_set_body_etag(req, res);
    return 0;
}

int streams_batches(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const query[] = {"limit", "cursor", NULL};
    struct job_key key = job_key_of(req);
    struct job_row job;
    struct batch_row *rows = NULL;
    size_t limit = 0, count = 0;
    int64_t before = 0;
    const char *after = NULL;
    bool present;
    struct pg *pg;
    if (http_check_query(req, query, err) != 0 ||
        http_page_limit(req, BATCHES_DEFAULT, BATCHES_MAX, &limit, err) != 0 ||
        http_cursor_read(req, &after, 1, &present, err) != 0)
        return -err->code;
    if (present && !str_int64(str_from(after), 1, INT64_MAX, &before))
        return err_set(err, ERR_SYNTAX, "cursor: not one of this list");
    if (pg_pool_take(app_of(req)->pool, &pg, err) != 0)
        return -err->code;
    int rc = job_store_get(pg, req->arena, &key, &job, err);
    if (!rc)
        rc = batch_store_list(pg, req->arena, job.id, before, limit + 1, &rows, &count, err);
    pg_pool_give(app_of(req)->pool, pg);
    if (rc)
        return rc;
    json_t *items = json_array();
    for (size_t i = 0; i < count && i < limit; i++)
        json_array_append_new(items, batch_json(&rows[i]));
    if (count > limit) {
        const char *const parts[] = {arena_printf(req->arena, "%lld", (long long)rows[limit - 1].batch)};
        http_link_next(req, res, http_cursor_make(req->arena, parts, 1));
    }
    http_reply_json(res, 200, json_own(req->arena, json_pack("{s:o}", "batches", items)));
    http_set_body_etag(req, res);
    return 0;
}
