#include "stack/library.h"

#include "base/embed.h"
#include "model/checks.h"
#include "stack/reach.h"

#include <stdio.h>

struct stack_library {
    struct arena *arena;
    const struct stack_library *base; /* what is not here is there; NULL for the built-in one */
    const struct model *model;        /* whose files templates may be */
    struct template_env *templates;
    struct map components, assemblies;
    struct stack_cache *cache; /* the base's, or its own */
};

static const struct template_options template_options = {.trim_blocks = true, .lstrip_blocks = true};

static bool load_built_in(void *ctx, const char *name, struct str *text)
{
    char path[256];
    (void)ctx;
    int len = snprintf(path, sizeof path, "templates/%s", name);
    const struct embed_file *file = len > 0 && (size_t)len < sizeof path ? embed_find(path) : NULL;
    if (file)
        *text = file->data;
    return file != NULL;
}

/* "model/PATH" is a file of the model, by the exact path that it was read under; anything else is built in. */
static bool load_model(void *ctx, const char *name, struct str *text)
{
    const struct stack_library *library = ctx;
    struct str path = str_from(name);
    if (!library->model || !str_starts(path, STR("model/")) || str_starts(path, STR("model//")))
        return load_built_in(NULL, name, text);
    const struct model_file *file = map_getz(&library->model->files, name + strlen("model/"));
    if (file && str_ends(path, STR(".j2")))
        *text = file->data;
    return file && str_ends(path, STR(".j2"));
}

/* Everything that the component's artifacts and offers are made of. */
static void hash_component(struct stack_library *library, struct component *component, struct str declaration)
{
    struct reach reach = {.arena = library->arena,
                          .load = load_model,
                          .ctx = library,
                          .files = library->model ? &library->model->files : NULL,
                          .seen = {.arena = library->arena}};
    reach_add_text(&reach, declaration);
    for (size_t i = 0; i < component->artifact_count; i++)
        reach_add(&reach, component->artifacts[i].template);
    reach_hash(&reach, declaration, component->hash);
}

static int read_declaration(struct stack_library *library, const struct embed_file *file, struct err *err)
{
    struct str path = str_from(file->path);
    int rc = 0;
    if (str_starts(path, STR("templates/components/")) && str_ends(path, STR("/component.yaml"))) {
        struct component *component = arena_alloc(library->arena, sizeof *component);
        rc = component_read(library->arena, file->path, file->data, component, err);
        component->templates = library->templates;
        if (rc == 0)
            hash_component(library, component, file->data);
        if (rc == 0)
            map_put(&library->components, str_from(component->name), component);
    } else if (str_starts(path, STR("templates/assemblies/"))) {
        struct assembly *assembly = arena_alloc(library->arena, sizeof *assembly);
        rc = assembly_read(library->arena, file->path, file->data, assembly, err);
        if (rc == 0)
            map_put(&library->assemblies, str_from(assembly->name), assembly);
    }
    return rc;
}

/* A typing error in a built-in declaration stops the program at its start, not a customer's commit. */
static int check_all(const struct stack_library *library, struct err *err)
{
    struct findings findings = {.arena = library->arena};
    map_each(entry, &library->assemblies) assembly_check(library->arena, library, entry->value, &findings);
    if (!findings.list.len)
        return 0;
    const struct finding *first = &findings.list.items[0];
    return err_set(err, ERR_SYNTAX, "%s:%u: %s", first->place.path, first->place.line, first->text);
}

int stack_library_new(struct stack_library **out, struct err *err)
{
    struct arena *arena = arena_new();
    struct stack_library *library = arena_alloc(arena, sizeof *library);
    *library = (struct stack_library){.arena = arena, .components = {.arena = arena}, .assemblies = {.arena = arena}};
    struct template_options options = template_options;
    options.load = load_built_in;
    library->templates = template_env_new(&options);
    library->cache = stack_cache_new(STACK_CACHE_BYTES);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < embed_file_count; i++)
        rc = read_declaration(library, &embed_files[i], err);
    if (rc == 0)
        rc = check_all(library, err);
    if (rc < 0)
        stack_library_free(library);
    else
        *out = library;
    return rc;
}

void stack_library_free(struct stack_library *library)
{
    if (!library)
        return;
    stack_cache_free(library->cache);
    template_env_free(library->templates);
    arena_free(library->arena);
}

struct stack_cache *library_cache(const struct stack_library *library)
{
    return library->cache;
}

const struct component *library_component(const struct stack_library *library, const char *name)
{
    const struct component *found = map_getz(&library->components, name);
    return found || !library->base ? found : library_component(library->base, name);
}

const struct assembly *library_assembly(const struct stack_library *library, const char *name)
{
    const struct assembly *found = map_getz(&library->assemblies, name);
    return found || !library->base ? found : library_assembly(library->base, name);
}

const struct map *library_components(const struct stack_library *library)
{
    return &library->components;
}

const struct stack_library *library_base(const struct stack_library *library)
{
    return library->base;
}

const struct map *library_assemblies(const struct stack_library *library)
{
    return &library->assemblies;
}

static void refuse(struct findings *findings, const struct object *object, const char *text)
{
    check_report(findings, CHECK_DEFINITION, object->place, "%s %s: %s", object_kind_names[object->kind], object->name,
                 text);
}

static const char *file_of(const struct object *object)
{
    return object->place.path ? object->place.path : object->name;
}

static void add_component(struct stack_library *library, const struct object *object, struct findings *findings)
{
    struct component *component = arena_alloc(library->arena, sizeof *component);
    struct err err = {0};
    if (library_component(library->base, object->name)) {
        refuse(findings, object, "the name is that of a built-in component");
        return;
    }
    if (component_read_own(library->arena, object->body, file_of(object), object->place.line, component, &err) < 0) {
        refuse(findings, object, err.text);
        return;
    }
    for (size_t i = 0; i < component->artifact_count; i++) {
        struct str text;
        if (!load_model(library, component->artifacts[i].template, &text))
            refuse(findings, object,
                   arena_printf(library->arena, "the model has no file %s",
                                component->artifacts[i].template + strlen("model/")));
    }
    component->templates = library->templates;
    hash_component(library, component, object->body);
    map_put(&library->components, str_from(object->name), component);
}

static void add_assembly(struct stack_library *library, const struct object *object, struct findings *findings)
{
    struct assembly *assembly = arena_alloc(library->arena, sizeof *assembly);
    struct err err = {0};
    if (library_assembly(library->base, object->name)) {
        refuse(findings, object, "the name is that of a built-in assembly");
        return;
    }
    if (assembly_read_own(library->arena, object->body, file_of(object), object->place.line, assembly, &err) < 0) {
        refuse(findings, object, err.text);
        return;
    }
    struct findings own = {.arena = findings->arena};
    assembly_check(library->arena, library, assembly, &own);
    vec_each(finding, &own.list) check_report(findings, CHECK_ASSEMBLY, object->place, "%s", finding->text);
    map_put(&library->assemblies, str_from(object->name), assembly);
}

static void free_templates(void *templates)
{
    template_env_free(templates);
}

const struct stack_library *library_with_model(struct arena *arena, const struct stack_library *base,
                                               const struct model *model, struct findings *findings)
{
    const struct map *components = &model->by_kind[OBJECT_COMPONENT], *assemblies = &model->by_kind[OBJECT_ASSEMBLY];
    if (components->len == 0 && assemblies->len == 0)
        return base;
    struct stack_library *library = arena_alloc(arena, sizeof *library);
    *library = (struct stack_library){.arena = arena,
                                      .base = base,
                                      .model = model,
                                      .cache = base->cache,
                                      .components = {.arena = arena},
                                      .assemblies = {.arena = arena}};
    struct template_options options = template_options;
    options.load = load_model;
    options.load_ctx = library;
    library->templates = template_env_new(&options);
    arena_defer(arena, free_templates, library->templates);
    map_each(entry, components) add_component(library, entry->value, findings);
    map_each(entry, assemblies) add_assembly(library, entry->value, findings);
    return library;
}
