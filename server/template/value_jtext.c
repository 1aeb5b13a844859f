#include "base/jtext.h"
#include "base/vec.h"
#include "template/value.h"

#include <math.h>
#include <stdlib.h>

enum { DEPTH_MAX = 2048 };

/* Members and items wait on a stack until their number is known: what is made of them has no room to spare. */
struct waiting {
    struct str key;
    struct value value;
};

struct reading {
    struct arena *arena, *scratch;
    struct jtext text;
    struct value_dict keys; /* of all dicts */
    struct buf *decoded;
    vec(struct waiting) waiting;
};

static bool refuse(struct reading *r, const char *why)
{
    r->text.bad = why;
    return false;
}

static bool decode(struct reading *r, const struct jtext_value *string, struct str *out)
{
    *out = string->raw;
    if (!string->escaped)
        return true;
    if (!r->decoded)
        r->decoded = buf_new(r->arena);
    buf_cut(r->decoded, 0);
    if (!jtext_decode(string, r->decoded))
        return refuse(r, "an escape that stands for no character");
    struct str text = buf_str(r->decoded);
    *out = (struct str){arena_strndup(r->arena, text.data, text.len), text.len};
    return true;
}

static bool read_number(struct reading *r, struct str raw, struct value *out)
{
    if (memchr(raw.data, '.', raw.len) || memchr(raw.data, 'e', raw.len) || memchr(raw.data, 'E', raw.len)) {
        *out = value_of_float(strtod(arena_strndup(r->arena, raw.data, raw.len), NULL));
        return isfinite(out->as.d) || refuse(r, "a number that is too large");
    }
    bool minus = *raw.data == '-';
    int64_t n = 0;
    for (size_t i = minus; i < raw.len; i++) {
        int digit = raw.data[i] - '0';
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, minus ? -digit : digit, &n))
            return refuse(r, "a number that is too large");
    }
    *out = value_of_int(n);
    return true;
}

static bool read_value(struct reading *r, int depth, struct value *out);

static bool read_key(struct reading *r, struct str *key)
{
    struct jtext_value name;
    char c;
    jtext_space(&r->text);
    if (jtext_string(&r->text, &name) != JTEXT_OK || !decode(r, &name, key) || jtext_peek(&r->text, &c) != JTEXT_OK)
        return false;
    if (c != ':')
        return refuse(r, "a colon is expected");
    r->text.at++;
    return true;
}

/* Puts all up to the bracket that closes on the stack. */
static bool read_parts(struct reading *r, int depth, char close)
{
    char c;
    r->text.at++;
    if (jtext_peek(&r->text, &c) != JTEXT_OK)
        return false;
    for (bool first = true; !(first && c == close); first = false) {
        struct waiting part = {0};
        if ((close == '}' && !read_key(r, &part.key)) || !read_value(r, depth + 1, &part.value) ||
            jtext_peek(&r->text, &c) != JTEXT_OK)
            return false;
        *vec_push(r->scratch, &r->waiting) = part;
        if (c == close)
            break;
        if (c != ',')
            return refuse(r, close == '}' ? "a comma or } is expected" : "a comma or ] is expected");
        r->text.at++;
    }
    r->text.at++;
    return true;
}

static bool read_array(struct reading *r, int depth, struct value *out)
{
    size_t before = r->waiting.len;
    if (!read_parts(r, depth, ']'))
        return false;
    struct value_list *list = arena_alloc(r->arena, sizeof *list);
    list->cap = list->len = r->waiting.len - before;
    list->items = arena_take(r->arena, list->len * sizeof *list->items);
    for (size_t i = 0; i < list->len; i++)
        list->items[i] = r->waiting.items[before + i].value;
    r->waiting.len = before;
    *out = value_of_list(list);
    return true;
}

static bool read_object(struct reading *r, int depth, struct value *out)
{
    size_t before = r->waiting.len;
    if (!read_parts(r, depth, '}'))
        return false;
    struct value_dict *dict = arena_alloc(r->arena, sizeof *dict);
    size_t count = r->waiting.len - before;
    dict_reserve(r->arena, dict, count);
    for (size_t i = before; i < r->waiting.len; i++)
        dict_put_shared(r->arena, &r->keys, dict, r->waiting.items[i].key, r->waiting.items[i].value);
    r->waiting.len = before;
    *out = value_of_dict(dict);
    return dict->len == count || refuse(r, "a key that is there twice");
}

static bool read_value(struct reading *r, int depth, struct value *out)
{
    struct jtext_value scalar;
    struct str text;
    char c;
    if (jtext_peek(&r->text, &c) != JTEXT_OK)
        return false;
    if (c == '{' || c == '[') {
        if (depth >= DEPTH_MAX)
            return refuse(r, "nested too deeply");
        return c == '{' ? read_object(r, depth, out) : read_array(r, depth, out);
    }
    if (jtext_value(&r->text, &scalar) != JTEXT_OK)
        return false;
    switch (scalar.kind) {
    case JTEXT_STRING:
        if (!decode(r, &scalar, &text))
            return false;
        *out = value_of_str(text);
        return true;
    case JTEXT_NUMBER:
        return read_number(r, scalar.raw, out);
    case JTEXT_NULL:
        *out = value_of_none();
        return true;
    default:
        *out = value_of_bool(scalar.kind == JTEXT_TRUE);
        return true;
    }
}

int value_read_json(struct arena *arena, struct str text, struct value **out, struct err *err)
{
    struct reading r = {.arena = arena, .scratch = arena_new()};
    r.text = (struct jtext){.at = text.data, .end = text.data + text.len, .whole = true};
    struct value *made = value_dict(arena);
    char c;
    bool whole = read_value(&r, 0, made) && (jtext_peek(&r.text, &c) != JTEXT_OK || refuse(&r, "something follows"));
    arena_free(r.scratch);
    if (!whole)
        return err_set(err, ERR_SYNTAX, "json: %s", r.text.bad);
    *out = made;
    return 0;
}
