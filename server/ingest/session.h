#ifndef YELLOW_INGEST_SESSION_H
#define YELLOW_INGEST_SESSION_H

#include "pg/pg.h"

/* What a session of a source or a merge database is like, whatever its role's and its database's own settings are
 * (beside those of pg_connect: time zone, forms of dates, intervals and bytes): nothing that somebody sets there may
 * change what a batch reads or writes. A statement may take as long as it needs, a lock that somebody holds may not.
 * Names mean what PostgreSQL itself has by them: whoever may create in a schema on the search_path could otherwise put
 * his own unnest(text[]) before the one of pg_catalog, to run with the credential's rights. Policies of rows that the
 * owner has made for the credential's role hold. */
int session_settle(struct pg *pg, struct err *err);
/* The same as libpq's `options`, for a session that another program opens: all of pg_connect's and of session_settle's,
 * but the search path, for a server of this version (PQserverVersion). On the arena. */
const char *session_options(struct arena *arena, int version);

#endif
