/* Commits become versions, as `yellow work` does it. Arguments: a migrated database's URL, a folder for the mirror, the
 * program that fetches, the URL of a repository. Each line of standard input is a command, each answer one line of JSON
 * with times in microseconds and the process's memory: "merge" fetches the branch main and merges its head; "fetch"
 * only fetches; "plan REF" makes the plan of a commit that the mirror has; "find N" looks up N objects in the snapshot.
 */
#include "base/file.h"
#include "base/log.h"
#include "control/inbox.h"
#include "control/planning.h"
#include "control/worker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct bench {
    struct arena *arena;
    struct pg_pool *pool;
    struct commit_worker_options options;
    struct commit_workers *workers;
    struct snapshots *snapshots;
    struct buf steps;
    int64_t last;
};

static int64_t now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static void must(int rc, const struct err *err)
{
    if (rc == 0)
        return;
    (void)fprintf(stderr, "merge_yellow: %s\n", err->text);
    exit(1);
}

/* "VmHWM" or "VmRSS" in KiB. */
static long memory_kib(const char *what)
{
    char line[256];
    long kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, what, strlen(what)) == 0)
            kib = strtol(line + strlen(what) + 1, NULL, 10);
    if (file)
        (void)fclose(file);
    return kib;
}

static void step(void *ctx, const char *name)
{
    struct bench *b = ctx;
    int64_t now = now_us();
    buf_addf(&b->steps, "\"%s\": %" PRId64 ", ", name, now - b->last);
    b->last = now;
}

static void answer(struct bench *b)
{
    (void)printf("{%s\"peak_kib\": %ld, \"rss_kib\": %ld, \"statements\": %" PRIu64 "}\n", buf_text(&b->steps),
                 memory_kib("VmHWM"), memory_kib("VmRSS"), pg_statement_count());
    (void)fflush(stdout);
}

static int ask(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    int64_t id;
    return inbox_ask_merge(pg, arena, ctx, &id, err);
}

static void merge(struct bench *b)
{
    struct err err = {0};
    bool worked;
    struct arena *arena = arena_new();
    must(pg_pool_transaction(b->pool, arena, ask, (void *)(uintptr_t) "acme", &err), &err);
    arena_free(arena);
    b->last = now_us();
    must(commit_workers_step(b->workers, &worked, &err), &err);
}

static void fetch(struct bench *b, const char *url)
{
    struct err err = {0};
    struct arena *arena = arena_new();
    const struct ecosystem_row row = {.name = "acme"};
    char head[GIT_OID_TEXT];
    b->last = now_us();
    must(git_fetch_with(arena, commit_mirror(&b->options.service, arena, &row), url, "main", &git_default_limits,
                        b->options.service.fetch, head, &err),
         &err);
    step(b, "fetch");
    arena_free(arena);
}

static void plan(struct bench *b, const char *ref)
{
    struct err err = {0};
    struct arena *arena = arena_new();
    struct ecosystem_row ecosystem;
    struct planned planned;
    struct pg *pg;
    char oid[GIT_OID_TEXT];
    must(pg_pool_take(b->pool, &pg, &err), &err);
    must(ecosystem_get(pg, arena, "acme", &ecosystem, &err), &err);
    pg_pool_give(b->pool, pg);
    must(planning_find(&b->options.service, arena, &ecosystem, ref, oid, &err), &err);
    b->last = now_us();
    must(planning_make(&b->options.service, arena, &ecosystem, ref, oid, &planned, &err), &err);
    step(b, "plan");
    buf_addf(&b->steps, "\"outcome\": \"%s\", \"objects_changed\": %zu, ", json_text(planned.document, "outcome"),
             json_array_size(json_object_get(json_object_get(planned.document, "objects"), "changed")));
    candidate_dispose(&planned.candidate);
    arena_free(arena);
}

static void find(struct bench *b, const char *count)
{
    struct err err = {0};
    long n = strtol(count, NULL, 10);
    struct snapshot *snapshot;
    must(snapshots_get(b->snapshots, "acme", 0, &snapshot, &err), &err);
    snapshot_release(snapshot);
    b->last = now_us();
    for (long i = 0; i < n; i++) {
        char name[32];
        must(snapshots_get(b->snapshots, "acme", 0, &snapshot, &err), &err);
        (void)snprintf(name, sizeof name, "s%ld", i % 50);
        must(model_find(snapshot->model, OBJECT_DATASTORE, name) ? 0 : -1, &err);
        snapshot_release(snapshot);
    }
    step(b, "find");
}

int main(int argc, char **argv)
{
    struct err err = {0};
    char line[256];
    if (argc != 5)
        return 2;
    arena_keep_pages();
    log_set_level(getenv("BENCH_LOG") ? LOG_INFO : LOG_ERROR);
    struct bench b = {.arena = arena_new()};
    struct stack_library *library;
    struct git_fetch_options fetching = {.executable = argv[3]};
    b.pool = pg_pool_new(&(struct pg_pool_options){
        .url = argv[1], .size = 4, .connect_deadline_ms = 10000, .take_deadline_ms = 10000, .statement_ms = 60000});
    struct commit_models *models = commit_models_new((size_t)1 << 30);
    b.snapshots = snapshots_new(b.pool);
    must(stack_library_new(&library, &err), &err);
    b.options.service = (struct commit_service){.pool = b.pool,
                                                .snapshots = b.snapshots,
                                                .models = models,
                                                .library = library,
                                                .state_dir = argv[2],
                                                .fetch = &fetching,
                                                .hook = step,
                                                .hook_ctx = &b};
    b.workers = commit_workers_new(&b.options);
    struct pg *pg;
    struct ecosystem_row row = {
        .name = "acme", .url = argv[4], .branch = "main", .path = "", .secrets = json_own(b.arena, json_array())};
    must(pg_pool_take(b.pool, &pg, &err), &err);
    must(ecosystem_create(pg, b.arena, &row, &err), &err);
    pg_pool_give(b.pool, pg);
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        buf_cut(&b.steps, 0);
        if (strcmp(line, "merge") == 0)
            merge(&b);
        else if (strcmp(line, "fetch") == 0)
            fetch(&b, argv[4]);
        else if (strncmp(line, "plan ", 5) == 0)
            plan(&b, line + 5);
        else if (strncmp(line, "find ", 5) == 0)
            find(&b, line + 5);
        answer(&b);
    }
    commit_workers_free(b.workers);
    snapshots_free(b.snapshots);
    commit_models_free(models);
    stack_library_free(library);
    pg_pool_free(b.pool);
    buf_dispose(&b.steps);
    arena_free(b.arena);
    return 0;
}
