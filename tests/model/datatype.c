#include "model/datatype.h"

#include <criterion/criterion.h>

Test(datatype, each_type_has_one_text_and_one_sql_type)
{
    static const struct {
        const char *type, *text, *sql;
    } cases[] = {{"int8", "int8", "smallint"},
                 {"int64", "int64", "bigint"},
                 {"float16", "float16", "real"},
                 {"decimal( 10 , 2 )", "decimal(10,2)", "numeric(10,2)"},
                 {"varchar(20)", "varchar(20)", "character varying(20)"},
                 {"char(3)", "char(3)", "character(3)"},
                 {"json", "json", "jsonb"},
                 {"binary", "binary", "bytea"},
                 {"vector(3)", "vector(3)", "real[]"},
                 {"array<decimal(4,0)>", "array<decimal(4,0)>", "numeric(4,0)[]"},
                 {"array< text >", "array<text>", "text[]"},
                 {"timestamptz", "timestamptz", "timestamptz"},
                 {"geography", "geography", NULL},
                 {"array<vector(3)>", "array<vector(3)>", NULL}};
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct datatype type;
        struct err err = {0};
        cr_assert_eq(datatype_parse(str_from(cases[i].type), &type, &err), 0, "%s: %s", cases[i].type, err.text);
        cr_expect_str_eq(datatype_text(arena, &type), cases[i].text);
        const char *sql = datatype_sql(arena, &type);
        cr_expect_eq(datatype_has_sql(&type), cases[i].sql != NULL);
        if (cases[i].sql)
            cr_expect_str_eq(sql, cases[i].sql);
        else
            cr_expect_null(sql);
    }
    arena_free(arena);
}

Test(datatype, what_is_wrong_is_named)
{
    static const struct {
        const char *type, *text;
    } bad[] = {{"", "\"\" is no type"},
               {"string", "\"string\" is no type"},
               {"INT64", "\"INT64\" is no type"},
               {"varchar", "type \"varchar\": varchar takes 1 number"},
               {"varchar()", "type \"varchar()\": varchar takes 1 number, at most 10485760"},
               {"varchar(1,2)", "type \"varchar(1,2)\": varchar takes 1 number, at most 10485760"},
               {"varchar(20", "type \"varchar(20\" has no closing bracket"},
               {"decimal(10)", "type \"decimal(10)\": decimal takes 2 numbers"},
               {"decimal(2,3)", "type \"decimal(2,3)\": the scale is larger than the precision"},
               {"decimal(1001,3)", "type \"decimal(1001,3)\": decimal takes 2 numbers, at most 1000"},
               {"text(5)", "type \"text(5)\": text takes no length"},
               {"array<array<text>>", "type \"array<array<text>>\": an array of arrays is not supported"},
               {"array<>", "\"array<>\" is no type"},
               {"array<text", "\"array<text\" is no type"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct datatype type;
        struct err err = {0};
        cr_expect_eq(datatype_parse(str_from(bad[i].type), &type, &err), -ERR_INVALID, "%s", bad[i].type);
        cr_expect_str_eq(err.text, bad[i].text);
    }
}
