#ifndef YELLOW_HTTP_REAPER_H
#define YELLOW_HTTP_REAPER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Absolute deadlines of connections, which libmicrohttpd does not have: a thread that shuts down sockets that are past
 * theirs. It also sees refused senders off: closing a socket with unread bytes would destroy the response on its way.
 */
struct reaper;

enum reaper_phase {
    REAPER_NONE,    /* no deadline */
    REAPER_IDLE,    /* waits for a request: closed in silence */
    REAPER_RECEIVE, /* in the middle of one: 408 */
    REAPER_SEND     /* the response leaves too slowly: closed */
};

/* Within the owner's connection. */
struct reaper_entry {
    struct reaper_entry *prev, *next;
    int fd;
    _Atomic int64_t until; /* deadline in ms << 2 | phase; -1: cut off by the reaper */
    bool linger;           /* set by the event thread: see the sender off when the connection closes */
};

/* tick_ms: how often it looks. NULL when the thread cannot start. */
struct reaper *reaper_new(int64_t tick_ms);
void reaper_free(struct reaper *reaper);

void reaper_add(struct reaper *reaper, struct reaper_entry *entry, int fd, enum reaper_phase phase, int64_t until_ms);
/* Before the socket is closed. Keeps a duplicate of it for a while when entry->linger. */
void reaper_remove(struct reaper *reaper, struct reaper_entry *entry);

/* The next phase. False when the reaper has cut the connection off: say nothing more on it. */
static inline bool reaper_set(struct reaper_entry *entry, enum reaper_phase phase, int64_t until_ms)
{
    int64_t next = phase == REAPER_NONE ? 0 : (until_ms << 2 | (int64_t)phase);
    int64_t now = atomic_load_explicit(&entry->until, memory_order_relaxed);
    while (now != -1 && !atomic_compare_exchange_weak(&entry->until, &now, next))
        ;
    return now != -1;
}

static inline bool reaper_cut(const struct reaper_entry *entry)
{
    return atomic_load_explicit(&entry->until, memory_order_relaxed) == -1;
}

#endif
