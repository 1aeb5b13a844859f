#ifndef TESTS_HTTP_WIRE_H
#define TESTS_HTTP_WIRE_H

#include "base/buf.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A client that sends any bytes. Nothing here waits for time to pass: only for the peer to write or close. */

enum { WIRE_PATIENCE_MS = 20000 }; /* a test that hangs fails; none passes because of it */

static inline int wire_connect(unsigned port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_geq(fd, 0);
    cr_assert_eq(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

/* False when the peer has closed. */
static inline bool wire_write(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        data += n;
        len -= (size_t)n;
    }
    return true;
}

static inline bool wire_send(int fd, const char *text)
{
    return wire_write(fd, text, strlen(text));
}

/* False at the end of the stream or when it is reset. */
static inline bool wire_read(int fd, struct buf *in)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    cr_assert_gt(poll(&ready, 1, WIRE_PATIENCE_MS), 0, "the peer neither answers nor closes");
    char *to = buf_reserve(in, 65536);
    ssize_t n = recv(fd, to, 65536, 0);
    if (n <= 0)
        return false;
    in->len += (size_t)n;
    in->data[in->len] = '\0';
    return true;
}

/* Everything until the peer closes. Closes too. */
static inline struct buf wire_rest(int fd)
{
    struct buf in = {0};
    while (wire_read(fd, &in))
        ;
    (void)close(fd);
    return in;
}

/* Reads until text stands in what came. */
static inline void wire_until(int fd, struct buf *in, const char *text)
{
    while (!strstr(buf_text(in), text))
        cr_assert(wire_read(fd, in), "closed before \"%s\": %s", text, buf_text(in));
}

/* Sends one request and reads until the peer closes. */
static inline struct buf wire_ask(unsigned port, const char *request)
{
    int fd = wire_connect(port);
    (void)wire_send(fd, request);
    return wire_rest(fd);
}

static inline int wire_status(const struct buf *in)
{
    return strncmp(buf_text(in), "HTTP/1.1 ", 9) == 0
               ? (in->data[9] - '0') * 100 + (in->data[10] - '0') * 10 + (in->data[11] - '0')
               : 0;
}

#endif
