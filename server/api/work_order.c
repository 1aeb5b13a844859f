#include "api/work_order.h"

#include "api/app.h"
#include "api/job_json.h"
#include "api/reading.h"
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

/* A member of an object of the model, as it was written; NULL when there is none. Borrowed from the arena. */
static json_t *definition(struct arena *arena, const struct work_order *order, enum object_kind kind, const char *name,
                          const char *member)
{
    const struct model *model = order->snapshot->model;
    const struct object *object = model && name ? model_find(model, kind, name) : NULL;
    json_t *body = NULL;
    if (!object || json_read(arena, object->body, &body, ERR_IGNORED) != 0)
        return NULL;
    return json_object_get(body, member);
}

/* All datasets of the store, or the one of a single-dataset stream. */
static json_t *datasets_json(json_t *datasets, const char *only)
{
    json_t *out = json_array(), *dataset;
    size_t i;
    json_array_foreach(datasets, i, dataset)
    {
        const char *name = json_text(dataset, "name");
        if (!only || (name && strcmp(name, only) == 0))
            json_array_append(out, dataset);
    }
    return out;
}

json_t *work_order_json(struct arena *arena, const struct work_order *order, const struct job_row *job)
{
    json_t *out = json_pack("{s:i, s:s, s:s, s:o, s:s, s:s}", "version", order->snapshot->version, "psp", job->psp,
                            "store", job->store, "dataset", json_text_or_null(job->dataset), "milestoning",
                            job->milestoning, "capture_type", job->capture);
    json_t *capture = definition(arena, order, OBJECT_DATASTORE, job->store, "capture");
    json_object_set_new(out, "capture", capture ? json_incref(capture) : json_null());
    json_object_set_new(
        out, "datasets",
        datasets_json(definition(arena, order, OBJECT_DATASTORE, job->store, "datasets"), job->dataset));
    if (job->key.kind == JOB_TRANSFORMER) {
        json_t *inputs = json_array();
        for (size_t i = 0; i < job->inputs.len; i++)
            json_array_append_new(inputs, json_string(job->inputs.items[i]));
        json_t *transformer = definition(arena, order, OBJECT_WORKSPACE, job->workspace, "transformer");
        json_object_set_new(out, "workspace", json_text_or_null(job->workspace));
        json_object_set_new(out, "inputs", inputs);
        json_object_set_new(out, "transformer", transformer ? json_incref(transformer) : json_null());
    }
    json_object_set_new(out, "watermark", json_text_or_null(job->watermark));
    json_object_set_new(out, "resources", resources_json(&job->resources));
    return out;
}
