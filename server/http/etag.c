#include "http/etag.h"
#include "base/crypto.h"
#include "http/http.h"

/* Takes the next entity tag off *list: opaque is what stands between the quotes. False at the end or when malformed. */
static bool next_tag(struct str *list, bool *weak, struct str *opaque)
{
    while (list->len && (list->data[0] == ' ' || list->data[0] == '\t' || list->data[0] == ','))
        list->data++, list->len--;
    *weak = list->len >= 2 && list->data[0] == 'W' && list->data[1] == '/';
    if (*weak)
        list->data += 2, list->len -= 2;
    if (!list->len || list->data[0] != '"')
        return false;
    const char *end = memchr(list->data + 1, '"', list->len - 1);
    if (!end)
        return false;
    *opaque = (struct str){list->data + 1, (size_t)(end - list->data) - 1};
    list->len -= opaque->len + 2;
    list->data = end + 1;
    return true;
}

bool etag_in_list(const char *header, struct str tag, bool strong)
{
    struct str list = str_trim(str_from(header)), opaque;
    if (str_eqz(list, "*"))
        return true;
    bool weak;
    while (next_tag(&list, &weak, &opaque))
        if (!(weak && strong) && str_eq(opaque, tag))
            return true;
    return false;
}

struct str etag_opaque(const char *quoted)
{
    struct str s = str_from(quoted);
    if (s.len >= 2 && s.data[0] == '"')
        s.data++, s.len -= 2;
    return s;
}

void http_set_etag(struct http_request *req, struct http_response *res, const char *tag)
{
    res->etag = arena_printf(req->arena, "\"%s\"", tag);
}

void http_set_body_etag(struct http_request *req, struct http_response *res)
{
    char hash[SHA256_HEX_SIZE];
    crypto_sha256_hex(buf_str(&res->body), hash);
    http_set_etag(req, res, hash);
}

int http_check_if_match(const struct http_request *req, const char *tag, struct err *err)
{
    const char *match = http_header(req, "If-Match"), *none = http_header(req, "If-None-Match");
    if (!match && none && str_eqz(str_trim(str_from(none)), "*")) {
        if (!tag)
            return 0;
        (void)err_set(err, ERR_STALE, "If-None-Match: * asks to create \"%s\", but it is there", req->path);
        (void)err_hint(err, "GET it and send its ETag as If-Match");
        return -ERR_STALE;
    }
    if (!match) {
        (void)err_set(err, ERR_PRECONDITION, "If-Match is needed to change \"%s\"", req->path);
        (void)err_hint(err, "GET it and send its ETag as If-Match%s",
                       tag ? "" : "; send If-None-Match: * to create it");
        return -ERR_PRECONDITION;
    }
    if (tag && etag_in_list(match, str_from(tag), true))
        return 0;
    if (!tag)
        (void)err_set(err, ERR_STALE, "If-Match does not match: \"%s\" is not there", req->path);
    else
        (void)err_set(err, ERR_STALE, "If-Match does not match: the tag of \"%s\" is \"%s\"", req->path, tag);
    (void)err_hint(err, "GET it again, look at what changed, and send the new ETag");
    return -ERR_STALE;
}
