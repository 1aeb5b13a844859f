#ifndef YELLOW_STORE_OPERATION_H
#define YELLOW_STORE_OPERATION_H

#include "store/job.h"

/* What operators write. Writers hold the job's lock (job_store_lock). */

/* Writes state, cause, message and operation of row; ask_run by somebody: "run now". The revision grows. */
int operation_store_write(struct pg *pg, struct arena *arena, const struct job_row *row, const char *ask_run,
                          struct err *err);
/* A run did operation id: it is pending no longer. */
int operation_store_done(struct pg *pg, struct arena *arena, int64_t job, int64_t id, struct err *err);
int operation_store_cancel(struct pg *pg, struct arena *arena, int64_t run, const char *by, struct err *err);
/* Of a committed batch; *found false when there is none of that number. */
int operation_store_watermark(struct pg *pg, struct arena *arena, int64_t job, int64_t batch, const char **out,
                              bool *found, struct err *err);
/* Whether one watermark stands behind another one of a column that has numbers, or dates and times. ERR_INVALID when it
 * is none: the transaction is of no use then. */
int operation_store_is_later(struct pg *pg, struct arena *arena, bool number, const char *watermark, const char *other,
                             bool *out, struct err *err);

#endif
