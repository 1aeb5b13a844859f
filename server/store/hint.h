#ifndef YELLOW_STORE_HINT_H
#define YELLOW_STORE_HINT_H

#include "model/job.h"
#include "pg/pg.h"

/* Hints set through the API: one row a job, kept when the job retires and in force again when it comes back. */
struct hint_row {
    int64_t revision;        /* 0: there is no hint */
    struct resources values; /* any of the four */
    const char *updated_by, *updated_at;
};

/* Which job a row belongs to: the names that address it in the API. */
struct job_key {
    const char *ecosystem;
    enum job_kind kind;
    const char *platform, *name;
};
/* "stream YellowLive/customers": how messages and audit rows name it; on the arena. */
const char *job_key_text(struct arena *arena, const struct job_key *key);

/* One map of an ecosystem's hints, for the merge: "kind platform name" -> struct resources. */
int hint_store_all(struct pg *pg, struct arena *arena, const char *ecosystem, struct map *out, struct err *err);
const struct resources *hint_find(const struct map *hints, struct arena *arena, enum job_kind kind,
                                  const char *platform, const char *name);

/* To the end of the transaction: exclusive keeps every change of a hint out (the merge), shared keeps the merge out.
 * Taken before any job row is locked. */
int hint_store_lock(struct pg *pg, struct arena *arena, const char *ecosystem, bool exclusive, struct err *err);
/* Makes it or changes it; revision is that of the job row after the change. */
int hint_store_put(struct pg *pg, struct arena *arena, const struct job_key *key, const struct resources *values,
                   int64_t revision, const char *actor, struct err *err);
int hint_store_delete(struct pg *pg, struct arena *arena, const struct job_key *key, struct err *err);

#endif
