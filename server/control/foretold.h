#ifndef YELLOW_CONTROL_FORETOLD_H
#define YELLOW_CONTROL_FORETOLD_H

#include "control/commit.h"
#include "store/pull.h"

/* The pull request whose plan a merge applies: it is the same plan, to the last byte and on the same version, however
 * the forge merged it (a merge commit, squashed, rebased); or, when another version came in between, a new one of the
 * same change. */
struct foretold {
    struct pull_row pull; /* number NULL: none */
    bool exact;           /* that very plan is applied */
};

/* The id that a plan would have against no version: what it does. On the arena. */
const char *foretold_content(struct arena *arena, const json_t *plan);
/* Compares the plan with those of pull requests of the repository: by its id, then by its head (in head, and not in
 * base_commit; NULL: none), then by its content. In the merge's transaction. */
int foretold_find(const struct commit_service *service, struct pg *pg, struct arena *arena,
                  const struct ecosystem_row *ecosystem, const json_t *plan, const char *head, const char *base_commit,
                  struct foretold *out, struct err *err);
/* What the delivery says of it, and the version's record; on the arena. NULL when there is none. */
const char *foretold_text(struct arena *arena, const struct foretold *foretold, const json_t *plan);
json_t *foretold_json(struct arena *arena, const struct foretold *foretold);

#endif
