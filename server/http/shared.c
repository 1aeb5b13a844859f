#include "http/shared.h"

#include "base/crypto.h"

#include <stdio.h>
#include <stdlib.h>

static char *copy(const char *text)
{
    struct buf b = {0};
    buf_adds(&b, text);
    return buf_take(&b);
}

struct http_shared *http_shared_new(int status, const char *content_type, const char *etag, struct buf *body)
{
    struct http_shared *shared = aligned_alloc(_Alignof(struct http_shared), sizeof *shared);
    if (!shared) {
        (void)fputs("yellow: out of memory (shared response)\n", stderr);
        abort();
    }
    memset(shared, 0, sizeof *shared);
    atomic_init(&shared->refs, 1);
    shared->status = status;
    shared->content_type = copy(content_type);
    shared->body.len = body->len;
    shared->body.data = buf_take(body);
    char hash[SHA256_HEX_SIZE];
    if (!etag) {
        crypto_sha256_hex(shared->body, hash);
        etag = hash;
    }
    struct buf quoted = {0};
    buf_addf(&quoted, "\"%s\"", etag);
    shared->etag = buf_take(&quoted);
    return shared;
}

struct http_shared *http_shared_ref(struct http_shared *shared)
{
    (void)atomic_fetch_add_explicit(&shared->refs, 1, memory_order_relaxed);
    return shared;
}

void http_shared_unref(struct http_shared *shared)
{
    if (!shared || atomic_fetch_sub_explicit(&shared->refs, 1, memory_order_acq_rel) != 1)
        return;
    void *native = atomic_load(&shared->native);
    if (native)
        shared->native_free(native);
    free((char *)shared->body.data);
    free(shared->content_type);
    free(shared->etag);
    free(shared);
}
