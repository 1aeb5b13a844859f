#include "base/yaml_print.h"

#include "base/file.h"

#include <criterion/criterion.h>

static const struct yaml_limits limits = {4 << 20, 32, 100000};

/* clang-format off */
/* Texts that must be read without libyaml: what people and generators write. */
static const char *const common[] = {
    "", "\n", "# only a comment", "   \n  # and spaces\n\n", "---\n", "---\n---\n", "a", "a\n", "a b c\n", "--- a\n",
    "--- # comment\na: b\n", "---\na: 1\n---\nb: 2\n", "---\na: 1\n...\n", "a: 1\n...\n---\nb: 2\n...\n",
    "---\n# nothing\n---\nb: 2\n", "a: 1\n---\n", "--- {a: b}\n", "--- [a, b]\n---\n- c\n", "--- \"x\"\n",
    "--- |\n text\n",
    /* block mappings */
    "a: b", "a: b\n", "a:  b \n", "a : b\n", "a   :   b\n", "a:\n", "a:", "a: # nothing\nb: 1\n", "a:\nb:\nc:\n",
    "a:\n  b: c\n", "a:\n  b:\n    c: d\n  e: f\ng: h\n", "a:\n    b: 1\n    c: 2\n", "  a: 1\n  b: 2\n", "a:\n b\n",
    "a:\n\n\n  b\n", "a:\n  # comment\n  b: c\n# another\nd: e\n", "a: b # c\n", "a: b#c\n", "a: b #\n", "a: b:c\n",
    "a: b::c\n", "a:b: c\n", "a: http://x.example:80/y?z#f\n", "a: -1\n", "a: -b\n", "-a: b\n", "a-b: c-d\n",
    "a b: c d\n", "a: b, c\n", "a: b [c] {d}\n", "a: b]\n", "a, b: c\n", "a: b'c\"d\n", "a's: b\"\n", "a: 10:30\n",
    "a: .5\nb: 1e3\nc: 0x1F\nd: ~\ne: null\nf: True\ng: 007\n", "a: null\nb: Null\nc: nULL\nd: no\ne: y\n",
    "a: .inf\nb: -.INF\nc: .nan\nd: +1\ne: 1_000\nf: 2026-01-31\n", "null: 1\n~: 2\ntrue: 3\n1: 4\n", "a: b\n\n\n",
    "a: b\n  \n \nc: d\n", "a: b\n   # deep comment\nc: d\n", "a: <<\n", "<<: a\n", "a: b!c&d*e%f@g`h\n", "a: =\n",
    "a: (x)\n", "a: $x\n", "a: \\n\n", "a: ^~\n", "a: /x/y\n", "a.b: c\n", "a/b: c\n", "a: <x>\n", "a: ;\n",
    /* plain scalars over several lines */
    "a: b\n  c\n", "a: b\n  c\n\n  d\n\n\n  e\nf: g\n", "a: b \n   c \n", "a:\n  b\n  c\n", "a\nb\n  c\n",
    "- a\n  b\n- c\n", "a: b\n  - c\n", "a: b\n  \"c\"\n", "a: b\n # c\nd: e\n", "a: b\n c\n", "- - a\n    b\n  - c\n",
    "a: b\n  c:d\n", "a:\n  - b\n    c\n  - d\n", "a: b\n\n# c\n", "a: b\n  :c\n", "a: b\n  [c]\n", "a\n\nb\n---\nc\n",
    "a: b\n  ---\n", "a: ---\n", "a: b\n  -\n", "a: 1\n  2\n", "a: x\n  ...\nb: y\n",
    /* block sequences */
    "- a", "- a\n- b\n", "-\n- a\n-\n", "-", "-\n", "- - a\n", "- - a\n  - b\n- c\n", "- - - a\n", "-   a\n-  b\n",
    "-\n  - a\n", "-\n  a\n", "- # c\n  a\n", "- a: b\n", "- a: b\n  c: d\n- e: f\n", "-   a: b\n    c: d\n",
    "-\n  a: b\n  c: d\n", "a:\n- b\n- c\n", "a:\n- b\nc:\n- d\n", "a:\n  - b\n  - c\nd: e\n", "a:\n-\nb: c\n",
    "a:\n-\n", "a:\n- b: c\n  d: e\n- f\n", "- a:\n  - b\n  - c\n- d\n", "- a:\n- b\n", "- a:\n    - b\n  c: d\n",
    "a:\n  b:\n  - c\n  d:\n  - e\n", "- -\n- -\n  - a\n", "- -a\n- --\n- ---\n", "-a\n", "--\n", "  - a\n  - b\n",
    "a:\n-   - b\n    - c\n-   - d\n", "- \"a\": b\n  'c': d\n", "- a # c\n- b\n# d\n- c\n", "- |\n  a\n- b\n",
    "a:\n  - - b\n    - c\n  - d\n", "- a\n\n- b\n\n\n- c\n",
    /* flow collections */
    "[]", "{}", "[ ]", "{ }", "[a]", "[a, b]", "[a,b]", "[ a , b , ]", "[a, [b, [c]], []]", "{a: b}", "{a: b, c: d}",
    "{a: b,}", "{ a : b , c : d }", "{a: , b: }", "{a, b}", "{a}", "{a: {b: {c: d}}}", "{a: [b, {c: d}], e: f}",
    "{\"a\": b}", "{\"a\":b}", "{'a':'b'}", "{\"a\":[1,2]}", "{\"a\":{\"b\":null}}",
    "{\"a\":\"b\",\"c\":1.5,\"d\":true,\"e\":[]}", "{a:b}", "{a:b, c: d}", "[a:b]", "[http://x:80/y]",
    "{a: b c, d: e f}", "[a b, c d]", "[a\n]", "[\n  a,\n  b\n]", "[\na,\nb,\n]\n", "{\n  a: b,\n  c: d\n}\n",
    "[a, # c\n b]", "[ # c\n a]", "[a # c\n, b]", "[a\n  b, c]", "{a: b\n  c, d: e}", "{a:\n  b}", "{a: \n [b]}",
    "[-1, -a, --]", "[a-b]", "[a#b]", "[\"a\", 'b']", "[\"a,b\", 'c]d']", "a: []\n", "a: {}\n", "a: [b, c] # d\n",
    "- [a, b]\n- {c: d}\n", "a: [\nb\n]\nc: d\n", "a:\n  [b]\nc: d\n", "a:\n  {b: c}\n", "{a: 'x', b: \"y\"}\n",
    "[null, ~, true, 1, 1.0, .5, x]", "{a b: c}", "{\"\": x}", "[''] ", "{a: b, \"c\": d, 'e': f}", "[a, b\n\n\n, c]",
    "[a ,b ,c]", "[ [a], [b] ]", "{a: [], b: {}}", "[{a: b}, {c: d}]", "{a: -}\n", "[-]", "[-, a]",
    /* quotes */
    "''", "\"\"", "'a'", "\"a\"", "'a''b'", "''''", "'''a'''", "'a \" b'", "\"a ' b\"", "\"\\\"\"",
    "\"a\\nb\\tc\\\\d\\/e\"", "\"\\x41\\u00e9\\U0001F600\"", "\"\\a\\b\\e\\f\\v\\r\\ \\_\\N\"", "'a\\nb'", "'a\n b'",
    "'a\n\n b'", "\"a\n b\n\n\n c\"", "\"a \n  b\"", "\"a\\\n  b\"", "\"a\\\n\n  b\"", "\"a \\\n  b\"",
    "\"a\\n\\\n  \\  b\"", "'\n'", "\"\n\"", "\" a \"", "' a\n b '", "\"\\u00e9\\\n x\"", "a: 'b'\n", "a: \"b\" # c\n",
    "\"a\": b\n", "'a': b\n", "'a' : b\n", "\"a b\":\n  c\n", "a:\n  'b\n  c'\nd: e\n", "a: 'b\nc'\nd: e\n",
    "a: \"b\n\nc\"\n", "\"a: b\": \"c: d\"\n", "'#': '#'\n", "- 'a'\n- \"b\"\n", "a: 'null'\nb: \"1\"\n", "a: '---'\n",
    "a: \"x\\\"\"\n", "a: 'x\n  --- y'\n", "\"\\ud7ff\"", "\"\\x7f\"",
    /* block scalars */
    "a: |\n  b\n", "a: |\n  b\n  c\n", "a: |\n  b\n\n  c\n\n", "a: |\n    b\n      c\n    d\n", "a: |-\n  b\n\n",
    "a: |+\n  b\n\n\nc: d\n", "a: >\n  b\n  c\n", "a: >\n  b\n\n  c\n   d\n  e\n", "a: >-\n  b\n  c\n",
    "a: >+\n  b\n\n", "a: |2\n   b\n  c\n", "a: |2-\n  b\n", "a: |-2\n  b\n", "a: >1\n  b\n", "a: | # c\n  b\n",
    "a: |\n", "a: |", "a: |\nb: c\n", "a: |\n\n\n  b\n", "a: |\n  b", "a: |+\n", "a: |+\n\n", "a: |-\n\n",
    "- |\n a\n- >\n b\n", "- - |\n   a\n  - b\n", "a:\n  b: |\n    c\n  d: e\n", "|\n a\n", ">\n a\n b\n",
    "--- |\n a\n", "a: |\n  # no comment\n# comment\nb: c\n", "a: |\n  b: c\n  - d\n  {\n", "a: >\n\n  b\n\n\n  c\n",
    "a: >\n   b\n  \n   c\n", "a: >\n  b\n    c\n\n    d\n  e\n", "a: |\n  ---\n", "a: |\n  b\n---\nc: d\n",
    "a: |\n b\n...\n", "a: |1\n  b\n", "a: >2+\n    b\n\n", "|1\n a\n",
    /* beyond ASCII: a column is a character */
    "\xc3\xa4: \xc3\xb6\n", "a: \xe2\x82\xac x\nb: c\n", "{\xc3\xa4: {\xc3\xb6: \xf0\x9f\x98\x80}, b: c}",
    "# \xc3\xa4\na: b\n", "\"\xc3\xa4\\n\xc3\xa4\": b\n", "'\xc3\xa4''\xc3\xa4': {b: c}\n",
    "[\"\xc3\xa4\\u00e4\\\n \xc3\xa4\", a]", "{a: \xc3\xa4\n  \xc3\xa4 \xc3\xa4, b: c}",
    "[\xc3\xa4\n\xc3\xa4\xc3\xa4\xc3\xa4, a, 'b''\xc3\xa4', c]", "a: |\n  \xc3\xa4\xc3\xa4\nb: \xc3\xa4\n",
    "\xef\xbb\xbf" "a: b\n", "a: \xc2\xa0\n", "{\"\\\"\xc3\xa4\": a}", "a: \xef\xbf\xbd\n", "a: \xf4\x8f\xbf\xbf\n",
    "\xc3\xa4:\n- \xc3\xb6\n", "- a\n - b\n", "a:\n- b\n c\n", "a:\n- b\n - c\n", "---\n...\n---\n...\n",
    "a: #b\n c\n", "a\n---b\n", "a: b\n---\n---\nc\n", "-?\n", "{a::b}", "- a\n  - b\n - c\n",
};

/* Texts that are libyaml's to judge, or that it reads in its own way. */
static const char *const strange[] = {
    "a: b: c\n", "a: b\nc\n", "a: b\n  c: d\n", "a: \"b\"c\n", "a: 'b' c\n", "a: [b] c\n", "a: [b]: c\n", "[a]: b\n",
    "{a: b}: c\n", "? a\n: b\n", "? a\n", "? - a\n: - b\n", ": a\n", "a:\n: b\n", "{? a : b}", "{: a}", "[a: b]",
    "[? a]", "[a: b, c]", "{a: b: c}", "{a:,}", "{a:}", "[a:]", "[a:,b]", "{a: b}}", "[a, b", "{a: b", "[a b]]",
    "[,a]", "[a,,b]", "{,}", "{a: b,,}", "[a] b", "a: - b\n", "a: - b\n   - c\n", "- a\nb\n", "- a\nb: c\n",
    " - a\n- b\n", "  a: b\nc: d\n", "a:\n  b: c\n d: e\n", "a:\n    b: c\n  d: e\n", "a: b\n c: d\n", "a:\n b\nc\n",
    "a:\n  - b\n - c\n", "--- a: b\n", "--- - a\n", "---a\n" "b: c\n", "a\n: b\n", "a\nb: c\n", "'a\nb': c\n",
    "{a\n: b}", "{\"a\"\n: b}", "{a\nb: c}", "%YAML 1.1\n---\na: b\n", "%YAML 1.3\n---\na\n",
    "%TAG ! tag:x,2000:\n---\na\n", "%x\n---\na\n", "a: b\n%c: d\n", "...\n", "...\na: b\n", "a: b\n...\nc: d\n",
    "a: b\n...\n...\n", "a\n... b\n", "a: &b c\n", "a: *b\n", "&a b: c\n", "*a : b\n", "a: !!str b\n", "a: !b c\n",
    "! a\n", "a: @b\n", "a: `b\n", "@a: b\n", "a: %b\n", "a: ,b\n", "a: ]\n", "a: }\n", "[|]", "[>]", "[@]", "[- a]",
    "[-\n]", "a: b\na: c\n", "{a: b, a: c}", "{'a': b, \"a\": c}", "1: a\n'1': b\n", "a: {b: c, b: d}\n", "a:\tb\n",
    "a: b\tc\n", "\ta: b\n", "a:\n\tb: c\n", "-\ta\n", "- \ta: b\n", "[a,\tb]", "a: b\t# c\n", "a: |\n\tb\n",
    "a: |\n  \tb\n", "a: 'b\tc'\n", "a: \"b\n\tc\"\n", "a:\t|\n b\n", "a: b\n\tc\n", "a: b\n  \tc\n", "#\ta\nb: c\n",
    "a: b\r\nc: d\r\n", "a: b\rc: d\r", "a: |\r\n  b\r\n  c\r\n", "a: 'b\r\n  c'\r\n", "- a\r\n\r\n- b\r\n",
    "---\r\na\r\n...\r\n", "a: b\xc2\x85" "c: d\n", "a: b\xe2\x80\xa8 c\n", "a: b\xe2\x80\xa9" "c: d\n",
    "a: |\n  b\xc2\x85  c\n", "a: \"b\xe2\x80\xa8\xe2\x80\xa8 c\"\n", "a: \xef\xbb\xbf" "b\n",
    "a: b\n\xef\xbb\xbf" "c: d\n", "\xef\xbb\xbf\xef\xbb\xbf" "a: b\n", "a: \xef\xbf\xbf\n", "a: \xc2\x80\n",
    "a: \x7f\n", "a: \x01\n", "a: \x1b[0m\n", "\"\\0\"", "\"\\x00\"", "\"\\q\"", "\"\\'\"", "\"\\x4\"", "\"\\ud800\"",
    "\"\\U00110000\"", "\"\\u12g4\"", "\"\\L\\L\\L\"", "\"a", "'a", "\"a\\", "'a\n---\nb'", "\"a\n--- b\"",
    "\"a\\\n--- b\"", "[a\n---\n]", "[a,\n... b]", "'a\n...", "a: \"b\n...\n\"\n", "a: |0\n b\n", "a: |10\n b\n",
    "a: |+-\n b\n", "a: | b\n", "a: |b\n", "a: |2x\n", "a: |\n     \n  b\n", "a: |\n  b\n c\n", "a: |\n  b\n c: d\n",
    "a: >3\n  b\n", "- |\na\n", "|\na\n", "a: |\n    b\n  c: d\n", "[a]#b\n", "[a, b]# c\n", "\"a\"#b\n", "[a,#b\nc]",
    "[a #b]", "{a: b #c\n", "a: |#b\n c\n", "key: [a, b\n  c: d\n", "a: b\n- c\n", "- a\n-b\n", "- a\n- b: c\n d: e\n",
    "a:\n  - b\n  c: d\n", "a: [b,\n---\nc]\n", "{a: b}\n{c: d}\n", "[a]\n[b]\n", "<<: {a: b}\n<<: {c: d}\n",
    "a: [}\n", "{a: ]\n", "?\n", "? ?\n", "[?a]", "{?a: b}", "[:a]", "{a: :b}", "{\"a\"::b}", "a: ?b\n", "a: :b\n",
    "?a: b\n", ":a: b\n", "- ?a\n", "\"a\" \"b\"\n", "\"a\"\n\"b\"\n", "a:\n  'b'\n  'c'\n", "!!map {a: b}\n",
    "&a [b, *a]\n", "a: - \n", "- :a\n", "{a: |}\n", "\"\\L\"", "\"\\P..\"", "\"aa\\Lb\\Pc\"", "a: |\n   \n  b\n",
};

/* clang-format on */

static void check_same(struct arena *arena, struct str text)
{
    struct str fast = yaml_print_all(arena, yaml_read, text, &limits);
    struct str slow = yaml_print_all(arena, yaml_read_events, text, &limits);
    cr_assert(str_eq(fast, slow), "%.*s\n--- fast:\n%s\n--- libyaml:\n%s\n", STR_ARG(text), fast.data, slow.data);
}

static bool is_fast(struct arena *arena, struct str text, const struct yaml_limits *within)
{
    struct yaml_node *documents;
    size_t count;
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = (struct str){text.data + 3, text.len - 3};
    return yaml_fast(arena, arena, text, within, &documents, &count);
}

Test(yaml_fast, common_texts_are_read_without_libyaml_and_give_its_trees)
{
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
        check_same(arena, str_from(common[i]));
        cr_expect(is_fast(arena, str_from(common[i]), &limits), "left to libyaml: %s", common[i]);
    }
    arena_free(arena);
}

Test(yaml_fast, strange_texts_are_left_to_libyaml)
{
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
        check_same(arena, str_from(strange[i]));
        cr_expect(!is_fast(arena, str_from(strange[i]), &limits), "not left to libyaml: %s", strange[i]);
    }
    arena_free(arena);
}

/* Each text inside others: what is right at the top may be wrong deeper, and the other way round. */
Test(yaml_fast, texts_give_the_same_trees_wherever_they_stand)
{
    static const char *const frames[] = {"k: %s",    "- %s",         "k:\n%s",      "[%s]",        "{k: %s}",
                                         "k: v\n%s", "--- %s",       "- - %s\n- z", "%s\nz: y\n",  "%s: z\n",
                                         "\"%s\"",   "- k:\n  - %s", "z: |\n%s",    "%s\n---\n%s", "[\n%s\n]"};
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof common / sizeof *common + sizeof strange / sizeof *strange; i++) {
        size_t n = sizeof common / sizeof *common;
        const char *text = i < n ? common[i] : strange[i - n];
        for (size_t f = 0; f < sizeof frames / sizeof *frames; f++) {
            struct buf *framed = buf_new(arena);
            for (const char *c = frames[f]; *c; c++)
                if (c[0] == '%' && c[1] == 's')
                    buf_adds(framed, text), c++;
                else
                    buf_addc(framed, *c);
            check_same(arena, buf_str(framed));
        }
        for (size_t cut = 0; text[cut]; cut++) /* and every beginning of it */
            check_same(arena, (struct str){text, cut});
        arena_reset(arena);
    }
    arena_free(arena);
}

Test(yaml_fast, a_key_is_as_long_as_libyaml_allows)
{
    struct arena *arena = arena_new();
    for (size_t n = 990; n < 1040; n++)
        for (int form = 0; form < 4; form++) {
            const char *const around[][2] = {
                {"", ": a\n"}, {"{", ": a}\n"}, {"\"", "\": a\n"}, {"- ", "\xc3\xa4  : a\n"}};
            check_same(arena, str_from(arena_printf(arena, "%s%0*d%s", around[form][0], (int)n, 1, around[form][1])));
        }
    cr_expect(is_fast(arena, str_from(arena_printf(arena, "%0999d: a\n", 1)), &limits));
    arena_free(arena);
}

Test(yaml_fast, limits_are_libyamls_to_report)
{
    struct arena *arena = arena_new();
    struct str text = STR("a: [b, {c: d}, ]\ne:\n- f:\n-\n---\n---\ng\n");
    for (size_t nodes = 0; nodes < 20; nodes++)
        for (size_t depth = 0; depth < 6; depth++) {
            struct yaml_limits within = {100, depth, nodes};
            cr_assert(str_eq(yaml_print_all(arena, yaml_read, text, &within),
                             yaml_print_all(arena, yaml_read_events, text, &within)),
                      "%zu %zu", nodes, depth);
        }
    cr_expect(is_fast(arena, text, &(struct yaml_limits){100, 3, 15}));
    cr_expect(!is_fast(arena, text, &(struct yaml_limits){100, 2, 15}));
    cr_expect(!is_fast(arena, text, &(struct yaml_limits){100, 3, 14}));
    struct buf *deep = buf_new(arena), *many = buf_new(arena);
    for (int i = 0; i < 200; i++)
        buf_adds(deep, "[");
    check_same(arena, buf_str(deep));
    for (int i = 0; i < 5000; i++) /* many keys, of which two are one at the end */
        buf_addf(many, "k%d: v\n", i);
    cr_expect(is_fast(arena, buf_str(many), &limits));
    check_same(arena, buf_str(many));
    buf_adds(many, "k17: v\n");
    check_same(arena, buf_str(many));
    arena_free(arena);
}

static int check_file(void *ctx, const char *relative, const char *full, struct err *err)
{
    struct str path = str_from(relative), text;
    struct arena *arena = arena_new();
    size_t *counts = ctx;
    int rc = 0;
    if (str_ends(path, STR(".yaml")) || str_ends(path, STR(".yml"))) {
        rc = file_read(arena, full, 4 << 20, &text, err);
        if (rc == 0) {
            check_same(arena, text);
            counts[is_fast(arena, text, &limits)]++;
        }
    }
    arena_free(arena);
    return rc;
}

Test(yaml_fast, the_files_of_this_repository_give_the_same_trees)
{
    static const char *const folders[] = {"api", "charts", "examples", "templates", "tests", "bench"};
    size_t counts[2] = {0};
    struct err err = {0};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        struct arena *arena = arena_new();
        cr_assert_eq(file_walk(arena_printf(arena, "%s/%s", SOURCE_DIR, folders[i]), check_file, counts, &err), 0, "%s",
                     err.text);
        arena_free(arena);
    }
    cr_expect_gt(counts[true], 4 * counts[false], "%zu of %zu were left to libyaml", counts[false],
                 counts[true] + counts[false]);
}
