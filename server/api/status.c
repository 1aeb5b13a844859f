#include "api/status.h"

#include "api/app.h"
#include "http/shared.h"

int status_get(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const none[] = {NULL};
    if (http_check_query(req, none, err) != 0)
        return -err->code;
    struct statuses *statuses = app_of(req)->statuses;
    const char *ecosystem = http_param(req, "eco");
    struct http_shared *shared = statuses_peek(statuses, ecosystem);
    if (!shared && !req->may_wait)
        return HTTP_DEFER;
    if (!shared && statuses_get(statuses, ecosystem, &shared, err) != 0)
        return -err->code;
    http_reply_shared(res, shared);
    return 0;
}
