#ifndef YELLOW_CONTROL_LAW_H
#define YELLOW_CONTROL_LAW_H

#include "control/snapshot.h"
#include "pg/pool.h"
#include "store/approval.h"
#include "store/ecosystem.h"

/* A model before it may come in force (DOMAIN.md sections 3 and 4). */
struct law_case {
    const struct ecosystem_row *ecosystem; /* the pusher: its repository and branch */
    const struct snapshot *base;           /* the version in force; NULL: there is none */
    const struct model *model;             /* loaded without errors of reading */
    const struct jobs *jobs;               /* of the model; only read when nothing is wrong with it */
};
struct law_verdict {
    json_t *plan;                 /* with its id; NULL when something else is wrong. Lives with the findings */
    struct approval_row approval; /* what lets breaking changes pass; id 0: there is none, or nothing breaks */
};

/* Adds what is against the version in force to the findings of the model itself and sorts them. The pusher is the
 * registered repository and branch; a repository that has no name (a file:// URL without one in the configuration)
 * counts as that of the Ecosystem's own owner. Breaking changes are errors unless this very plan was approved. Fails
 * only when the database does. */
int law_judge(struct pg_pool *pool, const struct law_case *what, struct findings *findings, struct law_verdict *out,
              struct err *err);
/* Approves a plan in a transaction: the approval and its audit row, and the head is to be merged again (*delivery, 0
 * when the plan was approved before). ERR_INVALID when plan is no id. */
int law_approve(struct pg *pg, struct arena *arena, const char *ecosystem, const char *plan, const char *reason,
                const char *by, const char *request_id, struct approval_row *out, int64_t *delivery, struct err *err);

/* Takes one approval back, in a transaction, with its audit row; one that was taken back before stays as it is.
 * ERR_NOT_FOUND; ERR_CONFLICT when a version is in force by it. */
int law_withdraw_one(struct pg *pg, struct arena *arena, const char *ecosystem, int64_t id, const char *by,
                     const char *request_id, struct approval_row *out, struct err *err);

/* Takes back, in a transaction, what was approved for exactly that reason and is not in force: *count plans, an audit
 * row each. */
int law_withdraw(struct pg *pg, struct arena *arena, const char *ecosystem, const char *reason, const char *by,
                 size_t *count, struct err *err);

#endif
