#ifndef YELLOW_CLI_SERVE_APP_H
#define YELLOW_CLI_SERVE_APP_H

#include "cli/serve.h"

/* Everything above the database: what is kept in memory, the listener, the port. */
struct serve_app;

/* Starts it all; the port is open when it returns. Errors: the port is taken, the state folder cannot be written. */
int serve_app_start(struct serve_app **out, struct arena *arena, const struct config *config,
                    const struct serve_database *database, struct err *err);
unsigned serve_app_port(const struct serve_app *app);
/* What happens now and then, on the caller's thread: lost runs, words that follow the clock. */
void serve_app_tick(struct serve_app *app);
/* Ends requests in flight, then everything else, in the reverse order. NULL is allowed. */
void serve_app_stop(struct serve_app *app);

#endif
