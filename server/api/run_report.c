#include "api/run_report.h"

#include "api/job_json.h"
#include "base/crypto.h"
#include "model/cause.h"

enum { MESSAGE_MAX = 4000, WATERMARK_MAX = 1000 };
/* Far beyond any number of runs, and far below where a number would run over. */
#define FENCE_MAX ((json_int_t)1 << 53)

static const char *const count_names[] = {"read", "inserted", "updated", "deleted", "unchanged", "quarantined", NULL};

static const struct outcome {
    const char *name;
    enum event event;
} outcomes[] = {{"committed", EVENT_COMMIT}, {"failed", EVENT_FAIL}, {"cancelled", EVENT_CANCEL}};

static struct str canonical(struct arena *arena, const json_t *value)
{
    struct buf *text = buf_new(arena);
    json_write_canonical(text, value);
    return buf_str(text);
}

static int64_t read_fence(struct http_request *req, struct http_response *res, const json_t *body)
{
    const json_t *fence = json_object_get(body, "fence");
    if (!json_is_integer(fence) || json_integer_value(fence) < 1)
        http_add_problem(req, res, "/fence", "fence is not the number that the run was given");
    return json_integer_value(fence);
}

/* A text of at most max bytes, or NULL when the member is absent or null. */
static const char *read_text(struct http_request *req, struct http_response *res, const json_t *body, const char *name,
                             size_t max)
{
    const json_t *value = json_object_get(body, name);
    if (!value || json_is_null(value))
        return NULL;
    const char *pointer = arena_printf(req->arena, "/%s", name);
    if (!json_is_string(value))
        http_add_problem(req, res, pointer, "%s is not a text", name);
    else if (json_string_length(value) > max)
        http_add_problem(req, res, pointer, "%s is longer than %zu bytes", name, max);
    return json_string_value(value);
}

int run_heartbeat_read(struct http_request *req, struct http_response *res, struct run_heartbeat *out, struct err *err)
{
    static const char *const members[] = {"fence", "progress", "state", NULL};
    json_t *body;
    if (http_body_json(req, &body, err) != 0)
        return -err->code;
    *out = (struct run_heartbeat){0};
    (void)body_members(req, res, body, "", members);
    out->fence = read_fence(req, res, body);
    const json_t *progress = json_object_get(body, "progress"), *state = json_object_get(body, "state");
    if (progress && !json_is_object(progress))
        http_add_problem(req, res, "/progress", "progress is not an object");
    else if (progress)
        out->progress = canonical(req->arena, progress);
    out->ingested = state && strcmp(json_is_string(state) ? json_string_value(state) : "", "ingested") == 0;
    if (state && !out->ingested)
        http_add_problem(req, res, "/state", "state can only be \"ingested\" here; what ends a run goes to /finish");
    return res->problem_count ? err_set(err, ERR_INVALID, "the heartbeat does not read") : 0;
}

static void read_counts(struct http_request *req, struct http_response *res, const json_t *body, struct run_report *out)
{
    const json_t *counts = json_object_get(body, "counts");
    if (!counts && out->outcome == EVENT_COMMIT)
        http_add_problem(req, res, "/counts", "a committed batch has counts");
    if (!counts)
        return;
    if (!json_is_object(counts)) {
        http_add_problem(req, res, "/counts", "counts is not an object");
        return;
    }
    (void)body_members(req, res, counts, "/counts", count_names);
    json_t *all = json_own(req->arena, json_object());
    for (size_t i = 0; count_names[i]; i++) {
        const json_t *count = json_object_get(counts, count_names[i]);
        if (count && (!json_is_integer(count) || json_integer_value(count) < 0))
            http_add_problem(req, res, arena_printf(req->arena, "/counts/%s", count_names[i]),
                             "%s is not a number of rows", count_names[i]);
        json_object_set_new(all, count_names[i], json_integer(json_integer_value(count)));
    }
    struct buf *text = buf_new(req->arena);
    json_write(text, all);
    out->counts = buf_str(text);
}

static const char *known_causes(struct arena *arena)
{
    struct buf *text = buf_new(arena);
    for (size_t i = 0; i < cause_count; i++)
        if (causes[i].reported)
            buf_addf(text, "%s%s", text->len ? ", " : "", causes[i].name);
    return buf_text(text);
}

static void read_cause(struct http_request *req, struct http_response *res, const json_t *body, struct run_report *out)
{
    const char *name = read_text(req, res, body, "cause", 64);
    const struct cause *cause = cause_find(name);
    if (out->outcome == EVENT_CANCEL && !name) {
        out->cause = cause_cancelled;
    } else if (out->outcome == EVENT_FAIL) {
        if (!cause || !cause->reported)
            http_add_problem(req, res, "/cause", "cause is one of %s", known_causes(req->arena));
        else
            out->cause = cause->name;
        if (!out->message)
            http_add_problem(req, res, "/message", "a failure has a message");
    } else if (name) {
        http_add_problem(req, res, "/cause", "only a failure has a cause");
    }
}

int run_report_read(struct http_request *req, struct http_response *res, struct run_report *out, struct err *err)
{
    static const char *const members[] = {"fence",   "outcome",   "counts",      "watermark", "cause",
                                          "message", "operation", "merge_fence", NULL};
    json_t *body;
    if (http_body_json(req, &body, err) != 0)
        return -err->code;
    *out = (struct run_report){.outcome = EVENT_START};
    (void)body_members(req, res, body, "", members);
    out->fence = read_fence(req, res, body);
    const char *outcome = json_text(body, "outcome");
    for (size_t i = 0; outcome && i < sizeof outcomes / sizeof *outcomes; i++)
        if (strcmp(outcome, outcomes[i].name) == 0)
            out->outcome = outcomes[i].event;
    if (out->outcome == EVENT_START)
        http_add_problem(req, res, "/outcome", "outcome is one of committed, failed, cancelled");
    out->watermark = read_text(req, res, body, "watermark", WATERMARK_MAX);
    out->message = read_text(req, res, body, "message", MESSAGE_MAX);
    if (out->watermark && out->outcome != EVENT_COMMIT)
        http_add_problem(req, res, "/watermark", "only a committed batch moves the watermark");
    const json_t *operation = json_object_get(body, "operation");
    out->operation = json_integer_value(operation);
    if (operation && out->operation < 1)
        http_add_problem(req, res, "/operation", "operation is not the number that the work order has");
    read_counts(req, res, body, out);
    read_cause(req, res, body, out);
    const json_t *merge_fence = json_object_get(body, "merge_fence");
    out->merge_fence = json_integer_value(merge_fence);
    if (merge_fence && (out->merge_fence < 1 || out->merge_fence > FENCE_MAX || out->cause != cause_server_behind))
        http_add_problem(req, res, "/merge_fence", "merge_fence is a fence, and goes with the cause %s",
                         cause_server_behind);
    if (res->problem_count)
        return err_set(err, ERR_INVALID, "the report does not read");
    char hash[SHA256_HEX_SIZE];
    crypto_sha256_hex(canonical(req->arena, body), hash);
    out->hash = arena_strdup(req->arena, hash);
    return 0;
}
