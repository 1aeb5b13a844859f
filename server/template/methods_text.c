#include "template/run.h"
#include "template/text.h"

/* Python's str methods, second half: case, padding, classes of characters. */

static struct value like(struct value self, struct str text)
{
    struct value v = value_of_str(text);
    v.flags = self.flags & VALUE_SAFE;
    return v;
}

static struct value to_case(struct run *run, struct value self, enum text_case to)
{
    run_charge(run, self.len / 8);
    return like(self, text_to_case(run->arena, value_text(self), to));
}

static struct value str_upper(struct run *run, const struct value *a)
{
    return to_case(run, a[0], CASE_UPPER);
}

static struct value str_lower(struct run *run, const struct value *a)
{
    return to_case(run, a[0], CASE_LOWER);
}

static struct value str_title(struct run *run, const struct value *a)
{
    return to_case(run, a[0], CASE_TITLE);
}

static struct value str_capitalize(struct run *run, const struct value *a)
{
    return to_case(run, a[0], CASE_CAPITAL);
}

static struct value str_swapcase(struct run *run, const struct value *a)
{
    return to_case(run, a[0], CASE_SWAP);
}

/* Fill on the left and the right to width characters. */
static struct value pad(struct run *run, const struct value *a, size_t left, size_t right)
{
    struct str fill = arg_str(run, a[2], " ", "fillchar");
    struct text_builder tb = {.run = run};
    if (text_len(fill) != 1)
        run_fail(run, "the fill character must be exactly one character long");
    run_charge(run, left + right);
    for (size_t i = 0; i < left; i++)
        tb_add(&tb, fill);
    tb_add(&tb, value_text(a[0]));
    for (size_t i = 0; i < right; i++)
        tb_add(&tb, fill);
    return like(a[0], tb_str(&tb));
}

static size_t missing(struct run *run, const struct value *a, size_t *width)
{
    int64_t want = arg_int(run, a[1], 0, "width");
    size_t len = text_len(value_text(a[0]));
    *width = want > 0 ? (size_t)want : 0;
    return *width > len ? *width - len : 0;
}

static struct value str_center(struct run *run, const struct value *a)
{
    size_t width, n = missing(run, a, &width), left = n / 2 + (n & width & 1);
    return pad(run, a, left, n - left);
}

static struct value str_ljust(struct run *run, const struct value *a)
{
    size_t width;
    return pad(run, a, 0, missing(run, a, &width));
}

static struct value str_rjust(struct run *run, const struct value *a)
{
    size_t width;
    return pad(run, a, missing(run, a, &width), 0);
}

static struct value str_zfill(struct run *run, const struct value *a)
{
    size_t width, n = missing(run, a, &width);
    struct str s = value_text(a[0]);
    struct text_builder tb = {.run = run};
    if (s.len && (s.data[0] == '+' || s.data[0] == '-')) {
        tb_addc(&tb, s.data[0]);
        s = (struct str){s.data + 1, s.len - 1};
    }
    tb_fill(&tb, '0', n);
    tb_add(&tb, s);
    return like(a[0], tb_str(&tb));
}

static struct value str_expandtabs(struct run *run, const struct value *a)
{
    int64_t size = arg_int(run, a[1], 8, "tabsize");
    struct str s = value_text(a[0]);
    struct text_builder tb = {.run = run};
    int64_t column = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == '\t') {
            int64_t n = size > 0 ? size - column % size : 0;
            tb_fill(&tb, ' ', (size_t)n);
            column += n;
            continue;
        }
        tb_addc(&tb, s.data[i]);
        if (s.data[i] == '\n' || s.data[i] == '\r')
            column = 0;
        else
            column += ((unsigned char)s.data[i] & 0xc0) != 0x80;
    }
    return like(a[0], tb_str(&tb));
}

/* There is a character, and each is of one of the classes. */
static struct value all_are(struct value self, const enum char_class *classes, size_t len)
{
    struct str s = value_text(self);
    for (size_t at = 0; at < s.len;) {
        uint32_t c;
        bool found = false;
        at += text_decode((struct str){s.data + at, s.len - at}, &c);
        for (size_t i = 0; i < len && !found; i++)
            found = char_is(c, classes[i]);
        if (!found)
            return value_of_bool(false);
    }
    return value_of_bool(s.len > 0);
}

#define ALL_ARE(name, ...)                                                                                             \
    static struct value name(struct run *run, const struct value *a)                                                   \
    {                                                                                                                  \
        static const enum char_class classes[] = {__VA_ARGS__};                                                        \
        (void)run;                                                                                                     \
        return all_are(a[0], classes, sizeof classes / sizeof *classes);                                               \
    }
ALL_ARE(str_isalpha, CHAR_ALPHA)
ALL_ARE(str_isdigit, CHAR_DIGIT)
ALL_ARE(str_isdecimal, CHAR_DECIMAL)
ALL_ARE(str_isnumeric, CHAR_NUMERIC)
ALL_ARE(str_isalnum, CHAR_ALPHA, CHAR_DECIMAL, CHAR_DIGIT, CHAR_NUMERIC)
ALL_ARE(str_isspace, CHAR_SPACE)

static struct value str_islower(struct run *run, const struct value *a)
{
    return builtin_find_test(STR("lower"))->fn(run, a);
}

static struct value str_isupper(struct run *run, const struct value *a)
{
    return builtin_find_test(STR("upper"))->fn(run, a);
}

static struct value str_istitle(struct run *run, const struct value *a)
{
    struct str s = value_text(a[0]);
    bool inside = false, found = false;
    (void)run;
    for (size_t at = 0; at < s.len;) {
        uint32_t c;
        at += text_decode((struct str){s.data + at, s.len - at}, &c);
        bool upper = char_is(c, CHAR_UPPER) || char_is(c, CHAR_TITLE), lower = char_is(c, CHAR_LOWER);
        if ((upper && inside) || (lower && !inside))
            return value_of_bool(false);
        inside = upper || lower;
        found |= inside;
    }
    return value_of_bool(found);
}

static struct value str_isascii(struct run *run, const struct value *a)
{
    (void)run;
    for (size_t i = 0; i < a[0].len; i++) {
        if ((unsigned char)a[0].as.s[i] >= 0x80)
            return value_of_bool(false);
    }
    return value_of_bool(true);
}

static struct value str_isidentifier(struct run *run, const struct value *a)
{
    (void)run;
    return value_of_bool(text_is_identifier(value_text(a[0])));
}

static struct value str_isprintable(struct run *run, const struct value *a)
{
    struct str s = value_text(a[0]);
    (void)run;
    for (size_t at = 0; at < s.len;) {
        uint32_t c;
        at += text_decode((struct str){s.data + at, s.len - at}, &c);
        if (char_is(c, CHAR_HIDDEN))
            return value_of_bool(false);
    }
    return value_of_bool(true);
}

static const struct builtin rows[] = {
    {"upper", str_upper, NULL, 0, {NULL}},
    {"lower", str_lower, NULL, 0, {NULL}},
    {"casefold", str_lower, NULL, 0, {NULL}},
    {"title", str_title, NULL, 0, {NULL}},
    {"capitalize", str_capitalize, NULL, 0, {NULL}},
    {"swapcase", str_swapcase, NULL, 0, {NULL}},
    {"center", str_center, NULL, 1, {"width", "fillchar"}},
    {"ljust", str_ljust, NULL, 1, {"width", "fillchar"}},
    {"rjust", str_rjust, NULL, 1, {"width", "fillchar"}},
    {"zfill", str_zfill, NULL, 1, {"width"}},
    {"expandtabs", str_expandtabs, NULL, 0, {"tabsize"}},
    {"isalpha", str_isalpha, NULL, 0, {NULL}},
    {"isdigit", str_isdigit, NULL, 0, {NULL}},
    {"isdecimal", str_isdecimal, NULL, 0, {NULL}},
    {"isnumeric", str_isnumeric, NULL, 0, {NULL}},
    {"isalnum", str_isalnum, NULL, 0, {NULL}},
    {"isspace", str_isspace, NULL, 0, {NULL}},
    {"islower", str_islower, NULL, 0, {NULL}},
    {"isupper", str_isupper, NULL, 0, {NULL}},
    {"istitle", str_istitle, NULL, 0, {NULL}},
    {"isascii", str_isascii, NULL, 0, {NULL}},
    {"isidentifier", str_isidentifier, NULL, 0, {NULL}},
    {"isprintable", str_isprintable, NULL, 0, {NULL}},
};
const struct builtin_table methods_str_more = BUILTIN_TABLE(rows);
