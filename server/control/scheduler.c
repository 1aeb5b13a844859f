#include "control/scheduler.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/time.h"
#include "control/job_process.h"
#include "control/run.h"
#include "control/schedule_book.h"
#include "control/scheduler_token.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    IDLE_MS = 1000, /* the longest sleep: a notification may have been missed */
    PAUSE_MS = 50,  /* between two looks that only notifications asked for */
    CLAIM_MS = 60000,
    RENEW_MS = 15000
};

/* A child and what it works on. */
struct work {
    int64_t job;
    struct arena *arena; /* of the texts below */
    struct job_key key;
    const char *source, *target, *output; /* output: the store that a transformer writes */
    struct job_process process;
    cpu_set_t cpus;
    int64_t started_ms;
    int64_t run_before; /* the job's newest run when it was started */
    bool stopping;      /* it got SIGTERM */
};

struct scheduler {
    struct scheduler_options options;
    char instance[33];
    const char *program;
    pthread_t thread;
    bool started;
    int wake_fd;
    atomic_bool stop;
    int64_t stop_ms;

    /* of the thread */
    struct schedule_book book;
    struct scheduler_token token;
    vec(struct work *) works;
    struct arena *arena; /* of works' array */
    unsigned *cpu_load;  /* children by core */
    int64_t renew_at, looked_at;
    bool away; /* the database does not answer: logged once */
};

struct scheduler *scheduler_new(const struct scheduler_options *options)
{
    struct scheduler *scheduler = calloc(1, sizeof *scheduler);
    unsigned char random[16];
    if (!scheduler)
        arena_exhausted(sizeof *scheduler);
    scheduler->options = *options;
    scheduler->arena = arena_new();
    crypto_random(random, sizeof random);
    crypto_hex(random, sizeof random, scheduler->instance);
    scheduler->program = options->program ? options->program : proc_self(scheduler->arena);
    scheduler->cpu_load = arena_calloc(scheduler->arena, CPU_SETSIZE, sizeof *scheduler->cpu_load);
    scheduler->wake_fd = -1;
    /* Another server with the same folder has another port. */
    const char *port = strrchr(options->url, ':');
    (void)snprintf(scheduler->token.path, sizeof scheduler->token.path, "%s/scheduler-token-%s", options->state_dir,
                   port ? port + 1 : "");
    schedule_book_init(&scheduler->book);
    return scheduler;
}

void scheduler_wake(struct scheduler *scheduler)
{
    if (scheduler->wake_fd >= 0)
        (void)eventfd_write(scheduler->wake_fd, 1);
}

/* --- starting --- */

/* The cores for a limit in thousandths: those with the fewest children. Empty: as many as there are. */
static cpu_set_t pick_cpus(struct scheduler *scheduler, int64_t limit)
{
    cpu_set_t all, picked;
    CPU_ZERO(&picked);
    int64_t wanted = (limit + 999) / 1000;
    if (sched_getaffinity(0, sizeof all, &all) != 0 || wanted < 1 || wanted >= CPU_COUNT(&all))
        return picked;
    for (int64_t n = 0; n < wanted; n++) {
        int best = -1;
        for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
            if (CPU_ISSET(cpu, &all) && !CPU_ISSET(cpu, &picked) &&
                (best < 0 || scheduler->cpu_load[cpu] < scheduler->cpu_load[best]))
                best = cpu;
        CPU_SET(best, &picked);
    }
    return picked;
}

static void load_cpus(struct scheduler *scheduler, const cpu_set_t *cpus, int by)
{
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, cpus))
            scheduler->cpu_load[cpu] += (unsigned)by;
}

extern char **environ;

/* The server's own, without what is the server's alone: its database is nothing for jobs. */
static const char *const *make_environment(const struct scheduler *scheduler, struct arena *arena)
{
    size_t n = 0, count = 0;
    while (environ[n])
        n++;
    const char **env = arena_calloc(arena, n + 3, sizeof *env);
    for (size_t i = 0; i < n; i++)
        if (strncmp(environ[i], "YELLOW_", 7) != 0 || strncmp(environ[i], "YELLOW_CREDENTIAL", 17) == 0)
            env[count++] = environ[i];
    env[count++] = arena_printf(arena, "YELLOW_URL=%s", scheduler->options.url);
    env[count++] = arena_printf(arena, "YELLOW_TOKEN_FILE=%s", scheduler->token.path);
    return env;
}

static void start_one(struct scheduler *scheduler, size_t i)
{
    struct book_entry *entry = &scheduler->book.entries[i];
    const struct schedule_job *job = &scheduler->book.jobs[i];
    struct arena *arena = arena_new();
    struct work *work = arena_alloc(arena, sizeof *work);
    struct err err = {0};
    *work =
        (struct work){.job = entry->row.id,
                      .arena = arena,
                      .key = {arena_strdup(arena, entry->row.key.ecosystem), entry->row.key.kind,
                              arena_strdup(arena, entry->row.key.platform), arena_strdup(arena, entry->row.key.name)},
                      .source = arena_strdup(arena, job->source),
                      .target = arena_strdup(arena, job->target),
                      .output = arena_strdup(arena, entry->row.store),
                      .cpus = pick_cpus(scheduler, entry->cpu_limit),
                      .started_ms = time_monotonic_ms(),
                      .run_before = entry->row.run.id};
    const char *const argv[] = {"yellow",
                                "job",
                                "run",
                                "--ecosystem",
                                work->key.ecosystem,
                                "--platform",
                                work->key.platform,
                                arena_printf(arena, "--%s", job_kind_names[work->key.kind]),
                                work->key.name,
                                NULL};
    struct job_process_options options = {.program = scheduler->program,
                                          .argv = argv,
                                          .env = make_environment(scheduler, arena),
                                          .memory_limit = entry->memory_limit,
                                          .cpus = work->cpus,
                                          .priority = job->priority};
    if (job_process_start(&options, &work->process, &err) != 0) {
        log_event(LOG_ERROR, "job not started", LOG_S("ecosystem", work->key.ecosystem),
                  LOG_S("job", job_key_text(arena, &work->key)), LOG_S("error", err.text), LOG_END);
        arena_free(arena);
        return;
    }
    log_event(LOG_INFO, "job started", LOG_S("ecosystem", work->key.ecosystem),
              LOG_S("job", job_key_text(arena, &work->key)), LOG_I("pid", work->process.pid), LOG_END);
    load_cpus(scheduler, &work->cpus, 1);
    entry->held = true;
    schedule_book_settle(&scheduler->book, i, &scheduler->options.limits);
    *vec_push(scheduler->arena, &scheduler->works) = work;
}

/* --- deciding --- */

struct deciding {
    struct scheduler *scheduler;
    int64_t now;
    struct schedule_plan plan;
    bool *got;
};

static int decide_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct deciding *d = ctx;
    struct scheduler *scheduler = d->scheduler;
    const struct schedule_book *book = &scheduler->book;
    struct schedule_claim *others;
    size_t count, n = scheduler->works.len;
    if (schedule_store_lock(pg, arena, err) != 0 ||
        schedule_store_others(pg, arena, scheduler->instance, &others, &count, err) != 0)
        return -err->code;
    struct schedule_running *running = arena_calloc(arena, n + count + 1, sizeof *running);
    for (size_t i = 0; i < n; i++)
        running[i] =
            (struct schedule_running){scheduler->works.items[i]->source, scheduler->works.items[i]->target, false};
    for (size_t i = 0; i < count; i++)
        running[n + i] = (struct schedule_running){others[i].source, others[i].target, true};
    d->plan = schedule_plan(arena, book->jobs, book->due, book->count, running, n + count, &scheduler->options.limits,
                            d->now);
    struct schedule_claim *claims = arena_calloc(arena, d->plan.count + 1, sizeof *claims);
    d->got = arena_calloc(arena, d->plan.count + 1, sizeof *d->got);
    for (size_t i = 0; i < d->plan.count; i++) {
        size_t job = d->plan.start[i];
        claims[i] = (struct schedule_claim){book->entries[job].row.id, book->jobs[job].source, book->jobs[job].target,
                                            book->entries[job].row.run.id};
    }
    return d->plan.count
               ? schedule_store_claim(pg, arena, scheduler->instance, claims, d->plan.count, CLAIM_MS, d->got, err)
               : 0;
}

static bool is_any_due(const struct schedule_book *book, int64_t now, int64_t *next)
{
    bool any = false;
    *next = INT64_MAX;
    for (size_t i = 0; i < book->count; i++) {
        any = any || book->due[i] <= now;
        if (book->due[i] > now && book->due[i] < *next)
            *next = book->due[i];
    }
    return any;
}

/* Runs that somebody asked to stop. */
static void pass_on_cancels(struct scheduler *scheduler)
{
    for (size_t i = 0; i < scheduler->works.len; i++) {
        struct work *work = scheduler->works.items[i];
        ptrdiff_t at = schedule_book_find(&scheduler->book, work->job);
        if (at < 0 || work->stopping)
            continue;
        const struct schedule_row *row = &scheduler->book.entries[at].row;
        if (row->run.running && row->run.cancel_requested) {
            job_process_signal(&work->process, SIGTERM);
            work->stopping = true;
        }
    }
}

static int read_book(struct scheduler *scheduler, int64_t *now, struct err *err)
{
    struct pg *pg = NULL;
    struct arena *arena = arena_new();
    int rc = pg_pool_take(scheduler->options.pool, &pg, err);
    if (!rc)
        rc = schedule_book_read(&scheduler->book, pg, scheduler->options.snapshots, &scheduler->options.limits, now,
                                err);
    if (!rc && scheduler->works.len && time_monotonic_ms() >= scheduler->renew_at) {
        rc = schedule_store_renew(pg, arena, scheduler->instance, CLAIM_MS, err);
        scheduler->renew_at = time_monotonic_ms() + RENEW_MS;
    }
    pg_pool_give(scheduler->options.pool, pg);
    arena_free(arena);
    return rc;
}

/* One look at what is due. *wait: milliseconds until the next one by the clock. */
static int look(struct scheduler *scheduler, int64_t *wait, struct err *err)
{
    const struct scheduler_options *o = &scheduler->options;
    int64_t now = 0, next;
    *wait = IDLE_MS;
    if (scheduler_token_keep(&scheduler->token, o->pool, scheduler->instance, err) != 0 ||
        read_book(scheduler, &now, err) != 0)
        return -err->code;
    pass_on_cancels(scheduler);
    bool due = is_any_due(&scheduler->book, now, &next);
    if (next - now < *wait)
        *wait = next - now;
    if (!due || scheduler->works.len >= o->limits.jobs)
        return 0;
    struct arena *arena = arena_new();
    struct deciding deciding = {.scheduler = scheduler, .now = now};
    int rc = pg_pool_transaction(o->pool, arena, decide_tx, &deciding, err);
    for (size_t i = 0; !rc && i < deciding.plan.count; i++)
        if (deciding.got[i])
            start_one(scheduler, deciding.plan.start[i]);
    arena_free(arena);
    return rc;
}

/* --- ends --- */

/* What a child's end means, when it could not report itself. NULL: nothing to say. */
static const char *cause_of(const struct job_process_end *end, struct arena *arena, int64_t memory_limit,
                            const char **message)
{
    if (end->out_of_memory) {
        *message = arena_printf(arena, "it needed more memory than limits.memory, %lld bytes", (long long)memory_limit);
        return "out-of-memory";
    }
    if (end->signal == SIGKILL || end->signal == SIGTERM) {
        *message = arena_printf(arena, "its process was killed by signal %d", end->signal);
        return "lost";
    }
    *message = end->signal ? arena_printf(arena, "its process was ended by signal %d", end->signal)
                           : arena_printf(arena, "its process ended with exit code %d and no report", end->exit_code);
    return "internal";
}

/* Closes the run of a job that the child held, if it still does. */
static int close_run(struct scheduler *scheduler, const struct work *work, const struct job_key *key,
                     const struct job_process_end *end, int64_t memory_limit, struct err *err)
{
    const struct scheduler_options *o = &scheduler->options;
    struct arena *arena = arena_new();
    struct pg *pg = NULL;
    struct job_row job;
    struct run_row run;
    int rc = pg_pool_take(o->pool, &pg, err);
    if (!rc)
        rc = job_store_get(pg, arena, key, &job, err);
    const char *ours = arena_printf(arena, "scheduler-%.8s-", scheduler->instance);
    bool live = !rc && job.run.id && strncmp(job.run.started_by, ours, strlen(ours)) == 0;
    if (live)
        rc = run_store_get(pg, arena, work->key.ecosystem, job.run.id, &run, err);
    pg_pool_give(o->pool, pg);
    if (!rc && live) {
        struct run_caller caller = {.pool = o->pool, .actor = "scheduler", .lease_ms = o->run_lease_ms};
        struct run_report report = {
            .fence = run.fence, .outcome = EVENT_FAIL, .hash = arena_printf(arena, "scheduler %d", work->process.pid)};
        struct run_result result;
        report.cause = cause_of(end, arena, memory_limit, &report.message);
        rc = run_finish(&caller, arena, work->key.ecosystem, run.id, &report, &result, err);
        if (!rc && o->changed)
            o->changed(o->ctx, work->key.ecosystem);
        if (rc == -ERR_CONFLICT) /* its own report was on the way after all */
            rc = 0;
    }
    arena_free(arena);
    return rc;
}

/* The job that a child was for, and the stream of its output where it was a transformer's: it has a run of both. */
static int close_runs(struct scheduler *scheduler, const struct work *work, const struct job_process_end *end,
                      int64_t memory_limit, struct err *err)
{
    int rc = close_run(scheduler, work, &work->key, end, memory_limit, err);
    if (rc || work->key.kind != JOB_TRANSFORMER || !work->output)
        return rc;
    const struct job_key stream = {work->key.ecosystem, JOB_STREAM, work->key.platform, work->output};
    for (size_t i = 0; i < scheduler->works.len; i++) {
        const struct job_key *other = &scheduler->works.items[i]->key;
        if (other->kind == JOB_STREAM && strcmp(other->name, stream.name) == 0 &&
            strcmp(other->platform, stream.platform) == 0 && strcmp(other->ecosystem, stream.ecosystem) == 0)
            return 0; /* that run is another child's */
    }
    rc = close_run(scheduler, work, &stream, end, memory_limit, err);
    return rc == -ERR_NOT_FOUND ? 0 : rc;
}

/* A child ended: what it could not say is said, and its place is free. */
static void end_one(struct scheduler *scheduler, struct work *work, const struct job_process_end *end)
{
    struct err err = {0};
    struct arena *arena = arena_new();
    struct pg *pg = NULL;
    ptrdiff_t at = schedule_book_find(&scheduler->book, work->job);
    bool failed = end->exit_code || end->signal;
    log_event(failed ? LOG_WARN : LOG_INFO, "job ended", LOG_S("ecosystem", work->key.ecosystem),
              LOG_S("job", job_key_text(arena, &work->key)), LOG_I("exit_code", end->exit_code),
              LOG_I("signal", end->signal), LOG_I("ms", time_monotonic_ms() - work->started_ms), LOG_END);
    int64_t memory_limit = at >= 0 ? scheduler->book.entries[at].memory_limit : 0;
    int rc = failed ? close_runs(scheduler, work, end, memory_limit, &err) : 0;
    if (!rc)
        rc = pg_pool_take(scheduler->options.pool, &pg, &err);
    if (!rc)
        rc = schedule_store_release(pg, arena, scheduler->instance, &work->job, 1, &err);
    pg_pool_give(scheduler->options.pool, pg);
    if (rc) /* the lease and the claim pass by themselves */
        log_event(LOG_WARN, "a job's end was not written", LOG_S("ecosystem", work->key.ecosystem),
                  LOG_S("job", job_key_text(arena, &work->key)), LOG_S("error", err.text), LOG_END);
    load_cpus(scheduler, &work->cpus, -1);
    arena_free(arena);
}

/* After the book was read behind ends: a process that had no run would be started at once again, for ever. */
static void note_end(struct scheduler *scheduler, const struct work *work, int64_t now)
{
    ptrdiff_t at = schedule_book_find(&scheduler->book, work->job);
    if (at < 0)
        return;
    struct book_entry *entry = &scheduler->book.entries[at];
    bool early = entry->row.run.id == work->run_before;
    entry->held = false;
    entry->early_ends = early ? entry->early_ends + 1 : 0;
    scheduler->book.jobs[at].not_before =
        early ? now + schedule_backoff(&scheduler->options.limits, entry->early_ends) : 0;
    schedule_book_settle(&scheduler->book, (size_t)at, &scheduler->options.limits);
}

static void reap(struct scheduler *scheduler)
{
    struct arena *arena = arena_new();
    vec(struct work *) ended = {0};
    struct err err = {0};
    int64_t now = 0;
    for (size_t i = 0; i < scheduler->works.len;) {
        struct work *work = scheduler->works.items[i];
        struct job_process_end end;
        if (!job_process_reap(&work->process, &end)) {
            i++;
            continue;
        }
        end_one(scheduler, work, &end);
        *vec_push(arena, &ended) = work;
        scheduler->works.items[i] = scheduler->works.items[--scheduler->works.len];
    }
    if (ended.len && read_book(scheduler, &now, &err) != 0)
        now = time_now_us() / 1000; /* as good as it gets without the database */
    vec_each(work, &ended)
    {
        note_end(scheduler, *work, now);
        arena_free((*work)->arena);
    }
    arena_free(arena);
}

/* --- the thread --- */

/* Sleeps until a child ends, somebody wakes, or ms pass. True: a child ended. */
static bool doze(struct scheduler *scheduler, int64_t ms)
{
    size_t n = scheduler->works.len;
    struct arena *arena = arena_new();
    struct pollfd *fds = arena_calloc(arena, n + 1, sizeof *fds);
    bool ended = false;
    fds[0] = (struct pollfd){.fd = scheduler->wake_fd, .events = POLLIN};
    for (size_t i = 0; i < n; i++)
        fds[i + 1] = (struct pollfd){.fd = scheduler->works.items[i]->process.pidfd, .events = POLLIN};
    if (poll(fds, n + 1, ms < 0 ? 0 : (int)ms) > 0) {
        eventfd_t ignored;
        for (size_t i = 0; i < n; i++)
            ended = ended || fds[i + 1].revents;
        if (fds[0].revents)
            (void)eventfd_read(scheduler->wake_fd, &ignored);
    }
    arena_free(arena);
    return ended;
}

static void stop_children(struct scheduler *scheduler)
{
    int64_t until = time_monotonic_ms() + scheduler->stop_ms;
    for (size_t i = 0; i < scheduler->works.len; i++)
        job_process_signal(&scheduler->works.items[i]->process, SIGTERM);
    while (scheduler->works.len && time_monotonic_ms() < until) {
        (void)doze(scheduler, until - time_monotonic_ms());
        reap(scheduler);
    }
    for (size_t i = 0; i < scheduler->works.len; i++)
        job_process_signal(&scheduler->works.items[i]->process, SIGKILL);
    while (scheduler->works.len) {
        (void)doze(scheduler, IDLE_MS);
        reap(scheduler);
    }
}

static void *run(void *ctx)
{
    struct scheduler *scheduler = ctx;
    const struct scheduler_options *o = &scheduler->options;
    while (!atomic_load(&scheduler->stop)) {
        struct err err = {0};
        int64_t wait = IDLE_MS;
        if (!o->ready || atomic_load(o->ready)) {
            int rc = look(scheduler, &wait, &err);
            if (rc && !scheduler->away)
                log_event(LOG_WARN, "scheduler waits for the database", LOG_S("error", err.text), LOG_END);
            scheduler->away = rc != 0;
        }
        int64_t looked = time_monotonic_ms();
        bool ended = doze(scheduler, wait);
        reap(scheduler);
        int64_t rest = PAUSE_MS - (time_monotonic_ms() - looked);
        if (!ended && rest > 0 && !atomic_load(&scheduler->stop) && doze(scheduler, rest))
            reap(scheduler);
    }
    stop_children(scheduler);
    return NULL;
}

int scheduler_start(struct scheduler *scheduler, struct err *err)
{
    scheduler->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (scheduler->wake_fd < 0 || pthread_create(&scheduler->thread, NULL, run, scheduler) != 0)
        return err_set(err, ERR_IO, "cannot start the scheduler's thread: %s", strerror(errno));
    scheduler->started = true;
    return 0;
}

void scheduler_stop(struct scheduler *scheduler, int64_t ms)
{
    if (!scheduler || !scheduler->started)
        return;
    scheduler->stop_ms = ms;
    atomic_store(&scheduler->stop, true);
    scheduler_wake(scheduler);
    (void)pthread_join(scheduler->thread, NULL);
    scheduler->started = false;
    scheduler_token_drop(&scheduler->token, scheduler->options.pool);
}

void scheduler_free(struct scheduler *scheduler)
{
    if (!scheduler)
        return;
    scheduler_stop(scheduler, 0);
    schedule_book_dispose(&scheduler->book);
    if (scheduler->wake_fd >= 0)
        (void)close(scheduler->wake_fd);
    arena_free(scheduler->arena);
    free(scheduler);
}
