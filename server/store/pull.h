#ifndef YELLOW_STORE_PULL_H
#define YELLOW_STORE_PULL_H

#include "pg/pg.h"
#include "store/ecosystem.h"

/* Pull requests of a repository that were planned. */
struct pull_row {
    const char *ecosystem, *repo; /* of a claim */
    const char *number, *head_branch, *head_oid;
    const char *plan, *content; /* ids: of the plan, and of what it does whatever version it is made against; or NULL */
    int base;                   /* the version that it was made against */
    bool again;                 /* of a claim: it is to be told again, whatever version it was made against */
};

/* Its head was planned. */
int pull_store_put(struct pg *pg, struct arena *arena, const struct ecosystem_row *repository,
                   const struct pull_row *row, struct err *err);
/* The same head was planned again; *still is false when it is no longer that of an open pull request. */
int pull_store_again(struct pg *pg, struct arena *arena, const struct ecosystem_row *repository,
                     const struct pull_row *row, bool *still, struct err *err);
int pull_store_close(struct pg *pg, struct arena *arena, const struct ecosystem_row *repository, const char *number,
                     struct err *err);
int pull_store_merged(struct pg *pg, struct arena *arena, const struct ecosystem_row *repository, const char *number,
                      int version, struct err *err);
/* Open ones are planned and told again: a hold or an approval came or went. */
int pull_store_tell_again(struct pg *pg, struct arena *arena, const char *ecosystem, struct err *err);
/* Which of count references only closed pull requests have. */
int pull_store_closed_refs(struct pg *pg, struct arena *arena, const struct ecosystem_row *repository,
                           const char *const *refs, size_t count, const char ***out, size_t *found, struct err *err);
/* Those with a plan that no version has brought in force, the last ones first; at most a hundred. */
int pull_store_list(struct pg *pg, struct arena *arena, const struct ecosystem_row *repository, struct pull_row **out,
                    size_t *count, struct err *err);
/* One whose plan is against another version than the one in force, or that is to be told again; for a minute. */
int pull_store_claim(struct pg *pg, struct arena *arena, struct pull_row *out, bool *found, struct err *err);

#endif
