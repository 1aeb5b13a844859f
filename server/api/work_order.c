#include "api/work_order.h"

#include "api/app.h"
#include "api/job_json.h"
#include "api/reading.h"
#include "model/fields.h"
#include "model/view.h"
#include "store/levels.h"

static void release(void *snapshot)
{
    snapshot_release(snapshot);
}

int work_order_begin(struct http_request *req, struct work_order *out, struct err *err)
{
    struct reading reading;
    *out = (struct work_order){0};
    /* By the database, not by memory: a merge of another process may not have been heard of yet, and a run of what it
     * brought would be told of no datasets. */
    if (reading_begin(req, &reading, err) != 0)
        return -err->code;
    reading_end(req, &reading);
    if (snapshots_get(app_of(req)->snapshots, reading.ecosystem.name, reading.ecosystem.version, &out->snapshot, err) !=
        0)
        return -err->code;
    arena_defer(req->arena, release, out->snapshot);
    return 0;
}

int work_order_retired(struct http_request *req, struct work_order *order, const struct job_row *job, struct err *err)
{
    if (!job->retired_in)
        return 0;
    if (snapshots_get(app_of(req)->snapshots, job->key.ecosystem, job->retired_in - 1, &order->snapshot, err) != 0)
        return -err->code;
    arena_defer(req->arena, release, order->snapshot);
    return 0;
}

/* Objects on their way out, each once. */
struct parts {
    struct arena *arena;
    const struct model *model;
    struct map seen; /* by hash */
    json_t *list;
};

static struct parts parts_begin(struct arena *arena, const struct model *model)
{
    return (struct parts){.arena = arena, .model = model, .seen = {.arena = arena}, .list = json_array()};
}

/* NULL when there is none of that name. */
static const struct object *add(struct parts *parts, enum object_kind kind, const char *name)
{
    const struct object *object = name && parts->model ? model_find(parts->model, kind, name) : NULL;
    json_t *body = NULL;
    if (!object || map_put(&parts->seen, str_from(object->hash), (void *)object) ||
        json_read(parts->arena, object->body, &body, ERR_IGNORED) != 0)
        return object;
    json_array_append_new(
        parts->list, json_pack("{s:s, s:s, s:O}", "kind", object_kind_names[kind], "name", object->name, "body", body));
    return object;
}

/* Where a PSP merges: {"container", "credential"}; a new reference. */
static json_t *merge_json(struct parts *parts, const char *name)
{
    const struct object *psp = parts->model ? model_find(parts->model, OBJECT_PSP, name) : NULL;
    if (!psp)
        return json_null();
    (void)add(parts, OBJECT_CONTAINER, psp->psp->merge.container);
    (void)add(parts, OBJECT_CREDENTIAL, psp->psp->merge.credential);
    return json_pack("{s:s?, s:s?}", "container", psp->psp->merge.container, "credential", psp->psp->merge.credential);
}

/* The workspace whose transformer writes the store. */
static const char *writer_of(const struct jobs *jobs, const struct job_row *job)
{
    for (size_t i = 0; i < jobs->count; i++) {
        const struct job *other = &jobs->items[i];
        if (other->kind == JOB_TRANSFORMER && strcmp(other->platform, job->key.platform) == 0 &&
            strcmp(other->store, job->store) == 0)
            return other->workspace;
    }
    return NULL;
}

static json_t *views_json(const struct views *views)
{
    json_t *out = json_array();
    for (size_t i = 0; i < views->count; i++) {
        const struct view *view = &views->items[i];
        json_array_append_new(out,
                              json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "platform", view->platform, "milestoning",
                                        milestoning_names[view->milestoning], "workspace", view->workspace, "group",
                                        view->group, "store", view->store, "dataset", view->dataset));
    }
    return out;
}

static json_t *sql_json(const struct model *model, const struct object *workspace)
{
    const struct transformer *transformer = workspace ? &workspace->workspace->transformer : NULL;
    if (!transformer || transformer->code != CODE_SQL || !transformer->file)
        return json_null();
    const struct model_file *file = model_file_of(model, workspace, transformer->file);
    json_t *text = file ? json_stringn(file->data.data, file->data.len) : NULL;
    return text ? text : json_null();
}

json_t *work_order_json(struct arena *arena, const struct work_order *order, const struct job_row *job)
{
    const struct snapshot *snapshot = order->snapshot;
    const char *writer = job->workspace ? job->workspace : writer_of(&snapshot->jobs, job);
    struct parts parts = parts_begin(arena, snapshot->model);
    struct views views = {0};
    const struct object *store = add(&parts, OBJECT_DATASTORE, job->store);
    if (store) {
        (void)add(&parts, OBJECT_CONTAINER, store->datastore->capture.container);
        (void)add(&parts, OBJECT_CREDENTIAL, store->datastore->capture.credential);
    }
    const struct object *workspace = add(&parts, OBJECT_WORKSPACE, writer);
    json_t *merge = merge_json(&parts, job->psp);
    if (snapshot->model)
        views = model_views(arena, snapshot->model, &snapshot->jobs,
                            &(struct view_filter){job->psp, job->key.platform, job->store, job->dataset});
    json_t *out = json_pack("{s:i, s:s, s:s, s:s, s:o, s:o, s:s, s:o, s:o}", "version", snapshot->version, "ecosystem",
                            job->key.ecosystem, "psp", job->psp, "store", job->store, "dataset",
                            json_text_or_null(job->dataset), "workspace", json_text_or_null(writer), "milestoning",
                            job->milestoning, "objects", parts.list, "views", views_json(&views));
    json_object_set_new(
        out, "sql", job->key.kind == JOB_TRANSFORMER && workspace ? sql_json(snapshot->model, workspace) : json_null());
    json_object_set_new(out, "merge", merge);
    json_object_set_new(out, "watermark", json_text_or_null(job->watermark));
    json_object_set_new(out, "operation", stored_json(job->operation));
    json_object_set_new(out, "resources", resources_json(&job->resources));
    return out;
}

int work_order_views(struct http_request *req, struct http_response *res, struct err *err)
{
    const char *psp = http_param(req, "psp");
    static const char *const none[] = {NULL};
    const struct snapshot *snapshot;
    if (reading_check_query(req, none, err) != 0 || reading_snapshot(req, &snapshot, err) != 0)
        return -err->code;
    const struct object *object = model_find(snapshot->model, OBJECT_PSP, psp);
    if (!object)
        return err_set(err, ERR_NOT_FOUND, "there is no PlatformServiceProvider %s", psp);
    json_t *platforms = json_array();
    vec_each(platform, &object->psp->platforms) json_array_append_new(platforms, json_string(platform->name));
    struct views views = model_views(req->arena, snapshot->model, &snapshot->jobs, &(struct view_filter){.psp = psp});
    struct parts parts = parts_begin(req->arena, snapshot->model);
    json_t *merge = merge_json(&parts, psp);
    for (size_t i = 0; i < views.count; i++)
        (void)add(&parts, OBJECT_DATASTORE, views.items[i].store);
    http_reply_json(
        res, 200,
        json_own(req->arena, json_pack("{s:i, s:s, s:s, s:o, s:o, s:o, s:o}", "version", snapshot->version, "ecosystem",
                                       snapshot->ecosystem, "psp", psp, "platforms", platforms, "merge", merge,
                                       "objects", parts.list, "views", views_json(&views))));
    http_set_body_etag(req, res);
    reading_settled(req, res);
    return 0;
}

int work_order_get(struct http_request *req, struct http_response *res, struct err *err)
{
    struct work_order order;
    struct job_row job;
    if (reading_job(req, &job, err) != 0 || work_order_begin(req, &order, err) != 0)
        return -err->code;
    http_reply_json(res, 200,
                    json_own(req->arena, json_pack("{s:s, s:s, s:s, s:o}", "kind", job_kind_names[job.key.kind],
                                                   "platform", job.key.platform, "name", job.key.name, "work",
                                                   work_order_json(req->arena, &order, &job))));
    http_set_body_etag(req, res);
    return 0;
}
