#include "stack/tree.h"

#include "base/map.h"
#include "base/vec.h"
#include "stack/media.h"
#include "stack/parameter.h"

struct document {
    const char *object; /* what it is; NULL: the only one, and no object of Kubernetes */
    const json_t *value;
    bool matched;
};

struct documents {
    struct document *items;
    size_t len;
};

struct comparison {
    struct arena *arena;
    const char *object;
    vec(struct stack_path) paths;
};

static const char *name_document(struct arena *arena, const json_t *value, size_t i, size_t count)
{
    const char *version = json_text(value, "apiVersion"), *kind = json_text(value, "kind");
    const json_t *metadata = json_object_get(value, "metadata");
    const char *name = json_text(metadata, "name"), *namespace = json_text(metadata, "namespace");
    if (version && kind && name)
        return arena_printf(arena, "%s %s %s%s%s", version, kind, namespace ? namespace : "", namespace ? "/" : "",
                            name);
    return count == 1 ? NULL : arena_printf(arena, "document %zu", i + 1);
}

static bool read_yaml(struct arena *arena, struct str text, struct documents *out)
{
    struct yaml_node *nodes;
    size_t n = media_read_yaml(arena, text, &nodes);
    if (n == 0)
        return false;
    *out = (struct documents){arena_calloc(arena, n, sizeof *out->items), n};
    for (size_t i = 0; i < n; i++) {
        const json_t *value = parameter_value(arena, &nodes[i]);
        out->items[i] = (struct document){.object = name_document(arena, value, i, n), .value = value};
    }
    return true;
}

static bool read_json(struct arena *arena, struct str text, struct documents *out)
{
    json_t *value;
    struct err ignored = {0};
    if (json_read(arena, text, &value, &ignored) < 0)
        return false;
    *out = (struct documents){arena_calloc(arena, 1, sizeof *out->items), 1};
    out->items[0] = (struct document){.value = value};
    return true;
}

static bool read_documents(struct arena *arena, const char *media_type, struct str text, struct documents *out)
{
    if (strcmp(media_type, "application/yaml") == 0)
        return read_yaml(arena, text, out);
    return strcmp(media_type, "application/json") == 0 && read_json(arena, text, out);
}

static void add(struct comparison *c, const char *pointer, const json_t *from, const json_t *to)
{
    *vec_push(c->arena, &c->paths) = (struct stack_path){c->object, pointer, from, to};
}

/* RFC 6901: '~' and '/' of a key are escaped. */
static const char *pointer_key(struct arena *arena, const char *pointer, const char *key)
{
    if (!strpbrk(key, "~/"))
        return arena_printf(arena, "%s/%s", pointer, key);
    struct buf *out = buf_new(arena);
    buf_addf(out, "%s/", pointer);
    for (; *key; key++) {
        if (*key == '~' || *key == '/')
            buf_adds(out, *key == '~' ? "~0" : "~1");
        else
            buf_addc(out, *key);
    }
    return buf_text(out);
}

static const char *pointer_item(struct arena *arena, const char *pointer, size_t i)
{
    return arena_printf(arena, "%s/%zu", pointer, i);
}

static void compare(struct comparison *c, const char *pointer, const json_t *from, const json_t *to);

static void compare_maps(struct comparison *c, const char *pointer, const json_t *from, const json_t *to)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)from, key, value)
        compare(c, pointer_key(c->arena, pointer, key), value, json_object_get(to, key));
    json_object_foreach((json_t *)(uintptr_t)to, key, value)
    {
        if (!json_object_get(from, key))
            add(c, pointer_key(c->arena, pointer, key), NULL, value);
    }
}

/* name -> 1 + place of a list whose items are maps with names of their own; false for any other list. */
static bool index_names(const json_t *list, struct map *out)
{
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)(uintptr_t)list, i, item)
    {
        const char *name = json_text(item, "name");
        if (!name || map_put(out, str_from(name), (void *)(i + 1)))
            return false;
    }
    return true;
}

/* Containers, variables, volumes, ports: who they are is their name, not their place. */
static bool compare_named(struct comparison *c, const char *pointer, const json_t *from, const json_t *to)
{
    struct map older = {.arena = c->arena}, newer = {.arena = c->arena};
    if (!index_names(from, &older) || !index_names(to, &newer))
        return false;
    size_t before = c->paths.len;
    map_each(entry, &older)
    {
        size_t old = (uintptr_t)entry->value - 1, new = (uintptr_t)map_get(&newer, entry->key);
        if (new)
            compare(c, pointer_item(c->arena, pointer, new - 1), json_array_get(from, old),
                    json_array_get(to, new - 1));
        else
            add(c, pointer_item(c->arena, pointer, old), json_array_get(from, old), NULL);
    }
    map_each(entry, &newer)
    {
        size_t new = (uintptr_t)entry->value - 1;
        if (!map_get(&older, entry->key))
            add(c, pointer_item(c->arena, pointer, new), NULL, json_array_get(to, new));
    }
    if (c->paths.len == before) /* nothing but their order */
        add(c, pointer, from, to);
    return true;
}

/* By place, without what is alike at both ends. */
static void compare_places(struct comparison *c, const char *pointer, const json_t *from, const json_t *to)
{
    size_t n = json_array_size(from), m = json_array_size(to), head = 0, tail = 0;
    while (head < n && head < m && json_equal(json_array_get(from, head), json_array_get(to, head)))
        head++;
    while (tail < n - head && tail < m - head &&
           json_equal(json_array_get(from, n - tail - 1), json_array_get(to, m - tail - 1)))
        tail++;
    for (size_t i = head; i < n - tail || i < m - tail; i++) {
        const json_t *older = i < n - tail ? json_array_get(from, i) : NULL;
        const char *at = pointer_item(c->arena, pointer, i);
        if (i < m - tail)
            compare(c, at, older, json_array_get(to, i));
        else
            add(c, at, older, NULL);
    }
}

/* Recursion is bounded by the depth that artifacts may have. */
static void compare(struct comparison *c, const char *pointer, const json_t *from, const json_t *to)
{
    if (from && to && json_equal(from, to))
        return;
    if (json_is_object(from) && json_is_object(to))
        compare_maps(c, pointer, from, to);
    else if (!json_is_array(from) || !json_is_array(to))
        add(c, pointer, from, to);
    else if (!compare_named(c, pointer, from, to))
        compare_places(c, pointer, from, to);
}

static void compare_document(struct comparison *c, const char *object, const json_t *from, const json_t *to)
{
    c->object = object;
    compare(c, "", from, to);
}

static void compare_all(struct comparison *c, struct documents *from, struct documents *to)
{
    struct map newer = {.arena = c->arena};
    for (size_t i = 0; i < to->len; i++)
        map_put(&newer, str_from(to->items[i].object ? to->items[i].object : ""), &to->items[i]);
    for (size_t i = 0; i < from->len; i++) {
        const struct document *older = &from->items[i];
        struct document *match = map_getz(&newer, older->object ? older->object : "");
        compare_document(c, older->object, older->value, match ? match->value : NULL);
        if (match)
            match->matched = true;
    }
    for (size_t i = 0; i < to->len; i++)
        if (!to->items[i].matched)
            compare_document(c, to->items[i].object, NULL, to->items[i].value);
}

void tree_compare(struct arena *arena, const char *media_type, struct str from, struct str to,
                  struct stack_path **paths, size_t *count)
{
    struct comparison c = {.arena = arena};
    struct documents older, newer;
    if (!read_documents(arena, media_type, from, &older) || !read_documents(arena, media_type, to, &newer))
        return;
    compare_all(&c, &older, &newer);
    *paths = c.paths.items;
    *count = c.paths.len;
}
