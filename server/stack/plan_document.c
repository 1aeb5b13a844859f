#include "stack/plan_document.h"

#include "model/change.h"

#include "model/plan.h"
#include "model/view.h"
#include "stack/diff.h"

#include <stdlib.h>

struct maker {
    struct arena *arena;
    const struct stack_library *library;
    const struct plan_side *from, *to;
    struct map columns; /* "store.dataset" whose columns change -> a json_t of true when that breaks its readers */
};

/* Something in the merge database: a table, or with a workspace a view. */
struct relation {
    const char *platform, *workspace, *group, *store, *dataset;
    enum milestoning milestoning;
};

typedef vec(struct relation) relations;

static int compare(const void *a, const void *b)
{
    const struct relation *x = a, *y = b;
    const char *const left[] = {x->platform, x->workspace, x->group, x->store, x->dataset};
    const char *const right[] = {y->platform, y->workspace, y->group, y->store, y->dataset};
    int order = 0;
    for (size_t i = 0; !order && i < sizeof left / sizeof *left; i++)
        order = strcmp(left[i] ? left[i] : "", right[i] ? right[i] : "");
    return order;
}

/* All views are looked through once for each store: with many, it is better to take them all. */
enum { FEW_STORES = 16 };

/* Sorted, each once. */
static void sort(relations *list)
{
    size_t kept = 0;
    if (list->len > 1)
        qsort(list->items, list->len, sizeof *list->items, compare);
    for (size_t i = 0; i < list->len; i++)
        if (!kept || compare(&list->items[kept - 1], &list->items[i]) != 0)
            list->items[kept++] = list->items[i];
    list->len = kept;
}

/* A stream of a store carries all its datasets; a transformer writes those of its output. */
static relations tables_of(struct arena *arena, const struct plan_side *side, const struct map *only)
{
    relations tables = {0};
    for (size_t i = 0; side->model && i < side->jobs->count; i++) {
        const struct job *job = &side->jobs->items[i];
        const struct object *store = job->store ? model_find(side->model, OBJECT_DATASTORE, job->store) : NULL;
        if (!store || (only && !map_getz(only, job->store)))
            continue;
        vec_each(dataset, &store->datastore->datasets)
        {
            if (!job->dataset || strcmp(job->dataset, dataset->name) == 0)
                *vec_push(arena, &tables) = (struct relation){.platform = job->platform,
                                                              .store = job->store,
                                                              .dataset = dataset->name,
                                                              .milestoning = job->milestoning};
        }
    }
    sort(&tables);
    return tables;
}

static void add_views(struct arena *arena, const struct plan_side *side, const char *store, relations *list)
{
    struct views views = model_views(arena, side->model, side->jobs, &(struct view_filter){.store = store});
    for (size_t i = 0; i < views.count; i++) {
        const struct view *view = &views.items[i];
        *vec_push(arena, list) = (struct relation){view->platform, view->workspace, view->group,
                                                   view->store,    view->dataset,   view->milestoning};
    }
}

static relations views_of(struct arena *arena, const struct plan_side *side, const struct map *only)
{
    relations list = {0};
    if (side->model && !only)
        add_views(arena, side, NULL, &list);
    map_each(entry, only ? only : &(struct map){0}) add_views(arena, side, entry->key.data, &list);
    sort(&list);
    return list;
}

static json_t *relation_json(const struct relation *relation)
{
    json_t *json = json_object();
    const struct {
        const char *key, *text;
    } members[] = {{"platform", relation->platform},
                   {"workspace", relation->workspace},
                   {"group", relation->group},
                   {"store", relation->store},
                   {"dataset", relation->dataset}};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (members[i].text)
            json_object_set_new(json, members[i].key, json_string(members[i].text));
    return json;
}

static const json_t *change_of(struct maker *maker, const struct relation *a, const struct relation *b)
{
    const json_t *breaks = map_getz(&maker->columns, arena_printf(maker->arena, "%s.%s", b->store, b->dataset));
    return breaks || a->milestoning == b->milestoning ? breaks : json_false();
}

static json_t *relations_json(struct maker *maker, const relations *from, const relations *to)
{
    json_t *added = json_array(), *retired = json_array(), *changed = json_array();
    size_t i = 0, j = 0;
    while (i < from->len || j < to->len) {
        const struct relation *a = i < from->len ? &from->items[i] : NULL, *b = j < to->len ? &to->items[j] : NULL;
        int order = !a ? 1 : !b ? -1 : compare(a, b);
        const json_t *breaks = order == 0 ? change_of(maker, a, b) : NULL;
        if (order < 0)
            json_array_append_new(retired, relation_json(a));
        else if (order > 0)
            json_array_append_new(added, relation_json(b));
        if (breaks) {
            json_t *item = relation_json(b);
            json_object_set_new(item, "breaking", json_boolean(json_is_true(breaks)));
            json_array_append_new(changed, item);
        }
        i += order <= 0;
        j += order >= 0;
    }
    return json_pack("{s:o, s:o, s:o}", "added", added, "retired", retired, "changed", changed);
}

/* "/datasets/NAME/columns..." of a change: remembers the dataset. */
static void note_columns(struct maker *maker, const char *store, const json_t *change)
{
    struct str rest = str_from(json_text(change, "pointer"));
    (void)str_cut(&rest, '/');
    if (!str_eqz(str_cut(&rest, '/'), "datasets"))
        return;
    struct str dataset = str_cut(&rest, '/');
    if (!str_eqz(str_cut(&rest, '/'), "columns"))
        return;
    const char *key = arena_printf(maker->arena, "%s." STR_FMT, store, STR_ARG(dataset));
    const json_t *before = map_getz(&maker->columns, key);
    bool breaks = json_is_true(json_object_get(change, "breaking")) || json_is_true(before);
    (void)map_put(&maker->columns, str_from(key), json_boolean(breaks));
}

static void note_all_columns(struct maker *maker, const json_t *plan)
{
    const json_t *objects = json_object_get(json_object_get(plan, "objects"), "changed");
    size_t i, c;
    json_t *item, *change;
    json_array_foreach((json_t *)objects, i, item)
    {
        if (strcmp(json_text(item, "kind"), object_kind_names[OBJECT_DATASTORE]) != 0)
            continue;
        json_array_foreach(json_object_get(item, "changes"), c, change)
            note_columns(maker, json_text(item, "name"), change);
    }
}

/* The jobs that stay, with what changes of their sizes. */
static json_t *resources_json(const json_t *plan)
{
    const json_t *jobs = json_object_get(json_object_get(plan, "jobs"), "changed");
    json_t *out = json_array(), *job, *change;
    size_t i, c;
    json_array_foreach((json_t *)jobs, i, job)
    {
        json_t *changes = json_array();
        json_array_foreach(json_object_get(job, "changes"), c, change)
        {
            if (str_starts(str_from(json_text(change, "pointer")), STR("/resources")))
                json_array_append(changes, change);
        }
        if (json_array_size(changes))
            json_array_append_new(out, json_pack("{s:O, s:O, s:O, s:O}", "kind", json_object_get(job, "kind"),
                                                 "platform", json_object_get(job, "platform"), "name",
                                                 json_object_get(job, "name"), "changes", changes));
        json_decref(changes);
    }
    return out;
}

/* A PSP that a side does not have has no stack there; one that cannot be rendered is told of by the findings. */
static bool render(struct maker *maker, const struct plan_side *side, const char *psp, struct stack *out)
{
    struct findings findings = {.arena = maker->arena};
    struct err err = {0};
    *out = (struct stack){0};
    if (!side->model || !model_find(side->model, OBJECT_PSP, psp))
        return true;
    return stack_render(maker->arena, maker->library, side->model, psp, &findings, out, &err) == 0;
}

static void add_stack(struct maker *maker, const char *psp, json_t *out)
{
    struct stack from, to;
    struct stack_diff diff;
    if (!render(maker, maker->from, psp, &from) || !render(maker, maker->to, psp, &to))
        return;
    stack_diff_make(maker->arena, &from, &to, &diff);
    if (!diff.len)
        return;
    json_t *json = stack_diff_json(&diff), *item;
    static const char *const lists[] = {"added", "removed", "changed"};
    size_t i;
    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++)
        json_array_foreach(json_object_get(json, lists[l]), i, item) json_object_del(item, "text");
    json_object_set_new(json, "psp", json_string(psp));
    json_array_append_new(out, json);
}

static json_t *stacks_json(struct maker *maker)
{
    json_t *out = json_array();
    const struct plan_side *const sides[] = {maker->from, maker->to};
    for (size_t s = 0; s < 2; s++) {
        const struct model *model = sides[s]->model;
        for (size_t i = 0; model && i < model->count; i++) {
            const struct object *object = &model->objects[i];
            bool again = s && maker->from->model && model_find(maker->from->model, OBJECT_PSP, object->name);
            if (object->kind == OBJECT_PSP && !again)
                add_stack(maker, object->name, out);
        }
    }
    return out;
}

static void count(json_t *summary, const char *of, const json_t *half)
{
    static const char *const lists[] = {"added", "retired", "changed"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        char key[32];
        (void)snprintf(key, sizeof key, "%s_%s", of, lists[i]);
        json_object_set_new(summary, key, json_integer((json_int_t)json_array_size(json_object_get(half, lists[i]))));
    }
}

/* What the plan means, beside what it is. */
static void add_meaning(struct maker *maker, const json_t *plan, json_t *document)
{
    struct model_change change = {.stacks = true};
    if (maker->from->model && maker->to->model)
        change = model_change_of(maker->arena, maker->from->model, maker->to->model);
    bool kept = model_change_keeps_jobs(&change); /* then only tables and views of stores that differ can differ */
    const struct map *only = kept && change.stores.len <= FEW_STORES ? &change.stores : NULL;
    relations from_tables = tables_of(maker->arena, maker->from, only),
              to_tables = tables_of(maker->arena, maker->to, only),
              from_views = views_of(maker->arena, maker->from, only),
              to_views = views_of(maker->arena, maker->to, only);
    note_all_columns(maker, plan);
    json_t *summary = json_copy(json_object_get(plan, "summary"));
    json_object_set_new(document, "tables", relations_json(maker, &from_tables, &to_tables));
    json_object_set_new(document, "views", relations_json(maker, &from_views, &to_views));
    json_object_set_new(document, "resources", resources_json(plan));
    json_object_set_new(document, "stacks", kept ? json_array() : stacks_json(maker));
    count(summary, "tables", json_object_get(document, "tables"));
    count(summary, "views", json_object_get(document, "views"));
    static const char *const lists[] = {"resources", "stacks"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        json_object_set_new(summary, lists[i],
                            json_integer((json_int_t)json_array_size(json_object_get(document, lists[i]))));
    json_object_set_new(document, "summary", summary);
}

static bool changes(const json_t *summary)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)summary, key, value)
    {
        if (json_integer_value(value))
            return true;
    }
    return false;
}

static void set_or_null(json_t *document, const char *key, const json_t *plan)
{
    json_t *value = json_object_get(plan, key);
    json_object_set_new(document, key, value ? json_incref(value) : json_null());
}

json_t *plan_document(struct arena *arena, const struct stack_library *library, const struct plan_side *from,
                      const struct plan_side *to, const json_t *plan, const struct findings *findings)
{
    struct maker maker = {.arena = arena, .library = library, .from = from, .to = to, .columns = {.arena = arena}};
    json_t *document = json_own(arena, plan ? json_copy((json_t *)(uintptr_t)plan) : json_object());
    if (plan)
        add_meaning(&maker, plan, document);
    set_or_null(document, "id", plan);
    set_or_null(document, "base", plan);
    json_object_set_new(document, "outcome", json_string(!plan ? "refused" : findings->errors ? "breaking" : "passes"));
    json_object_set_new(document, "changes", json_boolean(changes(json_object_get(document, "summary"))));
    json_object_set_new(document, "findings", findings_json(findings));
    return document;
}
