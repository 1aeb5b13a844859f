#include "http/memo.h"

#include "base/crypto.h"
#include "http/access_log.h"

enum { MAX_REMEMBERED = 1024 }; /* bytes of a target or a header: an arena's first piece holds all */

static void forget(void *ptr)
{
    struct arena *arena = ptr;
    arena_free(arena);
}

void http_memo_dispose(struct http_memo *memo)
{
    if (memo->arena) /* a token's text does not outlive its connection */
        explicit_bzero((char *)memo->authorization.data, memo->authorization.len);
    arena_free(memo->arena);
    *memo = (struct http_memo){0};
}

bool http_memo_target(const struct http_memo *memo, struct http_request *req, struct arena *arena, struct str target)
{
    if (!memo->arena || !str_eq(memo->target, target))
        return false;
    http_request_reset(req, arena, HTTP_GET);
    req->path = memo->target.data;
    req->same_target = true;
    return true;
}

bool http_memo_recall(struct http_request *req, void *app, http_authenticated *holds)
{
    if (!req->same_target || req->method != HTTP_GET || !holds)
        return false;
    const struct http_memo *memo = req->memo;
    const char *authorization = req->known[HTTP_KNOWN_AUTHORIZATION];
    if (!authorization || !crypto_equal(str_from(authorization), memo->authorization) || !holds(app, &memo->who))
        return false;
    req->recalled = true;
    req->route = memo->route;
    req->who = memo->who;
    req->param_count = memo->param_count;
    for (size_t i = 0; i < memo->param_count; i++)
        req->params[i] = memo->params[i];
    return true;
}

static struct str copy(struct arena *arena, const char *text)
{
    size_t len = strlen(text);
    return (struct str){arena_strndup(arena, text, len), len};
}

static void copy_principal(struct arena *arena, const struct http_principal *from, struct http_principal *to)
{
    *to = *from;
    to->name = arena_strdup(arena, from->name);
    to->ecosystem = arena_strdup(arena, from->ecosystem);
    for (size_t i = 0; i < HTTP_MAX_SCOPES && from->scopes[i]; i++)
        to->scopes[i] = arena_strdup(arena, from->scopes[i]);
}

void http_memo_keep(struct http_request *req)
{
    struct http_memo *memo = req->memo;
    const char *authorization = req->known[HTTP_KNOWN_AUTHORIZATION];
    /* A decoded path holds no '%', so without a '?' it reads back as itself. */
    if (!memo || req->method != HTTP_GET || !(req->route->flags & ROUTE_INLINE) || !req->who.stamp ||
        req->query_count || !authorization || strlen(authorization) > MAX_REMEMBERED ||
        strlen(req->path) > MAX_REMEMBERED || strchr(req->path, '?'))
        return;
    struct arena *arena = arena_new();
    struct http_memo kept = {.arena = arena,
                             .target = copy(arena, req->path),
                             .authorization = copy(arena, authorization),
                             .route = req->route,
                             .param_count = req->param_count,
                             .log_head = access_log_head(arena, req),
                             .log_tail = access_log_tail(arena, req)};
    copy_principal(arena, &req->who, &kept.who);
    for (size_t i = 0; i < req->param_count; i++)
        kept.params[i] = (struct http_pair){req->params[i].name, copy(arena, req->params[i].value).data};
    if (memo->arena) { /* this request's path may stand there */
        explicit_bzero((char *)memo->authorization.data, memo->authorization.len);
        arena_defer(req->arena, forget, memo->arena);
    }
    *memo = kept;
}
