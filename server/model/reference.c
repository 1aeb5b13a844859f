#include "model/reference.h"

#include "model/checks.h"
#include "model/fields.h"

#include <inttypes.h>

static void add_words(struct buf *out, const char *const *values)
{
    for (size_t i = 0; values[i]; i++)
        buf_addf(out, "%s`%s`", i ? ", " : "", values[i]);
}

static void add_type(struct buf *out, const struct field *field)
{
    switch (field->type) {
    case FIELD_KIND:
        buf_adds(out, "the kind");
        break;
    case FIELD_TEXT:
        if (field->values)
            add_words(out, field->values);
        else
            buf_adds(out, scalar_types[field->scalar].name);
        break;
    case FIELD_BOOL:
        buf_adds(out, "`true`, `false`");
        break;
    case FIELD_INT:
        buf_addf(out, "integer from %" PRId64, field->min);
        if (field->max < INT64_MAX)
            buf_addf(out, " to %" PRId64, field->max);
        break;
    case FIELD_ENUM:
        add_words(out, field->values);
        break;
    case FIELD_TEXTS:
        buf_addf(out, "list of %s", scalar_types[field->scalar].name);
        break;
    case FIELD_STRUCT:
        buf_addf(out, "%s", field->sub->name);
        break;
    case FIELD_LIST:
        buf_addf(out, "list of %s", field->sub->name);
        break;
    case FIELD_JSON:
        buf_adds(out, "any mapping");
        break;
    }
}

/* "required", a default, or nothing. */
static void add_default(struct buf *out, const struct table *table, const struct field *field)
{
    const char *const *words = table->by ? field_find(table, str_from(table->by))->values : NULL;
    if (field->required) {
        buf_adds(out, "required");
    } else if (words && field->only) {
        buf_adds(out, field->needed ? "required for" : "only for");
        for (unsigned i = 0; words[i]; i++)
            if (field->only >> i & 1)
                buf_addf(out, " `%s`", words[i]);
    }
    if (field->initial_text)
        buf_addf(out, "`%s`", field->initial_text[0] ? field->initial_text : "\"\"");
    else if (field->type == FIELD_BOOL)
        buf_addf(out, "`%s`", field->initial ? "true" : "false");
    else if (field->type == FIELD_ENUM && !field->required && !field->present)
        buf_addf(out, "`%s`", field->values[field->initial]);
    else if (field->type == FIELD_INT && !field->required)
        buf_addf(out, "%s`%" PRId64 "`", field->only ? "; " : "", field->initial);
}

static void add_table(struct buf *out, const struct table *table, const char *path);

static void add_below(struct buf *out, const struct table *table, const char *path)
{
    for (size_t i = 0; i < table->len; i++) {
        const struct field *field = &table->fields[i];
        if (!field->sub || field->sub == &resources_table)
            continue;
        struct buf name = {0};
        buf_addf(&name, "%s.%s%s", path, field->key, field->type == FIELD_LIST ? "[]" : "");
        add_table(out, field->sub, buf_text(&name));
        buf_dispose(&name);
    }
}

static void add_rows(struct buf *out, const struct table *table)
{
    buf_adds(out, "| key | value | required or default | meaning |\n| --- | --- | --- | --- |\n");
    for (size_t i = 0; i < table->len; i++) {
        const struct field *field = &table->fields[i];
        buf_addf(out, "| `%s` | ", field->key);
        add_type(out, field);
        buf_adds(out, " | ");
        add_default(out, table, field);
        buf_addf(out, " | %s |\n", field->doc);
    }
}

static void add_table(struct buf *out, const struct table *table, const char *path)
{
    buf_addf(out, "\n#### `%s`\n\n%s\n\n", path, table->doc);
    add_rows(out, table);
    add_below(out, table, path);
}

static void add_scalars(struct buf *out)
{
    buf_adds(out, "\n### Values\n\n| name | what it is | code when it is not |\n| --- | --- | --- |\n");
    for (size_t i = 0; i < SCALAR_COUNT; i++)
        buf_addf(out, "| %s | %s | `%s` |\n", scalar_types[i].name, scalar_types[i].doc, scalar_types[i].code);
}

void model_reference(struct buf *out)
{
    buf_adds(out, "## Kinds\n");
    for (size_t kind = 0; kind < OBJECT_KIND_COUNT; kind++) {
        const struct table *table = object_tables[kind];
        buf_addf(out, "\n### %s\n\n%s\n\n", table->name, table->doc);
        add_rows(out, table);
        add_below(out, table, table->name);
    }
    buf_adds(out, "\n### resources\n\nAny of four values; those that are left out come from the next level.\n\n"
                  "| key | value |\n| --- | --- |\n");
    for (size_t i = 0; i < RESOURCE_COUNT; i++)
        buf_addf(out, "| `%s` | quantity |\n", resource_names[i]);
    add_scalars(out);
}

static const char *severity_text(enum severity severity)
{
    return severity == SEVERITY_ERROR ? "error" : "warning";
}

void checks_reference(struct buf *out)
{
    const char *area = "";
    for (size_t i = 0; i < CHECK_CODE_COUNT; i++) {
        if (strcmp(checks[i].area, area) != 0) {
            area = checks[i].area;
            buf_addf(out, "%s## %c%s\n\n| code | severity | what must hold | what to do |\n| --- | --- | --- | --- |\n",
                     i ? "\n" : "", area[0] - 'a' + 'A', area + 1);
        }
        buf_addf(out, "| `%s` | %s | %s | %s |\n", checks[i].code, severity_text(checks[i].severity), checks[i].doc,
                 checks[i].help);
    }
}
