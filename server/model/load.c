#include "model/body.h"
#include "model/checks.h"
#include "model/reader.h"

#include "base/crypto.h"

#include <stdlib.h>

const struct model_limits model_limits_default = {
    .file_bytes = 4u << 20, .depth = 32, .nodes = 2000000, .objects = 100000};

bool object_kind_parse(const char *text, enum object_kind *out)
{
    for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++)
        if (text && strcmp(text, object_kind_names[kind]) == 0) {
            *out = (enum object_kind)kind;
            return true;
        }
    return false;
}

const struct object *model_find(const struct model *model, enum object_kind kind, const char *name)
{
    return name ? map_getz(&model->by_kind[kind], name) : NULL;
}

const struct object *model_ecosystem(const struct model *model)
{
    return model->count && model->objects[0].kind == OBJECT_ECOSYSTEM ? &model->objects[0] : NULL;
}

/* What a load remembers. */
struct load {
    struct reader reader;
    struct model *model;
    vec(struct object) objects;
    struct map seen[OBJECT_KIND_COUNT]; /* name -> struct place */
    const struct model_limits *limits;
    bool too_many;
};

static struct load load_begin(struct arena *arena, struct findings *findings)
{
    struct model *model = arena_alloc(arena, sizeof *model);
    model->arena = arena;
    model->files.arena = arena;
    struct load load = {.model = model, .reader = {.arena = arena, .findings = findings}};
    for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++) {
        model->by_kind[kind].arena = arena;
        load.seen[kind].arena = arena;
    }
    return load;
}

static int compare_objects(const void *a, const void *b)
{
    const struct object *x = a, *y = b;
    return x->kind != y->kind ? (x->kind > y->kind) - (x->kind < y->kind) : strcmp(x->name, y->name);
}

static struct model *load_end(struct load *load)
{
    struct model *model = load->model;
    model->objects = load->objects.items;
    model->count = load->objects.len;
    if (model->count > 1)
        qsort(model->objects, model->count, sizeof *model->objects, compare_objects);
    for (size_t i = 0; i < model->count; i++)
        (void)map_put(&model->by_kind[model->objects[i].kind], str_from(model->objects[i].name), &model->objects[i]);
    return model;
}

static void *read_data(struct reader *reader, enum object_kind kind, const char *name, const struct yaml_node *document)
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

static void read_document(struct load *load, const struct yaml_node *document)
{
    struct reader *reader = &load->reader;
    enum object_kind kind;
    if (!read_kind(reader, document, &kind))
        return;
    if (load->objects.len == load->limits->objects) {
        if (!load->too_many)
            check_report(reader->findings, CHECK_TOO_MANY_OBJECTS, reader_place(reader, document),
                         "the model has more than %zu objects", load->limits->objects);
        load->too_many = true;
        return;
    }
    const char *name = read_name(reader, kind, document);
    void *data = read_data(reader, kind, name, document);
    if (!name)
        return;
    const struct yaml_node *name_node = yaml_get(document, "name");
    struct place *place = arena_alloc(reader->arena, sizeof *place);
    *place = reader_place(reader, name_node);
    const struct place *first = map_getz(&load->seen[kind], name);
    if (first) {
        struct finding *finding = check_report(reader->findings, CHECK_DUPLICATE_NAME, *place,
                                               "%s \"%s\" is defined twice", object_kind_names[kind], name);
        finding_hint(reader->findings, finding, "it is defined at %s:%u:%u", first->path, first->line, first->column);
        return;
    }
    (void)map_put(&load->seen[kind], str_from(name), place);
    *vec_push(reader->arena, &load->objects) =
        (struct object){.kind = kind, .name = name, .place = reader_place(reader, document), .data = data};
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

static int compare_files(const void *a, const void *b)
{
    const struct model_file *const *x = a, *const *y = b;
    return strcmp((*x)->path, (*y)->path);
}

static void write_bodies(struct load *load)
{
    struct buf out = {0};
    vec_each(object, &load->objects)
    {
        buf_cut(&out, 0);
        body_write(&out, object->kind, object->data);
        object->body = (struct str){arena_strndup(load->model->arena, out.data, out.len), out.len};
        crypto_sha256_hex(object->body, object->hash);
    }
    buf_dispose(&out);
}

struct model *model_load_limited(struct arena *arena, const struct model_file *files, size_t n,
                                 const struct model_limits *limits, struct findings *findings)
{
    struct load load = load_begin(arena, findings);
    load.limits = limits;
    load.reader.places = load.model->places = places_new(arena);
    const struct model_file **sorted = arena_calloc(arena, n, sizeof *sorted);
    for (size_t i = 0; i < n; i++)
        sorted[i] = &files[i];
    if (n > 1)
        qsort(sorted, n, sizeof *sorted, compare_files);
    const struct yaml_limits yaml = {.bytes = limits->file_bytes, .depth = limits->depth, .nodes = limits->nodes};
    struct arena *scratch = arena_new();
    for (size_t i = 0; i < n; i++) {
        if (is_hidden(sorted[i]->path))
            continue;
        load.reader.path = arena_strdup(arena, sorted[i]->path);
        if (!is_yaml(load.reader.path)) {
            struct model_file *file = arena_alloc(arena, sizeof *file);
            *file = (struct model_file){
                load.reader.path,
                {arena_strndup(arena, sorted[i]->data.data, sorted[i]->data.len), sorted[i]->data.len}};
            (void)map_put(&load.model->files, str_from(file->path), file);
            continue;
        }
        struct yaml_node *documents;
        size_t count = yaml_read(scratch, sorted[i]->data, &yaml, yaml_problem, &load.reader, &documents);
        for (size_t d = 0; d < count; d++)
            read_document(&load, &documents[d]);
        arena_reset(scratch);
    }
    arena_free(scratch);
    write_bodies(&load);
    return load_end(&load);
}

struct model *model_load(struct arena *arena, const struct model_file *files, size_t n, struct findings *findings)
{
    return model_load_limited(arena, files, n, &model_limits_default, findings);
}

int model_from_bodies(struct arena *arena, const struct model_body *bodies, size_t n, struct model **out,
                      struct err *err)
{
    struct arena *scratch = arena_new();
    struct findings findings = {.arena = scratch};
    struct load load = load_begin(arena, &findings);
    load.reader.stored = true;
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++) {
        const struct model_body *body = &bodies[i];
        struct yaml_node *tree;
        struct err why = {0};
        struct object object = {.kind = body->kind,
                                .name = arena_strdup(arena, body->name),
                                .place = {arena_strdup(arena, body->place.path), body->place.line, body->place.column},
                                .body = {arena_strndup(arena, body->body.data, body->body.len), body->body.len}};
        load.reader.place = object.place;
        if (body_tree(scratch, body->body, &tree, &why)) {
            rc = err_set(err, ERR_INTERNAL, "stored %s \"%s\" does not load: %s", object_kind_names[body->kind],
                         body->name, why.text);
            break;
        }
        object.data = read_data(&load.reader, body->kind, object.name, tree);
        if (findings.errors)
            rc = err_set(err, ERR_INTERNAL, "stored %s \"%s\" does not load: %s", object_kind_names[body->kind],
                         body->name, findings.list.items[0].text);
        crypto_sha256_hex(object.body, object.hash);
        *vec_push(arena, &load.objects) = object;
        arena_reset(scratch);
        findings = (struct findings){.arena = scratch};
    }
    arena_free(scratch);
    if (rc == 0)
        *out = load_end(&load);
    return rc;
}
