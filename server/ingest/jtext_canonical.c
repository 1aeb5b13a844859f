#include "ingest/jtext_canonical.h"

#include <stdlib.h>

struct jtext_member {
    size_t name_at, name_len; /* in scratch: decoded */
    struct jtext_value value;
    size_t order;
    const char *name; /* set for sorting alone: scratch moves */
};

void jtext_members_dispose(struct jtext_members *members)
{
    free(members->items);
    *members = (struct jtext_members){0};
}

static struct jtext_member *push(struct jtext_members *members)
{
    if (members->len == members->cap) {
        members->cap = members->cap ? members->cap * 2 : 32;
        members->items = realloc(members->items, members->cap * sizeof *members->items);
        if (!members->items)
            abort();
    }
    return &members->items[members->len++];
}

/* As jsonb keeps them: the shorter name first, then by bytes; of equal names the last one last. */
static int by_name(const void *a, const void *b)
{
    const struct jtext_member *x = a, *y = b;
    if (x->name_len != y->name_len)
        return x->name_len < y->name_len ? -1 : 1;
    int c = memcmp(x->name, y->name, x->name_len);
    return c ? c : x->order < y->order ? -1 : 1;
}

static void add_string(struct buf *out, struct str text)
{
    buf_addc(out, '"');
    const char *p = text.data, *end = p + text.len, *run = p;
    for (; p < end; p++) {
        static const char named[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
        unsigned char c = (unsigned char)*p;
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_add(out, run, (size_t)(p - run));
        run = p + 1;
        const char *at = strchr(named, *p);
        if (at) {
            buf_addc(out, '\\');
            buf_addc(out, letters[at - named]);
        } else {
            buf_addf(out, "\\u%04x", c);
        }
    }
    buf_add(out, run, (size_t)(p - run));
    buf_addc(out, '"');
}

enum { EXPONENT_MAX = 1000 };

/* Without an exponent, as PostgreSQL's numeric prints it: the scale is what is left of the fraction. */
static const char *add_number(struct buf *out, struct str raw)
{
    bool negative = raw.data[0] == '-';
    const char *digits = raw.data + negative, *end = raw.data + raw.len, *e = digits;
    while (e < end && (*e | 0x20) != 'e')
        e++;
    int64_t exponent = 0;
    if (e < end && !str_int64((struct str){e + 1 + (e[1] == '+'), (size_t)(end - e - 1 - (e[1] == '+'))}, -EXPONENT_MAX,
                              EXPONENT_MAX, &exponent))
        return "holds a number whose exponent is out of range";
    const char *point = memchr(digits, '.', (size_t)(e - digits));
    int64_t whole = point ? point - digits : e - digits, fraction = point ? e - point - 1 : 0;
    int64_t count = whole + fraction, left = whole + exponent; /* digits left of the new point */
    bool zero = true;
    for (const char *p = digits; p < e; p++)
        zero &= *p == '0' || *p == '.';
    if (negative && !zero)
        buf_addc(out, '-');
    bool any = false;
    for (int64_t i = 0; i < (left > 0 ? left : 0); i++) {
        char c = i < count ? digits[i < whole ? i : i + 1] : '0';
        if (c == '0' && !any)
            continue;
        any = true;
        buf_addc(out, c);
    }
    if (!any)
        buf_addc(out, '0');
    if (fraction - exponent > 0) {
        buf_addc(out, '.');
        for (int64_t i = left; i < count; i++)
            buf_addc(out, i < 0 ? '0' : digits[i < whole ? i : i + 1]);
    }
    return NULL;
}

static const char *add_value(struct jtext_members *members, struct buf *scratch, const struct jtext_value *value,
                             struct buf *out);

static const char *add_array(struct jtext_members *members, struct buf *scratch, const struct jtext_value *array,
                             struct buf *out)
{
    struct jtext t = {.at = array->raw.data + 1, .end = array->raw.data + array->raw.len - 1, .whole = true};
    const char *why = NULL;
    buf_addc(out, '[');
    jtext_space(&t);
    for (bool first = true; !why && t.at < t.end; first = false) {
        struct jtext_value item;
        if (!first)
            buf_add(out, ", ", 2);
        (void)jtext_value(&t, &item);
        why = add_value(members, scratch, &item, out);
        jtext_space(&t);
        t.at++; /* the comma, or the end */
    }
    buf_addc(out, ']');
    return why;
}

static const char *read_members(struct jtext_members *members, struct buf *scratch, struct str raw)
{
    struct jtext t = {.at = raw.data + 1, .end = raw.data + raw.len - 1, .whole = true};
    jtext_space(&t);
    while (t.at < t.end) {
        struct jtext_value name;
        struct jtext_member *member = push(members);
        jtext_space(&t);
        (void)jtext_string(&t, &name);
        *member = (struct jtext_member){.name_at = scratch->len, .order = members->len};
        if (!jtext_decode(&name, scratch))
            return "holds \\u0000 or half of a surrogate pair";
        member->name_len = scratch->len - member->name_at;
        jtext_space(&t);
        t.at++; /* the colon */
        (void)jtext_value(&t, &member->value);
        jtext_space(&t);
        t.at++; /* the comma, or the end */
    }
    return NULL;
}

static const char *add_object(struct jtext_members *members, struct buf *scratch, const struct jtext_value *object,
                              struct buf *out)
{
    size_t base = members->len, used = scratch->len;
    const char *why = read_members(members, scratch, object->raw);
    size_t n = members->len - base, written = 0;
    for (size_t i = base; i < members->len; i++)
        members->items[i].name = buf_text(scratch) + members->items[i].name_at;
    if (n > 1 && !why)
        qsort(members->items + base, n, sizeof *members->items, by_name);
    buf_addc(out, '{');
    for (size_t i = base; i < base + n && !why; i++) {
        struct jtext_member member = members->items[i]; /* a copy: the items move */
        if (i + 1 < base + n) {
            const struct jtext_member *next = &members->items[i + 1];
            if (next->name_len == member.name_len &&
                memcmp(scratch->data + next->name_at, scratch->data + member.name_at, member.name_len) == 0)
                continue;
        }
        if (written++)
            buf_add(out, ", ", 2);
        add_string(out, (struct str){buf_text(scratch) + member.name_at, member.name_len});
        buf_add(out, ": ", 2);
        why = add_value(members, scratch, &member.value, out);
    }
    buf_addc(out, '}');
    members->len = base;
    buf_cut(scratch, used);
    return why;
}

static const char *add_text(struct buf *scratch, const struct jtext_value *string, struct buf *out)
{
    if (!string->escaped) {
        add_string(out, string->raw);
        return NULL;
    }
    size_t used = scratch->len;
    bool ok = jtext_decode(string, scratch);
    if (ok)
        add_string(out, (struct str){scratch->data + used, scratch->len - used});
    buf_cut(scratch, used);
    return ok ? NULL : "holds \\u0000 or half of a surrogate pair";
}

static const char *add_value(struct jtext_members *members, struct buf *scratch, const struct jtext_value *value,
                             struct buf *out)
{
    switch (value->kind) {
    case JTEXT_OBJECT:
        return add_object(members, scratch, value, out);
    case JTEXT_ARRAY:
        return add_array(members, scratch, value, out);
    case JTEXT_STRING:
        return add_text(scratch, value, out);
    case JTEXT_NUMBER:
        return add_number(out, value->raw);
    default:
        buf_add_str(out, value->raw);
        return NULL;
    }
}

const char *jtext_canonical(struct jtext_members *members, struct buf *scratch, const struct jtext_value *value,
                            struct buf *out)
{
    buf_cut(scratch, 0);
    members->len = 0;
    return add_value(members, scratch, value, out);
}
