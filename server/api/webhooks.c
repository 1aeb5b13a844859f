#include "api/webhooks.h"

#include "api/app.h"
#include "control/inbox.h"

int webhooks_github(struct http_request *req, struct http_response *res, struct err *err)
{
    const char *ecosystem = http_param(req, "eco");
    struct inbox_webhook webhook = {.ecosystem = ecosystem,
                                    .forge = "github",
                                    .signature = http_header(req, "X-Hub-Signature-256"),
                                    .event = http_header(req, "X-GitHub-Event"),
                                    .forge_id = http_header(req, "X-GitHub-Delivery"),
                                    .content_type = http_header(req, "Content-Type"),
                                    .body = req->body};
    int64_t id;
    bool fresh;
    int rc = inbox_receive(app_of(req)->pool, req->arena, &webhook, &id, &fresh, err);
    if (rc)
        return rc;
    http_add_header(req, res, "Location",
                    arena_printf(req->arena, "/v1/ecosystems/%s/deliveries/%lld", ecosystem, (long long)id));
    http_reply_json(res, fresh ? 202 : 200, json_own(req->arena, json_pack("{s:I}", "id", (json_int_t)id)));
    return 0;
}
