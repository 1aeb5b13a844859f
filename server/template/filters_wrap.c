#include "template/number.h"
#include "template/run.h"
#include "template/text.h"

#include "template/entities.h"

/* wordwrap and striptags: text cut and cleaned as Python's textwrap and markupsafe do it. */

/* One paragraph as characters. */
struct paragraph {
    struct str text;
    uint32_t *chars;
    uint32_t *offsets; /* len + 1 of them */
    size_t len;
};

struct wrap {
    struct run *run;
    struct paragraph p;
    struct text_builder out;
    struct str between;
    int64_t width;
    bool break_long, break_hyphens;
    bool first; /* no line has been written */
};

static bool is_space(uint32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_word(uint32_t c)
{
    return c == '_' || char_is(c, CHAR_ALPHA) || char_is(c, CHAR_NUMERIC);
}

static bool is_letter(const struct paragraph *p, size_t at)
{
    return at < p->len && (p->chars[at] == '_' || char_is(p->chars[at], CHAR_ALPHA));
}

static bool is_word_punct(uint32_t c)
{
    return is_word(c) || (c < 0x80 && c && strchr("!\"'&.,?", (int)c));
}

/* At least two dashes at `at` and a word behind: where they end, or 0. */
static size_t dashes(const struct paragraph *p, size_t at)
{
    size_t end = at;
    while (end < p->len && p->chars[end] == '-')
        end++;
    return end >= at + 2 && end < p->len && is_word(p->chars[end]) ? end : 0;
}

/* The hyphen at `at` may end a line: letters stand around it. */
static bool may_break_at_hyphen(const struct paragraph *p, size_t at)
{
    if (p->chars[at] != '-' || at < 2 || !is_letter(p, at - 1))
        return false;
    bool before = is_letter(p, at - 2) || (p->chars[at - 2] == '-' && at >= 3 && is_letter(p, at - 3));
    bool after = is_letter(p, at + 1) &&
                 (is_letter(p, at + 2) || (at + 2 < p->len && p->chars[at + 2] == '-' && is_letter(p, at + 3)));
    return before && after;
}

/* Where the piece that begins at `at` ends: white space, or what a line may end after. */
static size_t piece_end(const struct wrap *w, size_t at)
{
    const struct paragraph *p = &w->p;
    size_t end = at;
    if (is_space(p->chars[at])) {
        while (end < p->len && is_space(p->chars[end]))
            end++;
        return end;
    }
    if (w->break_hyphens && at > 0 && is_word_punct(p->chars[at - 1]) && dashes(p, at))
        return dashes(p, at);
    for (end = at + 1; end < p->len && !is_space(p->chars[end]); end++) {
        if (!w->break_hyphens)
            continue;
        if (may_break_at_hyphen(p, end))
            return end + 1;
        if (is_word_punct(p->chars[end - 1]) && dashes(p, end))
            return end;
    }
    return end;
}

static void write_line(struct wrap *w, size_t start, size_t end)
{
    if (!w->first)
        tb_add(&w->out, w->between);
    w->first = false;
    tb_add(&w->out, (struct str){w->p.text.data + w->p.offsets[start], w->p.offsets[end] - w->p.offsets[start]});
}

/* How much of a word longer than a line still goes on this one, of which `used` characters are taken. */
static size_t long_part(const struct wrap *w, size_t at, size_t end, size_t used)
{
    size_t left = (size_t)w->width - used;
    run_charge(w->run, left / 16);
    if (w->break_hyphens && end - at > left) {
        bool other = false;
        size_t hyphen = 0;
        for (size_t i = 0; i < left; i++) {
            if (w->p.chars[at + i] == '-' && i > 0 && other)
                hyphen = i;
            other |= w->p.chars[at + i] != '-';
        }
        /* The last hyphen counts, and only if something else stands before it. */
        if (hyphen)
            return hyphen + 1;
    }
    return left;
}

static void wrap_paragraph(struct wrap *w)
{
    size_t at = 0, line = 0, piece = 0;
    while (at < w->p.len) {
        if (piece <= at) /* otherwise the rest of a word that was too long */
            piece = piece_end(w, at);
        size_t start = at, used = 0, end = at;
        run_charge(w->run, 5);
        if (line && is_space(w->p.chars[at])) {
            start = at = end = piece;
            piece = at < w->p.len ? piece_end(w, at) : at;
        }
        while (at < w->p.len && used + (piece - at) <= (size_t)w->width) {
            used += piece - at;
            end = at = piece;
            piece = at < w->p.len ? piece_end(w, at) : at;
        }
        if (at < w->p.len && piece - at > (size_t)w->width && (w->break_long || used == 0)) {
            at += w->break_long ? long_part(w, at, piece, used) : piece - at;
            end = at;
        }
        size_t last = end;
        while (last > start && is_space(w->p.chars[last - 1]))
            last--;
        if (last > start) {
            write_line(w, start, last);
            line++;
        }
    }
}

static void read_paragraph(struct wrap *w, struct str text)
{
    struct paragraph *p = &w->p;
    run_charge(w->run, text.len / 8); /* each character is looked at a few times */
    p->text = text;
    p->len = 0;
    p->chars = run_alloc(w->run, (text.len + 1) * sizeof *p->chars);
    p->offsets = run_alloc(w->run, (text.len + 1) * sizeof *p->offsets);
    for (size_t at = 0; at < text.len; p->len++) {
        p->offsets[p->len] = (uint32_t)at;
        at += text_decode((struct str){text.data + at, text.len - at}, &p->chars[p->len]);
    }
    p->offsets[p->len] = (uint32_t)text.len;
}

static struct value filter_wordwrap(struct run *run, const struct value *a)
{
    struct str rest = arg_str(run, a[0], NULL, "what is wrapped"), line;
    struct wrap w = {.run = run,
                     .out = {.run = run},
                     .width = arg_int(run, a[1], 79, "width"),
                     .break_long = arg_bool(run, a[2], true),
                     .between = arg_given(a[3]) ? arg_str(run, a[3], NULL, "wrapstring") : STR("\n"),
                     .break_hyphens = arg_bool(run, a[4], true)};
    size_t end, n = 0;
    run_charge(run, rest.len / 4);
    while (text_next_line(&rest, &line, &end)) {
        if (w.width <= 0)
            run_fail(run, "invalid width %lld (must be > 0)", (long long)w.width);
        if (n++)
            tb_add(&w.out, w.between);
        w.first = true;
        read_paragraph(&w, line);
        wrap_paragraph(&w);
    }
    return value_of_str(tb_str(&w.out));
}

/* The character reference at s, which begins with '&': its bytes, 0 when it is none. */
static size_t reference(struct str s, uint32_t *out)
{
    const char *semicolon = memchr(s.data, ';', s.len < 12 ? s.len : 12);
    if (!semicolon)
        return 0;
    struct str name = {s.data + 1, (size_t)(semicolon - s.data) - 1};
    int64_t n;
    if (name.len > 1 && name.data[0] == '#') {
        bool hex = (name.data[1] | 0x20) == 'x';
        struct str digits = {name.data + 1 + hex, name.len - 1 - hex};
        if (!number_parse_int(digits, hex ? 16 : 10, &n))
            return 0;
        bool valid = n > 0 && n <= 0x10ffff && !(n >= 0xd800 && n < 0xe000);
        *out = valid ? (uint32_t)n : 0xfffd;
        return name.len + 2;
    }
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
        if (str_eqz(name, entities[i].name)) {
            *out = entities[i].c;
            return name.len + 2;
        }
    }
    return 0;
}

/* s without what stands between open and close. */
static struct str without(struct run *run, struct str s, struct str open, struct str close)
{
    struct text_builder tb = {.run = run};
    size_t from = 0, start;
    while ((start = text_find(s, open, from)) != SIZE_MAX) {
        size_t end = text_find(s, close, start + open.len);
        if (end == SIZE_MAX)
            break;
        run_charge(run, 1);
        tb_add(&tb, (struct str){s.data + from, start - from});
        from = end + close.len;
    }
    tb_add(&tb, (struct str){s.data + from, s.len - from});
    return tb_str(&tb);
}

static struct value filter_striptags(struct run *run, const struct value *a)
{
    struct str s = without(run, to_text(run, a[0]), STR("<!--"), STR("-->"));
    s = text_strip(without(run, s, STR("<"), STR(">")));
    struct text_builder tb = {.run = run};
    run_charge(run, s.len / 4);
    while (s.len) {
        uint32_t c;
        char text[4];
        size_t space = text_space_prefix(s), n = space ? space : s.data[0] == '&' ? reference(s, &c) : 0;
        if (space)
            tb_addc(&tb, ' ');
        else if (n)
            tb_add(&tb, (struct str){text, text_encode(c, text)});
        else
            tb_add(&tb, (struct str){s.data, n = text_char_len(s)});
        s = (struct str){s.data + n, s.len - n};
    }
    return value_of_str(tb_str(&tb));
}

static const struct builtin rows[] = {
    {"wordwrap", filter_wordwrap, NULL, 0, {"width", "break_long_words", "wrapstring", "break_on_hyphens"}},
    {"striptags", filter_striptags, NULL, 0, {NULL}},
};
const struct builtin_table filters_wrap = BUILTIN_TABLE(rows);
