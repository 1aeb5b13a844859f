#include "api/merges.h"

#include "api/app.h"
#include "api/deliveries.h"
#include "api/idempotent.h"
#include "api/job_json.h"
#include "api/repositories.h"
#include "control/inbox.h"
#include "store/audit.h"
#include "store/repository.h"

static int ask(struct pg *pg, struct http_request *req, void *ctx, struct idempotent_answer *answer, struct err *err)
{
    const char *repo = ctx;
    struct ecosystem_row row;
    int64_t id;
    int rc = repository_get(pg, req->arena, http_param(req, "eco"), repo, &row, err);
    if (!rc)
        rc = inbox_ask(pg, req->arena, row.name, repo, "merge", &id, err);
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
    static const char *const members[] = {"repository", NULL};
    const char *repo = "";
    json_t *body;
    if (req->body.len) {
        int rc = http_body_json(req, &body, err);
        if (rc)
            return rc;
        if (!body_members(req, res, body, "", members) || repositories_member(req, res, body, &repo) != 0)
            return err_set(err, ERR_INVALID, "a merge of the head takes no members but the repository");
    }
    return idempotent_post(req, res, ask, (void *)(uintptr_t)repo, err);
}
