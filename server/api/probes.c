#include "api/probes.h"

#include "api/app.h"
#include "base/embed.h"
#include "http/metrics.h"

int probes_live(struct http_request *req, struct http_response *res, struct err *err)
{
    (void)req;
    (void)err;
    http_reply_text(res, 200, "text/plain; charset=utf-8", STR("live\n"));
    return 0;
}

int probes_ready(struct http_request *req, struct http_response *res, struct err *err)
{
    const struct app *app = app_of(req);
    if (!atomic_load(app->migrated))
        return err_set(err, ERR_UNAVAILABLE, "the database is away, or its tables are not up to date yet");
    if (pg_pool_ping(app->pool, err) < 0)
        return err_set(err, ERR_UNAVAILABLE, "the database does not answer");
    http_reply_text(res, 200, "text/plain; charset=utf-8", STR("ready\n"));
    return 0;
}

int probes_metrics(struct http_request *req, struct http_response *res, struct err *err)
{
    struct buf *text = buf_new(req->arena);
    (void)err;
    metrics_write(text);
    http_reply_text(res, 200, METRICS_CONTENT_TYPE, buf_str(text));
    return 0;
}

int probes_openapi(struct http_request *req, struct http_response *res, struct err *err)
{
    const struct embed_file *file = embed_find("api/openapi.yaml");
    if (!file)
        return err_set(err, ERR_INTERNAL, "api/openapi.yaml is not in this build");
    http_reply_text(res, 200, "application/yaml", file->data);
    http_set_body_etag(req, res);
    return 0;
}
