#ifndef YELLOW_HTTP_MEMO_H
#define YELLOW_HTTP_MEMO_H

#include "http/dispatch.h"

/* What a connection asked last, when that was a read with a token which its event thread answers: a dashboard asks the
 * same again. Then neither target nor token is read anew: route, parameters, principal and its right to the route are
 * those of before, after the authenticator has said that its answer still holds. */
struct http_memo {
    struct arena *arena; /* of all texts below; NULL: nothing is remembered */
    struct str target;   /* as sent; no query, no escapes */
    struct str authorization;
    const struct http_route *route;
    struct http_principal who;
    size_t param_count;
    struct http_pair params[HTTP_MAX_PARAMS];
    struct str log_head, log_tail; /* of its line in the access log: around status and id */
};

void http_memo_dispose(struct http_memo *memo);
/* Before a request is read: whether target is the remembered one. Then req is as http_request_init leaves it, and
 * http_memo_recall may follow. */
bool http_memo_target(const struct http_memo *memo, struct http_request *req, struct arena *arena, struct str target);
/* With the headers: whether method and token are the same too, and the token still holds. Then req has its route, who
 * and params, and is allowed to have them. */
bool http_memo_recall(struct http_request *req, void *app, http_authenticated *holds);
/* Remembers an allowed request that is worth it, in req->memo. */
void http_memo_keep(struct http_request *req);

#endif
