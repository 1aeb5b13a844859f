#include "ingest/csv.h"

#include "base/buf.h"
#include "ingest/csv_rows.h"
#include "ingest/tuple.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

struct pieces {
    struct str text;
    size_t size;
};

static int read_piece(void *ctx, struct str *piece, struct err *err)
{
    struct pieces *pieces = ctx;
    (void)err;
    if (pieces->text.len == 0)
        return 0;
    *piece = (struct str){pieces->text.data, pieces->size < pieces->text.len ? pieces->size : pieces->text.len};
    pieces->text.data += piece->len;
    pieces->text.len -= piece->len;
    return 1;
}

static const struct csv_options plain = {
    .header = true, .delimiter = ",", .quote = "\"", .null_text = "", .encoding = "UTF-8"};

/* "1:a|'b';2:c" : line, values, those in quotes in '...'; ;!reason of a bad record. */
static const char *records(struct arena *arena, const struct csv_options *options, bool one_column, struct str text,
                           size_t size)
{
    struct pieces pieces = {text, size};
    struct buf *out = buf_new(arena);
    struct csv *csv;
    struct csv_record record;
    struct err err = {0};
    cr_assert(eq(int, csv_open(options, one_column, read_piece, &pieces, &csv, &err), 0), "%s", err.text);
    int rc;
    while ((rc = csv_next(csv, &record, &err)) == 1) {
        buf_addf(out, "%s%lld:", out->len ? ";" : "", (long long)record.line);
        for (size_t i = 0; i < record.count && !record.bad; i++) {
            const struct csv_value *value = &record.values[i];
            buf_adds(out, i ? "|" : "");
            buf_addf(out, value->quoted ? "'" STR_FMT "'" : STR_FMT, STR_ARG(value->text));
        }
        if (record.bad)
            buf_addf(out, "!%s <" STR_FMT ">", record.bad, STR_ARG(record.raw));
    }
    if (rc)
        buf_addf(out, ";error %s (%s)", err.text, err.hint);
    csv_close(csv);
    return buf_text(out);
}

static void check(const struct csv_options *options, bool one_column, struct str text, const char *expected)
{
    struct arena *arena = arena_new();
    for (size_t size = 1; size <= text.len + 1; size++)
        cr_expect(eq(str, (char *)records(arena, options, one_column, text, size), (char *)expected),
                  "in pieces of %zu", size);
    arena_free(arena);
}

Test(csv, reads_records_whatever_the_pieces_are)
{
    static const struct {
        struct str text;
        const char *records;
    } cases[] = {
        {{"", 0}, ""},
        {STR("a,b\nc,d\n"), "1:a|b;2:c|d"},
        {STR("a,b\nc,d"), "1:a|b;2:c|d"},
        {STR("a,b\r\nc,d\r\n"), "1:a|b;2:c|d"},
        {STR("a,\n,b\n,\n"), "1:a|;2:|b;3:|"},
        {STR("a,\"b\"\r\n\"c\",d"), "1:a|'b';2:'c'|d"},
        {STR("\"a,b\",\"c\nd\"\ne,f"), "1:'a,b'|'c\nd';3:e|f"},
        {STR("\"a\"\"b\",\"\"\"\",\"\"\n"), "1:'a\"b'|'\"'|''"},
        {STR("a\"b,5\" disk\n"), "1:a\"b|5\" disk"},
        {STR("\n\na\n\r\nb\n"), "3:a;5:b"},
        {STR("\xef\xbb\xbf\"a\",b\n"), "1:'a'|b"},
        {STR("\xef\xbb"), "1:\xef\xbb"},
        {STR("a\rb,c\r\r\n"), "1:a\rb|c\r"},
        {STR("\"a\"b,c\nd,e\n"), "1:!text behind a closing quote <\"a\"b,c>;2:d|e"},
        {STR("a\n\"b,c\nd,e\n"), "1:a;2:!a quote is not closed <\"b,c\nd,e\n>"},
        {STR("\""), "1:!a quote is not closed <\">"},
        {STR("0123456789abcdef0123456789abcdef,x\n0123456789abcde,y"),
         "1:0123456789abcdef0123456789abcdef|x;2:0123456789abcde|y"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(&plain, false, cases[i].text, cases[i].records);
}

Test(csv, takes_an_empty_line_for_an_empty_value_where_a_record_has_one)
{
    check(&plain, true, STR("a\n\nb\n"), "1:a;2:;3:b");
}

Test(csv, takes_any_character_for_delimiter_and_quote_and_none_for_no_quotes)
{
    struct csv_options options = plain;
    options.delimiter = "\xc2\xa6";
    options.quote = "\xc2\xab";
    check(&options, false,
          STR("a\xc2\xa6\xc2\xab"
              "b\xc2\xa6\xc2\xab\xc2\xab\xc2\xab\xc2\xa6\xc2\xa7\n"),
          "1:a|'b\xc2\xa6\xc2\xab'|\xc2\xa7");
    options.delimiter = "\t";
    options.quote = "";
    check(&options, false, STR("\"a\tb\"\n"), "1:\"a|b\"");
}

Test(csv, decodes_what_iconv_knows_and_marks_what_is_no_character)
{
    struct csv_options options = plain;
    options.encoding = "windows-1252";
    check(&options, false, STR("\x80,\xe9\n\x81,b\n"), "1:\xe2\x82\xac|\xc3\xa9;2:\xff|b");
    options.encoding = "UTF-16LE";
    check(&options, false,
          (struct str){"\xff\xfe"
                       "a\0,\0\xac\x20\n\0"
                       "b\0\0\xd8"
                       "c\0",
                       16},
          "1:a|\xe2\x82\xac;2:b\xff"
          "c");
    options.encoding = "klingon";
    struct csv *csv;
    struct err err = {0};
    cr_expect(eq(int, csv_open(&options, false, read_piece, NULL, &csv, &err), -ERR_INVALID));
    cr_expect(eq(str, err.text, "encoding \"klingon\" is unknown"));
}

static int read_endless(void *ctx, struct str *piece, struct err *err)
{
    static const char text[64 << 10] = "\"";
    size_t *pieces = ctx;
    (void)err;
    *piece = (struct str){text + (*pieces > 0), sizeof text - 1};
    ++*pieces;
    return 1;
}

Test(csv, refuses_a_record_without_an_end)
{
    struct csv *csv;
    struct csv_record record;
    struct err err = {0};
    size_t pieces = 0;
    cr_assert(eq(int, csv_open(&plain, false, read_endless, &pieces, &csv, &err), 0));
    cr_expect(eq(int, csv_next(csv, &record, &err), -ERR_TOO_LARGE));
    cr_expect(eq(str, err.text, "line 1: a record of more than 16 MiB"));
    cr_expect(eq(str, err.hint, "is a quote not closed?"));
    cr_expect(lt(sz, pieces, 600));
    csv_close(csv);
}

static const struct work_column columns[] = {
    {.name = "id", .type = {.base = TYPE_INT32}, .key = true},
    {.name = "name", .type = {.base = TYPE_VARCHAR, .length = 5}, .nullable = true},
    {.name = "price", .type = {.base = TYPE_DECIMAL, .length = 5, .scale = 2}, .nullable = true},
};
static const struct work_dataset dataset = {.name = "things", .columns = columns, .column_count = 3};

/* "id|name": the id as a number, the name as it is, - for null; then an error. */
static const char *tuples(struct arena *arena, const struct csv_options *options, struct str text,
                          struct quarantine *quarantine)
{
    struct pieces pieces = {text, 7};
    struct buf *out = buf_new(arena);
    struct csv_rows *rows;
    struct err err = {0};
    struct str tuple;
    struct csv_rows_options rows_options = {&dataset, options, "in/a.csv", quarantine, read_piece, &pieces};
    cr_assert(eq(int, csv_rows_open(&rows_options, &rows, &err), 0), "%s", err.text);
    int rc;
    while ((rc = csv_rows_next(rows, &tuple, &err)) == 1) {
        struct tuple_cursor cursor = tuple_open(tuple);
        struct str id = tuple_field(&cursor, 0), name = tuple_field(&cursor, 1), price = tuple_field(&cursor, 2);
        buf_addf(out, "%s%d|" STR_FMT "|%s", out->len ? ";" : "", (int)wire_get32(id.data),
                 STR_ARG(name.data ? name : STR("-")), price.data ? "n" : "-");
    }
    if (rc)
        buf_addf(out, "%serror: %s (%s)", out->len ? ";" : "", err.text, err.hint);
    csv_rows_close(rows);
    return buf_text(out);
}

Test(csv, finds_columns_by_the_header_in_any_order_and_leaves_others_out)
{
    struct arena *arena = arena_new();
    struct quarantine *quarantine = quarantine_new(arena, 0);
    cr_expect(eq(str, (char *)tuples(arena, &plain, STR("x,price,id,\"name\"\n,1.5,1,a\nz,,2,\n"), quarantine),
                 "1|a|n;2|-|-"));
    cr_expect(eq(str, (char *)tuples(arena, &plain, STR("x,id,naem\n"), quarantine),
                 "error: in/a.csv has no column \"name\" of dataset \"things\" (its header is: x, id, naem)"));
    cr_expect(eq(str, (char *)tuples(arena, &plain, STR("id,name,price,id\n"), quarantine),
                 "error: in/a.csv has more than once the column \"id\" of dataset \"things\" (its header is: id, name, "
                 "price, id)"));
    cr_expect(eq(str, (char *)tuples(arena, &plain, (struct str){"", 0}, quarantine), ""));
    arena_free(arena);
}

Test(csv, tells_null_from_empty_by_the_quotes)
{
    struct arena *arena = arena_new();
    struct quarantine *quarantine = quarantine_new(arena, 0);
    struct csv_options options = plain;
    options.header = false;
    cr_expect(eq(str, (char *)tuples(arena, &options, STR("1,,\n2,\"\",\n"), quarantine), "1|-|-;2||-"));
    options.null_text = "NULL";
    cr_expect(eq(str, (char *)tuples(arena, &options, STR("1,NULL,NULL\n2,,\n3,\"NULL\",1\n"), quarantine),
                 "1|-|-;error: more than 0 bad rows in the batch, the last one in in/a.csv:2 (their "
                 "places and reasons are in yellow.quarantine of the merge database)"));
    arena_free(arena);
}

Test(csv, puts_bad_records_aside_and_goes_on)
{
    struct arena *arena = arena_new();
    struct quarantine *quarantine = quarantine_new(arena, 100);
    cr_expect(eq(str,
                 (char *)tuples(arena, &plain,
                                STR("id,name,price\n1,a,1\nx,b,2\n,c,3\n4,abcdef,4\n5,e,1000\n6,f\n7,g,7,7\n8,h,8\n"
                                    "9,\xff,9\n"),
                                quarantine),
                 "1|a|n;8|h|n"));
    cr_expect(eq(i64, quarantine_count(quarantine, "things"), 7));
    arena_free(arena);
}
