#ifndef YELLOW_CONTROL_ROLLBACK_H
#define YELLOW_CONTROL_ROLLBACK_H

#include "control/advance.h"
#include "stack/stack.h"
#include "store/hold.h"

/* A new version with exactly the content of an older one; what was in force is held (control/hold.h). Whoever may roll
 * back lets the breaking changes of this one plan pass by doing it: it is recorded as an approval of the plan. Owners
 * are not asked, as no repository pushes. */
struct rollback_request {
    struct pg_pool *pool;
    struct snapshots *snapshots;
    const struct stack_library *library;
    const char *ecosystem;
    int to;
    const char *reason; /* "": none given */
    const char *actor, *request_id;
};

/* What it would do. Disposed of by rollback_dispose. */
struct rollback {
    const struct rollback_request *request;
    struct ecosystem_row ecosystem;
    struct snapshot *base, *target;
    struct findings findings; /* of the content, by today's checks */
    json_t *plan;             /* as the version keeps it */
    json_t *document;         /* stack/plan_document.h */
    size_t breaking;
    vec(const char *) does; /* for people */
};

/* Plans it against the version in force. ERR_NOT_FOUND: there is no such version; ERR_CONFLICT: its content is in force
 * already, or does not pass today's checks. */
int rollback_plan(const struct rollback_request *request, struct arena *arena, struct rollback *out, struct err *err);
void rollback_dispose(struct rollback *rollback);

struct rollback_result {
    int version;
    struct hold_row hold;
    int64_t delivery; /* that looks at the head of the branch, and finds it held */
};
/* Does it, in a transaction. ERR_STALE: another version came in force since it was planned. */
int rollback_write(struct pg *pg, struct arena *arena, const struct rollback *rollback, struct rollback_result *out,
                   struct err *err);

#endif
