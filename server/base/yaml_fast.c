#include "base/yaml_fast.h"

#include "base/map.h"
#include "base/yaml_scan.h"

enum { DEEPEST = 64, FEW_KEYS = 16, FIRST_STACK = 64 };

bool scan_node(struct scan *s, enum yaml_type type, struct yaml_node *node)
{
    scan_count(s, s->at); /* a column is a character */
    *node = (struct yaml_node){
        .type = type, .line = s->lines, .column = (unsigned)(s->at - s->line) + 1 - s->trailed, .text = STR("")};
    return ++s->count <= s->limits->nodes;
}

bool scan_nothing(struct scan *s, struct yaml_node *node)
{
    bool good = scan_node(s, YAML_SCALAR, node);
    node->scalar = YAML_NULL;
    return good;
}

struct yaml_node *scan_grow(struct scan *s)
{
    s->cap *= 2;
    struct yaml_node *grown = arena_take(s->scratch, s->cap * sizeof *grown);
    s->stack = memcpy(grown, s->stack, s->len * sizeof *grown);
    return &s->stack[s->len++];
}

bool scan_open(struct scan *s, enum yaml_type type, struct yaml_node *node)
{
    return scan_node(s, type, node) && s->depth < DEEPEST && s->depth++ < s->limits->depth;
}

static bool has_twins(struct scan *s, const struct yaml_node *pairs, size_t n)
{
    if (n > FEW_KEYS) {
        struct map seen = {.arena = s->scratch};
        for (size_t i = 0; i < n; i++)
            if (map_put(&seen, pairs[2 * i].text, s))
                return true;
        return false;
    }
    for (size_t i = 1; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if (str_eq(pairs[2 * i].text, pairs[2 * j].text))
                return true;
    return false;
}

bool scan_close(struct scan *s, size_t first, struct yaml_node *node)
{
    const struct yaml_node *from = s->stack + first;
    size_t n = s->len - first;
    s->len = first;
    s->depth--;
    if (n == 0)
        return true;
    if (node->type == YAML_SEQUENCE) {
        node->len = n;
        node->items = arena_take(s->arena, n * sizeof *node->items);
        memcpy(node->items, from, n * sizeof *node->items);
        return true;
    }
    node->len = n / 2;
    node->keys = arena_take(s->arena, n * sizeof *node->keys);
    node->items = node->keys + node->len;
    for (size_t i = 0; i < node->len; i++) {
        node->keys[i] = from[2 * i];
        node->items[i] = from[2 * i + 1];
    }
    return !has_twins(s, from, node->len);
}

/* Goes to what comes next in block context and sets column; false when `at` has more on its line than a comment. */
static bool next(struct scan *s)
{
    for (;;) {
        scan_spaces(s);
        if (*s->at == '#' && scan_is_apart(s))
            while (!scan_is_end(*s->at))
                s->at++;
        if (*s->at != '\n')
            break;
        scan_line(s);
    }
    s->column = s->at - s->line;
    if (*s->at == '\0')
        s->column = -1;
    else if (s->column == 0 && scan_is_marker(s->at))
        s->column = -1;
    return !(*s->at == '%' && s->column == 0);
}

/* As next, and there must be an end of line before it. */
static bool next_line(struct scan *s)
{
    unsigned line = s->lines;
    return next(s) && (s->lines != line || *s->at == '\0');
}

static bool block_node(struct scan *s, long indent, bool fresh, struct yaml_node *node);

static bool is_entry(const struct scan *s)
{
    return *s->at == '-' && scan_is_blank(s->at[1]);
}

/* A key at `at`, up to its ':'; false when there is none. */
static bool key(struct scan *s, long indent, struct yaml_node *node, bool *is_key)
{
    const char *start = s->at;
    bool folded = false;
    if (*s->at == '"' || *s->at == '\'' ? !scan_quoted(s, node, &folded) : !scan_plain(s, indent, node, &folded))
        return false;
    scan_spaces(s);
    *is_key = !folded && *s->at == ':' && scan_is_blank(s->at[1]);
    return !*is_key || scan_is_near(s, node, start);
}

/* What follows the ':' of a key in a mapping at column indent. */
static bool value(struct scan *s, long indent, struct yaml_node *node)
{
    struct yaml_node nothing;
    s->at++;
    if (!scan_nothing(s, &nothing))
        return false;
    s->count--; /* it is counted when it is used */
    unsigned line = s->lines;
    if (!next(s))
        return false;
    if (s->lines == line && *s->at != '\0')
        return block_node(s, indent, false, node);
    if (s->column > indent || (s->column == indent && is_entry(s)))
        return block_node(s, indent, true, node);
    *node = nothing;
    return ++s->count <= s->limits->nodes;
}

/* A block mapping whose first key is read; `at` is on its ':'. */
static bool mapping(struct scan *s, long column, struct yaml_node *first, struct yaml_node *node)
{
    size_t base = s->len;
    struct yaml_node child = *first;
    if (!scan_open(s, YAML_MAPPING, node))
        return false;
    node->line = first->line;
    node->column = first->column;
    for (bool is_key = true; is_key;) {
        scan_push(s, &child);
        if (!value(s, column, &child))
            return false;
        scan_push(s, &child);
        if (s->column < column)
            return scan_close(s, base, node);
        if (s->column > column || is_entry(s) || !key(s, column, &child, &is_key))
            return false;
    }
    return false;
}

/* A block sequence. loose: it stands at the column of the mapping that it is in, so a key ends it. */
static bool sequence(struct scan *s, long column, bool loose, struct yaml_node *node)
{
    size_t base = s->len;
    if (!scan_open(s, YAML_SEQUENCE, node))
        return false;
    do {
        struct yaml_node item, nothing;
        s->at++;
        if (!scan_nothing(s, &nothing))
            return false;
        s->count--;
        unsigned line = s->lines;
        if (!next(s))
            return false;
        if ((s->lines == line && *s->at != '\0') || s->column > column) {
            if (!block_node(s, column, true, &item))
                return false;
        } else {
            item = nothing;
            if (++s->count > s->limits->nodes)
                return false;
        }
        scan_push(s, &item);
    } while (s->column == column && is_entry(s));
    if (s->column > column || (s->column == column && !loose))
        return false;
    return scan_close(s, base, node);
}

/* Any node of block context, inside a collection at column indent; ends with next. fresh: a key may begin here. */
static bool block_node(struct scan *s, long indent, bool fresh, struct yaml_node *node)
{
    long column = s->at - s->line;
    bool is_key;
    switch (*s->at) {
    case '-':
        if (is_entry(s))
            return fresh && sequence(s, column, column == indent, node);
        break;
    case '[':
    case '{':
        return scan_flow(s, node) && next_line(s);
    case '|':
    case '>':
        return scan_block(s, indent, node) && next(s);
    default:
        break;
    }
    struct yaml_node text;
    if (!key(s, indent, &text, &is_key))
        return false;
    if (is_key)
        return fresh && mapping(s, column, &text, node);
    *node = text;
    return next_line(s);
}

/* One document after another. */
static bool documents(struct scan *s)
{
    struct yaml_node root;
    bool bare = true; /* a document may begin without "---" */
    if (!next(s))
        return false;
    while (*s->at) {
        if (s->column < 0) { /* a marker */
            if (*s->at == '.')
                return false;
            unsigned line = s->lines;
            s->at += 3;
            if (!next(s))
                return false;
            if (s->column < 0) {
                if (++s->count > s->limits->nodes)
                    return false;
            } else {
                if (!block_node(s, -1, s->lines != line, &root))
                    return false;
                scan_push(s, &root);
            }
        } else {
            if (!bare || !block_node(s, -1, true, &root))
                return false;
            scan_push(s, &root);
        }
        bare = false;
        if (s->column >= 0)
            return false;
        if (*s->at == '.') {
            s->at += 3;
            if (!next_line(s) || *s->at == '.')
                return false;
        }
    }
    return true;
}

enum { WORD = sizeof(uint64_t) };
#define EACH(byte) (0x0101010101010101u * (byte))

/* Whether one of the bytes, of which none is above 0x7f, is a control character other than LF. */
static bool has_control(const char *p, size_t n)
{
    bool found = false;
    for (size_t i = 0; i < n; i++)
        found |= (p[i] >= 0 && p[i] < 0x20 && p[i] != '\n') || p[i] == 0x7f;
    return found;
}

/* Whether all of the text is of characters that need no thought: printable, LF, and beyond ASCII what libyaml reads as
 * itself: no C1 control, line or paragraph separator, byte order mark or noncharacter. Text is UTF-8. */
static bool is_common(struct str text, bool *wide)
{
    const char *end = text.data + text.len, *c = text.data;
    uint64_t word, high = 0;
    for (; end - c >= WORD; c += WORD) {
        memcpy(&word, c, WORD);
        high |= word;
        uint64_t low = (word - EACH(0x20u)) & ~word, del = (word ^ EACH(0x7fu)) - EACH(0x01u);
        if ((low | (del & ~(word ^ EACH(0x7fu)))) & EACH(0x80u) && has_control(c, WORD))
            return false;
    }
    for (const char *tail = c; tail < end; tail++)
        high |= (unsigned char)*tail;
    if (has_control(c, (size_t)(end - c)))
        return false;
    *wide = (high & EACH(0x80u)) != 0;
    bool odd = false;
    for (const unsigned char *p = (const unsigned char *)text.data; *wide && p < (const unsigned char *)end; p++)
        odd |= (*p == 0xc2 && p[1] < 0xa0) || (*p == 0xe2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9)) ||
               (*p == 0xef && ((p[1] == 0xbb && p[2] == 0xbf) || (p[1] == 0xbf && p[2] >= 0xbe)));
    return !odd;
}

bool yaml_fast(struct arena *arena, struct arena *scratch, struct str text, const struct yaml_limits *limits,
               struct yaml_node **out, size_t *count)
{
    bool wide;
    if (!is_common(text, &wide))
        return false;
    char *copy = arena_strndup(arena, text.data, text.len);
    struct scan s = {.arena = arena,
                     .scratch = scratch,
                     .limits = limits,
                     .at = copy,
                     .line = copy,
                     .lines = 1,
                     .stack = arena_take(scratch, FIRST_STACK * sizeof *s.stack),
                     .cap = FIRST_STACK,
                     .counted = copy,
                     .wide = wide};
    if (!documents(&s))
        return false;
    if (s.cut)
        *s.cut = '\0';
    *count = s.len;
    *out = s.len ? arena_take(arena, s.len * sizeof **out) : NULL;
    if (s.len)
        memcpy(*out, s.stack, s.len * sizeof **out);
    return true;
}
