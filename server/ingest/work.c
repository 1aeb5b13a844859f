#include "ingest/work.h"

#include "base/json.h"
#include "base/vec.h"
#include "ingest/naming.h"
#include "model/fields.h"
#include "model/resources_json.h"

/* What is read so far. */
struct order {
    struct arena *arena;
    const json_t *run, *work;
    struct model *model;
    struct work *out;
};

static int differ(struct err *err)
{
    return err_hint(err, "server and job are of different releases: bring them to the same one");
}

static int missing(const char *what, struct err *err)
{
    (void)err_set(err, ERR_INVALID, "the work order has no %s", what);
    return differ(err);
}

static int take_text(struct arena *arena, const json_t *from, const char *key, const char **out, struct err *err)
{
    *out = arena_strdup(arena, json_text(from, key));
    return *out ? 0 : missing(key, err);
}

static int take_number(const json_t *from, const char *key, int64_t max, int64_t *out, struct err *err)
{
    const json_t *value = json_object_get(from, key);
    *out = json_integer_value(value);
    return json_is_integer(value) && *out >= 1 && *out <= max ? 0 : missing(key, err);
}

int work_read_model(struct arena *arena, const json_t *objects, struct model **out, struct err *err)
{
    size_t n = json_array_size(objects), i;
    struct model_body *bodies = arena_calloc(arena, n + 1, sizeof *bodies);
    json_t *object;
    if (!json_is_array(objects))
        return missing("objects", err);
    json_array_foreach((json_t *)objects, i, object)
    {
        const char *kind = json_text(object, "kind"), *name = json_text(object, "name");
        struct buf *body = buf_new(arena);
        if (!kind || !name || !object_kind_parse(kind, &bodies[i].kind))
            return missing("kind and name of an object", err);
        json_write_canonical(body, json_object_get(object, "body"));
        bodies[i].name = name;
        bodies[i].body = buf_str(body);
    }
    if (model_from_bodies(arena, bodies, n, out, err) == 0)
        return 0;
    err->code = ERR_INVALID;
    return differ(err);
}

/* A name that the model gives must be there; without one there is nothing to find. */
static int find(const struct model *model, enum object_kind kind, const char *name, const struct object **out,
                struct err *err)
{
    *out = name ? model_find(model, kind, name) : NULL;
    if (!name || *out)
        return 0;
    return err_set(err, ERR_INVALID, "the work order has no %s %s", object_kind_names[kind], name);
}

static bool milestoned(const json_t *from)
{
    const char *text = json_text(from, "milestoning");
    return text && strcmp(text, milestoning_names[MILESTONING_MILESTONED]) == 0;
}

/* The columns of a dataset in the types of the target. */
static int take_columns(struct arena *arena, const struct dataset *model, struct work_dataset *out, struct err *err)
{
    struct work_column *columns = arena_calloc(arena, model->columns.len + 1, sizeof *columns);
    size_t *key = arena_calloc(arena, model->columns.len + 1, sizeof *key);
    for (size_t i = 0; i < model->columns.len; i++) {
        const struct column *column = &model->columns.items[i];
        struct work_column *to = &columns[i];
        *to = (struct work_column){.name = column->name, .key = column->key, .nullable = column->nullable};
        if (datatype_parse(str_from(column->type), &to->type, err) != 0)
            return err_prefix(err, "dataset %s, column %s", model->name, column->name);
        to->sql = datatype_sql(arena, &to->type);
        if (!to->sql)
            return err_set(err, ERR_INVALID, "dataset %s, column %s: %s has no type in PostgreSQL", model->name,
                           column->name, column->type);
        if (column->key)
            key[out->key_count++] = i;
    }
    out->columns = columns;
    out->column_count = model->columns.len;
    out->key = key;
    return 0;
}

int work_dataset_make(struct arena *arena, const char *ecosystem, const char *platform, const struct datastore *store,
                      const struct dataset *dataset, struct work_dataset *out, struct err *err)
{
    *out = (struct work_dataset){.model = dataset,
                                 .name = dataset->name,
                                 .schema = naming_data_schema(arena, ecosystem, platform),
                                 .table = naming_table(arena, store->name, dataset->name)};
    return take_columns(arena, dataset, out, err);
}

struct work_view work_view_make(struct arena *arena, const char *ecosystem, const struct view *view, size_t dataset)
{
    bool full = view->milestoning == MILESTONING_MILESTONED;
    return (struct work_view){
        .dataset = dataset,
        .ecosystem = ecosystem,
        .platform = view->platform,
        .workspace = view->workspace,
        .group = view->group,
        .store = view->store,
        .schema = naming_view_schema(arena, ecosystem, view->platform, view->workspace),
        .name = naming_view(arena, view->group, view->store, view->dataset, NULL),
        .full = full ? naming_view(arena, view->group, view->store, view->dataset, "full") : NULL,
        .as_of = full ? naming_view(arena, view->group, view->store, view->dataset, "as_of") : NULL,
        .role = naming_reader_role(arena, ecosystem, view->platform, view->workspace),
    };
}

static int take_datasets(struct order *order, const char *only, struct err *err)
{
    struct work *out = order->out;
    vec(struct work_dataset) datasets = {0};
    vec_each(dataset, &out->store->datasets)
    {
        if (only && strcmp(only, dataset->name) != 0)
            continue;
        if (work_dataset_make(order->arena, out->ecosystem, out->platform, out->store, dataset,
                              vec_push(order->arena, &datasets), err) != 0)
            return -err->code;
    }
    if (!datasets.len)
        return missing(only ? arena_printf(order->arena, "dataset %s of %s", only, out->store->name) : "dataset", err);
    out->datasets = datasets.items;
    out->dataset_count = datasets.len;
    return 0;
}

int work_read_views(struct arena *arena, const json_t *list, struct views *out, struct err *err)
{
    json_t *item;
    size_t i;
    *out = (struct views){arena_calloc(arena, json_array_size(list) + 1, sizeof *out->items), 0};
    if (!json_is_array(list))
        return missing("views", err);
    json_array_foreach((json_t *)list, i, item)
    {
        struct view *view = &out->items[out->count++];
        view->milestoning = milestoned(item) ? MILESTONING_MILESTONED : MILESTONING_LIVE;
        if (take_text(arena, item, "platform", &view->platform, err) != 0 ||
            take_text(arena, item, "workspace", &view->workspace, err) != 0 ||
            take_text(arena, item, "group", &view->group, err) != 0 ||
            take_text(arena, item, "store", &view->store, err) != 0 ||
            take_text(arena, item, "dataset", &view->dataset, err) != 0)
            return -err->code;
    }
    return 0;
}

static int take_views(struct order *order, struct err *err)
{
    struct work *out = order->out;
    struct views views;
    vec(struct work_view) made = {0};
    if (work_read_views(order->arena, json_object_get(order->work, "views"), &views, err) != 0)
        return -err->code;
    for (size_t i = 0; i < views.count; i++)
        for (size_t j = 0; j < out->dataset_count; j++)
            if (strcmp(out->datasets[j].name, views.items[i].dataset) == 0)
                *vec_push(order->arena, &made) = work_view_make(order->arena, out->ecosystem, &views.items[i], j);
    out->views = made.items;
    out->view_count = made.len;
    return 0;
}

static int take_places(struct order *order, struct err *err)
{
    struct work *out = order->out;
    const struct object *store, *workspace, *source, *credential, *merge, *merge_credential;
    const json_t *merging = json_object_get(order->work, "merge");
    const char *container, *name;
    if (work_read_model(order->arena, json_object_get(order->work, "objects"), &order->model, err) != 0 ||
        take_text(order->arena, order->work, "store", &name, err) != 0 ||
        find(order->model, OBJECT_DATASTORE, name, &store, err) != 0 ||
        find(order->model, OBJECT_WORKSPACE, json_text(order->work, "workspace"), &workspace, err) != 0)
        return -err->code;
    const struct capture *capture = &store->datastore->capture;
    if (take_text(order->arena, merging, "container", &container, err) != 0 ||
        find(order->model, OBJECT_CONTAINER, capture->container, &source, err) != 0 ||
        find(order->model, OBJECT_CREDENTIAL, capture->credential, &credential, err) != 0 ||
        find(order->model, OBJECT_CONTAINER, container, &merge, err) != 0 ||
        find(order->model, OBJECT_CREDENTIAL, json_text(merging, "credential"), &merge_credential, err) != 0)
        return -err->code;
    out->store = store->datastore;
    out->workspace = workspace ? workspace->workspace : NULL;
    out->source = source ? source->container : NULL;
    out->credential = credential ? credential->credential : NULL;
    out->merge = merge->container;
    out->merge_credential = merge_credential ? merge_credential->credential : NULL;
    return 0;
}

static int take_lease(struct order *order, struct err *err)
{
    struct work *out = order->out;
    int64_t batch = 0;
    if (take_number(order->run, "run", INT64_MAX, &out->run, err) != 0 ||
        take_number(order->run, "fence", INT64_MAX, &out->fence, err) != 0 ||
        take_number(order->run, "batch", INT32_MAX - 1, &batch, err) != 0)
        return -err->code;
    out->batch = (int32_t)batch;
    return 0;
}

static int take_job(struct order *order, struct err *err)
{
    struct work *out = order->out;
    const char *kind;
    int64_t version;
    if (take_text(order->arena, order->run, "kind", &kind, err) != 0 ||
        take_text(order->arena, order->run, "platform", &out->platform, err) != 0 ||
        take_text(order->arena, order->run, "name", &out->name, err) != 0 ||
        take_number(order->work, "version", INT32_MAX, &version, err) != 0 ||
        take_text(order->arena, order->work, "ecosystem", &out->ecosystem, err) != 0 ||
        take_text(order->arena, order->work, "psp", &out->psp, err) != 0)
        return -err->code;
    out->kind = job_kind_from(kind);
    out->version = (int)version;
    out->milestoned = milestoned(order->work);
    out->watermark = arena_strdup(order->arena, json_text(order->work, "watermark"));
    const json_t *sql = json_object_get(order->work, "sql");
    if (json_is_string(sql))
        out->sql = (struct str){arena_strndup(order->arena, json_string_value(sql), json_string_length(sql)),
                                json_string_length(sql)};
    return resources_from_json(order->arena, json_object_get(order->work, "resources"), &out->resources, err);
}

static int take_operation(struct order *order, struct err *err)
{
    static const char *const kinds[] = {
        [WORK_RESET] = "reset", [WORK_RESNAPSHOT] = "resnapshot", [WORK_REWIND] = "rewind", [WORK_DROP] = "drop"};
    const json_t *json = json_object_get(order->work, "operation");
    const char *name = json_is_object(json) ? json_text(json, "kind") : NULL;
    if (!json || json_is_null(json))
        return 0;
    for (size_t i = 0; name && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i], name) != 0)
            continue;
        struct work_operation *operation = arena_alloc(order->arena, sizeof *operation);
        *operation = (struct work_operation){.id = json_integer_value(json_object_get(json, "id")),
                                             .kind = (enum work_operation_kind)i,
                                             .watermark = json_text(json, "watermark"),
                                             .batch = (int32_t)json_integer_value(json_object_get(json, "batch")),
                                             .skip = json_is_true(json_object_get(json, "skip"))};
        order->out->operation = operation;
        return 0;
    }
    return missing("operation", err);
}

static int read_order(struct arena *arena, struct str body, bool lease, const struct work **out, struct err *err)
{
    struct order order = {.arena = arena, .out = arena_alloc(arena, sizeof *order.out)};
    json_t *run;
    if (json_read(arena, body, &run, err) != 0)
        return err_set(err, ERR_INVALID, "the work order is no JSON");
    order.run = run;
    order.work = json_object_get(run, "work");
    if (!json_is_object(order.work))
        return missing("work", err);
    if (take_job(&order, err) != 0 || (lease && take_lease(&order, err) != 0) || take_places(&order, err) != 0 ||
        take_datasets(&order, json_text(order.work, "dataset"), err) != 0 || take_views(&order, err) != 0 ||
        take_operation(&order, err) != 0)
        return -err->code;
    *out = order.out;
    return 0;
}

int work_read(struct arena *arena, struct str body, const struct work **out, struct err *err)
{
    return read_order(arena, body, true, out, err);
}

int work_read_order(struct arena *arena, struct str body, const struct work **out, struct err *err)
{
    return read_order(arena, body, false, out, err);
}
