#include "model/schema.h"

#include "model/datatype.h"

#include <stdlib.h>

static const char DIALECT[] = "https://json-schema.org/draft/2020-12/schema";

static json_t *schema_of_struct(const struct table *table);

static json_t *words(const char *const *values)
{
    json_t *list = json_array();
    for (size_t i = 0; values[i]; i++)
        json_array_append_new(list, json_string(values[i]));
    return list;
}

/* Every base type with its numbers, and arrays of them. */
static void write_type_pattern(struct buf *out)
{
    static const char number[] = "\\s*[0-9]+\\s*";
    buf_adds(out, "^\\s*(array<\\s*)?(");
    for (int base = 0; base < TYPE_BASE_COUNT; base++) {
        const struct type_info *info = &type_infos[base];
        buf_addf(out, "%s%s", base ? "|" : "", info->name);
        if (info->arguments)
            buf_addf(out, "\\s*\\(%s%s%s\\)", number, info->arguments == 2 ? "," : "",
                     info->arguments == 2 ? number : "");
    }
    buf_adds(out, ")\\s*>?\\s*$");
}

static json_t *schema_of_scalar(enum scalar scalar)
{
    const struct scalar_type *type = &scalar_types[scalar];
    json_t *schema = json_object();
    if (type->number) {
        json_object_set_new(schema, "type", json_pack("[s,s]", "string", "number"));
        json_object_set_new(schema, "exclusiveMinimum", json_integer(0));
    } else {
        json_object_set_new(schema, "type", json_string("string"));
    }
    struct buf pattern = {0};
    if (scalar == SCALAR_DATATYPE)
        write_type_pattern(&pattern);
    else if (type->pattern)
        buf_adds(&pattern, type->pattern);
    if (pattern.len)
        json_object_set_new(schema, "pattern", json_string(buf_text(&pattern)));
    json_object_set_new(schema, "maxLength", json_integer(type->max ? type->max : SCALAR_MAX));
    if (!type->exact) {
        buf_cut(&pattern, 0);
        buf_addf(&pattern, "%s: more is checked than the pattern says", type->name);
        json_object_set_new(schema, "$comment", json_string(buf_text(&pattern)));
    }
    buf_dispose(&pattern);
    return schema;
}

static json_t *of_words(const char *const *values)
{
    return json_pack("{s:o}", "enum", words(values));
}

static json_t *of_list(json_t *items)
{
    return json_pack("{s:s, s:o}", "type", "array", "items", items);
}

static json_t *schema_of_value(const struct table *table, const struct field *field)
{
    switch (field->type) {
    case FIELD_KIND:
        return json_pack("{s:s}", "const", table->name);
    case FIELD_TEXT:
        return field->values ? of_words(field->values) : schema_of_scalar(field->scalar);
    case FIELD_BOOL:
        return json_pack("{s:s}", "type", "boolean");
    case FIELD_INT:
        return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum", (json_int_t)field->min, "maximum",
                         (json_int_t)field->max);
    case FIELD_ENUM:
        return of_words(field->values);
    case FIELD_TEXTS:
        return of_list(schema_of_scalar(field->scalar));
    case FIELD_STRUCT:
        return schema_of_struct(field->sub);
    case FIELD_LIST:
        return of_list(schema_of_struct(field->sub));
    case FIELD_JSON:
        return json_pack("{s:s}", "type", "object");
    }
    return NULL;
}

/* What stands for the key when it is left out, or NULL. */
static json_t *fallback(const struct field *field)
{
    if (field->initial_text)
        return json_string(field->initial_text);
    if (field->required)
        return NULL;
    if (field->type == FIELD_BOOL)
        return json_boolean(field->initial != 0);
    if (field->type == FIELD_INT && field->initial >= field->min)
        return json_integer(field->initial);
    if (field->type == FIELD_ENUM && !field->present)
        return json_string(field->values[field->initial]);
    return NULL;
}

static json_t *schema_of_field(const struct table *table, const struct field *field)
{
    json_t *schema = schema_of_value(table, field);
    if (field->doc)
        json_object_set_new(schema, "description", json_string(field->doc));
    json_t *value = fallback(field);
    if (value)
        json_object_set_new(schema, "default", value);
    return schema;
}

/* For one word of the table's `by` key: the keys that must be there, and those that must not. NULL: none of either. */
static json_t *schema_of_word(const struct table *table, const char *word, unsigned bit)
{
    json_t *required = json_array(), *refused = json_object();
    for (size_t i = 0; i < table->len; i++) {
        if (table->fields[i].needed & bit)
            json_array_append_new(required, json_string(table->fields[i].key));
        if (table->fields[i].only && !(table->fields[i].only & bit))
            json_object_set_new(refused, table->fields[i].key, json_false());
    }
    json_t *then = json_object();
    if (json_array_size(required))
        json_object_set(then, "required", required);
    if (json_object_size(refused))
        json_object_set(then, "properties", refused);
    json_decref(required);
    json_decref(refused);
    if (!json_object_size(then)) {
        json_decref(then);
        return NULL;
    }
    return json_pack("{s:{s:{s:{s:s}}, s:[s]}, s:o}", "if", "properties", table->by, "const", word, "required",
                     table->by, "then", then);
}

static json_t *schema_of_struct(const struct table *table)
{
    json_t *schema = json_object(), *properties = json_object(), *required = json_array(), *all = json_array();
    for (size_t i = 0; i < table->len; i++) {
        json_object_set_new(properties, table->fields[i].key, schema_of_field(table, &table->fields[i]));
        if (table->fields[i].required)
            json_array_append_new(required, json_string(table->fields[i].key));
    }
    const char *const *values = table->by ? field_find(table, str_from(table->by))->values : NULL;
    for (unsigned i = 0; values && values[i]; i++) {
        json_t *rule = schema_of_word(table, values[i], 1u << i);
        if (rule)
            json_array_append_new(all, rule);
    }
    json_object_set_new(schema, "type", json_string("object"));
    json_object_set_new(schema, "properties", properties);
    if (json_array_size(required))
        json_object_set(schema, "required", required);
    if (json_array_size(all))
        json_object_set(schema, "allOf", all);
    json_object_set_new(schema, "additionalProperties", json_boolean(table->open));
    json_decref(required);
    json_decref(all);
    return schema;
}

json_t *schema_of_kind(enum object_kind kind)
{
    const struct table *table = object_tables[kind];
    json_t *schema = json_pack("{s:s, s:s, s:s}", "$schema", DIALECT, "title", table->name, "description", table->doc);
    json_t *body = schema_of_struct(table);
    json_object_update(schema, body);
    json_decref(body);
    return schema;
}

json_t *schema_of_model(void)
{
    json_t *kinds = json_array(), *defs = json_object(), *all = json_array();
    for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++) {
        const char *name = object_kind_names[kind];
        struct buf reference = {0};
        buf_addf(&reference, "#/$defs/%s", name);
        json_t *schema = schema_of_kind((enum object_kind)kind);
        json_object_del(schema, "$schema");
        json_array_append_new(kinds, json_string(name));
        json_object_set_new(defs, name, schema);
        json_array_append_new(all, json_pack("{s:{s:{s:{s:s}}, s:[s]}, s:{s:s}}", "if", "properties", "kind", "const",
                                             name, "required", "kind", "then", "$ref", buf_text(&reference)));
        buf_dispose(&reference);
    }
    return json_pack("{s:s, s:s, s:s, s:s, s:[s,s], s:{s:{s:o}}, s:o, s:o}", "$schema", DIALECT, "title",
                     "Yellow model", "description", "Any document of a model.", "type", "object", "required", "kind",
                     "name", "properties", "kind", "enum", kinds, "allOf", all, "$defs", defs);
}

void schema_write(struct buf *out, const json_t *schema)
{
    char *text = json_dumps(schema, JSON_INDENT(2));
    buf_adds(out, text ? text : "");
    buf_addc(out, '\n');
    free(text);
}
