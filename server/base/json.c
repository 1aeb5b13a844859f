#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>

static void drop(void *value)
{
    json_decref(value);
}

json_t *json_own(struct arena *arena, json_t *value)
{
    if (!value)
        arena_exhausted(sizeof *value);
    arena_defer(arena, drop, value);
    return value;
}

int json_read(struct arena *arena, struct str text, json_t **out, struct err *err)
{
    json_error_t at;
    /* Jansson takes a zero byte for the end, whatever follows. */
    if (text.len && memchr(text.data, '\0', text.len))
        return err_set(err, ERR_SYNTAX, "json: a zero byte");
    json_t *value = json_loadb(text.data ? text.data : "", text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &at);
    if (!value) {
        /* Jansson quotes the input ("... near 'xyz'"): it may be a secret, and the position says as much. */
        char *near = strstr(at.text, " near '");
        if (near)
            *near = '\0';
        return err_set(err, ERR_SYNTAX, "json %d:%d: %s", at.line < 1 ? 1 : at.line, at.column < 1 ? 1 : at.column,
                       at.text);
    }
    *out = json_own(arena, value);
    return 0;
}

static int append(const char *text, size_t len, void *buf)
{
    buf_add(buf, text, len);
    return 0;
}

static void dump(struct buf *buf, const json_t *value, size_t flags)
{
    if (json_dump_callback(value, append, buf, flags | JSON_COMPACT | JSON_ENCODE_ANY) != 0) {
        (void)fprintf(stderr, "yellow: json could not be written\n");
        abort();
    }
}

void json_write(struct buf *buf, const json_t *value)
{
    dump(buf, value, 0);
}

void json_write_canonical(struct buf *buf, const json_t *value)
{
    dump(buf, value, JSON_SORT_KEYS);
}

const char *json_text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

bool json_has_text(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *item = json_string_value(json_array_get(list, i));
        if (item && strcmp(item, text) == 0)
            return true;
    }
    return false;
}

json_t *json_text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

/* Bytes of the well-formed UTF-8 character at the start of s, 0 when there is none. */
static size_t character(struct str s)
{
    unsigned char c = (unsigned char)s.data[0];
    size_t len = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    return len <= s.len && str_is_utf8((struct str){s.data, len}) ? len : 0;
}

void json_write_text(struct buf *buf, struct str text)
{
    static const char letters[256] = {
        ['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    buf_addc(buf, '"');
    while (text.len) {
        unsigned char c = (unsigned char)text.data[0];
        size_t len = character(text);
        if (len == 0) {
            buf_adds(buf, "\\ufffd");
            len = 1;
        } else if (letters[c]) {
            buf_addc(buf, '\\');
            buf_addc(buf, letters[c]);
        } else if (c < 0x20 || c == 0x7f) {
            buf_addf(buf, "\\u%04x", c);
        } else {
            buf_add(buf, text.data, len);
        }
        text.data += len;
        text.len -= len;
    }
    buf_addc(buf, '"');
}
