#include "model/reader.h"

#include "model/checks.h"

#include <stdlib.h>

/* What a value is, and what each type of field wants, for people. */
static const char *shape(const struct yaml_node *node)
{
    static const char *const scalars[] = {"text", "nothing", "a boolean", "an integer", "a number"};
    if (node->type == YAML_SEQUENCE)
        return "a list";
    return node->type == YAML_MAPPING ? "a mapping" : scalars[node->scalar];
}

struct place reader_place(const struct reader *reader, const struct yaml_node *node)
{
    return reader->stored ? reader->place : (struct place){reader->path, node->line, node->column};
}

const char *reader_subject(const struct reader *reader, const struct table *table, const struct yaml_node *node)
{
    for (size_t i = 0; i < node->len && node->type == YAML_MAPPING; i++)
        if (str_eqz(node->keys[i].text, "name") && node->items[i].type == YAML_SCALAR)
            return arena_printf(reader->findings->arena, "%s \"" STR_FMT "\"", table->name,
                                STR_ARG(node->items[i].text));
    return table->name;
}

static void wrong_type(struct reader *reader, const char *key, const struct yaml_node *node, const char *wanted)
{
    struct finding *finding = check_report(reader->findings, CHECK_WRONG_TYPE, reader_place(reader, node),
                                           "\"%s\" wants %s, not %s", key, wanted, shape(node));
    if (node->type == YAML_SCALAR && node->scalar == YAML_NULL && !node->quoted)
        finding_hint(reader->findings, finding, "give a value or leave the key out");
    else if (node->type == YAML_SCALAR && strcmp(wanted, "a list") == 0)
        finding_hint(reader->findings, finding, "write [" STR_FMT "]", STR_ARG(node->text));
}

/* Whether the scalar is a text that every YAML reader takes for one. */
static bool plain_text(struct reader *reader, const char *key, const struct yaml_node *node, bool number)
{
    if (node->quoted)
        return true;
    bool is_number = node->scalar == YAML_INT || node->scalar == YAML_FLOAT;
    bool octal =
        node->text.len > 1 && node->text.data[0] == '0' && node->text.data[1] >= '0' && node->text.data[1] <= '9';
    if (number && is_number && !octal)
        return true;
    if (node->scalar == YAML_NULL && node->text.len == 0) {
        wrong_type(reader, key, node, "text");
        return false;
    }
    if (node->scalar == YAML_STRING && !scalar_ambiguous(node->text))
        return true;
    struct finding *finding = check_report(
        reader->findings, CHECK_AMBIGUOUS_SCALAR, reader_place(reader, node),
        "\"%s\" wants text, and the plain " STR_FMT " is not text to every YAML reader", key, STR_ARG(node->text));
    finding_hint(reader->findings, finding, "write \"" STR_FMT "\" in quotes", STR_ARG(node->text));
    return false;
}

/* The text of a scalar on the reader's arena, or NULL after a finding. */
static const char *read_text(struct reader *reader, const struct field *field, const struct yaml_node *node)
{
    const struct scalar_type *type = &scalar_types[field->scalar];
    if (node->type != YAML_SCALAR) {
        wrong_type(reader, field->key, node, field->values ? "one word" : "text");
        return NULL;
    }
    if (!plain_text(reader, field->key, node, type->number))
        return NULL;
    if (node->text.len > SCALAR_MAX) {
        check_report(reader->findings, CHECK_BAD_TEXT, reader_place(reader, node), "\"%s\" is longer than %d bytes",
                     field->key, SCALAR_MAX);
        return NULL;
    }
    const char *text = node->text.data, *kept = text, *why = NULL;
    if (!field->values && !type->check(reader->arena, text, &kept, &why)) {
        struct finding *finding = findings_add(reader->findings, SEVERITY_ERROR, type->code, reader_place(reader, node),
                                               "\"%s\": %s%s%s%s%s", field->key, why ? why : "\"", why ? "" : text,
                                               why ? "" : "\" is no ", why ? "" : type->name, "");
        finding_hint(reader->findings, finding, "%s: %s", type->name, type->doc);
    }
    return kept == text ? arena_strndup(reader->arena, text, node->text.len) : kept;
}

static void read_text_field(struct reader *reader, const struct table *table, const struct field *field, void *base,
                            const struct yaml_node *node)
{
    const char *text = read_text(reader, field, node);
    if (!text)
        return;
    memcpy(field_at(field, base), &text, sizeof text);
    if (reader->places && !table->dense)
        places_put(reader->places, text, node->line, node->column);
    const char *const *value = field->values;
    while (value && *value && strcmp(*value, text) != 0)
        value++;
    if (value && !*value) {
        struct finding *finding = check_report(reader->findings, CHECK_UNKNOWN_VALUE, reader_place(reader, node),
                                               "\"%s\" cannot be \"%s\"", field->key, text);
        check_suggest_list(reader->findings, finding, field->values, text);
    }
}

static void read_enum(struct reader *reader, const struct field *field, void *base, const struct yaml_node *node)
{
    if (node->type != YAML_SCALAR || (node->scalar == YAML_NULL && !node->quoted)) {
        wrong_type(reader, field->key, node, "one word");
        return;
    }
    for (int64_t i = 0; field->values[i]; i++)
        if (str_eqz(node->text, field->values[i])) {
            field_set_number(field, base, i);
            return;
        }
    struct finding *finding = check_report(reader->findings, CHECK_UNKNOWN_VALUE, reader_place(reader, node),
                                           "\"%s\" cannot be \"" STR_FMT "\"", field->key, STR_ARG(node->text));
    check_suggest_list(reader->findings, finding, field->values,
                       arena_strndup(reader->findings->arena, node->text.data, node->text.len));
}

static void read_int(struct reader *reader, const struct field *field, void *base, const struct yaml_node *node)
{
    int64_t number;
    if (node->type != YAML_SCALAR || node->quoted || node->scalar != YAML_INT) {
        wrong_type(reader, field->key, node, "an integer");
    } else if ((node->text.len > 1 && node->text.data[0] == '0') ||
               !str_int64(node->text, field->min, field->max, &number)) {
        struct finding *finding = check_report(reader->findings, CHECK_OUT_OF_RANGE, reader_place(reader, node),
                                               "\"%s\" cannot be " STR_FMT, field->key, STR_ARG(node->text));
        finding_hint(reader->findings, finding, "a decimal number from %lld to %lld", (long long)field->min,
                     (long long)field->max);
    } else {
        field_set_number(field, base, number);
    }
}

static void read_bool(struct reader *reader, const struct field *field, void *base, const struct yaml_node *node)
{
    bool is_true = str_eqz(node->text, "true");
    if (node->type == YAML_SCALAR && !node->quoted && (is_true || str_eqz(node->text, "false"))) {
        field_set_number(field, base, is_true);
        return;
    }
    struct finding *finding = check_report(reader->findings, CHECK_WRONG_TYPE, reader_place(reader, node),
                                           "\"%s\" wants true or false, not %s", field->key, shape(node));
    if (node->type == YAML_SCALAR)
        finding_hint(reader->findings, finding, "write true or false, in lower case and without quotes");
}

static void read_texts(struct reader *reader, const struct field *field, void *base, const struct yaml_node *node)
{
    if (node->type != YAML_SEQUENCE) {
        wrong_type(reader, field->key, node, "a list");
        return;
    }
    struct texts texts = {.items = arena_calloc(reader->arena, node->len, sizeof *texts.items)};
    for (size_t i = 0; i < node->len; i++) {
        const char *text = read_text(reader, field, &node->items[i]);
        if (!text)
            continue;
        texts.items[texts.len++] = text;
        if (reader->places)
            places_put(reader->places, text, node->items[i].line, node->items[i].column);
    }
    memcpy(field_at(field, base), &texts, sizeof texts);
}

static void read_list(struct reader *reader, const struct field *field, void *base, const struct yaml_node *node)
{
    if (node->type != YAML_SEQUENCE) {
        wrong_type(reader, field->key, node, "a list");
        return;
    }
    /* Exactly as long as it will be: what is put in places never moves. */
    char *items = arena_calloc(reader->arena, node->len, field->sub->size);
    for (size_t i = 0; i < node->len; i++)
        reader_struct(reader, field->sub, items + i * field->sub->size, &node->items[i]);
    field_set_items(field, base, items, node->len);
}

static json_t *scalar_json(struct reader *reader, const struct yaml_node *node)
{
    if (node->quoted)
        return json_stringn_nocheck(node->text.data, node->text.len);
    int64_t number;
    switch (node->scalar) {
    case YAML_NULL:
        return json_null();
    case YAML_BOOL:
        return json_boolean((node->text.data[0] | 0x20) == 't');
    case YAML_INT:
        if (str_int64(node->text, INT64_MIN, INT64_MAX, &number) && (number == 0 || node->text.data[0] != '0'))
            return json_integer(number);
        break;
    case YAML_FLOAT: {
        json_t *real = json_real(strtod(node->text.data, NULL)); /* NULL for an infinity or no number */
        if (real)
            return real;
        break;
    }
    case YAML_STRING:
        if (!scalar_ambiguous(node->text))
            return json_stringn_nocheck(node->text.data, node->text.len);
        break;
    }
    struct finding *finding =
        check_report(reader->findings, CHECK_AMBIGUOUS_SCALAR, reader_place(reader, node),
                     "the plain " STR_FMT " is not the same to every YAML reader", STR_ARG(node->text));
    finding_hint(reader->findings, finding, "write \"" STR_FMT "\" in quotes", STR_ARG(node->text));
    return json_null();
}

json_t *reader_json(struct reader *reader, const struct yaml_node *node)
{
    if (node->type == YAML_SCALAR)
        return scalar_json(reader, node);
    json_t *json = node->type == YAML_SEQUENCE ? json_array() : json_object();
    for (size_t i = 0; i < node->len; i++) {
        json_t *item = reader_json(reader, &node->items[i]);
        if (node->type == YAML_SEQUENCE)
            json_array_append_new(json, item);
        else
            json_object_setn_new_nocheck(json, node->keys[i].text.data, node->keys[i].text.len, item);
    }
    return json;
}

/* Where each member stands, by the address of its key: for whoever judges the members later. */
static void put_members(struct reader *reader, json_t *json, const struct yaml_node *node)
{
    for (size_t i = 0; reader->places && i < node->len; i++) {
        void *member = json_object_iter_at(json, node->keys[i].text.data);
        if (member)
            places_put(reader->places, json_object_iter_key(member), node->keys[i].line, node->keys[i].column);
    }
}

static void read_field(struct reader *reader, const struct table *table, const struct field *field, void *base,
                       const struct yaml_node *node)
{
    if (field->present)
        memcpy((char *)base + field->present - 1, &(bool){true}, sizeof(bool));
    switch (field->type) {
    case FIELD_KIND:
        break;
    case FIELD_TEXT:
        read_text_field(reader, table, field, base, node);
        break;
    case FIELD_BOOL:
        read_bool(reader, field, base, node);
        break;
    case FIELD_INT:
        read_int(reader, field, base, node);
        break;
    case FIELD_ENUM:
        read_enum(reader, field, base, node);
        break;
    case FIELD_TEXTS:
        read_texts(reader, field, base, node);
        break;
    case FIELD_STRUCT:
        if (node->type == YAML_MAPPING)
            reader_struct(reader, field->sub, field_at(field, base), node);
        else
            wrong_type(reader, field->key, node, "a mapping");
        break;
    case FIELD_LIST:
        read_list(reader, field, base, node);
        break;
    case FIELD_JSON:
        if (node->type == YAML_MAPPING) {
            json_t *json = json_own(reader->arena, reader_json(reader, node));
            put_members(reader, json, node);
            memcpy(field_at(field, base), &json, sizeof json);
        } else {
            wrong_type(reader, field->key, node, "a mapping");
        }
        break;
    }
}

/* Keys that are absent, and keys that do not go with the value of table->by. given[i] is the key's node or NULL. */
static void check_keys(struct reader *reader, const struct table *table, const void *base, const struct yaml_node *node,
                       const struct yaml_node *const *given)
{
    unsigned bit = 0;
    const char *word = NULL;
    if (table->by) {
        const struct field *by = field_find(table, str_from(table->by));
        int64_t number = field_number(by, base);
        if (given[by - table->fields]) {
            for (int64_t i = 0; by->values[i] && !word; i++)
                word = i == number ? by->values[i] : NULL;
            bit = word ? 1u << number : 0;
        }
    }
    for (size_t i = 0; i < table->len; i++) {
        const struct field *field = &table->fields[i];
        /* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Branch): reader_struct clears as many as the table has */
        if (given[i] && bit && field->only && !(field->only & bit))
            check_report(reader->findings, CHECK_MISPLACED_KEY, reader_place(reader, given[i]),
                         "\"%s\" does not go with %s %s", field->key, table->by, word);
        if (!given[i] && (field->required || (field->needed & bit)))
            check_report(reader->findings, CHECK_MISSING_KEY, reader_place(reader, node), "%s has no \"%s\"",
                         reader_subject(reader, table, node), field->key);
    }
}

static void unknown_key(struct reader *reader, const struct table *table, const struct yaml_node *node,
                        const struct yaml_node *key)
{
    struct finding *finding =
        check_report(reader->findings, CHECK_UNKNOWN_KEY, reader_place(reader, key), "%s has no key \"" STR_FMT "\"",
                     reader_subject(reader, table, node), STR_ARG(key->text));
    const char *names[64] = {0};
    for (size_t i = 0; i < table->len && i < 63; i++)
        names[i] = table->fields[i].key;
    check_suggest_list(reader->findings, finding, names,
                       arena_strndup(reader->findings->arena, key->text.data, key->text.len));
}

void reader_struct(struct reader *reader, const struct table *table, void *base, const struct yaml_node *node)
{
    enum { MOST_FIELDS = 32 };
    const struct yaml_node *given[MOST_FIELDS];
    memset(given, 0, table->len * sizeof *given); /* there are very many small structs */
    if (table->place) {
        struct place place = reader_place(reader, node);
        memcpy((char *)base + table->place - 1, &place, sizeof place);
    }
    fields_init(table, base);
    if (node->type != YAML_MAPPING) {
        wrong_type(reader, table->name, node, "a mapping");
        return;
    }
    for (size_t i = 0; i < node->len; i++) {
        const struct field *field = field_find(table, node->keys[i].text);
        if (!field) {
            unknown_key(reader, table, node, &node->keys[i]);
            continue;
        }
        given[field - table->fields] = &node->keys[i];
        read_field(reader, table, field, base, &node->items[i]);
    }
    check_keys(reader, table, base, node, given);
}
