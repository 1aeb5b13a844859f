#include "template/value.h"

#include <criterion/criterion.h>

static const struct value *from_tree(struct arena *arena, const char *text)
{
    json_t *tree;
    struct err err;
    return json_read(arena, str_from(text), &tree, &err) == 0 ? value_from_json(arena, tree) : NULL;
}

Test(value_jtext, reads_what_a_tree_gives_in_the_same_order)
{
    static const char *const texts[] = {
        "{}",
        "[]",
        " [ ] ",
        "{\"b\": [1, 2.5, null, true, false], \"a\": \"x\"}",
        "[-0, 0, -0.0, 1e3, 1E-2, 9223372036854775807, -9223372036854775808, 0.1, 1.0]",
        "\"a \\\" \\\\ \\/ \\b\\f\\n\\r\\t \\u00e9 \\ud83d\\ude00 \xc3\xa9\"",
        "{\"\": {\"\\u0061\": []}, \"a\": {\"a\": {\"a\": 1}}}",
        "[[[[]], {}], [{\"x\": [{}]}]]",
        "{\"0\":0,\"1\":1,\"2\":2,\"3\":3,\"4\":4,\"5\":5,\"6\":6,\"7\":7,\"8\":8,\"9\":9,\"10\":[10,11,12,13,14]}",
    };
    struct arena *arena = arena_new();
    struct err err;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct value *expected = from_tree(arena, texts[i]);
        struct value *read;
        cr_assert_eq(value_read_json(arena, str_from(texts[i]), &read, &err), 0, "%s: %s", texts[i], err.text);
        cr_assert(expected->type == read->type && value_equal(*expected, *read), "%s", texts[i]);
        for (size_t k = 0; read->type == VALUE_DICT && k < read->as.dict->len; k++)
            cr_assert(value_equal(expected->as.dict->entries[k].key, read->as.dict->entries[k].key), "%s", texts[i]);
    }
    arena_free(arena);
}

Test(value_jtext, refuses_what_a_tree_refuses)
{
    static const char *const rows[][2] = {
        {"", "json: the text ends too early"},
        {"{", "json: the text ends too early"},
        {"[1,]", "json: not a value"},
        {"[1 2]", "json: a comma or ] is expected"},
        {"{\"a\": 1 \"b\": 2}", "json: a comma or } is expected"},
        {"{\"a\" 1}", "json: a colon is expected"},
        {"{a: 1}", "json: a string is expected"},
        {"[1] 2", "json: something follows"},
        {"[01]", "json: a comma or ] is expected"},
        {"[nul]", "json: not a value"},
        {"[.5]", "json: not a value"},
        {"{\"a\": 1, \"b\": {}, \"\\u0061\": 2}", "json: a key that is there twice"},
        {"[9223372036854775808]", "json: a number that is too large"},
        {"[-9223372036854775809]", "json: a number that is too large"},
        {"[1e999]", "json: a number that is too large"},
        {"[\"\\ud800\"]", "json: an escape that stands for no character"},
        {"[\"\\u0000\"]", "json: an escape that stands for no character"},
        {"[\"\xff\"]", "json: a string that is no UTF-8"},
        {"[\"\n\"]", "json: a control character in a string"},
    };
    struct arena *arena = arena_new();
    struct err err;
    struct value *read;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cr_assert_eq(value_read_json(arena, str_from(rows[i][0]), &read, &err), -ERR_SYNTAX, "%s", rows[i][0]);
        cr_assert_str_eq(err.text, rows[i][1], "%s", rows[i][0]);
        cr_assert_null(from_tree(arena, rows[i][0]), "%s", rows[i][0]);
    }
    arena_free(arena);
}

Test(value_jtext, depth_is_bounded)
{
    struct arena *arena = arena_new();
    char text[2 * 2049];
    struct err err;
    struct value *read;
    memset(text, '[', 2049);
    memset(text + 2049, ']', 2049);
    cr_assert_eq(value_read_json(arena, (struct str){text, sizeof text}, &read, &err), -ERR_SYNTAX);
    cr_assert_str_eq(err.text, "json: nested too deeply");
    cr_assert_eq(value_read_json(arena, (struct str){text + 1, sizeof text - 2}, &read, &err), 0);
    arena_free(arena);
}
