#ifndef YELLOW_CLI_DATABASE_H
#define YELLOW_CLI_DATABASE_H

#include "cli/config.h"
#include "pg/embedded.h"
#include "pg/pg.h"

/* The database that the settings name: a URL, or a private cluster. */

/* Which of the two holds, by where they were set (a flag wins over a variable, that over the file): *embedded is its
 * folder, or NULL for the URL. ERR_USAGE when there is neither, or both from the same place. */
int database_choose(const struct config *config, const char **embedded, struct err *err);

/* A connection for a command. */
struct database {
    struct pg_embedded *embedded; /* started for this command, NULL otherwise */
    struct pg *pg;
};
/* Connects to the URL, to the cluster that a server runs, or to a cluster that is started until database_close, as the
 * command's flags, the environment and the file say. */
int database_open(const struct cli_args *args, struct database *out, struct err *err);
void database_close(struct database *database);

/* Returns rc, the result of a statement; missing tables, which the server or `yellow migrate` makes, get a hint. */
int database_explain(int rc, struct err *err);

#endif
