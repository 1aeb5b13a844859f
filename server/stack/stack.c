#include "stack/stack.h"

#include "model/checks.h"
#include "stack/binding.h"
#include "stack/media.h"

/* One stack that is being rendered. */
struct making {
    struct arena *arena;
    const struct stack_library *library;
    const struct psp *psp;
    struct map objects; /* of Kubernetes, by identity (stack/media.h) */
    struct stack stack;
};

static const char *artifact_name(const struct making *m, const struct bound *bound, size_t i)
{
    return component_artifact_name(m->arena, bound->component, bound->instance->name, &bound->component->artifacts[i]);
}

/* The objects that an artifact was found to hold, for as long as its text is there. */
static void keep_objects(struct arena *arena, const struct media_objects *found, struct media_objects *out)
{
    *out = (struct media_objects){arena_calloc(arena, found->len, sizeof *out->items), found->len};
    for (size_t i = 0; i < found->len; i++) {
        const struct media_object *o = &found->items[i];
        out->items[i] = (struct media_object){arena_strdup(arena, o->identity), arena_strdup(arena, o->kind),
                                              arena_strdup(arena, o->name), o->line};
    }
}

/* Renders and checks one artifact of an instance into out, which lives on arena. */
static int render_artifact(const struct making *m, struct bound *bound, size_t i, struct arena *arena,
                           struct rendered_text *out, struct err *err)
{
    const struct component_artifact *of = &bound->component->artifacts[i];
    struct buf text = {0};
    int rc = template_render(bound->component->templates, of->template, bound_context(m->arena, bound), &text, err);
    if (rc < 0) {
        buf_dispose(&text);
        return err_prefix(err, "PlatformServiceProvider %s, component %s", m->psp->name, bound->instance->name);
    }
    if (text.len && !str_ends(buf_str(&text), STR("\n"))) /* templates lose their last line feed, as in Jinja2 */
        buf_addc(&text, '\n');
    out->text = (struct str){arena_strndup(arena, buf_text(&text), text.len), text.len};
    buf_dispose(&text);
    struct media_objects objects;
    rc = media_check(m->arena, of->media_type, artifact_name(m, bound, i), out->text, &objects, err);
    if (rc < 0)
        return err_prefix(err, "PlatformServiceProvider %s", m->psp->name);
    keep_objects(arena, &objects, &out->objects);
    crypto_sha256_hex(out->text, out->sha256);
    return 0;
}

/* The artifacts of an instance, rendered now or before. What had an error is made again each time. */
static int render_artifacts(const struct making *m, struct bound *bound, struct rendering **out, struct err *err)
{
    struct stack_cache *cache = library_cache(m->library);
    struct stack_key key = bound_key(bound, "artifacts");
    struct rendering *made = stack_cache_find(cache, &key);
    int rc = 0;
    if (!made) {
        made = rendering_new(bound->component->artifact_count);
        for (size_t i = 0; rc == 0 && i < made->len; i++)
            rc = render_artifact(m, bound, i, made->arena, &made->items[i], err);
        if (rc == 0)
            stack_cache_put(cache, &key, made);
    }
    rendering_keep(m->arena, made);
    *out = made;
    return rc;
}

static int add_artifact(struct making *m, const struct bound *bound, size_t i, const struct rendered_text *rendered,
                        struct err *err)
{
    struct artifact *artifact = &m->stack.artifacts[m->stack.count];
    *artifact = (struct artifact){.name = artifact_name(m, bound, i),
                                  .component = bound->component->name,
                                  .media_type = bound->component->artifacts[i].media_type,
                                  .text = rendered->text};
    memcpy(artifact->sha256, rendered->sha256, sizeof artifact->sha256);
    for (size_t a = 0; a < m->stack.count; a++)
        if (strcmp(artifact->name, m->stack.artifacts[a].name) == 0)
            return err_set(err, ERR_INVALID, "PlatformServiceProvider %s: two artifacts are called %s", m->psp->name,
                           artifact->name);
    if (media_claim(m->arena, artifact->name, &rendered->objects, &m->objects, err) < 0)
        return err_prefix(err, "PlatformServiceProvider %s", m->psp->name);
    m->stack.count++;
    return 0;
}

static int render_instance(struct making *m, struct bound *bound, struct err *err)
{
    struct rendering *rendering;
    int rc = render_artifacts(m, bound, &rendering, err);
    for (size_t i = 0; rc == 0 && i < rendering->len; i++)
        rc = add_artifact(m, bound, i, &rendering->items[i], err);
    return rc;
}

static void list_externals(struct making *m, const struct bindings *bindings)
{
    m->stack.externals = arena_calloc(m->arena, bindings->provision_count, sizeof *m->stack.externals);
    for (size_t i = 0; i < bindings->provision_count; i++) {
        const struct provision *p = &bindings->provisions[i];
        if (p->offer->external)
            m->stack.externals[m->stack.external_count++] =
                (struct external){offer_type_name(p->offer->type), p->value, p->instance->name, p->offer->doc};
    }
}

static int render_bound(struct arena *arena, const struct stack_library *library, const struct psp *psp,
                        const struct bindings *bindings, struct stack *out, struct err *err)
{
    struct making m = {.arena = arena, .library = library, .psp = psp, .objects = {.arena = arena}};
    size_t count = 0;
    for (size_t i = 0; i < bindings->len; i++)
        count += bindings->items[i].component->artifact_count;
    m.stack.artifacts = arena_calloc(arena, count, sizeof *m.stack.artifacts);
    for (size_t i = 0; i < bindings->len; i++) {
        int rc = render_instance(&m, &bindings->items[i], err);
        if (rc < 0)
            return rc;
    }
    list_externals(&m, bindings);
    struct buf all = {0};
    for (size_t i = 0; i < m.stack.count; i++)
        buf_addf(&all, "%s %s\n", m.stack.artifacts[i].name, m.stack.artifacts[i].sha256);
    crypto_sha256_hex(buf_str(&all), m.stack.sha256);
    buf_dispose(&all);
    *out = m.stack;
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
    if (!bindings_make(arena, library, model, NULL, object, findings, &bindings))
        return err_set(err, ERR_INVALID, "PlatformServiceProvider %s: its assembly %s does not fit, see the findings",
                       psp, object->psp->assembly);
    return render_bound(arena, library, object->psp, &bindings, out, err);
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

void stack_check(const struct stack_library *library, const struct model *model, const struct jobs *jobs,
                 struct findings *findings)
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
        if (!bindings_make(arena, library, model, jobs, object, findings, &bindings))
            continue;
        check_capacity(object, &bindings, findings);
        if (render_bound(arena, library, object->psp, &bindings, &stack, &err) < 0 && findings->errors == errors)
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
