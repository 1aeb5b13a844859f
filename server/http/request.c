#include "base/crypto.h"
#include "http/http.h"
#include "http/url.h"

#include <strings.h>

static const struct {
    const char *name;
    enum http_method method;
} methods[] = {
    {"GET", HTTP_GET},     {"HEAD", HTTP_HEAD},     {"POST", HTTP_POST},       {"PUT", HTTP_PUT},
    {"PATCH", HTTP_PATCH}, {"DELETE", HTTP_DELETE}, {"OPTIONS", HTTP_OPTIONS},
};

enum http_method http_method_from(const char *name)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(name, methods[i].name) == 0)
            return methods[i].method;
    return HTTP_OTHER;
}

const char *http_method_name(enum http_method method)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (methods[i].method == method)
            return methods[i].name;
    return "OTHER";
}

/* The eight hexadecimal digits of bits, a byte each; in which order does not matter for random ones. */
static uint64_t hex_digits(uint32_t bits)
{
    const uint64_t ones = 0x0101010101010101u;
    uint64_t x = bits;
    x = (x | x << 16) & 0x0000ffff0000ffffu;
    x = (x | x << 8) & 0x00ff00ff00ff00ffu;
    x = (x | x << 4) & 0x0f0f0f0f0f0f0f0fu;
    uint64_t letters = ((x + 6 * ones) >> 4) & ones; /* 1 where the digit is above 9 */
    return x + '0' * ones + letters * ('a' - '9' - 1);
}

/* Unique and unguessable enough to find a line in a log; random bytes come in blocks because asking for them is slow.
 */
static void make_id(char id[HTTP_ID_SIZE])
{
    static _Thread_local unsigned char pool[64 * HTTP_ID_LENGTH / 2];
    static _Thread_local size_t used = sizeof pool;
    if (used == sizeof pool) {
        crypto_random(pool, sizeof pool);
        used = 0;
    }
    for (size_t i = 0; i < HTTP_ID_LENGTH; i += 8, used += 4) {
        uint32_t bytes;
        memcpy(&bytes, pool + used, sizeof bytes);
        uint64_t digits = hex_digits(bytes);
        memcpy(id + i, &digits, sizeof digits);
    }
    id[HTTP_ID_LENGTH] = '\0';
}

static int read_query(struct http_request *req, struct str text, struct err *err)
{
    size_t cap = 1;
    for (size_t i = 0; i < text.len; i++)
        cap += text.data[i] == '&';
    if (cap > HTTP_MAX_QUERY)
        return err_set(err, ERR_SYNTAX, "the query has more than %d parameters", HTTP_MAX_QUERY);
    req->query = arena_calloc(req->arena, cap, sizeof *req->query);
    while (text.data) {
        struct str value = str_cut(&text, '&');
        if (!value.len)
            continue;
        struct str name = str_cut(&value, '=');
        struct http_pair *pair = &req->query[req->query_count++];
        pair->name = url_decode(req->arena, name, true);
        pair->value = url_decode(req->arena, value, true);
        if (!pair->name || !pair->value)
            return err_set(err, ERR_SYNTAX, "the query holds a broken escape or bytes that are not UTF-8");
    }
    return 0;
}

void http_request_reset(struct http_request *req, struct arena *arena, enum http_method method)
{
    req->arena = arena;
    req->method = method;
    req->headers = NULL;
    req->header_count = 0;
    req->query = NULL;
    req->query_count = 0;
    req->content_length = 0;
    req->traceparent = NULL;
    memset(req->known, 0, sizeof req->known);
    req->repeated = 0;
    req->who.token_id = 0;
    req->who.name = req->who.ecosystem = req->who.scopes[0] = NULL; /* the first ends the list */
    req->who.stamp = 0;
    req->route = NULL;
    req->param_count = 0;
    req->path = "";
    req->same_target = req->recalled = false;
    make_id(req->id);
}

int http_request_init(struct http_request *req, struct arena *arena, enum http_method method, const char *target,
                      struct err *err)
{
    http_request_reset(req, arena, method);
    struct str rest = str_from(target);
    char *path;
    int rc = url_decode_path(arena, str_cut(&rest, '?'), &path, err);
    if (rc)
        return rc;
    req->path = path;
    return rest.data ? read_query(req, rest, err) : 0;
}

/* By length and first letter there is at most one; most clients write it as here, or in lower case. */
static enum http_known known_header(const char *name, size_t size)
{
    static const struct {
        const char *name;
        unsigned char size;
        enum http_known known;
    } all[] = {
        {"Host", 4, HTTP_KNOWN_HOST},
        {"Authorization", 13, HTTP_KNOWN_AUTHORIZATION},
        {"If-None-Match", 13, HTTP_KNOWN_IF_NONE_MATCH},
        {"Content-Length", 14, HTTP_KNOWN_CONTENT_LENGTH},
        {"Transfer-Encoding", 17, HTTP_KNOWN_TRANSFER_ENCODING},
        {"X-Request-Id", 12, HTTP_KNOWN_X_REQUEST_ID},
        {"traceparent", 11, HTTP_KNOWN_TRACEPARENT},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i].size != size || ((all[i].name[0] ^ name[0]) & 0x1f))
            continue;
        bool same = memcmp(name, all[i].name, size) == 0 || strncasecmp(name, all[i].name, size) == 0;
        return same ? all[i].known : HTTP_KNOWN_NONE;
    }
    return HTTP_KNOWN_NONE;
}

enum http_known http_request_add_header(struct http_request *req, const char *name, const char *value)
{
    enum { STEP = 8 };
    if (req->header_count % STEP == 0) {
        struct http_pair *grown = arena_calloc(req->arena, req->header_count + STEP, sizeof *grown);
        if (req->header_count)
            memcpy(grown, req->headers, req->header_count * sizeof *grown);
        req->headers = grown;
    }
    req->headers[req->header_count++] = (struct http_pair){name, value};
    enum http_known known = known_header(name, strlen(name));
    if (known && req->known[known])
        req->repeated |= 1u << known;
    else if (known)
        req->known[known] = value;
    return known;
}

static bool is_id(const char *text)
{
    size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    return n > 0 && n < HTTP_ID_SIZE && !text[n];
}

/* W3C trace context, version 00: 00-<32 hex>-<16 hex>-<2 hex>, neither id all zero; later versions may go on. */
static bool is_traceparent(const char *text)
{
    static const unsigned char widths[] = {2, 32, 16, 2};
    const char *p = text;
    for (size_t part = 0; part < sizeof widths; part++) {
        size_t n = strspn(p, "0123456789abcdef");
        if (n != widths[part] || ((part == 1 || part == 2) && strspn(p, "0") == n))
            return false;
        p += n;
        if (part < 3 && *p++ != '-')
            return false;
    }
    if (strncmp(text, "ff", 2) == 0)
        return false;
    return !*p || (*p == '-' && strncmp(text, "00", 2) != 0 && strlen(p) < 200);
}

void http_request_take_ids(struct http_request *req)
{
    const char *id = req->known[HTTP_KNOWN_X_REQUEST_ID], *parent = req->known[HTTP_KNOWN_TRACEPARENT];
    if (id && is_id(id))
        memcpy(req->id, id, strlen(id) + 1);
    if (parent && is_traceparent(parent))
        req->traceparent = parent;
}

const char *http_header(const struct http_request *req, const char *name)
{
    for (size_t i = 0; i < req->header_count; i++)
        if (((req->headers[i].name[0] ^ name[0]) & 0x1f) == 0 && strcasecmp(req->headers[i].name, name) == 0)
            return req->headers[i].value;
    return NULL;
}

const char *http_query(const struct http_request *req, const char *name)
{
    for (size_t i = 0; i < req->query_count; i++)
        if (strcmp(req->query[i].name, name) == 0)
            return req->query[i].value;
    return NULL;
}

const char *http_param(const struct http_request *req, const char *name)
{
    for (size_t i = 0; i < req->param_count; i++)
        if (strcmp(req->params[i].name, name) == 0)
            return req->params[i].value;
    return NULL;
}

int64_t http_param_int(const struct http_request *req, const char *name)
{
    int64_t value = 0;
    const char *text = http_param(req, name);
    return text && str_int64(str_from(text), 0, INT64_MAX, &value) ? value : 0;
}

const char *http_idempotency_key(const struct http_request *req)
{
    return http_header(req, "Idempotency-Key");
}

bool http_has_scope(const struct http_principal *who, const char *scope)
{
    for (size_t i = 0; i < HTTP_MAX_SCOPES && who->scopes[i]; i++)
        if (strcmp(who->scopes[i], scope) == 0 || strcmp(who->scopes[i], "admin") == 0)
            return true;
    return false;
}

int http_body_json(struct http_request *req, json_t **out, struct err *err)
{
    if (!req->body.len)
        return err_set(err, ERR_SYNTAX, "the request body is empty: a JSON object is expected");
    json_t *value;
    int rc = json_read(req->arena, req->body, &value, err);
    if (rc) {
        (void)err_prefix(err, "request body");
        return rc;
    }
    if (!json_is_object(value))
        return err_set(err, ERR_SYNTAX, "the request body is not a JSON object");
    *out = value;
    return 0;
}

int http_check_query(const struct http_request *req, const char *const *known, struct err *err)
{
    for (size_t i = 0; i < req->query_count; i++) {
        const char *name = req->query[i].name;
        bool found = false;
        for (const char *const *k = known; *k && !found; k++)
            found = strcmp(*k, name) == 0;
        if (!found)
            return err_set(err, ERR_SYNTAX, "unknown query parameter \"%.64s\"", name);
        for (size_t j = 0; j < i; j++)
            if (strcmp(req->query[j].name, name) == 0)
                return err_set(err, ERR_SYNTAX, "query parameter \"%s\" is given twice", name);
    }
    return 0;
}
