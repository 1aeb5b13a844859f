#include "http/access_log.h"

#include "base/time.h"
#include "http/memo.h"
#include "http/metrics.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SHARDS = 16, SHARD_SIZE = 128 * 1024, MAX_LINE = 4096, TICK_MS = 100, MAX_PATH = 256 };

struct shard {
    pthread_mutex_t lock;
    size_t len;
    char *data;
};

struct access_log {
    int fd;
    size_t piece; /* bytes a write may have so that lines of others do not get into it */
    struct shard shards[SHARDS];
    pthread_mutex_t writing; /* one write at a time */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
    pthread_t writer;
};

static void write_all(const struct access_log *log, const char *data, size_t len)
{
    while (len) {
        size_t piece = len;
        if (piece > log->piece) { /* whole lines */
            piece = log->piece;
            while (piece && data[piece - 1] != '\n')
                piece--;
            if (!piece)
                piece = log->piece;
        }
        ssize_t n = write(log->fd, data, piece);
        if (n >= 0) {
            data += n;
            len -= (size_t)n;
        } else if (errno == EAGAIN) {
            struct pollfd ready = {.fd = log->fd, .events = POLLOUT};
            (void)poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            return; /* nowhere left to say so */
        }
    }
}

/* With the shard's lock held. */
static void drain(struct access_log *log, struct shard *shard)
{
    (void)pthread_mutex_lock(&log->writing);
    write_all(log, shard->data, shard->len);
    (void)pthread_mutex_unlock(&log->writing);
    shard->len = 0;
}

void access_log_flush(struct access_log *log)
{
    char *copy = malloc(SHARD_SIZE);
    for (size_t i = 0; i < SHARDS; i++) {
        struct shard *shard = &log->shards[i];
        (void)pthread_mutex_lock(&shard->lock);
        size_t len = shard->len;
        if (len && !copy)
            drain(log, shard);
        else if (len)
            memcpy(copy, shard->data, len);
        shard->len = 0;
        (void)pthread_mutex_unlock(&shard->lock);
        if (len && copy) {
            (void)pthread_mutex_lock(&log->writing);
            write_all(log, copy, len);
            (void)pthread_mutex_unlock(&log->writing);
        }
    }
    free(copy);
}

static void *write_lines(void *ctx)
{
    struct access_log *log = ctx;
    bool stopping = false;
    while (!stopping) {
        struct timespec until;
        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += TICK_MS * 1000000L;
        if (until.tv_nsec >= 1000000000L) {
            until.tv_nsec -= 1000000000L;
            until.tv_sec++;
        }
        (void)pthread_mutex_lock(&log->lock);
        while (!log->stopping && pthread_cond_timedwait(&log->wake, &log->lock, &until) == 0)
            ;
        stopping = log->stopping;
        (void)pthread_mutex_unlock(&log->lock);
        access_log_flush(log);
    }
    return NULL;
}

struct access_log *access_log_new(int fd)
{
    struct access_log *log = calloc(1, sizeof *log);
    if (!log)
        abort();
    log->fd = fd;
    struct stat st;
    bool file = fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISCHR(st.st_mode));
    log->piece = file ? SHARD_SIZE : 4096; /* PIPE_BUF */
    for (size_t i = 0; i < SHARDS; i++)
        (void)pthread_mutex_init(&log->shards[i].lock, NULL);
    (void)pthread_mutex_init(&log->writing, NULL);
    (void)pthread_mutex_init(&log->lock, NULL);
    pthread_condattr_t attr;
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&log->wake, &attr);
    (void)pthread_condattr_destroy(&attr);
    if (pthread_create(&log->writer, NULL, write_lines, log) != 0) {
        (void)fputs("yellow: cannot start the access log's writer\n", stderr);
        abort();
    }
    return log;
}

void access_log_free(struct access_log *log)
{
    if (!log)
        return;
    (void)pthread_mutex_lock(&log->lock);
    log->stopping = true;
    (void)pthread_cond_signal(&log->wake);
    (void)pthread_mutex_unlock(&log->lock);
    (void)pthread_join(log->writer, NULL);
    for (size_t i = 0; i < SHARDS; i++)
        free(log->shards[i].data);
    free(log);
}

/* Lines are put together by hand: printf would cost more than all the rest of an unchanged poll. */
static inline char *put(char *p, const char *text)
{
    size_t n = strlen(text);
    memcpy(p, text, n);
    return p + n;
}

static char *put_int(char *p, uint64_t value)
{
    char digits[20];
    size_t n = 0;
    do
        digits[n++] = (char)('0' + value % 10);
    while (value /= 10);
    while (n)
        *p++ = digits[--n];
    return p;
}

/* As the inside of a JSON string, at most max bytes of text. */
static char *put_text(char *p, const char *text, size_t max)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < max && text[i]; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == '"' || c == '\\' || c >= 0x7f) { /* not ASCII: as it would be sent, escaped */
            if (c >= 0x7f) {
                *p++ = '%';
            } else {
                p = put(p, "\\u00");
            }
            *p++ = hex[c >> 4];
            *p++ = hex[c & 15];
        } else {
            *p++ = (char)c;
        }
    }
    return p;
}

/* RFC 3339 with milliseconds; the part up to the second is kept, it changes once in many lines. */
static char *put_time(char *p, int64_t now_us)
{
    static _Thread_local int64_t second = -1;
    static _Thread_local char text[TIME_TEXT_SIZE];
    if (now_us / 1000000 != second) {
        second = now_us / 1000000;
        time_format(second * 1000000, text);
    }
    memcpy(p, text, 20); /* "2026-01-31T23:59:59." */
    int ms = (int)(now_us / 1000 % 1000);
    p[20] = (char)('0' + ms / 100);
    p[21] = (char)('0' + ms / 10 % 10);
    p[22] = (char)('0' + ms % 10);
    p[23] = 'Z';
    return p + 24;
}

/* A line is: time, head, status, bytes, duration, ids, tail. Head and tail are the same for all requests for one thing
 * by one token. */
static char *put_head(char *p, const struct http_request *req, const char *method)
{
    p = put(p, "\",\"level\":\"info\",\"event\":\"request\",\"method\":\"");
    p = put_text(p, method ? method : http_method_name(req->method), 16);
    p = put(p, "\",\"operation\":\"");
    p = put_text(p, req->route ? req->route->operation : "", 64);
    p = put(p, "\",\"path\":\"");
    p = put_text(p, req->path ? req->path : "", MAX_PATH);
    return put(p, "\",\"status\":");
}

static char *put_tail(char *p, const struct http_request *req)
{
    if (req->who.name) {
        p = put(p, "\",\"token\":\"");
        p = put_text(p, req->who.name, 64);
    }
    return put(p, "\"}\n");
}

struct str access_log_head(struct arena *arena, const struct http_request *req)
{
    char head[MAX_LINE];
    size_t len = (size_t)(put_head(head, req, NULL) - head);
    return (struct str){arena_strndup(arena, head, len), len};
}

struct str access_log_tail(struct arena *arena, const struct http_request *req)
{
    char tail[MAX_LINE];
    size_t len = (size_t)(put_tail(tail, req) - tail);
    return (struct str){arena_strndup(arena, tail, len), len};
}

static char *put_str(char *p, struct str text)
{
    memcpy(p, text.data, text.len);
    return p + text.len;
}

static char *put_line(char *p, const struct access_entry *e)
{
    const struct http_request *req = e->req;
    const struct http_memo *memo = req->recalled ? req->memo : NULL;
    p = put(p, "{\"time\":\"");
    p = put_time(p, e->now_us);
    p = memo ? put_str(p, memo->log_head) : put_head(p, req, e->method);
    p = put_int(p, (uint64_t)e->status);
    p = put(p, ",\"bytes\":");
    p = put_int(p, e->bytes);
    p = put(p, ",\"duration_us\":");
    p = put_int(p, e->duration_us < 0 ? 0 : (uint64_t)e->duration_us);
    p = put(p, ",\"request_id\":\"");
    p = put(p, req->id);
    if (req->traceparent) {
        p = put(p, "\",\"traceparent\":\"");
        p = put_text(p, req->traceparent, 64);
    }
    return memo ? put_str(p, memo->log_tail) : put_tail(p, req);
}

void access_log_add(struct access_log *log, const struct access_entry *entry)
{
    struct shard *shard = &log->shards[metric_thread() % SHARDS];
    (void)pthread_mutex_lock(&shard->lock);
    if (!shard->data && !(shard->data = malloc(SHARD_SIZE)))
        abort();
    if (SHARD_SIZE - shard->len < MAX_LINE)
        drain(log, shard);
    shard->len = (size_t)(put_line(shard->data + shard->len, entry) - shard->data);
    (void)pthread_mutex_unlock(&shard->lock);
}
