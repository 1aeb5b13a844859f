#include "api/idempotent.h"

#include "api/app.h"
#include "base/crypto.h"

struct posting {
    struct http_request *req;
    idempotent_fn *fn;
    void *ctx;
    char hash[SHA256_HEX_SIZE];
    struct idempotent_answer answer;
    bool replayed;
};

static int post_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct posting *posting = ctx;
    struct http_request *req = posting->req;
    const char *key = http_idempotency_key(req);
    int rc = 0;
    posting->replayed = false;
    if (key)
        rc = idempotency_begin(pg, arena, req->who.token_id, key, posting->hash, &posting->answer, &posting->replayed,
                               err);
    if (rc || posting->replayed)
        return rc;
    rc = posting->fn(pg, req, posting->ctx, &posting->answer, err);
    if (!rc && key)
        rc = idempotency_save(pg, arena, req->who.token_id, key, posting->hash, &posting->answer, err);
    return rc;
}

void idempotent_answer_with(struct arena *arena, struct idempotent_answer *answer, int status, json_t *json)
{
    struct buf *text = buf_new(arena);
    json_write(text, json_own(arena, json));
    answer->status = status;
    answer->body = buf_str(text);
}

int idempotent_post(struct http_request *req, struct http_response *res, idempotent_fn *fn, void *ctx, struct err *err)
{
    struct posting posting = {.req = req, .fn = fn, .ctx = ctx};
    struct buf *text = buf_new(req->arena);
    buf_addf(text, "%s %s\n", http_method_name(req->method), req->path);
    buf_add_str(text, req->body);
    crypto_sha256_hex(buf_str(text), posting.hash);
    int rc = pg_pool_transaction(app_of(req)->pool, req->arena, post_tx, &posting, err);
    if (rc)
        return rc;
    http_reply_text(res, posting.answer.status, "application/json", posting.answer.body);
    if (posting.answer.location)
        http_add_header(req, res, "Location", posting.answer.location);
    if (posting.replayed)
        http_add_header(req, res, "Idempotent-Replayed", "true");
    return 0;
}
