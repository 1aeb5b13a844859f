#include "model/checks.h"
#include "stack/context.h"
#include "stack/library.h"

/* An assembly before any PSP uses it. */
struct checking {
    struct arena *arena;
    const struct stack_library *library;
    const struct assembly *assembly;
    struct findings *findings;
};

static void report(struct checking *c, unsigned line, const char *text)
{
    struct place place = {c->assembly->file, line, 1};
    check_report(c->findings, CHECK_ASSEMBLY, place, "assembly %s: %s", c->assembly->name, text);
}

/* What an instance above the one at `before` provides under this name. */
static const struct offer *find_output(const struct checking *c, size_t before, struct str instance, const char *output)
{
    for (size_t i = 0; i < before; i++) {
        const struct instance *other = &c->assembly->instances[i];
        const struct component *component = library_component(c->library, other->component);
        if (component && str_eqz(instance, other->name))
            return offers_find(&component->provides, output);
    }
    return NULL;
}

/* The type of a reference; false when nothing can be there. */
static bool reference_type(const struct checking *c, size_t before, const char *path, enum parameter_type *out)
{
    struct str rest = str_from(path), head = str_cut(&rest, '.');
    if (str_eqz(head, "psp") || str_eqz(head, "model"))
        return stack_context_type(path, out);
    if (!rest.data)
        return false;
    if (str_eqz(head, "parameters")) {
        const struct parameter *parameter = parameters_find(&c->assembly->parameters, rest.data);
        if (parameter)
            *out = parameter->type;
        return parameter != NULL;
    }
    const struct offer *offer = find_output(c, before, head, rest.data);
    if (offer)
        *out = offer_parameter_type(offer->type);
    return offer != NULL;
}

/* References inside of lists and maps have to exist; their types are checked with the values. Returns whether the
 * value has any. */
static bool check_value_references(struct checking *c, size_t before, unsigned line, const json_t *value)
{
    const char *reference = binding_reference(value), *key;
    enum parameter_type type;
    bool any = reference != NULL;
    size_t i;
    json_t *item;
    if (reference && !reference_type(c, before, reference, &type))
        report(c, line, arena_printf(c->arena, "there is nothing at $%s", reference));
    json_array_foreach((json_t *)(uintptr_t)value, i, item) any = check_value_references(c, before, line, item) || any;
    json_object_foreach((json_t *)(uintptr_t)value, key, item) any =
        check_value_references(c, before, line, item) || any;
    return any || (json_is_string(value) && *json_string_value(value) == '$');
}

static void check_binding(struct checking *c, size_t index, const struct component *component,
                          const struct binding *binding)
{
    const struct instance *instance = &c->assembly->instances[index];
    const struct parameter *parameter = parameters_find(&component->parameters, binding->parameter);
    const char *reference = binding_reference(binding->value);
    enum parameter_type type;
    if (!parameter)
        report(c, binding->line,
               arena_printf(c->arena, "component %s has no parameter %s", component->name, binding->parameter));
    else if (!reference && !check_value_references(c, index, binding->line, binding->value)) {
        if (!parameter_accepts(parameter, binding->value))
            report(c, binding->line,
                   arena_printf(c->arena, "%s: parameter %s is %s", instance->name, parameter->name,
                                parameter_type_expects(parameter->type)));
    } else if (reference && !reference_type(c, index, reference, &type))
        report(c, binding->line, arena_printf(c->arena, "there is nothing at $%s", reference));
    else if (reference && !parameter_type_fits(type, parameter->type))
        report(c, binding->line,
               arena_printf(c->arena, "%s: parameter %s is %s, and $%s is of type %s", instance->name, parameter->name,
                            parameter_type_expects(parameter->type), reference, parameter_type_name(type)));
}

static bool is_bound(const struct instance *instance, const char *parameter)
{
    for (size_t i = 0; i < instance->binding_count; i++)
        if (strcmp(instance->bindings[i].parameter, parameter) == 0)
            return true;
    return false;
}

static void check_artifacts(struct checking *c, struct map *names, const struct instance *instance,
                            const struct component *component)
{
    for (size_t i = 0; i < component->artifact_count; i++) {
        const char *name = component_artifact_name(c->arena, component, instance->name, &component->artifacts[i]);
        const char *before = map_getz(names, name);
        if (before)
            report(c, instance->line,
                   arena_printf(c->arena, "%s and %s both make the artifact %s", before, instance->name, name));
        map_put(names, str_from(name), (void *)(uintptr_t)instance->name);
    }
}

void assembly_check(struct arena *arena, const struct stack_library *library, const struct assembly *assembly,
                    struct findings *findings)
{
    struct checking c = {arena, library, assembly, findings};
    struct map names = {.arena = arena};
    for (size_t i = 0; i < assembly->instance_count; i++) {
        const struct instance *instance = &assembly->instances[i];
        const struct component *component = library_component(library, instance->component);
        if (!component) {
            report(&c, instance->line, arena_printf(arena, "there is no component %s", instance->component));
            continue;
        }
        for (size_t b = 0; b < instance->binding_count; b++)
            check_binding(&c, i, component, &instance->bindings[b]);
        for (size_t p = 0; p < component->parameters.len; p++) {
            const struct parameter *parameter = &component->parameters.items[p];
            if (parameter->required && !parameter->fallback && !is_bound(instance, parameter->name))
                report(
                    &c, instance->line,
                    arena_printf(arena, "%s: parameter %s is needed and not bound", instance->name, parameter->name));
        }
        check_artifacts(&c, &names, instance, component);
    }
}
