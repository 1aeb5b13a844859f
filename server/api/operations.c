#include "api/operations.h"

#include "api/app.h"
#include "api/job_json.h"
#include "api/reading.h"
#include "control/operation.h"

enum { WATERMARK_MAX = 1000 };

static const char *names_text(struct arena *arena)
{
    struct buf *text = buf_new(arena);
    for (int i = 0; i < OPERATION_COUNT; i++)
        buf_addf(text, "%s%s", i ? ", " : "", operation_names[i]);
    return buf_text(text);
}

static void read_rewind(struct http_request *req, struct http_response *res, const json_t *body,
                        struct operation_request *out)
{
    const json_t *watermark = json_object_get(body, "watermark"), *batch = json_object_get(body, "batch");
    const json_t *skip = json_object_get(body, "skip");
    bool rewind = out->operation == OPERATION_REWIND;
    if (watermark && (!rewind || !json_is_string(watermark) || json_string_length(watermark) > WATERMARK_MAX))
        http_add_problem(req, res, "/watermark", "only a rewind has a watermark: a text of at most %d bytes",
                         WATERMARK_MAX);
    if (batch && (!rewind || !json_is_integer(batch) || json_integer_value(batch) < 1 || watermark))
        http_add_problem(req, res, "/batch", "only a rewind has a batch, from 1, and no watermark beside it");
    if (skip && (!watermark || !json_is_boolean(skip)))
        http_add_problem(req, res, "/skip", "only a rewind to a watermark may skip: true or false");
    out->skip = json_is_true(skip);
    out->watermark = json_string_value(watermark);
    out->batch = json_integer_value(batch);
}

static int read_request(struct http_request *req, struct http_response *res, struct operation_request *out,
                        struct err *err)
{
    static const char *const members[] = {"operation", "watermark", "batch", "skip", NULL};
    json_t *body;
    if (reading_dry_run(req, &out->dry_run, err) != 0 || http_body_json(req, &body, err) != 0)
        return -err->code;
    (void)body_members(req, res, body, "", members);
    const char *name = json_text(body, "operation");
    if (!name || !operation_parse(name, &out->operation))
        http_add_problem(req, res, "/operation", "operation is one of %s", names_text(req->arena));
    else
        read_rewind(req, res, body, out);
    return res->problem_count ? err_set(err, ERR_INVALID, "the operation does not read") : 0;
}

/* If-Match is that of GET, and may be left out: the job's state alone decides then. */
static int check_known(void *ctx, const struct job_row *job, struct err *err)
{
    struct http_request *req = ctx;
    struct http_response shown = {0};
    if (!http_header(req, "If-Match"))
        return 0;
    http_reply_json(&shown, 200, json_own(req->arena, job_json(job, true)));
    http_set_body_etag(req, &shown);
    const char *tag = arena_strndup(req->arena, shown.etag + 1, strlen(shown.etag) - 2);
    buf_dispose(&shown.body);
    return http_check_if_match(req, tag, err);
}

int operations_post(struct http_request *req, struct http_response *res, struct err *err)
{
    struct app *app = app_of(req);
    struct operation_request request = {.pool = app->pool,
                                        .snapshots = app->snapshots,
                                        .actor = req->who.name,
                                        .request_id = req->id,
                                        .key = job_key_of(req),
                                        .precondition = check_known,
                                        .ctx = req};
    struct operation_result result = {0};
    if (read_request(req, res, &request, err) != 0)
        return -err->code;
    int rc = operation_apply(&request, req->arena, &result, err);
    res->code = rc ? result.code : NULL;
    if (rc)
        return rc;
    if (!request.dry_run)
        statuses_invalidate(app->statuses, request.key.ecosystem);
    json_t *does = json_array();
    for (size_t i = 0; i < result.does.len; i++)
        json_array_append_new(does, json_string(result.does.items[i]));
    json_t *body = json_pack("{s:s, s:b, s:o, s:o}", "operation", operation_names[request.operation], "dry_run",
                             request.dry_run, "does", does, "job", job_json(&result.job, true));
    http_reply_json(res, 200, json_own(req->arena, body));
    return 0;
}
