#ifndef YELLOW_STORE_DELIVERY_H
#define YELLOW_STORE_DELIVERY_H

#include "base/json.h"
#include "pg/pg.h"

/* The durable inbox: what a forge, or POST merges, asked for, and what became of it. */
struct delivery_row {
    int64_t id;
    const char *repo; /* as of struct ecosystem_row */
    const char *forge, *event, *forge_id;
    int64_t redelivery_of;        /* 0: none */
    const char *ref, *commit_oid; /* NULL until it is decided on */
    const char *state, *reason;
    int attempts, crashes, version;                 /* version 0: none */
    const char *received_at, *due_at, *finished_at; /* due_at only while it waits */
    bool claimed;
    json_t *findings; /* of delivery_get; NULL: none */
};

struct delivery_new {
    const char *ecosystem, *forge, *event, *forge_id, *content_type;
    struct str payload;
    const char *repo; /* as of struct ecosystem_row */
};

/* Makes it durable and wakes the workers. *fresh is false when the forge sent it before: *id is the first one's then.
 * ERR_CONFLICT for an unknown ecosystem. */
int delivery_add(struct pg *pg, struct arena *arena, const struct delivery_new *delivery, int64_t *id, bool *fresh,
                 struct err *err);
/* ERR_NOT_FOUND that names it. */
int delivery_get(struct pg *pg, struct arena *arena, const char *ecosystem, int64_t id, struct delivery_row *out,
                 struct err *err);

struct delivery_filter {
    const char *state, *event; /* NULL: any */
    int64_t before;            /* those with a smaller id; 0: all */
};
/* Newest first, at most limit, without findings. */
int delivery_list(struct pg *pg, struct arena *arena, const char *ecosystem, const struct delivery_filter *filter,
                  size_t limit, struct delivery_row **out, size_t *count, struct err *err);
/* A new delivery of the same bytes; in a transaction. ERR_CONFLICT while the old one has no outcome yet. */
int delivery_redeliver(struct pg *pg, struct arena *arena, const char *ecosystem, int64_t id, int64_t *made,
                       struct err *err);

/* Work on one delivery. `by` is unique to the claim and is asked for again by every write. */
struct delivery_claim {
    int64_t id;
    const char *by;
    const char *ecosystem, *repo, *forge, *event, *content_type;
    struct str payload;
    int attempts, crashes;
    const char *at; /* the database's time of the claim */
    int64_t age_ms; /* since it was received */
};
/* *found is false when there is nothing to do now. The attempt is counted and durable when this returns. */
int delivery_claim(struct pg *pg, struct arena *arena, const char *by, int64_t lease_ms, struct delivery_claim *out,
                   bool *found, struct err *err);
/* Makes the claims of n holders last lease_ms from now. */
int delivery_renew(struct pg *pg, struct arena *arena, const char *const *by, size_t n, int64_t lease_ms,
                   struct err *err);
/* Frees claims whose holder is gone and counts the crash; the crash_limit-th quarantines the delivery (with its audit
 * row). In a transaction. */
int delivery_expire(struct pg *pg, struct arena *arena, int crash_limit, struct err *err);
/* How many wait for their outcome, and the age of the oldest in seconds. */
int delivery_backlog(struct pg *pg, struct arena *arena, int64_t *count, int64_t *oldest_s, struct err *err);
/* Ends the claims whose holder's name begins with "instance/": its process is dead. delivery_expire does the rest. */
int delivery_abandon(struct pg *pg, struct arena *arena, const char *instance, struct err *err);
/* Gives the claim back without an outcome: due again after delay_ms, with the reason to be seen meanwhile.
 * ERR_CONFLICT when the claim is lost. */
int delivery_release(struct pg *pg, struct arena *arena, const struct delivery_claim *claim, int64_t delay_ms,
                     const char *reason, struct err *err);
/* Gives back what a claim by that name has got, if anything: when its answer was lost nobody knows. */
int delivery_forget(struct pg *pg, struct arena *arena, const char *by, const char *reason, struct err *err);
/* As delivery_release, and counts as a crash: what went wrong is a defect. In a transaction. */
int delivery_fail(struct pg *pg, struct arena *arena, const struct delivery_claim *claim, int64_t delay_ms,
                  int crash_limit, const char *reason, struct err *err);

struct delivery_outcome {
    const char *state;  /* merged, planned, held, rejected, ignored, superseded */
    const char *reason; /* NULL: none */
    const char *shown;  /* what a forge shows of it; NULL: the reason */
    const char *ref, *commit_oid;
    int version; /* that holds the commit; 0: none */
    const json_t *findings;
};
/* The outcome, once, with its audit row; in a transaction. ERR_CONFLICT when the claim is lost. */
int delivery_finish(struct pg *pg, struct arena *arena, const struct delivery_claim *claim,
                    const struct delivery_outcome *outcome, struct err *err);

/* What is known of the head that was decided on after the delivery came. */
struct delivery_decided {
    const char *head_oid;
    int64_t delivery;
    const char *state, *reason; /* of the delivery that decided on it; reason may be NULL */
    int version;
    json_t *findings;
    int64_t after_ms; /* how long after the delivery came the fetch of the head began */
};
int delivery_decided(struct pg *pg, struct arena *arena, int64_t id, struct delivery_decided *out, bool *found,
                     struct err *err);
/* How long nothing will be due, in milliseconds; max when nothing waits. */
int delivery_wait(struct pg *pg, struct arena *arena, int64_t max, int64_t *out, struct err *err);

#endif
