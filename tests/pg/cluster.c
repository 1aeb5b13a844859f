#include "pg/cluster.h"

#include "base/file.h"
#include "pg/embedded.h"
#include "pg/migrate.h"

#include <criterion/criterion.h>
#include <criterion/hooks.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char variable[] = "YELLOW_TEST_DATABASE";
static struct pg_embedded *cluster;
static char folder[] = "/tmp/yellow-test-XXXXXX";

static void give_up(const char *what, const struct err *err)
{
    (void)fprintf(stderr, "test cluster: %s: %s%s%s\n", what, err->text, *err->hint ? "; hint: " : "", err->hint);
    pg_embedded_stop(cluster);
    exit(3);
}

/* The URL of another database of the same cluster. */
static const char *with_database(struct arena *arena, const char *url, const char *name)
{
    const char *query = strchr(url, '?');
    return arena_printf(arena, "postgresql://yellow@/%s%s", name, query ? query : "");
}

static void make_template(struct arena *arena, const char *url)
{
    struct err err = {0};
    struct pg *pg = NULL;
    int rc = pg_connect(url, 10000, &pg, &err);
    if (!rc)
        rc = pg_script(pg, "CREATE DATABASE migrated", &err);
    pg_close(pg);
    pg = NULL;
    if (!rc)
        rc = pg_connect(with_database(arena, url, "migrated"), 10000, &pg, &err);
    if (!rc)
        rc = pg_migrate(pg, arena, embed_files, embed_file_count, NULL, NULL, &err);
    pg_close(pg);
    if (rc)
        give_up("migrate", &err);
}

ReportHook(PRE_ALL)(struct criterion_test_set *tests)
{
    struct err err = {0};
    struct arena *arena = arena_new();
    (void)tests;
    if (!mkdtemp(folder) || chmod(folder, 0755) != 0) {
        perror(folder);
        exit(3);
    }
    const char *dir = arena_printf(arena, "%s/cluster", folder);
    if (pg_embedded_start(&(struct pg_embedded_options){.dir = dir, .no_sync = true}, &cluster, &err) != 0)
        give_up("start", &err);
    make_template(arena, pg_embedded_conninfo(cluster));
    (void)setenv(variable, pg_embedded_conninfo(cluster), 1);
    arena_free(arena);
}

ReportHook(POST_ALL)(struct criterion_global_stats *stats)
{
    (void)stats;
    pg_embedded_stop(cluster);
    cluster = NULL;
    (void)file_remove_tree(folder, ERR_IGNORED);
}

const char *test_cluster_url(void)
{
    const char *url = getenv(variable);
    cr_assert_not_null(url, "the cluster of the tests is not running");
    return url;
}

struct pg *test_connect(const char *url)
{
    struct err err = {0};
    struct pg *pg = NULL;
    cr_assert_eq(pg_connect(url, 10000, &pg, &err), 0, "%s", err.text);
    return pg;
}

static const char *make_database(struct arena *arena, const char *template)
{
    static unsigned count;
    struct err err = {0};
    struct pg *pg = test_connect(test_cluster_url());
    const char *name = arena_printf(arena, "t%d_%u", (int)getpid(), count++);
    cr_assert_eq(pg_script(pg, arena_printf(arena, "CREATE DATABASE %s TEMPLATE %s", name, template), &err), 0, "%s",
                 err.text);
    pg_close(pg);
    return with_database(arena, test_cluster_url(), name);
}

const char *test_database(struct arena *arena)
{
    return make_database(arena, "migrated");
}

const char *test_empty_database(struct arena *arena)
{
    return make_database(arena, "template0");
}
