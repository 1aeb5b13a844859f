#ifndef YELLOW_TESTS_PG_CLUSTER_H
#define YELLOW_TESTS_PG_CLUSTER_H

#include "base/arena.h"
#include "pg/pg.h"

/* A throwaway PostgreSQL for a test program: add tests/pg/cluster.c to its sources, and hooks start a cluster before
 * the first test and stop it after the last. Tests run in processes of their own and find it in the environment. */

/* The cluster's URL; its database is empty. */
const char *test_cluster_url(void);
/* The URL of a new database of the cluster with all migrations applied, on the arena. Some ten milliseconds. */
const char *test_database(struct arena *arena);
/* A new database without anything in it. */
const char *test_empty_database(struct arena *arena);
/* A connection to url; a failure fails the test. Close with pg_close. */
struct pg *test_connect(const char *url);

#endif
