#include "api/webhooks.h"

#include "api/app.h"
#include "control/inbox.h"

int webhooks_receive(struct http_request *req, struct http_response *res, struct err *err)
{
    const char *ecosystem = http_param(req, "eco");
    const struct forge *forge;
    if (forge_get(http_param(req, "forge"), ERR_NOT_FOUND, &forge, err) != 0)
        return -err->code;
    struct inbox_webhook webhook = {.ecosystem = ecosystem,
                                    .forge = forge,
                                    .signature = http_header(req, forge->signature_header),
                                    .event = http_header(req, forge->event_header),
                                    .forge_id = http_header(req, forge->id_header),
                                    .content_type = http_header(req, "Content-Type"),
                                    .body = req->body,
                                    .repo = http_param(req, "repository")};
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
