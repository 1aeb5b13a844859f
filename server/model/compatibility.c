#include "model/compatibility.h"

#include "model/change.h"

#include <stdlib.h>

struct comparing {
    struct arena *arena;
    struct compat_changes *changes;
    const struct object *from, *to; /* a store; to NULL: it goes */
    const struct dataset *was;
    struct texts users;
    struct place place; /* of the dataset, as it is or was */
};

/* For each effect of a change: its code and what it does to a reader. */
static const char *const reasons[CHECK_CODE_COUNT] = {
    [CHECK_BREAKING_REMOVAL] = "what its readers ask for is gone",
    [CHECK_BREAKING_COLUMN] = "what its readers ask for is gone",
    [CHECK_BREAKING_KEY] = "its readers tell rows apart by the key",
    [CHECK_BREAKING_NOT_NULL] = "rows that are there may hold null",
    [CHECK_BREAKING_NEW_COLUMN] = "rows that are there have no value for it",
    [CHECK_BREAKING_CLASSIFICATION] = "its readers were allowed what it was",
    [CHECK_NOW_NULLABLE] = "its readers meet null for the first time",
};

static struct compat_change *add(struct comparing *c, enum check_code code, const char *pointer, struct place place,
                                 const char *text)
{
    struct compat_change *change = vec_push(c->arena, c->changes);
    *change =
        (struct compat_change){.effect = checks[code].severity == SEVERITY_ERROR ? EFFECT_BREAKING : EFFECT_WARNING,
                               .code = code,
                               .store = c->from->name,
                               .dataset = c->was->name,
                               .pointer = pointer,
                               .text = text,
                               .why = reasons[code],
                               .users = c->users,
                               .place = place};
    c->changes->breaking += change->effect == EFFECT_BREAKING;
    return change;
}

static const char *title(struct comparing *c, const struct column *column)
{
    return arena_printf(c->arena, "column \"%s\" of %s.%s", column->name, c->from->name, c->was->name);
}

/* As JSON pointers have it. */
static const char *escaped(struct arena *arena, const char *name)
{
    if (!strpbrk(name, "~/"))
        return name;
    struct buf *out = buf_new(arena);
    for (; *name; name++)
        if (*name == '~' || *name == '/')
            buf_adds(out, *name == '~' ? "~0" : "~1");
        else
            buf_addc(out, *name);
    return buf_text(out);
}

static const char *column_pointer(struct comparing *c, const struct column *column, const char *key)
{
    return arena_printf(c->arena, "/datasets/%s/columns/%s%s", c->was->name, escaped(c->arena, column->name), key);
}

static const char *class_of(const struct dataset *dataset, const struct column *column)
{
    const char *own = column->classification ? column->classification : dataset->classification;
    return own ? own : "nothing";
}

static void compare_types(struct comparing *c, const struct column *was, const struct column *is)
{
    struct datatype from, to;
    const char *why;
    if (strcmp(was->type, is->type) == 0 || datatype_parse(str_from(was->type), &from, ERR_IGNORED) != 0 ||
        datatype_parse(str_from(is->type), &to, ERR_IGNORED) != 0 ||
        datatype_change(&from, &to, &why) == EFFECT_ALLOWED)
        return;
    const char *text = arena_printf(c->arena, "%s becomes %s, and was %s", title(c, was), is->type, was->type);
    add(c, CHECK_BREAKING_TYPE, column_pointer(c, was, "/type"), is->place, text)->why = why;
}

static void compare_columns(struct comparing *c, const struct dataset *dataset, const struct column *was,
                            const struct column *is)
{
    compare_types(c, was, is);
    if (was->nullable && !is->nullable)
        add(c, CHECK_BREAKING_NOT_NULL, column_pointer(c, was, "/nullable"), is->place,
            arena_printf(c->arena, "%s becomes not null", title(c, was)));
    if (!was->nullable && is->nullable)
        add(c, CHECK_NOW_NULLABLE, column_pointer(c, was, "/nullable"), is->place,
            arena_printf(c->arena, "%s becomes nullable", title(c, was)));
    const char *before = class_of(c->was, was), *after = class_of(dataset, is);
    bool whole = c->was->classification && dataset->classification; /* said once, of the dataset */
    if (strcmp(before, after) != 0 && !whole)
        add(c, CHECK_BREAKING_CLASSIFICATION, column_pointer(c, was, "/classification"), is->place,
            arena_printf(c->arena, "%s is classified %s, and was %s", title(c, was), after, before));
}

/* Names of key columns in their order, "a, b". */
static const char *key_of(struct comparing *c, const struct dataset *dataset)
{
    struct buf *out = buf_new(c->arena);
    vec_each(column, &dataset->columns) if (column->key) buf_addf(out, "%s%s", out->len ? ", " : "", column->name);
    return out->len ? buf_text(out) : "no key";
}

/* Where a change of the key shows in the difference: at the first column that changed sides, or in the order. */
static const char *key_pointer(struct comparing *c, const struct map *now)
{
    vec_each(column, &c->was->columns)
    {
        const struct column *is = map_getz(now, column->name);
        if (is && is->key != column->key)
            return column_pointer(c, column, "/key");
    }
    return arena_printf(c->arena, "/datasets/%s/columns", c->was->name);
}

static struct map columns_of(struct arena *arena, const struct dataset *dataset)
{
    struct map map = {.arena = arena};
    vec_each(column, &dataset->columns)(void) map_put(&map, str_from(column->name), column);
    return map;
}

static void compare_datasets(struct comparing *c, const struct dataset *is)
{
    struct map before = columns_of(c->arena, c->was), now = columns_of(c->arena, is);
    if (c->was->classification && is->classification && strcmp(c->was->classification, is->classification) != 0)
        add(c, CHECK_BREAKING_CLASSIFICATION, arena_printf(c->arena, "/datasets/%s/classification", is->name),
            is->place,
            arena_printf(c->arena, "dataset %s.%s is classified %s, and was %s", c->from->name, is->name,
                         is->classification, c->was->classification));
    const char *key = key_of(c, c->was), *new_key = key_of(c, is);
    if (strcmp(key, new_key) != 0)
        add(c, CHECK_BREAKING_KEY, key_pointer(c, &now), is->place,
            arena_printf(c->arena, "the key of %s.%s becomes (%s), and was (%s)", c->from->name, is->name, new_key,
                         key));
    vec_each(column, &c->was->columns)
    {
        const struct column *found = map_getz(&now, column->name);
        if (found)
            compare_columns(c, is, column, found);
        else
            add(c, CHECK_BREAKING_COLUMN, column_pointer(c, column, ""), is->place,
                arena_printf(c->arena, "%s is removed", title(c, column)));
    }
    vec_each(column, &is->columns) if (!column->nullable && !map_getz(&before, column->name))
        add(c, CHECK_BREAKING_NEW_COLUMN, column_pointer(c, column, ""), column->place,
            arena_printf(c->arena, "%s is new and not nullable", title(c, column)));
}

/* Users of datasets: "store.dataset" -> struct users. */
struct users {
    vec(const char *) workspaces;
};

/* Of the stores that differ or went. */
static struct map find_users(struct arena *arena, const struct model *model, const struct model_change *change)
{
    struct map users = {.arena = arena};
    for (size_t i = 0; i < model->count; i++) {
        const struct object *object = &model->objects[i];
        if (object->kind != OBJECT_WORKSPACE || !model_change_reaches(change, object->workspace))
            continue;
        const char *own = object->workspace->transformer.present ? object->workspace->transformer.output : NULL;
        vec_each(group, &object->workspace->groups) vec_each(sink, &group->sinks)
        {
            if (!model_change_has(change, sink->store) || (own && strcmp(own, sink->store) == 0))
                continue;
            const char *key = arena_printf(arena, "%s.%s", sink->store, sink->dataset);
            struct users *of = map_getz(&users, key);
            if (!of) {
                of = arena_alloc(arena, sizeof *of);
                (void)map_put(&users, str_from(key), of);
            }
            /* objects come by name: the same workspace again is the last one */
            if (!of->workspaces.len || of->workspaces.items[of->workspaces.len - 1] != object->name)
                *vec_push(arena, &of->workspaces) = object->name;
        }
    }
    return users;
}

static void compare_stores(struct comparing *c, const struct map *users)
{
    struct map now = {.arena = c->arena};
    if (c->to)
        vec_each(dataset, &c->to->datastore->datasets)(void) map_put(&now, str_from(dataset->name), dataset);
    vec_each(dataset, &c->from->datastore->datasets)
    {
        const char *key = arena_printf(c->arena, "%s.%s", c->from->name, dataset->name);
        const struct users *of = map_getz(users, key);
        const struct dataset *is = map_getz(&now, dataset->name);
        if (!of)
            continue;
        c->was = dataset;
        c->users = (struct texts){of->workspaces.items, of->workspaces.len};
        if (is)
            compare_datasets(c, is);
        else
            add(c, CHECK_BREAKING_REMOVAL, c->to ? arena_printf(c->arena, "/datasets/%s", dataset->name) : "",
                c->to ? c->to->place : c->from->place, arena_printf(c->arena, "dataset %s is removed", key));
    }
}

struct compat_changes compatibility_of(struct arena *arena, const struct model *from, const struct model *to)
{
    struct compat_changes changes = {0};
    struct map users = {0};
    struct model_change change = {.stores = {.arena = arena}};
    for (size_t i = 0; from && i < from->count; i++) {
        const struct object *was = &from->objects[i], *is;
        if (was->kind != OBJECT_DATASTORE)
            continue;
        is = model_find(to, OBJECT_DATASTORE, was->name);
        if (!is || memcmp(was->hash, is->hash, sizeof was->hash) != 0)
            model_change_add(&change, was);
    }
    if (change.stores.len) /* few commits change a store: nobody is looked up before one does */
        users = find_users(arena, from, &change);
    map_each(entry, &change.stores)
    {
        const struct object *was = entry->value;
        struct comparing comparing = {
            .arena = arena, .changes = &changes, .from = was, .to = model_find(to, OBJECT_DATASTORE, was->name)};
        compare_stores(&comparing, &users);
    }
    return changes;
}

static const char *users_text(struct arena *arena, const struct texts *users)
{
    enum { SHOWN = 5 };
    struct buf *out = buf_new(arena);
    for (size_t i = 0; i < users->len && i < SHOWN; i++)
        buf_addf(out, "%s%s", i ? ", " : "", users->items[i]);
    if (users->len > SHOWN)
        buf_addf(out, " and %zu more", users->len - SHOWN);
    return buf_text(out);
}

void compatibility_report(const struct compat_changes *changes, bool approved, const char *plan,
                          struct findings *findings)
{
    vec_each(change, changes)
    {
        if (approved && change->effect == EFFECT_BREAKING)
            continue;
        struct finding *finding =
            check_report(findings, change->code, change->place, "%s: %s", change->text, change->why);
        bool approvable = plan && change->effect == EFFECT_BREAKING;
        finding_hint(findings, finding, "Workspace %s reads it; %s%s%s", users_text(findings->arena, &change->users),
                     checks[change->code].help, approvable ? "; or approve plan " : "", approvable ? plan : "");
    }
}

const struct compat_change *compat_find(const struct compat_changes *changes, const char *store, const char *pointer)
{
    vec_each(change,
             changes) if (strcmp(change->store, store) == 0 && strcmp(change->pointer, pointer) == 0) return change;
    return NULL;
}
