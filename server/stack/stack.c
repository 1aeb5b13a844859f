#include "stack/stack.h"

#include "base/crypto.h"
#include "base/yaml.h"
#include "stack/binding.h"
#include "stack/library.h"

static const struct yaml_limits yaml_limits = {.bytes = 16u << 20, .depth = 64, .nodes = 1u << 20};

struct problem {
    struct arena *arena;
    const char *text; /* the first one */
};

static void keep_first(void *ctx, unsigned line, unsigned column, const char *code, const char *text)
{
    struct problem *problem = ctx;
    if (!problem->text)
        problem->text = arena_printf(problem->arena, "line %u, column %u: %s [%s]", line, column, text, code);
}

/* What was rendered has to be what its media type says, whatever the values were. */
static int check_artifact(struct arena *arena, const struct artifact *artifact, struct err *err)
{
    if (strcmp(artifact->media_type, "application/yaml") != 0)
        return 0;
    struct problem problem = {arena, NULL};
    struct yaml_node *documents;
    size_t n = yaml_read(arena, artifact->text, &yaml_limits, keep_first, &problem, &documents);
    if (problem.text)
        return err_set(err, ERR_INVALID, "artifact %s is not YAML: %s", artifact->name, problem.text);
    for (size_t i = 0; i < n; i++)
        if (documents[i].type != YAML_MAPPING)
            return err_set(err, ERR_INVALID, "artifact %s: document %zu is not a map", artifact->name, i + 1);
    return 0;
}

/* "postgres" and "postgres.yaml" make postgres.yaml; "airflow" and "rbac.yaml" make airflow-rbac.yaml. */
static const char *artifact_name(struct arena *arena, const struct bound *bound, const struct component_artifact *of)
{
    struct str stem = str_from(of->file);
    struct str head = str_cut(&stem, '.');
    if (str_eqz(head, bound->component->name))
        return arena_printf(arena, "%s.%s", bound->instance->name, stem.data ? stem.data : "txt");
    return arena_printf(arena, "%s-%s", bound->instance->name, of->file);
}

static int render_instance(struct arena *arena, const struct stack_library *library, const struct psp *psp,
                           const struct model *model, const struct bound *bound, struct artifact *artifacts,
                           struct err *err)
{
    const struct object *ecosystem = model_ecosystem(model);
    json_t *values = json_own(arena, json_copy(bound->values));
    json_object_set_new(values, "yellow",
                        json_pack("{s:s,s:s,s:s,s:s}", "ecosystem", ecosystem ? ecosystem->name : "", "psp", psp->name,
                                  "instance", bound->instance->name, "component", bound->component->name));
    const struct value *context = value_from_json(arena, values);
    for (size_t i = 0; i < bound->component->artifact_count; i++) {
        const struct component_artifact *of = &bound->component->artifacts[i];
        struct buf *text = buf_new(arena);
        int rc = template_render(library_templates(library), of->template, context, text, err);
        if (rc < 0)
            return err_prefix(err, "PlatformServiceProvider %s, component %s", psp->name, bound->instance->name);
        artifacts[i] = (struct artifact){.name = artifact_name(arena, bound, of),
                                         .component = bound->component->name,
                                         .media_type = of->media_type,
                                         .text = buf_str(text)};
        rc = check_artifact(arena, &artifacts[i], err);
        if (rc < 0)
            return rc;
        crypto_sha256_hex(artifacts[i].text, artifacts[i].sha256);
    }
    return 0;
}

static int check_names(const struct stack *stack, const char *psp, struct err *err)
{
    for (size_t i = 0; i < stack->count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(stack->artifacts[i].name, stack->artifacts[j].name) == 0)
                return err_set(err, ERR_INVALID, "PlatformServiceProvider %s: two artifacts are called %s", psp,
                               stack->artifacts[i].name);
    return 0;
}

static int render_bound(struct arena *arena, const struct stack_library *library, const struct model *model,
                        const struct psp *psp, const struct bindings *bindings, struct stack *out, struct err *err)
{
    struct stack made = {0};
    size_t count = 0;
    for (size_t i = 0; i < bindings->len; i++)
        count += bindings->items[i].component->artifact_count;
    made.artifacts = arena_calloc(arena, count, sizeof *made.artifacts);
    for (size_t i = 0; i < bindings->len; i++) {
        int rc = render_instance(arena, library, psp, model, &bindings->items[i], made.artifacts + made.count, err);
        if (rc < 0)
            return rc;
        made.count += bindings->items[i].component->artifact_count;
    }
    int rc = check_names(&made, psp->name, err);
    if (rc < 0)
        return rc;
    struct buf all = {0};
    stack_write_yaml(&made, &all);
    crypto_sha256_hex(buf_str(&all), made.sha256);
    buf_dispose(&all);
    *out = made;
    return 0;
}

int stack_render(struct arena *arena, const struct stack_library *library, const struct model *model, const char *psp,
                 struct findings *findings, struct stack *out, struct err *err)
{
    const struct object *object = model_find(model, OBJECT_PSP, psp);
    struct bindings bindings;
    if (!object)
        return err_set(err, ERR_NOT_FOUND, "there is no PlatformServiceProvider %s", psp);
    if (!bindings_make(arena, library, model, object, findings, &bindings))
        return err_set(err, ERR_INVALID, "PlatformServiceProvider %s: its assembly %s does not fit, see the findings",
                       psp, object->psp->assembly);
    return render_bound(arena, library, model, object->psp, &bindings, out, err);
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
        findings_add(findings, SEVERITY_WARNING, "capacity", psp->place,
                     "PlatformServiceProvider %s: its volumes take %.1f GiB with their replicas, its capacity is %s",
                     psp->name, sum / (1 << 30), psp->psp->capacity);
}

void stack_check(const struct stack_library *library, const struct model *model, struct findings *findings)
{
    struct arena *arena = findings->arena;
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
        if (render_bound(arena, library, model, object->psp, &bindings, &stack, &err) < 0 && findings->errors == errors)
            findings_add(findings, SEVERITY_ERROR, "stack", object->place, "%s", err.text);
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
