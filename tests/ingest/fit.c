#include "ingest/encode.h"
#include "ingest/source_kit.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

/* The rule of docs/capture.md ("What fits"): a value that is not exactly one of its column's type is bad data, whatever
 * it is captured from. Each border as a text of a file, as a value of JSON, and as a row of a source, whose column is
 * of each of these types. */
static const struct border {
    const char *type, *value, *sources;
    const char *kept; /* as PostgreSQL writes it; NULL: it does not fit */
} borders[] = {
    {"int8", "127", "int2 int4 numeric float8 text", "127"},
    {"int8", "128", "int2 int4 numeric float8 text", NULL},
    {"int8", "-128", "int2 numeric text", "-128"},
    {"int8", "-129", "int2 int8 numeric text", NULL},
    {"int16", "32767", "int2 int4 numeric float4 text jsonb", "32767"},
    {"int16", "32768", "int4 int8 numeric float4 text jsonb", NULL},
    {"int16", "-32768", "int4 int8 numeric float8 text", "-32768"},
    {"int16", "-32769", "int4 int8 numeric float8 text", NULL},
    {"int32", "2147483647", "int4 int8 numeric float8 oid text jsonb", "2147483647"},
    {"int32", "2147483648", "int8 numeric float4 float8 oid text jsonb", NULL},
    {"int32", "-2147483648", "int4 int8 numeric float8 text", "-2147483648"},
    {"int32", "-2147483649", "int8 numeric float8 text", NULL},
    {"int32", "1.5", "numeric float4 float8 text jsonb", NULL},
    {"int32", "2147483647.5", "numeric float8 text", NULL},
    {"int64", "9223372036854775807", "int8 numeric text", "9223372036854775807"},
    {"int64", "9223372036854775808", "numeric float8 text", NULL},
    {"int64", "-9223372036854775808", "int8 numeric float8 text", "-9223372036854775808"},
    {"int64", "-9223372036854775809", "numeric text", NULL},
    {"float16", "65519", "int4 numeric float4 float8 text", "65519"},
    {"float16", "65520", "int4 numeric float4 float8 text", NULL},
    {"float16", "-65520", "int4 numeric float4 float8 text", NULL},
    {"float32", "0.1", "numeric float4 text jsonb", "0.1"},
    {"float32", "16777217", "numeric text jsonb", "1.6777216e+07"},
    {"float32", "3.4028235e38", "numeric float4 text", "3.4028235e+38"},
    {"float32", "3.4028236e38", "numeric float8", NULL},
    {"float32", "1e-45", "numeric text", "1e-45"},
    {"float32", "7e-46", "numeric float8", NULL},
    {"float64", "0.30000000000000004", "numeric float8 text", "0.30000000000000004"},
    {"float64", "9007199254740993", "numeric text", "9.007199254740992e+15"},
    {"float64", "1.7976931348623157e308", "numeric float8 text", "1.7976931348623157e+308"},
    {"float64", "1.7976931348623159e308", "numeric", NULL},
    {"float64", "5e-324", "numeric float8 text", "5e-324"},
    {"float64", "2e-324", "numeric", NULL},
    {"decimal(5,2)", "999.99", "numeric numeric(9,4) float8 text jsonb", "999.99"},
    {"decimal(5,2)", "999.991", "numeric numeric(9,4) float8 text jsonb", NULL},
    {"decimal(5,2)", "999.999", "numeric float4 float8 text", NULL},
    {"decimal(5,2)", "1000", "int4 int8 numeric numeric(9,4) float8 text jsonb", NULL},
    {"decimal(5,2)", "-999.99", "numeric float8 text", "-999.99"},
    {"decimal(5,2)", "-1000", "int2 int4 numeric float8 text", NULL},
    {"decimal(5,2)", "1.500", "numeric numeric(9,4) text", "1.50"},
    {"decimal(5,2)", "1.005", "numeric float8 text jsonb", NULL},
    {"decimal(5,2)", "0.004", "numeric float8 text", NULL},
    {"decimal(5,2)", "1e2", "numeric float8 text", "100.00"},
    {"decimal(2,2)", "0.99", "numeric text", "0.99"},
    {"decimal(2,2)", "0.995", "numeric float8 text", NULL},
    {"decimal(19,0)", "9223372036854775807", "int8 numeric text", "9223372036854775807"},
    {"decimal(18,0)", "9223372036854775807", "int8 numeric text", NULL},
    {"date", "2026-01-31", "date timestamp timestamptz text", "2026-01-31"},
    {"date", "2026-01-31 00:00:00", "timestamp timestamptz text", "2026-01-31"},
    {"date", "2026-01-31 00:00:00.000001", "timestamp timestamptz text", NULL},
    {"date", "5874897-12-31", "date text", "5874897-12-31"},
    {"time", "23:59:59.999999", "time text", "23:59:59.999999"},
    {"time", "23:59:59.999999000", "text", "23:59:59.999999"},
    {"time", "23:59:59.9999991", "text", NULL},
    {"time", "12:00:00+02", "timetz text", NULL},
    {"timestamp", "2026-01-31 12:00:00.123456", "timestamp text", "2026-01-31 12:00:00.123456"},
    {"timestamp", "2026-01-31 12:00:00.1234567", "text", NULL},
    {"timestamp", "2026-01-31 12:00:00+02", "text", NULL},
    {"timestamp", "294276-12-31", "date timestamp text", "294276-12-31 00:00:00"},
    {"timestamp", "294277-01-01", "date", NULL},
    {"timestamptz", "2026-01-31 12:00:00+02", "timestamptz text", "2026-01-31 10:00:00+00"},
    {"timestamptz", "2026-01-31 12:00:00.1234567Z", "text", NULL},
    {"interval", "00:00:00.123456", "interval text", "00:00:00.123456"},
    {"interval", "00:00:00.1234567", "text", NULL},
    {"char(3)", "abc", "text varchar(9) char(9)", "abc"},
    {"char(3)", "abc  ", "text varchar(9) char(9)", "abc"},
    {"char(3)", "abcd", "text varchar(9) char(9)", NULL},
    {"varchar(3)", "äöü", "text varchar(9) char(9)", "äöü"},
    {"varchar(3)", "abc ", "text varchar(9)", NULL},
    {"varchar(3)", "äöüß", "text varchar(9) char(9)", NULL},
    {"array<int16>", "[32767]", "int4[] int8[] numeric[] text[] text", "{32767}"},
    {"array<int16>", "[1,32768]", "int4[] int8[] numeric[] text[] text", NULL},
    {"array<decimal(5,2)>", "[1.50,null]", "numeric[] text[] text", "{1.50,NULL}"},
    {"array<decimal(5,2)>", "[1.005]", "numeric[] text[] text", NULL},
    {"array<decimal(5,2)>", "[1000]", "int4[] numeric[] text[] text", NULL},
    {"vector(2)", "[0.1,2]", "float4[] float8[] numeric[] text", "{0.1,2}"},
    {"vector(2)", "[0.1]", "float4[] float8[] numeric[] text", NULL},
    {"vector(2)", "[0.1,null]", "float4[] float8[] numeric[] text", NULL},
    {"vector(2)", "[0.1,1e39]", "float8[] numeric[]", NULL},
};
enum { BORDER_COUNT = sizeof borders / sizeof *borders };

static struct datatype type_of(const struct border *border)
{
    struct datatype type;
    struct err err = {0};
    cr_assert(eq(int, datatype_parse(str_from(border->type), &type, &err), 0), "%s", err.text);
    return type;
}

Test(fit, a_text_of_a_file_fits_exactly_or_is_refused)
{
    struct encoder encoder = {0};
    for (size_t i = 0; i < BORDER_COUNT; i++) {
        struct buf out = {0};
        struct datatype type = type_of(&borders[i]);
        bool ok = encode_text(&encoder, &type, str_from(borders[i].value), &out);
        cr_expect(eq(int, ok, borders[i].kept != NULL), "%s %s", borders[i].type, borders[i].value);
        buf_dispose(&out);
    }
    encoder_dispose(&encoder);
}

Test(fit, a_value_of_json_fits_exactly_or_is_refused)
{
    struct arena *arena = arena_new();
    struct encoder encoder = {0};
    for (size_t i = 0; i < BORDER_COUNT; i++) {
        struct buf out = {0};
        struct datatype type = type_of(&borders[i]);
        bool bare = type.base <= TYPE_DECIMAL || type.array || type.base == TYPE_VECTOR;
        const char *json = arena_printf(arena, bare ? "%s" : "\"%s\"", borders[i].value);
        struct jtext t = {.at = json, .end = json + strlen(json), .whole = true};
        struct jtext_value value;
        cr_assert(eq(int, jtext_value(&t, &value), JTEXT_OK), "%s", json);
        bool ok = encode_json(&encoder, &type, &value, &out);
        cr_expect(eq(int, ok, borders[i].kept != NULL), "%s %s", borders[i].type, json);
        buf_dispose(&out);
    }
    encoder_dispose(&encoder);
    arena_free(arena);
}

/* A list as PostgreSQL writes it. */
static const char *as_array(struct arena *arena, const char *value)
{
    char *text = arena_strdup(arena, value);
    size_t len = strlen(text);
    if (*text == '[') {
        text[0] = '{';
        text[len - 1] = '}';
    }
    return text;
}

static const char *without_nulls(struct arena *arena, const char *text)
{
    struct buf *out = buf_new(arena);
    for (const char *c = text; *c; c++)
        if (strncmp(c, "|NULL", 5) == 0)
            c += 4;
        else
            buf_addc(out, *c);
    return buf_text(out);
}

/* Each border is a row, in which one column has a value. */
Test(fit, a_row_of_a_source_fits_exactly_or_is_refused)
{
    struct source_kit kit;
    struct capturing *capture;
    source_kit_init(&kit, CAPTURE_SQL_SNAPSHOT, NULL);
    struct buf *create = buf_new(kit.arena), *insert = buf_new(kit.arena), *columns = buf_new(kit.arena);
    struct buf *expected = buf_new(kit.arena);
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < BORDER_COUNT; i++)
        for (struct str rest = str_from(borders[i].sources); rest.data; n++) {
            struct str source = str_cut(&rest, ' ');
            buf_addf(create, ", c%zu " STR_FMT, n, STR_ARG(source));
            buf_addf(insert, "; INSERT INTO t (id, c%zu) VALUES (%zu, '%s')", n, n,
                     as_array(kit.arena, borders[i].value));
            buf_addf(columns, ", c%zu %s null", n, borders[i].type);
        }
    source_kit_sql(&kit, arena_printf(kit.arena, "SET timezone = 'UTC'; CREATE TABLE t (id int%s)%s", buf_text(create),
                                      buf_text(insert)));
    source_kit_dataset(&kit, "t", NULL, NULL, arena_printf(kit.arena, "id int32 key%s", buf_text(columns)));
    size_t row = 0;
    for (size_t i = 0; i < BORDER_COUNT; i++)
        for (struct str rest = str_from(borders[i].sources); rest.data; row++) {
            (void)str_cut(&rest, ' ');
            if (borders[i].kept)
                buf_addf(expected, "%s%zu|%s", kept++ ? "\n" : "", row, borders[i].kept);
        }
    kit.ingest.quarantine = quarantine_new(kit.arena, INT32_MAX);
    cr_assert(eq(int, source_kit_begin(&kit, &capture), 0), "%s", kit.err.text);
    const char *text = source_kit_rows(&kit, capture, 0, true);
    cr_assert_not_null(text, "%s", kit.err.text);
    cr_expect(eq(str, (char *)without_nulls(kit.arena, text), (char *)buf_text(expected)));
    cr_expect(eq(i64, quarantine_count(kit.ingest.quarantine, "t"), (int64_t)(n - kept)));
    capture_sql_snapshot.end(capture);
    source_kit_dispose(&kit);
}
