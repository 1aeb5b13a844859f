#ifndef YELLOW_INGEST_TRANSFORM_H
#define YELLOW_INGEST_TRANSFORM_H

#include "ingest/progress.h"
#include "ingest/work.h"
#include "pg/pg.h"

/* The code of a transformer (DOMAIN.md section 11): it reads its workspace's views and leaves its output in the tables
 * of naming_output_schema, one a dataset of work->store, from where the stream of that store ingests it next, in the
 * same job. work is the transformer's own order: its code is work->workspace->transformer, in SQL the text work->sql.
 * On failure what the tables had before stays, and *cause (model/cause.h) says which kind of failure it was. */
int transform_run(struct arena *arena, const struct work *work, struct pg *target, struct progress *progress,
                  const char **cause, struct err *err);

#endif
