#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_dispose(struct buf *buf)
{
    free(buf->data);
    *buf = (struct buf){0};
}

static void dispose(void *buf)
{
    buf_dispose(buf);
}

struct buf *buf_new(struct arena *arena)
{
    struct buf *buf = arena_alloc(arena, sizeof *buf);
    arena_defer(arena, dispose, buf);
    return buf;
}

char *buf_reserve(struct buf *buf, size_t len)
{
    if (len < buf->cap - buf->len && buf->data)
        return buf->data + buf->len;
    if (len > SIZE_MAX / 4 - buf->len)
        arena_exhausted(len);
    size_t cap = buf->cap ? buf->cap : 64;
    while (cap <= buf->len + len)
        cap *= 2;
    char *data = realloc(buf->data, cap);
    if (!data)
        arena_exhausted(cap);
    buf->data = data;
    buf->cap = cap;
    return data + buf->len;
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
    char *to = buf_reserve(buf, len);
    if (len)
        memcpy(to, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void buf_addc(struct buf *buf, char c)
{
    *buf_reserve(buf, 1) = c;
    buf->data[++buf->len] = '\0';
}

void buf_adds(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_add_str(struct buf *buf, struct str s)
{
    buf_add(buf, s.data, s.len);
}

void buf_addf(struct buf *buf, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n > 0) {
        char *to = buf_reserve(buf, (size_t)n);
        (void)vsnprintf(to, (size_t)n + 1, fmt, again);
        buf->len += (size_t)n;
    }
    va_end(again);
}

void buf_cut(struct buf *buf, size_t len)
{
    if (len < buf->len) {
        buf->len = len;
        buf->data[len] = '\0';
    }
}

const char *buf_text(const struct buf *buf)
{
    return buf->data ? buf->data : "";
}

char *buf_take(struct buf *buf)
{
    *buf_reserve(buf, 0) = '\0';
    char *data = buf->data;
    *buf = (struct buf){0};
    return data;
}
