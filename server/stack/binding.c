#include "stack/binding.h"

#include "model/checks.h"
#include "model/place.h"
#include "stack/context.h"

struct binder {
    struct arena *arena;
    const struct stack_library *library;
    const struct model *model;
    const struct object *psp;
    struct findings *findings;
    json_t *context; /* "psp", "model", "parameters", and each instance's outputs under its name */
    vec(struct provision) provisions;
};

static struct finding *report_at(struct binder *binder, struct place place, enum check_code code, const char *text)
{
    return check_report(binder->findings, code, place, "PlatformServiceProvider %s: %s", binder->psp->name, text);
}

static struct finding *report(struct binder *binder, enum check_code code, const char *text)
{
    return report_at(binder, binder->psp->place, code, text);
}

/* Where the PSP gives a parameter, or the PSP's own place. */
static struct place parameter_place(const struct binder *binder, const char *name)
{
    json_t *given = binder->psp->psp->parameters;
    void *member = json_object_iter_at(given, name);
    return model_place(binder->model, member ? json_object_iter_key(member) : NULL, binder->psp->place);
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

/* What a value should have been: for lists and maps, with what they hold. */
static const char *parameter_expects(struct binder *binder, const struct parameter *parameter)
{
    bool shaped = parameter->type == PARAMETER_MAP || parameter->type == PARAMETER_LIST;
    return shaped ? arena_printf(binder->arena, "a %s", parameter_type_text(binder->arena, parameter))
                  : parameter_type_expects(parameter->type);
}

/* Checks one value and stores it under the parameter's name. place: where it was given. */
static void accept(struct binder *binder, json_t *values, struct place place, const char *whose,
                   const struct parameter *parameter, const json_t *given)
{
    const json_t *value = given && !json_is_null(given) ? given
                          : parameter->fallback         ? parameter->fallback
                                                        : json_null();
    if (json_is_null(value) && parameter->required) {
        report_at(binder, place, CHECK_PARAMETER_MISSING,
                  arena_printf(binder->arena, "%s: parameter %s is needed and has no value (declared at %s:%u)", whose,
                               parameter->name, parameter->file, parameter->line));
        return;
    }
    if (!parameter_accepts(parameter, value)) {
        struct finding *finding = report_at(
            binder, place, CHECK_PARAMETER_TYPE,
            arena_printf(binder->arena, "%s: parameter %s is %s, got %s (declared at %s:%u)", whose, parameter->name,
                         parameter_expects(binder, parameter), shown(binder, value), parameter->file, parameter->line));
        if (parameter->type == PARAMETER_ENUM)
            finding_hint(binder->findings, finding, "one of %s", shown(binder, parameter->values));
        return;
    }
    json_object_set(values, parameter->name, (json_t *)(uintptr_t)value);
}

/* The credential of the model that a text of a parameter leads to, by its secret or its own name; NULL: none. */
static const char *credential_meant(const struct binder *binder, const struct parameter *parameter, const char *text)
{
    const json_t *credentials = stack_context_find(binder->context, "model.credentials"), *credential;
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)credentials, i, credential)
    {
        const char *name = json_text(credential, "name");
        if (strcmp(text, json_text(credential, "secret")) == 0 ||
            (parameter->type == PARAMETER_CREDENTIAL && strcmp(text, name) == 0))
            return name;
    }
    return NULL;
}

/* A credential goes to the containers that it names, and a parameter is none: a host that the PSP gives beside it would
 * get its value. Recursion is bounded by the depth of YAML. */
static void check_credential(struct binder *binder, const struct parameter *parameter, const json_t *value)
{
    const char *text = json_string_value(value), *key;
    const char *name = text ? credential_meant(binder, parameter, text) : NULL;
    json_t *item;
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)value, i, item) check_credential(binder, parameter, item);
    json_object_foreach((json_t *)(uintptr_t)value, key, item) check_credential(binder, parameter, item);
    if (!name)
        return;
    struct finding *finding = report_at(
        binder, parameter_place(binder, parameter->name), CHECK_CREDENTIAL_UNBOUND,
        arena_printf(binder->arena,
                     "parameter %s is %s of Credential \"%s\", which goes to the containers that it names and "
                     "nowhere else",
                     parameter->name, strcmp(text, name) == 0 ? "the name" : "the secret", name));
    finding_hint(binder->findings, finding, "name a secret of its own, which is no credential of the model");
}

/* The PSP's own `parameters`, against what the assembly declares. */
static void bind_assembly(struct binder *binder, const struct assembly *assembly)
{
    json_t *given = binder->psp->psp->parameters, *values = json_object(), *value;
    const char *key;
    json_object_foreach(given, key, value)
    {
        if (!parameters_find(&assembly->parameters, key))
            report_at(binder, parameter_place(binder, key), CHECK_PARAMETER_UNKNOWN,
                      arena_printf(binder->arena, "assembly %s has no parameter %s", assembly->name, key));
    }
    const char *whose = arena_printf(binder->arena, "assembly %s", assembly->name);
    for (size_t i = 0; i < assembly->parameters.len; i++)
        accept(binder, values, parameter_place(binder, assembly->parameters.items[i].name), whose,
               &assembly->parameters.items[i], json_object_get(given, assembly->parameters.items[i].name));
    for (size_t i = 0; i < assembly->parameters.len; i++)
        check_credential(binder, &assembly->parameters.items[i],
                         json_object_get(values, assembly->parameters.items[i].name));
    json_object_set_new(binder->context, "parameters", values);
}

static json_t *resolve(struct binder *binder, const struct assembly *assembly, const struct binding *binding,
                       const json_t *value);

/* Lists and maps of a declaration, with their references resolved. */
static json_t *resolve_tree(struct binder *binder, const struct assembly *assembly, const struct binding *binding,
                            const json_t *tree)
{
    json_t *list = json_is_array(tree) ? json_array() : NULL, *map = list ? NULL : json_object(), *value;
    const char *key;
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)tree, i, value)
        json_array_append_new(list, resolve(binder, assembly, binding, value));
    json_object_foreach((json_t *)(uintptr_t)tree, key, value)
        json_object_set_new(map, key, resolve(binder, assembly, binding, value));
    return list ? list : map;
}

/* A new reference. Recursion is bounded by the depth of a declaration. */
static json_t *resolve(struct binder *binder, const struct assembly *assembly, const struct binding *binding,
                       const json_t *value)
{
    const char *reference = binding_reference(value);
    if (reference) {
        const json_t *found = stack_context_find(binder->context, reference);
        /* A parameter of the assembly that was refused is absent, and was reported already. */
        if (!found && !str_starts(str_from(reference), STR("parameters.")))
            report(binder, CHECK_BINDING_UNKNOWN,
                   arena_printf(binder->arena, "%s:%u: there is nothing at $%s", assembly->file, binding->line,
                                reference));
        return found ? json_incref((json_t *)(uintptr_t)found) : json_null();
    }
    if (json_is_string(value) && *json_string_value(value) == '$')
        return json_stringn(json_string_value(value) + 1, json_string_length(value) - 1);
    if (json_is_array(value) || json_is_object(value))
        return resolve_tree(binder, assembly, binding, value);
    return json_incref((json_t *)(uintptr_t)value);
}

static const json_t *bound_value(struct binder *binder, const struct assembly *assembly,
                                 const struct instance *instance, const char *parameter)
{
    for (size_t i = 0; i < instance->binding_count; i++)
        if (strcmp(instance->bindings[i].parameter, parameter) == 0)
            return json_own(binder->arena,
                            resolve(binder, assembly, &instance->bindings[i], instance->bindings[i].value));
    return NULL;
}

/* The parameters, and who it is that is rendered. */
static json_t *template_values(struct binder *binder, const struct bound *bound)
{
    json_t *values = json_own(binder->arena, json_copy(bound->values));
    const json_t *ecosystem = stack_context_find(binder->context, "model.ecosystem");
    const char *name = json_string_value(ecosystem);
    json_object_set_new(values, "yellow",
                        json_pack("{s:s,s:s,s:s,s:s}", "ecosystem", name ? name : "", "psp", binder->psp->name,
                                  "instance", bound->instance->name, "component", bound->component->name));
    return values;
}

const struct value *bound_context(struct arena *arena, struct bound *bound)
{
    if (!bound->context)
        bound->context = value_from_json(arena, bound->given);
    return bound->context;
}

struct stack_key bound_key(const struct bound *bound, const char *what)
{
    struct buf all = {0};
    struct stack_key key;
    buf_addf(&all, "%s %s ", what, bound->component->hash);
    json_write(&all, bound->given);
    crypto_sha256(buf_str(&all), key.bytes);
    buf_dispose(&all);
    return key;
}

/* Renders an offer's value with the component's parameters; false after a finding. */
static bool render_offer(struct binder *binder, struct bound *bound, const struct offer *offer,
                         struct rendered_text *out)
{
    struct buf *text = buf_new(bound->offers->arena);
    struct err err = {0};
    const char *name = arena_printf(binder->arena, "component %s, %s", bound->component->name, offer->name);
    int rc = template_render_text(bound->component->templates, name, str_from(offer->text),
                                  bound_context(binder->arena, bound), text, &err);
    if (rc < 0)
        report(binder, CHECK_TEMPLATE, err.text);
    else
        out->text = buf_str(text);
    return rc == 0;
}

/* What the instance provides and requires, rendered now or before. */
static void render_offers(struct binder *binder, struct bound *bound)
{
    const struct offers *provides = &bound->component->provides, *requires = &bound->component->requires;
    struct stack_cache *cache = library_cache(binder->library);
    struct stack_key key = bound_key(bound, "offers");
    bool good = true;
    bound->offers = stack_cache_find(cache, &key);
    if (!bound->offers) {
        bound->offers = rendering_new(provides->len + requires->len);
        for (size_t i = 0; i < bound->offers->len; i++)
            good &= render_offer(binder, bound,
                                 i < provides->len ? &provides->items[i] : &requires->items[i - provides->len],
                                 &bound->offers->items[i]);
        if (good)
            stack_cache_put(cache, &key, bound->offers);
    }
    rendering_keep(binder->arena, bound->offers);
}

/* Adds each line of text as a value of the offer, checked: further down it is a parameter that nobody else checks. */
static void add_provisions(struct binder *binder, const struct instance *instance, const struct offer *offer,
                           struct str text)
{
    const struct parameter type = {.type = offer_parameter_type(offer->type), .items = PARAMETER_TYPE_COUNT};
    struct str rest = text;
    while (rest.data) {
        struct str line = str_trim(str_cut(&rest, '\n'));
        if (line.len == 0)
            continue;
        const char *value = arena_strndup(binder->arena, line.data, line.len);
        if (!parameter_accepts(&type, json_own(binder->arena, json_string(value))))
            report(binder, CHECK_PROVIDES_TYPE,
                   arena_printf(binder->arena, "component %s provides %s, which is %s, as \"%s\" (declared at %s:%u)",
                                instance->name, offer->name, parameter_type_expects(type.type), value, offer->file,
                                offer->line));
        *vec_push(binder->arena, &binder->provisions) = (struct provision){offer, instance, value};
    }
}

/* What the component provides, for those further down. */
static void provide(struct binder *binder, const struct bound *bound)
{
    json_t *outputs = json_object();
    for (size_t i = 0; i < bound->component->provides.len; i++) {
        const struct offer *offer = &bound->component->provides.items[i];
        struct str text = bound->offers->items[i].text;
        if (!text.data)
            continue;
        struct str only = str_trim(text);
        json_object_set_new(outputs, offer->name, json_stringn(only.data, only.len));
        add_provisions(binder, bound->instance, offer, text);
    }
    json_object_set_new(binder->context, bound->instance->name, outputs);
}

static bool is_provided(const struct binder *binder, enum offer_type type, struct str value)
{
    for (size_t i = 0; i < binder->provisions.len; i++)
        if (binder->provisions.items[i].offer->type == type && str_eqz(value, binder->provisions.items[i].value))
            return true;
    return false;
}

/* What an instance requires has to be provided by some component, above or below it. */
static void check_requirements(struct binder *binder, const struct assembly *assembly, const struct bound *bound)
{
    for (size_t i = 0; i < bound->component->requires.len; i++) {
        const struct offer *offer = &bound->component->requires.items[i];
        struct str rest = bound->offers->items[bound->component->provides.len + i].text;
        while (rest.data) {
            struct str value = str_trim(str_cut(&rest, '\n'));
            if (value.len == 0 || is_provided(binder, offer->type, value))
                continue;
            report(binder, CHECK_REQUIREMENT,
                   arena_printf(binder->arena,
                                "component %s requires the %s " STR_FMT
                                " (%s), which no component of assembly %s provides (declared at %s:%u)",
                                bound->instance->name, offer_type_name(offer->type), STR_ARG(value), offer->name,
                                assembly->name, offer->file, offer->line));
        }
    }
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
            accept(binder, values, binder->psp->place, whose, parameter, given);
    }
    *out = (struct bound){.instance = instance, .component = component, .values = values};
    if (binder->findings->errors > errors)
        return;
    out->given = template_values(binder, out);
    render_offers(binder, out);
    provide(binder, out);
}

static void refuse_assembly(struct binder *binder)
{
    struct map names = {.arena = binder->arena};
    const char *assembly = binder->psp->psp->assembly;
    for (const struct stack_library *at = binder->library; at; at = library_base(at))
        map_each(entry, library_assemblies(at))(void) map_put(&names, entry->key, entry->value);
    struct finding *finding =
        report(binder, CHECK_ASSEMBLY_UNKNOWN, arena_printf(binder->arena, "there is no assembly %s", assembly));
    check_suggest(binder->findings, finding, &names, assembly);
}

bool bindings_make(struct arena *arena, const struct stack_library *library, const struct model *model,
                   const struct jobs *jobs, const struct object *psp, struct findings *findings, struct bindings *out)
{
    struct binder binder = {.arena = arena, .library = library, .model = model, .psp = psp, .findings = findings};
    size_t errors = findings->errors;
    const struct assembly *assembly = library_assembly(library, psp->psp->assembly);
    if (!assembly) {
        refuse_assembly(&binder);
        return false;
    }
    bool listed = assembly_refers(assembly, "model.jobs");
    binder.context = stack_context_make(arena, model, jobs, psp->psp, listed);
    bind_assembly(&binder, assembly);
    if (findings->errors > errors)
        return false;
    struct bindings made = {.items = arena_calloc(arena, assembly->instance_count, sizeof *made.items),
                            .len = assembly->instance_count};
    for (size_t i = 0; i < made.len; i++)
        bind_instance(&binder, assembly, &assembly->instances[i], &made.items[i]);
    if (findings->errors > errors)
        return false;
    for (size_t i = 0; i < made.len; i++)
        check_requirements(&binder, assembly, &made.items[i]);
    if (findings->errors > errors)
        return false;
    made.provisions = binder.provisions.items;
    made.provision_count = binder.provisions.len;
    *out = made;
    return true;
}
