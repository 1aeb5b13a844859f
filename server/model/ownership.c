#include "model/ownership.h"

#include "model/checks.h"
#include "model/origin.h"

struct judge {
    const struct model *from, *to;
    const struct owner *pusher;
    struct findings *findings;
    struct arena *arena;
    vec(struct owner) owners; /* of what changed, each once */
};

bool owner_equal(const struct owner *a, const struct owner *b)
{
    return a->repository && b->repository && a->branch && b->branch && strcmp(a->repository, b->repository) == 0 &&
           strcmp(a->branch, b->branch) == 0;
}

static const struct owner *find_declared(const struct owned *items, size_t len, struct str name)
{
    for (size_t i = 0; i < len; i++)
        if (items[i].name && str_eqz(name, items[i].name))
            return &items[i].owner;
    return NULL;
}

/* NULL when the model does not declare it. */
static const struct owner *owner_of_ecosystem(const struct model *model)
{
    const struct object *ecosystem = model ? model_ecosystem(model) : NULL;
    return ecosystem ? &ecosystem->ecosystem->owner : NULL;
}

static const struct owner *owner_of_zone(const struct model *model, struct str zone)
{
    const struct object *ecosystem = model ? model_ecosystem(model) : NULL;
    if (!ecosystem)
        return NULL;
    return find_declared(ecosystem->ecosystem->zones.items, ecosystem->ecosystem->zones.len, zone);
}

static const struct owner *owner_of_team(const struct model *model, const char *team)
{
    struct str name = str_from(team), zone_name = str_cut(&name, '/');
    const struct object *zone = model ? map_get(&model->by_kind[OBJECT_ZONE], zone_name) : NULL;
    return zone ? find_declared(zone->zone->teams.items, zone->zone->teams.len, name) : NULL;
}

/* "zone/team", or NULL for what is no team's. */
static const char *team_of(const struct object *object)
{
    switch (object->kind) {
    case OBJECT_DATASTORE:
        return object->datastore->team;
    case OBJECT_WORKSPACE:
        return object->workspace->team;
    case OBJECT_CONTAINER:
        return object->container->team;
    case OBJECT_CREDENTIAL:
        return object->credential->team;
    default:
        return NULL;
    }
}

static const struct owner *owner_of(const struct model *model, const struct object *object)
{
    const char *team = team_of(object);
    if (team)
        return owner_of_team(model, team);
    if (object->kind == OBJECT_ZONE)
        return owner_of_zone(model, str_from(object->name));
    return owner_of_ecosystem(model);
}

/* The owner in force; for what is not declared there, the one that is to come, and at last the ecosystem's. */
static const struct owner *judging(const struct judge *judge, const struct object *object)
{
    const struct owner *owner = owner_of(judge->from, object);
    if (!owner)
        owner = owner_of(judge->to, object);
    return owner ? owner : owner_of_ecosystem(judge->from);
}

bool ownership_holds(const struct model *in_force, const struct object *object, const struct owner *pusher)
{
    const struct owner *owner = owner_of(in_force, object);
    return owner && owner_equal(owner, pusher);
}

static const char *owner_text(struct arena *arena, const struct owner *owner)
{
    return arena_printf(arena, "\"%s\", branch \"%s\"", owner->repository ? owner->repository : "",
                        owner->branch ? owner->branch : "");
}

/* Notes that a part of the owner's has changed, which is a finding when the pusher is another. */
static void judge_part(struct judge *judge, const struct owner *owner, const char *part, const char *what,
                       struct place place)
{
    bool known = false;
    vec_each(other, &judge->owners) known = known || owner_equal(other, owner);
    if (!known)
        *vec_push(judge->arena, &judge->owners) = *owner;
    if (owner_equal(owner, judge->pusher))
        return;
    struct finding *finding =
        check_report(judge->findings, CHECK_NOT_OWNER, place, "%s is %s by %s, and belongs to %s", part, what,
                     owner_text(judge->arena, judge->pusher), owner_text(judge->arena, owner));
    bool alike = owner_equal(owner, &(struct owner){judge->pusher->repository, owner->branch})
                     ? owner_looks_alike(owner->branch, judge->pusher->branch)
                     : owner->repository && owner_looks_alike(owner->repository, judge->pusher->repository);
    if (alike)
        finding_hint(judge->findings, finding,
                     "the two look alike and are not the same: owners are compared byte for byte");
    else
        finding_hint(judge->findings, finding, "push it there, or ask the owner");
}

static void judge_object(struct judge *judge, const struct object *object, const char *what)
{
    const char *part = arena_printf(judge->arena, "%s \"%s\"", object_kind_names[object->kind], object->name);
    judge_part(judge, judging(judge, object), part, what, object->place);
}

/* A part that moves from one team to another is taken from the one and given to the other: both must agree. */
static void judge_change(struct judge *judge, const struct object *was, const struct object *is)
{
    judge_object(judge, is, "changed");
    const struct owner *before = judging(judge, was), *after = judging(judge, is);
    if (!owner_equal(before, after))
        judge_object(judge, was, "taken away");
}

static void judge_objects(struct judge *judge)
{
    const struct model *from = judge->from, *to = judge->to;
    size_t i = 0, j = 0;
    while (i < from->count || j < to->count) {
        const struct object *a = i < from->count ? &from->objects[i] : NULL,
                            *b = j < to->count ? &to->objects[j] : NULL;
        int order = !a ? 1 : !b ? -1 : object_compare(a, b);
        if (order < 0)
            judge_object(judge, a, "removed");
        else if (order > 0)
            judge_object(judge, b, "added");
        else if (memcmp(a->hash, b->hash, sizeof a->hash) != 0)
            judge_change(judge, a, b);
        i += order <= 0;
        j += order >= 0;
    }
}

/* What is done to a file, or NULL when it is the same. */
static const char *file_change(const struct model_file *was, const struct model_file *is)
{
    if (!was || !is)
        return was ? "removed" : "added";
    return str_eq(was->data, is->data) ? NULL : "changed";
}

/* A file belongs to those whose transformers name it, in force or to come. */
static void judge_file(struct judge *judge, const struct model *model, const struct object *workspace,
                       struct map *judged)
{
    const struct transformer *transformer = &workspace->workspace->transformer;
    if (!transformer->present || !transformer->file)
        return;
    const char *what = file_change(model_file_of(judge->from, workspace, transformer->file),
                                   model_file_of(judge->to, workspace, transformer->file));
    const struct owner *owner = judging(judge, workspace);
    if (!what || !owner)
        return;
    struct str origin = origin_of(workspace->place.path);
    const char *key = arena_printf(judge->arena, STR_FMT " %s %s %s", STR_ARG(origin), transformer->file,
                                   owner->repository, owner->branch);
    if (map_put(judged, str_from(key), (void *)workspace))
        return;
    const char *part =
        arena_printf(judge->arena, "file \"%s\" of Workspace \"%s\"", transformer->file, workspace->name);
    const struct model_file *file = model_file_of(model, workspace, transformer->file);
    struct place place = {file ? file->path : workspace->place.path, 1, 1};
    judge_part(judge, owner, part, what, place);
}

/* Templates are of components and assemblies, which are the ecosystem's and find them in its own repository. */
static void judge_template(struct judge *judge, const struct model_file *file)
{
    if (!str_ends(str_from(file->path), STR(".j2")) || origin_of(file->path).len)
        return;
    const char *what = file_change(map_getz(&judge->from->files, file->path), map_getz(&judge->to->files, file->path));
    if (what)
        judge_part(judge, owner_of_ecosystem(judge->from), arena_printf(judge->arena, "file \"%s\"", file->path), what,
                   (struct place){file->path, 1, 1});
}

static void judge_files(struct judge *judge)
{
    const struct model *const models[] = {judge->from, judge->to};
    struct map judged = {.arena = judge->arena};
    for (size_t m = 0; m < 2; m++) {
        for (size_t i = 0; i < models[m]->count; i++)
            if (models[m]->objects[i].kind == OBJECT_WORKSPACE)
                judge_file(judge, models[m], &models[m]->objects[i], &judged);
        map_each(entry, &models[m]->files) if (m == 0 || !map_get(&judge->from->files, entry->key))
            judge_template(judge, entry->value);
    }
}

/* How many parts the team has, and the first of them. */
static size_t count_parts(const struct model *model, const char *team, const struct object **first)
{
    size_t count = 0;
    for (size_t i = 0; i < model->count; i++) {
        const char *its = team_of(&model->objects[i]);
        if (!its || strcmp(its, team) != 0)
            continue;
        if (!count++)
            *first = &model->objects[i];
    }
    return count;
}

static void report_standing(struct judge *judge, const char *declaration, struct place place,
                            const struct object *stands, size_t count)
{
    struct finding *finding =
        check_report(judge->findings, CHECK_STANDING_DEFINITION, place, "%s is no longer declared, and %s \"%s\"%s",
                     declaration, object_kind_names[stands->kind], stands->name,
                     count > 1 ? arena_printf(judge->arena, " and %zu more stand", count - 1) : " stands");
    finding_hint(judge->findings, finding, "first its owner removes what stands (at %s:%u), then the declaration goes",
                 stands->place.path, stands->place.line);
}

static void judge_declarations(struct judge *judge)
{
    const struct object *ecosystem = model_ecosystem(judge->from), *now = model_ecosystem(judge->to), *stands = NULL;
    vec_each(zone, &ecosystem->ecosystem->zones)
    {
        if (!now || !zone->name || owner_of_zone(judge->to, str_from(zone->name)))
            continue;
        if ((stands = model_find(judge->to, OBJECT_ZONE, zone->name)) != NULL)
            report_standing(judge, arena_printf(judge->arena, "zone \"%s\"", zone->name), now->place, stands, 1);
    }
    for (size_t i = 0; i < judge->from->count; i++) {
        const struct object *zone = &judge->from->objects[i];
        if (zone->kind != OBJECT_ZONE)
            continue;
        const struct object *new_zone = model_find(judge->to, OBJECT_ZONE, zone->name);
        vec_each(team, &zone->zone->teams)
        {
            const char *name = arena_printf(judge->arena, "%s/%s", zone->name, team->name ? team->name : "");
            size_t count = owner_of_team(judge->to, name) ? 0 : count_parts(judge->to, name, &stands);
            if (count)
                report_standing(judge, arena_printf(judge->arena, "team \"%s\"", name),
                                new_zone ? new_zone->place : zone->place, stands, count);
        }
    }
}

static void judge_several(struct judge *judge)
{
    if (judge->owners.len < 2)
        return;
    struct buf list = {0};
    for (size_t i = 0; i < judge->owners.len && i < 5; i++)
        buf_addf(&list, "%s%s", i ? "; " : "", owner_text(judge->arena, &judge->owners.items[i]));
    struct finding *finding = check_report(judge->findings, CHECK_SEVERAL_OWNERS, (struct place){0},
                                           "the commit changes parts of %zu owners: %s%s", judge->owners.len,
                                           buf_text(&list), judge->owners.len > 5 ? "; ..." : "");
    finding_hint(judge->findings, finding, "make one commit for each owner");
    buf_dispose(&list);
}

void ownership_check(const struct model *from, const struct model *to, const struct owner *pusher,
                     struct findings *findings)
{
    struct judge judge = {.from = from, .to = to, .pusher = pusher, .findings = findings, .arena = findings->arena};
    const struct object *ecosystem = model_ecosystem(from ? from : to);
    if (!ecosystem)
        return; /* which was said */
    if (!from) {
        judge.from = to;
        judge_object(&judge, ecosystem, "added");
        return;
    }
    judge_objects(&judge);
    judge_files(&judge);
    judge_several(&judge);
    judge_declarations(&judge);
}
