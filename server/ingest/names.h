#ifndef YELLOW_INGEST_NAMES_H
#define YELLOW_INGEST_NAMES_H

#include "ingest/work.h"
#include "pg/pg.h"

/* The list of names that are not their parts alone (naming.h), for people who look for them: yellow.names. */

/* Does nothing for a name that is. */
int names_put(struct pg *pg, struct arena *arena, const char *name, const char *const *parts, size_t n,
              struct err *err);
/* The table of a dataset and its schema. */
int names_put_table(struct pg *pg, struct arena *arena, const struct work *work, const struct work_dataset *dataset,
                    struct err *err);

#endif
