#include "model/change.h"

#include "model/body.h"

/* What others look at: of a store all but its datasets, which jobs, stacks and resources are made of; of a PSP where
 * data comes to lie. */
static bool same_face(const struct object *a, const struct object *b)
{
    const struct table *table = object_tables[a->kind];
    struct buf first = {0}, second = {0};
    bool same = true;
    for (size_t i = 0; i < table->len && same; i++) {
        const struct field *field = &table->fields[i];
        bool place = strcmp(field->key, "merge") == 0 || strcmp(field->key, "platforms") == 0;
        if (a->kind == OBJECT_PSP ? !place : strcmp(field->key, "datasets") == 0)
            continue;
        buf_cut(&first, 0);
        buf_cut(&second, 0);
        body_write_field(&first, field, a->data);
        body_write_field(&second, field, b->data);
        same = str_eq(buf_str(&first), buf_str(&second));
    }
    buf_dispose(&first);
    buf_dispose(&second);
    return same;
}

static bool transforms(const struct object *workspace)
{
    return workspace && workspace->workspace->transformer.present;
}

/* One of them may be NULL. */
static void note(struct model_change *change, const struct object *was, const struct object *is)
{
    const struct object *object = is ? is : was;
    if (object->kind == OBJECT_DATASTORE) {
        model_change_add(change, object);
        change->faces = change->faces || !was || !is || !same_face(was, is);
    } else if (object->kind == OBJECT_WORKSPACE) {
        change->workspaces = true;
        change->wide = change->wide || transforms(was) || transforms(is);
    } else {
        bool face = object->kind == OBJECT_PSP && was && is && same_face(was, is);
        change->wide = change->wide || !face;
        change->stacks = change->stacks || object->kind != OBJECT_ZONE;
    }
}

static bool same_files(const struct model *a, const struct model *b)
{
    if (a->files.len != b->files.len)
        return false;
    map_each(entry, &a->files)
    {
        const struct model_file *file = entry->value, *other = map_get(&b->files, entry->key);
        if (!other || (file != other && !str_eq(file->data, other->data)))
            return false;
    }
    return true;
}

struct model_change model_change_of(struct arena *arena, const struct model *former, const struct model *model)
{
    struct model_change change = {.stores = {.arena = arena},
                                  .same = arena_calloc(arena, model->count, sizeof *change.same)};
    size_t i = 0, j = 0;
    while (i < former->count || j < model->count) {
        const struct object *a = i < former->count ? &former->objects[i] : NULL,
                            *b = j < model->count ? &model->objects[j] : NULL;
        int order = !a ? 1 : !b ? -1 : object_compare(a, b);
        bool same = order == 0 && (a->data == b->data || memcmp(a->hash, b->hash, sizeof a->hash) == 0);
        if (same)
            change.same[j] = true;
        else
            note(&change, order <= 0 ? a : NULL, order >= 0 ? b : NULL);
        i += order <= 0;
        j += order >= 0;
    }
    bool files = same_files(former, model);
    change.stacks = change.stacks || !files;
    change.wide = change.wide || !files;
    return change;
}

void model_change_add(struct model_change *change, const struct object *store)
{
    (void)map_put(&change->stores, str_from(store->name), (void *)(uintptr_t)store);
    name_filter_add(&change->names, store->name);
}

bool model_change_has(const struct model_change *change, const char *store)
{
    enum { FEW = 4 }; /* asked for every sink of a model, mostly of one store that differs */
    if (change->stores.len > FEW)
        return map_getz(&change->stores, store) != NULL;
    map_each(entry, &change->stores)
    {
        if (strcmp(entry->key.data, store) == 0)
            return true;
    }
    return false;
}

bool model_change_reaches(const struct model_change *change, const struct workspace *workspace)
{
    if (!name_filter_meets(&change->names, &workspace->stores))
        return false;
    vec_each(group, &workspace->groups) vec_each(sink, &group->sinks)
    {
        if (sink->store && model_change_has(change, sink->store))
            return true;
    }
    return false;
}
