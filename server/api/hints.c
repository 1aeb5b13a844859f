#include "api/hints.h"

#include "api/app.h"
#include "api/job_json.h"
#include "api/reading.h"
#include "control/hint.h"
#include "store/levels.h"

/* The tag changes with the hint, and when a merge makes it skipped or counted again. */
static const char *hint_tag(struct arena *arena, const struct job_row *job)
{
    if (!job->hint.revision)
        return NULL;
    const char *skipped = job->hint_skipped;
    return skipped ? arena_printf(arena, "h%lld-%llx", (long long)job->hint.revision,
                                  (unsigned long long)str_hash(str_from(skipped)))
                   : arena_printf(arena, "h%lld", (long long)job->hint.revision);
}

static void reply_hint(struct http_request *req, struct http_response *res, int status, const struct job_row *job)
{
    json_t *body = resources_json(&job->hint.values);
    json_object_set_new(body, "updated_by", json_text_or_null(job->hint.updated_by));
    json_object_set_new(body, "updated_at", json_text_or_null(job->hint.updated_at));
    json_object_set_new(body, "skipped", json_text_or_null(job->hint_skipped));
    http_reply_json(res, status, json_own(req->arena, body));
    http_set_etag(req, res, hint_tag(req->arena, job));
}

int hints_get(struct http_request *req, struct http_response *res, struct err *err)
{
    struct job_row job;
    if (reading_job(req, &job, err) != 0)
        return -err->code;
    if (!job.hint.revision)
        return err_set(err, ERR_NOT_FOUND, "%s has no hint", job_key_text(req->arena, &job.key));
    reply_hint(req, res, 200, &job);
    return 0;
}

/* One side of the body, "requests" or "limits". */
static void read_side(struct http_request *req, struct http_response *res, const json_t *body, const char *side,
                      struct resources *values)
{
    static const char *const units[] = {"memory", "cpu", NULL};
    const json_t *object = json_object_get(body, side);
    const char *pointer = arena_printf(req->arena, "/%s", side);
    if (!object)
        return;
    if (!json_is_object(object)) {
        http_add_problem(req, res, pointer, "%s is not an object", side);
        return;
    }
    (void)body_members(req, res, object, pointer, units);
    for (size_t r = 0; r < RESOURCE_COUNT; r++) {
        const struct resource_path *path = &resource_paths[r];
        const json_t *value = json_object_get(object, path->unit);
        int64_t milli;
        if (strcmp(path->side, side) != 0 || !value)
            continue;
        const char *text = json_string_value(value);
        if (!text || !quantity_parse(str_from(text), &milli))
            http_add_problem(req, res, path->pointer, "%s is not a quantity such as %s", resource_names[r],
                             strcmp(path->unit, "memory") == 0 ? "\"512Mi\"" : "\"500m\"");
        else
            values->value[r] = text;
    }
}

static int read_hint(struct http_request *req, struct http_response *res, struct resources *values, struct err *err)
{
    static const char *const members[] = {"requests", "limits", NULL};
    json_t *body;
    if (http_body_json(req, &body, err) != 0)
        return -err->code;
    *values = (struct resources){0};
    (void)body_members(req, res, body, "", members);
    read_side(req, res, body, "requests", values);
    read_side(req, res, body, "limits", values);
    if (!res->problem_count && resources_empty(values))
        http_add_problem(req, res, "", "a hint gives at least one of the four values");
    return res->problem_count ? err_set(err, ERR_INVALID, "the hint does not read") : 0;
}

static int put_precondition(void *ctx, const struct job_row *job, struct err *err)
{
    struct http_request *req = ctx;
    if (!job->hint.revision && !http_header(req, "If-Match"))
        return 0;
    return http_check_if_match(req, hint_tag(req->arena, job), err);
}

static int change(struct http_request *req, struct http_response *res, const struct resources *values,
                  struct hint_result *result, struct err *err)
{
    struct hint_change change = {.pool = app_of(req)->pool,
                                 .actor = req->who.name,
                                 .request_id = req->id,
                                 .key = job_key_of(req),
                                 .values = values,
                                 .precondition = put_precondition,
                                 .ctx = req};
    int rc = hint_change(&change, req->arena, result, err);
    /* Even after an error: the answer to a commit can get lost. */
    statuses_invalidate(app_of(req)->statuses, change.key.ecosystem);
    if (rc && result->pointer)
        http_add_problem(req, res, result->pointer, "%s", err->text);
    return rc;
}

int hints_put(struct http_request *req, struct http_response *res, struct err *err)
{
    struct resources values;
    struct hint_result result = {0};
    if (read_hint(req, res, &values, err) != 0 || change(req, res, &values, &result, err) != 0)
        return -err->code;
    reply_hint(req, res, result.created ? 201 : 200, &result.job);
    return 0;
}

int hints_delete(struct http_request *req, struct http_response *res, struct err *err)
{
    struct hint_result result = {0};
    if (change(req, res, NULL, &result, err) != 0)
        return -err->code;
    http_reply_empty(res, 204);
    return 0;
}

int hints_resources(struct http_request *req, struct http_response *res, struct err *err)
{
    struct job_row job;
    json_t *body;
    if (reading_job(req, &job, err) != 0 || hint_explain(req->arena, &job, &body, err) != 0)
        return -err->code;
    http_reply_json(res, 200, json_own(req->arena, body));
    http_set_body_etag(req, res);
    return 0;
}
