#ifndef YELLOW_INGEST_SESSION_H
#define YELLOW_INGEST_SESSION_H

#include "pg/pg.h"

/* What a session of a source or a merge database is like, whatever its role's and its database's own settings are
 * (beside those of pg_connect: time zone, forms of dates, intervals and bytes): nothing that somebody sets there may
 * change what a batch reads or writes. A statement may take as long as it needs, a lock that somebody holds may not. A
 * table without a schema is looked for where PostgreSQL does by itself; policies of rows that the owner has made for
 * the credential's role hold. */
int session_settle(struct pg *pg, struct err *err);

#endif
