#ifndef YELLOW_CONTROL_TRANSITION_H
#define YELLOW_CONTROL_TRANSITION_H

#include "base/err.h"

#include <stddef.h>

/* The states of jobs, runs and batches, and every legal move between them, as one table. Who changes a state asks it;
 * what it does not hold is refused with ERR_CONFLICT. */
enum machine { MACHINE_JOB, MACHINE_RUN, MACHINE_BATCH };

enum event {
    EVENT_START,     /* a run takes the lease */
    EVENT_HEARTBEAT, /* it is still there */
    EVENT_INGESTED,  /* everything of the batch is staged */
    EVENT_COMMIT,    /* the merge's transaction committed */
    EVENT_FAIL,
    EVENT_CANCEL,
    EVENT_LOSE,   /* the lease passed without a heartbeat */
    EVENT_RETIRE, /* the model has no such job any more */
    EVENT_REVIVE, /* it has it again */
    EVENT_PAUSE,  /* an operator wants no more runs */
    EVENT_RESUME,
    EVENT_MAINTAIN /* a run takes the lease of what is retired, to remove what is left of it */
};

struct transition {
    enum machine machine;
    const char *from; /* "": there is none yet */
    enum event event;
    const char *to;
    const char *why;
};
extern const struct transition transitions[];
extern const size_t transition_count;

/* NULL when the table does not hold it. */
const struct transition *transition_find(enum machine machine, const char *from, enum event event);
/* The state that event leads to. ERR_CONFLICT otherwise: "run 7 is committed: it cannot heartbeat". */
int transition_move(enum machine machine, const char *object, const char *from, enum event event, const char **to,
                    struct err *err);

#endif
