#include "base/log.h"

#include "base/json.h"
#include "base/time.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static const char *const level_names[] = {"debug", "info", "warn", "error"};

static atomic_int lowest = LOG_INFO;

/* Held while a finished line leaves. One write(2) alone would not do: a pipe splits lines above PIPE_BUF. */
static pthread_mutex_t leaving = PTHREAD_MUTEX_INITIALIZER;
static void (*sink)(void *ctx, struct str line);
static void *sink_ctx;

static void write_all(struct str line)
{
    while (line.len) {
        ssize_t n = write(STDERR_FILENO, line.data, line.len);
        if (n >= 0) {
            line.data += n;
            line.len -= (size_t)n;
        } else if (errno == EAGAIN) { /* whoever started us made it non-blocking */
            struct pollfd ready = {.fd = STDERR_FILENO, .events = POLLOUT};
            (void)poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            return; /* there is nowhere left to say so */
        }
    }
}

static void add_key(struct buf *line, const char *key)
{
    buf_addc(line, ',');
    json_write_text(line, str_from(key));
    buf_addc(line, ':');
}

void log_fields(enum log_level level, const char *event, const struct log_field *fields)
{
    if ((int)level < atomic_load_explicit(&lowest, memory_order_relaxed))
        return;
    int saved = errno;
    struct buf line = {0};
    char now[TIME_TEXT_SIZE];
    time_format(time_now_us(), now);
    buf_addf(&line, "{\"time\":\"%s\",\"level\":\"%s\"", now, level_names[level]);
    add_key(&line, "event");
    json_write_text(&line, str_from(event));
    for (const struct log_field *f = fields; f && f->type != LOG_FIELD_END; f++) {
        add_key(&line, f->key);
        if (f->type == LOG_FIELD_INT)
            buf_addf(&line, "%lld", (long long)f->number);
        else if (f->type == LOG_FIELD_BOOL)
            buf_adds(&line, f->number ? "true" : "false");
        else if (!f->text)
            buf_adds(&line, "null");
        else
            json_write_text(&line, str_from(f->text));
    }
    buf_adds(&line, "}\n");

    (void)pthread_mutex_lock(&leaving);
    if (sink)
        sink(sink_ctx, buf_str(&line));
    else
        write_all(buf_str(&line));
    (void)pthread_mutex_unlock(&leaving);
    buf_dispose(&line);
    errno = saved;
}

void log_set_level(enum log_level level)
{
    atomic_store(&lowest, (int)level);
}

void log_set_sink(void (*fn)(void *ctx, struct str line), void *ctx)
{
    (void)pthread_mutex_lock(&leaving);
    sink = fn;
    sink_ctx = ctx;
    (void)pthread_mutex_unlock(&leaving);
}
