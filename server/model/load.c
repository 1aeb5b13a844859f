#include "model/body.h"
#include "model/checks.h"
#include "model/origin.h"
#include "model/ownership.h"
#include "model/reader.h"
#include "model/unit.h"

#include "base/crypto.h"

#include <stdlib.h>

const struct model_limits model_limits_default = {
    .file_bytes = 4u << 20, .depth = 32, .nodes = 2000000, .objects = 100000};

bool object_kind_parse(const char *text, enum object_kind *out)
{
    for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++)
        if (text && strcmp(text, object_kind_names[kind]) == 0) {
            *out = (enum object_kind)kind;
            return true;
        }
    return false;
}

const struct object *model_find(const struct model *model, enum object_kind kind, const char *name)
{
    return name ? map_getz(&model->by_kind[kind], name) : NULL;
}

bool credential_is_bound(const struct credential *credential, const char *container)
{
    for (size_t i = 0; i < credential->containers.len; i++)
        if (strcmp(credential->containers.items[i], container) == 0)
            return true;
    return false;
}

const struct object *model_ecosystem(const struct model *model)
{
    return model->count && model->objects[0].kind == OBJECT_ECOSYSTEM ? &model->objects[0] : NULL;
}

const struct model_file *model_file_of(const struct model *model, const struct object *object, const char *path)
{
    struct str origin = origin_of(object->place.path);
    if (!origin.len)
        return map_getz(&model->files, path);
    struct buf name = {0};
    buf_addf(&name, "//" STR_FMT "/%s", STR_ARG(origin), path);
    const struct model_file *file = map_get(&model->files, buf_str(&name));
    buf_dispose(&name);
    return file;
}

static int compare_unit(const void *key, const void *item)
{
    const struct unit *const *unit = item;
    return strcmp(key, (*unit)->path);
}

struct place model_place(const struct model *model, const char *text, struct place owner)
{
    struct unit *const *found = NULL;
    if (text && owner.path && model->own_units)
        found = bsearch(owner.path, model->units, model->own_units, sizeof *model->units, compare_unit);
    return found ? places_of((*found)->places, text, owner) : owner;
}

void name_filter_add(struct name_filter *filter, const char *name)
{
    uint64_t hash = str_hash(str_from(name));
    unsigned bit = (unsigned)(hash ^ hash >> 32) % 256;
    filter->bits[bit / 64] |= UINT64_C(1) << bit % 64;
}

bool name_filter_meets(const struct name_filter *a, const struct name_filter *b)
{
    uint64_t both = 0;
    for (size_t i = 0; i < sizeof a->bits / sizeof *a->bits; i++)
        both |= a->bits[i] & b->bits[i];
    return both != 0;
}

int object_compare(const struct object *a, const struct object *b)
{
    return a->kind != b->kind ? (a->kind > b->kind) - (a->kind < b->kind) : strcmp(a->name, b->name);
}

static int compare_objects(const void *a, const void *b)
{
    return object_compare(a, b);
}

static void release_units(void *ctx)
{
    struct model *model = ctx;
    for (size_t i = 0; i < model->unit_count; i++)
        unit_release(model->units[i]);
}

/* An empty model with a reference to each unit. */
static struct model *model_begin(struct arena *arena, struct unit *const *units, size_t n)
{
    struct model *model = arena_alloc(arena, sizeof *model);
    model->arena = model->files.arena = arena;
    for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++)
        model->by_kind[kind].arena = arena;
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += units[i]->count;
    model->objects = arena_calloc(arena, count, sizeof *model->objects);
    model->units = arena_calloc(arena, n, sizeof *model->units);
    for (; model->unit_count < n; model->unit_count++)
        model->units[model->unit_count] = unit_retain(units[model->unit_count]);
    arena_defer(arena, release_units, model);
    model->own_units = n;
    return model;
}

static void model_index(struct model *model)
{
    for (size_t i = 0; i < model->count; i++)
        (void)map_put(&model->by_kind[model->objects[i].kind], str_from(model->objects[i].name), &model->objects[i]);
}

static void model_end(struct model *model)
{
    if (model->count > 1)
        qsort(model->objects, model->count, sizeof *model->objects, compare_objects);
    model_index(model);
}

static void report_twice(struct findings *findings, const struct object *object, struct place place,
                         const struct place *first)
{
    struct finding *finding = check_report(findings, CHECK_DUPLICATE_NAME, place, "%s \"%s\" is defined twice",
                                           object_kind_names[object->kind], object->name);
    if (first->column)
        finding_hint(findings, finding, "it is defined at %s:%u:%u", first->path, first->line, first->column);
    else /* a stored one, whose place is its document's */
        finding_hint(findings, finding, "it is defined at %s:%u, of another repository", first->path, first->line);
}

/* The first of a kind and name stays; what comes after it is said to be there twice. False: there are too many. */
static bool add_objects(struct model *model, const struct unit *unit, struct map *seen, size_t most,
                        struct findings *findings)
{
    for (size_t i = 0; i < unit->count; i++) {
        const struct object *object = &unit->objects[i];
        if (model->count == most) {
            check_report(findings, CHECK_TOO_MANY_OBJECTS, object->place, "the model has more than %zu objects", most);
            return false;
        }
        const struct place *first = map_getz(&seen[object->kind], object->name);
        if (!first) {
            (void)map_put(&seen[object->kind], str_from(object->name), &unit->names[i]);
            model->objects[model->count++] = *object;
            continue;
        }
        report_twice(findings, object, unit->names[i], first);
    }
    return true;
}

static bool is_other(const struct model_others *others, const char *path)
{
    return !origin_same(path, others->prefix);
}

/* Whether something that the others have in force lives in the unit. */
static bool holds_others(const struct model_others *others, const struct unit *unit)
{
    const struct model *in_force = others->in_force;
    if (unit->file)
        return is_other(others, unit->path) && map_getz(&in_force->files, unit->path) == unit->file;
    for (size_t i = 0; i < unit->count; i++) {
        const struct object *object = &unit->objects[i], *found = NULL;
        if (is_other(others, object->place.path))
            found = model_find(in_force, object->kind, object->name);
        if (found && found->data == object->data)
            return true;
    }
    return false;
}

/* Units of the model that is read, and behind them those that the others live in. */
static struct model *begin_among(struct arena *arena, struct unit *const *units, size_t n,
                                 const struct model_others *others)
{
    if (!others)
        return model_begin(arena, units, n);
    const struct model *in_force = others->in_force;
    struct arena *scratch = arena_new();
    struct unit **all = arena_calloc(scratch, n + in_force->unit_count, sizeof *all);
    size_t count = n;
    if (n)
        memcpy(all, units, n * sizeof *all);
    for (size_t i = 0; i < in_force->unit_count; i++)
        if (holds_others(others, in_force->units[i]))
            all[count++] = in_force->units[i];
    struct model *model = model_begin(arena, all, count);
    model->own_units = n;
    arena_free(scratch);
    return model;
}

/* Where the model, which has no index yet, has an object of the same kind and name. */
static struct object *find_slot(struct model *model, const struct object *object)
{
    struct object *slot = model->objects;
    while (slot->kind != object->kind || strcmp(slot->name, object->name) != 0)
        slot++;
    return slot;
}

/* Does not lean on the arena of what is in force. False: there are too many. */
static bool add_others(struct model *model, const struct model_others *others, struct map *seen, size_t most,
                       struct findings *findings)
{
    const struct model *in_force = others->in_force;
    const char *from = NULL, *to = NULL;
    for (size_t i = 0; i < in_force->count; i++) {
        const struct object *object = &in_force->objects[i];
        if (!is_other(others, object->place.path))
            continue;
        const struct place *own = map_getz(&seen[object->kind], object->name);
        if (own && ownership_holds(in_force, object, others->pusher))
            continue;
        if (object->place.path != from) {
            from = object->place.path;
            to = arena_strdup(model->arena, from);
        }
        struct place place = {to, object->place.line, 0}; /* as whoever reads it from the database has it */
        if (own)
            report_twice(findings, object, *own, &place);
        else if (model->count == most) {
            check_report(findings, CHECK_TOO_MANY_OBJECTS, place, "the model has more than %zu objects", most);
            return false;
        }
        struct object *slot = own ? find_slot(model, object) : &model->objects[model->count++];
        *slot = *object;
        slot->place = place;
    }
    map_each(entry, &in_force->files)
    {
        const struct model_file *file = entry->value;
        if (is_other(others, file->path))
            (void)map_put(&model->files, str_from(file->path), entry->value);
    }
    return true;
}

struct model *model_of_units(struct arena *arena, struct unit *const *units, size_t n,
                             const struct model_limits *limits, struct findings *findings)
{
    return model_of_units_among(arena, units, n, NULL, limits, findings);
}

struct model *model_of_units_among(struct arena *arena, struct unit *const *units, size_t n,
                                   const struct model_others *others, const struct model_limits *limits,
                                   struct findings *findings)
{
    struct model *model = begin_among(arena, units, n, others);
    struct map seen[OBJECT_KIND_COUNT];
    for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++)
        seen[kind] = (struct map){.arena = arena};
    bool room = true;
    for (size_t i = 0; i < n; i++) {
        findings_add_all(findings, &units[i]->reading);
        room = room && add_objects(model, units[i], seen, limits->objects, findings);
        if (units[i]->file)
            (void)map_put(&model->files, str_from(units[i]->path), (void *)units[i]->file);
    }
    if (others && room)
        (void)add_others(model, others, seen, limits->objects, findings);
    model_end(model);
    return model;
}

static int compare_files(const void *a, const void *b)
{
    const struct model_file *const *x = a, *const *y = b;
    return strcmp((*x)->path, (*y)->path);
}

struct model *model_load_limited(struct arena *arena, const struct model_file *files, size_t n,
                                 const struct model_limits *limits, struct findings *findings)
{
    struct arena *scratch = arena_new();
    const struct model_file **sorted = arena_calloc(scratch, n, sizeof *sorted);
    struct unit **units = arena_calloc(scratch, n, sizeof *units);
    for (size_t i = 0; i < n; i++)
        sorted[i] = &files[i];
    if (n > 1)
        qsort(sorted, n, sizeof *sorted, compare_files);
    for (size_t i = 0; i < n; i++)
        units[i] = unit_read(sorted[i]->path, sorted[i]->data, limits);
    struct model *model = model_of_units(arena, units, n, limits, findings);
    for (size_t i = 0; i < n; i++)
        unit_release(units[i]);
    arena_free(scratch);
    return model;
}

struct model *model_load(struct arena *arena, const struct model_file *files, size_t n, struct findings *findings)
{
    return model_load_limited(arena, files, n, &model_limits_default, findings);
}

/* One stored body as an object of the unit. */
static int read_body(struct unit *unit, const struct model_body *body, struct arena *scratch, struct object *out,
                     struct err *err)
{
    struct findings findings = {.arena = scratch};
    struct yaml_node *tree;
    struct err why = {0};
    struct arena *arena = unit->arena;
    *out = (struct object){.kind = body->kind,
                           .name = arena_strdup(arena, body->name),
                           .place = {arena_strdup(arena, body->place.path), body->place.line, body->place.column},
                           .body = {arena_strndup(arena, body->body.data, body->body.len), body->body.len}};
    struct reader reader = {.arena = arena, .findings = &findings, .stored = true, .place = out->place};
    if (body_tree(scratch, body->body, &tree, &why))
        return err_set(err, ERR_INTERNAL, "stored %s \"%s\" does not load: %s", object_kind_names[body->kind],
                       body->name, why.text);
    out->data = unit_data(&reader, body->kind, out->name, tree);
    if (findings.errors)
        return err_set(err, ERR_INTERNAL, "stored %s \"%s\" does not load: %s", object_kind_names[body->kind],
                       body->name, findings.list.items[0].text);
    crypto_sha256_hex(out->body, out->hash);
    return 0;
}

int unit_of_bodies(const struct model_body *bodies, size_t n, struct unit **out, struct err *err)
{
    struct unit *unit = unit_begin("");
    struct arena *scratch = arena_new();
    unit->stored = true;
    unit->objects = arena_calloc(unit->arena, n, sizeof *unit->objects);
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++) {
        rc = read_body(unit, &bodies[i], scratch, &unit->objects[unit->count++], err);
        arena_reset(scratch);
    }
    arena_free(scratch);
    unit->bytes = arena_size(unit->arena);
    if (rc)
        unit_release(unit);
    else
        *out = unit;
    return rc;
}

int model_from_bodies(struct arena *arena, const struct model_body *bodies, size_t n, struct model **out,
                      struct err *err)
{
    struct unit *unit;
    int rc = unit_of_bodies(bodies, n, &unit, err);
    if (rc)
        return rc;
    *out = model_after(arena, &(struct model_step){.fresh = &unit, .fresh_count = 1});
    unit_release(unit);
    return 0;
}

/* What stays of the former model; paths are copied, since they may be on its arena. */
static void keep_objects(struct arena *arena, const struct model_step *step, struct model *model)
{
    struct map gone[OBJECT_KIND_COUNT];
    const char *from = NULL, *to = NULL;
    for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++)
        gone[kind] = (struct map){.arena = arena};
    for (size_t i = 0; i < step->gone_count; i++)
        (void)map_put(&gone[step->gone[i].kind], str_from(step->gone[i].name), model);
    for (size_t i = 0; i < step->former->count; i++) {
        const struct object *object = &step->former->objects[i];
        if (map_getz(&gone[object->kind], object->name))
            continue;
        if (object->place.path != from) {
            from = object->place.path;
            to = arena_strdup(arena, from);
        }
        model->objects[model->count] = *object;
        model->objects[model->count++].place.path = to;
    }
    struct map gone_files = {.arena = arena};
    for (size_t i = 0; i < step->gone_file_count; i++)
        (void)map_put(&gone_files, str_from(step->gone_files[i]), model);
    map_each(entry, &step->former->files) if (!map_get(&gone_files, entry->key))(void)
        map_put(&model->files, entry->key, entry->value);
}

struct model *model_after(struct arena *arena, const struct model_step *step)
{
    size_t kept = step->former ? step->former->unit_count : 0;
    struct unit **units = arena_calloc(arena, kept + step->fresh_count, sizeof *units);
    if (kept)
        memcpy(units, step->former->units, kept * sizeof *units);
    for (size_t i = 0; i < step->fresh_count; i++)
        units[kept + i] = step->fresh[i];
    struct model *model = model_begin(arena, units, kept + step->fresh_count);
    if (step->former)
        keep_objects(arena, step, model);
    for (size_t u = 0; u < step->fresh_count; u++) {
        const struct unit *unit = step->fresh[u];
        if (unit->count)
            memcpy(model->objects + model->count, unit->objects, unit->count * sizeof *model->objects);
        model->count += unit->count;
        if (unit->file)
            (void)map_put(&model->files, str_from(unit->path), (void *)(uintptr_t)unit->file);
    }
    model_end(model);
    return model;
}

size_t model_bytes(const struct model *model)
{
    size_t bytes = 0;
    for (size_t i = 0; i < model->unit_count; i++)
        bytes += model->units[i]->bytes;
    return bytes;
}

static struct place stored_place(struct arena *arena, const struct object *object, const struct model *former)
{
    const struct object *was = former ? model_find(former, object->kind, object->name) : NULL;
    if (!was || memcmp(was->hash, object->hash, sizeof was->hash) != 0 ||
        !origin_same(was->place.path, object->place.path))
        return (struct place){object->place.path, object->place.line, 0};
    bool same = was->place.path && object->place.path && strcmp(was->place.path, object->place.path) == 0;
    return (struct place){same ? object->place.path : arena_strdup(arena, was->place.path), was->place.line, 0};
}

struct model *model_as_stored(struct arena *arena, const struct model *model, const struct model *former)
{
    struct model *stored = model_begin(arena, model->units, model->unit_count);
    memcpy(stored->objects, model->objects, model->count * sizeof *stored->objects);
    stored->count = model->count;
    for (size_t i = 0; i < stored->count; i++)
        stored->objects[i].place = stored_place(arena, &model->objects[i], former);
    model_index(stored);
    map_each(entry, &model->files)(void) map_put(&stored->files, entry->key, entry->value);
    return stored;
}
