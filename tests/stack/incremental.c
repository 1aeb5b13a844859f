#include "support.h"

#include "model/body.h"
#include "model/change.h"
#include "model/graph.h"
#include "model/plan.h"
#include "model/unit.h"
#include "model/view.h"
#include "stack/plan_document.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* Random edits of a model, each checked by what differs from the one before, and as a whole: the same comes out.
 * YELLOW_SEED replays one seed, YELLOW_EDITS says how many edits. */

enum { FILES = 6, DOCUMENTS = 40, NAMES = 5, SEEDS = 6, EDITS = 400 };

struct document {
    bool there;
    unsigned file;
    const char *text;
};

struct world {
    uint64_t random;
    bool calm;           /* only what is usual */
    struct arena *arena; /* of texts */
    struct document documents[DOCUMENTS];
    bool sql[2];
};

static unsigned pick(struct world *w, unsigned n)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return (unsigned)((w->random >> 20) % n);
}

static bool now_and_then(struct world *w, unsigned percent)
{
    return w->calm ? percent >= 50 : pick(w, 100) < percent;
}

static const char *make_store(struct world *w, unsigned name)
{
    struct buf *out = buf_new(w->arena);
    bool output = now_and_then(w, 4);
    buf_addf(out, "kind: Datastore\nname: s%u\nteam: usa/%s\n", name, now_and_then(w, 98) ? "data" : "nobody");
    if (now_and_then(w, 70))
        buf_adds(out, "production: true\n");
    if (!output)
        buf_addf(out,
                 "capture: {type: sql-snapshot, container: db%u, credential: reader, schedule: \"*/%u * * * *\"%s}\n",
                 pick(w, now_and_then(w, 97) ? 2 : 4), 1 + pick(w, 3),
                 now_and_then(w, 40) ? ", consistency: single-dataset" : "");
    buf_adds(out, "datasets:\n");
    for (unsigned i = 0, n = 1 + pick(w, 3); i < n; i++)
        buf_addf(out, "  - {name: t%u, %sclassification: %s%s, columns: [{name: id, type: %s, key: true}%s]}\n",
                 now_and_then(w, 97) ? i : 0, output ? "" : "table: t, ", now_and_then(w, 95) ? "PUB" : "PC1",
                 now_and_then(w, 5) ? ", deprecated: true" : "", now_and_then(w, 98) ? "int64" : "intt",
                 now_and_then(w, 50) ? ", {name: c, type: text, nullable: true}" : "");
    return buf_text(out);
}

static const char *make_workspace(struct world *w, unsigned name)
{
    struct buf *out = buf_new(w->arena);
    buf_addf(out, "kind: Workspace\nname: w%u\nteam: usa/data\npriority: %s\n", name,
             now_and_then(w, 50) ? "high" : "low");
    if (now_and_then(w, 50))
        buf_adds(out, "production: true\n");
    buf_addf(out, "groups:\n  - name: g\n    platform: {%s}\n    sinks:\n",
             now_and_then(w, 60) ? "name: Live" : "milestoning: milestoned");
    for (unsigned i = 0, n = 1 + pick(w, 3), first = pick(w, NAMES); i < n; i++)
        buf_addf(out, "      - {store: s%u, dataset: t%u%s}\n", now_and_then(w, 97) ? (first + i) % NAMES : first,
                 pick(w, now_and_then(w, 90) ? 1 : 3), now_and_then(w, 40) ? ", deprecation: allowed" : "");
    if (now_and_then(w, 6))
        buf_addf(out, "transformer: {name: x%u, code: {type: sql, file: f%u.sql}, output: s%u, trigger: inputs}\n",
                 name, pick(w, 2), pick(w, NAMES));
    return buf_text(out);
}

static const char *make_psp(struct world *w, unsigned name)
{
    const char *old =
        now_and_then(w, 70) ? arena_printf(w->arena, ", {name: Old%u, milestoning: milestoned}", name) : "";
    const char *hints = "";
    if (now_and_then(w, 30))
        hints = arena_printf(w->arena, "hints: [{store: s%u, resources: {requests: {memory: %uMi}}}]\n", pick(w, NAMES),
                             100 + pick(w, 3));
    return arena_printf(w->arena,
                        "kind: PlatformServiceProvider\nname: p%u\nnamespace: n%u\nassembly: yellow-local\n"
                        "merge: {container: db%u, credential: reader}\nimage: registry.example.net/yellow:%u\n"
                        "platforms: [{name: %s, milestoning: live}%s]\n%s",
                        name, now_and_then(w, 95) ? name : 0, now_and_then(w, 10), pick(w, 3), name ? "Live1" : "Live",
                        old, hints);
}

static const char *make_zone(struct world *w)
{
    static const char *const policies[] = {"policies: {classifications: {allow: [PUB]}}\n",
                                           "policies: {locations: {deny: [\"MyCorp:USA/NY_2\"]}}\n"};
    return arena_printf(w->arena,
                        "kind: GovernanceZone\nname: usa\n"
                        "teams: [{name: data, owner: {repository: a/b, branch: main}}%s]\n%s",
                        now_and_then(w, 30) ? ", {name: more, owner: {repository: a/b, branch: main}}" : "",
                        now_and_then(w, 30) ? policies[pick(w, 2)] : "");
}

static const char *make_base(struct world *w, unsigned which)
{
    static const char *const texts[] = {
        "kind: Ecosystem\nname: acme\nowner: {repository: a/b, branch: main}\n"
        "vendors: [{name: MyCorp, cloud: private, locations: [USA/NY_1, USA/NY_2]}]\n"
        "zones: [{name: usa, owner: {repository: a/b, branch: main}}]\n",
        "kind: DataContainer\nname: db0\ntype: postgres\nhost: h\ndatabase: d\nlocations: [\"MyCorp:USA/NY_1\"]\n"
        "storage: 1Gi\n",
        "kind: DataContainer\nname: db1\ntype: postgres\nhost: h\ndatabase: d\nlocations: [\"MyCorp:USA/NY_2\"]\n"
        "storage: 1Gi\n",
        "kind: Credential\nname: reader\ntype: user-password\ncontainers: [db0, db1]\n",
        "kind: Credential\nname: other\ntype: token\n",
    };
    (void)w;
    return texts[which];
}

static const char *make_wrong(struct world *w)
{
    static const char *const texts[] = {"kind: [\n", "- a list\n", "kind: Nothing\nname: n\n",
                                        "kind: Credential\nname: c c\ntype: token\n",
                                        "kind: Datastore\nname: s1\nnaem: s1\n"};
    return texts[pick(w, sizeof texts / sizeof *texts)];
}

/* What each place usually holds: the base, the zone, two PSPs, stores and workspaces; the rest is anything. */
enum {
    BASE = 5,
    ZONE = BASE,
    PSPS = ZONE + 1,
    STORES = PSPS + 2,
    WORKSPACES = STORES + NAMES,
    REST = WORKSPACES + NAMES
};

static const char *make_at(struct world *w, unsigned place)
{
    if (place < BASE)
        return make_base(w, place);
    if (place == ZONE)
        return make_zone(w);
    if (place < STORES)
        return make_psp(w, place - PSPS);
    if (place < WORKSPACES)
        return make_store(w, place - STORES);
    if (place < REST)
        return make_workspace(w, place - WORKSPACES);
    return now_and_then(w, 20) ? make_wrong(w) : make_at(w, pick(w, REST));
}

static void begin(struct world *w)
{
    w->calm = true;
    for (unsigned i = 0; i < DOCUMENTS; i++)
        w->documents[i] = (struct document){i < REST, pick(w, FILES), make_at(w, i)};
    w->sql[0] = w->sql[1] = true;
    w->calm = false;
}

/* The same name twice is an error that would hide all else: mostly the second goes. */
static void drop_twins(struct world *w)
{
    for (unsigned i = 0; i < DOCUMENTS; i++)
        for (unsigned j = 0; j < i && w->documents[i].there; j++) {
            const char *a = w->documents[i].text, *b = w->documents[j].text;
            size_t first = strcspn(a, "\n") + 1, second = strcspn(b, "\n") + 1;
            size_t len = first + strcspn(a + first, "\n");
            if (w->documents[j].there && first == second && strncmp(a, b, len + 1) == 0)
                w->documents[i].there = false;
        }
}

static void edit(struct world *w)
{
    unsigned place = now_and_then(w, 60)   ? STORES + pick(w, 2 * NAMES)
                     : now_and_then(w, 30) ? ZONE + pick(w, STORES - ZONE)
                                           : pick(w, DOCUMENTS);
    struct document *document = &w->documents[place];
    switch (pick(w, 12)) {
    case 0:
        document->file = pick(w, FILES);
        break;
    case 1:
        document->there = !document->there;
        break;
    case 2:
        if (now_and_then(w, 10)) { /* a whole file */
            for (unsigned i = 0, file = pick(w, FILES); i < DOCUMENTS; i++)
                w->documents[i].there = w->documents[i].there && w->documents[i].file != file;
        }
        break;
    case 3:
        if (now_and_then(w, 20))
            w->sql[pick(w, 2)] ^= true;
        break;
    default:
        *document = (struct document){true, document->file, make_at(w, place)};
    }
    if (now_and_then(w, 95))
        drop_twins(w);
}

static size_t files_of(struct world *w, struct arena *arena, struct model_file *files)
{
    size_t n = 0;
    for (unsigned f = 0; f < FILES; f++) {
        struct buf *out = buf_new(arena);
        for (unsigned i = 0; i < DOCUMENTS; i++)
            if (w->documents[i].there && w->documents[i].file == f)
                buf_addf(out, "%s%s", out->len ? "---\n" : "", w->documents[i].text);
        if (out->len)
            files[n++] = (struct model_file){arena_printf(arena, "d%u.yaml", f), buf_str(out)};
    }
    for (unsigned f = 0; f < 2; f++)
        if (w->sql[f])
            files[n++] = (struct model_file){arena_printf(arena, "f%u.sql", f), STR("select 1")};
    return n;
}

/* A model, and what is known of it. */
struct made {
    struct arena *arena;
    struct unit *units[FILES + 2];
    struct str texts[FILES + 2];
    size_t n;
    struct model *model;
    struct findings findings;
    struct checked checked;
    struct jobs jobs;
    bool plain;
};

static struct made *read_after(const struct made *former, const struct model_file *files, size_t n)
{
    struct arena *arena = arena_new();
    struct made *made = arena_alloc(arena, sizeof *made);
    made->arena = made->findings.arena = arena;
    made->n = n;
    for (size_t i = 0; i < n; i++) {
        made->texts[i] = (struct str){arena_strndup(arena, files[i].data.data, files[i].data.len), files[i].data.len};
        for (size_t j = 0; former && j < former->n; j++)
            if (strcmp(former->units[j]->path, files[i].path) == 0 && str_eq(former->texts[j], files[i].data))
                made->units[i] = unit_retain(former->units[j]);
        if (!made->units[i])
            made->units[i] = unit_read(files[i].path, files[i].data, &model_limits_default);
    }
    made->model = model_of_units(arena, made->units, n, &model_limits_default, &made->findings);
    return made;
}

static void forget(struct made *made)
{
    if (!made)
        return;
    for (size_t i = 0; i < made->n; i++)
        unit_release(made->units[i]);
    arena_free(made->arena);
}

static const char *findings_text(struct arena *arena, struct findings *findings)
{
    findings_sort(findings);
    struct buf *out = buf_new(arena);
    json_t *json = findings_json(findings);
    json_write(out, json);
    json_decref(json);
    return buf_text(out);
}

static const char *jobs_text(struct arena *arena, const struct model *model, const struct jobs *jobs)
{
    struct buf *out = buf_new(arena);
    for (size_t i = 0; i < jobs->count; i++) {
        body_write_struct(out, &job_table, &jobs->items[i]);
        for (size_t l = 0; l < jobs->items[i].level_count; l++)
            buf_addf(out, " %s=%s", jobs->items[i].levels[l].name, jobs->items[i].levels[l].source);
    }
    struct graph graph = graph_make(arena, model, jobs);
    for (size_t i = 0; i < graph.node_count; i++) {
        json_t *json = graph_node_json(&graph.nodes[i]);
        json_write(out, json);
        json_decref(json);
    }
    for (size_t i = 0; i < graph.edge_count; i++)
        buf_addf(out, " %u-%s-%u", graph.edges[i].from, graph.edges[i].kind, graph.edges[i].to);
    return buf_text(out);
}

static void expect_same_objects(const struct model *a, const struct model *b, const char *when)
{
    cr_assert_eq(a->count, b->count, "%s", when);
    for (size_t i = 0; i < a->count; i++) {
        const struct object *x = &a->objects[i], *y = &b->objects[i];
        cr_assert(x->kind == y->kind && strcmp(x->name, y->name) == 0 && str_eq(x->body, y->body) &&
                      strcmp(x->hash, y->hash) == 0 && strcmp(x->place.path, y->place.path) == 0 &&
                      x->place.line == y->place.line && x->place.column == y->place.column,
                  "%s: %s \"%s\" and %s \"%s\"", when, object_kind_names[x->kind], x->name, object_kind_names[y->kind],
                  y->name);
    }
}

static const char *stacks_text(struct arena *arena, const struct stack_library *library, const struct model *model)
{
    struct buf *out = buf_new(arena);
    map_each(entry, &model->by_kind[OBJECT_PSP])
    {
        struct findings findings = {.arena = arena};
        struct stack stack;
        struct err err = {0};
        if (stack_render(arena, library, model, ((const struct object *)entry->value)->name, &findings, &stack, &err))
            continue;
        for (size_t i = 0; i < stack.count; i++)
            buf_add_str(out, stack.artifacts[i].text);
    }
    return buf_text(out);
}

static json_int_t balance(const json_t *document, const char *of)
{
    const json_t *half = json_object_get(document, of);
    return (json_int_t)json_array_size(json_object_get(half, "added")) -
           (json_int_t)json_array_size(json_object_get(half, "retired"));
}

/* A plan that looks only at what differs counts as many views as the models have. */
static void expect_plan(struct arena *arena, const struct stack_library *library, const struct made *former,
                        const struct model *all, const struct jobs *jobs, const char *when)
{
    struct findings none = {.arena = arena};
    const struct plan_side from = {former->model, &former->jobs}, to = {all, jobs};
    json_t *plan = json_own(arena, plan_make(from.model, from.jobs, to.model, to.jobs));
    const json_t *document = plan_document(arena, library, &from, &to, plan, &none);
    struct views before = model_views(arena, from.model, from.jobs, &(struct view_filter){0}),
                 after = model_views(arena, to.model, to.jobs, &(struct view_filter){0});
    cr_assert_eq(balance(document, "views"), (json_int_t)after.count - (json_int_t)before.count, "%s", when);
    cr_assert_eq(json_array_size(json_object_get(document, "stacks")), 0, "%s", when);
    cr_assert_eq(balance(document, "jobs"), 0, "%s", when);
}

struct counts {
    unsigned kept, jobs, clean;
};

/* made is judged by what differs from former; a model of the same files is judged as a whole. */
static void judge(const struct stack_library *library, const struct made *former, struct made *made,
                  const struct model_file *files, size_t n, struct counts *counts, const char *when)
{
    struct arena *scratch = arena_new();
    struct findings whole = {.arena = scratch};
    struct model *all = model_load(scratch, files, n, &whole);
    model_check(all, &whole);
    struct model_change change = {.wide = true, .stacks = true};
    if (former)
        change = model_change_of(scratch, former->model, made->model);
    made->checked = model_check_after(made->arena, made->model, former ? &former->checked : NULL,
                                      former ? &change : NULL, &made->findings);
    expect_same_objects(all, made->model, when);
    const char *expected = findings_text(scratch, &whole);
    cr_assert_str_eq(findings_text(scratch, &made->findings), expected, "%s", when);
    if (!whole.errors) {
        struct findings rest = {.arena = scratch};
        struct jobs jobs = model_jobs(scratch, all, &rest);
        stack_check(library, all, NULL, &rest);
        bool kept = former && former->plain && model_change_keeps_jobs(&change);
        made->plain = kept;
        if (kept) {
            cr_assert_eq(rest.errors, 0, "%s", when);
            cr_assert_str_eq(jobs_text(scratch, made->model, &former->jobs), jobs_text(scratch, all, &jobs), "%s",
                             when);
            cr_assert_str_eq(stacks_text(scratch, library, former->model), stacks_text(scratch, library, all), "%s",
                             when);
            expect_plan(scratch, library, former, all, &jobs, when);
            counts->kept++;
        }
        struct findings again = {.arena = made->arena};
        made->jobs = model_jobs(made->arena, made->model, &again);
        stack_check(library, made->model, &made->jobs, &again);
        cr_assert_str_eq(findings_text(scratch, &again), findings_text(scratch, &rest), "%s", when);
        cr_assert(!kept || again.list.len == 0, "%s: %s", when, again.list.len ? again.list.items[0].text : "");
        made->plain = again.list.len == 0;
        counts->jobs += jobs.count > 0;
        counts->clean++;
    }
    arena_free(scratch);
}

static void run_seed(const struct stack_library *library, uint64_t seed, unsigned edits, struct counts *counts)
{
    struct world w = {.random = seed * 0x9e3779b97f4a7c15u + 1, .arena = arena_new()};
    struct made *former = NULL;
    begin(&w);
    drop_twins(&w);
    struct world good = w;
    for (unsigned i = 0; i < edits; i++) {
        char when[64];
        (void)snprintf(when, sizeof when, "YELLOW_SEED=%llu, edit %u", (unsigned long long)seed, i);
        struct model_file files[FILES + 2];
        struct arena *scratch = arena_new();
        size_t n = files_of(&w, scratch, files);
        struct made *made = read_after(former, files, n);
        judge(library, former, made, files, n, counts, when);
        /* what is wrong is mostly taken back: else soon nothing would be right any more */
        if (!made->findings.errors) {
            good = w;
        } else if (i && now_and_then(&w, 60)) {
            uint64_t random = w.random;
            w = good;
            w.random = random;
        }
        forget(former);
        former = made;
        edit(&w);
        arena_free(scratch);
    }
    forget(former);
    arena_free(w.arena);
}

Test(incremental, a_model_judged_by_what_differs_is_the_model_judged_as_a_whole)
{
    struct arena *arena = arena_new();
    const struct stack_library *library = support_library(arena);
    struct counts counts = {0};
    const char *seed = getenv("YELLOW_SEED"), *edits = getenv("YELLOW_EDITS");
    unsigned count = edits ? (unsigned)strtoul(edits, NULL, 10) : EDITS;
    for (uint64_t s = 1; s <= (seed ? 1 : SEEDS); s++)
        run_seed(library, seed ? strtoull(seed, NULL, 10) : s, count, &counts);
    cr_log_info("%u edits without errors, %u with jobs, %u that keep them", counts.clean, counts.jobs, counts.kept);
    if (!seed && !edits)
        cr_expect(counts.clean > 1000 && counts.jobs > 1000 && counts.kept > 300, "%u, %u, %u: too few to mean much",
                  counts.clean, counts.jobs, counts.kept);
    arena_free(arena);
}
