#include "stack/stack.h"

#include "base/crypto.h"
#include "model/checks.h"
#include "stack/binding.h"
#include "stack/media.h"

/* One stack that is being rendered. */
struct rendering {
    struct arena *arena;
    const struct psp *psp;
    struct map objects; /* of Kubernetes, by identity (stack/media.h) */
    struct stack stack;
};

static int render_artifact(struct rendering *r, const struct bound *bound, const struct component_artifact *of,
                           struct err *err)
{
    struct buf *text = buf_new(r->arena);
    int rc = template_render(bound->component->templates, of->template, bound->context, text, err);
    if (rc < 0)
        return err_prefix(err, "PlatformServiceProvider %s, component %s", r->psp->name, bound->instance->name);
    if (text->len && !str_ends(buf_str(text), STR("\n"))) /* templates lose their last line feed, as in Jinja2 */
        buf_addc(text, '\n');
    struct artifact *artifact = &r->stack.artifacts[r->stack.count];
    *artifact =
        (struct artifact){.name = component_artifact_name(r->arena, bound->component, bound->instance->name, of),
                          .component = bound->component->name,
                          .media_type = of->media_type,
                          .text = buf_str(text)};
    for (size_t i = 0; i < r->stack.count; i++)
        if (strcmp(artifact->name, r->stack.artifacts[i].name) == 0)
            return err_set(err, ERR_INVALID, "PlatformServiceProvider %s: two artifacts are called %s", r->psp->name,
                           artifact->name);
    rc = media_check(r->arena, artifact->media_type, artifact->name, artifact->text, &r->objects, err);
    if (rc < 0)
        return err_prefix(err, "PlatformServiceProvider %s", r->psp->name);
    crypto_sha256_hex(artifact->text, artifact->sha256);
    r->stack.count++;
    return 0;
}

static int render_instance(struct rendering *r, const struct bound *bound, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < bound->component->artifact_count; i++)
        rc = render_artifact(r, bound, &bound->component->artifacts[i], err);
    return rc;
}

static void list_externals(struct rendering *r, const struct bindings *bindings)
{
    r->stack.externals = arena_calloc(r->arena, bindings->provision_count, sizeof *r->stack.externals);
    for (size_t i = 0; i < bindings->provision_count; i++) {
        const struct provision *p = &bindings->provisions[i];
        if (p->offer->external)
            r->stack.externals[r->stack.external_count++] =
                (struct external){offer_type_name(p->offer->type), p->value, p->instance->name, p->offer->doc};
    }
}

static int render_bound(struct arena *arena, const struct psp *psp, const struct bindings *bindings, struct stack *out,
                        struct err *err)
{
    struct rendering r = {.arena = arena, .psp = psp, .objects = {.arena = arena}};
    size_t count = 0;
    for (size_t i = 0; i < bindings->len; i++)
        count += bindings->items[i].component->artifact_count;
    r.stack.artifacts = arena_calloc(arena, count, sizeof *r.stack.artifacts);
    for (size_t i = 0; i < bindings->len; i++) {
        int rc = render_instance(&r, &bindings->items[i], err);
        if (rc < 0)
            return rc;
    }
    list_externals(&r, bindings);
    struct buf all = {0};
    for (size_t i = 0; i < r.stack.count; i++)
        buf_addf(&all, "%s %s\n", r.stack.artifacts[i].name, r.stack.artifacts[i].sha256);
    crypto_sha256_hex(buf_str(&all), r.stack.sha256);
    buf_dispose(&all);
    *out = r.stack;
    return 0;
}

int stack_render(struct arena *arena, const struct stack_library *library, const struct model *model, const char *psp,
                 struct findings *findings, struct stack *out, struct err *err)
{
    const struct object *object = model_find(model, OBJECT_PSP, psp);
    struct bindings bindings;
    if (!object)
        return err_set(err, ERR_NOT_FOUND, "there is no PlatformServiceProvider %s", psp);
    library = library_with_model(arena, library, model, findings);
    if (!bindings_make(arena, library, model, object, findings, &bindings))
        return err_set(err, ERR_INVALID, "PlatformServiceProvider %s: its assembly %s does not fit, see the findings",
                       psp, object->psp->assembly);
    return render_bound(arena, object->psp, &bindings, out, err);
}

/* What the volumes of an instance take, in bytes: size times the copies that its storage class keeps. */
static double volume_bytes(const struct bound *bound)
{
    double sum = 0;
    for (size_t i = 0; i < bound->component->volume_count; i++) {
        const struct component_volume *volume = &bound->component->volumes[i];
        int64_t milli = 0;
        const char *size = json_string_value(json_object_get(bound->values, volume->size));
        json_int_t copies = volume->replicas ? json_integer_value(json_object_get(bound->values, volume->replicas)) : 1;
        if (size && quantity_parse(str_from(size), &milli))
            sum += (double)milli / 1000 * (double)copies;
    }
    return sum;
}

/* Volumes times their replicas against the declared capacity (DOMAIN.md section 2). */
static void check_capacity(const struct object *psp, const struct bindings *bindings, struct findings *findings)
{
    int64_t capacity;
    double sum = 0;
    if (!psp->psp->capacity || !quantity_parse(str_from(psp->psp->capacity), &capacity))
        return;
    for (size_t i = 0; i < bindings->len; i++)
        sum += volume_bytes(&bindings->items[i]);
    if (sum > (double)capacity / 1000)
        check_report(findings, CHECK_CAPACITY, psp->place,
                     "PlatformServiceProvider %s: its volumes take %.1f GiB with their replicas, its capacity is %s",
                     psp->name, sum / (1 << 30), psp->psp->capacity);
}

void stack_check(const struct stack_library *library, const struct model *model, struct findings *findings)
{
    struct arena *arena = findings->arena;
    library = library_with_model(arena, library, model, findings);
    map_each(entry, &model->by_kind[OBJECT_PSP])
    {
        const struct object *object = entry->value;
        size_t errors = findings->errors;
        struct bindings bindings;
        struct stack stack;
        struct err err = {0};
        if (!bindings_make(arena, library, model, object, findings, &bindings))
            continue;
        check_capacity(object, &bindings, findings);
        if (render_bound(arena, object->psp, &bindings, &stack, &err) < 0 && findings->errors == errors)
            check_report(findings, CHECK_STACK, object->place, "%s", err.text);
    }
}

void stack_write_yaml(const struct stack *stack, struct buf *out)
{
    for (size_t i = 0; i < stack->count; i++) {
        const struct artifact *artifact = &stack->artifacts[i];
        if (strcmp(artifact->media_type, "application/yaml") != 0)
            continue;
        buf_addf(out, "# artifact: %s\n", artifact->name);
        if (!str_starts(artifact->text, STR("---")))
            buf_adds(out, "---\n");
        buf_add_str(out, artifact->text);
        if (!str_ends(artifact->text, STR("\n")))
            buf_addc(out, '\n');
    }
}
