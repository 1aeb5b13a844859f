#include "ingest/beat.h"

#include "base/time.h"
#include "model/cause.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    LEASES_MAX = 2,
    FIRST_MS = 2000,
    BEAT_MS = 10000,
    DRAW_MS = 200,
    CANCEL_MS = 500,
    CALL_MAX_MS = 1500,
    BAR_WIDTH = 30,
    BAR_MIN = 8
};

struct lease {
    const struct server_run *run;
    int64_t contact_ms; /* when the last heartbeat that was answered left */
    int64_t next_ms;    /* when to send the next */
    bool ingested;      /* has been said */
};

/* What PQcancel needs. It is called in a thread of its own: a host that stands still holds whoever asks it, and the
 * thread that ends the job must not be that one. */
struct canceller {
    PGcancel *cancel;
    _Atomic int users;
    _Atomic bool busy;
};

struct beat {
    struct beat_options options;
    pthread_t thread;
    pthread_mutex_t lock; /* of leases and cancel; held while a heartbeat is under way, so that none follows a report */
    struct lease leases[LEASES_MAX];
    size_t lease_count;
    struct canceller *canceller;
    _Atomic bool ingested, lost;
    int64_t started_ms;
    int news_fd[2]; /* a zero: there is a new lease; anything else: the end */
};

/* --- the bar -------------------------------------------------------------------------------------------------------
 */

static void format_bytes(uint64_t bytes, char *out, size_t size)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    size_t unit = 0;
    for (; value >= 1024 && unit + 1 < sizeof units / sizeof *units; unit++)
        value /= 1024;
    (void)snprintf(out, size, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

/* A line that is broken would stay on the terminal with each drawing. */
static int terminal_width(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

static void draw(const struct beat *beat)
{
    const struct progress *progress = beat->options.progress;
    uint64_t rows = atomic_load(&progress->rows), expected = atomic_load(&progress->rows_expected);
    int64_t seconds = (time_monotonic_ms() - beat->started_ms) / 1000;
    char bytes[32], bar[BAR_WIDTH + 2] = "", left[48] = "", numbers[128], line[256];
    const char *phase = phase_names[atomic_load(&progress->phase)];
    double part = rows >= expected ? 1 : (double)rows / (double)expected;
    format_bytes(atomic_load(&progress->bytes), bytes, sizeof bytes);
    if (expected && part > 0.01 && part < 1)
        (void)snprintf(left, sizeof left, ", %.0f s left", (double)seconds * (1 - part) / part);
    int len = snprintf(numbers, sizeof numbers, "%llu rows, %s, %lld s%s", (unsigned long long)rows, bytes,
                       (long long)seconds, left);
    int width = terminal_width() - 1, room = width - (int)strlen(beat->options.title) - (int)strlen(phase) - len - 3;
    int cells = !expected || room < BAR_MIN ? 0 : room < BAR_WIDTH ? room : BAR_WIDTH;
    for (int i = 0; i < cells; i++)
        bar[i] = (double)i < part * cells ? '#' : '.';
    if (cells)
        bar[cells] = ' ';
    (void)snprintf(line, sizeof line, "%s %s %s%s", beat->options.title, phase, bar, numbers);
    (void)fprintf(stderr, "\r\033[K%.*s", width, line);
    (void)fflush(stderr);
}

/* --- leases ---------------------------------------------------------------------------------------------------------
 */

/* What the server says to a run that must not go on. A token that is refused ends it, too: nobody could be told what it
 * did, and whoever revoked the token wants it to stop. */
static const struct {
    enum err_code code;
    const char *why;
} ends[] = {
    {ERR_CONFLICT, "the lease was lost"},
    {ERR_NOT_FOUND, "the server has no such run any more: the lease was lost"},
    {ERR_UNAUTHORIZED, "the server does not take the job's token any more: the lease was lost"},
    {ERR_FORBIDDEN, "the job's token may not report runs any more: the lease was lost"},
};

static const char *why_it_ends(enum err_code code)
{
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (ends[i].code == code)
            return ends[i].why;
    return NULL;
}

/* Three in a lease, and often enough for who watches, or cancels. */
static int64_t pause_of(const struct server_run *run, int64_t most_ms)
{
    return run->lease_ms / 3 < most_ms ? run->lease_ms / 3 : most_ms;
}

static void send_one(struct beat *beat, struct lease *lease, struct arena *arena)
{
    struct err err = {0};
    const struct server_run *run = lease->run;
    bool cancelled = false, ingested = !lease->ingested && atomic_load(&beat->ingested);
    int64_t now = time_monotonic_ms(), third = pause_of(run, BEAT_MS);
    int rc = server_heartbeat(beat->options.server, arena, run->work, beat->options.progress, ingested,
                              third < CALL_MAX_MS ? third : CALL_MAX_MS, &cancelled, &err);
    const char *end = rc ? why_it_ends(err.code) : NULL;
    if (!rc) {
        lease->contact_ms = now;
        lease->ingested = lease->ingested || ingested;
        lease->next_ms = now + third;
    } else if (end) {
        atomic_store(&beat->lost, true);
        progress_stop(beat->options.progress, end);
        lease->next_ms = INT64_MAX;
    } else {
        /* A server that is away takes nothing from anybody: the merge database checks the fence. */
        lease->next_ms = time_monotonic_ms() + third / 3;
    }
    if (cancelled)
        progress_stop(beat->options.progress, "an operator cancelled the run");
    arena_reset(arena);
}

static int64_t send_due(struct beat *beat, struct arena *arena)
{
    int64_t next = INT64_MAX;
    pthread_mutex_lock(&beat->lock);
    for (size_t i = 0; i < beat->lease_count; i++) {
        if (beat->leases[i].next_ms <= time_monotonic_ms())
            send_one(beat, &beat->leases[i], arena);
        if (beat->leases[i].next_ms < next)
            next = beat->leases[i].next_ms;
    }
    pthread_mutex_unlock(&beat->lock);
    return next;
}

/* --- the stop -------------------------------------------------------------------------------------------------------
 */

static void release_canceller(struct canceller *canceller)
{
    if (!canceller || atomic_fetch_sub(&canceller->users, 1) > 1)
        return;
    PQfreeCancel(canceller->cancel);
    free(canceller);
}

static void *cancel_in_thread(void *ctx)
{
    struct canceller *canceller = ctx;
    char ignored[256];
    (void)PQcancel(canceller->cancel, ignored, (int)sizeof ignored);
    atomic_store(&canceller->busy, false);
    release_canceller(canceller);
    return NULL;
}

static void cancel_statement(struct beat *beat)
{
    pthread_t thread;
    pthread_mutex_lock(&beat->lock);
    struct canceller *canceller = beat->canceller;
    if (canceller && !atomic_exchange(&canceller->busy, true)) {
        (void)atomic_fetch_add(&canceller->users, 1);
        if (pthread_create(&thread, NULL, cancel_in_thread, canceller) == 0) {
            (void)pthread_detach(thread);
        } else {
            atomic_store(&canceller->busy, false);
            release_canceller(canceller);
        }
    }
    pthread_mutex_unlock(&beat->lock);
}

/* The thread that works did not come back. What it has open at databases ends with the process: nothing is committed,
 * or all of it was, which the next run finds. */
static void end_process(struct beat *beat, struct arena *arena)
{
    struct server_report report = {.outcome = "cancelled", .message = atomic_load(&beat->options.progress->why)};
    bool lost = atomic_load(&beat->lost);
    for (size_t i = beat->lease_count; !lost && i > 0; i--)
        (void)server_finish(beat->options.server, arena, beat->leases[i - 1].run->work, &report,
                            time_monotonic_ms() + 200, ERR_IGNORED);
    (void)fprintf(stderr, "yellow: stopped: %s\n", report.message);
    _exit(cause_find(lost ? cause_lost : cause_cancelled)->exit_code);
}

static void *run(void *ctx)
{
    struct beat *beat = ctx;
    struct arena *arena = arena_new();
    int64_t next_cancel = 0;
    for (;;) {
        int64_t now = time_monotonic_ms(), stopped = atomic_load(&beat->options.progress->stopped_ms);
        int64_t next = stopped ? now + CANCEL_MS : send_due(beat, arena);
        if (beat->options.title) {
            draw(beat);
            next = next < now + DRAW_MS ? next : now + DRAW_MS;
        }
        if (stopped && now - stopped >= BEAT_STOP_MS)
            end_process(beat, arena);
        if (stopped && now >= next_cancel) {
            cancel_statement(beat);
            next_cancel = now + CANCEL_MS;
        }
        now = time_monotonic_ms();
        int wait = next <= now ? 0 : next - now > 60000 ? 60000 : (int)(next - now);
        struct pollfd fds[2] = {{beat->news_fd[0], POLLIN, 0},
                                {stopped ? -1 : beat->options.progress->wake_fd, POLLIN, 0}};
        (void)poll(fds, 2, wait);
        char news = 0;
        if (fds[0].revents && read(beat->news_fd[0], &news, 1) == 1 && news)
            break;
    }
    arena_free(arena);
    return NULL;
}

/* --- what the thread that works calls -------------------------------------------------------------------------------
 */

int beat_start(const struct beat_options *options, struct beat **out, struct err *err)
{
    struct beat *beat = calloc(1, sizeof *beat);
    if (!beat)
        abort();
    beat->options = *options;
    beat->started_ms = time_monotonic_ms();
    if (pipe2(beat->news_fd, O_CLOEXEC) != 0) {
        free(beat);
        return err_set(err, ERR_IO, "pipe: %s", strerror(errno));
    }
    (void)pthread_mutex_init(&beat->lock, NULL);
    int rc = pthread_create(&beat->thread, NULL, run, beat);
    if (rc) {
        (void)close(beat->news_fd[0]);
        (void)close(beat->news_fd[1]);
        (void)pthread_mutex_destroy(&beat->lock);
        free(beat);
        return err_set(err, ERR_IO, "thread: %s", strerror(rc));
    }
    *out = beat;
    return 0;
}

void beat_add(struct beat *beat, const struct server_run *run)
{
    int64_t now = time_monotonic_ms();
    pthread_mutex_lock(&beat->lock);
    if (beat->lease_count < LEASES_MAX)
        beat->leases[beat->lease_count++] =
            (struct lease){.run = run, .contact_ms = now, .next_ms = now + pause_of(run, FIRST_MS)};
    pthread_mutex_unlock(&beat->lock);
    (void)!write(beat->news_fd[1], "", 1);
}

int64_t beat_remove(struct beat *beat, const struct server_run *run)
{
    int64_t over = time_monotonic_ms();
    pthread_mutex_lock(&beat->lock);
    for (size_t i = 0; i < beat->lease_count; i++)
        if (beat->leases[i].run == run) {
            over = beat->leases[i].contact_ms + run->lease_ms;
            beat->leases[i] = beat->leases[--beat->lease_count];
        }
    pthread_mutex_unlock(&beat->lock);
    return over;
}

void beat_ingested(struct beat *beat)
{
    atomic_store(&beat->ingested, true);
}

void beat_watch(struct beat *beat, struct pg *pg)
{
    struct canceller *canceller = pg ? calloc(1, sizeof *canceller) : NULL;
    if (canceller)
        *canceller = (struct canceller){.cancel = PQgetCancel(pg_raw(pg)), .users = 1};
    pthread_mutex_lock(&beat->lock);
    struct canceller *former = beat->canceller;
    beat->canceller = canceller;
    pthread_mutex_unlock(&beat->lock);
    release_canceller(former);
}

bool beat_lost(const struct beat *beat)
{
    return atomic_load(&beat->lost);
}

int64_t beat_stopped_at(const struct beat *beat)
{
    return atomic_load(&beat->options.progress->stopped_ms);
}

void beat_stop(struct beat *beat)
{
    if (!beat)
        return;
    (void)!write(beat->news_fd[1], "x", 1);
    (void)pthread_join(beat->thread, NULL);
    if (beat->options.title)
        (void)fputs("\r\033[K", stderr);
    release_canceller(beat->canceller);
    (void)pthread_mutex_destroy(&beat->lock);
    (void)close(beat->news_fd[0]);
    (void)close(beat->news_fd[1]);
    free(beat);
}
