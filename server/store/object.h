#ifndef YELLOW_STORE_OBJECT_H
#define YELLOW_STORE_OBJECT_H

#include "model/model.h"
#include "pg/pg.h"

/* Objects and files of a model by the versions they came in and went out. */

/* Writes the difference between two models as version: what is new or changed comes in, what is gone or changed goes
 * out; rows of equal objects are not touched. from may be NULL. In the merge's transaction. */
int object_apply(struct pg *pg, struct arena *arena, const char *ecosystem, int version, const struct model *from,
                 const struct model *to, struct err *err);
/* The model of a version; ERR_INTERNAL when what is stored does not load. former: the model of an older version, which
 * is known: only what came and went since is read. NULL: all is. */
int object_load(struct pg *pg, struct arena *arena, const char *ecosystem, int version, const struct model *former,
                int former_version, struct model **out, struct err *err);

#endif
