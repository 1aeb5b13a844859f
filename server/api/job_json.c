#include "api/job_json.h"

#include "store/levels.h"

enum { REASON_MAX = 1024 };

enum job_kind job_kind_of(const struct http_request *req)
{
    return strstr(req->route->path, "/transformers") ? JOB_TRANSFORMER : JOB_STREAM;
}

struct job_key job_key_of(const struct http_request *req)
{
    enum job_kind kind = job_kind_of(req);
    return (struct job_key){http_param(req, "eco"), kind, http_param(req, "platform"),
                            http_param(req, job_kind_names[kind])};
}

json_t *stored_json(struct str text)
{
    json_t *value = text.data ? json_loadb(text.data, text.len, JSON_DECODE_ANY, NULL) : NULL;
    return value ? value : json_null();
}

static json_t *texts_json(const struct texts *texts)
{
    json_t *out = json_array();
    for (size_t i = 0; i < texts->len; i++)
        json_array_append_new(out, json_string(texts->items[i]));
    return out;
}

static json_t *number_or_null(int64_t number)
{
    return number ? json_integer(number) : json_null();
}

static void put(json_t *object, const char *key, json_t *value)
{
    (void)json_object_set_new(object, key, value);
}

static json_t *asked_json(const char *by, const char *at)
{
    return at ? json_pack("{s:o, s:s}", "by", json_text_or_null(by), "at", at) : json_null();
}

static json_t *live_run_json(const struct job_run *run)
{
    if (!run->id)
        return json_null();
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o}", "run", (json_int_t)run->id, "started_by",
                     json_text_or_null(run->started_by), "started_at", json_text_or_null(run->started_at),
                     "lease_until", json_text_or_null(run->lease_until), "progress", stored_json(run->progress),
                     "cancel_requested", json_boolean(run->cancel_requested_at));
}

json_t *job_json(const struct job_row *job, bool full)
{
    json_t *out = json_object();
    put(out, "kind", json_string(job_kind_names[job->key.kind]));
    put(out, "platform", json_string(job->key.platform));
    put(out, "name", json_string(job->key.name));
    put(out, "psp", json_string(job->psp));
    put(out, "store", json_string(job->store));
    put(out, "dataset", json_text_or_null(job->dataset));
    if (job->key.kind == JOB_TRANSFORMER)
        put(out, "workspace", json_text_or_null(job->workspace));
    put(out, "team", json_string(job->team));
    put(out, "capture", json_string(job->capture));
    put(out, "schedule", json_string(job->schedule));
    put(out, "timezone", json_string(job->timezone));
    put(out, "milestoning", json_string(job->milestoning));
    put(out, "priority", json_string(job->priority));
    put(out, "state", json_string(job->state));
    put(out, "cause", json_text_or_null(job->cause));
    put(out, "message", json_text_or_null(job->message));
    put(out, "batch", number_or_null(job->batch));
    put(out, "batch_state", json_text_or_null(job->batch_state));
    put(out, "watermark", json_text_or_null(job->watermark));
    put(out, "last_commit_at", json_text_or_null(job->last_commit_at));
    put(out, "changed_at", json_text_or_null(job->changed_at));
    put(out, "resources", resources_json(&job->resources));
    put(out, "hint", job->hint.revision ? resources_json(&job->hint.values) : json_null());
    put(out, "hint_skipped", json_text_or_null(job->hint_skipped));
    put(out, "live_run", live_run_json(&job->run));
    put(out, "run_requested", asked_json(job->run_requested_by, job->run_requested_at));
    put(out, "operation", stored_json(job->operation));
    if (full) {
        put(out, "feeds", texts_json(&job->feeds));
        if (job->key.kind == JOB_TRANSFORMER)
            put(out, "inputs", texts_json(&job->inputs));
        put(out, "fence", json_integer(job->fence));
        put(out, "version_in", json_integer(job->version_in));
        put(out, "version_changed", json_integer(job->version_changed));
        put(out, "retired_in", number_or_null(job->retired_in));
    }
    return out;
}

json_t *batch_json(const struct batch_row *batch)
{
    json_t *out = json_object();
    put(out, "batch", json_integer(batch->batch));
    put(out, "state", json_string(batch->state));
    put(out, "attempts", json_integer(batch->attempts));
    put(out, "started_at", json_text_or_null(batch->started_at));
    put(out, "ingested_at", json_text_or_null(batch->ingested_at));
    put(out, "committed_at", json_text_or_null(batch->committed_at));
    put(out, "failed_at", json_text_or_null(batch->failed_at));
    put(out, "counts", stored_json(batch->counts));
    put(out, "watermark", json_text_or_null(batch->watermark));
    put(out, "cause", json_text_or_null(batch->cause));
    put(out, "message", json_text_or_null(batch->message));
    return out;
}

json_t *run_json(const struct run_row *run)
{
    json_t *out = json_object();
    put(out, "run", json_integer(run->id));
    put(out, "kind", json_string(job_kind_names[run->key.kind]));
    put(out, "platform", json_string(run->key.platform));
    put(out, "name", json_string(run->key.name));
    put(out, "fence", json_integer(run->fence));
    put(out, "batch", json_integer(run->batch));
    put(out, "attempt", json_integer(run->attempt));
    put(out, "state", json_string(run->state));
    put(out, "started_by", json_string(run->started_by));
    put(out, "started_at", json_text_or_null(run->started_at));
    put(out, "heartbeat_at", json_text_or_null(run->heartbeat_at));
    put(out, "lease_until", json_text_or_null(run->lease_until));
    put(out, "finished_at", json_text_or_null(run->finished_at));
    put(out, "cancel_requested", json_boolean(run->cancel_requested_by));
    put(out, "cancel_requested_by", json_text_or_null(run->cancel_requested_by));
    put(out, "progress", stored_json(run->progress));
    put(out, "counts", stored_json(run->counts));
    put(out, "watermark", json_text_or_null(run->watermark));
    put(out, "cause", json_text_or_null(run->cause));
    put(out, "message", json_text_or_null(run->message));
    return out;
}

/* A member of the object at a JSON pointer (RFC 6901). */
static const char *pointer_member(struct arena *arena, const char *pointer, const char *key)
{
    struct buf *text = buf_new(arena);
    buf_addf(text, "%s/", pointer);
    for (; *key; key++) {
        if (*key == '~' || *key == '/')
            buf_addf(text, "~%c", *key == '~' ? '0' : '1');
        else
            buf_addc(text, *key);
    }
    return buf_text(text);
}

bool body_members(struct http_request *req, struct http_response *res, const json_t *body, const char *pointer,
                  const char *const *known)
{
    size_t before = res->problem_count;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)body, key, value)
    {
        size_t i = 0;
        while (known[i] && strcmp(known[i], key) != 0)
            i++;
        if (!known[i])
            http_add_problem(req, res, pointer_member(req->arena, pointer, key), "\"%s\" is not known here", key);
    }
    return res->problem_count == before;
}

const char *body_reason(struct http_request *req, struct http_response *res, const json_t *body)
{
    const json_t *reason = json_object_get(body, "reason");
    const char *text = reason ? json_string_value(reason) : "";
    if (!text || strlen(text) > REASON_MAX)
        http_add_problem(req, res, "/reason", "a text of at most %d bytes", REASON_MAX);
    return text;
}
