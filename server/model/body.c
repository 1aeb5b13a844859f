#include "model/body.h"

#include "base/yaml_fast.h"

#include <inttypes.h>
#include <stdio.h>

/* Most texts are short and need no escape: one loop finds that and the length, one copy writes them. */
static void write_text(struct buf *out, const char *text)
{
    static const char short_escapes[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (!text) {
        buf_add(out, "null", 4);
        return;
    }
    for (char before = '"';; before = '\0') {
        size_t n = 0;
        while ((unsigned char)text[n] >= 0x20 && text[n] != '"' && text[n] != '\\')
            n++;
        char *to = buf_reserve(out, n + 8), *at = to;
        if (before)
            *at++ = before;
        at = (char *)memcpy(at, text, n) + n;
        unsigned char c = (unsigned char)text[n];
        if (c == '\0') {
            *at++ = '"';
        } else if (c >= 0x20) {
            *at++ = '\\';
            *at++ = (char)c;
        } else if (c < sizeof short_escapes && short_escapes[c]) {
            *at++ = '\\';
            *at++ = short_escapes[c];
        }
        *at = '\0';
        out->len += (size_t)(at - to);
        if (c == '\0')
            return;
        if (c < 0x20 && !(c < sizeof short_escapes && short_escapes[c]))
            buf_addf(out, "\\u%04X", c);
        text += n + 1;
    }
}

static json_t *field_json(const struct field *field, const void *base)
{
    json_t *json;
    memcpy(&json, field_in(field, base), sizeof json);
    return json;
}

static struct texts field_texts(const struct field *field, const void *base)
{
    struct texts texts;
    memcpy(&texts, field_in(field, base), sizeof texts);
    return texts;
}

static bool has_any(const struct table *table, const void *base)
{
    for (size_t i = 0; i < table->len; i++)
        if (body_has_field(&table->fields[i], base))
            return true;
    return false;
}

bool body_has_field(const struct field *field, const void *base)
{
    if (field->present)
        return field_present(field, base);
    switch (field->type) {
    case FIELD_KIND:
        return true;
    case FIELD_TEXT: {
        const char *text = field_text(field, base);
        return text && (field->required || !field->initial_text || strcmp(text, field->initial_text) != 0);
    }
    case FIELD_BOOL:
    case FIELD_INT:
        return field->required || field_number(field, base) != field->initial;
    case FIELD_ENUM:
        return field->required || field_number(field, base) != field->initial;
    case FIELD_TEXTS:
        return field->required || field_texts(field, base).len > 0;
    case FIELD_STRUCT:
        return field->required || has_any(field->sub, field_in(field, base));
    case FIELD_LIST:
        return field->required || field_items(field, base).len > 0;
    case FIELD_JSON:
        return field->required || json_object_size(field_json(field, base)) > 0;
    }
    return false;
}

static void write_texts(struct buf *out, struct texts texts)
{
    buf_addc(out, '[');
    for (size_t i = 0; i < texts.len; i++) {
        if (i)
            buf_addc(out, ',');
        write_text(out, texts.items[i]);
    }
    buf_addc(out, ']');
}

static void write_list(struct buf *out, const struct field *field, const void *base)
{
    struct items list = field_items(field, base);
    buf_addc(out, '[');
    for (size_t i = 0; i < list.len; i++) {
        if (i)
            buf_addc(out, ',');
        body_write_struct(out, field->sub, list.items + i * field->sub->size);
    }
    buf_addc(out, ']');
}

void body_write_field(struct buf *out, const struct field *field, const void *base)
{
    switch (field->type) {
    case FIELD_KIND:
        break;
    case FIELD_TEXT:
        write_text(out, field_text(field, base));
        break;
    case FIELD_BOOL:
        buf_adds(out, field_number(field, base) ? "true" : "false");
        break;
    case FIELD_INT:
        buf_addf(out, "%" PRId64, field_number(field, base));
        break;
    case FIELD_ENUM: {
        int64_t number = field_number(field, base), i = 0;
        while (i < number && field->values[i])
            i++;
        write_text(out, field->values[i]);
        break;
    }
    case FIELD_TEXTS:
        write_texts(out, field_texts(field, base));
        break;
    case FIELD_STRUCT:
        body_write_struct(out, field->sub, field_in(field, base));
        break;
    case FIELD_LIST:
        write_list(out, field, base);
        break;
    case FIELD_JSON:
        if (field_json(field, base))
            json_write_canonical(out, field_json(field, base));
        else
            buf_adds(out, "{}");
        break;
    }
}

static void write_key(struct buf *out, char before, const char *key)
{
    size_t len = strlen(key);
    char *to = buf_reserve(out, len + 5);
    *to++ = before;
    *to++ = '"';
    memcpy(to, key, len);
    memcpy(to + len, "\":", 3);
    out->len += len + 4;
}

static void write_struct(struct buf *out, const char *kind, const struct table *table, const void *base)
{
    char next = '{';
    for (size_t i = 0; i < table->len; i++) {
        const struct field *field = &table->fields[i];
        if (field->type == FIELD_KIND ? !kind : !body_has_field(field, base))
            continue;
        write_key(out, next, field->key);
        next = ',';
        if (field->type == FIELD_KIND)
            write_text(out, kind);
        else
            body_write_field(out, field, base);
    }
    if (next == '{')
        buf_addc(out, '{');
    buf_addc(out, '}');
}

void body_write_struct(struct buf *out, const struct table *table, const void *base)
{
    write_struct(out, NULL, table, base);
}

void body_write(struct buf *out, enum object_kind kind, const void *data)
{
    if (object_tables[kind]->open)
        json_write_canonical(out, ((const struct definition *)data)->body);
    else
        write_struct(out, object_kind_names[kind], object_tables[kind], data);
}

static void tree_of(struct arena *arena, const json_t *json, struct yaml_node *node)
{
    *node = (struct yaml_node){.type = YAML_SCALAR, .line = 1, .column = 1};
    switch (json_typeof(json)) {
    case JSON_OBJECT: {
        node->type = YAML_MAPPING;
        node->keys = arena_calloc(arena, json_object_size(json), sizeof *node->keys);
        node->items = arena_calloc(arena, json_object_size(json), sizeof *node->items);
        const char *key;
        json_t *value;
        json_object_foreach((json_t *)json, key, value)
        {
            node->keys[node->len] = (struct yaml_node){.type = YAML_SCALAR, .quoted = true, .text = str_from(key)};
            tree_of(arena, value, &node->items[node->len++]);
        }
        break;
    }
    case JSON_ARRAY:
        node->type = YAML_SEQUENCE;
        node->len = json_array_size(json);
        node->items = arena_calloc(arena, node->len, sizeof *node->items);
        for (size_t i = 0; i < node->len; i++)
            tree_of(arena, json_array_get(json, i), &node->items[i]);
        break;
    case JSON_STRING:
        node->quoted = true;
        node->text = (struct str){json_string_value(json), json_string_length(json)};
        break;
    case JSON_INTEGER:
        node->scalar = YAML_INT;
        node->text = str_from(arena_printf(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(json)));
        break;
    case JSON_REAL:
        node->scalar = YAML_FLOAT;
        node->text = str_from(arena_printf(arena, "%.17g", json_real_value(json)));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        node->scalar = YAML_BOOL;
        node->text = json_is_true(json) ? STR("true") : STR("false");
        break;
    case JSON_NULL:
        node->scalar = YAML_NULL;
        node->text = STR("null");
        break;
    }
}

int body_tree(struct arena *arena, struct str body, struct yaml_node **out, struct err *err)
{
    const struct yaml_limits limits = {.bytes = SIZE_MAX, .depth = SIZE_MAX, .nodes = SIZE_MAX};
    size_t count;
    json_t *json;
    /* What this file writes is YAML too, on one line, and read several times as fast as by jansson. */
    if (str_is_utf8(body) && yaml_fast(arena, arena, body, &limits, out, &count) && count == 1)
        return 0;
    int rc = json_read(arena, body, &json, err);
    if (rc)
        return rc;
    *out = arena_alloc(arena, sizeof **out);
    tree_of(arena, json, *out);
    return 0;
}
