#ifndef YELLOW_STORE_HOLD_H
#define YELLOW_STORE_HOLD_H

#include "pg/pg.h"

/* What is kept from coming in force: the branch, or a commit with all that is made on it. */
struct hold_row {
    int64_t id;
    const char *scope;      /* "branch" or "commit" */
    const char *commit_oid; /* NULL: of a branch that no rollback holds */
    const char *reason, *by, *at;
    int version, to;                       /* of the rollback that holds: what it made, and of which version; 0: none */
    const char *released_by, *released_at; /* NULL: in force */
};

/* Holds scope, commit_oid, reason, by and version of row; gives the id. *fresh is false when that is held by itself
 * already: *id is that one's. */
int hold_store_add(struct pg *pg, struct arena *arena, const char *ecosystem, const struct hold_row *row, int64_t *id,
                   bool *fresh, struct err *err);
/* ERR_NOT_FOUND that names it. */
int hold_store_get(struct pg *pg, struct arena *arena, const char *ecosystem, int64_t id, struct hold_row *out,
                   struct err *err);
/* Newest first, those with an id below `before`, at most limit. state: "held", "released", or NULL for all. */
int hold_store_list(struct pg *pg, struct arena *arena, const char *ecosystem, const char *state, int64_t before,
                    size_t limit, struct hold_row **out, size_t *count, struct err *err);
/* *fresh is false when it was released before. */
/* Releases those of rollbacks; their ids. */
int hold_store_replace(struct pg *pg, struct arena *arena, const char *ecosystem, const char *by, int64_t **out,
                       size_t *count, struct err *err);
int hold_store_release(struct pg *pg, struct arena *arena, const char *ecosystem, int64_t id, const char *by,
                       bool *fresh, struct err *err);

#endif
