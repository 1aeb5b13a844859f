#include "base/json.h"

#include <criterion/criterion.h>

static const char *again(struct arena *arena, struct str text)
{
    json_t *value;
    struct err err = {0};
    if (json_read(arena, text, &value, &err) != 0)
        return arena_strdup(arena, err.text);
    struct buf *out = buf_new(arena);
    json_write(out, value);
    return buf_text(out);
}

Test(json, what_is_read_is_written_compactly_in_order_of_arrival)
{
    struct arena *arena = arena_new();
    cr_assert_str_eq(again(arena, STR(" {\"b\": [1, 2.5, null, true], \"a\": \"\xc3\xa4\"} ")),
                     "{\"b\":[1,2.5,null,true],\"a\":\"ä\"}");
    cr_assert_str_eq(again(arena, STR("\"text\"")), "\"text\"");
    cr_assert_str_eq(again(arena, STR("null")), "null");
    arena_free(arena);
}

Test(json, what_cannot_be_read_is_located_and_not_quoted)
{
    struct arena *arena = arena_new();
    cr_assert_str_eq(again(arena, STR("{\"a\": 1,\n \"a\": 2}")), "json 2:4: duplicate object key");
    cr_assert_str_eq(again(arena, STR("{\"secret\": hunter2}")), "json 1:17: invalid token");
    cr_assert_str_eq(again(arena, STR("{} {}")), "json 1:4: end of file expected");
    cr_assert_str_eq(again(arena, STR("")), "json 1:1: unexpected token near end of file");
    cr_assert_str_eq(again(arena, STR("\"\\u0000\"")), "json 1:8: \\u0000 is not allowed without JSON_ALLOW_NUL");
    cr_assert_str_eq(again(arena, STR("\"\xff\"")), "json 1:1: unable to decode byte 0xff");
    arena_free(arena);
}

Test(json, a_bomb_of_brackets_is_refused)
{
    struct arena *arena = arena_new();
    struct buf *text = buf_new(arena);
    for (int i = 0; i < 100000; i++)
        buf_addc(text, '[');
    cr_assert_str_eq(again(arena, buf_str(text)), "json 1:2049: maximum parsing depth reached");
    arena_free(arena);
}

Test(json, the_canonical_text_has_sorted_keys_at_every_level)
{
    struct arena *arena = arena_new();
    json_t *value;
    cr_assert_eq(json_read(arena, STR("{\"b\":{\"z\":1,\"Y\":2,\"aa\":3,\"a\":4},\"a\":[{\"d\":1,\"c\":2}]}"), &value,
                           ERR_IGNORED),
                 0);
    struct buf *out = buf_new(arena);
    json_write_canonical(out, value);
    cr_assert_str_eq(buf_text(out), "{\"a\":[{\"c\":2,\"d\":1}],\"b\":{\"Y\":2,\"a\":4,\"aa\":3,\"z\":1}}");
    arena_free(arena);
}

Test(json, a_member_that_is_no_text_is_absent)
{
    struct arena *arena = arena_new();
    json_t *value = json_own(arena, json_pack("{s:s, s:i}", "a", "x", "b", 1));
    cr_assert_str_eq(json_text(value, "a"), "x");
    cr_assert_null(json_text(value, "b"));
    cr_assert_null(json_text(value, "c"));
    cr_assert_null(json_text(NULL, "a"));
    arena_free(arena);
}

Test(json, any_bytes_become_a_json_string)
{
    struct arena *arena = arena_new();
    struct buf *out = buf_new(arena);
    json_write_text(out, STR("a\"\\/\b\f\n\r\t\x01\x7f ä€😀"));
    cr_assert_str_eq(buf_text(out), "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u007f ä€😀\"");
    buf_cut(out, 0);
    json_write_text(out, STR("\xff|\xc3|\xe2\x82|\xed\xa0\x80|\xf0\x9f\x98"));
    cr_assert_str_eq(buf_text(out), "\"\\ufffd|\\ufffd|\\ufffd\\ufffd|\\ufffd\\ufffd\\ufffd|\\ufffd\\ufffd\\ufffd\"");
    buf_cut(out, 0);
    json_write_text(out, STR("a\0b"));
    cr_assert_str_eq(buf_text(out), "\"a\\u0000b\"");
    cr_assert_str_eq(again(arena, STR("\"\\ufffd\"")), "\"\xef\xbf\xbd\"");
    arena_free(arena);
}

Test(json, nothing_is_taken_for_the_end_before_it)
{
    struct arena *arena = arena_new();
    struct err err;
    json_t *value;
    cr_assert_eq(json_read(arena, STR("[1]\0 and more"), &value, &err), -ERR_SYNTAX);
    cr_assert_str_eq(err.text, "json: a zero byte");
    arena_free(arena);
}
