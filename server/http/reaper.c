#include "http/reaper.h"

#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_LINGER = 64, LINGER_MS = 2000, LINGER_BYTES = 64 << 20 };

struct leaver {
    int fd;
    int64_t until_ms;
    int64_t bytes_left;
};

struct reaper {
    pthread_mutex_t lock;
    struct reaper_entry *entries;
    struct leaver leavers[MAX_LINGER];
    size_t leaver_count;
    int wake; /* eventfd */
    int64_t tick_ms;
    bool stopping;
    pthread_t thread;
};

/* Without a request id: the request may not even have a line yet. */
static const char timeout_body[] =
    "{\"type\":\"urn:yellow:problem:request-timeout\",\"title\":\"Request Timeout\",\"status\":408,"
    "\"detail\":\"the request did not arrive in time\",\"code\":\"request-timeout\"}\n";

static void cut(struct reaper_entry *entry, enum reaper_phase phase)
{
    if (phase == REAPER_RECEIVE) {
        char text[512];
        int n = snprintf(text, sizeof text,
                         "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nCache-Control: no-store\r\n"
                         "X-Content-Type-Options: nosniff\r\nContent-Type: application/problem+json\r\n"
                         "Content-Length: %zu\r\n\r\n%s",
                         sizeof timeout_body - 1, timeout_body);
        (void)send(entry->fd, text, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    (void)shutdown(entry->fd, SHUT_RDWR);
}

/* The list's lock keeps the sockets open: their owners come to reaper_remove first. */
static void look(struct reaper *r)
{
    int64_t now = time_monotonic_ms();
    for (struct reaper_entry *e = r->entries; e; e = e->next) {
        int64_t until = atomic_load_explicit(&e->until, memory_order_relaxed);
        if (until > 0 && until >> 2 < now && atomic_compare_exchange_strong(&e->until, &until, -1))
            cut(e, (enum reaper_phase)(until & 3));
    }
}

/* Reads and forgets. True when it is over. */
static bool see_off(struct leaver *l, int64_t now)
{
    static char sink[65536]; /* only this thread */
    for (;;) {
        ssize_t n = recv(l->fd, sink, sizeof sink, MSG_DONTWAIT);
        if (n < 0)
            return (errno != EAGAIN && errno != EINTR) || now > l->until_ms;
        if (n == 0)
            return true;
        l->bytes_left -= n;
        if (l->bytes_left < 0)
            return true;
    }
}

static void *reap(void *ctx)
{
    struct reaper *r = ctx;
    struct pollfd fds[MAX_LINGER + 1];
    int64_t next = time_monotonic_ms() + r->tick_ms;
    (void)pthread_mutex_lock(&r->lock);
    while (!r->stopping) {
        size_t n = 0;
        fds[n++] = (struct pollfd){.fd = r->wake, .events = POLLIN};
        for (size_t i = 0; i < r->leaver_count; i++)
            fds[n++] = (struct pollfd){.fd = r->leavers[i].fd, .events = POLLIN};
        (void)pthread_mutex_unlock(&r->lock);
        int64_t wait = next - time_monotonic_ms();
        (void)poll(fds, n, wait < 0 ? 0 : (int)wait);
        uint64_t count;
        if (fds[0].revents)
            (void)!read(r->wake, &count, sizeof count);
        (void)pthread_mutex_lock(&r->lock);
        int64_t now = time_monotonic_ms();
        for (size_t i = 0; i < r->leaver_count;) {
            struct leaver *l = &r->leavers[i];
            if (see_off(l, now)) {
                (void)close(l->fd);
                *l = r->leavers[--r->leaver_count];
            } else {
                i++;
            }
        }
        if (now >= next) {
            look(r);
            next = now + r->tick_ms;
        }
    }
    (void)pthread_mutex_unlock(&r->lock);
    return NULL;
}

struct reaper *reaper_new(int64_t tick_ms)
{
    struct reaper *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    (void)pthread_mutex_init(&r->lock, NULL);
    r->tick_ms = tick_ms;
    r->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (r->wake < 0 || pthread_create(&r->thread, NULL, reap, r) != 0) {
        if (r->wake >= 0)
            (void)close(r->wake);
        free(r);
        return NULL;
    }
    return r;
}

static void wake_up(struct reaper *r)
{
    uint64_t one = 1;
    (void)!write(r->wake, &one, sizeof one);
}

void reaper_free(struct reaper *r)
{
    if (!r)
        return;
    (void)pthread_mutex_lock(&r->lock);
    r->stopping = true;
    (void)pthread_mutex_unlock(&r->lock);
    wake_up(r);
    (void)pthread_join(r->thread, NULL);
    for (size_t i = 0; i < r->leaver_count; i++)
        (void)close(r->leavers[i].fd);
    (void)close(r->wake);
    (void)pthread_mutex_destroy(&r->lock);
    free(r);
}

void reaper_add(struct reaper *r, struct reaper_entry *entry, int fd, enum reaper_phase phase, int64_t until_ms)
{
    entry->fd = fd;
    entry->linger = false;
    entry->prev = NULL;
    atomic_store(&entry->until, until_ms << 2 | (int64_t)phase);
    (void)pthread_mutex_lock(&r->lock);
    entry->next = r->entries;
    if (r->entries)
        r->entries->prev = entry;
    r->entries = entry;
    (void)pthread_mutex_unlock(&r->lock);
}

void reaper_remove(struct reaper *r, struct reaper_entry *entry)
{
    int fd = entry->linger && !reaper_cut(entry) ? fcntl(entry->fd, F_DUPFD_CLOEXEC, 0) : -1;
    (void)pthread_mutex_lock(&r->lock);
    if (entry->prev)
        entry->prev->next = entry->next;
    else
        r->entries = entry->next;
    if (entry->next)
        entry->next->prev = entry->prev;
    bool kept = fd >= 0 && r->leaver_count < MAX_LINGER && !r->stopping;
    if (kept)
        r->leavers[r->leaver_count++] = (struct leaver){fd, time_monotonic_ms() + LINGER_MS, LINGER_BYTES};
    (void)pthread_mutex_unlock(&r->lock);
    if (kept) {
        (void)shutdown(fd, SHUT_WR);
        wake_up(r);
    } else if (fd >= 0) {
        (void)close(fd);
    }
}
