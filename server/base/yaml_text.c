#include "base/yaml_scalar.h"
#include "base/yaml_scan.h"

/* What a byte may end or mean. */
enum {
    STOP_BLOCK = 1,  /* a plain scalar in block context may end here */
    STOP_FLOW = 2,   /* and in flow context */
    STOP_SINGLE = 4, /* in single quotes more than a character */
    STOP_DOUBLE = 8,
    NO_START = 16, /* does not begin a plain scalar, or not surely */
};

static const unsigned char classes[256] = {
    ['\0'] = STOP_BLOCK | STOP_FLOW | STOP_SINGLE | STOP_DOUBLE | NO_START,
    ['\n'] = STOP_BLOCK | STOP_FLOW | STOP_SINGLE | STOP_DOUBLE | NO_START,
    [' '] = STOP_BLOCK | STOP_FLOW | NO_START,
    [':'] = STOP_BLOCK | STOP_FLOW | NO_START,
    [','] = STOP_FLOW | NO_START,
    ['['] = STOP_FLOW | NO_START,
    [']'] = STOP_FLOW | NO_START,
    ['{'] = STOP_FLOW | NO_START,
    ['}'] = STOP_FLOW | NO_START,
    ['\''] = STOP_SINGLE | NO_START,
    ['"'] = STOP_DOUBLE | NO_START,
    ['\\'] = STOP_DOUBLE,
    ['?'] = NO_START,
    ['#'] = NO_START,
    ['&'] = NO_START,
    ['*'] = NO_START,
    ['!'] = NO_START,
    ['|'] = NO_START,
    ['>'] = NO_START,
    ['%'] = NO_START,
    ['@'] = NO_START,
    ['`'] = NO_START,
};

static unsigned class_of(char c)
{
    return classes[(unsigned char)c];
}

/* Moves the bytes [from, to) down to out, which is never behind from. */
static char *move(struct scan *s, char *out, char *from, char *to)
{
    if (out == from)
        return to;
    scan_count(s, to);
    memmove(out, from, (size_t)(to - from));
    return out + (to - from);
}

/* Writes what n ends of line are when they are folded: a space, or one less. */
static char *fold(char *out, size_t n)
{
    if (n == 1)
        *out++ = ' ';
    for (; n > 1; n--)
        *out++ = '\n';
    return out;
}

/* Steps over ends of line and the spaces around them; returns how many. */
static size_t lines(struct scan *s)
{
    size_t n = 0;
    for (;; n++) {
        scan_spaces(s);
        if (*s->at != '\n')
            return n;
        scan_line(s);
    }
}

/* Whether a plain scalar goes on after the end of line at `at`; steps there and sets *n to the ends of line between. */
static bool goes_on(struct scan *s, long indent, size_t *n)
{
    char *p = s->at, *line = p;
    *n = 0;
    for (; *p == '\n' || *p == ' '; p++)
        if (*p == '\n') {
            line = p + 1;
            ++*n;
        }
    if (*p == '\0' || *p == '#' || (p == line && scan_is_marker(p)) ||
        (indent == SCAN_FLOW ? *p != ':' && class_of(*p) & STOP_FLOW : p - line <= indent))
        return false;
    s->at = p;
    s->line = s->counted = line;
    s->trailed = 0;
    s->lines += (unsigned)*n;
    return true;
}

/* The end of the part of a plain scalar that is on this line: *last is behind its last character, the result behind the
 * spaces that follow. NULL: not sure. */
static char *plain_part(char *p, unsigned stop, char **last)
{
    for (;;) {
        while (!(class_of(*p) & stop))
            p++;
        *last = p;
        while (*p == ' ')
            p++;
        if (p > *last && (*p == '#' || !(class_of(*p) & stop))) {
            if (*p == '#')
                return p;
        } else if (*p == ':' && !scan_is_blank(p[1])) {
            if (stop == STOP_FLOW && strchr(",?[]{}", p[1]))
                return NULL; /* libyaml does not expect it */
            p++;
        } else {
            return p;
        }
    }
}

bool scan_plain(struct scan *s, long indent, struct yaml_node *node, bool *folded)
{
    const unsigned stop = indent == SCAN_FLOW ? STOP_FLOW : STOP_BLOCK;
    if (class_of(*s->at) & NO_START || (*s->at == '-' && scan_is_blank(s->at[1])) || !scan_node(s, YAML_SCALAR, node))
        return false;
    if (s->cut)
        *s->cut = '\0';
    char *const start = s->at, *out = start, *from = start, *last;
    size_t n;
    *folded = false;
    for (;;) {
        char *p = plain_part(from, stop, &last);
        if (!p || (*folded && last == from))
            return false;
        s->at = p;
        if (*p != '\n' || !goes_on(s, indent, &n))
            break;
        out = fold(move(s, out, from, last), n);
        from = s->at;
        *folded = true;
    }
    out = move(s, out, from, last);
    s->cut = out;
    node->text = (struct str){start, (size_t)(out - start)};
    node->scalar = yaml_scalar_kind(node->text);
    return true;
}

static size_t put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* The character of an escape whose letter is at *p; steps behind it. 0: not sure, or longer than the escape. */
static uint32_t escaped(char **p)
{
    static const struct {
        char letter;
        unsigned char digits;
        uint32_t c;
    } table[] = {{'n', 0, '\n'}, {'t', 0, '\t'}, {'"', 0, '"'}, {'\\', 0, '\\'}, {'/', 0, '/'},  {'r', 0, '\r'},
                 {'x', 2, 0},    {'u', 4, 0},    {'U', 8, 0},   {'a', 0, '\a'},  {'b', 0, '\b'}, {'v', 0, '\v'},
                 {'f', 0, '\f'}, {'e', 0, 0x1b}, {' ', 0, ' '}, {'N', 0, 0x85},  {'_', 0, 0xa0}};
    size_t i = 0;
    while (i < sizeof table / sizeof *table && table[i].letter != **p)
        i++;
    if (i == sizeof table / sizeof *table)
        return 0;
    ++*p;
    uint32_t c = table[i].c;
    for (size_t n = table[i].digits; n; n--, ++*p) {
        static const char digits[] = "0123456789abcdef";
        const char *digit = **p ? strchr(digits, **p >= 'A' && **p <= 'F' ? **p | 0x20 : **p) : NULL;
        if (!digit)
            return 0;
        c = c << 4 | (uint32_t)(digit - digits);
    }
    return (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff ? 0 : c;
}

/* Writes what the ends of line at `at` are in quotes; the first may be escaped. NULL: a marker stands in the way. */
static char *quoted_lines(struct scan *s, char *out, bool escape)
{
    size_t n = lines(s);
    if (s->at == s->line && scan_is_marker(s->at))
        return NULL;
    return fold(out, escape && n == 1 ? 0 : n);
}

bool scan_quoted(struct scan *s, struct yaml_node *node, bool *folded)
{
    const char quote = *s->at;
    const unsigned stop = quote == '"' ? STOP_DOUBLE : STOP_SINGLE;
    if (!scan_node(s, YAML_SCALAR, node))
        return false;
    char *const start = ++s->at, *out = start, *from = start;
    *folded = false;
    for (;;) {
        char *p = s->at;
        while (!(class_of(*p) & stop))
            p++;
        s->at = p;
        if (*p == '\0')
            return false;
        if (*p == '\n') {
            while (p > from && p[-1] == ' ')
                p--;
            out = quoted_lines(s, move(s, out, from, p), false);
            *folded = true;
        } else if (*p == quote && (quote == '"' || p[1] != quote)) {
            break;
        } else if (*p == quote) { /* two single quotes are one */
            out = move(s, out, from, p + 1);
            s->at = from = p + 2;
            continue;
        } else if (p[1] == '\n') {
            out = move(s, out, from, p);
            s->at = p + 1;
            out = quoted_lines(s, out, true);
            *folded = true;
        } else {
            char *behind = p + 1;
            uint32_t c = escaped(&behind);
            out = move(s, out, from, p);
            scan_count(s, behind);
            if (c == 0)
                return false;
            out += put_utf8(out, c);
            s->at = from = behind;
            continue;
        }
        if (!out)
            return false;
        from = s->at;
    }
    out = move(s, out, from, s->at);
    s->at++;
    *out = '\0';
    node->quoted = true;
    node->text = (struct str){start, (size_t)(out - start)};
    return true;
}
