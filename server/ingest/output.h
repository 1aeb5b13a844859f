#ifndef YELLOW_INGEST_OUTPUT_H
#define YELLOW_INGEST_OUTPUT_H

#include "ingest/work.h"
#include "pg/pg.h"

/* The tables that a transformer writes. The new output of a run is made in a schema of its own, named after the run's
 * fence, by a role of the transformer's own; it takes the place of the last output when all of it is there. The merge
 * database knows the newest run that began (yellow.transformers): an older one, paused or cut off, can neither write
 * into the newer one's tables nor publish its own. */
struct output {
    struct arena *arena;
    const struct work *work;
    struct pg *pg;
    const char *last, *next; /* schemas; the first is the role's name too */
    int64_t id;              /* in yellow.transformers */
    int64_t seen_fence;      /* the newer run's, when this one has lost the transformer */
};

/* What sessions are called that read the last output: who publishes ends those of older runs. */
extern const char output_reader[];

struct output output_of(struct arena *arena, const struct work *work, struct pg *pg);
/* Takes the transformer for this run: ends what older runs have open, drops what they left, makes the role and empty
 * tables. Committed on return. ERR_CONFLICT: a newer run has it, *lost. */
int output_begin(struct output *output, bool *lost, struct err *err);
/* The new output takes the place of the last, in one transaction that this opens and the caller commits. ERR_CONFLICT
 * as above. */
int output_publish(struct output *output, bool *lost, struct err *err);
/* After a failure: what was made goes, as far as that can be done at once. */
void output_forget(struct output *output);

#endif
