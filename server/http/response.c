#include "base/log.h"
#include "http/http.h"
#include "http/shared.h"

#include <strings.h>

void http_response_reset(struct http_response *res)
{
    res->status = 0;
    res->content_type = NULL;
    res->body = (struct buf){0};
    res->shared = NULL;
    res->members = NULL;
    res->problem_status = 0;
    res->code = NULL;
    res->etag = NULL;
    res->header_count = 0;
    res->close = false;
    res->problem_count = 0;
    res->problems_left_out = 0;
}

void http_reply_json(struct http_response *res, int status, const json_t *json)
{
    res->status = status;
    res->content_type = "application/json";
    buf_cut(&res->body, 0);
    json_write(&res->body, json);
    buf_addc(&res->body, '\n');
}

void http_reply_text(struct http_response *res, int status, const char *content_type, struct str text)
{
    res->status = status;
    res->content_type = content_type;
    buf_cut(&res->body, 0);
    buf_add_str(&res->body, text);
}

void http_reply_empty(struct http_response *res, int status)
{
    res->status = status;
    res->content_type = NULL;
    buf_cut(&res->body, 0);
}

void http_reply_shared(struct http_response *res, struct http_shared *shared)
{
    http_shared_unref(res->shared);
    res->shared = shared;
    res->status = shared->status;
}

static void put_header(struct http_response *res, const char *name, const char *value)
{
    for (size_t i = 0; i < res->header_count; i++) {
        if (strcasecmp(res->headers[i].name, name) == 0) {
            res->headers[i].value = value;
            return;
        }
    }
    if (res->header_count == HTTP_MAX_HEADERS) {
        log_event(LOG_ERROR, "response header left out: too many", LOG_S("header", name), LOG_END);
        return;
    }
    res->headers[res->header_count++] = (struct http_pair){name, value};
}

void http_add_header(struct http_request *req, struct http_response *res, const char *name, const char *value)
{
    /* A line break would begin another header: what stands behind it is not sent. */
    put_header(res, name, arena_strndup(req->arena, value, strcspn(value, "\r\n")));
}

const char *http_response_header(const struct http_response *res, const char *name)
{
    const struct http_shared *shared = res->shared;
    bool bare = res->status == 304 || res->status == 204;
    if (strcasecmp(name, "Content-Type") == 0)
        return bare ? NULL : shared ? shared->content_type : res->content_type;
    if (strcasecmp(name, "ETag") == 0)
        return shared ? shared->etag : res->etag;
    for (size_t i = 0; i < res->header_count; i++)
        if (strcasecmp(res->headers[i].name, name) == 0)
            return res->headers[i].value;
    return NULL;
}

struct str http_response_body(const struct http_response *res)
{
    if (res->status == 304)
        return STR("");
    return res->shared ? res->shared->body : buf_str(&res->body);
}

int http_no_ecosystem(struct err *err, const char *name)
{
    return err_set(err, ERR_NOT_FOUND, "there is no ecosystem %s", name);
}
