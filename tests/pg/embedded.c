#include "pg/embedded.h"

#include "base/file.h"
#include "pg/cluster.h"

#include <criterion/criterion.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct arena *arena;
static struct err err;
static char folder[32];
static const char *dir;

static void setup(void)
{
    arena = arena_new();
    err = (struct err){0};
    (void)snprintf(folder, sizeof folder, "/tmp/yellow-test-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chmod(folder, 0755), 0);
    dir = arena_printf(arena, "%s/cluster", folder);
}

static void teardown(void)
{
    cr_assert_eq(file_remove_tree(folder, &err), 0, "%s", err.text);
    arena_free(arena);
}

TestSuite(embedded, .init = setup, .fini = teardown);

static struct pg_embedded *start(void)
{
    struct pg_embedded *cluster = NULL;
    cr_assert_eq(pg_embedded_start(&(struct pg_embedded_options){.dir = dir, .no_sync = true}, &cluster, &err), 0,
                 "%s (%s)", err.text, err.hint);
    return cluster;
}

static int start_code(const char *where)
{
    struct pg_embedded *cluster = NULL;
    err = (struct err){0};
    return pg_embedded_start(&(struct pg_embedded_options){.dir = where, .no_sync = true}, &cluster, &err);
}

static void run(struct pg_embedded *cluster, const char *sql)
{
    struct pg *pg = test_connect(pg_embedded_conninfo(cluster));
    cr_assert_eq(pg_script(pg, sql, &err), 0, "%s", err.text);
    pg_close(pg);
}

Test(embedded, a_cluster_keeps_its_data_and_belongs_to_one)
{
    const char *url = NULL;
    struct stat st;
    struct pg_embedded *cluster = start();
    run(cluster, "CREATE TABLE kept (a int)");
    cr_assert_eq(stat(arena_printf(arena, "%s/run", dir), &st), 0);
    cr_assert_eq(st.st_mode & 07777, 0700);
    cr_assert_eq(pg_embedded_url(arena, dir, &url, &err), 0, "%s", err.text);
    cr_assert_str_eq(url, pg_embedded_conninfo(cluster));
    cr_assert_str_eq(url, arena_printf(arena, "postgresql://yellow@/yellow?host=%s/run", dir));

    cr_assert_eq(start_code(dir), -ERR_CONFLICT);
    cr_assert_str_eq(err.text, arena_printf(arena, "%s belongs to a running yellow (process %d)", dir, (int)getpid()));
    cr_assert_str_eq(err.hint, "stop it, or choose another folder");

    pid_t pid = pg_embedded_pid(cluster);
    pg_embedded_stop(cluster);
    cr_assert_eq(kill(pid, 0), -1);
    cr_assert_eq(pg_embedded_url(arena, dir, &url, &err), -ERR_UNAVAILABLE);
    cr_assert_str_eq(err.text, arena_printf(arena, "no yellow runs the embedded cluster in %s", dir));

    cluster = start();
    run(cluster, "INSERT INTO kept VALUES (1)");
    pg_embedded_stop(cluster);

    cr_assert_eq(file_write(arena_printf(arena, "%s/data/PG_VERSION", dir), STR("9\n"), 0644, &err), 0);
    cr_assert_eq(start_code(dir), -ERR_IO);
    cr_assert_str_eq(err.text,
                     arena_printf(arena, "%s was made by PostgreSQL 9: no PostgreSQL 9 server is installed", dir));
}

/* A process of its own that owns the cluster until it is killed; returns when the cluster runs. */
static pid_t start_owner(uid_t uid, gid_t gid)
{
    int ready[2];
    char byte = 0;
    cr_assert_eq(pipe(ready), 0);
    pid_t owner = fork();
    if (owner == 0) {
        if (uid && (setgid(gid) != 0 || setuid(uid) != 0))
            _exit(1);
        if (start_code(dir) != 0)
            _exit(2);
        (void)!write(ready[1], "r", 1);
        for (;;)
            (void)pause();
    }
    (void)close(ready[1]);
    cr_assert_eq(read(ready[0], &byte, 1), 1, "the owner could not start");
    (void)close(ready[0]);
    return owner;
}

Test(embedded, the_cluster_of_a_killed_owner_is_taken_over)
{
    pid_t owner = start_owner(0, 0);
    const char *url = NULL;
    cr_assert_eq(pg_embedded_url(arena, dir, &url, &err), 0, "%s", err.text);
    struct pg *pg = test_connect(url);
    cr_assert_eq(pg_script(pg, "CREATE TABLE kept (a int); INSERT INTO kept VALUES (1)", &err), 0, "%s", err.text);
    cr_assert_eq(kill(owner, SIGKILL), 0);
    cr_assert_eq(waitpid(owner, NULL, 0), owner);

    struct pg_embedded *cluster = start();
    run(cluster, "INSERT INTO kept VALUES (2)");
    cr_assert_eq(pg_script(pg, "SELECT 1", &err), -ERR_UNAVAILABLE);
    pg_close(pg);

    /* The postmaster alone dies: its pid file stays, and may name anybody later. */
    pid_t pid = pg_embedded_pid(cluster);
    bool revived = false;
    siginfo_t info;
    cr_assert_eq(kill(pid, SIGKILL), 0);
    cr_assert_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    cr_assert_eq(pg_embedded_revive(cluster, &revived, &err), 0, "%s", err.text);
    cr_assert(revived);
    cr_assert_eq(pg_embedded_revive(cluster, &revived, &err), 0, "%s", err.text);
    cr_assert_not(revived);
    pg_embedded_stop(cluster);

    cr_assert_eq(file_write(arena_printf(arena, "%s/data/postmaster.pid", dir),
                            str_from(arena_printf(arena, "%d\n%s/data\n", (int)getpid(), dir)), 0644, &err),
                 0);
    cluster = start();
    run(cluster, "INSERT INTO kept VALUES (3)");
    pg_embedded_stop(cluster);
}

Test(embedded, a_path_too_long_for_a_socket_gets_a_short_folder)
{
    char name[120];
    const char *url = NULL;
    struct str recorded;
    memset(name, 'x', sizeof name);
    dir = arena_printf(arena, "%s/%.*s", folder, (int)sizeof name, name);
    struct pg_embedded *cluster = start();
    run(cluster, "SELECT 1");
    const char *record = arena_printf(arena, "%s/socket-dir", dir);
    cr_assert_eq(file_read(arena, record, 100, &recorded, &err), 0, "%s", err.text);
    cr_assert(str_starts(recorded, STR("/tmp/yellow-")));
    cr_assert_eq(pg_embedded_url(arena, dir, &url, &err), 0, "%s", err.text);
    cr_assert_str_eq(url, arena_printf(arena, "postgresql://yellow@/yellow?host=%s", recorded.data));
    pg_embedded_stop(cluster);
    cr_assert_eq(access(recorded.data, F_OK), -1);
    cr_assert_eq(access(record, F_OK), -1);
}

Test(embedded, an_ordinary_user_owns_its_cluster)
{
    struct passwd *user = geteuid() == 0 ? getpwnam("nobody") : NULL;
    if (!user) {
        teardown(); /* not called for a test that is skipped */
        cr_skip_test("needs root");
    }
    cr_assert_eq(chown(folder, user->pw_uid, user->pw_gid), 0);
    pid_t owner = start_owner(user->pw_uid, user->pw_gid);
    struct stat st;
    cr_assert_eq(stat(arena_printf(arena, "%s/data", dir), &st), 0);
    cr_assert_eq(st.st_uid, user->pw_uid);
    cr_assert_eq(kill(owner, SIGKILL), 0);
    cr_assert_eq(waitpid(owner, NULL, 0), owner);
    /* Waits for the end of the cluster, and takes it over as root. */
    pg_embedded_stop(start());
}

Test(embedded, what_is_in_the_way_is_said)
{
    const char *data = arena_printf(arena, "%s/data", dir);
    cr_assert_eq(file_make_dirs(data, 0755, &err), 0);
    cr_assert_eq(start_code(dir), -ERR_CONFLICT);
    cr_assert_str_eq(err.text, arena_printf(arena, "%s is not a PostgreSQL cluster", data));
    cr_assert_str_eq(err.hint, "choose an empty folder");

    cr_assert_eq(start_code(arena_printf(arena, "%s/a,b", folder)), -ERR_INVALID);
    cr_assert_str_eq(
        err.text,
        arena_printf(arena, "%s/a,b: a quote, comma or backslash in the path of an embedded cluster", folder));
    if (geteuid() != 0)
        return;
    cr_assert_eq(chmod(folder, 0700), 0);
    cr_assert_eq(start_code(dir), -ERR_IO);
    const char *user = getpwnam("postgres") ? "postgres" : "nobody";
    cr_assert_str_eq(err.text, arena_printf(arena, "user %s cannot enter %s, as the embedded cluster in %s needs", user,
                                            folder, dir));
    cr_assert_str_eq(err.hint, arena_printf(arena, "choose a folder below /var/lib, or: chmod o+x %s", folder));
}
