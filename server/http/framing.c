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

/* Sixteen bytes at once: gcc and clang make the machine's vectors of it. */
typedef unsigned char block __attribute__((vector_size(16)));

static block controls(const char *text)
{
    block b;
    memcpy(&b, text, sizeof b);
    return (block)(b < 0x20) | (block)(b == 0x7f);
}

bool framing_header_value_valid(const char *value, size_t size)
{
    block found = {0};
    uint64_t any[2];
    if (size < sizeof found)
        return all(value, size, 2);
    for (size_t i = 0; size - i > sizeof found; i += sizeof found)
        found |= controls(value + i);
    found |= controls(value + size - sizeof found); /* the rest, with some of what was seen */
    memcpy(any, &found, sizeof any);
    return !(any[0] | any[1]) || all(value, size, 2); /* it may be a tab, which is allowed */
}

int framing_check(struct http_request *req, const char *version, struct err *err)
{
    const char *length = req->known[HTTP_KNOWN_CONTENT_LENGTH], *coding = req->known[HTTP_KNOWN_TRANSFER_ENCODING];
    bool old = strcmp(version, "HTTP/1.0") == 0;
    if (!old && strcmp(version, "HTTP/1.1") != 0)
        return err_set(err, ERR_SYNTAX, "the HTTP version is not 1.0 or 1.1");
    if (req->repeated & 1u << HTTP_KNOWN_HOST)
        return err_set(err, ERR_SYNTAX, "more than one Host header");
    if (req->repeated & 1u << HTTP_KNOWN_CONTENT_LENGTH)
        return err_set(err, ERR_SYNTAX, "more than one Content-Length header");
    if (req->repeated & 1u << HTTP_KNOWN_TRANSFER_ENCODING)
        return err_set(err, ERR_SYNTAX, "more than one Transfer-Encoding header");
    /* Who asks must not depend on which of them is read. */
    if (req->repeated & 1u << HTTP_KNOWN_AUTHORIZATION)
        return err_set(err, ERR_SYNTAX, "more than one Authorization header");
    if (!req->known[HTTP_KNOWN_HOST] && !old)
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
