#include "ingest/progress.h"

#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

const char *const phase_names[PHASE_COUNT] = {"start", "capture", "merge", "commit", "transform", "report"};

int progress_init(struct progress *progress, struct err *err)
{
    int fds[2];
    *progress = (struct progress){.wake_fd = -1, .wake_write_fd = -1};
    if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0)
        return err_set(err, ERR_IO, "pipe: %s", strerror(errno));
    progress->wake_fd = fds[0];
    progress->wake_write_fd = fds[1];
    return 0;
}

void progress_dispose(struct progress *progress)
{
    if (progress->wake_fd >= 0)
        (void)close(progress->wake_fd);
    if (progress->wake_write_fd >= 0)
        (void)close(progress->wake_write_fd);
    progress->wake_fd = progress->wake_write_fd = -1;
}

/* Only what a signal handler may do. Nobody reads the byte: the pipe stays readable for every wait that comes. */
void progress_stop(struct progress *progress, const char *why)
{
    const char *none = NULL;
    int saved = errno;
    if (atomic_compare_exchange_strong(&progress->why, &none, why)) {
        atomic_store(&progress->stopped_ms, time_monotonic_ms());
        atomic_store(&progress->stopped, true);
        (void)!write(progress->wake_write_fd, "", 1);
    }
    errno = saved;
}

int progress_check(const struct progress *progress, struct err *err)
{
    if (!atomic_load_explicit(&progress->stopped, memory_order_relaxed))
        return 0;
    return err_set(err, ERR_CANCELLED, "stopped: %s", atomic_load(&progress->why));
}
