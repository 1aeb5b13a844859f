#include "stack/stack.h"

#include "base/file.h"
#include "base/yaml.h"
#include "stack/context.h"
#include "stack/library.h"
#include "support.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct arena *arena;
static struct stack_library *library;

static void setup(void)
{
    arena = arena_new();
    library = support_library(arena);
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(stack, .init = setup, .fini = teardown);

static struct stack render(const struct model *model)
{
    struct findings findings = {.arena = arena};
    struct stack stack;
    struct err err = {0};
    cr_assert_eq(stack_render(arena, library, model, "yellow-ny", &findings, &stack, &err), 0, "%s", err.text);
    return stack;
}

static const char *first_finding(const struct model *model)
{
    struct findings findings = {.arena = arena};
    stack_check(library, model, NULL, &findings);
    return findings.list.len ? findings.list.items[0].text : "";
}

static void expect_file(const char *name, const struct stack *stack)
{
    const char *path = arena_printf(arena, "%s/tests/expected/%s", SOURCE_DIR, name);
    struct buf *text = buf_new(arena);
    struct str expected;
    struct err err = {0};
    for (size_t i = 0; i < stack->count; i++)
        buf_addf(text, "# artifact: %s (%s)\n" STR_FMT "\n", stack->artifacts[i].name, stack->artifacts[i].media_type,
                 STR_ARG(stack->artifacts[i].text));
    for (size_t i = 0; i < stack->external_count; i++)
        buf_addf(text, "# external: %s %s\n", stack->externals[i].type, stack->externals[i].name);
    if (getenv("YELLOW_UPDATE_EXPECTED"))
        cr_assert_eq(file_write(path, buf_str(text), 0644, &err), 0, "%s", err.text);
    cr_assert_eq(file_read(arena, path, 1 << 20, &expected, &err), 0, "%s", err.text);
    cr_assert_str_eq(buf_text(text), expected.data);
}

/* After a wanted change: YELLOW_UPDATE_EXPECTED=1 ./check_stack, and read the difference. */
Test(stack, each_assembly_renders_the_example_to_the_expected_bytes)
{
    static const char *const assemblies[] = {"yellow-single-postgres", "yellow-twin-postgres",
                                             "yellow-external-postgres", "yellow-local", "blue-minio"};
    for (size_t i = 0; i < sizeof assemblies / sizeof *assemblies; i++) {
        struct stack stack = render(support_acme_on(arena, assemblies[i]));
        expect_file(arena_printf(arena, "acme-%s.txt", assemblies[i]), &stack);
    }
}

Test(stack, the_same_model_gives_the_same_hash_from_another_library)
{
    struct stack one = render(support_acme(arena, NULL, NULL));
    library = support_library(arena);
    struct stack other = render(support_acme(arena, NULL, NULL));
    cr_assert_str_eq(one.sha256, other.sha256);
    for (size_t i = 0; i < one.count; i++)
        cr_assert_str_eq(one.artifacts[i].sha256, other.artifacts[i].sha256);
}

Test(stack, an_unknown_psp_is_not_found)
{
    struct findings findings = {.arena = arena};
    struct stack stack;
    struct err err = {0};
    cr_assert_eq(stack_render(arena, library, support_acme(arena, NULL, NULL), "none", &findings, &stack, &err),
                 -ERR_NOT_FOUND);
    cr_assert_str_eq(err.text, "there is no PlatformServiceProvider none");
}

Test(stack, what_does_not_fit_the_assembly_is_said_with_its_declaration)
{
    static const struct {
        const char *before, *after, *error;
    } cases[] = {
        {"yellow-single-postgres", "yellow-none",
         "PlatformServiceProvider yellow-ny: there is no assembly yellow-none"},
        {"logs_storage: 10Gi", "logs_storage: much",
         "PlatformServiceProvider yellow-ny: assembly yellow-single-postgres: parameter logs_storage is a storage size "
         "(20Gi), got \"much\" (declared at templates/assemblies/yellow-single-postgres.yaml:18)"},
        {"logs_storage: 10Gi", "logs_store: 10Gi",
         "PlatformServiceProvider yellow-ny: assembly yellow-single-postgres has no parameter logs_store"},
        {"log_level: INFO", "log_level: LOUD",
         "PlatformServiceProvider yellow-ny: assembly yellow-single-postgres: parameter log_level is one of the "
         "declared "
         "values, got \"LOUD\" (declared at templates/assemblies/yellow-single-postgres.yaml:20)"},
        {"image_pull_policy: IfNotPresent", "image_pull_policy: IfNotPresent\ncapacity: 50Gi",
         "PlatformServiceProvider yellow-ny: its volumes take 110.0 GiB with their replicas, its capacity is 50Gi"},
        {"log_level: INFO", "log_level: INFO\n  storage_replicas: 3\ncapacity: 200Gi",
         "PlatformServiceProvider yellow-ny: its volumes take 330.0 GiB with their replicas, its capacity is 200Gi"},
        {"log_level: INFO", "log_level: INFO\n  storage_replicas: 3\ncapacity: 330Gi", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_str_eq(first_finding(support_acme(arena, cases[i].before, cases[i].after)), cases[i].error);
}

Test(stack, a_wrong_parameter_is_shown_where_the_psp_gives_it)
{
    static const struct {
        const char *before, *after;
        unsigned line, column;
    } cases[] = {
        {"log_level: INFO", "log_level: LOUD", 9, 3},
        {"logs_storage: 10Gi", "logs_store: 10Gi", 8, 3},
        {"logs_storage: 10Gi\n  log_level: INFO", "airflow_secret: x\n  logs_storage: 7", 9, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct findings findings = {.arena = arena};
        stack_check(library, support_acme(arena, cases[i].before, cases[i].after), NULL, &findings);
        cr_assert_eq(findings.list.len, 1);
        const struct place *place = &findings.list.items[0].place;
        cr_expect_str_eq(place->path, "platform/psp.yaml");
        cr_expect_eq(place->line, cases[i].line, "%u", place->line);
        cr_expect_eq(place->column, cases[i].column, "%u", place->column);
    }
}

/* The shape of a tree: everything but the text of its leaves. */
static void write_shape(const struct yaml_node *node, struct buf *out)
{
    if (node->type == YAML_SCALAR) {
        buf_addc(out, 's');
        return;
    }
    buf_addc(out, node->type == YAML_MAPPING ? '{' : '[');
    for (size_t i = 0; i < node->len; i++) {
        if (node->type == YAML_MAPPING)
            buf_addf(out, STR_FMT "=", STR_ARG(node->keys[i].text));
        write_shape(&node->items[i], out);
    }
    buf_addc(out, '}');
}

static const char *shape(const struct stack *stack)
{
    static const struct yaml_limits limits = {.bytes = 1 << 20, .depth = 64, .nodes = 100000};
    struct buf *out = buf_new(arena);
    for (size_t i = 0; i < stack->count; i++) {
        struct yaml_node *documents;
        size_t n = yaml_read(arena, stack->artifacts[i].text, &limits, NULL, NULL, &documents);
        for (size_t d = 0; d < n; d++)
            write_shape(&documents[d], out);
    }
    return buf_text(out);
}

/* A PSP with one value put in; false when the model or the assembly refuses it. */
static bool render_with(const char *format, const char *value, struct stack *out)
{
    struct findings findings = {.arena = arena};
    struct err err = {0};
    char *line = arena_printf(arena, "%s", format), *hole = strstr(line, "@");
    *hole = '\0';
    struct model_file file = {
        "m.yaml", str_from(arena_printf(arena,
                                        "kind: Credential\nname: k\ntype: user-password\ncontainers: [m]\n---\n"
                                        "kind: PlatformServiceProvider\nname: yellow-ny\n"
                                        "assembly: yellow-single-postgres\n"
                                        "merge: {container: m, credential: k}\nimage: \"a/b:1\"\n"
                                        "platforms: [{name: A, milestoning: live}]\n"
                                        "%s\"%s\"%s\n",
                                        line, value, hole + 1))};
    struct model *model = model_load(arena, &file, 1, &findings);
    return findings.errors == 0 && stack_render(arena, library, model, "yellow-ny", &findings, out, &err) == 0;
}

/* Each text that a PSP gives, with texts that mean something to YAML, to a shell or to a template. */
Test(stack, no_value_changes_the_structure)
{
    static const struct {
        const char *format, *plain;
    } places[] = {
        {"namespace: ns\nparameters: {logs_storage: @}", "1Gi"},
        {"namespace: ns\nparameters: {log_level: @}", "INFO"},
        {"namespace: ns\nparameters: {postgres_image: @}", "a/b:1"},
        {"namespace: ns\nparameters: {airflow_secret: @}", "keys"},
        {"namespace: ns\nimage_pull_policy: @", "Always"},
        {"namespace: ns\nstorage_class: @", "longhorn"},
        {"namespace: @", "ns"},
    };
    static const char *const hostile[] = {
        "a: b",    "a #b",   "- a", "{{ 7 * 7 }}", "{% raw %}", "no",     "1e3",        "~",     "a'b",   "a\\\"b",
        "[x]",     "{x: y}", "&a",  "*a",          "!!int 1",   "$psp.x", "$(x)",       "`id`",  "%YAML", "a\\nb: c",
        "\\u0007", "",       "---", "null",        "0x10",      "y",      "2001-01-01", "a\\tb", "\u00e9"};
    size_t refused = 0, rendered = 0;
    for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
        struct stack plain, stack;
        cr_assert(render_with(places[p].format, places[p].plain, &plain), "%s", places[p].format);
        const char *expected = shape(&plain);
        for (size_t h = 0; h < sizeof hostile / sizeof *hostile; h++) {
            if (!render_with(places[p].format, hostile[h], &stack)) {
                refused++;
                continue;
            }
            rendered++;
            cr_assert_str_eq(shape(&stack), expected, "%s in %s", hostile[h], places[p].format);
        }
    }
    cr_assert_gt(refused, 0);
    cr_assert_gt(rendered, 0, "nothing hostile but harmless came through: the test shows less than it says");
}

Test(stack, a_parameter_leads_to_no_credential_of_the_model)
{
    struct findings findings = {.arena = arena};
    struct stack stack;
    struct err err = {0};
    struct model_file file = {
        "m.yaml", STR("kind: Credential\nname: k\ntype: user-password\ncontainers: [m]\n---\n"
                      "kind: DataContainer\nname: m\ntype: postgres\nhost: db\ndatabase: merge\n---\n"
                      "kind: PlatformServiceProvider\nname: yellow-ny\nnamespace: ns\n"
                      "assembly: yellow-external-postgres\nmerge: {container: m, credential: k}\nimage: \"a/b:1\"\n"
                      "platforms: [{name: A, milestoning: live}]\n"
                      "parameters: {airflow_database_host: evil.example.net, airflow_database_secret: yellow-ny-k}\n")};
    struct model *model = model_load(arena, &file, 1, &findings);
    findings = (struct findings){.arena = arena};
    cr_assert_neq(stack_render(arena, library, model, "yellow-ny", &findings, &stack, &err), 0);
    struct buf *text = buf_new(arena);
    findings_print(&findings, text);
    cr_expect_not_null(
        strstr(buf_text(text),
               "m.yaml:19:55: error: PlatformServiceProvider yellow-ny: parameter airflow_database_secret is "
               "the secret of Credential \"k\", which goes to the containers that it names and nowhere "
               "else [credential-unbound]\n"),
        "%s", buf_text(text));
}

/* A text of up to 24 characters, many of which mean something to YAML, shells or templates; as a JSON string's inside.
 */
static const char *generated(unsigned *seed)
{
    static const char *const pieces[] = {
        "a",   "Z",  "0",  " ", ": ",   "#",   "- ",  "\\\"",    "'",       "{{",      "}}", "{%",
        "%}",  "[",  "]",  "{", "}",    ",",   "&",   "*",       "!",       "|",       ">",  "%",
        "@",   "`",  "$(", ")", "\\\\", "\\n", "\\t", "\\u0001", "\\u2028", "\\u00e9", "no", "null",
        "1e3", "0x", "~",  "=", "---",  "<<",  ".",   "/",       "_",       "?"};
    struct buf *text = buf_new(arena);
    for (unsigned n = 1 + rand_r(seed) % 8; n > 0; n--)
        buf_adds(text, pieces[(size_t)rand_r(seed) % (sizeof pieces / sizeof *pieces)]);
    return buf_text(text);
}

static struct model *generated_model(const char *assembly, const char *line, const char *value,
                                     struct findings *findings)
{
    struct model_file file = {
        "m.yaml", str_from(arena_printf(arena,
                                        "kind: Credential\nname: k\ntype: user-password\ncontainers: [m]\n---\n"
                                        "kind: DataContainer\nname: m\ntype: postgres\nhost: db\ndatabase: merge\n---\n"
                                        "kind: PlatformServiceProvider\nname: yellow-ny\nnamespace: ns\nassembly: %s\n"
                                        "merge: {container: m, credential: k}\nimage: \"a/b:1\"\n"
                                        "platforms: [{name: A, milestoning: live}]\nparameters: {%s: \"%s\"%s}\n",
                                        assembly, line, value,
                                        strcmp(assembly, "yellow-external-postgres") == 0 &&
                                                strcmp(line, "airflow_database_host") != 0
                                            ? ", airflow_database_host: h"
                                            : ""))};
    return model_load(arena, &file, 1, findings);
}

/* How many generated values of one parameter came through, each with the structure of the declared default. */
static size_t try_parameter(const char *assembly, const struct parameter *parameter, size_t values, unsigned *seed)
{
    struct findings findings = {.arena = arena};
    struct stack plain, stack;
    struct err err = {0};
    size_t rendered = 0;
    const char *usual = parameter->fallback ? json_string_value(parameter->fallback) : "h";
    struct model *model = generated_model(assembly, parameter->name, usual, &findings);
    cr_assert_eq(stack_render(arena, library, model, "yellow-ny", &findings, &plain, &err), 0, "%s: %s",
                 parameter->name, err.text);
    const char *expected = arena_strdup(arena, shape(&plain));
    for (size_t i = 0; i < values; i++) {
        const char *value = generated(seed);
        struct findings found = {.arena = arena};
        model = generated_model(assembly, parameter->name, value, &found);
        if (found.errors || stack_render(arena, library, model, "yellow-ny", &found, &stack, &err) != 0) {
            cr_assert_gt(found.errors, 0, "%s of %s: refused late, by its artifact: %s", value, parameter->name,
                         err.text);
            continue;
        }
        rendered++;
        cr_assert_str_eq(shape(&stack), expected, "%s in %s", value, parameter->name);
    }
    return rendered;
}

/* 3,000 generated values of the parameter that takes the most, 250 of each other one that is a text: 10,000 in all. */
Test(stack, no_generated_value_of_any_text_parameter_changes_the_structure)
{
    unsigned seed = 20240601;
    size_t parameters = 0, rendered = 0;
    map_each(entry, library_assemblies(library))
    {
        const struct assembly *assembly = entry->value;
        for (size_t i = 0; i < assembly->parameters.len; i++) {
            const struct parameter *p = &assembly->parameters.items[i];
            if (p->type == PARAMETER_INTEGER || p->type == PARAMETER_BOOLEAN || p->type == PARAMETER_PORT ||
                p->type == PARAMETER_MAP || p->type == PARAMETER_LIST || p->type == PARAMETER_ENUM ||
                (!p->fallback && !p->required))
                continue;
            bool most = strcmp(p->name, "server_url") == 0 && strcmp(assembly->name, "yellow-twin-postgres") == 0;
            struct arena *before = arena;
            arena = arena_new();
            rendered += try_parameter(assembly->name, p, most ? 3000 : 250, &seed);
            arena_free(arena);
            arena = before;
            parameters++;
        }
    }
    cr_assert_geq(parameters, 25);
    cr_assert_gt(rendered, 1000, "nothing hostile but harmless came through: the test shows less than it says");
}

Test(stack, a_container_transformer_brings_its_own_image)
{
    struct findings findings = {.arena = arena};
    const struct model *model = support_acme_own(
        arena, NULL, NULL,
        "kind: Workspace\nname: packed\nteam: usa/marketing\nproduction: true\n"
        "groups: [{name: now, platform: {name: YellowLive}, sinks: [{store: customers, dataset: people}]}]\n"
        "transformer: {name: pack, trigger: inputs, output: packs, code: {type: container, image: "
        "registry.example.net/pack:3, command: [pack]}}\n"
        "---\nkind: Datastore\nname: packs\nteam: usa/marketing\nproduction: true\n"
        "datasets: [{name: all, classification: PUB, columns: [{name: id, type: int64, key: true}]}]\n",
        NULL, &findings);
    cr_assert_eq(findings.errors, 0, "%s", findings.list.items[0].text);
    cr_assert_str_eq(stack_job_image(model, "packed"), "registry.example.net/pack:3");
    cr_assert_null(stack_job_image(model, "marketing"), "it runs SQL");
    cr_assert_null(stack_job_image(model, NULL), "a stream");
}
