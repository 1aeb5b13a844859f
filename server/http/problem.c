#include "base/log.h"
#include "http/http.h"
#include "http/shared.h"
#include "http/status.h"

void http_add_problem(struct http_request *req, struct http_response *res, const char *pointer, const char *fmt, ...)
{
    if (res->problem_count == HTTP_MAX_PROBLEMS) {
        res->problems_left_out++;
        return;
    }
    va_list args;
    va_start(args, fmt);
    struct http_problem_item *item = &res->problems[res->problem_count++];
    item->pointer = arena_strdup(req->arena, pointer);
    item->text = arena_vprintf(req->arena, fmt, args);
    va_end(args);
}

static void set_text(json_t *object, const char *key, const char *text)
{
    json_t *value = json_string(text);
    /* Texts come from anywhere: one that is not UTF-8 must not cost the whole document. */
    (void)json_object_set_new(object, key, value ? value : json_string("(not UTF-8)"));
}

static void add_items(json_t *doc, const struct http_response *res)
{
    if (!res->problem_count)
        return;
    json_t *errors = json_array();
    for (size_t i = 0; i < res->problem_count; i++) {
        json_t *item = json_object();
        if (res->problems[i].pointer)
            set_text(item, "pointer", res->problems[i].pointer);
        set_text(item, "detail", res->problems[i].text);
        (void)json_array_append_new(errors, item);
    }
    (void)json_object_set_new(doc, "errors", errors);
    if (res->problems_left_out)
        (void)json_object_set_new(doc, "errors_omitted", json_integer((json_int_t)res->problems_left_out));
}

/* Defects and broken machines are for the log; the client gets the id to ask with. */
static bool is_private(enum err_code code)
{
    return err_kind(code)->http_status == 500;
}

void http_reply_problem(struct http_request *req, struct http_response *res, const struct err *err)
{
    const struct err_kind *kind = err_kind(err->code);
    int status = res->problem_status ? res->problem_status : kind->http_status;
    const char *code = res->code ? res->code : kind->name;
    http_shared_unref(res->shared);
    res->shared = NULL;
    res->etag = NULL;
    if (status >= 500 && err->code != ERR_BUSY)
        log_event(kind->retryable ? LOG_WARN : LOG_ERROR, "request failed", LOG_S("request_id", req->id),
                  LOG_S("operation", req->route ? req->route->operation : ""), LOG_S("code", code),
                  LOG_S("text", err->text), LOG_S("sqlstate", err->sqlstate), LOG_END);

    json_t *doc = json_own(req->arena, json_object());
    (void)json_object_set_new(doc, "type", json_sprintf("urn:yellow:problem:%s", code));
    set_text(doc, "title", http_status_text(status));
    (void)json_object_set_new(doc, "status", json_integer(status));
    set_text(doc, "detail", is_private(err->code) ? "an internal error, kept in the server's log" : err->text);
    set_text(doc, "code", code);
    add_items(doc, res);
    if (res->members)
        (void)json_object_update_missing(doc, res->members);
    set_text(doc, "request_id", req->id);
    if (is_private(err->code))
        set_text(doc, "hint", "quote the request_id to the operator");
    else if (err->hint[0])
        set_text(doc, "hint", err->hint);
    http_reply_json(res, status, doc);
    res->content_type = "application/problem+json";
    if ((status == 503 || status == 429) && !http_response_header(res, "Retry-After"))
        http_add_header(req, res, "Retry-After", status == 429 ? "1" : "5");
}
