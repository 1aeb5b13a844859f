#include "control/unit_reader.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

/* A thread is worth its start above so many bytes; more than a few threads wait for memory. */
enum { WORTH_BYTES = 200000, THREADS_MAX = 4 };

struct work {
    const char *dir, *prefix;
    const struct git_files *files;
    struct unit **units;
    const struct model_limits *limits;
    _Atomic size_t next;
    _Atomic bool failed;
};
struct worker {
    struct work *work;
    pthread_t thread;
    int rc;
    struct err err;
};

static struct unit *read_unit(const struct work *work, const char *path, struct str data)
{
    struct buf name = {0};
    buf_addf(&name, "%s%s", work->prefix, path);
    struct unit *unit = unit_read(buf_text(&name), data, work->limits);
    buf_dispose(&name);
    return unit;
}

static void *run(void *ctx)
{
    struct worker *worker = ctx;
    struct work *work = worker->work;
    struct git_blobs *blobs = NULL;
    size_t i;
    while (!worker->rc && !work->failed && (i = atomic_fetch_add(&work->next, 1)) < work->files->count) {
        struct str data;
        if (work->units[i])
            continue;
        if (!blobs)
            worker->rc = git_blobs_open(work->dir, &blobs, &worker->err);
        if (!worker->rc)
            worker->rc = git_blobs_read(blobs, &work->files->files[i], &data, &worker->err);
        if (!worker->rc)
            work->units[i] = read_unit(work, work->files->files[i].path, data);
    }
    git_blobs_close(blobs);
    if (worker->rc)
        work->failed = true;
    return NULL;
}

static size_t thread_count(const struct git_files *files, struct unit *const *units)
{
    size_t bytes = 0, most = (size_t)sysconf(_SC_NPROCESSORS_ONLN);
    for (size_t i = 0; i < files->count; i++)
        bytes += units[i] ? 0 : files->files[i].size;
    most = most < THREADS_MAX ? most : THREADS_MAX;
    return bytes / WORTH_BYTES < most ? bytes / WORTH_BYTES : most;
}

int unit_reader_run(const char *dir, const char *prefix, const struct git_files *files, struct unit **units,
                    const struct model_limits *limits, struct err *err)
{
    struct work work = {.dir = dir, .prefix = prefix, .files = files, .units = units, .limits = limits};
    struct worker workers[THREADS_MAX] = {0};
    size_t started = 0, more = thread_count(files, units);
    for (size_t i = 0; i < THREADS_MAX; i++)
        workers[i].work = &work;
    while (started + 1 < more && pthread_create(&workers[started + 1].thread, NULL, run, &workers[started + 1]) == 0)
        started++;
    run(&workers[0]);
    for (size_t i = 1; i <= started; i++)
        pthread_join(workers[i].thread, NULL);
    for (size_t i = 0; i <= started; i++)
        if (workers[i].rc) {
            *err = workers[i].err;
            return workers[i].rc;
        }
    return 0;
}
