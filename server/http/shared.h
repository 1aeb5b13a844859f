#ifndef YELLOW_HTTP_SHARED_H
#define YELLOW_HTTP_SHARED_H

#include "http/http.h"

#include <stdatomic.h>

/* An immutable response made once and sent to many: counted references, any thread. */

struct http_shared {
    _Alignas(64) _Atomic unsigned refs; /* alone on its line of the cache: every request writes it */
    _Alignas(64) int status;
    char *content_type;
    char *etag; /* with its quotes */
    struct str body;
    _Atomic(void *) native; /* what the server made of it; freed by native_free with the last reference */
    void (*native_free)(void *native);
};

/* One reference, the caller's. Takes over body's bytes and empties it; copies the texts. etag without quotes; NULL: the
 * SHA-256 of the body. */
struct http_shared *http_shared_new(int status, const char *content_type, const char *etag, struct buf *body);
struct http_shared *http_shared_ref(struct http_shared *shared);
/* NULL is allowed. */
void http_shared_unref(struct http_shared *shared);

#endif
