#ifndef YELLOW_STORE_APPROVAL_H
#define YELLOW_STORE_APPROVAL_H

#include "pg/pg.h"
#include "store/ecosystem.h"

/* Somebody's word that the breaking changes of one plan may pass. */
struct approval_row {
    int64_t id;
    const char *plan; /* SHA-256 in hexadecimal: of its content and the version it was made against */
    const char *reason, *by, *at;
    int version;                             /* the one that it let pass; 0: none yet */
    const char *withdrawn_at, *withdrawn_by; /* NULL: it stands */
};

/* In a transaction. *fresh is false when the plan was approved before: *out is that approval then. */
int approval_add(struct pg *pg, struct arena *arena, const char *ecosystem, const char *plan, const char *reason,
                 const char *by, struct approval_row *out, bool *fresh, struct err *err);
/* *found is false when nobody approved the plan, or when that was withdrawn. */
int approval_find(struct pg *pg, struct arena *arena, const char *ecosystem, const char *plan, struct approval_row *out,
                  bool *found, struct err *err);
/* Newest first, those with an id below `before`, at most limit. */
int approval_list(struct pg *pg, struct arena *arena, const char *ecosystem, int64_t before, size_t limit,
                  struct approval_row **out, size_t *count, struct err *err);
/* Takes back what was approved for exactly that reason and has let no version pass; those it was, in a transaction. */
int approval_withdraw(struct pg *pg, struct arena *arena, const char *ecosystem, const char *reason, const char *by,
                      struct approval_row **out, size_t *count, struct err *err);
/* Takes that one back if it has let no version pass and stands; *fresh is false otherwise. *out is what it is now.
 * ERR_NOT_FOUND. */
int approval_withdraw_one(struct pg *pg, struct arena *arena, const char *ecosystem, int64_t id, const char *by,
                          struct approval_row *out, bool *fresh, struct err *err);
/* Whether the approving label stood on a pull request when it was last looked at; false for an unknown one. */
int approval_label_find(struct pg *pg, struct arena *arena, const struct ecosystem_row *repository, const char *number,
                        bool *stands, struct err *err);
int approval_label_put(struct pg *pg, struct arena *arena, const struct ecosystem_row *repository, const char *number,
                       bool stands, struct err *err);
/* Records the version that it lets pass. ERR_STALE when it was withdrawn meanwhile. */
int approval_use(struct pg *pg, struct arena *arena, int64_t id, int version, struct err *err);

#endif
