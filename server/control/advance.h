#ifndef YELLOW_CONTROL_ADVANCE_H
#define YELLOW_CONTROL_ADVANCE_H

#include "control/snapshot.h"
#include "store/audit.h"
#include "store/ecosystem.h"
#include "store/version.h"

/* How a version comes in force: the same rows for a commit that is merged and for a rollback. */
struct advance {
    const struct ecosystem_row *ecosystem;
    const struct snapshot *base; /* in force until now; NULL: there is none */
    struct version_row row;      /* its version is that of base + 1 */
    const struct model *model;
    const struct jobs *jobs; /* of the model */
    const json_t *plan;
    int64_t approval; /* that let its breaking changes pass; 0: none */
    const char *actor, *action, *request_id;
    json_t *audit; /* what the audit says beside version, commit and the plan's summary; owned by the arena; NULL: no
                      more */
};

/* Nobody else writes versions or holds of the ecosystem until the end of the transaction. base: the version that was
 * planned on; -1: nothing was. ERR_STALE: another one is in force now; ERR_UNAVAILABLE: the ecosystem was configured
 * anew since `ecosystem` was read. */
int advance_lock(struct pg *pg, struct arena *arena, const struct ecosystem_row *ecosystem, int base, struct err *err);
/* Writes the version, its objects, files and jobs, the audit row, and tells the replicas. Under advance_lock. */
int advance_write(struct pg *pg, struct arena *arena, const struct advance *advance, struct err *err);

#endif
