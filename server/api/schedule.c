#include "api/schedule.h"

#include "api/app.h"
#include "api/page.h"
#include "api/reading.h"
#include "model/resources_json.h"
#include "stack/context.h"
#include "store/job_schedule.h"

/* The PSP of the version asked for. */
static int find_psp(struct http_request *req, int version, const struct snapshot **snapshot, const struct psp **psp,
                    struct err *err)
{
    int rc = reading_snapshot_of(req, version, snapshot, err);
    if (rc < 0)
        return rc;
    const struct object *object = model_find((*snapshot)->model, OBJECT_PSP, http_param(req, "psp"));
    if (!object)
        return err_set(err, ERR_NOT_FOUND, "there is no PlatformServiceProvider %s", http_param(req, "psp"));
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

/* Whether the job stands behind the place. */
static bool is_after(const struct job *job, const char *const after[3])
{
    int order = after[0] ? strcmp(job_kind_names[job->kind], after[0]) : 1;
    if (!order)
        order = strcmp(job->platform, after[1]);
    if (!order)
        order = strcmp(job->name, after[2]);
    return order > 0;
}

/* The jobs that a version had, sized by that model alone: hints and states are those of now, and not of it. */
static size_t jobs_of_version(struct arena *arena, const struct snapshot *snapshot, const char *psp,
                              const struct page *page, struct scheduled_job **out)
{
    vec(struct scheduled_job) list = {0};
    for (size_t i = 0; i < snapshot->jobs.count && list.len < page->rows; i++) {
        const struct job *job = &snapshot->jobs.items[i];
        if (strcmp(job->psp, psp) == 0 && is_after(job, page->after))
            *vec_push(arena, &list) = (struct scheduled_job){.kind = job_kind_names[job->kind],
                                                             .platform = job->platform,
                                                             .name = job->name,
                                                             .store = job->store,
                                                             .schedule = job->schedule,
                                                             .timezone = job->timezone,
                                                             .priority = priority_names[job->priority],
                                                             .state = "idle",
                                                             .workspace = job->workspace,
                                                             .inputs = job->inputs,
                                                             .resources = job->resolved.values};
    }
    *out = list.items;
    return list.len;
}

static int jobs_of_now(struct http_request *req, const char *psp, const struct page *page, struct scheduled_job **out,
                       size_t *count, struct err *err)
{
    struct pg *pg;
    int rc = pg_pool_take(app_of(req)->pool, &pg, err);
    if (rc)
        return rc;
    rc = job_store_schedule(pg, req->arena, http_param(req, "eco"), psp, page->after, page->rows, out, count, err);
    pg_pool_give(app_of(req)->pool, pg);
    return rc;
}

int schedule_jobs(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const query[] = {"version", "at", "limit", "cursor", NULL};
    static const struct page_list list = {
        query, 1000, 1000, 3, sizeof(struct scheduled_job), job_item, .place = job_place};
    const struct snapshot *snapshot = NULL;
    const struct psp *psp = NULL;
    struct scheduled_job *jobs = NULL;
    struct page page;
    size_t count = 0;
    int version;
    if (page_read(req, &list, &page, err) != 0 || reading_version(req, &version, err) != 0 ||
        find_psp(req, version, &snapshot, &psp, err) != 0)
        return -err->code;
    if (version)
        count = jobs_of_version(req->arena, snapshot, psp->name, &page, &jobs);
    else if (jobs_of_now(req, psp->name, &page, &jobs, &count, err) != 0)
        return -err->code;
    const struct schedule_of of = {req->arena, snapshot->model, psp};
    page_reply(req, res, &page, jobs, count, &of);
    return 0;
}
