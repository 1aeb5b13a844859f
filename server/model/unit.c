#include "model/unit.h"

#include "model/body.h"
#include "model/checks.h"
#include "model/reader.h"

#include "base/crypto.h"

#include <stdatomic.h>

struct unit *unit_retain(struct unit *unit)
{
    atomic_fetch_add(&unit->references, 1);
    return unit;
}

void unit_release(struct unit *unit)
{
    if (unit && atomic_fetch_sub(&unit->references, 1) == 1)
        arena_free(unit->arena);
}

/* A unit in the making. */
struct making {
    struct unit *unit;
    struct reader reader;
    vec(struct object) objects;
    vec(struct place) names;
};

struct unit *unit_begin(const char *path)
{
    struct arena *arena = arena_new();
    struct unit *unit = arena_alloc(arena, sizeof *unit);
    unit->arena = arena;
    unit->path = arena_strdup(arena, path);
    unit->reading.arena = unit->checked.arena = arena;
    unit->references = 1;
    return unit;
}

static void note_stores(struct workspace *workspace)
{
    vec_each(group, &workspace->groups) vec_each(sink, &group->sinks)
    {
        if (sink->store)
            name_filter_add(&workspace->stores, sink->store);
    }
}

void *unit_data(struct reader *reader, enum object_kind kind, const char *name, const struct yaml_node *document)
{
    const struct table *table = object_tables[kind];
    void *data = arena_alloc(reader->arena, table->size);
    if (table->open) {
        struct definition *definition = data;
        definition->name = name;
        definition->body = json_own(reader->arena, reader_json(reader, document));
    } else {
        reader_struct(reader, table, data, document);
    }
    if (kind == OBJECT_PSP && !((struct psp *)data)->parameters)
        ((struct psp *)data)->parameters = json_own(reader->arena, json_object());
    if (kind == OBJECT_WORKSPACE)
        note_stores(data);
    return data;
}

/* The kind that the document says, or false after a finding. */
static bool read_kind(struct reader *reader, const struct yaml_node *document, enum object_kind *kind)
{
    if (document->type != YAML_MAPPING) {
        check_report(reader->findings, CHECK_DOCUMENT, reader_place(reader, document),
                     "the document is no mapping with \"kind\" and \"name\"");
        return false;
    }
    const struct yaml_node *node = yaml_get(document, "kind");
    if (!node) {
        check_report(reader->findings, CHECK_MISSING_KIND, reader_place(reader, document),
                     "the document has no \"kind\"");
        return false;
    }
    const char *text =
        node->type == YAML_SCALAR ? arena_strndup(reader->findings->arena, node->text.data, node->text.len) : "";
    if (object_kind_parse(text, kind))
        return true;
    const char *names[OBJECT_KIND_COUNT + 1] = {0};
    memcpy(names, object_kind_names, sizeof object_kind_names);
    struct finding *finding =
        check_report(reader->findings, CHECK_UNKNOWN_KIND, reader_place(reader, node), "there is no kind \"%s\"", text);
    check_suggest_list(reader->findings, finding, names, text);
    return false;
}

/* The name that the document says, or NULL when there is none to know it by; the finding comes with the other keys,
 * but for kinds that are kept as a tree. */
static const char *read_name(struct reader *reader, enum object_kind kind, const struct yaml_node *document)
{
    const struct yaml_node *node = yaml_get(document, "name");
    bool good = node && node->type == YAML_SCALAR && str_is_name(node->text);
    if (object_tables[kind]->open) { /* nothing else reads it as a text */
        good = good && (node->quoted || node->scalar == YAML_STRING);
        if (!good && node)
            check_report(reader->findings, CHECK_BAD_NAME, reader_place(reader, node), "\"name\" is no name");
        else if (!node)
            check_report(reader->findings, CHECK_MISSING_KEY, reader_place(reader, document), "%s has no \"name\"",
                         object_tables[kind]->name);
    }
    return good ? arena_strndup(reader->arena, node->text.data, node->text.len) : NULL;
}

static void read_document(struct making *making, const struct yaml_node *document)
{
    struct reader *reader = &making->reader;
    enum object_kind kind;
    if (!read_kind(reader, document, &kind))
        return;
    const char *name = read_name(reader, kind, document);
    void *data = unit_data(reader, kind, name, document);
    if (!name)
        return;
    *vec_push(reader->arena, &making->objects) =
        (struct object){.kind = kind, .name = name, .place = reader_place(reader, document), .data = data};
    *vec_push(reader->arena, &making->names) = reader_place(reader, yaml_get(document, "name"));
}

static void yaml_problem(void *ctx, unsigned line, unsigned column, const char *code, const char *text)
{
    struct reader *reader = ctx;
    (void)findings_add(reader->findings, SEVERITY_ERROR, code, (struct place){reader->path, line, column}, "%s", text);
}

static bool is_yaml(const char *path)
{
    struct str text = str_from(path);
    return str_ends(text, STR(".yaml")) || str_ends(text, STR(".yml"));
}

/* .github/workflows/ci.yaml and the like are not the model's. */
static bool is_hidden(const char *path)
{
    return path[0] == '.' || strstr(path, "/.") != NULL;
}

static void write_bodies(struct unit *unit)
{
    struct buf out = {0};
    for (size_t i = 0; i < unit->count; i++) {
        struct object *object = &unit->objects[i];
        buf_cut(&out, 0);
        body_write(&out, object->kind, object->data);
        object->body = (struct str){arena_strndup(unit->arena, out.data, out.len), out.len};
        crypto_sha256_hex(object->body, object->hash);
    }
    buf_dispose(&out);
}

static void read_documents(struct unit *unit, struct str data, const struct model_limits *limits)
{
    const struct yaml_limits yaml = {.bytes = limits->file_bytes, .depth = limits->depth, .nodes = limits->nodes};
    struct making making = {
        .unit = unit,
        .reader = {
            .arena = unit->arena, .findings = &unit->reading, .path = unit->path, .places = places_new(unit->arena)}};
    struct arena *scratch = arena_new();
    struct yaml_node *documents;
    size_t count = yaml_read(scratch, data, &yaml, yaml_problem, &making.reader, &documents);
    for (size_t d = 0; d < count; d++)
        read_document(&making, &documents[d]);
    arena_free(scratch);
    unit->places = making.reader.places;
    unit->objects = making.objects.items;
    unit->names = making.names.items;
    unit->count = making.objects.len;
}

/* As a model of nothing else: what is found depends on nothing else. */
static void check_alone(struct unit *unit)
{
    const struct model model = {.arena = unit->arena,
                                .objects = unit->objects,
                                .count = unit->count,
                                .units = &unit,
                                .unit_count = 1,
                                .own_units = 1};
    if (unit->count)
        model_check_alone(&model, &unit->checked);
}

static void set_file(struct unit *unit, struct str data)
{
    struct model_file *file = arena_alloc(unit->arena, sizeof *file);
    *file = (struct model_file){unit->path, {arena_strndup(unit->arena, data.data, data.len), data.len}};
    unit->file = file;
}

struct unit *unit_of_file(const char *path, struct str data)
{
    struct unit *unit = unit_begin(path);
    unit->stored = true;
    set_file(unit, data);
    unit->bytes = arena_size(unit->arena);
    return unit;
}

struct unit *unit_read(const char *path, struct str data, const struct model_limits *limits)
{
    struct unit *unit = unit_begin(path);
    if (!is_hidden(path) && is_yaml(path)) {
        read_documents(unit, data, limits);
        write_bodies(unit);
        check_alone(unit);
    } else if (!is_hidden(path)) {
        set_file(unit, data);
    }
    unit->bytes = arena_size(unit->arena);
    return unit;
}
