#ifndef YELLOW_PG_MIGRATE_H
#define YELLOW_PG_MIGRATE_H

#include "base/embed.h"
#include "pg/pg.h"

/* Called after each migration was committed. */
typedef void pg_migrate_report_fn(void *ctx, int version, const char *name);

/* Applies the migrations/NNNN_name.sql among files (others are left out), in order, from 0001 without gaps, each in its
 * own transaction under an advisory lock, and writes them down in schema_migrations. Another process that migrates at
 * the same time waits, and finds nothing to do. Never waits for a table lock longer than some seconds (ERR_BUSY: try
 * again). ERR_CONFLICT when an applied migration was changed since or the database is newer than files. report may be
 * NULL. */
int pg_migrate(struct pg *pg, struct arena *arena, const struct embed_file *files, size_t count,
               pg_migrate_report_fn *report, void *ctx, struct err *err);

#endif
