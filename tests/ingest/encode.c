#include "ingest/encode.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>

/* What a text or a JSON value becomes: its field in hexadecimal, or the reason why there is none. */
static const char *encoded(struct arena *arena, const char *type_text, struct str text, bool json)
{
    struct datatype type;
    struct err err = {0};
    struct encoder encoder = {0};
    struct buf out = {0};
    struct jtext_value value;
    struct jtext t = {.at = text.data, .end = text.data + text.len, .whole = true};
    cr_assert(eq(int, datatype_parse(str_from(type_text), &type, &err), 0), "%s", err.text);
    buf_adds(&out, "before");
    if (json)
        cr_assert(eq(int, jtext_value(&t, &value), JTEXT_OK), "%s", t.bad);
    bool ok = json ? encode_json(&encoder, &type, &value, &out) : encode_text(&encoder, &type, text, &out);
    const char *result = arena_strdup(arena, encoder.reason);
    if (ok) {
        struct buf *hex = buf_new(arena);
        for (size_t i = 6; i < out.len; i++)
            buf_addf(hex, "%02x", (unsigned)(unsigned char)out.data[i]);
        result = buf_text(hex);
    } else {
        cr_expect(eq(sz, out.len, 6), "%s", text.data);
    }
    buf_dispose(&out);
    encoder_dispose(&encoder);
    return result;
}

struct example {
    const char *type, *text, *result;
};

static void check(const struct example *examples, size_t n, bool json)
{
    struct arena *arena = arena_new();
    for (size_t i = 0; i < n; i++)
        cr_expect(eq(str, (char *)encoded(arena, examples[i].type, str_from(examples[i].text), json),
                     (char *)examples[i].result),
                  "%s %s", examples[i].type, examples[i].text);
    arena_free(arena);
}

#define CHECK(examples, json) check(examples, sizeof examples / sizeof *examples, json)

Test(encode, takes_numbers_in_the_range_of_the_models_type)
{
    static const struct example examples[] = {
        {"int8", "127", "00000002007f"},
        {"int8", "-128", "00000002ff80"},
        {"int8", "128", "128 does not fit int8"},
        {"int16", "99999", "99999 does not fit int16"},
        {"int16", " +5\t", "000000020005"},
        {"int32", "12x", "\"12x\" is no int32"},
        {"int32", "", "\"\" is no int32"},
        {"int32", "-", "\"-\" is no int32"},
        {"int32", "1.0", "\"1.0\" is no int32"},
        {"int32", "2147483648", "2147483648 does not fit int32"},
        {"int64", "-9223372036854775808", "000000088000000000000000"},
        {"int64", "9223372036854775808", "9223372036854775808 does not fit int64"},
        {"int64", "99999999999999999999999", "99999999999999999999999 does not fit int64"},
        {"int64", "0000000000000000000000007", "000000080000000000000007"},
        {"float16", "65504", "00000004477fe000"},
        {"float16", "65520", "65520 does not fit float16"},
        {"float16", "-inf", "00000004ff800000"},
        {"float32", "1e39", "1e39 does not fit float32"},
        {"float64", "0x10", "\"0x10\" is no float64"},
        {"float64", "1e", "\"1e\" is no float64"},
        {"float64", ".", "\".\" is no float64"},
        {"float64", "1e400", "1e400 does not fit float64"},
        {"float64", "-0", "000000088000000000000000"},
        {"decimal(5,2)", "999.99",
         "0000000c00020000000000020"
         "3e726ac"},
        {"decimal(5,2)", "999.995", "999.995 does not fit decimal(5,2)"},
        {"decimal(5,2)", "1000", "1000 does not fit decimal(5,2)"},
        {"decimal(5,2)", "-0.004", "-0.004 does not fit decimal(5,2)"},
        {"decimal(5,2)", "-0.000", "000000080000000000000002"},
        {"decimal(5,2)", "Infinity", "\"Infinity\" is no decimal(5,2)"},
        {"decimal(5,2)", "1,5", "\"1,5\" is no decimal(5,2)"},
        {"decimal(2,2)", "0.995", "0.995 does not fit decimal(2,2)"},
        {"decimal(5,2)", "1e-999999999999", "1e-999999999999 does not fit decimal(5,2)"},
        {"decimal(5,2)", "0e-999999999999", "000000080000000000000002"},
        {"decimal(5,2)", "1e999999999999", "1e999999999999 does not fit decimal(5,2)"},
    };
    CHECK(examples, false);
}

Test(encode, takes_texts_that_fit_and_are_text)
{
    static const struct example examples[] = {
        {"varchar(3)", "abc", "00000003616263"},
        {"varchar(3)", "abc   ", "longer than varchar(3)"},
        {"char(3)", "abc   ", "00000003616263"},
        {"varchar(3)", "abcd", "longer than varchar(3)"},
        {"varchar(2)", "\xc3\xa9\xc3\xa9", "00000004c3a9c3a9"},
        {"varchar(2)", "\xc3\xa9\xc3\xa9\xc3\xa9", "longer than varchar(2)"},
        {"char(4)", "\xc3\xa9", "00000005c3a9202020"},
        {"char(2)", "abc", "longer than char(2)"},
        {"text", "", "00000000"},
        {"text", "a\xff", "holds bytes that are no text in its encoding"},
        {"boolean", "T", "0000000101"},
        {"boolean", "of", "0000000100"},
        {"boolean", "o", "\"o\" is no boolean"},
        {"boolean", "2", "\"2\" is no boolean"},
        {"uuid", "{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}", "00000010a0eebc999c0b4ef8bb6d6bb9bd380a11"},
        {"uuid", "a0ee-bc99-9c0b4ef8bb6d6bb9bd380a11", "00000010a0eebc999c0b4ef8bb6d6bb9bd380a11"},
        {"uuid", "a0eebc999c0b4ef8bb6d6bb9bd380a1", "\"a0eebc999c0b4ef8bb6d6bb9bd380a1\" is no uuid"},
        {"binary", "\\xDEad", "00000002dead"},
        {"binary", "\\xDEa", "\"\\xDEa\" is no binary"},
        {"binary", "3q0=", "00000002dead"},
        {"binary", "3q0", "\"3q0\" is no binary"},
        {"binary", "=", "\"=\" is no binary"},
        {"binary", "", "00000000"},
        {"json", "{\"bb\":1e2, \"a\" : [true,null,\"\\u00e9\\n\"],\"a\":-0.50}",
         "00000018017b2261223a202d302e35302c20226262223a203130307d"},
        {"json", "{\"a\":}", "\"{\"a\":}\" is no json"},
        {"json", "1 2", "\"1 2\" is no json"},
        {"json", "\"\\u0000\"", "holds \\u0000 or half of a surrogate pair"},
        {"json", "1e1001", "holds a number whose exponent is out of range"},
    };
    CHECK(examples, false);
    struct arena *arena = arena_new();
    cr_expect(
        eq(str, (char *)encoded(arena, "text", (struct str){"a\0b", 3}, false), "holds a NUL, which no text can"));
    cr_expect(eq(str,
                 (char *)encoded(arena, "int32",
                                 STR("01234567890123456789012345678901234567890123456789012345678\xc3\xa9xx"), false),
                 "\"01234567890123456789012345678901234567890123456789012345678...\" is no int32"));
    arena_free(arena);
}

Test(encode, takes_dates_and_times_that_mean_one_thing)
{
    static const struct example examples[] = {
        {"date", "2000-01-02", "0000000400000001"},
        {"date", "20000102", "0000000400000001"},
        {"date", "2000/1/2", "0000000400000001"},
        {"date", "2000-01-02T00:00:00", "0000000400000001"},
        {"date", "2000-01-02 10:00", "\"2000-01-02 10:00\" is no date alone: it has a time"},
        {"date", "2001-02-29", "\"2001-02-29\" is no date"},
        {"date", "01/02/2000", "\"01/02/2000\" is no date"},
        {"date", "0000-01-01", "\"0000-01-01\" is no date"},
        {"date", "-infinity", "0000000480000000"},
        {"date", "today", "\"today\" is no date"},
        {"time", "24:00", "00000008000000141dd76000"},
        {"time", "24:00:01", "\"24:00:01\" is no time"},
        {"time", "10:00:00+02", "\"10:00:00+02\" is no time"},
        {"time", "10:00:00.0000005", "\"10:00:00.0000005\" is finer than a microsecond"},
        {"time", "10:00:00.000000000",
         "0000000800000008"
         "61c46800"},
        {"timestamp", "2000-01-01T00:00:01Z", "0000000800000000000f4240"},
        {"timestamp", "2000-01-01T00:00:01+00:00", "0000000800000000000f4240"},
        {"timestamp", "2000-01-01T00:00:01+01:00",
         "\"2000-01-01T00:00:01+01:00\" has a zone, which a timestamp cannot keep"},
        {"timestamp", "2000-01-01 00:00:01 x", "\"2000-01-01 00:00:01 x\" is no timestamp"},
        {"timestamptz", "2000-01-01 01:00:01+01", "0000000800000000000f4240"},
        {"timestamptz", "1999-12-31T19:00:01-0500", "0000000800000000000f4240"},
        {"timestamptz", "2000-01-01 00:00:01", "0000000800000000000f4240"},
        {"timestamptz", "2000-01-01 00:00:01 UTC", "0000000800000000000f4240"},
        {"timestamptz", "294277-01-01", "294277-01-01 does not fit timestamptz"},
        {"interval", "P1Y2M3DT4H5M6.7S",
         "0000001000000003"
         "6c966ee0000000030000000e"},
        {"interval", "P1W",
         "00000010"
         "0000000000000000"
         "00000007"
         "00000000"},
        {"interval", "-00:00:01",
         "00000010"
         "fffffffffff0bdc0"
         "00000000"
         "00000000"},
        {"interval", "1 mon -1 days +00:00:01",
         "00000010"
         "00000000000f4240"
         "ffffffff"
         "00000001"},
        {"interval", "P1.5D", "\"P1.5D\" is no interval"},
        {"interval", "P", "\"P\" is no interval"},
        {"interval", "P1YT", "\"P1YT\" is no interval"},
        {"interval", "P1M1Y", "\"P1M1Y\" is no interval"},
        {"interval", "99999999999 days", "99999999999 days does not fit interval"},
        {"interval", "5", "\"5\" is no interval"},
    };
    CHECK(examples, false);
}

Test(encode, takes_arrays_as_postgresql_and_as_json_write_them)
{
    static const struct example examples[] = {
        {"array<int16>", "{1,NULL}",
         "0000001e"
         "00000001"
         "00000001"
         "00000015"
         "00000002"
         "00000001"
         "000000020001"
         "ffffffff"},
        {"array<int16>", "[1, null]",
         "0000001e"
         "00000001"
         "00000001"
         "00000015"
         "00000002"
         "00000001"
         "000000020001"
         "ffffffff"},
        {"array<int16>", "{ }",
         "0000000c"
         "00000000"
         "00000000"
         "00000015"},
        {"array<int16>", "{1,}", "\"{1,}\" is no array<int16>"},
        {"array<int16>", "{1", "\"{1\" is no array<int16>"},
        {"array<int16>", "{{1}}", "\"{{1}}\" is no array<int16>"},
        {"array<int16>", "{1}x", "\"{1}x\" is no array<int16>"},
        {"array<int16>", "{70000}", "70000 does not fit int16"},
        {"array<varchar(2)>", "{\"a,\", \"\\\"\" }",
         "0000001f"
         "00000001"
         "00000000"
         "00000413"
         "00000002"
         "00000001"
         "00000002612c"
         "0000000122"},
        {"vector(2)", "[1,0.5]",
         "00000024"
         "00000001"
         "00000000"
         "000002bc"
         "00000002"
         "00000001"
         "000000043f800000"
         "000000043f000000"},
        {"vector(2)", "{1}", "1 elements in a vector(2)"},
        {"vector(2)", "{1,null}", "a null in a vector"},
    };
    CHECK(examples, false);
}

Test(encode, takes_json_values_of_their_columns_kind)
{
    static const struct example examples[] = {
        {"int32", "null", "ffffffff"},
        {"int32", "5", "0000000400000005"},
        {"int32", "5.0", "0000000400000005"},
        {"int32", "5e1", "0000000400000032"},
        {"int32", "5.5", "\"5.5\" is no int32"},
        {"int32", "\"5\"", "a string is no int32"},
        {"int64", "9007199254740993", "000000080020000000000001"},
        {"int64", "\"9007199254740993\"", "000000080020000000000001"},
        {"decimal(20,2)", "12345678901234567.89", "000000140006000400000002000109291a85007b11d722c4"},
        {"boolean", "true", "0000000101"},
        {"boolean", "1", "a number is no boolean"},
        {"float64", "\"NaN\"", "000000087ff8000000000000"},
        {"text", "5", "a number is no text"},
        {"text", "\"\\u00e9\\ud83d\\ude00\"", "00000006c3a9f09f9880"},
        {"text", "\"\\u0000\"", "holds \\u0000 or half of a surrogate pair, which no text can"},
        {"text", "\"\\ud83d\"", "holds \\u0000 or half of a surrogate pair, which no text can"},
        {"text", "{}", "an object is no text"},
        {"array<text>", "\"a\"", "a string is no array<text>"},
        {"array<text>", "[\"a\",null]",
         "0000001d"
         "00000001"
         "00000001"
         "00000019"
         "00000002"
         "00000001"
         "0000000161"
         "ffffffff"},
        {"array<text>", "[[]]", "an array is no text"},
        {"vector(1)", "[0.5]",
         "0000001c"
         "00000001"
         "00000000"
         "000002bc"
         "00000001"
         "00000001"
         "000000043f000000"},
        {"json", "[1,{}]", "00000008015b312c207b7d5d"},
        {"date", "\"2000-01-02\"", "0000000400000001"},
        {"date", "20000102", "a number is no date"},
    };
    CHECK(examples, true);
}
