#include "ingest/canned.h"

#include "base/buf.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct canned {
    int fd;
    pthread_t thread;
    const char *const *answers;
    struct buf *requests[32];
    size_t count;
    const char *url;
};

/* The head, and as much body as it announces. */
static void read_request(int fd, struct buf *out)
{
    char piece[4096];
    for (;;) {
        const char *end = out->len ? strstr(buf_text(out), "\r\n\r\n") : NULL;
        const char *length = end ? strcasestr(buf_text(out), "\r\ncontent-length:") : NULL;
        size_t want = length && length < end ? (size_t)strtoul(length + 17, NULL, 10) : 0;
        if (end && out->len >= (size_t)(end + 4 - buf_text(out)) + want)
            return;
        ssize_t n = read(fd, piece, sizeof piece);
        if (n <= 0)
            return;
        buf_add(out, piece, (size_t)n);
    }
}

static void *serve(void *ctx)
{
    struct canned *canned = ctx;
    for (; canned->answers[canned->count]; canned->count++) {
        int fd = accept(canned->fd, NULL, NULL);
        if (fd < 0)
            break;
        const char *answer = canned->answers[canned->count];
        read_request(fd, canned->requests[canned->count]);
        if (*answer)
            (void)!write(fd, answer, strlen(answer));
        (void)close(fd);
    }
    (void)close(canned->fd);
    return NULL;
}

struct canned *canned_start(struct arena *arena, const char *const *answers)
{
    struct canned *canned = arena_alloc(arena, sizeof *canned);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;
    canned->answers = answers;
    for (size_t i = 0; i < sizeof canned->requests / sizeof *canned->requests; i++)
        canned->requests[i] = buf_new(arena);
    canned->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(canned->fd, (struct sockaddr *)&at, sizeof at), 0);
    cr_assert_eq(listen(canned->fd, 16), 0);
    cr_assert_eq(getsockname(canned->fd, (struct sockaddr *)&at, &len), 0);
    canned->url = arena_printf(arena, "http://127.0.0.1:%d", ntohs(at.sin_port));
    cr_assert_eq(pthread_create(&canned->thread, NULL, serve, canned), 0);
    return canned;
}

const char *canned_url(const struct canned *canned)
{
    return canned->url;
}

size_t canned_stop(struct canned *canned)
{
    (void)pthread_join(canned->thread, NULL);
    return canned->count;
}

const char *canned_request(const struct canned *canned, size_t i)
{
    return buf_text(canned->requests[i]);
}

const char *canned_json(struct arena *arena, int status, const char *body)
{
    return arena_printf(arena,
                        "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                        "Connection: close\r\n\r\n%s",
                        status, strlen(body), body);
}
