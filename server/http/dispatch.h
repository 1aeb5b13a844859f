#ifndef YELLOW_HTTP_DISPATCH_H
#define YELLOW_HTTP_DISPATCH_H

#include "http/http.h"

/* Finds the route of a request, checks who asks and what is sent, runs the handler and finishes the response. Without
 * sockets: the server and the tests drive it. */

struct http_dispatcher;

/* Says who holds token: 0 with out filled, or a negative code (ERR_UNAUTHORIZED for an unknown, expired or revoked one,
 * ERR_UNAVAILABLE when it cannot be told now). may_wait is the request's: when it is false and the answer is not in
 * memory, HTTP_DEFER. Texts put into out live as long as the request or longer (use arena). */
typedef int http_authenticate(void *app, struct arena *arena, bool may_wait, struct str token,
                              struct http_principal *out, struct err *err);

/* Whether what authenticate gave for a token earlier (with a stamp) is what it would give now. Asked by each request
 * of a connection that repeats itself: never waits, and looks nothing up. */
typedef bool http_authenticated(void *app, const struct http_principal *who);

struct http_dispatcher_options {
    void *app; /* becomes req->app */
    http_authenticate *authenticate;
    http_authenticated *authenticated; /* NULL: authenticate is asked every time */
};

/* Routes are borrowed and must outlive the dispatcher. ERR_INTERNAL that names the route when one has no scope, handler
 * or operation, a bad pattern, or a method and path that another one has. */
int http_dispatcher_new(const struct http_route *routes, size_t count, const struct http_dispatcher_options *options,
                        struct http_dispatcher **out, struct err *err);
void http_dispatcher_free(struct http_dispatcher *dispatcher);

/* The whole way of a request, on a thread that may wait. res is complete afterwards, whatever happened: see
 * http_response_header. */
void http_dispatch(const struct http_dispatcher *dispatcher, struct http_request *req, struct http_response *res);

/* The same in two steps, for a server that has the headers but not yet the body. */
enum http_step {
    HTTP_STEP_DONE,  /* res is complete */
    HTTP_STEP_RUN,   /* after begin: the handler shall run, finish does it with req->body there */
    HTTP_STEP_DEFER, /* only when req->may_wait is false: set it on a worker thread and begin again. req->route is set,
                      * so the body's cap is known */
};
enum http_step http_dispatch_begin(const struct http_dispatcher *dispatcher, struct http_request *req,
                                   struct http_response *res);
enum http_step http_dispatch_finish(const struct http_dispatcher *dispatcher, struct http_request *req,
                                    struct http_response *res);
/* For errors found before there is a route: a complete problem response. */
void http_dispatch_refuse(struct http_request *req, struct http_response *res, const struct err *err);

const struct http_route *http_dispatcher_routes(const struct http_dispatcher *dispatcher, size_t *count);

#endif
