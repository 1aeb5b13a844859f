#include "api/merges.h"

#include "api/app.h"
#include "api/deliveries.h"
#include "api/idempotent.h"
#include "control/inbox.h"
#include "store/audit.h"
#include "store/ecosystem.h"

static int ask(struct pg *pg, struct http_request *req, void *ctx, struct idempotent_answer *answer, struct err *err)
{
    (void)ctx;
    struct ecosystem_row row;
    int64_t id;
    int rc = ecosystem_get(pg, req->arena, http_param(req, "eco"), &row, err);
    if (!rc)
        rc = inbox_ask_merge(pg, req->arena, row.name, &id, err);
    if (rc)
        return rc;
    struct audit_entry entry = {.ecosystem = row.name,
                                .actor = req->who.name,
                                .action = "merge.ask",
                                .object = arena_printf(req->arena, "delivery %lld", (long long)id),
                                .request_id = req->id};
    deliveries_answer(req->arena, row.name, id, answer);
    return audit_add(pg, req->arena, &entry, err);
}

int merges_post(struct http_request *req, struct http_response *res, struct err *err)
{
    json_t *body;
    if (req->body.len) {
        int rc = http_body_json(req, &body, err);
        if (rc)
            return rc;
        if (json_object_size(body))
            return err_set(err, ERR_INVALID, "a merge of the head takes no members, only {}");
    }
    return idempotent_post(req, res, ask, NULL, err);
}
