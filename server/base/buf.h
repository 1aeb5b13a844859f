#ifndef YELLOW_BASE_BUF_H
#define YELLOW_BASE_BUF_H

#include "base/arena.h"
#include "base/str.h"

/* A growing run of bytes on the heap, always terminated with a NUL that does not count. Out of memory aborts. */
struct buf {
    char *data; /* NULL until the first byte comes */
    size_t len, cap;
};

/* {0} is an empty buffer. Frees the bytes and makes it empty again. */
void buf_dispose(struct buf *buf);
/* An empty buffer that is disposed of with the arena. */
struct buf *buf_new(struct arena *arena);

void buf_add(struct buf *buf, const void *data, size_t len);
void buf_addc(struct buf *buf, char c);
void buf_adds(struct buf *buf, const char *text);
void buf_add_str(struct buf *buf, struct str s);
void buf_addf(struct buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Room for len more bytes; returns where they go; the caller adds to buf->len what it wrote. */
char *buf_reserve(struct buf *buf, size_t len);
/* Cuts to len bytes; a longer len changes nothing. */
void buf_cut(struct buf *buf, size_t len);
/* Borrowed until the next change; "" when empty. */
const char *buf_text(const struct buf *buf);
static inline struct str buf_str(const struct buf *buf)
{
    return (struct str){buf_text(buf), buf->len};
}
/* The bytes, owned by the caller (free); buf is empty afterwards. Never NULL. */
char *buf_take(struct buf *buf);

#endif
