#include "stack/binding.h"

#include "stack/context.h"
#include "stack/library.h"

struct binder {
    struct arena *arena;
    const struct stack_library *library;
    const struct object *psp;
    struct findings *findings;
    json_t *context; /* "psp", "model", "parameters", and each instance's outputs under its name */
};

static struct finding *report(struct binder *binder, const char *code, const char *text)
{
    return findings_add(binder->findings, SEVERITY_ERROR, code, binder->psp->place, "PlatformServiceProvider %s: %s",
                        binder->psp->name, text);
}

static const char *shown(struct binder *binder, const json_t *value)
{
    struct buf *text = buf_new(binder->arena);
    json_write(text, value);
    if (text->len > 80) {
        buf_cut(text, 77);
        buf_adds(text, "...");
    }
    return buf_text(text);
}

/* Checks one value and stores it under the parameter's name. */
static void accept(struct binder *binder, json_t *values, const char *whose, const struct parameter *parameter,
                   const json_t *given)
{
    const json_t *value = given && !json_is_null(given) ? given
                          : parameter->fallback         ? parameter->fallback
                                                        : json_null();
    if (json_is_null(value) && parameter->required) {
        report(binder, "parameter-missing",
               arena_printf(binder->arena, "%s: parameter %s is needed and has no value (declared at %s:%u)", whose,
                            parameter->name, parameter->file, parameter->line));
        return;
    }
    if (!parameter_accepts(parameter, value)) {
        struct finding *finding =
            report(binder, "parameter-type",
                   arena_printf(binder->arena, "%s: parameter %s is %s, got %s (declared at %s:%u)", whose,
                                parameter->name, parameter_type_expects(parameter->type), shown(binder, value),
                                parameter->file, parameter->line));
        if (parameter->type == PARAMETER_ENUM)
            finding_hint(binder->findings, finding, "one of %s", shown(binder, parameter->values));
        return;
    }
    json_object_set(values, parameter->name, (json_t *)(uintptr_t)value);
}

/* The PSP's own `parameters`, against what the assembly declares. */
static void bind_assembly(struct binder *binder, const struct assembly *assembly)
{
    json_t *given = binder->psp->psp->parameters, *values = json_object(), *value;
    const char *key;
    json_object_foreach(given, key, value)
    {
        if (!parameters_find(&assembly->parameters, key))
            report(binder, "parameter-unknown",
                   arena_printf(binder->arena, "assembly %s has no parameter %s", assembly->name, key));
    }
    const char *whose = arena_printf(binder->arena, "assembly %s", assembly->name);
    for (size_t i = 0; i < assembly->parameters.len; i++)
        accept(binder, values, whose, &assembly->parameters.items[i],
               json_object_get(given, assembly->parameters.items[i].name));
    json_object_set_new(binder->context, "parameters", values);
}

static const json_t *bound_value(struct binder *binder, const struct assembly *assembly,
                                 const struct instance *instance, const char *parameter)
{
    for (size_t i = 0; i < instance->binding_count; i++) {
        const struct binding *binding = &instance->bindings[i];
        if (strcmp(binding->parameter, parameter) != 0)
            continue;
        if (!binding->reference)
            return binding->value;
        const json_t *value = stack_context_find(binder->context, binding->reference);
        /* A parameter of the assembly that was refused is absent, and was reported already. */
        if (!value && !str_starts(str_from(binding->reference), STR("parameters.")))
            report(binder, "binding-unknown",
                   arena_printf(binder->arena, "%s:%u: there is nothing at $%s", assembly->file, binding->line,
                                binding->reference));
        return value;
    }
    return NULL;
}

/* Renders what the component provides, for those further down. */
static void provide(struct binder *binder, const struct bound *bound)
{
    json_t *outputs = json_object();
    const struct value *context = value_from_json(binder->arena, bound->values);
    for (size_t i = 0; i < bound->component->provide_count; i++) {
        const struct component_output *output = &bound->component->provides[i];
        struct buf *text = buf_new(binder->arena);
        struct err err = {0};
        const char *name =
            arena_printf(binder->arena, "component %s, provides.%s", bound->component->name, output->name);
        if (template_render_text(library_templates(binder->library), name, str_from(output->text), context, text,
                                 &err) < 0)
            report(binder, "template", err.text);
        else
            json_object_set_new(outputs, output->name, json_stringn(buf_text(text), text->len));
    }
    json_object_set_new(binder->context, bound->instance->name, outputs);
}

static void bind_instance(struct binder *binder, const struct assembly *assembly, const struct instance *instance,
                          struct bound *out)
{
    const struct component *component = library_component(binder->library, instance->component);
    size_t errors = binder->findings->errors;
    json_t *values = json_own(binder->arena, json_object());
    const char *whose = arena_printf(binder->arena, "component %s", instance->name);
    for (size_t i = 0; i < component->parameters.len; i++) {
        const struct parameter *parameter = &component->parameters.items[i];
        const json_t *given = bound_value(binder, assembly, instance, parameter->name);
        if (binder->findings->errors == errors)
            accept(binder, values, whose, parameter, given);
    }
    *out = (struct bound){instance, component, values};
    if (binder->findings->errors == errors)
        provide(binder, out);
}

bool bindings_make(struct arena *arena, const struct stack_library *library, const struct model *model,
                   const struct object *psp, struct findings *findings, struct bindings *out)
{
    struct binder binder = {arena, library, psp, findings, NULL};
    size_t errors = findings->errors;
    const struct assembly *assembly = library_assembly(library, psp->psp->assembly);
    if (!assembly) {
        report(&binder, "assembly-unknown", arena_printf(arena, "there is no assembly %s", psp->psp->assembly));
        return false;
    }
    binder.context = stack_context_make(arena, model, psp->psp);
    bind_assembly(&binder, assembly);
    if (findings->errors > errors)
        return false;
    struct bindings made = {arena_calloc(arena, assembly->instance_count, sizeof *made.items),
                            assembly->instance_count};
    for (size_t i = 0; i < made.len; i++)
        bind_instance(&binder, assembly, &assembly->instances[i], &made.items[i]);
    if (findings->errors > errors)
        return false;
    *out = made;
    return true;
}
