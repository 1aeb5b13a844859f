#ifndef YELLOW_HTTP_HTTP_H
#define YELLOW_HTTP_HTTP_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

#include <stdatomic.h>

/* A request and a response without sockets: what handlers see, what tests make by hand. */

enum http_method {
    HTTP_GET = 1,
    HTTP_HEAD = 2, /* dispatched as GET; the server leaves the body out */
    HTTP_POST = 4,
    HTTP_PUT = 8,
    HTTP_PATCH = 16,
    HTTP_DELETE = 32,
    HTTP_OPTIONS = 64,
    HTTP_OTHER = 128
};

struct http_pair {
    const char *name, *value;
};

enum { HTTP_MAX_PARAMS = 6, HTTP_MAX_SCOPES = 16, HTTP_ID_SIZE = 64 };

/* Who asks: filled by the authenticator of the dispatcher. */
struct http_principal {
    int64_t token_id;    /* 0: nobody */
    const char *name;    /* of the token; for audit rows */
    const char *ecosystem; /* NULL: all; otherwise other ecosystems are 404 */
    const char *scopes[HTTP_MAX_SCOPES]; /* NULL-terminated unless full; "admin" holds every scope */
};

struct http_request {
    struct arena *arena;
    void *app; /* struct app of api/app.h */
    enum http_method method;
    const char *path;  /* as sent, without query; %-escapes decoded once */
    struct http_pair *headers;
    size_t header_count;
    struct http_pair *query; /* decoded */
    size_t query_count;
    struct str body;
    char id[HTTP_ID_SIZE]; /* X-Request-Id, taken over when it is 1 to 63 of [A-Za-z0-9._-], else made */
    const char *traceparent; /* valid W3C form, or NULL */
    const char *peer;
    struct http_principal who;
    const struct http_route *route;             /* set by the dispatcher */
    struct http_pair params[HTTP_MAX_PARAMS];   /* of {names} in the route's path */
    size_t param_count;
};

/* An immutable body with its headers, shared by many responses and threads: the pre-built status document. */
struct http_shared;

struct http_problem_item {
    const char *pointer; /* JSON pointer into the request body, or file:line:column */
    const char *text;
};

struct http_response {
    int status; /* 0 until a handler or the dispatcher sets it */
    const char *content_type;
    struct buf body;            /* disposed of with the request's arena */
    struct http_shared *shared; /* when set, status, headers and body come from it; one reference is held */
    struct http_pair headers[16];
    size_t header_count;
    bool close; /* close the connection after this response */
    struct http_problem_item problems[32]; /* become errors[] of a problem document */
    size_t problem_count;
};

/* Returns 0 with res filled, or a negative code with err: the dispatcher makes the problem document. */
typedef int http_handler(struct http_request *req, struct http_response *res, struct err *err);

enum http_route_flags {
    ROUTE_INLINE = 1,      /* never waits: runs on the event thread (no SQL, no files) */
    ROUTE_RAW_BODY = 2,    /* any media type; the handler sees raw bytes (webhooks) */
    ROUTE_IF_MATCH = 4,    /* If-Match is required: 428 without it */
    ROUTE_IDEMPOTENCY = 8, /* takes Idempotency-Key */
    ROUTE_SCOPED = 16      /* internal to tests */
};

/* Scopes that need no token. */
#define SCOPE_PUBLIC "public"       /* /livez, /readyz, /metrics, /openapi.yaml */
#define SCOPE_SIGNATURE "signature" /* webhooks: the handler verifies the signature itself */

struct http_route {
    unsigned method;       /* one enum http_method */
    const char *path;      /* "/v1/ecosystems/{eco}/streams" */
    http_handler *handle;
    const char *scope;     /* never NULL: the dispatcher refuses to start otherwise */
    const char *operation; /* operationId in api/openapi.yaml */
    unsigned flags;
    size_t body_cap;       /* bytes; 0: no body allowed */
};

/* NULL when absent. Header names compare without case. */
const char *http_header(const struct http_request *req, const char *name);
const char *http_query(const struct http_request *req, const char *name);
/* The path parameter; "" never happens for a matched route. */
const char *http_param(const struct http_request *req, const char *name);
bool http_has_scope(const struct http_principal *who, const char *scope);

/* Body as a JSON object: ERR_SYNTAX otherwise. Owned by the request's arena. */
int http_body_json(struct http_request *req, json_t **out, struct err *err);
/* Refuses query names that are not in the NULL-terminated list: ERR_SYNTAX that names it. */
int http_check_query(const struct http_request *req, const char *const *known, struct err *err);

/* Response makers. json is borrowed (own it with json_own). */
void http_reply_json(struct http_response *res, int status, const json_t *json);
void http_reply_text(struct http_response *res, int status, const char *content_type, struct str text);
void http_reply_empty(struct http_response *res, int status);
/* Value is copied to the request's arena. */
void http_add_header(struct http_request *req, struct http_response *res, const char *name, const char *value);
/* Sets a strong ETag "\"...\"" ; the dispatcher answers 304 to a GET whose If-None-Match holds it. */
void http_set_etag(struct http_request *req, struct http_response *res, const char *tag);
/* The strong ETag made of the body's SHA-256; for replies whose bytes are the version. */
void http_set_body_etag(struct http_request *req, struct http_response *res);
/* Adds an entry to errors[] of the problem that the handler is about to return. Texts are copied to the arena. */
void http_add_problem(struct http_request *req, struct http_response *res, const char *pointer, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Compares If-Match with the current tag: 0, ERR_PRECONDITION (absent) or ERR_STALE. "*" matches anything that is. */
int http_check_if_match(const struct http_request *req, const char *tag, struct err *err);

/* Keyset pages. limit: 1 to max out of ?limit=, default fallback, else ERR_SYNTAX. */
int http_page_limit(const struct http_request *req, size_t fallback, size_t max, size_t *limit, struct err *err);
/* The opaque cursor holds parts in order; NULL parts are not allowed. On the arena. */
char *http_cursor_make(struct arena *arena, const char *const *parts, size_t n);
/* Reads ?cursor= into n parts (on the arena); *present is false without one; a bad one is ERR_SYNTAX. */
int http_cursor_read(struct http_request *req, const char **parts, size_t n, bool *present, struct err *err);
/* Link: <path?...&cursor=...>; rel="next", keeping the other query parameters. */
void http_link_next(struct http_request *req, struct http_response *res, const char *cursor);

#endif
