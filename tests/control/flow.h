#ifndef YELLOW_TESTS_CONTROL_FLOW_H
#define YELLOW_TESTS_CONTROL_FLOW_H

#include "control/worker.h"
#include "git/kit.h"
#include "pg/cluster.h"
#include "store/delivery.h"

/* The way of a commit for one test: a database, a repository with examples/acme in it, the ecosystem acme registered
 * with one secret, and workers whose turns the test makes. */
struct flow {
    struct kit git;
    struct arena *arena;
    const char *url; /* of the database */
    struct pg *pg;   /* for looking */
    struct pg_pool *pool;
    struct snapshots *snapshots;
    struct commit_models *models;
    struct stack_library *library;
    struct commit_worker_options options;
    struct commit_workers *workers;
    struct err err;
};

extern const char flow_secret[];

void flow_init(struct flow *flow);
void flow_dispose(struct flow *flow);
/* Pushes the example as it stands in work, after the shell line edit (NULL: none) has changed it there. */
const char *flow_push(struct flow *flow, const char *edit);
/* GitHub's payload of a push of commit to ref; on the arena. */
struct str flow_payload(struct flow *flow, const char *ref, const char *commit);
/* What GitHub sends as X-Hub-Signature-256. */
const char *flow_signature(struct flow *flow, struct str body);
/* Receives a signed webhook and gives its id. */
int64_t flow_receive(struct flow *flow, const char *event, const char *forge_id, struct str body);
/* The same from another forge. */
int64_t flow_receive_from(struct flow *flow, const char *name, const char *event, const char *forge_id,
                          struct str body);
/* The push of commit to main, received. */
int64_t flow_receive_push(struct flow *flow, const char *commit);
/* Turns of a worker until nothing is due; how many there were. */
size_t flow_work(struct flow *flow);
struct delivery_row flow_delivery(struct flow *flow, int64_t id);
/* The single value of a query. */
const char *flow_value(struct flow *flow, const char *sql);
void flow_sql(struct flow *flow, const char *sql);
/* Asserts the state and the reason (NULL: none) of a delivery. */
void flow_expect(struct flow *flow, int64_t id, const char *state, const char *reason);

#endif
