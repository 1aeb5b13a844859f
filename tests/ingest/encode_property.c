#include "ingest/encode.h"

#include "ingest/wire.h"
#include "pg/cluster.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>

/* Random texts of each type: what encode_text takes has to be what PostgreSQL makes of the same text, value for value
 * and byte for byte; what it refuses, PostgreSQL has to refuse too. The generators keep to what is not documented as
 * different (ingest/encode.h). */

struct random {
    uint64_t state;
};

static uint64_t bits(struct random *r)
{
    r->state ^= r->state << 13;
    r->state ^= r->state >> 7;
    r->state ^= r->state << 17;
    return r->state * 0x2545f4914f6cdd1dU;
}

static int upto(struct random *r, int n)
{
    return (int)((bits(r) >> 33) % (uint64_t)n);
}

static void digits(struct random *r, struct buf *out, int n)
{
    for (int i = 0; i < n; i++)
        buf_addc(out, (char)('0' + upto(r, 10)));
}

static void sign(struct random *r, struct buf *out)
{
    buf_adds(out, &"\0\0-\0+\0"[2 * upto(r, 3)]);
}

static void make_integer(struct random *r, struct buf *out)
{
    static const char *const edges[] = {"127",
                                        "128",
                                        "-32768",
                                        "32767",
                                        "32768",
                                        "2147483647",
                                        "2147483648",
                                        "-2147483648",
                                        "-2147483649",
                                        "9223372036854775807",
                                        "9223372036854775808"};
    if (upto(r, 10) == 0) {
        buf_adds(out, edges[upto(r, 11)]);
        return;
    }
    if (upto(r, 20) == 0)
        buf_adds(out, " ");
    sign(r, out);
    digits(r, out, 1 + upto(r, upto(r, 4) ? 6 : 20));
    if (upto(r, 20) == 0)
        buf_adds(out, " ");
    if (upto(r, 50) == 0)
        buf_adds(out, "x");
}

static void make_number(struct random *r, struct buf *out)
{
    static const char *const words[] = {"NaN", "nan", "1e5", "0", "-0", "0.00", ".5", "5.", "1e-3", "-1E+2", "e5", "."};
    if (upto(r, 20) == 0) {
        buf_adds(out, words[upto(r, 12)]);
        return;
    }
    sign(r, out);
    digits(r, out, 1 + upto(r, upto(r, 8) ? 8 : 40));
    if (upto(r, 3)) {
        buf_addc(out, '.');
        digits(r, out, 1 + upto(r, upto(r, 8) ? 8 : 40));
    }
    if (upto(r, 6) == 0)
        buf_addf(out, "e%d", upto(r, 60) - 30);
}

static void make_float(struct random *r, struct buf *out)
{
    static const char *const words[] = {"Infinity", "-inf",   "inf",    "1e308", "1.8e308", "5e-324",
                                        "1e-400",   "3.4e38", "3.5e38", "1e-45", "1e-50"};
    if (upto(r, 10) == 0)
        buf_adds(out, words[upto(r, 11)]);
    else
        make_number(r, out);
}

static void make_boolean(struct random *r, struct buf *out)
{
    static const char *const words[] = {"t",   "TRUE", "tru", "f", "False", "y", "yes", "n",     "NO", "on",
                                        "off", "of",   "o",   "1", "0",     "2", "",    "truex", " t "};
    buf_adds(out, words[upto(r, 19)]);
}

static void make_date(struct random *r, struct buf *out)
{
    static const char *const words[] = {"infinity",      "-infinity",     "5874897-12-31",
                                        "5874898-01-01", "4713-11-24 BC", "4713-11-23 BC",
                                        "4714-11-24 BC", "4714-11-23 BC", "0001-01-01 bc"};
    int year = upto(r, 4) ? 1900 + upto(r, 200) : 1 + upto(r, 9999);
    if (upto(r, 20) == 0)
        buf_adds(out, words[upto(r, 9)]);
    else if (upto(r, 10) == 0)
        buf_addf(out, "%04d%02d%02d", year, upto(r, 14), upto(r, 33));
    else if (upto(r, 10) == 0)
        buf_addf(out, "%04d/%d/%d", year, upto(r, 14), upto(r, 33));
    else
        buf_addf(out, "%04d-%02d-%02d%s", year, upto(r, 14), upto(r, 33), upto(r, 30) ? "" : " BC");
}

static void make_time(struct random *r, struct buf *out)
{
    buf_addf(out, "%02d:%02d", upto(r, 26), upto(r, 62));
    if (upto(r, 5)) {
        buf_addf(out, ":%02d", upto(r, 62));
        if (upto(r, 2)) {
            buf_addc(out, '.');
            digits(r, out, 1 + upto(r, upto(r, 5) ? 6 : 12));
        }
    }
}

static void make_timestamp(struct random *r, struct buf *out)
{
    static const char *const words[] = {
        "infinity",  "-infinity", "294276-12-31 23:59:59.999999", "294277-01-01", "4714-11-24 00:00:00 BC",
        "2000-01-01"};
    if (upto(r, 20) == 0) {
        buf_adds(out, words[upto(r, 6)]);
        return;
    }
    buf_addf(out, "%04d-%02d-%02d%c", upto(r, 4) ? 1900 + upto(r, 200) : 1 + upto(r, 9999), 1 + upto(r, 12),
             1 + upto(r, 29), upto(r, 2) ? 'T' : ' ');
    make_time(r, out);
}

static void make_timestamptz(struct random *r, struct buf *out)
{
    make_timestamp(r, out);
    if (out->data[out->len - 1] == 'C' || out->data[out->len - 1] == 'y')
        return;
    switch (upto(r, 6)) {
    case 0:
        buf_adds(out, "Z");
        break;
    case 1:
        buf_addf(out, "%c%02d", upto(r, 2) ? '+' : '-', upto(r, 17));
        break;
    case 2:
        buf_addf(out, "%c%02d:%02d", upto(r, 2) ? '+' : '-', upto(r, 14), upto(r, 61));
        break;
    case 3:
        buf_addf(out, "%c%02d%02d", upto(r, 2) ? '+' : '-', upto(r, 14), upto(r, 60));
        break;
    case 4:
        buf_adds(out, " UTC");
        break;
    }
}

static void make_interval(struct random *r, struct buf *out)
{
    switch (upto(r, 3)) {
    case 0:
        buf_addf(out, "P%dY%dM%dDT%dH%dM%d.%06dS", upto(r, 100) - 50, upto(r, 30), upto(r, 400), upto(r, 50) - 25,
                 upto(r, 90), upto(r, 90), upto(r, 1000000));
        break;
    case 1:
        buf_addf(out, "%s%d:%02d:%02d.%03d", upto(r, 2) ? "-" : "", upto(r, 1000), upto(r, 60), upto(r, 60),
                 upto(r, 1000));
        break;
    default:
        buf_addf(out, "%d years %d mons %d days %s%02d:%02d:%02d", upto(r, 100) - 50, upto(r, 30) - 15,
                 upto(r, 100) - 50, upto(r, 2) ? "-" : "+", upto(r, 30), upto(r, 60), upto(r, 60));
    }
}

static void make_text(struct random *r, struct buf *out)
{
    static const char *const pieces[] = {"a", "B",  " ", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
                                         ",", "\\", "\n"};
    for (int n = upto(r, 14); n; n--)
        buf_adds(out, pieces[upto(r, 9)]);
}

static void make_uuid(struct random *r, struct buf *out)
{
    for (int i = 0; i < 32; i++) {
        buf_addf(out, upto(r, 2) ? "%x" : "%X", upto(r, 16));
        if (i % 4 == 3 && i < 31 && upto(r, 2))
            buf_addc(out, '-');
    }
    if (upto(r, 20) == 0)
        buf_cut(out, out->len - 1);
}

static void make_bytes(struct random *r, struct buf *out)
{
    buf_adds(out, "\\x");
    for (int n = 2 * upto(r, 20); n; n--)
        buf_addf(out, upto(r, 2) ? "%x" : "%X", upto(r, 16));
}

static void make_json_value(struct random *r, struct buf *out, int depth)
{
    static const char *const strings[] = {"\"a\"",        "\"\"",   "\"b\\n\\u00e9\"", "\"\\\"\\\\\\/\"",
                                          "\"\xc3\xa9\"", "\"aa\"", "\"\\u001f\\t\"",  "\"\\ud83d\\ude00\""};
    static const char *const numbers[] = {"0", "-0", "-0.0", "1e3", "1.50e1", "12.5E-3", "0.10", "-7", "1e-5", "10e2"};
    static const char *const words[] = {"true", "false", "null"};
    int kind = upto(r, depth > 3 ? 3 : 5), n = upto(r, 5);
    if (upto(r, 4) == 0)
        buf_adds(out, " \n");
    if (kind == 0)
        buf_adds(out, strings[upto(r, 8)]);
    else if (kind == 1)
        buf_adds(out, numbers[upto(r, 10)]);
    else if (kind == 2)
        buf_adds(out, words[upto(r, 3)]);
    else {
        buf_addc(out, kind == 3 ? '[' : '{');
        for (int i = 0; i < n; i++) {
            if (i)
                buf_addc(out, ',');
            if (kind == 4) {
                buf_adds(out, strings[upto(r, 8)]);
                buf_adds(out, upto(r, 2) ? ":" : " : ");
            }
            make_json_value(r, out, depth + 1);
        }
        buf_addc(out, kind == 3 ? ']' : '}');
    }
}

static void make_json(struct random *r, struct buf *out)
{
    make_json_value(r, out, 0);
    if (upto(r, 30) == 0)
        buf_cut(out, out->len - 1);
}

static void make_array_of(struct random *r, struct buf *out, void (*make)(struct random *, struct buf *), bool quote)
{
    buf_addc(out, '{');
    for (int n = upto(r, 5), i = 0; i < n; i++) {
        if (i)
            buf_adds(out, upto(r, 3) ? "," : " , ");
        if (upto(r, 8) == 0) {
            buf_adds(out, "NULL");
            continue;
        }
        struct buf item = {0};
        make(r, &item);
        if (quote) {
            buf_addc(out, '"');
            for (size_t k = 0; k < item.len; k++) {
                if (item.data[k] == '"' || item.data[k] == '\\')
                    buf_addc(out, '\\');
                buf_addc(out, item.data[k]);
            }
            buf_addc(out, '"');
        } else {
            buf_adds(out, buf_text(&item));
        }
        buf_dispose(&item);
    }
    buf_addc(out, '}');
}

static void make_integers(struct random *r, struct buf *out)
{
    make_array_of(r, out, make_integer, false);
}

static void make_numbers(struct random *r, struct buf *out)
{
    make_array_of(r, out, make_number, upto(r, 2));
}

static void make_texts(struct random *r, struct buf *out)
{
    make_array_of(r, out, make_text, true);
}

static void make_timestamps(struct random *r, struct buf *out)
{
    make_array_of(r, out, make_timestamptz, true);
}

/* When PostgreSQL has made another value of text t than it says: it rounds and cuts, which is refused here. */
#define ROUNDED "t::numeric <> v"
#define FINER "t ~ '[.][0-9]{6}[0-9]*[1-9]'"

static const struct property {
    const char *type, *send;
    void (*make)(struct random *r, struct buf *out);
    const char *inexact;
} properties[] = {
    {"int16", "int2send", make_integer, NULL},
    {"int32", "int4send", make_integer, NULL},
    {"int64", "int8send", make_integer, NULL},
    {"float32", "float4send", make_float, NULL},
    {"float64", "float8send", make_float, NULL},
    {"decimal(10,2)", "numeric_send", make_number, ROUNDED},
    {"decimal(1,0)", "numeric_send", make_number, ROUNDED},
    {"decimal(4,4)", "numeric_send", make_number, ROUNDED},
    {"decimal(38,9)", "numeric_send", make_number, ROUNDED},
    {"decimal(1000,30)", "numeric_send", make_number, ROUNDED},
    {"boolean", "boolsend", make_boolean, NULL},
    {"date", "date_send", make_date, NULL},
    {"time", "time_send", make_time, FINER},
    {"timestamp", "timestamp_send", make_timestamp, FINER},
    {"timestamptz", "timestamptz_send", make_timestamptz, FINER},
    {"interval", "interval_send", make_interval, NULL},
    {"char(5)", "bpcharsend", make_text, NULL},
    {"varchar(5)", "varcharsend", make_text, "t <> v"},
    {"text", "textsend", make_text, NULL},
    {"uuid", "uuid_send", make_uuid, NULL},
    {"json", "jsonb_send", make_json, NULL},
    {"binary", "byteasend", make_bytes, NULL},
    {"array<int32>", "array_send", make_integers, NULL},
    {"array<decimal(10,2)>", "array_send", make_numbers, "t::numeric[] <> v"},
    {"array<text>", "array_send", make_texts, NULL},
    {"array<varchar(6)>", "array_send", make_texts, "t::text[] <> v::text[]"},
    {"array<timestamptz>", "array_send", make_timestamps, FINER},
};

enum { VALUES = 3000 };

/* One row a text: number, the text, whether it was taken, the field as bytes, and the field itself. */
static void add_row(struct buf *copy, int number, struct str text, bool taken, struct str field)
{
    wire_int16(copy, 5);
    wire_int32(copy, number);
    size_t at = wire_begin(copy);
    buf_add_str(copy, text);
    wire_end(copy, at);
    at = wire_begin(copy);
    buf_addc(copy, taken);
    wire_end(copy, at);
    if (taken) {
        at = wire_begin(copy);
        buf_add(copy, field.data + 4, field.len - 4);
        wire_end(copy, at);
        buf_add_str(copy, field);
    } else {
        wire_null(copy);
        wire_null(copy);
    }
}

static void check_property(struct pg *pg, const struct property *property, uint64_t seed)
{
    struct arena *arena = arena_new();
    struct err err = {0};
    struct datatype type;
    struct pg_rows rows;
    struct encoder encoder = {0};
    struct random random = {seed};
    struct buf *copy = buf_new(arena), *field = buf_new(arena);
    cr_assert(eq(int, datatype_parse(str_from(property->type), &type, &err), 0));
    const char *sql = datatype_sql(arena, &type);
    wire_header(copy);
    for (int i = 1; i <= VALUES; i++) {
        struct buf text = {0};
        property->make(&random, &text);
        buf_cut(field, 0);
        bool taken = encode_text(&encoder, &type, buf_str(&text), field);
        add_row(copy, i, buf_str(&text), taken, buf_str(field));
        buf_dispose(&text);
    }
    wire_int16(copy, -1);
    /* An assignment: what is too long is an error, where an explicit cast would cut it. */
    const char *setup =
        arena_printf(arena,
                     "set timezone = 'UTC'; drop table if exists v; create table v (n int, t text, taken boolean, "
                     "sent bytea, v %s); drop function if exists own(text); create function own(t text) returns "
                     "text language plpgsql as $$ declare v %s; begin v := t; return case when not (%s) then v::text "
                     "end; exception when others then return null; end $$",
                     sql, sql, property->inexact ? property->inexact : "false");
    cr_assert(eq(int, pg_script(pg, setup, &err), 0), "%s", err.text);
    cr_assert(eq(int, pg_copy_in(pg, arena, "copy v from stdin (format binary)", buf_str(copy), &err), 0), "%s: %s",
              property->type, err.text);
    const char *query = arena_printf(arena,
                                     "select coalesce(string_agg(concat_ws(' ', n, quote_literal(t), 'taken', taken, "
                                     "'ours', v, 'own', own), E'\\n') "
                                     "filter (where v::text is distinct from own or %s(v) is distinct from sent or "
                                     "taken <> (own is not null)), ''), "
                                     "count(*), count(*) filter (where taken) from (select *, own(t) from v) x",
                                     property->send);
    cr_assert(eq(int, pg_exec(pg, arena, query, PG_ONE, NULL, 0, &rows, &err), 0), "%s: %s", property->type, err.text);
    cr_expect(eq(str, (char *)pg_text(&rows, 0, 0), ""), "%s", property->type);
    cr_expect(eq(i64, pg_integer(&rows, 0, 1), VALUES));
    cr_expect(gt(i64, pg_integer(&rows, 0, 2), VALUES / 40), "%s: hardly a text was taken", property->type);
    encoder_dispose(&encoder);
    arena_free(arena);
}

Test(encode_property, values_are_what_postgresql_makes_of_the_same_texts)
{
    struct arena *arena = arena_new();
    struct pg *pg = test_connect(test_empty_database(arena));
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
        check_property(pg, &properties[i], 0x9e3779b97f4a7c15U + i);
    pg_close(pg);
    arena_free(arena);
}
