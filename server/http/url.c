#include "http/url.h"

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte of the escape at text[i], or -1. */
static int escape(struct str text, size_t i)
{
    if (text.len - i < 3)
        return -1;
    int high = hex(text.data[i + 1]), low = hex(text.data[i + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

char *url_decode(struct arena *arena, struct str text, bool plus)
{
    char *out = arena_alloc(arena, text.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '%') {
            int byte = escape(text, i);
            if (byte <= 0)
                return NULL;
            c = (char)byte;
            i += 2;
        } else if (c == '+' && plus)
            c = ' ';
        out[n++] = c;
    }
    out[n] = '\0';
    return str_is_utf8((struct str){out, n}) ? out : NULL;
}

void url_encode(struct buf *out, struct str text, bool keep_slash)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
            c == '_' || c == '~' || (c == '/' && keep_slash)) {
            buf_addc(out, (char)c);
        } else {
            buf_addc(out, '%');
            buf_addc(out, digits[c >> 4]);
            buf_addc(out, digits[c & 15]);
        }
    }
}

int url_decode_path(struct arena *arena, struct str raw, char **out, struct err *err)
{
    if (!raw.len || raw.data[0] != '/')
        return err_set(err, ERR_SYNTAX, "the request path does not begin with '/'");
    char *to = arena_alloc(arena, raw.len + 1);
    size_t n = 0;
    unsigned char high = 0;
    for (size_t i = 0; i < raw.len; i++) {
        unsigned char c = (unsigned char)raw.data[i];
        if (c == '%') {
            int byte = escape(raw, i);
            if (byte < 0)
                return err_set(err, ERR_SYNTAX, "the request path holds a broken %% escape");
            if (byte == '/' || byte == '\\' || byte == '%')
                return err_set(err, ERR_SYNTAX, "the request path holds an escaped '%c'", byte);
            c = (unsigned char)byte;
            i += 2;
        }
        if (c < 0x20 || c == 0x7f || c == '\\')
            return err_set(err, ERR_SYNTAX, "the request path holds a control character or a backslash");
        if (n && to[n - 1] == (char)c && (c == '.' || c == '/'))
            return err_set(err, ERR_SYNTAX, "the request path holds '%c%c'", c, c);
        high |= c;
        to[n++] = (char)c;
    }
    to[n] = '\0';
    if (high >= 0x80 && !str_is_utf8((struct str){to, n}))
        return err_set(err, ERR_SYNTAX, "the request path is not UTF-8");
    *out = to;
    return 0;
}
