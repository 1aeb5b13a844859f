#include "stack/library.h"

#include "base/embed.h"
#include "base/map.h"

struct stack_library {
    struct arena *arena;
    struct template_env *templates;
    struct map components, assemblies;
};

static bool load(void *ctx, const char *name, struct str *text)
{
    struct stack_library *library = ctx;
    const struct embed_file *file = embed_find(arena_printf(library->arena, "templates/%s", name));
    if (file)
        *text = file->data;
    return file != NULL;
}

static int read_declaration(struct stack_library *library, const struct embed_file *file, struct err *err)
{
    struct str path = str_from(file->path);
    int rc = 0;
    if (str_starts(path, STR("templates/components/")) && str_ends(path, STR("/component.yaml"))) {
        struct component *component = arena_alloc(library->arena, sizeof *component);
        rc = component_read(library->arena, file->path, file->data, component, err);
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

/* Each name an assembly uses has to exist, in the assembly that says so: a typing error in a built-in declaration
 * stops the program at its start, not a customer's commit. */
static int check_assembly(const struct stack_library *library, const struct assembly *assembly, struct err *err)
{
    for (size_t i = 0; i < assembly->instance_count; i++) {
        const struct instance *instance = &assembly->instances[i];
        const struct component *component = library_component(library, instance->component);
        if (!component)
            return err_set(err, ERR_SYNTAX, "%s:%u: there is no component %s", assembly->file, instance->line,
                           instance->component);
        for (size_t b = 0; b < instance->binding_count; b++)
            if (!parameters_find(&component->parameters, instance->bindings[b].parameter))
                return err_set(err, ERR_SYNTAX, "%s:%u: component %s has no parameter %s", assembly->file,
                               instance->bindings[b].line, component->name, instance->bindings[b].parameter);
    }
    return 0;
}

int stack_library_new(struct stack_library **out, struct err *err)
{
    struct arena *arena = arena_new();
    struct stack_library *library = arena_alloc(arena, sizeof *library);
    *library = (struct stack_library){.arena = arena, .components = {.arena = arena}, .assemblies = {.arena = arena}};
    const struct template_options options = {
        .load = load, .load_ctx = library, .trim_blocks = true, .lstrip_blocks = true};
    library->templates = template_env_new(&options);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < embed_file_count; i++)
        rc = read_declaration(library, &embed_files[i], err);
    map_each(entry, &library->assemblies)
    {
        if (rc == 0)
            rc = check_assembly(library, entry->value, err);
    }
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
    template_env_free(library->templates);
    arena_free(library->arena);
}

const struct component *library_component(const struct stack_library *library, const char *name)
{
    return map_getz(&library->components, name);
}

const struct assembly *library_assembly(const struct stack_library *library, const char *name)
{
    return map_getz(&library->assemblies, name);
}

struct template_env *library_templates(const struct stack_library *library)
{
    return library->templates;
}
