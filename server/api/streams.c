#include "api/streams.h"

#include "api/job_json.h"
#include "api/page.h"
#include "api/reading.h"

static const char *const states[] = {"idle", "running", "failed", "lost", "paused", "retired", NULL};

static json_t *job_item(const void *row, const void *ctx)
{
    (void)ctx;
    return job_json(row, false);
}

static void job_place(struct arena *arena, const void *row, const char **parts)
{
    const struct job_row *job = row;
    (void)arena;
    parts[0] = job->key.platform;
    parts[1] = job->key.name;
}

int streams_list(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const query[] = {"psp", "platform", "store", "team", "state", "limit", "cursor", NULL};
    static const struct page_list list = {query, 100, 1000, 2, sizeof(struct job_row), job_item, .place = job_place};
    struct job_row *rows;
    struct reading reading;
    struct page page;
    const char *state;
    size_t count;
    if (page_read(req, &list, &page, err) != 0 || reading_choice(req, "state", states, &state, err) != 0 ||
        reading_begin(req, &reading, err) != 0)
        return -err->code;
    struct job_filter filter = {.ecosystem = reading.ecosystem.name,
                                .kind = job_kind_of(req),
                                .psp = http_query(req, "psp"),
                                .platform = http_query(req, "platform"),
                                .store = http_query(req, "store"),
                                .team = http_query(req, "team"),
                                .state = state,
                                .after_platform = page.after[0],
                                .after_name = page.after[1],
                                .limit = page.rows};
    int rc = job_store_list(reading.pg, req->arena, &filter, &rows, &count, err);
    reading_end(req, &reading);
    if (!rc)
        page_reply(req, res, &page, rows, count, NULL);
    return rc;
}

int streams_get(struct http_request *req, struct http_response *res, struct err *err)
{
    struct job_row job;
    if (reading_job(req, &job, err) != 0)
        return -err->code;
    http_reply_json(res, 200, json_own(req->arena, job_json(&job, true)));
    http_set_body_etag(req, res);
    return 0;
}

static json_t *batch_item(const void *row, const void *ctx)
{
    (void)ctx;
    return batch_json(row);
}

int streams_batches(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const query[] = {"limit", "cursor", NULL};
    static const struct page_list list = {
        query, 20, 500, 1, sizeof(struct batch_row), batch_item, .number = offsetof(struct batch_row, batch)};
    struct job_key key = job_key_of(req);
    struct job_row job;
    struct batch_row *rows;
    struct reading reading;
    struct page page;
    size_t count;
    int64_t before;
    if (page_read(req, &list, &page, err) != 0 || page_before(&page, INT64_MAX, &before, err) != 0 ||
        reading_begin(req, &reading, err) != 0)
        return -err->code;
    int rc = job_store_get(reading.pg, req->arena, &key, &job, err);
    if (!rc)
        rc = batch_store_list(reading.pg, req->arena, job.id, before, page.rows, &rows, &count, err);
    reading_end(req, &reading);
    if (!rc)
        page_reply(req, res, &page, rows, count, NULL);
    return rc;
}
