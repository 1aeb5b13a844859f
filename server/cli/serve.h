#ifndef YELLOW_CLI_SERVE_H
#define YELLOW_CLI_SERVE_H

#include "cli/config.h"
#include "pg/embedded.h"
#include "pg/pool.h"

#include <pthread.h>
#include <stdatomic.h>

/* The database under the server: the cluster or URL, the pool, the migrations and the first token. It may be away: the
 * server runs, and a thread brings the tables up to date when it comes. */
struct serve_database {
    const struct config *config;
    struct pg_embedded *embedded; /* NULL with a URL */
    const char *url;
    struct pg_pool *pool;
    atomic_bool ready; /* the tables are up to date: what /readyz asks beside a connection */
    pthread_t thread;
    bool thread_runs;
    int stop; /* eventfd */
};

/* Starts the cluster, if any, makes the pool, and migrates at once when the database answers. A database that is away
 * is no error; one that must not be used (changed migrations, newer than the program) is. */
int serve_database_start(struct serve_database *database, const struct config *config, struct err *err);
/* A cluster that died is started again; called now and then by the thread that started it. */
void serve_database_check(struct serve_database *database);
void serve_database_stop(struct serve_database *database);

#endif
