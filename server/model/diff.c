#include "model/diff.h"

#include "model/body.h"

#include <stdlib.h>

struct diff {
    json_t *changes;
    struct buf pointer;
    struct arena *arena; /* of ids and maps */
};

/* Appends "/key" and returns what to cut back to. */
static size_t push(struct diff *diff, const char *key)
{
    size_t len = diff->pointer.len;
    buf_addc(&diff->pointer, '/');
    for (; *key; key++) {
        if (*key == '~' || *key == '/')
            buf_adds(&diff->pointer, *key == '~' ? "~0" : "~1");
        else
            buf_addc(&diff->pointer, *key);
    }
    return len;
}

/* Takes over from and to; NULL is null. */
static void add(struct diff *diff, json_t *from, json_t *to)
{
    json_t *change = json_object();
    json_object_set_new(change, "pointer", json_string(buf_text(&diff->pointer)));
    json_object_set_new(change, "from", from ? from : json_null());
    json_object_set_new(change, "to", to ? to : json_null());
    json_array_append_new(diff->changes, change);
}

static json_t *value_of(struct buf *text)
{
    json_t *value = text->len ? json_loadb(text->data, text->len, JSON_DECODE_ANY, NULL) : NULL;
    buf_dispose(text);
    return value;
}

static json_t *struct_value(const struct table *table, const void *base)
{
    struct buf text = {0};
    body_write_struct(&text, table, base);
    return value_of(&text);
}

static json_t *field_value(const struct field *field, const void *base)
{
    struct buf text = {0};
    if (field_present(field, base))
        body_write_field(&text, field, base);
    return value_of(&text);
}

static bool same_texts(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_field(const struct field *field, const void *a, const void *b)
{
    if (field_present(field, a) != field_present(field, b))
        return false;
    switch (field->type) {
    case FIELD_KIND:
        return true;
    case FIELD_TEXT:
        return same_texts(field_text(field, a), field_text(field, b));
    case FIELD_BOOL:
    case FIELD_INT:
    case FIELD_ENUM:
        return field_number(field, a) == field_number(field, b);
    case FIELD_STRUCT:
        return diff_same_structs(field->sub, field_in(field, a), field_in(field, b));
    case FIELD_LIST: {
        struct items first = field_items(field, a), second = field_items(field, b);
        size_t size = field->sub->size, i = 0;
        while (i < first.len && first.len == second.len &&
               diff_same_structs(field->sub, first.items + i * size, second.items + i * size))
            i++;
        return i == first.len && first.len == second.len;
    }
    case FIELD_TEXTS: {
        struct texts first, second;
        memcpy(&first, field_in(field, a), sizeof first);
        memcpy(&second, field_in(field, b), sizeof second);
        size_t i = 0;
        while (i < first.len && first.len == second.len && same_texts(first.items[i], second.items[i]))
            i++;
        return i == first.len && first.len == second.len;
    }
    case FIELD_JSON:
        break; /* few: they are compared as values */
    }
    return false;
}

/* Without making a value of anything: most items of a list that differs are the same. */
bool diff_same_structs(const struct table *table, const void *a, const void *b)
{
    for (size_t i = 0; i < table->len; i++)
        if (!same_field(&table->fields[i], a, b))
            return false;
    return true;
}

static void diff_struct(struct diff *diff, const struct table *table, const void *from, const void *to);

/* The items of a list by id; an item without one is known by its place. */
struct side {
    struct items items;
    const char **ids;
    struct map by_id; /* id -> index + 1 as a pointer */
};

static struct side side_of(struct diff *diff, const struct field *field, const void *base)
{
    struct side side = {.items = field_items(field, base), .by_id = {.arena = diff->arena}};
    side.ids = arena_calloc(diff->arena, side.items.len, sizeof *side.ids);
    for (size_t i = 0; i < side.items.len; i++) {
        const char *id = fields_id(diff->arena, field->sub, side.items.items + i * field->sub->size);
        side.ids[i] = id ? id : arena_printf(diff->arena, "%zu", i);
        (void)map_put(&side.by_id, str_from(side.ids[i]), side.items.items + i * field->sub->size);
    }
    return side;
}

static void diff_order(struct diff *diff, const struct side *from, const struct side *to)
{
    json_t *a = json_array(), *b = json_array();
    for (size_t i = 0; i < from->items.len; i++)
        if (map_getz(&to->by_id, from->ids[i]))
            json_array_append_new(a, json_string(from->ids[i]));
    for (size_t i = 0; i < to->items.len; i++)
        if (map_getz(&from->by_id, to->ids[i]))
            json_array_append_new(b, json_string(to->ids[i]));
    if (!json_equal(a, b)) {
        add(diff, a, b);
        return;
    }
    json_decref(a);
    json_decref(b);
}

static void diff_list(struct diff *diff, const struct field *field, const void *from, const void *to)
{
    struct side a = side_of(diff, field, from), b = side_of(diff, field, to);
    diff_order(diff, &a, &b);
    for (size_t i = 0; i < a.items.len; i++) {
        const void *item = a.items.items + i * field->sub->size, *other = map_getz(&b.by_id, a.ids[i]);
        size_t len = push(diff, a.ids[i]);
        if (!other)
            add(diff, struct_value(field->sub, item), NULL);
        else if (!diff_same_structs(field->sub, item, other))
            diff_struct(diff, field->sub, item, other);
        buf_cut(&diff->pointer, len);
    }
    for (size_t i = 0; i < b.items.len; i++) {
        if (map_getz(&a.by_id, b.ids[i]))
            continue;
        size_t len = push(diff, b.ids[i]);
        add(diff, NULL, struct_value(field->sub, b.items.items + i * field->sub->size));
        buf_cut(&diff->pointer, len);
    }
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Whether every item is an object with a name of its own. */
static bool is_named(struct diff *diff, const json_t *list)
{
    struct map names = {.arena = diff->arena};
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)list, i, item)
    {
        const char *name = json_is_object(item) ? json_text(item, "name") : NULL;
        if (!name || map_put(&names, str_from(name), item))
            return false;
    }
    return true;
}

/* A named list as an object by name; a new reference. */
static json_t *by_name(const json_t *list)
{
    json_t *object = json_object();
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)list, i, item) json_object_set(object, json_text(item, "name"), item);
    return object;
}

static json_t *names_in(const json_t *list)
{
    json_t *names = json_array();
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)list, i, item) json_array_append(names, json_object_get(item, "name"));
    return names;
}

static void diff_json(struct diff *diff, const json_t *from, const json_t *to);

static void diff_members(struct diff *diff, const json_t *from, const json_t *to)
{
    vec(const char *) keys = {0};
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)from, key, value) * vec_push(diff->arena, &keys) = key;
    json_object_foreach((json_t *)to, key, value) if (!json_object_get(from, key)) * vec_push(diff->arena, &keys) = key;
    if (keys.len > 1)
        qsort(keys.items, keys.len, sizeof *keys.items, compare_keys);
    vec_each(item, &keys)
    {
        size_t len = push(diff, *item);
        diff_json(diff, json_object_get(from, *item), json_object_get(to, *item));
        buf_cut(&diff->pointer, len);
    }
}

static void diff_json(struct diff *diff, const json_t *from, const json_t *to)
{
    if (from && to && json_equal((json_t *)from, (json_t *)to))
        return;
    if (json_is_object(from) && json_is_object(to)) {
        diff_members(diff, from, to);
    } else if (json_is_array(from) && json_is_array(to) && is_named(diff, from) && is_named(diff, to)) {
        size_t before = json_array_size(diff->changes);
        json_t *a = by_name(from), *b = by_name(to);
        diff_members(diff, a, b);
        json_decref(a);
        json_decref(b);
        if (json_array_size(diff->changes) == before)
            add(diff, names_in(from), names_in(to)); /* only the order differs */
    } else {
        add(diff, json_incref((json_t *)from), json_incref((json_t *)to));
    }
}

static json_t *json_member(const struct field *field, const void *base)
{
    json_t *json;
    memcpy(&json, field_in(field, base), sizeof json);
    return json;
}

static void diff_value(struct diff *diff, const struct field *field, const void *from, const void *to)
{
    json_t *a = field_value(field, from), *b = field_value(field, to);
    if (a && b && json_equal(a, b)) {
        json_decref(a);
        json_decref(b);
    } else if (a || b) {
        add(diff, a, b);
    }
}

static void diff_field(struct diff *diff, const struct field *field, const void *from, const void *to)
{
    if (field->type == FIELD_LIST) {
        diff_list(diff, field, from, to);
    } else if (field->type == FIELD_JSON) {
        diff_json(diff, json_member(field, from), json_member(field, to));
    } else if (field->type != FIELD_STRUCT) {
        diff_value(diff, field, from, to);
    } else {
        bool has = body_has_field(field, from), will = body_has_field(field, to);
        if (has && will)
            diff_struct(diff, field->sub, field_in(field, from), field_in(field, to));
        else if (has != will)
            add(diff, has ? struct_value(field->sub, field_in(field, from)) : NULL,
                will ? struct_value(field->sub, field_in(field, to)) : NULL);
    }
}

static void diff_struct(struct diff *diff, const struct table *table, const void *from, const void *to)
{
    for (size_t i = 0; i < table->len; i++) {
        if (table->fields[i].type == FIELD_KIND)
            continue;
        size_t len = push(diff, table->fields[i].key);
        diff_field(diff, &table->fields[i], from, to);
        buf_cut(&diff->pointer, len);
    }
}

static json_t *finish(struct diff *diff)
{
    buf_dispose(&diff->pointer);
    arena_free(diff->arena);
    return diff->changes;
}

json_t *diff_structs(const struct table *table, const void *from, const void *to)
{
    struct diff diff = {.changes = json_array(), .arena = arena_new()};
    diff_struct(&diff, table, from, to);
    return finish(&diff);
}

json_t *diff_objects(const struct object *from, const struct object *to)
{
    if (!object_tables[from->kind]->open)
        return diff_structs(object_tables[from->kind], from->data, to->data);
    struct diff diff = {.changes = json_array(), .arena = arena_new()};
    diff_json(&diff, from->definition->body, to->definition->body);
    return finish(&diff);
}
