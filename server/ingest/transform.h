#ifndef YELLOW_INGEST_TRANSFORM_H
#define YELLOW_INGEST_TRANSFORM_H

#include "ingest/progress.h"
#include "ingest/server.h"
#include "ingest/work.h"
#include "pg/pg.h"

/* The code of a transformer (DOMAIN.md section 11): it reads its workspace's views and leaves its output in the tables
 * of naming_output_schema, one a dataset of work->store, from where the stream of that store ingests it next, in the
 * same job. work is the transformer's own order: its code is work->workspace->transformer, in SQL the text work->sql.
 *
 * It runs as a role of its own (the name of the output schema) that reads the workspace's views and writes the new
 * output, with both on its search_path: that keeps mistakes from the rest of the database. It begins with empty tables;
 * they take the place of the last output when all of it succeeded, in one transaction. On failure the last output
 * stays, and *cause (model/cause.h) says which kind of failure it was; cause_lost: a newer run has the transformer
 * (ingest/output.h). target: for Yellow's own statements; the transformer's SQL never runs on it. */
struct transform_options {
    const struct server *server;                                 /* where Python code is got from */
    int (*connect)(void *ctx, struct pg **out, struct err *err); /* another connection to the merge database */
    void *ctx;
    int64_t *seen_fence; /* of the newer run that had the transformer before this one began; else 0 */
};
int transform_run(struct arena *arena, const struct work *work, struct pg *target,
                  const struct transform_options *options, struct progress *progress, const char **cause,
                  struct err *err);

/* A program in a process of its own: Python of a repository at a commit, a container's command. schema: of the new
 * output. version: of the merge database's server. Libpq's settings are in its environment: PGSERVICE, PGSERVICEFILE.
 */
int transform_child(struct arena *arena, const struct work *work, const char *schema, int version,
                    const struct server *server, struct progress *progress, const char **cause, struct err *err);

#endif
