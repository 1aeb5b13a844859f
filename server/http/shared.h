#ifndef YELLOW_HTTP_SHARED_H
#define YELLOW_HTTP_SHARED_H

#include "http/http.h"

#include <pthread.h>
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

/* Where an owner keeps the response in force. {HTTP_SLOT_INIT} is empty. */
struct http_slot {
    pthread_mutex_t lock;
    struct http_shared *shared;
};
#define HTTP_SLOT_INIT                                                                                                 \
    {                                                                                                                  \
        PTHREAD_MUTEX_INITIALIZER, NULL                                                                                \
    }

void http_slot_init(struct http_slot *slot);
void http_slot_dispose(struct http_slot *slot);
/* A new reference to what is in force, or NULL. */
struct http_shared *http_slot_get(struct http_slot *slot);
/* Puts shared (its reference goes to the slot; NULL empties it) in force; readers of the former one keep theirs. */
void http_slot_swap(struct http_slot *slot, struct http_shared *shared);

#endif
