#ifndef YELLOW_STORE_IDEMPOTENCY_H
#define YELLOW_STORE_IDEMPOTENCY_H

#include "pg/pg.h"

/* The answer that a creating POST with an Idempotency-Key got, kept for a day. All within the transaction of the
 * change itself: begin, then either answer as found, or do the work and save. */
struct idempotent_answer {
    int status;
    const char *location; /* NULL: none */
    struct str body;
};

/* Waits for another request with the same key. *found: it was answered before, out is that answer. The same key with
 * another request (hash) is ERR_INVALID. */
int idempotency_begin(struct pg *pg, struct arena *arena, int64_t token_id, const char *key, const char *hash,
                      struct idempotent_answer *out, bool *found, struct err *err);
int idempotency_save(struct pg *pg, struct arena *arena, int64_t token_id, const char *key, const char *hash,
                     const struct idempotent_answer *answer, struct err *err);
/* Removes those older than a day. */
int idempotency_purge(struct pg *pg, struct arena *arena, struct err *err);

#endif
