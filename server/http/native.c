#include "http/native.h"

#include "http/metrics.h"
#include "http/shared.h"

#include <stdlib.h>

static void add(struct MHD_Response *native, const char *name, const char *value)
{
    if (value)
        (void)MHD_add_response_header(native, name, value);
}

static struct MHD_Response *make(struct str body)
{
    /* Without a copy: the request holds the body until libmicrohttpd says that it has ended. */
    return MHD_create_response_from_buffer(body.len, (void *)body.data, MHD_RESPMEM_PERSISTENT);
}

/* An unchanged poll builds nothing: each event thread keeps one finished response of a shared one, and one for 304.
 * They differ from request to request in X-Request-Id alone, which is overwritten in place, at equal length.
 * That is sound because libmicrohttpd copies the headers out on the same thread right after the handler queues the
 * response and before it calls a handler again; a test with many connections holds it to that. */
enum { MAX_THREADS = 32 };

struct variant {
    struct MHD_Response *native;
    char *id; /* inside native */
};

struct thread_variants {
    struct variant full, unchanged;
};

struct table {
    struct thread_variants threads[MAX_THREADS];
};

static void free_table(void *ptr)
{
    struct table *t = ptr;
    for (size_t i = 0; i < MAX_THREADS; i++) {
        if (t->threads[i].full.native)
            MHD_destroy_response(t->threads[i].full.native);
        if (t->threads[i].unchanged.native)
            MHD_destroy_response(t->threads[i].unchanged.native);
    }
    free(t);
}

static struct thread_variants *variants_of(struct http_shared *shared)
{
    unsigned thread = metric_thread();
    if (thread >= MAX_THREADS)
        return NULL;
    struct table *t = atomic_load_explicit(&shared->native, memory_order_acquire);
    if (!t) {
        void *none = NULL;
        t = calloc(1, sizeof *t);
        if (!t)
            return NULL;
        shared->native_free = free_table;
        if (!atomic_compare_exchange_strong(&shared->native, &none, t)) {
            free(t);
            t = none;
        }
    }
    return &t->threads[thread];
}

static bool make_variant(struct variant *v, const struct http_shared *shared, const struct http_request *req,
                         const struct http_response *res)
{
    bool unchanged = res->status == 304;
    struct MHD_Response *native = make(unchanged ? STR("") : shared->body);
    if (!native)
        return false;
    if (!unchanged)
        add(native, "Content-Type", shared->content_type);
    add(native, "ETag", shared->etag);
    for (size_t i = 0; i < res->header_count; i++)
        add(native, res->headers[i].name, res->headers[i].value);
    v->id = (char *)MHD_get_response_header(native, "X-Request-Id");
    if (!v->id || strlen(v->id) != strlen(req->id)) {
        MHD_destroy_response(native);
        return false;
    }
    v->native = native;
    return true;
}

enum { STANDARD_HEADERS = 3 }; /* that the dispatcher gives to a read: the same in every one */

static struct MHD_Response *prebuilt(const struct http_request *req, const struct http_response *res)
{
    if (!res->shared || res->close || res->header_count != STANDARD_HEADERS || res->status >= 400 ||
        (res->status != 304 && res->status != res->shared->status) || strlen(req->id) != HTTP_ID_LENGTH)
        return NULL;
    struct thread_variants *mine = variants_of(res->shared);
    if (!mine)
        return NULL;
    struct variant *v = res->status == 304 ? &mine->unchanged : &mine->full;
    if (!v->native && !make_variant(v, res->shared, req, res))
        return NULL;
    memcpy(v->id, req->id, HTTP_ID_LENGTH);
    return v->native;
}

static struct MHD_Response *build(const struct http_response *res)
{
    struct MHD_Response *native = make(http_response_body(res));
    if (!native)
        return NULL;
    add(native, "Content-Type", http_response_header(res, "Content-Type"));
    add(native, "ETag", http_response_header(res, "ETag"));
    for (size_t i = 0; i < res->header_count; i++)
        add(native, res->headers[i].name, res->headers[i].value);
    if (res->close)
        add(native, "Connection", "close");
    return native;
}

enum MHD_Result native_queue(struct MHD_Connection *mhd, const struct http_request *req,
                             const struct http_response *res)
{
    struct MHD_Response *native = prebuilt(req, res);
    if (native)
        return MHD_queue_response(mhd, (unsigned)res->status, native);
    native = build(res);
    if (!native)
        return MHD_NO;
    enum MHD_Result result = MHD_queue_response(mhd, (unsigned)res->status, native);
    MHD_destroy_response(native);
    return result;
}
