#include "api/app.h"
#include "api/routes.h"
#include "http/drive.h"
#include "http/shared.h"
#include "pg/cluster.h"
#include "store/job_kit.h"
#include "store/object.h"
#include "store/token.h"
#include "store/version.h"

/* Streams, runs, hints, status and audit, as a client sees them: through the dispatcher, with real tokens. */

static struct arena *arena;
static struct pg *pg;
static struct app app;
static struct http_dispatcher *dispatcher;
static const char *token;
static struct err err;
static struct drive t;
static json_t *json;

#define STREAM "/v1/ecosystems/acme/platforms/Live/streams/customers"
#define ORDERS "/v1/ecosystems/acme/platforms/Live/streams/orders.lines"
#define MASK "/v1/ecosystems/acme/platforms/Live/transformers/mask"

static int authenticate(void *ctx, struct arena *a, bool may_wait, struct str text, struct http_principal *out,
                        struct err *why)
{
    return auth_check(((struct app *)ctx)->auth, a, may_wait, text, out, why);
}

static const char *make_token(const char *name, const char *scope)
{
    char text[TOKEN_TEXT_SIZE];
    struct token_spec spec = {.name = name, .scopes = &scope, .scope_count = 1, .actor = "test"};
    cr_assert_eq(token_create(pg, arena, &spec, text, &err), 0, "%s", err.text);
    auth_invalidate(app.auth);
    return arena_strdup(arena, text);
}

/* A version whose model has the store of the streams. */
static int model_tx(struct pg *c, struct arena *a, void *ctx, struct err *why)
{
    static const struct model_file file = {
        "model.yaml",
        {"kind: Datastore\nname: customers\nteam: usa/sales\n"
         "capture: {type: sql-snapshot, container: crm, credential: reader, schedule: external}\n"
         "datasets:\n"
         "- {name: people, classification: PUB, columns: [{name: id, type: int32, key: true}]}\n",
         0}};
    struct model_file files[1] = {file};
    files[0].data = str_from(file.data.data);
    struct findings findings = {.arena = a};
    const struct model *model = model_load(a, files, 1, &findings);
    struct version_row row = {.version = 1, .commit_oid = "0123456789012345678901234567890123456789"};
    row.findings = json_own(a, json_array());
    int rc = version_add(c, a, "acme", &row, json_own(a, json_object()), why);
    (void)ctx;
    return rc ? rc : object_apply(c, a, "acme", 1, NULL, model, why);
}

static void setup(void)
{
    arena = arena_new();
    t = (struct drive){0};
    err = (struct err){0};
    const char *url = test_database(arena);
    pg = test_connect(url);
    app = (struct app){.run_lease_ms = 60000};
    app.pool = pg_pool_new(&(struct pg_pool_options){
        .url = url, .size = 4, .connect_deadline_ms = 5000, .take_deadline_ms = 5000, .statement_ms = 20000});
    app.snapshots = snapshots_new(app.pool);
    app.statuses = statuses_new(app.pool);
    app.auth = auth_new(app.pool);
    kit_ecosystem(pg, "acme");
    struct job jobs[] = {kit_stream("Live", "customers"), kit_stream("Live", "orders.lines"),
                         kit_transformer("Live", "mask")};
    jobs[1].store = "orders";
    jobs[1].dataset = "lines";
    kit_apply(pg, "acme", 1, jobs, 3);
    cr_assert_eq(pg_transaction(pg, arena, model_tx, NULL, &err), 0, "%s", err.text);
    (void)kit_value(pg, arena, "update ecosystems set version = 1");
    token = make_token("ann", "admin");
    size_t count;
    const struct http_route *routes = routes_all(&count);
    struct http_dispatcher_options options = {.app = &app, .authenticate = authenticate};
    cr_assert_eq(http_dispatcher_new(routes, count, &options, &dispatcher, &err), 0, "%s", err.text);
}

static void teardown(void)
{
    if (t.arena)
        drive_end(&t);
    http_dispatcher_free(dispatcher);
    auth_free(app.auth);
    statuses_free(app.statuses);
    snapshots_free(app.snapshots);
    pg_pool_free(app.pool);
    pg_close(pg);
    arena_free(arena);
}

TestSuite(api_jobs, .init = setup, .fini = teardown);

/* The status of the answer; its body in json. header: "Name: value" or NULL. */
static int ask(enum http_method method, const char *target, const char *body, const char *header)
{
    if (t.arena)
        drive_end(&t);
    const char *authorization = arena_printf(arena, "Authorization: Bearer %s", token);
    drive_begin(&t, method, target,
                DRIVE_HEADERS(authorization, body ? "Content-Type: application/json" : header, header));
    t.req.body = str_from(body);
    t.req.content_length = (int64_t)t.req.body.len;
    http_dispatch(dispatcher, &t.req, &t.res);
    json = http_response_body(&t.res).len && t.res.status != 304 ? drive_json(&t) : NULL;
    return t.res.status ? t.res.status : t.res.shared->status;
}

/* A member of the answer as compact JSON; "absent" when it is not there. */
static const char *at(const char *path)
{
    const json_t *value = json;
    for (struct str rest = str_from(path); rest.data;) {
        struct str step = str_cut(&rest, '/');
        const char *key = arena_strndup(arena, step.data, step.len);
        int64_t index;
        value = json_is_array(value) && str_int64(step, 0, 1000, &index) ? json_array_get(value, (size_t)index)
                                                                         : json_object_get(value, key);
    }
    if (!value)
        return "absent";
    struct buf *text = buf_new(arena);
    json_write(text, value);
    return buf_text(text);
}

static const char *header(const char *name)
{
    const char *value = http_response_header(&t.res, name);
    return arena_strdup(arena, value ? value : "");
}

static const char *match(void)
{
    return arena_printf(arena, "If-Match: %s", header("ETag"));
}

Test(api_jobs, a_run_gets_its_work_from_the_model_and_the_job)
{
    cr_assert_eq(ask(HTTP_POST, STREAM "/runs", "{}", NULL), 201);
    cr_assert_str_eq(at("fence"), "1");
    cr_assert_str_eq(at("batch"), "1");
    cr_assert_str_eq(at("state"), "\"running\"");
    cr_assert_str_eq(at("started_by"), "\"ann\"");
    cr_assert_str_eq(at("work/milestoning"), "\"live\"");
    cr_assert_str_eq(at("work/ecosystem"), "\"acme\"");
    cr_assert_str_eq(at("work/objects/0/kind"), "\"Datastore\"");
    cr_assert_str_eq(at("work/objects/0/body/capture/container"), "\"crm\"");
    cr_assert_str_eq(at("work/objects/0/body/datasets/0/name"), "\"people\"");
    cr_assert_str_eq(at("work/objects/1"), "absent");
    cr_assert_str_eq(at("work/views"), "[]");
    cr_assert_str_eq(at("work/sql"), "null");
    cr_assert_str_eq(at("work/watermark"), "null");
    const char *location = header("Location");
    cr_assert_eq(ask(HTTP_GET, location, NULL, NULL), 200);
    cr_assert_str_eq(at("name"), "\"customers\"");
    cr_assert_eq(ask(HTTP_POST, MASK "/runs", NULL, NULL), 201);
    cr_assert_str_eq(at("kind"), "\"transformer\"");
}

Test(api_jobs, a_run_gets_the_work_of_a_version_that_this_process_has_not_heard_of)
{
    cr_assert_eq(ask(HTTP_GET, "/v1/ecosystems/acme/datastores", NULL, NULL), 200);
    cr_assert_str_eq(at("version"), "1");
    (void)kit_value(pg, arena,
                    "with v as (insert into versions (ecosystem, version, commit_oid, plan) "
                    "values ('acme', 2, '1123456789012345678901234567890123456789', '{}')), "
                    "o as (update objects set version_in = 2, body = replace(body, 'int32', 'int64')) "
                    "update ecosystems set version = 2");
    cr_assert_eq(ask(HTTP_POST, STREAM "/runs", NULL, NULL), 201);
    cr_assert_str_eq(at("work/version"), "2");
    cr_assert_str_eq(at("work/objects/0/body/datasets/0/columns/0/type"), "\"int64\"");
}

Test(api_jobs, a_second_run_is_told_of_the_live_one)
{
    cr_assert_eq(ask(HTTP_POST, STREAM "/runs", NULL, NULL), 201);
    const char *run = at("run"), *lease = at("lease_until");
    cr_assert_eq(ask(HTTP_POST, STREAM "/runs", NULL, NULL), 409);
    cr_assert_str_eq(at("code"), "\"run-live\"");
    cr_assert_str_eq(at("run/run"), run);
    cr_assert_str_eq(at("run/started_by"), "\"ann\"");
    cr_assert_str_eq(at("run/lease_until"), lease);
}

Test(api_jobs, one_idempotency_key_is_one_run)
{
    cr_assert_eq(ask(HTTP_POST, STREAM "/runs", NULL, "Idempotency-Key: k1"), 201);
    const char *run = at("run");
    cr_assert_eq(ask(HTTP_POST, STREAM "/runs", NULL, "Idempotency-Key: k1"), 201);
    cr_assert_str_eq(at("run"), run);
    cr_assert_eq(ask(HTTP_POST, ORDERS "/runs", NULL, "Idempotency-Key: k1"), 422);
}

Test(api_jobs, a_run_is_reported_from_heartbeat_to_commit)
{
    cr_assert_eq(ask(HTTP_POST, STREAM "/runs", NULL, NULL), 201);
    const char *run = header("Location");
    cr_assert_eq(ask(HTTP_PATCH, run, "{\"fence\":1,\"progress\":{\"rows\":9},\"state\":\"ingested\"}", NULL), 200);
    cr_assert_str_eq(at("progress"), "{\"rows\":9}");
    const char *finish = arena_printf(arena, "%s/finish", run);
    const char *report = "{\"fence\":1,\"outcome\":\"committed\",\"counts\":{\"read\":5,\"inserted\":5},"
                         "\"watermark\":\"2026-01-01\"}";
    cr_assert_eq(ask(HTTP_POST, finish, report, NULL), 200);
    cr_assert_str_eq(at("state"), "\"committed\"");
    cr_assert_str_eq(at("counts/quarantined"), "0");
    struct str first = {arena_strdup(arena, http_response_body(&t.res).data), http_response_body(&t.res).len};
    cr_assert_eq(ask(HTTP_POST, finish,
                     "{\"watermark\":\"2026-01-01\",\"outcome\":\"committed\",\"fence\":1,"
                     "\"counts\":{\"inserted\":5,\"read\":5}}",
                     NULL),
                 200);
    cr_assert(str_eq(http_response_body(&t.res), first), "the same report, its members in another order");
    cr_assert_eq(ask(HTTP_POST, finish, "{\"fence\":1,\"outcome\":\"committed\",\"counts\":{\"read\":6}}", NULL), 409);
    cr_assert_str_eq(at("run/state"), "\"committed\"");
    cr_assert_str_eq(at("code"), "\"illegal-move\"");
    cr_assert_eq(ask(HTTP_GET, STREAM, NULL, NULL), 200);
    cr_assert_str_eq(at("watermark"), "\"2026-01-01\"");
    cr_assert_str_eq(at("batch_state"), "\"committed\"");
    cr_assert_eq(ask(HTTP_GET, STREAM "/batches", NULL, NULL), 200);
    cr_assert_str_eq(at("items/0/state"), "\"committed\"");
    cr_assert_str_eq(at("items/0/counts/read"), "5");
}

Test(api_jobs, a_report_is_told_everything_that_is_wrong_with_it)
{
    cr_assert_eq(ask(HTTP_POST, STREAM "/runs", NULL, NULL), 201);
    const char *finish = arena_printf(arena, "%s/finish", header("Location"));
    cr_assert_eq(ask(HTTP_POST, finish, "{\"outcome\":\"failed\",\"cause\":\"bad-luck\",\"x\":1}", NULL), 422);
    cr_assert_str_eq(at("errors/0/pointer"), "\"/x\"");
    cr_assert_str_eq(at("errors/1/pointer"), "\"/fence\"");
    cr_assert_str_eq(at("errors/2/pointer"), "\"/cause\"");
    cr_assert_str_eq(at("errors/3/pointer"), "\"/message\"");
    cr_assert_eq(ask(HTTP_POST, finish, "{\"fence\":1,\"outcome\":\"committed\",\"counts\":{\"read\":-1}}", NULL), 422);
    cr_assert_str_eq(at("errors/0/pointer"), "\"/counts/read\"");
    cr_assert_eq(ask(HTTP_POST, finish, "{\"fence\":1,", NULL), 400);
    cr_assert_eq(ask(HTTP_PATCH, "/v1/ecosystems/acme/runs/1", "{\"fence\":1,\"a/b~c\":1}", NULL), 422);
    cr_assert_str_eq(at("errors/0/pointer"), "\"/a~1b~0c\"");
    cr_assert_eq(ask(HTTP_PATCH, "/v1/ecosystems/acme/runs/9999", "{\"fence\":1}", NULL), 404);
    cr_assert_str_eq(at("detail"), "\"ecosystem acme has no run 9999\"");
}

Test(api_jobs, a_failure_is_seen_in_the_stream_the_status_and_the_audit)
{
    cr_assert_eq(ask(HTTP_GET, "/v1/ecosystems/acme/status", NULL, NULL), 200);
    cr_assert_str_eq(at("health/verdict"), "\"ok\"");
    cr_assert_eq(ask(HTTP_POST, STREAM "/runs", NULL, NULL), 201);
    const char *finish = arena_printf(arena, "%s/finish", header("Location"));
    cr_assert_eq(ask(HTTP_POST, finish,
                     "{\"fence\":1,\"outcome\":\"failed\",\"cause\":\"out-of-memory\",\"message\":\"killed\"}", NULL),
                 200);
    cr_assert_eq(ask(HTTP_GET, "/v1/ecosystems/acme/status", NULL, NULL), 200);
    cr_assert_str_eq(at("health/verdict"), "\"degraded\"");
    cr_assert_str_eq(at("failures/0/cause"), "\"out-of-memory\"");
    cr_assert_str_eq(at("streams/failed"), "1");
    cr_assert_eq(ask(HTTP_GET, "/v1/ecosystems/acme/streams?state=failed", NULL, NULL), 200);
    cr_assert_str_eq(at("items/0/cause"), "\"out-of-memory\"");
    cr_assert_str_eq(at("items/1"), "absent");
    cr_assert_eq(ask(HTTP_GET, "/v1/ecosystems/acme/audit?object=stream%20Live/customers&limit=1", NULL, NULL), 200);
    cr_assert_str_eq(at("items/0/action"), "\"run.fail\"");
    cr_assert_str_eq(at("items/0/after/cause"), "\"out-of-memory\"");
    cr_assert_str_eq(at("items/0/actor"), "\"ann\"");
    const char *link = header("Link");
    const char *next = arena_strndup(arena, link + 1, (size_t)(strchr(link, '>') - link - 1));
    cr_assert_eq(ask(HTTP_GET, next, NULL, NULL), 200);
    cr_assert_str_eq(at("items/0/action"), "\"run.start\"");
    cr_assert_str_eq(header("Link"), "");
}

Test(api_jobs, a_thousand_polls_with_a_token_run_no_statement_and_get_304)
{
    cr_assert_eq(ask(HTTP_GET, "/v1/ecosystems/acme/status", NULL, NULL), 200);
    const char *none = arena_printf(arena, "If-None-Match: %s", t.res.shared->etag);
    uint64_t before = pg_statement_count();
    for (int i = 0; i < 1000; i++)
        cr_assert_eq(ask(HTTP_GET, "/v1/ecosystems/acme/status", NULL, none), 304);
    cr_assert_eq(pg_statement_count() - before, 0);
}

Test(api_jobs, the_event_thread_defers_what_must_be_built_and_serves_what_is_there)
{
    const char *authorization = arena_printf(arena, "Authorization: Bearer %s", token);
    for (int round = 0; round < 2; round++) {
        drive_begin(&t, HTTP_GET, "/v1/ecosystems/acme/status", DRIVE_HEADERS(authorization));
        enum http_step step = http_dispatch_begin(dispatcher, &t.req, &t.res);
        if (step == HTTP_STEP_RUN)
            step = http_dispatch_finish(dispatcher, &t.req, &t.res);
        cr_assert_eq(step, round ? HTTP_STEP_DONE : HTTP_STEP_DEFER);
        cr_assert_eq(ask(HTTP_GET, "/v1/ecosystems/acme/status", NULL, NULL), 200);
        drive_end(&t);
    }
    cr_assert_eq(ask(HTTP_GET, "/v1/ecosystems/nobody/status", NULL, NULL), 404);
}

Test(api_jobs, a_hint_is_in_the_job_the_status_and_the_audit_at_once)
{
    cr_assert_eq(ask(HTTP_GET, STREAM "/hint", NULL, NULL), 404);
    cr_assert_str_eq(at("detail"), "\"stream Live/customers has no hint\"");
    cr_assert_eq(ask(HTTP_PUT, STREAM "/hint", "{\"requests\":{\"memory\":\"512Mi\"}}", NULL), 201);
    cr_assert_str_eq(at("requests/memory"), "\"512Mi\"");
    cr_assert_str_eq(at("updated_by"), "\"ann\"");
    const char *if_match = match();
    cr_assert_eq(ask(HTTP_GET, "/v1/ecosystems/acme/streams?store=customers", NULL, NULL), 200);
    cr_assert_str_eq(at("items/0/resources"), "{\"requests\":{\"memory\":\"512Mi\",\"cpu\":\"100m\"},"
                                              "\"limits\":{\"memory\":\"1Gi\",\"cpu\":\"500m\"}}");
    cr_assert_eq(ask(HTTP_GET, STREAM "/resources", NULL, NULL), 200);
    cr_assert_str_eq(at("values/requests.memory"),
                     "{\"value\":\"512Mi\",\"level\":\"api-hint\",\"source\":\"the hint set through the API\","
                     "\"losers\":[{\"level\":\"system-default\",\"source\":\"the system's default\","
                     "\"value\":\"256Mi\"}]}");
    cr_assert_eq(ask(HTTP_GET, "/v1/ecosystems/acme/audit?action=hint.put", NULL, NULL), 200);
    cr_assert_str_eq(at("items/0/before"), "null");
    cr_assert_str_eq(at("items/0/after"), "{\"requests\":{\"memory\":\"512Mi\"}}");

    cr_assert_eq(ask(HTTP_PUT, STREAM "/hint", "{\"requests\":{\"cpu\":\"200m\"}}", NULL), 428);
    cr_assert_eq(ask(HTTP_PUT, STREAM "/hint", "{\"requests\":{\"cpu\":\"200m\"}}", "If-None-Match: *"), 412);
    cr_assert_eq(ask(HTTP_PUT, STREAM "/hint", "{\"requests\":{\"cpu\":\"200m\"}}", "If-Match: \"h99\""), 412);
    cr_assert_eq(ask(HTTP_PUT, STREAM "/hint", "{\"requests\":{\"cpu\":\"200m\"}}", if_match), 200);
    cr_assert_eq(ask(HTTP_GET, STREAM, NULL, NULL), 200);
    cr_assert_str_eq(at("resources/requests"), "{\"memory\":\"256Mi\",\"cpu\":\"200m\"}");
    cr_assert_eq(ask(HTTP_DELETE, STREAM "/hint", NULL, NULL), 428);
    cr_assert_eq(ask(HTTP_DELETE, STREAM "/hint", NULL, if_match), 412);
    cr_assert_eq(ask(HTTP_GET, STREAM "/hint", NULL, NULL), 200);
    cr_assert_eq(ask(HTTP_DELETE, STREAM "/hint", NULL, match()), 204);
    cr_assert_eq(ask(HTTP_GET, STREAM, NULL, NULL), 200);
    cr_assert_str_eq(at("resources/requests"), "{\"memory\":\"256Mi\",\"cpu\":\"100m\"}");
    cr_assert_str_eq(at("hint"), "null");
    cr_assert_eq(ask(HTTP_DELETE, STREAM "/hint", NULL, if_match), 404);
}

Test(api_jobs, a_hint_that_means_nothing_is_refused_with_pointers)
{
    cr_assert_eq(ask(HTTP_PUT, STREAM "/hint", "{\"requests\":{\"memory\":\"lots\",\"disk\":\"1\"},\"x\":1}", NULL),
                 422);
    cr_assert_str_eq(at("errors/0/pointer"), "\"/x\"");
    cr_assert_str_eq(at("errors/1/pointer"), "\"/requests/disk\"");
    cr_assert_str_eq(at("errors/2/pointer"), "\"/requests/memory\"");
    cr_assert_eq(ask(HTTP_PUT, STREAM "/hint", "{}", NULL), 422);
    cr_assert_eq(ask(HTTP_PUT, STREAM "/hint", "{\"requests\":{\"memory\":\"2Gi\"}}", NULL), 422);
    cr_assert_str_eq(at("errors/0/pointer"), "\"/requests/memory\"");
    cr_assert_eq(ask(HTTP_PUT, MASK "/hint", "{\"limits\":{\"cpu\":\"100m\"}}", NULL), 422);
    cr_assert_str_eq(at("errors/0/pointer"), "\"/limits/cpu\"");
    cr_assert_eq(ask(HTTP_GET, STREAM, NULL, NULL), 200);
    cr_assert_str_eq(at("hint"), "null");
    cr_assert_str_eq(kit_value(pg, arena, "select count(*) from hints"), "0");
    cr_assert_eq(ask(HTTP_PUT, "/v1/ecosystems/acme/platforms/Live/streams/nobody/hint",
                     "{\"requests\":{\"cpu\":\"1m\"}}", NULL),
                 404);
}

Test(api_jobs, a_retired_job_takes_no_run_and_no_hint_but_is_still_shown)
{
    struct job jobs[] = {kit_stream("Live", "customers")};
    kit_apply(pg, "acme", 2, jobs, 1);
    cr_assert_eq(ask(HTTP_POST, MASK "/runs", NULL, NULL), 409);
    cr_assert_str_eq(at("code"), "\"job-retired\"");
    cr_assert_eq(ask(HTTP_PUT, MASK "/hint", "{\"requests\":{\"cpu\":\"1m\"}}", NULL), 409);
    cr_assert_eq(ask(HTTP_GET, MASK, NULL, NULL), 200);
    cr_assert_str_eq(at("state"), "\"retired\"");
    cr_assert_str_eq(at("retired_in"), "2");
}

Test(api_jobs, lists_go_on_where_the_last_page_ended)
{
    cr_assert_eq(ask(HTTP_GET, "/v1/ecosystems/acme/streams?limit=1", NULL, NULL), 200);
    cr_assert_str_eq(at("items/0/name"), "\"customers\"");
    const char *link = header("Link");
    const char *next = arena_strndup(arena, link + 1, (size_t)(strchr(link, '>') - link - 1));
    cr_assert_eq(ask(HTTP_GET, next, NULL, NULL), 200);
    cr_assert_str_eq(at("items/0/name"), "\"orders.lines\"");
    cr_assert_str_eq(header("Link"), "");
    const char *none = arena_printf(arena, "If-None-Match: %s", header("ETag"));
    cr_assert_eq(ask(HTTP_GET, next, NULL, none), 304);
    cr_assert_eq(ask(HTTP_GET, "/v1/ecosystems/acme/transformers", NULL, NULL), 200);
    cr_assert_str_eq(at("items/0/name"), "\"mask\"");
    cr_assert_eq(ask(HTTP_GET, "/v1/ecosystems/acme/streams?state=happy", NULL, NULL), 400);
    cr_assert_str_eq(at("detail"), "\"state \\\"happy\\\" is none of idle, running, failed, lost, paused, retired\"");
    cr_assert_eq(ask(HTTP_GET, "/v1/ecosystems/acme/streams?colour=red", NULL, NULL), 400);
    cr_assert_eq(ask(HTTP_GET, "/v1/ecosystems/acme/streams?cursor=zzz", NULL, NULL), 400);
    cr_assert_eq(ask(HTTP_GET, "/v1/ecosystems/nobody/streams", NULL, NULL), 404);
}

Test(api_jobs, batches_are_paged_newest_first)
{
    for (int i = 1; i <= 3; i++) {
        cr_assert_eq(ask(HTTP_POST, STREAM "/runs", NULL, NULL), 201);
        const char *finish = arena_printf(arena, "%s/finish", header("Location"));
        const char *report =
            arena_printf(arena, "{\"fence\":%d,\"outcome\":\"committed\",\"counts\":{\"read\":%d}}", i, i);
        cr_assert_eq(ask(HTTP_POST, finish, report, NULL), 200);
    }
    cr_assert_eq(ask(HTTP_GET, STREAM "/batches?limit=2", NULL, NULL), 200);
    cr_assert_str_eq(at("items/0/batch"), "3");
    cr_assert_str_eq(at("items/1/batch"), "2");
    const char *link = header("Link");
    const char *next = arena_strndup(arena, link + 1, (size_t)(strchr(link, '>') - link - 1));
    cr_assert_eq(ask(HTTP_GET, next, NULL, NULL), 200);
    cr_assert_str_eq(at("items/0/batch"), "1");
    cr_assert_str_eq(at("items/1"), "absent");
    cr_assert_str_eq(header("Link"), "");
}

Test(api_jobs, each_verb_needs_its_scope)
{
    token = make_token("dash", "status:read");
    cr_assert_eq(ask(HTTP_GET, "/v1/ecosystems/acme/status", NULL, NULL), 200);
    cr_assert_eq(ask(HTTP_POST, STREAM "/runs", NULL, NULL), 403);
    cr_assert_eq(ask(HTTP_PUT, STREAM "/hint", "{\"requests\":{\"cpu\":\"1m\"}}", NULL), 403);
    cr_assert_eq(ask(HTTP_GET, "/v1/ecosystems/acme/audit", NULL, NULL), 403);
    token = make_token("job", "run:write");
    cr_assert_eq(ask(HTTP_POST, STREAM "/runs", NULL, NULL), 201);
    cr_assert_eq(ask(HTTP_GET, "/v1/ecosystems/acme/status", NULL, NULL), 403);
}
