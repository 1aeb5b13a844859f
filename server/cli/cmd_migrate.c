#include "cli/command.h"
#include "cli/database.h"
#include "pg/migrate.h"

static void report(void *ctx, int version, const char *name)
{
    (void)printf("applied %04d_%s\n", version, name);
    ++*(int *)ctx;
}

static int run(const struct cli_args *args, struct err *err)
{
    struct database database = {0};
    int applied = 0;
    int rc = database_open(args, &database, err);
    if (!rc)
        rc = pg_migrate(database.pg, args->arena, embed_files, embed_file_count, report, &applied, err);
    if (!rc && !applied)
        (void)puts("nothing to do");
    database_close(&database);
    return rc;
}

const struct command cmd_migrate = {
    .name = "migrate", .summary = "bring the database's tables up to date", .settings = CONFIG_OF_DATABASE, .run = run};
