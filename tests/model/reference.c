#include "model/reference.h"

#include "base/file.h"
#include "model/fields.h"

#include <criterion/criterion.h>

Test(reference, the_documentation_is_what_the_tables_say)
{
    struct arena *arena = arena_new();
    struct str doc;
    struct err err = {0};
    cr_assert_eq(file_read(arena, YELLOW_SRCDIR "/docs/model.md", 1 << 20, &doc, &err), 0, "%s", err.text);
    const char *generated = strstr(doc.data, "## Kinds\n");
    cr_assert_not_null(generated);
    struct buf *out = buf_new(arena);
    model_reference(out);
    cr_assert(strcmp(generated, buf_text(out)) == 0, "docs/model.md is old: tests/model/write_reference prints what "
                                                     "comes from \"## Kinds\" on");
    arena_free(arena);
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
