#ifndef YELLOW_STORE_REPOSITORY_H
#define YELLOW_STORE_REPOSITORY_H

#include "store/ecosystem.h"

/* The repositories of an ecosystem. Whoever works for one reads it here, the ecosystem's own ("") and the others alike.
 */

/* ERR_NOT_FOUND that names the ecosystem, or the repository. */
int repository_get(struct pg *pg, struct arena *arena, const char *ecosystem, const char *repo,
                   struct ecosystem_row *out, struct err *err);
/* Those beside its own, by name, after the name `after` ("" for all), at most limit. */
int repository_list(struct pg *pg, struct arena *arena, const char *ecosystem, const char *after, size_t limit,
                    struct ecosystem_row **out, size_t *count, struct err *err);
/* ERR_CONFLICT when another repository, beside its own, has row's branch and its address or name. */
int repository_check_others(struct pg *pg, struct arena *arena, const struct ecosystem_row *row, struct err *err);
/* Writes row beside the ecosystem's own, under ecosystem_lock. */
int repository_create(struct pg *pg, struct arena *arena, const struct ecosystem_row *row, struct err *err);
/* The same for one that is there at row->revision; ERR_STALE when it has another one by now. */
int repository_update(struct pg *pg, struct arena *arena, const struct ecosystem_row *row, struct err *err);
/* ERR_CONFLICT that names what is in force of it. */
int repository_delete(struct pg *pg, struct arena *arena, const struct ecosystem_row *row, struct err *err);
/* The names of at most limit repositories, other than `but`, whose decided head is not in force and that are not asked
 * to look at it again already. */
int repository_again(struct pg *pg, struct arena *arena, const char *ecosystem, const char *but, size_t limit,
                     const char *const **out, size_t *count, struct err *err);
/* A repository whose objects the version has and which is registered no more; NULL: there is none. */
int repository_lost(struct pg *pg, struct arena *arena, const char *ecosystem, int version, const char **out,
                    struct err *err);

/* For statements that have the columns of repository_get. */
int repository_read_rows(struct arena *arena, const struct pg_rows *rows, struct ecosystem_row **out, size_t *count,
                         struct err *err);

#endif
