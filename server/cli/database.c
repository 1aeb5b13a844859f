#include "cli/database.h"

int database_choose(const struct config *config, const char **embedded, struct err *err)
{
    const struct config_value *url = &config->values[CONFIG_DATABASE], *dir = &config->values[CONFIG_EMBEDDED];
    if (!*url->text && !*dir->text) {
        (void)err_set(err, ERR_USAGE, "no database is set");
        return err_hint(err, "--embedded-postgres DIR for a private one, or --database URL");
    }
    if (*url->text && *dir->text && url->rank == dir->rank)
        return err_set(err, ERR_USAGE, "both a database and an embedded one are set (%s, %s)", url->origin,
                       dir->origin);
    *embedded = *dir->text && dir->rank >= url->rank ? dir->text : NULL;
    if (*dir->text && !*url->text)
        *embedded = dir->text;
    return 0;
}

int database_open(const struct cli_args *args, struct database *out, struct err *err)
{
    struct config config;
    const char *dir = NULL, *url = NULL;
    *out = (struct database){0};
    int rc = config_load(args, NULL, &config, err);
    if (!rc)
        rc = database_choose(&config, &dir, err);
    if (!rc)
        url = config_text(&config, CONFIG_DATABASE);
    if (!rc && dir && pg_embedded_url(args->arena, dir, &url, ERR_IGNORED) != 0) {
        rc = pg_embedded_start(&(struct pg_embedded_options){.dir = dir}, &out->embedded, err);
        url = rc ? NULL : pg_embedded_conninfo(out->embedded);
    }
    if (!rc)
        rc = pg_connect(url, config_number(&config, CONFIG_CONNECT_DEADLINE), &out->pg, err);
    if (rc)
        database_close(out);
    return rc;
}

void database_close(struct database *database)
{
    pg_close(database->pg);
    pg_embedded_stop(database->embedded);
    *database = (struct database){0};
}

int database_explain(int rc, struct err *err)
{
    return rc && strcmp(err->sqlstate, "42P01") == 0 ? err_hint(err, "run yellow migrate first") : rc;
}
