#include "template/run.h"
#include "template/text.h"

#include <strings.h>

/* urlize: addresses in a text become links, as Jinja2's regular expressions find them. Works on escaped text. */
struct linker {
    struct run *run;
    struct text_builder out;
    int64_t limit; /* of the shown text, -1: none */
    struct str rel, target;
    const struct value_list *schemes;
};

static struct str from(struct str s, size_t at)
{
    return (struct str){s.data + at, s.len - at};
}

static bool starts_fold(struct str s, const char *prefix)
{
    size_t n = strlen(prefix);
    return s.len >= n && strncasecmp(s.data, prefix, n) == 0;
}

static bool is_word(uint32_t c)
{
    return c == '_' || char_is(c, CHAR_ALPHA) || char_is(c, CHAR_NUMERIC);
}

/* Bytes of [\w%-]+ at the start; *chars counts characters. */
static size_t label(struct str s, size_t *chars)
{
    size_t at = 0;
    *chars = 0;
    while (at < s.len) {
        uint32_t c;
        size_t n = text_decode(from(s, at), &c);
        if (!is_word(c) && c != '%' && c != '-')
            break;
        at += n;
        ++*chars;
    }
    return at;
}

/* (?::\d{1,5})?(?:[/?#]\S*)?$ : a word has no white space, so anything may follow the mark. */
static bool is_rest(struct str s)
{
    if (s.len && s.data[0] == ':') {
        size_t n = 1;
        while (n < s.len && n < 6 && s.data[n] >= '0' && s.data[n] <= '9')
            n++;
        if (n == 1)
            return false;
        s = from(s, n);
    }
    return !s.len || memchr("/?#", s.data[0], 3);
}

static bool is_basic_tld(struct str s)
{
    if (starts_fold(s, "xn--")) {
        size_t n = 4, chars = 0;
        while (n < s.len) {
            uint32_t c;
            size_t len = text_decode(from(s, n), &c);
            if (!is_word(c) && c != '%')
                break;
            n += len;
            chars++;
        }
        if (chars >= 2 && chars <= 59 && is_rest(from(s, n)))
            return true;
    }
    size_t n = 0;
    while (n < s.len && (s.data[n] | 0x20) >= 'a' && (s.data[n] | 0x20) <= 'z')
        n++;
    return n >= 2 && n <= 63 && is_rest(from(s, n));
}

static bool is_known_tld(struct str s)
{
    static const char *const known[] = {"com", "net", "int", "edu", "gov", "org", "info", "mil"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (starts_fold(s, known[i]) && is_rest(from(s, strlen(known[i]))))
            return true;
    }
    return false;
}

/* Labels with dots behind, then what tld takes; with_none: the labels may be absent. */
static bool is_domain(struct str s, bool (*tld)(struct str s), bool with_none, size_t max_label)
{
    if (with_none && tld(s))
        return true;
    for (;;) {
        size_t chars, n = label(s, &chars);
        if (!n || n >= s.len || s.data[n] != '.' || (max_label && (chars < 2 || chars > max_label)))
            return false;
        s = from(s, n + 1);
        if (tld(s))
            return true;
    }
}

static bool is_ipv4(struct str s)
{
    for (size_t part = 0; part < 4; part++) {
        size_t n = 0;
        if (part && (!s.len || s.data[0] != '.'))
            return false;
        s = part ? from(s, 1) : s;
        while (n < s.len && n < 3 && s.data[n] >= '0' && s.data[n] <= '9')
            n++;
        if (!n)
            return false;
        s = from(s, n);
    }
    return is_rest(s);
}

static bool is_ipv6(struct str s)
{
    const char *end = s.len && s.data[0] == '[' ? memchr(s.data, ']', s.len) : NULL;
    size_t colons = 0;
    if (!end)
        return false;
    for (const char *p = s.data + 1; p < end; p++) {
        bool hex = (*p >= '0' && *p <= '9') || ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'f');
        if (!hex && *p != ':')
            return false;
        colons += *p == ':';
    }
    return colons >= 2 && is_rest(from(s, (size_t)(end - s.data) + 1));
}

static bool is_http(struct str s)
{
    size_t scheme = starts_fold(s, "https://") ? 8 : starts_fold(s, "http://") ? 7 : 0;
    if (scheme && (is_ipv4(from(s, scheme)) || is_ipv6(from(s, scheme))))
        return true;
    if (scheme && is_domain(from(s, scheme), is_basic_tld, true, 0))
        return true;
    if (starts_fold(s, "www.") && is_domain(from(s, 4), is_basic_tld, true, 0))
        return true;
    return is_domain(s, is_known_tld, false, 63);
}

/* ^\S+@\w[\w.-]*\.\w+$ */
static bool is_email(struct str s)
{
    size_t sign = text_rfind(s, STR("@"));
    if (sign == SIZE_MAX || sign == 0)
        return false;
    for (size_t at = sign + 1; at < s.len;) {
        uint32_t c;
        size_t n = text_decode(from(s, at), &c);
        if (!is_word(c) && (at == sign + 1 || (c != '.' && c != '-')))
            return false;
        at += n;
    }
    /* The last piece is of word characters alone. */
    size_t last = text_rfind(s, STR("."));
    return last != SIZE_MAX && last > sign + 1 && last + 1 < s.len && !memchr(s.data + last, '-', s.len - last);
}

static void link_to(struct linker *l, const char *prefix, struct str href, struct str shown, bool with_rel)
{
    struct text_builder *out = &l->out;
    tb_add(out, STR("<a href=\""));
    tb_add(out, str_from(prefix));
    tb_add(out, href);
    tb_addc(out, '"');
    if (with_rel) {
        tb_add(out, l->rel);
        tb_add(out, l->target);
    }
    tb_addc(out, '>');
    bool cut = with_rel && l->limit >= 0 && (int64_t)text_len(shown) > l->limit;
    tb_add(out, cut ? (struct str){shown.data, text_offset(shown, (size_t)l->limit)} : shown);
    tb_add(out, cut ? STR("...</a>") : STR("</a>"));
}

static void add_middle(struct linker *l, struct str s)
{
    if (is_http(s)) {
        bool scheme = starts_fold(s, "https://") || starts_fold(s, "http://");
        link_to(l, scheme ? "" : "https://", s, s, true);
        return;
    }
    if (str_starts(s, STR("mailto:")) && is_email(from(s, 7))) {
        link_to(l, "", s, from(s, 7), false);
        return;
    }
    if (text_find(s, STR("@"), 0) != SIZE_MAX && !str_starts(s, STR("www.")) && text_find(s, STR(":"), 0) == SIZE_MAX &&
        is_email(s)) {
        link_to(l, "mailto:", s, s, false);
        return;
    }
    for (size_t i = 0; l->schemes && i < l->schemes->len; i++) {
        struct str scheme = arg_str(l->run, l->schemes->items[i], NULL, "a scheme");
        if (!str_eq(s, scheme) && str_starts(s, scheme)) {
            link_to(l, "", s, s, true);
            return;
        }
    }
    tb_add(&l->out, s);
}

static size_t count(struct str s, struct str of)
{
    size_t n = 0;
    for (size_t at = text_find(s, of, 0); at != SIZE_MAX; at = text_find(s, of, at + of.len))
        n++;
    return n;
}

/* Bytes of ([)>.,\n]|&gt;)+ at the end. */
static size_t tail_len(struct str s)
{
    size_t n = 0;
    for (;;) {
        struct str rest = {s.data, s.len - n};
        if (rest.len && memchr(")>.,\n", rest.data[rest.len - 1], 5))
            n++;
        else if (str_ends(rest, STR("&gt;")))
            n += 4;
        else
            return n;
    }
}

/* Closing brackets that the address needs for its opening ones come back from the tail. */
static size_t balance(struct str middle, struct str tail)
{
    static const struct str pairs[][2] = {{{"(", 1}, {")", 1}}, {{"<", 1}, {">", 1}}, {{"&lt;", 4}, {"&gt;", 4}}};
    size_t taken = 0;
    for (size_t i = 0; i < 3; i++) {
        struct str all = {middle.data, middle.len + taken};
        size_t open = count(all, pairs[i][0]), there = count(from(tail, taken), pairs[i][1]);
        if (open <= count(all, pairs[i][1]))
            continue;
        for (size_t moves = open < there ? open : there; moves; moves--)
            taken += text_find(from(tail, taken), pairs[i][1], 0) + pairs[i][1].len;
    }
    return taken;
}

static void add_word(struct linker *l, struct str word)
{
    size_t head = 0;
    run_charge(l->run, 4 + word.len / 4);
    for (;;) {
        struct str rest = from(word, head);
        if (rest.len && (rest.data[0] == '(' || rest.data[0] == '<'))
            head++;
        else if (str_starts(rest, STR("&lt;")))
            head += 4;
        else
            break;
    }
    struct str middle = from(word, head);
    size_t tail = tail_len(middle);
    middle.len -= tail;
    size_t back = balance(middle, (struct str){middle.data + middle.len, tail});
    middle.len += back;
    tb_add(&l->out, (struct str){word.data, head});
    add_middle(l, middle);
    tb_add(&l->out, (struct str){middle.data + middle.len, tail - back});
}

/* The words of rel, with nofollow and noopener, sorted and each once: ' rel="..."'. */
static struct str rel_attr(struct run *run, struct value rel, bool nofollow)
{
    const struct value empty[] = {arg_given(rel) ? rel : value_of_str(STR("")), {0}, {0}, {0}};
    struct value words = builtin_find_method(VALUE_STR, STR("split"))->fn(run, empty);
    if (nofollow)
        run_push(run, words.as.list, value_of_str(STR("nofollow")));
    run_push(run, words.as.list, value_of_str(STR("noopener")));
    const struct value keep[] = {words, value_of_bool(true), {0}, {0}};
    struct value once = builtin_find_filter(STR("unique"))->fn(run, keep);
    const struct value order_of[] = {once, value_of_bool(false), value_of_bool(true), {0}};
    struct value sorted = builtin_find_filter(STR("sort"))->fn(run, order_of);
    struct text_builder tb = {.run = run};
    tb_add(&tb, STR(" rel=\""));
    for (size_t i = 0; i < sorted.as.list->len; i++) {
        if (i)
            tb_addc(&tb, ' ');
        tb_add(&tb, value_text(escape(run, sorted.as.list->items[i])));
    }
    tb_addc(&tb, '"');
    return tb_str(&tb);
}

static struct value filter_urlize(struct run *run, const struct value *a)
{
    struct linker l = {.run = run, .out = {.run = run}, .limit = -1};
    if (arg_given(a[1]))
        l.limit = arg_int(run, a[1], 0, "trim_url_limit");
    if (l.limit < -1)
        run_fail(run, "trim_url_limit is negative");
    l.rel = rel_attr(run, a[4], arg_bool(run, a[2], false));
    if (arg_given(a[3])) {
        struct str target = value_text(escape(run, a[3]));
        l.target = str_from(arena_printf(run->arena, " target=\"" STR_FMT "\"", STR_ARG(target)));
    }
    if (arg_given(a[5]))
        l.schemes = list_of(run, a[5]);
    struct str s = value_text(escape(run, a[0]));
    while (s.len) {
        size_t space = text_space_prefix(s), n = space;
        while (!space && n < s.len && !text_space_prefix(from(s, n)))
            n += text_char_len(from(s, n));
        if (space)
            tb_add(&l.out, (struct str){s.data, n});
        else
            add_word(&l, (struct str){s.data, n});
        s = from(s, n);
    }
    struct value v = value_of_str(tb_str(&l.out));
    v.flags = run->autoescape ? VALUE_SAFE : 0;
    return v;
}

static const struct builtin rows[] = {
    {"urlize", filter_urlize, NULL, 0, {"trim_url_limit", "nofollow", "target", "rel", "extra_schemes"}},
};
const struct builtin_table filters_link = BUILTIN_TABLE(rows);
