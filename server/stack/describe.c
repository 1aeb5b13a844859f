#include "stack/describe.h"

static json_t *parameters_json(struct arena *arena, const struct parameters *parameters)
{
    json_t *list = json_array();
    for (size_t i = 0; i < parameters->len; i++) {
        const struct parameter *p = &parameters->items[i];
        json_t *item = json_pack("{s:s,s:s,s:b,s:s}", "name", p->name, "type", parameter_type_text(arena, p),
                                 "required", (int)p->required, "doc", p->doc);
        if (p->fallback)
            json_object_set(item, "default", p->fallback);
        if (p->values)
            json_object_set(item, "values", p->values);
        json_array_append_new(list, item);
    }
    return list;
}

static json_t *offers_json(const struct offers *offers, bool provides)
{
    json_t *list = json_array();
    for (size_t i = 0; i < offers->len; i++) {
        const struct offer *o = &offers->items[i];
        json_t *item = json_pack("{s:s,s:s,s:s,s:s}", "name", o->name, "type", offer_type_name(o->type), "value",
                                 o->text, "doc", o->doc);
        if (provides)
            json_object_set_new(item, "external", json_boolean(o->external));
        json_array_append_new(list, item);
    }
    return list;
}

static const char *place_text(struct arena *arena, const char *file, unsigned line)
{
    return arena_printf(arena, "%s:%u", file, line);
}

json_t *describe_component(struct arena *arena, const struct component *component)
{
    json_t *artifacts = json_array();
    for (size_t i = 0; i < component->artifact_count; i++)
        json_array_append_new(artifacts, json_pack("{s:s,s:s}", "template", component->artifacts[i].template,
                                                   "media_type", component->artifacts[i].media_type));
    return json_pack("{s:s,s:s,s:b,s:s,s:o,s:o,s:o,s:o}", "name", component->name, "doc", component->doc, "own",
                     (int)component->own, "declared_at", place_text(arena, component->file, component->line),
                     "parameters", parameters_json(arena, &component->parameters), "provides",
                     offers_json(&component->provides, true), "requires", offers_json(&component->requires, false),
                     "artifacts", artifacts);
}

json_t *describe_assembly(struct arena *arena, const struct assembly *assembly)
{
    json_t *components = json_array();
    for (size_t i = 0; i < assembly->instance_count; i++) {
        const struct instance *instance = &assembly->instances[i];
        json_t *with = json_object();
        for (size_t b = 0; b < instance->binding_count; b++)
            json_object_set(with, instance->bindings[b].parameter, instance->bindings[b].value);
        json_array_append_new(components, json_pack("{s:s,s:s,s:o}", "name", instance->name, "component",
                                                    instance->component, "with", with));
    }
    return json_pack("{s:s,s:s,s:b,s:s,s:o,s:o}", "name", assembly->name, "doc", assembly->doc, "own",
                     (int)assembly->own, "declared_at", place_text(arena, assembly->file, assembly->line), "parameters",
                     parameters_json(arena, &assembly->parameters), "components", components);
}

static const char *default_text(struct arena *arena, const json_t *value)
{
    struct buf *text = buf_new(arena);
    json_write(text, value);
    return buf_text(text);
}

/* "default: 5432", "required", or "optional". */
static const char *presence(struct arena *arena, const struct parameter *p)
{
    if (p->fallback)
        return arena_printf(arena, "default: %s", default_text(arena, p->fallback));
    return p->required ? "required" : "optional";
}

static const char *type_with_values(struct arena *arena, const struct parameter *p)
{
    const char *type = parameter_type_text(arena, p);
    return p->values ? arena_printf(arena, "%s of %s", type, default_text(arena, p->values)) : type;
}

static void parameters_text(struct arena *arena, const struct parameters *parameters, struct buf *out)
{
    if (parameters->len)
        buf_adds(out, "\nParameters:\n");
    for (size_t i = 0; i < parameters->len; i++) {
        const struct parameter *p = &parameters->items[i];
        buf_addf(out, "  %-24s %s; %s\n  %-24s %s\n", p->name, type_with_values(arena, p), presence(arena, p), "",
                 p->doc);
    }
}

static void offers_text(const char *head, const struct offers *offers, struct buf *out)
{
    if (offers->len)
        buf_addf(out, "\n%s:\n", head);
    for (size_t i = 0; i < offers->len; i++) {
        const struct offer *o = &offers->items[i];
        buf_addf(out, "  %-24s %s%s: %s\n", o->name, offer_type_name(o->type), o->external ? ", external" : "", o->doc);
    }
}

void describe_component_text(struct arena *arena, const struct component *component, struct buf *out)
{
    buf_addf(out, "%s\n\n%s\n", component->name, component->doc);
    parameters_text(arena, &component->parameters, out);
    offers_text("Provides", &component->provides, out);
    offers_text("Requires", &component->requires, out);
    buf_adds(out, "\nArtifacts:\n");
    for (size_t i = 0; i < component->artifact_count; i++)
        buf_addf(out, "  %-24s %s\n", component->artifacts[i].file, component->artifacts[i].media_type);
}

void describe_assembly_text(struct arena *arena, const struct assembly *assembly, struct buf *out)
{
    buf_addf(out, "%s\n\n%s\n", assembly->name, assembly->doc);
    parameters_text(arena, &assembly->parameters, out);
    buf_adds(out, "\nComponents:\n");
    for (size_t i = 0; i < assembly->instance_count; i++)
        buf_addf(out, "  %-24s %s\n", assembly->instances[i].name, assembly->instances[i].component);
}

/* A cell of a Markdown table. */
static void cell(struct buf *out, const char *text, bool code)
{
    buf_adds(out, code ? "| `" : "| ");
    for (; *text; text++) {
        if (*text == '|')
            buf_addc(out, '\\');
        buf_addc(out, *text == '\n' ? ' ' : *text);
    }
    buf_adds(out, code ? "` " : " ");
}

static void parameters_markdown(struct arena *arena, const struct parameters *parameters, struct buf *out)
{
    if (parameters->len)
        buf_adds(out, "\n| parameter | type | default | what it is |\n| --- | --- | --- | --- |\n");
    for (size_t i = 0; i < parameters->len; i++) {
        const struct parameter *p = &parameters->items[i];
        cell(out, p->name, true);
        cell(out, type_with_values(arena, p), false);
        if (p->fallback)
            cell(out, default_text(arena, p->fallback), true);
        else
            cell(out, p->required ? "required" : "none", false);
        cell(out, p->doc, false);
        buf_adds(out, "|\n");
    }
}

static void offers_markdown(const char *head, const struct offers *offers, struct buf *out)
{
    if (offers->len)
        buf_addf(out, "\n| %s | type | what it is |\n| --- | --- | --- |\n", head);
    for (size_t i = 0; i < offers->len; i++) {
        const struct offer *o = &offers->items[i];
        cell(out, o->name, true);
        cell(out, offer_type_name(o->type), false);
        cell(out, o->doc, false);
        buf_adds(out, o->external ? "External: the stack names it and does not make it. |\n" : "|\n");
    }
}

void describe_library(struct arena *arena, const struct stack_library *library, struct buf *out)
{
    buf_adds(out,
             "# Components and assemblies\n\nMade by `yellow component doc` out of the declarations in `templates/`; "
             "a test keeps it in step. How to write one's own is in [kubernetes.md](kubernetes.md).\n");
    buf_adds(out, "\n## Assemblies\n");
    map_each(entry, library_assemblies(library))
    {
        const struct assembly *assembly = entry->value;
        buf_addf(out, "\n### %s\n\n%s\n\nComponents: ", assembly->name, assembly->doc);
        for (size_t i = 0; i < assembly->instance_count; i++)
            buf_addf(out, "%s%s", i ? ", " : "", assembly->instances[i].component);
        buf_adds(out, ".\n");
        parameters_markdown(arena, &assembly->parameters, out);
    }
    buf_adds(out, "\n## Components\n");
    map_each(entry, library_components(library))
    {
        const struct component *component = entry->value;
        buf_addf(out, "\n### %s\n\n%s\n", component->name, component->doc);
        parameters_markdown(arena, &component->parameters, out);
        offers_markdown("provides", &component->provides, out);
        offers_markdown("requires", &component->requires, out);
    }
}
