#ifndef YELLOW_CONTROL_COMMIT_H
#define YELLOW_CONTROL_COMMIT_H

#include "control/snapshot.h"
#include "control/status.h"
#include "git/fetch.h"
#include "stack/stack.h"
#include "store/delivery.h"
#include "store/ecosystem.h"

struct commit_models;

/* What the way of a commit needs. All is borrowed. */
struct commit_service {
    struct pg_pool *pool;
    struct snapshots *snapshots;
    struct commit_models *models;        /* NULL: each commit is read as a whole (control/commit_model.h) */
    struct statuses *statuses;           /* NULL: nobody keeps status documents */
    const struct stack_library *library; /* NULL: assemblies are not checked */
    const char *state_dir;               /* mirrors live in git/ECOSYSTEM.git and git/ECOSYSTEM+REPOSITORY.git below */
    const struct git_limits *limits;     /* NULL: git_default_limits */
    const struct git_fetch_options *fetch; /* NULL: as git_fetch */
    /* Called after each step, for tests that end the process there: "claimed", "fetched", "planned", "written" (in the
     * transaction), "committed". */
    void (*hook)(void *ctx, const char *step);
    void *hook_ctx;
};

/* Brings a claimed delivery to its outcome: decides, fetches, merges. Negative when there is none yet: whoever holds
 * the claim gives it back, and err says whether trying again can help. ERR_CONFLICT: the claim is lost. */
int commit_process(const struct commit_service *service, struct arena *arena, const struct delivery_claim *claim,
                   struct err *err);

/* For its parts. */
void commit_step(const struct commit_service *service, const char *step);
const struct git_limits *commit_limits(const struct commit_service *service);
const char *commit_mirror(const struct commit_service *service, struct arena *arena,
                          const struct ecosystem_row *ecosystem);

#endif
