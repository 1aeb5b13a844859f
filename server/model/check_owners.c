#include "model/checks.h"
#include "model/ownership.h"

/* Texts of owners as they were met: by what they are read as, the first of them. */
static void note_owner(struct check_run *run, struct map *seen, const struct owner *owner, struct place place)
{
    const char *text = owner->repository;
    if (!text)
        return;
    const char *skeleton = owner_skeleton(run->arena, text), *first = map_getz(seen, skeleton);
    if (!first) {
        (void)map_put(seen, str_from(skeleton), (void *)text);
        return;
    }
    if (strcmp(first, text) == 0)
        return;
    struct finding *finding = check_report(run->findings, CHECK_LOOK_ALIKE_OWNERS, model_place(run->model, text, place),
                                           "owner \"%s\" looks like \"%s\", and is another", text, first);
    finding_hint(run->findings, finding, "owners are compared byte for byte");
}

void check_owners(struct check_run *run)
{
    const struct object *ecosystem = model_ecosystem(run->model);
    struct map seen = {.arena = run->arena};
    if (!ecosystem)
        return;
    note_owner(run, &seen, &ecosystem->ecosystem->owner, ecosystem->place);
    vec_each(zone, &ecosystem->ecosystem->zones) note_owner(run, &seen, &zone->owner, zone->place);
    check_objects(object, run, OBJECT_ZONE) vec_each(team, &object->zone->teams)
        note_owner(run, &seen, &team->owner, team->place);
}
