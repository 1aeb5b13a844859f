#ifndef YELLOW_CONTROL_HOLD_H
#define YELLOW_CONTROL_HOLD_H

#include "control/commit.h"
#include "store/ecosystem.h"
#include "store/hold.h"

/* Commits that are judged and planned as ever, and do not come in force until somebody says so. A hold of the branch
 * stands before every head, also one that was pushed later: after a rollback a rebased or amended commit would bring
 * the bad content back under another id, and only people can tell a fix from that. A hold of a commit stands before it
 * and before all that is made on it; a head without it passes. Release merges the head as it is then. The branches of
 * all repositories of an ecosystem are held together: after a rollback what one of them brings may lean on what was
 * taken back. */

/* The first hold that stands before the head, if any (*held). In the merge's transaction, under advance_lock. */
int hold_find(const struct commit_service *service, struct pg *pg, struct arena *arena,
              const struct ecosystem_row *ecosystem, const char *head, struct hold_row *out, bool *held,
              struct err *err);
/* What a delivery that it holds says, and what a forge shows; on the arena. */
const char *hold_reason(struct arena *arena, const struct hold_row *hold);
const char *hold_shown(struct arena *arena, const struct hold_row *hold);

struct hold_request {
    const char *ecosystem;
    const char *commit; /* NULL: the branch */
    const char *reason; /* "": none given */
    const char *actor, *request_id;
};
/* In a transaction, with its audit row. *fresh is false when it was held already. ERR_INVALID when commit is no full
 * id. */
int hold_place(struct pg *pg, struct arena *arena, const struct hold_request *request, struct hold_row *out,
               bool *fresh, struct err *err);
/* In a transaction, with its audit row; the head of the branch is to be merged (*delivery; 0 when the hold had been
 * released before). */
int hold_release(struct pg *pg, struct arena *arena, const struct hold_request *request, int64_t id,
                 struct hold_row *out, int64_t *delivery, struct err *err);
/* In the transaction of a rollback, under advance_lock: the holds of rollbacks before it end, with an audit row each,
 * for the new one says all that they said. One release is enough then, and a hold that somebody placed by himself
 * stays. */
int hold_replace(struct pg *pg, struct arena *arena, const struct hold_request *request, struct err *err);

#endif
