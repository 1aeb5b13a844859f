#include "control/hint.h"

#include "store/audit.h"
#include "store/levels.h"

struct work {
    const struct hint_change *change;
    struct hint_result *result;
};

static const enum resource pairs[][2] = {{RESOURCE_MEMORY_REQUEST, RESOURCE_MEMORY_LIMIT},
                                         {RESOURCE_CPU_REQUEST, RESOURCE_CPU_LIMIT}};

static const char *first_value(const struct resource_level *levels, size_t n, enum resource resource)
{
    for (size_t i = 0; i < n; i++)
        if (levels[i].values.value[resource])
            return levels[i].values.value[resource];
    return NULL;
}

/* Which of the hint's values makes a request exceed its limit: of two, the request. */
static const char *culprit(const struct resource_level *levels, size_t n, const struct resources *hint)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const char *request = first_value(levels, n, pairs[i][0]), *limit = first_value(levels, n, pairs[i][1]);
        int64_t low = 0, high = 0;
        if (!request || !limit || !quantity_parse(str_from(request), &low) || !quantity_parse(str_from(limit), &high) ||
            low <= high)
            continue;
        return resource_paths[hint->value[pairs[i][0]] ? pairs[i][0] : pairs[i][1]].pointer;
    }
    return "";
}

static int resolve(struct arena *arena, const struct job_row *job, const struct resources *hint, struct resources *out,
                   const char **pointer, struct err *err)
{
    struct resource_level *levels;
    struct resource_resolution resolved;
    size_t n;
    if (levels_read(arena, job->levels, &levels, &n, err) != 0)
        return -err->code;
    if (hint)
        levels = levels_with_hint(arena, levels, &n, hint);
    if (resources_resolve(levels, n, &resolved, err) != 0) {
        if (hint)
            *pointer = culprit(levels, n, hint);
        return -err->code;
    }
    *out = resolved.values;
    return 0;
}

static json_t *hint_json(struct arena *arena, const struct resources *values)
{
    return values ? json_own(arena, resources_json(values)) : NULL;
}

static int write_change(struct pg *pg, struct arena *arena, const struct work *work, const struct job_row *job,
                        const struct resources *effective, struct err *err)
{
    const struct hint_change *change = work->change;
    const struct resources *before = job->hint.revision ? &job->hint.values : NULL;
    int64_t revision = 0;
    int rc = job_store_set_resources(pg, arena, job->id, effective, &revision, err);
    if (!rc)
        rc = change->values ? hint_store_put(pg, arena, &job->key, change->values, revision, change->actor, err)
                            : hint_store_delete(pg, arena, &job->key, err);
    if (!rc)
        rc = audit_add(pg, arena,
                       &(struct audit_entry){.ecosystem = job->key.ecosystem,
                                             .actor = change->actor,
                                             .action = change->values ? "hint.put" : "hint.delete",
                                             .object = job_key_text(arena, &job->key),
                                             .before = hint_json(arena, before),
                                             .after = hint_json(arena, change->values),
                                             .request_id = change->request_id},
                       err);
    return rc ? rc : job_store_notify(pg, arena, job->key.ecosystem, err);
}

static int change_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    const struct work *work = ctx;
    const struct hint_change *change = work->change;
    struct hint_result *result = work->result;
    struct resources effective;
    *result = (struct hint_result){0};
    struct job_row *job = &result->job;
    if (hint_store_lock(pg, arena, change->key.ecosystem, false, err) != 0 ||
        job_store_lock(pg, arena, &change->key, job, err) != 0)
        return -err->code;
    const char *object = job_key_text(arena, &job->key);
    if (!change->values && !job->hint.revision)
        return err_set(err, ERR_NOT_FOUND, "%s has no hint", object);
    if (change->precondition(change->ctx, job, err) != 0)
        return -err->code;
    /* A hint of a retired job can still go: it would come back with the job. */
    if (change->values && job->retired_in)
        return err_set(err, ERR_CONFLICT, "%s is retired: it takes no hint", object);
    if (change->values && job->hint.revision && resources_equal(change->values, &job->hint.values))
        return 0;
    if (change->values && resources_is_too_small(change->values)) {
        result->pointer = resource_paths[RESOURCE_MEMORY_LIMIT].pointer;
        (void)err_set(err, ERR_INVALID,
                      "%s: limits.memory %s is less than " RESOURCES_MEMORY_MIN ": no process starts in it", object,
                      change->values->value[RESOURCE_MEMORY_LIMIT]);
        return err_hint(err, "memory counts in bytes: 512Mi, not 512m");
    }
    if (resolve(arena, job, change->values, &effective, &result->pointer, err) != 0)
        return err_prefix(err, "%s", object);
    if (write_change(pg, arena, work, job, &effective, err) != 0)
        return -err->code;
    result->created = !job->hint.revision;
    return job_store_by_id(pg, arena, job->id, job, err);
}

int hint_change(const struct hint_change *change, struct arena *arena, struct hint_result *result, struct err *err)
{
    struct work work = {change, result};
    return pg_pool_transaction(change->pool, arena, change_tx, &work, err);
}

int hint_explain(struct arena *arena, const struct job_row *job, json_t **out, struct err *err)
{
    struct resource_level *levels;
    size_t n;
    if (levels_read(arena, job->levels, &levels, &n, err) != 0)
        return -err->code;
    bool hinted = job->hint.revision && !job->hint_skipped;
    if (hinted)
        levels = levels_with_hint(arena, levels, &n, &job->hint.values);
    struct resource_resolution resolved;
    if (resources_resolve(levels, n, &resolved, err) != 0)
        return err_prefix(err, "%s", job_key_text(arena, &job->key));
    *out = json_pack("{s:o, s:o}", "effective", resources_json(&job->resources), "values",
                     resource_resolution_json(levels, n, &resolved));
    if (job->hint_skipped)
        json_object_set_new(*out, "skipped",
                            json_pack("{s:s, s:s, s:o, s:s}", "level", level_api_hint, "source",
                                      "the hint set through the API", "values", resources_json(&job->hint.values),
                                      "reason", job->hint_skipped));
    return 0;
}
