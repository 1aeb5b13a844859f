#ifndef YELLOW_HTTP_HTTP_H
#define YELLOW_HTTP_HTTP_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

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

enum {
    HTTP_MAX_PARAMS = 6,
    HTTP_MAX_SCOPES = 16,
    HTTP_MAX_HEADERS = 16, /* of a response; the dispatcher takes at most 5 */
    HTTP_MAX_PROBLEMS = 32,
    HTTP_MAX_QUERY = 32,
    HTTP_ID_SIZE = 64,
    HTTP_ID_LENGTH = 32 /* of an id that is made here: hexadecimal */
};

/* Who asks: filled by the authenticator of the dispatcher. */
struct http_principal {
    int64_t token_id;                    /* 0: nobody */
    const char *name;                    /* of the token; for audit rows */
    const char *ecosystem;               /* NULL: all; otherwise other ecosystems are 404 */
    const char *scopes[HTTP_MAX_SCOPES]; /* NULL-terminated unless full; "admin" holds every scope */
    uint64_t stamp;                      /* the authenticator's, for http_authenticated; 0: ask it every time */
    int64_t until_us;                    /* the authenticator's as well */
};

/* Headers that every request is looked through for: http_request.known has them by number. */
enum http_known {
    HTTP_KNOWN_NONE, /* any other */
    HTTP_KNOWN_HOST,
    HTTP_KNOWN_AUTHORIZATION,
    HTTP_KNOWN_IF_NONE_MATCH,
    HTTP_KNOWN_CONTENT_LENGTH,
    HTTP_KNOWN_TRANSFER_ENCODING,
    HTTP_KNOWN_X_REQUEST_ID,
    HTTP_KNOWN_TRACEPARENT,
    HTTP_KNOWN_COUNT
};

/* What the connection asked before: http/memo.h. */
struct http_memo;

struct http_request {
    struct arena *arena;
    void *app; /* struct app of api/app.h */
    enum http_method method;
    const char *path; /* as sent, without query; %-escapes decoded once */
    struct http_pair *headers;
    size_t header_count;
    const char *known[HTTP_KNOWN_COUNT]; /* the first of each; NULL when absent */
    unsigned repeated;                   /* bit n: known header n came more than once */
    struct http_pair *query;             /* decoded */
    size_t query_count;
    struct str body;
    int64_t content_length;  /* as declared, before the body is read; -1: chunked. body.len counts once it is there */
    char id[HTTP_ID_SIZE];   /* X-Request-Id, taken over when it is 1 to 63 of [A-Za-z0-9._-], else made */
    const char *traceparent; /* valid W3C form, or NULL */
    const char *peer;
    bool may_wait; /* false on an event thread: whoever would have to wait (SQL, a file) returns HTTP_DEFER instead */
    struct http_principal who;
    const struct http_route *route;           /* set by the dispatcher */
    struct http_pair params[HTTP_MAX_PARAMS]; /* of {names} in the route's path */
    size_t param_count;
    struct http_memo *memo;     /* the connection's, or NULL */
    bool same_target, recalled; /* its target is the memo's; route, who and params are too */
};

/* An immutable body with its headers, shared by many responses and threads: the pre-built status document. */
struct http_shared;

struct http_problem_item {
    const char *pointer; /* JSON pointer into the request body, or file:line:column */
    const char *text;
};

/* {0} is an empty one. It lives at least as long as the request's arena. */
struct http_response {
    int status; /* 0 until a handler or the dispatcher sets it */
    const char *content_type;
    struct buf body;            /* disposed of with the request's arena */
    struct http_shared *shared; /* when set, status, headers and body come from it; one reference is held */
    json_t *members;            /* of a problem: added to its document (borrowed; own it with json_own), or NULL */
    int problem_status;         /* of a problem: instead of err_kind's, or 0 */
    const char *code;           /* of a problem: a more precise one than err_kind's name, or NULL */
    const char *etag;           /* with its quotes, or NULL */
    struct http_pair headers[HTTP_MAX_HEADERS];
    size_t header_count;
    bool close;                                           /* close the connection after this response */
    struct http_problem_item problems[HTTP_MAX_PROBLEMS]; /* become errors[] of a problem document */
    size_t problem_count;
    size_t problems_left_out; /* added when problems was full; told as errors_omitted */
};

/* What a handler or an authenticator returns when it would have to wait and req->may_wait is false: it is called again,
 * from the start, on a worker thread with may_wait true. */
enum { HTTP_DEFER = 1 };

/* Returns 0 with res filled, HTTP_DEFER, or a negative code with err: the dispatcher makes the problem document. */
typedef int http_handler(struct http_request *req, struct http_response *res, struct err *err);

enum http_route_flags {
    ROUTE_INLINE = 1,      /* tried on the event thread first: never waits there, may return HTTP_DEFER */
    ROUTE_RAW_BODY = 2,    /* any media type; the handler sees raw bytes (webhooks) */
    ROUTE_IF_MATCH = 4,    /* If-Match is required: 428 without it */
    ROUTE_IDEMPOTENCY = 8, /* takes Idempotency-Key */
    ROUTE_MODEL = 16       /* reads the model, at ?version= or ?at= (api/reading.h) */
};

/* Scopes that need no token. */
#define SCOPE_PUBLIC "public"       /* /livez, /readyz, /metrics, /openapi.yaml */
#define SCOPE_SIGNATURE "signature" /* webhooks: the handler verifies the signature itself */

struct http_route {
    unsigned method;  /* one enum http_method */
    const char *path; /* "/v1/ecosystems/{eco}/streams" */
    http_handler *handle;
    const char *scope;     /* never NULL: the dispatcher refuses to start otherwise */
    const char *operation; /* operationId in api/openapi.yaml */
    unsigned flags;
    size_t body_cap; /* bytes; 0: no body allowed */
};

/* A request made by hand or by the server: reads target ("/v1/x?limit=3", as sent) into path and query, makes an id.
 * ERR_SYNTAX when the path could mean something else to somebody else: "..", %2f, %5c, %00, control characters, bad
 * escapes, bytes that are not UTF-8. req was zeroed or used before; app, peer and body are left alone. */
int http_request_init(struct http_request *req, struct arena *arena, enum http_method method, const char *target,
                      struct err *err);
/* The part of it that does not read the target: path is "". */
void http_request_reset(struct http_request *req, struct arena *arena, enum http_method method);
/* Appends a header; both texts are borrowed. Returns which of the known ones it is. */
enum http_known http_request_add_header(struct http_request *req, const char *name, const char *value);
/* Takes over X-Request-Id and traceparent from the headers when they are well formed. */
void http_request_take_ids(struct http_request *req);
enum http_method http_method_from(const char *name);
const char *http_method_name(enum http_method method);

/* NULL when absent. Header names compare without case. */
const char *http_header(const struct http_request *req, const char *name);
const char *http_query(const struct http_request *req, const char *name);
/* The path parameter; "" never happens for a matched route. */
const char *http_param(const struct http_request *req, const char *name);
bool http_has_scope(const struct http_principal *who, const char *scope);

/* {id}, {n}, {run}: the dispatcher has checked the digits. */
int64_t http_param_int(const struct http_request *req, const char *name);
/* Idempotency-Key, checked by the dispatcher on ROUTE_IDEMPOTENCY (1 to 255 printable ASCII), or NULL. */
const char *http_idempotency_key(const struct http_request *req);
/* The best of n media types for Accept, the first when there is no Accept; NULL: none is acceptable. */
const char *http_negotiate(const struct http_request *req, const char *const *types, size_t n);

/* Body as a JSON object: ERR_SYNTAX otherwise. Owned by the request's arena. */
int http_body_json(struct http_request *req, json_t **out, struct err *err);
/* Refuses query names that are not in the NULL-terminated list: ERR_SYNTAX that names it. */
int http_check_query(const struct http_request *req, const char *const *known, struct err *err);

/* Empties res for the next request; its body must have been disposed of. Cheaper than zeroing the arrays. */
void http_response_reset(struct http_response *res);
/* Response makers. json is borrowed (own it with json_own). */
void http_reply_json(struct http_response *res, int status, const json_t *json);
void http_reply_text(struct http_response *res, int status, const char *content_type, struct str text);
void http_reply_empty(struct http_response *res, int status);
/* The response comes from shared; takes over one reference. */
void http_reply_shared(struct http_response *res, struct http_shared *shared);
/* The problem document of err, with errors[] of res->problems. The dispatcher calls it for a handler that fails. */
void http_reply_problem(struct http_request *req, struct http_response *res, const struct err *err);
/* What an unknown ecosystem is told, and a token that is bound to another one: ERR_NOT_FOUND. */
int http_no_ecosystem(struct err *err, const char *name);
/* What a client gets, whether it comes from res or from its shared one; NULL for an absent header. */
const char *http_response_header(const struct http_response *res, const char *name);
struct str http_response_body(const struct http_response *res);

/* Value is copied to the request's arena; name is borrowed. A header of that name that is there is replaced. */
void http_add_header(struct http_request *req, struct http_response *res, const char *name, const char *value);
/* Sets a strong ETag "\"...\"" ; the dispatcher answers 304 to a GET whose If-None-Match holds it. */
void http_set_etag(struct http_request *req, struct http_response *res, const char *tag);
/* The strong ETag made of the body's SHA-256; for replies whose bytes are the version. */
void http_set_body_etag(struct http_request *req, struct http_response *res);
/* Adds an entry to errors[] of the problem that the handler is about to return. Texts are copied to the arena. */
void http_add_problem(struct http_request *req, struct http_response *res, const char *pointer, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Compares If-Match with the current tag (without quotes; NULL: there is nothing yet): 0, ERR_PRECONDITION (absent) or
 * ERR_STALE. "*" matches anything that is. If-None-Match: * stands for "create it": ERR_STALE when it is there. */
int http_check_if_match(const struct http_request *req, const char *tag, struct err *err);

/* Keyset pages. limit: 1 to max out of ?limit=, default fallback, else ERR_SYNTAX. */
int http_page_limit(const struct http_request *req, size_t fallback, size_t max, size_t *limit, struct err *err);
/* The opaque cursor holds parts in order; NULL parts are not allowed. On the arena. */
char *http_cursor_make(struct arena *arena, const char *const *parts, size_t n);
/* What a cursor of another list is told: ERR_SYNTAX. */
int http_cursor_refuse(struct err *err);
/* Reads ?cursor= into n parts (on the arena); *present is false without one; a bad one is ERR_SYNTAX. */
int http_cursor_read(struct http_request *req, const char **parts, size_t n, bool *present, struct err *err);
/* Link: <path?...&cursor=...>; rel="next", keeping the other query parameters. */
void http_link_next(struct http_request *req, struct http_response *res, const char *cursor);

#endif
