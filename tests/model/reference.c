#include "model/reference.h"

#include "base/file.h"
#include "model/fields.h"
#include "model/schema.h"

#include <criterion/criterion.h>

static void expect_document(const char *name, const char *from, void (*write)(struct buf *))
{
    struct arena *arena = arena_new();
    struct str doc;
    struct err err = {0};
    const char *path = arena_printf(arena, YELLOW_SRCDIR "/docs/%s.md", name);
    cr_assert_eq(file_read(arena, path, 1 << 20, &doc, &err), 0, "%s", err.text);
    const char *generated = strstr(doc.data, from);
    cr_assert_not_null(generated);
    struct buf *out = buf_new(arena);
    write(out);
    cr_assert(strcmp(generated, buf_text(out)) == 0,
              "docs/%s.md is old: `make reference` writes what comes from \"%s\" on", name, from);
    arena_free(arena);
}

Test(reference, the_documentation_is_what_the_tables_say)
{
    expect_document("model", "## Kinds\n", model_reference);
    expect_document("checks", "## Reading\n", checks_reference);
}

static void expect_schema(const char *name, json_t *schema)
{
    struct arena *arena = arena_new();
    struct str file;
    struct err err = {0};
    const char *path = arena_printf(arena, YELLOW_SRCDIR "/schemas/%s.json", name);
    cr_assert_eq(file_read(arena, path, 1 << 20, &file, &err), 0, "%s", err.text);
    struct buf *out = buf_new(arena);
    schema_write(out, schema);
    cr_assert(str_eq(file, buf_str(out)), "schemas/%s.json is old: `make reference` writes it", name);
    json_decref(schema);
    arena_free(arena);
}

Test(reference, the_committed_schemas_are_what_the_tables_say)
{
    for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++)
        expect_schema(object_kind_names[kind], schema_of_kind((enum object_kind)kind));
    expect_schema("model", schema_of_model());
}

static void expect_sorted(const struct table *table, int depth)
{
    cr_assert(depth < 8);
    cr_assert(table->len <= 32, "the reader keeps at most 32 keys a mapping");
    for (size_t i = 0; i < table->len; i++) {
        if (i)
            cr_expect(strcmp(table->fields[i - 1].key, table->fields[i].key) < 0, "%s: %s", table->name,
                      table->fields[i].key);
        cr_expect_not_null(table->fields[i].doc, "%s: %s", table->name, table->fields[i].key);
        if (table->fields[i].sub)
            expect_sorted(table->fields[i].sub, depth + 1);
    }
}

Test(reference, every_table_is_sorted_and_says_what_its_keys_mean)
{
    for (size_t kind = 0; kind < OBJECT_KIND_COUNT; kind++) {
        cr_expect_str_eq(object_tables[kind]->name, object_kind_names[kind]);
        expect_sorted(object_tables[kind], 0);
    }
}
