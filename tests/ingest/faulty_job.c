/* A job that dies, or stands still, at the n-th call of libpq: `yellow job run` for tests/e2e/faults.py.
 *
 *   faulty_job ECOSYSTEM PLATFORM STREAM
 *
 * FAULT_KILL=N: SIGKILL before call N. FAULT_STOP=N: SIGSTOP there. FAULT_CALLS=FILE: how many calls there were.
 * FAULT_KIND=transformer: STREAM is one. The linker puts these functions before libpq's (--wrap). */

#include "base/json.h"
#include "ingest/job.h"

#include <libpq-fe.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_long calls, kill_at, stop_at;

static void fault_point(void)
{
    long n = atomic_fetch_add(&calls, 1) + 1;
    if (n == kill_at)
        (void)kill(getpid(), SIGKILL);
    if (n == stop_at)
        (void)raise(SIGSTOP);
}

#define WRAP(type, name, parameters, arguments)                                                                        \
    type __real_##name parameters;                                                                                     \
    type __wrap_##name parameters;                                                                                     \
    type __wrap_##name parameters                                                                                      \
    {                                                                                                                  \
        fault_point();                                                                                                 \
        return __real_##name arguments;                                                                                \
    }

WRAP(PGconn *, PQconnectStartParams, (const char *const *k, const char *const *v, int e), (k, v, e))
WRAP(PostgresPollingStatusType, PQconnectPoll, (PGconn * c), (c))
WRAP(int, PQsendQuery, (PGconn * c, const char *q), (c, q))
WRAP(int, PQsendQueryParams,
     (PGconn * c, const char *q, int n, const Oid *t, const char *const *v, const int *l, const int *f, int r),
     (c, q, n, t, v, l, f, r))
WRAP(int, PQsendPrepare, (PGconn * c, const char *s, const char *q, int n, const Oid *t), (c, s, q, n, t))
WRAP(int, PQsendQueryPrepared,
     (PGconn * c, const char *s, int n, const char *const *v, const int *l, const int *f, int r), (c, s, n, v, l, f, r))
WRAP(int, PQflush, (PGconn * c), (c))
WRAP(int, PQconsumeInput, (PGconn * c), (c))
WRAP(PGresult *, PQgetResult, (PGconn * c), (c))
WRAP(int, PQputCopyData, (PGconn * c, const char *b, int n), (c, b, n))
WRAP(int, PQputCopyEnd, (PGconn * c, const char *e), (c, e))
WRAP(int, PQgetCopyData, (PGconn * c, char **b, int a), (c, b, a))
WRAP(int, PQcancel, (PGcancel * c, char *e, int n), (c, e, n))
WRAP(void, PQfinish, (PGconn * c), (c))

static struct progress progress;

static long number(const char *variable)
{
    const char *text = getenv(variable);
    int64_t n = 0;
    (void)str_int64(str_from(text ? text : ""), 0, INT32_MAX, &n);
    return (long)n;
}

static void on_term(int signal)
{
    (void)signal;
    progress_stop(&progress, "SIGTERM");
}

int main(int argc, char **argv)
{
    struct arena *arena = arena_new();
    struct server server;
    struct job_outcome outcome;
    struct err err = {0};
    if (argc != 4 || server_open(arena, NULL, NULL, &server, &err) != 0 || progress_init(&progress, &err) != 0) {
        (void)fprintf(stderr, "faulty_job: %s\n", err.text);
        return 2;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGTERM, on_term);
    atomic_store(&kill_at, number("FAULT_KILL"));
    atomic_store(&stop_at, number("FAULT_STOP"));
    const struct job_options options = {.server = &server,
                                        .ecosystem = argv[1],
                                        .platform = argv[2],
                                        .kind = getenv("FAULT_KIND") ? JOB_TRANSFORMER : JOB_STREAM,
                                        .name = argv[3],
                                        .patience_ms = 10000};
    job_run(arena, &options, &progress, &outcome);
    (void)printf("%s %d %s %s\n", outcome.outcome, (int)outcome.batch.batch, outcome.cause ? outcome.cause : "-",
                 outcome.message ? outcome.message : "-");
    const char *path = getenv("FAULT_CALLS");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file) {
        (void)fprintf(file, "%ld\n", atomic_load(&calls));
        (void)fclose(file);
    }
    arena_free(arena);
    return outcome.exit_code;
}
