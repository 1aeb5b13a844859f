#include "hostile.h"
#include "model/checks.h"
#include "support.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* Each name and text of a model that reaches a template, with hostile values: the model is refused, or the trees of the
 * stack differ in those leaves alone. */

static const char model_text[] =
    "kind: Ecosystem\nname: @ecosystem@\nowner: {repository: a/b, branch: main}\n"
    "vendors: [{name: V, cloud: private, locations: [L]}]\nzones: [{name: z, owner: {repository: a/b, branch: main}}]\n"
    "---\nkind: GovernanceZone\nname: z\nteams: [{name: t, owner: {repository: a/b, branch: main}}]\n"
    "---\nkind: Credential\nname: @credential@\ntype: user-password\ncontainers: [@container@]\n"
    "---\nkind: DataContainer\nname: @container@\ntype: postgres\nhost: @host@\ndatabase: @database@\nstorage: 1Gi\n"
    "locations: [\"V:L\"]\n"
    "---\nkind: Datastore\nname: @store@\nteam: z/t\n"
    "capture: {type: sql-snapshot, container: @container@, credential: @credential@, schedule: @schedule@,\n"
    "  consistency: single-dataset}\n"
    "datasets: [{name: @dataset@, columns: [{name: id, type: int32, key: true}]}]\n"
    "---\nkind: Datastore\nname: made\nteam: z/t\n"
    "datasets: [{name: d, columns: [{name: id, type: int32, key: true}]}]\n"
    "---\nkind: Workspace\nname: @workspace@\nteam: z/t\n"
    "groups: [{name: g, platform: {name: @platform@}, sinks: [{store: @store@, dataset: @dataset@}]}]\n"
    "transformer: {name: @transformer@, code: {type: container, image: \"a/b:1\", command: [x]}, output: made, "
    "trigger: inputs}\n"
    "---\nkind: Workspace\nname: reader\nteam: z/t\n"
    "groups: [{name: g, platform: {name: @platform@}, sinks: [{store: made, dataset: d}]}]\n"
    "---\nkind: PlatformServiceProvider\nname: @psp@\nnamespace: @namespace@\nassembly: ASSEMBLY\n"
    "merge: {container: @container@, credential: @credential@}\nimage: @image@\nstorage_class: @class@\n"
    "platforms: [{name: @platform@, milestoning: live}]\n"
    "defaults: {postgres: {requests: {memory: @memory@, cpu: 1}, limits: {memory: @memory@, cpu: 1}, storage: "
    "@storage@}}\n";

static const struct {
    const char *hole, *first, *second;
} holes[] = {
    {"ecosystem", "wordone", "wordtwo"},    {"credential", "wordone", "wordtwo"},  {"container", "wordone", "wordtwo"},
    {"host", "wordone", "wordtwo"},         {"database", "wordone", "wordtwo"},    {"store", "wordone", "wordtwo"},
    {"schedule", "7 * * * *", "8 * * * *"}, {"dataset", "wordone", "wordtwo"},     {"workspace", "wordone", "wordtwo"},
    {"platform", "wordone", "wordtwo"},     {"transformer", "wordone", "wordtwo"}, {"psp", "wordone", "wordtwo"},
    {"namespace", "wordone", "wordtwo"},    {"image", "wordone", "wordtwo"},       {"class", "wordone", "wordtwo"},
    {"memory", "7531Mi", "8642Mi"},         {"storage", "7531Gi", "8642Gi"},
};
enum { HOLES = sizeof holes / sizeof *holes };

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

TestSuite(hostile_model, .init = setup, .fini = teardown);

static const char *usual(struct str hole)
{
    static const char *const own[][2] = {{"schedule", "5 * * * *"}, {"memory", "1Gi"}, {"storage", "10Gi"}};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (str_eqz(hole, own[i][0]))
            return own[i][1];
    return NULL;
}

/* The model with a value in one hole and plain names in the others. */
static struct str fill(struct arena *scratch, const char *assembly, const char *hole, struct str value)
{
    struct buf *out = buf_new(scratch);
    struct str rest = str_from(model_text);
    for (bool inside = false; rest.data; inside = !inside) {
        struct str part = str_cut(&rest, '@');
        if (!inside) {
            const char *at = memmem(part.data, part.len, "ASSEMBLY", 8);
            buf_add(out, part.data, at ? (size_t)(at - part.data) : part.len);
            if (at)
                buf_addf(out, "%s%.*s", assembly, (int)(part.data + part.len - at - 8), at + 8);
        } else if (str_eqz(part, hole)) {
            json_write_text(out, value);
        } else {
            buf_addf(out, "\"%s%.*s\"", usual(part) ? usual(part) : "n-", usual(part) ? 0 : (int)part.len, part.data);
        }
    }
    return buf_str(out);
}

/* The stack, or false when the model or the assembly refuses the value. */
static bool render(struct arena *scratch, const char *assembly, const char *hole, struct str value, struct stack *out)
{
    struct model_file file = {"m.yaml", fill(scratch, assembly, hole, value)};
    struct findings findings = {.arena = scratch};
    struct err err = {0};
    struct model *model = model_load(scratch, &file, 1, &findings);
    model_check(model, &findings);
    const struct map *psps = &model->by_kind[OBJECT_PSP];
    if (findings.errors == 0 && psps->len == 1) {
        const struct object *psp = psps->entries[0].value;
        int rc = stack_render(scratch, library, model, psp->name, &findings, out, &err);
        cr_assert(rc == 0 || findings.errors > 0, "%s \"" STR_FMT "\": refused late, by its artifact: %s", hole,
                  STR_ARG(value), err.text);
    }
    if (findings.errors && str_eqz(value, "wordone")) {
        struct buf *text = buf_new(scratch);
        findings_print(&findings, text);
        cr_log_error("%s", buf_text(text));
    }
    return findings.errors == 0;
}

static const char *compare(struct arena *scratch, const struct stack *a, const struct stack *b, const char *word,
                           const struct stack *got, struct str value)
{
    struct str *texts = arena_calloc(scratch, got->count, sizeof *texts);
    if (a->count != got->count)
        return "another number of artifacts";
    for (size_t i = 0; i < got->count; i++)
        texts[i] = got->artifacts[i].text;
    for (size_t i = 0; i < got->count; i++) {
        if (strcmp(a->artifacts[i].media_type, "application/yaml") != 0)
            continue;
        struct tree first = hostile_tree(scratch, a->artifacts[i].text),
                    second = hostile_tree(scratch, b->artifacts[i].text), tree = hostile_tree(scratch, texts[i]);
        const char *wrong = hostile_compare(scratch, &first, &second, str_from(word), &tree, value, texts, got->count);
        if (wrong)
            return arena_printf(scratch, "%s: %s", got->artifacts[i].name, wrong);
    }
    return NULL;
}

struct result {
    size_t values, rendered;
};

static void try_hole(const char *assembly, size_t hole, struct result *result)
{
    struct arena *scratch = arena_new(), *kept = arena_new();
    struct stack a, b, got;
    unsigned seed = 20261122 + (unsigned)hole;
    cr_assert(render(kept, assembly, holes[hole].hole, str_from(holes[hole].first), &a), "%s", holes[hole].hole);
    cr_assert(render(kept, assembly, holes[hole].hole, str_from(holes[hole].second), &b), "%s", holes[hole].hole);
    for (size_t i = 0, n = hostile_count(); i < n; i++) {
        struct str value = hostile_value(scratch, &seed);
        bool rendered = render(scratch, assembly, holes[hole].hole, value, &got);
        const char *wrong = rendered ? compare(scratch, &a, &b, holes[hole].first, &got, value) : NULL;
        cr_expect(!wrong, "%s, %s \"" STR_FMT "\": %s", assembly, holes[hole].hole, STR_ARG(value), wrong);
        result->values++;
        result->rendered += rendered;
        if (wrong)
            break;
        arena_reset(scratch);
    }
    arena_free(kept);
    arena_free(scratch);
}

Test(hostile_model, no_name_of_a_model_changes_more_than_its_leaves)
{
    static const char *const assemblies[] = {"yellow-single-postgres", "blue-minio"};
    struct result result = {0};
    for (size_t i = 0; i < sizeof assemblies / sizeof *assemblies; i++)
        for (size_t hole = 0; hole < HOLES; hole++)
            try_hole(assemblies[i], hole, &result);
    cr_log_info("%d names: %zu values, %zu refused, %zu rendered", HOLES, result.values,
                result.values - result.rendered, result.rendered);
    cr_assert_gt(result.rendered, result.values / 20, "little came through: the test shows less than it says");
}
