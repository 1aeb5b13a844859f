#include "control/law.h"

#include "control/registry.h"
#include "model/ownership.h"

void law_judge(const struct ecosystem_row *ecosystem, const struct model *from, const struct model *to,
               struct findings *findings)
{
    struct owner pusher = {registry_repository(findings->arena, ecosystem), ecosystem->branch};
    const struct object *object = model_ecosystem(from ? from : to);
    if (!pusher.repository && object)
        pusher.repository = object->ecosystem->owner.repository;
    ownership_check(from, to, &pusher, findings);
}
