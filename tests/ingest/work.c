#include "ingest/work.h"

#include "api/job_json.h"
#include "api/work_order.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

/* What the server writes, the job reads: both ends on one model. */

static const char model_text[] =
    "kind: DataContainer\nname: crm-db\ntype: postgres\nhost: crm\ndatabase: crm\n---\n"
    "kind: DataContainer\nname: merge-db\ntype: postgres\nhost: merge\ndatabase: merge\n---\n"
    "kind: Credential\nname: crm-reader\ntype: user-password\ncontainers: [crm-db]\n---\n"
    "kind: Credential\nname: merge-rw\ntype: user-password\ncontainers: [merge-db]\n---\n"
    "kind: Datastore\nname: customers\nteam: usa/sales\n"
    "capture: {type: sql-snapshot, container: crm-db, credential: crm-reader, schedule: external}\n"
    "datasets:\n"
    "- {name: people, table: public.people, columns: [{name: id, type: varchar(20), key: true},\n"
    "   {name: pay, type: \"decimal(10,2)\", nullable: true}]}\n"
    "- {name: pets, columns: [{name: a, type: int32}]}\n---\n"
    "kind: Datastore\nname: masked\nteam: usa/sales\n"
    "datasets: [{name: people, columns: [{name: id, type: int64, key: true}]}]\n---\n"
    "kind: Workspace\nname: marketing\nteam: usa/sales\n"
    "groups:\n"
    "- {name: now, platform: {milestoning: live}, sinks: [{store: customers, dataset: people}]}\n"
    "- {name: past, platform: {name: Forensic}, sinks: [{store: customers, dataset: people},\n"
    "   {store: customers, dataset: pets}]}\n"
    "transformer: {name: mask, code: {type: sql, file: mask.sql}, output: masked}\n---\n"
    "kind: Workspace\nname: report\nteam: usa/sales\n"
    "groups: [{name: g, platform: {name: Live}, sinks: [{store: masked, dataset: people}]}]\n---\n"
    "kind: PlatformServiceProvider\nname: ny\nnamespace: ny\nassembly: a\nimage: r/y:1\n"
    "merge: {container: merge-db, credential: merge-rw}\n"
    "platforms: [{name: Live, milestoning: live}, {name: Forensic, milestoning: milestoned}]\n";

static struct arena *arena;
static struct err err;
static struct snapshot snapshot;

static void setup(void)
{
    arena = arena_new();
    err = (struct err){0};
    struct findings findings = {.arena = arena};
    const struct model_file files[] = {{"mask.sql", STR("select 1;\n")}, {"m.yaml", str_from(model_text)}};
    snapshot = (struct snapshot){.ecosystem = "acme", .version = 7};
    snapshot.model = model_load(arena, files, 2, &findings);
    cr_assert(zero(sz, findings.errors), "%s", findings.list.items[0].text);
    snapshot.jobs = model_jobs(arena, snapshot.model, &findings);
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(work, .init = setup, .fini = teardown);

static struct str started(enum job_kind kind, const char *platform, const char *name, const char *store,
                          const char *workspace)
{
    struct work_order order = {.snapshot = &snapshot};
    struct job_row job = {.key = {"acme", kind, platform, name},
                          .psp = "ny",
                          .store = store,
                          .workspace = workspace,
                          .milestoning = strcmp(platform, "Live") == 0 ? "live" : "milestoned",
                          .watermark = "w",
                          .resources = resources_system_ingestion};
    struct run_row run = {.id = 3, .key = job.key, .fence = 2, .batch = 9, .attempt = 1, .state = "running"};
    json_t *json = json_own(arena, run_json(&run));
    json_object_set_new(json, "work", work_order_json(arena, &order, &job));
    struct buf *text = buf_new(arena);
    json_write(text, json);
    return buf_str(text);
}

static const struct work *get(struct str body)
{
    const struct work *work = NULL;
    cr_assert(eq(int, work_read(arena, body, &work, &err), 0), "%s", err.text);
    return work;
}

Test(work, a_stream_gets_all_that_its_batch_needs_in_types)
{
    const struct work *work = get(started(JOB_STREAM, "Forensic", "customers", "customers", NULL));
    cr_expect(eq(str, (char *)work->ecosystem, "acme"));
    cr_expect(eq(str, (char *)work->platform, "Forensic"));
    cr_expect(eq(str, (char *)work->name, "customers"));
    cr_expect(eq(int, work->kind, JOB_STREAM));
    cr_expect(eq(int, work->version, 7));
    cr_expect(eq(i64, work->run, 3));
    cr_expect(eq(i64, work->fence, 2));
    cr_expect(eq(i32, work->batch, 9));
    cr_expect(work->milestoned);
    cr_expect(eq(str, (char *)work->watermark, "w"));
    cr_expect(eq(int, work->store->capture.type, CAPTURE_SQL_SNAPSHOT));
    cr_expect(eq(str, (char *)work->source->host, "crm"));
    cr_expect(eq(str, (char *)work->credential->name, "crm-reader"));
    cr_expect(eq(str, (char *)work->merge->name, "merge-db"));
    cr_expect(eq(str, (char *)work->merge_credential->name, "merge-rw"));
    cr_expect(eq(ptr, (void *)work->workspace, NULL));
    cr_expect(eq(ptr, (void *)work->sql.data, NULL));
    cr_expect(eq(str, (char *)work->resources.value[RESOURCE_MEMORY_LIMIT], "1Gi"));
    cr_assert(eq(sz, work->dataset_count, 2));
    const struct work_dataset *people = &work->datasets[0];
    cr_expect(eq(str, (char *)people->model->table, "public.people"));
    cr_expect(eq(str, (char *)people->schema, "acme__forensic"));
    cr_expect(eq(str, (char *)people->table, "customers__people"));
    cr_assert(eq(sz, people->column_count, 2));
    cr_expect(eq(str, (char *)people->columns[1].sql, "numeric(10,2)"));
    cr_expect(people->columns[1].nullable);
    cr_assert(eq(sz, people->key_count, 1));
    cr_expect(eq(sz, people->key[0], 0));
    cr_expect(eq(sz, work->datasets[1].key_count, 0));
}

Test(work, views_are_those_of_groups_that_fit_and_all_of_a_workspace_whose_transformer_runs_there)
{
    const struct work *work = get(started(JOB_STREAM, "Forensic", "customers", "customers", NULL));
    cr_assert(eq(sz, work->view_count, 2));
    cr_expect(eq(str, (char *)work->views[1].schema, "acme__forensic__marketing"));
    cr_expect(eq(str, (char *)work->views[1].name, "past__customers__pets"));
    cr_expect(eq(str, (char *)work->views[1].full, "past__customers__pets__full"));
    cr_expect(eq(str, (char *)work->views[1].as_of, "past__customers__pets__as_of"));
    cr_expect(eq(sz, work->views[1].dataset, 1));
    work = get(started(JOB_STREAM, "Live", "customers", "customers", NULL));
    cr_assert(eq(sz, work->view_count, 3));
    cr_expect(eq(str, (char *)work->views[0].name, "now__customers__people"));
    cr_expect(eq(ptr, (void *)work->views[0].full, NULL));
}

Test(work, a_transformer_gets_its_output_its_workspace_and_its_sql)
{
    const struct work *work = get(started(JOB_TRANSFORMER, "Live", "mask", "masked", "marketing"));
    cr_expect(eq(int, work->kind, JOB_TRANSFORMER));
    cr_expect(eq(str, (char *)work->store->name, "masked"));
    cr_expect(eq(str, (char *)work->workspace->transformer.name, "mask"));
    cr_expect(eq(ptr, (void *)work->source, NULL));
    cr_expect(eq(str, (char *)work->sql.data, "select 1;\n"));
    work = get(started(JOB_STREAM, "Live", "masked", "masked", NULL));
    cr_expect(eq(int, work->store->capture.type, CAPTURE_TRANSFORMER));
    cr_expect(eq(str, (char *)work->workspace->transformer.name, "mask"), "the stream of an output knows its writer");
    cr_expect(eq(ptr, (void *)work->sql.data, NULL));
}

Test(work, an_order_that_lacks_something_is_of_another_release)
{
    static const struct {
        const char *body, *text;
    } cases[] = {
        {"no", "the work order is no JSON"},
        {"{}", "the work order has no work"},
        {"{\"work\":{}}", "the work order has no kind"},
        {"{\"kind\":\"stream\",\"platform\":\"P\",\"name\":\"n\",\"run\":1,\"fence\":0,\"work\":{\"version\":1,"
         "\"ecosystem\":\"e\",\"psp\":\"p\",\"resources\":{}}}",
         "the work order has no fence"},
    };
    const struct work *work;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect(eq(int, work_read(arena, str_from(cases[i].body), &work, &err), -ERR_INVALID));
        cr_expect(eq(str, err.text, (char *)cases[i].text));
    }
    json_t *whole;
    cr_assert(eq(int, json_read(arena, started(JOB_STREAM, "Live", "customers", "customers", NULL), &whole, &err), 0));
    json_array_remove(json_object_get(json_object_get(whole, "work"), "objects"), 1);
    struct buf *text = buf_new(arena);
    json_write(text, whole);
    cr_expect(eq(int, work_read(arena, buf_str(text), &work, &err), -ERR_INVALID));
    cr_expect(eq(str, err.text, "the work order has no DataContainer crm-db"));
}
