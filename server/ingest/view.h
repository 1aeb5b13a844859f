#ifndef YELLOW_INGEST_VIEW_H
#define YELLOW_INGEST_VIEW_H

#include "ingest/work.h"
#include "pg/pg.h"

/* What consumers read (DOMAIN.md section 10): for each group and sink a view with the dataset's columns over the live
 * rows; on a milestoned platform a full view (yellow_batch_in, yellow_batch_out, the columns) and a function
 * (batch integer) that gives the rows as of that batch. Each workspace has a role that may SELECT from its views and
 * from nothing else. yellow.views holds what was made, so that what nobody wants any more goes, and that a batch in
 * which nothing changed costs one query and no DDL. */

struct view_scope {
    const struct work_dataset *datasets; /* whose views these are: others over the same tables go */
    size_t dataset_count;
    const struct work_view *views;
    size_t view_count;
    const char *const *schemas; /* of whole platforms: views over any other table in them go, too */
    size_t schema_count;
};

struct view_change {
    const char *action;        /* "create", "change", "drop", "wait" */
    const char *schema, *name; /* of the view or function */
    const char *why;
};
struct view_changes {
    struct view_change *items;
    size_t count;
};

/* Makes the views as the scope wants them, inside the caller's transaction; each of the tables is as its dataset says,
 * or its views wait for its next batch. dry: says what would be done. ERR_CONFLICT names what stands in the way:
 * objects of consumers that depend on a view, a name that is taken, the right to make roles. */
int view_reconcile(struct pg *pg, struct arena *arena, const struct view_scope *scope, bool dry,
                   struct view_changes *out, struct err *err);
/* The same for the views over a stream's tables: what a batch calls in its last transaction, after the tables are as
 * the work order has them. */
int view_apply(struct pg *pg, struct arena *arena, const struct work *work, struct err *err);

#endif
