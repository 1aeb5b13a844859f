#include "ingest/order.h"

#include "ingest/wire.h"
#include "pg/cluster.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

/* Every type that may be part of a key, values whose order is not that of their text, in any order. */
static const struct {
    const char *type, *values;
} cases[] = {
    {"int8", "'-128','0','127','-1','5'"},
    {"int16", "'-32768','0','32767','-1','256','255'"},
    {"int32", "'-2147483648','2147483647','0','-1','65536','255'"},
    {"int64", "'-9223372036854775808','9223372036854775807','0','-1','4294967296'"},
    {"decimal(20,4)", "'-1.5','0','1.5','10000','9999.9999','0.0001','-0.0001','1e15','-1e15','NaN','123456789.125'"},
    {"boolean", "'t','f'"},
    {"date", "'-infinity','infinity','1999-12-31','2000-01-01','2000-01-02','0044-03-15 BC'"},
    {"time", "'00:00','24:00','12:34:56.789'"},
    {"timestamp", "'-infinity','infinity','1999-12-31 23:59:59','2000-01-01','2030-01-01'"},
    {"timestamptz", "'-infinity','infinity','1999-12-31 23:59:59+02','2000-01-01','2030-01-01'"},
    {"char(4)", "'a','A','ab',E'a\\t','a b','','ä','zz','Z'"},
    {"varchar(9)", "'a','A','ab',E'a\\t','a b','','ä','zz','Z','😀','ｚ','a '"},
    {"text", "'a','A','ab',E'a\\t','a b','','ä','zz','Z','😀','ｚ','a ','_','-1','10','9'"},
    {"uuid", "'00000000-0000-0000-0000-000000000001','ffffffff-0000-0000-0000-000000000000',"
             "'7fffffff-0000-0000-0000-000000000000'"},
    {"binary", "'\\x','\\x00','\\xff','\\x7f','\\x00ff'"},
};

static struct work_dataset keyed(struct arena *arena, const char *type)
{
    struct err err = {0};
    struct work_column *column = arena_alloc(arena, sizeof *column);
    size_t *key = arena_alloc(arena, sizeof *key);
    cr_assert(eq(int, datatype_parse(str_from(type), &column->type, &err), 0), "%s", err.text);
    column->name = "the \"key\"";
    column->key = true;
    column->sql = datatype_sql(arena, &column->type);
    return (struct work_dataset){.name = "d", .columns = column, .column_count = 1, .key = key, .key_count = 1};
}

Test(ingest_order, both_sides_put_values_of_every_key_type_in_one_order)
{
    struct arena *arena = arena_new();
    struct pg *pg = test_connect(test_empty_database(arena));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct work_dataset dataset = keyed(arena, cases[i].type);
        cr_expect(order_is_possible(&dataset));
        /* The binary form of a value as text: what record_send makes, without the count and the type before it. */
        const char *sql = arena_printf(arena,
                                       "select substr(record_send(row(\"the \"\"key\"\"\")), 9) from (select "
                                       "unnest(array[%s]::%s[]) as \"the \"\"key\"\"\") t order by %s",
                                       cases[i].values, dataset.columns[0].sql, order_by_key(arena, &dataset));
        struct pg_rows rows;
        struct err err = {0};
        cr_assert(eq(int, pg_query(pg, arena, sql, PG_MANY, &rows, &err), 0), "%s: %s", sql, err.text);
        struct str before = {0};
        for (size_t row = 0; row < rows.count; row++) {
            struct buf *tuple = buf_new(arena);
            wire_int16(tuple, 1);
            buf_add_str(tuple, pg_bytes(arena, &rows, row, 0));
            struct str now = buf_str(tuple);
            if (row) {
                cr_expect(order_compare(&dataset, before, now) < 0, "%s: row %zu", cases[i].type, row);
                cr_expect(order_compare(&dataset, now, before) > 0, "%s: row %zu", cases[i].type, row);
            }
            cr_expect(eq(int, order_compare(&dataset, now, now), 0));
            before = now;
        }
        cr_expect(rows.count > 1);
    }
    pg_close(pg);
    arena_free(arena);
}

Test(ingest_order, every_type_that_may_be_a_key_has_an_order)
{
    struct arena *arena = arena_new();
    for (int base = 0; base < TYPE_BASE_COUNT; base++) {
        struct work_column column = {.name = "k", .type = {.base = (enum type_base)base, .length = 1}};
        struct work_dataset dataset = {
            .columns = &column, .column_count = 1, .key = (const size_t[]){0}, .key_count = 1};
        cr_expect(eq(int, order_is_possible(&dataset), datatype_can_be_key(&column.type)), "%s", type_infos[base].name);
    }
    cr_expect(not(order_is_possible(&(struct work_dataset){0})));
    arena_free(arena);
}
