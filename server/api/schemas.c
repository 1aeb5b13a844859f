#include "api/schemas.h"

#include "model/schema.h"

int schemas_get(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const known[] = {NULL};
    const char *name = http_param(req, "schema");
    enum object_kind kind;
    int rc = http_check_query(req, known, err);
    if (rc)
        return rc;
    bool whole = strcmp(name, "model") == 0;
    if (!whole && !object_kind_parse(name, &kind)) {
        err_set(err, ERR_NOT_FOUND, "there is no schema %s", name);
        return err_hint(err, "model, or a kind such as Datastore");
    }
    struct buf *out = buf_new(req->arena);
    schema_write(out, json_own(req->arena, whole ? schema_of_model() : schema_of_kind(kind)));
    http_reply_text(res, 200, "application/schema+json", buf_str(out));
    http_set_body_etag(req, res);
    return 0;
}
