#include "api/schedule.h"

#include "api/app.h"
#include "api/page.h"
#include "model/resources_json.h"
#include "stack/context.h"
#include "store/job_schedule.h"

static void release(void *snapshot)
{
    snapshot_release(snapshot);
}

/* The PSP of the version in force. */
static int find_psp(struct http_request *req, const struct snapshot **snapshot, const struct psp **psp, struct err *err)
{
    struct snapshot *found;
    int rc = snapshots_get(app_of(req)->snapshots, http_param(req, "eco"), 0, &found, err);
    if (rc < 0)
        return rc;
    arena_defer(req->arena, release, found);
    const struct object *object = found->model ? model_find(found->model, OBJECT_PSP, http_param(req, "psp")) : NULL;
    if (!object)
        return err_set(err, ERR_NOT_FOUND, "there is no PlatformServiceProvider %s", http_param(req, "psp"));
    *snapshot = found;
    *psp = object->psp;
    return 0;
}

struct schedule_of {
    struct arena *arena;
    const struct model *model;
    const struct psp *psp;
};

static json_t *job_item(const void *row, const void *ctx)
{
    const struct scheduled_job *job = row;
    const struct schedule_of *of = ctx;
    json_t *inputs = json_array();
    for (size_t i = 0; i < job->inputs.len; i++)
        json_array_append_new(inputs, json_string(job->inputs.items[i]));
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:b,s:s?,s:o,s:o,s:o}", "kind", job->kind, "platform", job->platform,
                     "name", job->name, "schedule", job->schedule, "timezone", job->timezone, "priority", job->priority,
                     "paused", strcmp(job->state, "paused") == 0, "image", stack_job_image(of->model, job->workspace),
                     "resources", resources_json(&job->resources), "inputs", inputs, "credentials",
                     stack_job_credentials(of->arena, of->model, of->psp, job->store));
}

static void job_place(struct arena *arena, const void *row, const char **parts)
{
    const struct scheduled_job *job = row;
    (void)arena;
    parts[0] = job->kind;
    parts[1] = job->platform;
    parts[2] = job->name;
}

int schedule_jobs(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const query[] = {"limit", "cursor", NULL};
    static const struct page_list list = {query, 1000, 1000, 3, sizeof(struct scheduled_job), job_item, job_place};
    const struct snapshot *snapshot = NULL;
    const struct psp *psp = NULL;
    struct scheduled_job *jobs = NULL;
    struct page page;
    struct pg *pg;
    size_t count = 0;
    if (page_read(req, &list, &page, err) != 0 || find_psp(req, &snapshot, &psp, err) != 0 ||
        pg_pool_take(app_of(req)->pool, &pg, err) != 0)
        return -err->code;
    int rc = job_store_schedule(pg, req->arena, http_param(req, "eco"), psp->name, page.after, page.rows, &jobs, &count,
                                err);
    pg_pool_give(app_of(req)->pool, pg);
    if (rc < 0)
        return rc;
    const struct schedule_of of = {req->arena, snapshot->model, psp};
    page_reply(req, res, &page, jobs, count, &of);
    return 0;
}
