#include "http/framing.h"

#include <strings.h>

/* RFC 9110 5.6.2: the characters of a header name. */
static bool is_token(const char *name)
{
    static const unsigned char other[128] = {
        ['!'] = 1, ['#'] = 1, ['$'] = 1, ['%'] = 1, ['&'] = 1, ['\''] = 1, ['*'] = 1, ['+'] = 1,
        ['-'] = 1, ['.'] = 1, ['^'] = 1, ['_'] = 1, ['`'] = 1, ['|'] = 1,  ['~'] = 1,
    };
    const unsigned char *p = (const unsigned char *)name;
    if (!*p)
        return false;
    for (; *p; p++) {
        unsigned char lower = *p | 0x20;
        if (!(lower >= 'a' && lower <= 'z') && !(*p >= '0' && *p <= '9') && (*p > 127 || !other[*p]))
            return false;
    }
    return true;
}

static bool is_value(const char *value)
{
    for (const unsigned char *p = (const unsigned char *)value; *p; p++)
        if ((*p < 0x20 && *p != '\t') || *p == 0x7f)
            return false;
    return true;
}

int framing_check(struct http_request *req, const char *version, struct err *err)
{
    const char *length = NULL, *coding = NULL;
    bool host = false, old = strcmp(version, "HTTP/1.0") == 0;
    if (!old && strcmp(version, "HTTP/1.1") != 0)
        return err_set(err, ERR_SYNTAX, "the HTTP version is not 1.0 or 1.1");
    for (size_t i = 0; i < req->header_count; i++) {
        const struct http_pair *h = &req->headers[i];
        if (!is_token(h->name))
            return err_set(err, ERR_SYNTAX, "a header name is malformed");
        if (!is_value(h->value))
            return err_set(err, ERR_SYNTAX, "the header %.64s holds a control character", h->name);
        char first = h->name[0] | 0x20;
        if (first == 'h' && strcasecmp(h->name, "Host") == 0) {
            if (host)
                return err_set(err, ERR_SYNTAX, "more than one Host header");
            host = true;
        } else if (first == 'c' && strcasecmp(h->name, "Content-Length") == 0) {
            if (length)
                return err_set(err, ERR_SYNTAX, "more than one Content-Length header");
            length = h->value;
        } else if (first == 't' && strcasecmp(h->name, "Transfer-Encoding") == 0) {
            if (coding)
                return err_set(err, ERR_SYNTAX, "more than one Transfer-Encoding header");
            coding = h->value;
        }
    }
    if (!host && !old)
        return err_set(err, ERR_SYNTAX, "the Host header is missing");
    if (length && coding)
        return err_set(err, ERR_SYNTAX, "both Content-Length and Transfer-Encoding");
    if (coding && (old || strcasecmp(coding, "chunked") != 0))
        return err_set(err, ERR_SYNTAX, "the transfer encoding is not chunked");
    if (length && (!*length || length[strspn(length, "0123456789")] ||
                   !str_int64(str_from(length), 0, INT64_MAX, &req->content_length)))
        return err_set(err, ERR_SYNTAX, "Content-Length is not a number");
    if (coding)
        req->content_length = -1;
    return 0;
}
