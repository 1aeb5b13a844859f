#include "ingest/psp_views.h"

#include "base/vec.h"
#include "ingest/naming.h"

static const struct dataset *find_dataset(const struct datastore *store, const char *name)
{
    vec_each(dataset, &store->datasets) if (strcmp(dataset->name, name) == 0) return dataset;
    return NULL;
}

/* The views of one platform, and each dataset behind them once. */
static int make_scope(struct arena *arena, const struct model *model, const char *ecosystem, const char *platform,
                      const struct views *views, struct view_scope *out, struct err *err)
{
    struct map places = {.arena = arena}; /* store, dataset -> 1 + index */
    vec(struct work_dataset) datasets = {0};
    vec(struct work_view) made = {0};
    const char **schema = arena_alloc(arena, sizeof *schema);
    *schema = naming_data_schema(arena, ecosystem, platform);
    for (size_t i = 0; i < views->count; i++) {
        const struct view *view = &views->items[i];
        if (strcmp(view->platform, platform) != 0)
            continue;
        const struct object *store = model_find(model, OBJECT_DATASTORE, view->store);
        const struct dataset *dataset = store ? find_dataset(store->datastore, view->dataset) : NULL;
        if (!dataset)
            return err_set(err, ERR_INVALID, "the views have no dataset %s of %s", view->dataset, view->store);
        struct str key = str_from(arena_printf(arena, "%s.%s", view->store, view->dataset));
        size_t *place = map_get(&places, key);
        if (!place) {
            place = arena_alloc(arena, sizeof *place);
            *place = datasets.len;
            (void)map_put(&places, key, place);
            if (work_dataset_make(arena, ecosystem, platform, store->datastore, dataset, vec_push(arena, &datasets),
                                  err) != 0)
                return -err->code;
        }
        *vec_push(arena, &made) = work_view_make(arena, ecosystem, view, *place);
    }
    *out = (struct view_scope){datasets.items, datasets.len, made.items, made.len, schema, 1};
    return 0;
}

int psp_views_read(struct arena *arena, const json_t *body, struct psp_views *out, struct err *err)
{
    const json_t *merging = json_object_get(body, "merge"), *platforms = json_object_get(body, "platforms");
    const char *ecosystem = json_text(body, "ecosystem"), *container = json_text(merging, "container"),
               *credential = json_text(merging, "credential");
    struct model *model;
    struct views views;
    *out = (struct psp_views){0};
    if (work_read_model(arena, json_object_get(body, "objects"), &model, err) != 0 ||
        work_read_views(arena, json_object_get(body, "views"), &views, err) != 0)
        return -err->code;
    const struct object *merge = container ? model_find(model, OBJECT_CONTAINER, container) : NULL;
    const struct object *secret = credential ? model_find(model, OBJECT_CREDENTIAL, credential) : NULL;
    if (!ecosystem || !merge || (credential && !secret) || !json_is_array(platforms))
        return err_set(err, ERR_INVALID, "the server's views do not read: it is of another release");
    out->merge = merge->container;
    out->merge_credential = secret ? secret->credential : NULL;
    out->platforms = arena_calloc(arena, json_array_size(platforms) + 1, sizeof *out->platforms);
    for (size_t i = 0; i < json_array_size(platforms); i++) {
        const char *platform = arena_strdup(arena, json_string_value(json_array_get(platforms, i)));
        if (!platform)
            continue;
        out->platforms[out->platform_count].platform = platform;
        if (make_scope(arena, model, ecosystem, platform, &views, &out->platforms[out->platform_count].scope, err) != 0)
            return -err->code;
        out->platform_count++;
    }
    return 0;
}
