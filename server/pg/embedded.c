#include "pg/embedded_internal.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/time.h"
#include "pg/pg.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { POLL_MS = 10, START_MS = 60000, FAST_MS = 30000, IMMEDIATE_MS = 10000, LOG_KEEP = 8 << 20 };

static void pause_ms(int64_t ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

/* True when pid is a postmaster on our data folder; a number alone may be anybody's by now. A zombie is not. */
static bool is_our_postmaster(const struct pg_embedded *e, pid_t pid)
{
    char path[64];
    struct stat cwd, data;
    (void)snprintf(path, sizeof path, "/proc/%d/cwd", (int)pid);
    if (stat(path, &cwd) == 0 && stat(e->data, &data) == 0)
        return cwd.st_dev == data.st_dev && cwd.st_ino == data.st_ino;
    /* Without the right to look at another user's process, its command line is still to be seen. */
    (void)snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    char line[4096];
    ssize_t len = read(fd, line, sizeof line);
    (void)close(fd);
    return len > 0 && memmem(line, (size_t)len, e->data, strlen(e->data) + 1) != NULL;
}

static bool wait_gone(const struct pg_embedded *e, pid_t pid, int64_t ms)
{
    int64_t deadline = time_monotonic_ms() + ms;
    while (is_our_postmaster(e, pid)) {
        if (time_monotonic_ms() >= deadline)
            return false;
        pause_ms(POLL_MS);
    }
    return true;
}

/* What a killed Yellow left behind: its postmaster may still run, or its pid file may name a stranger by now. */
static int stop_orphan(const struct pg_embedded *e, struct err *err)
{
    const char *path = arena_printf(e->arena, "%s/postmaster.pid", e->data);
    struct str text;
    int64_t pid;
    if (file_read(e->arena, path, 4096, &text, ERR_IGNORED) != 0 ||
        !str_int64(str_trim(str_cut(&text, '\n')), 2, INT32_MAX, &pid))
        return 0;
    if (!is_our_postmaster(e, (pid_t)pid)) {
        if (kill((pid_t)pid, 0) == 0 && unlink(path) != 0 && errno != ENOENT)
            return embedded_fail(err, "remove", path);
        return 0;
    }
    static const struct {
        int signal;
        int64_t ms;
    } steps[] = {{SIGINT, FAST_MS}, {SIGQUIT, IMMEDIATE_MS}, {SIGKILL, IMMEDIATE_MS}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (kill((pid_t)pid, steps[i].signal) != 0 && errno != ESRCH)
            return err_set(err, ERR_IO, "stop the cluster of %s (process %d): %s", e->dir, (int)pid, strerror(errno));
        if (wait_gone(e, (pid_t)pid, steps[i].ms))
            return 0;
    }
    return err_set(err, ERR_IO, "the cluster of %s (process %d) does not end", e->dir, (int)pid);
}

/* 0: there is no cluster yet. */
static int read_major(const struct pg_embedded *e, int *major, struct err *err)
{
    const char *path = arena_printf(e->arena, "%s/PG_VERSION", e->data);
    struct str text;
    int64_t value;
    *major = 0;
    if (access(e->data, F_OK) != 0)
        return 0;
    if (file_read(e->arena, path, 64, &text, ERR_IGNORED) != 0 || !str_int64(str_trim(text), 1, 1000, &value)) {
        (void)err_set(err, ERR_CONFLICT, "%s is not a PostgreSQL cluster", e->data);
        return err_hint(err, "choose an empty folder");
    }
    *major = (int)value;
    return 0;
}

/* initdb works beside and one rename makes the cluster: half a cluster is never taken for one. */
static int make_cluster(const struct pg_embedded *e, struct err *err)
{
    const char *made = arena_printf(e->arena, "%s/data.new", e->dir);
    locale_t utf8 = newlocale(LC_ALL_MASK, "C.UTF-8", (locale_t)0);
    if (utf8)
        freelocale(utf8);
    int rc = file_remove_tree(made, err);
    if (!rc)
        rc = embedded_make_dir(e, made, err);
    if (rc)
        return rc;
    const char *const argv[] = {arena_printf(e->arena, "%s/initdb", e->install.bindir),
                                "--pgdata",
                                made,
                                "--username=yellow",
                                "--encoding=UTF8",
                                utf8 ? "--locale=C.UTF-8" : "--locale=C",
                                "--auth=trust",
                                "--no-instructions",
                                e->no_sync ? "--no-sync" : NULL,
                                NULL};
    static const char *const env[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "TZ=UTC", NULL};
    struct proc_options options = {.argv = argv,
                                   .env = env,
                                   .cwd = made,
                                   .output_cap = 1 << 20,
                                   .deadline_ms = 120000,
                                   .uid = e->user ? e->uid : 0,
                                   .gid = e->user ? e->gid : 0};
    struct proc_result result;
    rc = proc_run(e->arena, &options, &result, err);
    if (rc)
        return err_prefix(err, "initdb");
    if (result.exit_code != 0) {
        struct str message = str_trim(result.errors);
        struct str line = str_cut(&message, '\n');
        return err_set(err, ERR_IO, "initdb in %s failed: " STR_FMT, e->dir, STR_ARG(line));
    }
    return rename(made, e->data) == 0 ? 0 : embedded_fail(err, "rename", made);
}

static int open_log(const struct pg_embedded *e, struct err *err)
{
    const char *path = arena_printf(e->arena, "%s/log", e->dir);
    struct stat st;
    if (stat(path, &st) == 0 && st.st_size > LOG_KEEP)
        (void)rename(path, arena_printf(e->arena, "%s.1", path));
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
    return fd >= 0 ? fd : embedded_fail(err, "open", path);
}

/* Between fork and exec: only what a signal handler may do. */
static void become_postmaster(const struct pg_embedded *e, pid_t parent, char *const argv[], int log)
{
    static char *const env[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "TZ=UTC", NULL};
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    /* A session of its own: Ctrl-C is for Yellow, which stops the cluster when it is done with it. */
    (void)setsid();
    (void)umask(077);
    int null = open("/dev/null", O_RDONLY);
    if (dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
        _exit(126);
    (void)close_range(3, ~0U, 0);
    if (e->user && (setgroups(1, &e->gid) != 0 || setgid(e->gid) != 0 || setuid(e->uid) != 0))
        _exit(126);
    /* After setuid, which clears it; the parent may be gone before it was in place. */
    if (prctl(PR_SET_PDEATHSIG, SIGINT) != 0 || getppid() != parent || chdir(e->data) != 0)
        _exit(126);
    (void)execve(argv[0], argv, env);
    _exit(127);
}

static int spawn(struct pg_embedded *e, struct err *err)
{
    char *postgres = arena_printf(e->arena, "%s/postgres", e->install.bindir);
    char *sockets = arena_printf(e->arena, "unix_socket_directories=\"%s\"", e->run);
    char *const argv[] = {
        postgres, "-D", (char *)e->data, "-c", "listen_addresses=", "-c", sockets, "-c", "unix_socket_permissions=0700",
        "-c", "port=5432", "-c", "shared_buffers=128MB", "-c", "max_connections=100", "-c", "synchronous_commit=on",
        "-c", e->no_sync ? "fsync=off" : "fsync=on", "-c", e->no_sync ? "full_page_writes=off" : "full_page_writes=on",
        "-c", "logging_collector=off", "-c", "log_destination=stderr", "-c", "log_checkpoints=off",
        /* Statements and details may hold values. */
        "-c", "log_min_error_statement=panic", "-c", "log_error_verbosity=terse", NULL};
    int log = open_log(e, err);
    if (log < 0)
        return log;
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        become_postmaster(e, parent, argv, log);
    (void)close(log);
    if (pid < 0)
        return err_set(err, ERR_IO, "start postgres: %s", strerror(errno));
    e->pid = pid;
    return 0;
}

/* True when the postmaster has ended; it is reaped then. */
static bool has_ended(struct pg_embedded *e)
{
    if (e->pid > 0 && waitpid(e->pid, NULL, WNOHANG) != 0)
        e->pid = 0;
    return e->pid == 0;
}

/* What the postmaster writes into the last line of its pid file; asking it before would only fill its log. */
static bool says_ready(const struct pg_embedded *e)
{
    struct arena *arena = arena_new();
    struct str rest = {0}, first, line = {0};
    int64_t pid = 0;
    if (file_read(arena, arena_printf(arena, "%s/postmaster.pid", e->data), 4096, &rest, ERR_IGNORED) == 0) {
        first = str_cut(&rest, '\n');
        (void)str_int64(str_trim(first), 1, INT32_MAX, &pid);
        while (rest.len)
            line = str_cut(&rest, '\n');
    }
    bool ready = pid == e->pid && str_eqz(str_trim(line), "ready");
    arena_free(arena);
    return ready;
}

static int wait_ready(struct pg_embedded *e, const char *url, int64_t deadline, struct pg **out, struct err *err)
{
    for (;;) {
        if (says_ready(e) && pg_connect(url, 2000, out, ERR_IGNORED) == 0)
            return 0;
        if (has_ended(e)) {
            (void)err_set(err, ERR_IO, "the embedded cluster in %s ended while it started", e->dir);
            return err_hint(err, "the reason is in %s/log", e->dir);
        }
        if (time_monotonic_ms() >= deadline) {
            (void)err_set(err, ERR_TIMEOUT, "the embedded cluster in %s does not accept connections yet", e->dir);
            return err_hint(err, "what it does is in %s/log", e->dir);
        }
        pause_ms(POLL_MS);
    }
}

/* As a value in the query part of a URL. */
static const char *url_escape(struct arena *arena, const char *text)
{
    struct buf *buf = buf_new(arena);
    for (const char *c = text; *c; c++) {
        bool plain =
            (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || strchr("/._-", *c);
        if (plain)
            buf_addc(buf, *c);
        else
            buf_addf(buf, "%%%02X", (unsigned char)*c);
    }
    return buf_text(buf);
}

static int make_database(struct pg_embedded *e, int64_t deadline, struct err *err)
{
    const char *host = url_escape(e->arena, e->run);
    struct pg *pg = NULL;
    struct pg_rows rows;
    int rc = wait_ready(e, arena_printf(e->arena, "postgresql://yellow@/postgres?host=%s", host), deadline, &pg, err);
    if (!rc)
        rc = pg_query(pg, e->arena, "SELECT 1 FROM pg_database WHERE datname = 'yellow'", PG_MAYBE, &rows, err);
    if (!rc && rows.count == 0)
        rc = pg_script(pg, "CREATE DATABASE yellow", err);
    pg_close(pg);
    e->url = arena_printf(e->arena, "postgresql://yellow@/yellow?host=%s", host);
    return rc;
}

int pg_embedded_start(const struct pg_embedded_options *options, struct pg_embedded **out, struct err *err)
{
    struct arena *arena = arena_new();
    struct pg_embedded *e = arena_alloc(arena, sizeof *e);
    int64_t deadline = time_monotonic_ms() + (options->deadline_ms ? options->deadline_ms : START_MS);
    int major = 0;
    e->arena = arena;
    e->no_sync = options->no_sync;
    e->lock = -1;
    int rc = embedded_prepare_dir(e, options->dir, err);
    if (!rc)
        rc = stop_orphan(e, err);
    if (!rc)
        rc = read_major(e, &major, err);
    if (!rc) {
        rc = pg_install_find(arena, major, &e->install, err);
        if (rc && major)
            rc = err_prefix(err, "%s was made by PostgreSQL %d", e->dir, major);
    }
    if (!rc)
        rc = embedded_make_socket_dir(e, err);
    if (!rc && !major)
        rc = make_cluster(e, err);
    if (!rc)
        rc = spawn(e, err);
    if (!rc)
        rc = make_database(e, deadline, err);
    if (!rc)
        rc = file_write(arena_printf(arena, "%s/url", e->dir), str_from(e->url), 0644, err);
    if (rc)
        pg_embedded_stop(e);
    else
        *out = e;
    return rc;
}

const char *pg_embedded_conninfo(const struct pg_embedded *embedded)
{
    return embedded->url;
}

int pg_embedded_revive(struct pg_embedded *embedded, bool *revived, struct err *err)
{
    *revived = false;
    if (!has_ended(embedded))
        return 0;
    int rc = spawn(embedded, err);
    *revived = rc == 0;
    return rc;
}

pid_t pg_embedded_pid(const struct pg_embedded *embedded)
{
    return embedded->pid;
}

static void stop_child(struct pg_embedded *e)
{
    static const struct {
        int signal;
        int64_t ms;
    } steps[] = {{SIGINT, FAST_MS}, {SIGQUIT, IMMEDIATE_MS}, {SIGKILL, IMMEDIATE_MS}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps && !has_ended(e); i++) {
        int64_t deadline = time_monotonic_ms() + steps[i].ms;
        (void)kill(e->pid, steps[i].signal);
        while (!has_ended(e) && time_monotonic_ms() < deadline)
            pause_ms(POLL_MS);
    }
}

void pg_embedded_stop(struct pg_embedded *embedded)
{
    if (!embedded)
        return;
    struct pg_embedded *e = embedded;
    stop_child(e);
    embedded_release_dir(e);
    arena_free(e->arena);
}

int pg_embedded_url(struct arena *arena, const char *dir, const char **url, struct err *err)
{
    struct str text;
    int rc = file_read(arena, arena_printf(arena, "%s/url", dir), 8192, &text, ERR_IGNORED);
    int fd = open(arena_printf(arena, "%s/lock", dir), O_RDONLY | O_CLOEXEC);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    bool runs = fd >= 0 && fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    if (fd >= 0)
        (void)close(fd);
    if (rc || !runs) {
        (void)err_set(err, ERR_UNAVAILABLE, "no yellow runs the embedded cluster in %s", dir);
        return err_hint(err, "start it: yellow serve --embedded-postgres %s", dir);
    }
    *url = text.data;
    return 0;
}
