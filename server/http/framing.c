#include "http/framing.h"

#include <strings.h>

/* By byte: 1 may stand in a name (a token, RFC 9110 5.6.2), 2 in a value. */
#define T 3
#define V 2
static const unsigned char kinds[256] = {
    ['\t'] = V,        [' '] = V,         ['!'] = T, ['"'] = V,  ['#'] = T, ['$'] = T,           ['%'] = T, ['&'] = T,
    ['\''] = T,        ['('] = V,         [')'] = V, ['*'] = T,  ['+'] = T, [','] = V,           ['-'] = T, ['.'] = T,
    ['/'] = V,         ['0' ... '9'] = T, [':'] = V, [';'] = V,  ['<'] = V, ['='] = V,           ['>'] = V, ['?'] = V,
    ['@'] = V,         ['A' ... 'Z'] = T, ['['] = V, ['\\'] = V, [']'] = V, ['^'] = T,           ['_'] = T, ['`'] = T,
    ['a' ... 'z'] = T, ['{'] = V,         ['|'] = T, ['}'] = V,  ['~'] = T, [0x80 ... 0xff] = V,
};
#undef T
#undef V

static bool all(const char *text, size_t size, unsigned char kind)
{
    unsigned char seen = kind;
    for (size_t i = 0; i < size; i++)
        seen &= kinds[(unsigned char)text[i]];
    return seen == kind;
}

bool framing_header_name_valid(const char *name, size_t size)
{
    return size > 0 && all(name, size, 1);
}

bool framing_header_value_valid(const char *value, size_t size)
{
    return all(value, size, 2);
}

int framing_check(struct http_request *req, const char *version, struct err *err)
{
    const char *length = NULL, *coding = NULL;
    bool host = false, old = strcmp(version, "HTTP/1.0") == 0;
    if (!old && strcmp(version, "HTTP/1.1") != 0)
        return err_set(err, ERR_SYNTAX, "the HTTP version is not 1.0 or 1.1");
    for (size_t i = 0; i < req->header_count; i++) {
        const struct http_pair *h = &req->headers[i];
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
