#include "control/flow.h"
#include "control/inbox.h"
#include "control/registry.h"
#include "control/rollback.h"
#include "store/repository.h"

#include <criterion/criterion.h>
#include <sys/wait.h>
#include <unistd.h>

/* The team sales of examples/acme in a repository of its own. */

static struct flow flow;

#define CUSTOMERS "teams/sales/customers.yaml"

static void setup(void)
{
    flow_init(&flow);
    flow_sql(&flow, "update ecosystems set repository = 'acme/data-model'");
    kit_sh(&flow.git, "git init -q --bare -b main sales.git && git clone -q sales.git sales 2>/dev/null && "
                      "cd sales && git checkout -q -b main 2>/dev/null || true");
    kit_sh(&flow.git, "mkdir -p sales/teams && mv work/teams/sales sales/teams/sales && "
                      "sed -i '/name: sales/{n;s#acme/data-model#acme/sales#}' work/zones/usa.yaml");
    /* so much of both as stands by itself */
    kit_sh(&flow.git,
           "rm -r work/teams work/transforms sales/teams/sales/orders.yaml sales/teams/sales/sales-desk.yaml && "
           "sed -i '/^hints:/,$d' work/platform/psp.yaml && sed -i '/^kind: Workspace/,$d' sales/" CUSTOMERS);
    json_t *secrets;
    cr_assert_eq(json_read(flow.arena, STR("[{\"env\":\"FLOW_SECRET\"}]"), &secrets, &flow.err), 0);
    struct ecosystem_row row = {.name = "acme",
                                .repo = "sales",
                                .url = arena_printf(flow.arena, "file://%s/sales.git", flow.git.root),
                                .branch = "main",
                                .path = "",
                                .repository = "acme/sales",
                                .secrets = secrets};
    cr_assert_eq(repository_create(flow.pg, flow.arena, &row, &flow.err), 0, "%s", flow.err.text);
}

static void teardown(void)
{
    flow_dispose(&flow);
}

TestSuite(repositories, .init = setup, .fini = teardown);

static int64_t receive(const char *repo, const char *commit)
{
    static int n;
    struct str body = flow_payload(&flow, "refs/heads/main", commit);
    struct inbox_webhook webhook = {.ecosystem = "acme",
                                    .forge = forge_find("github"),
                                    .signature = flow_signature(&flow, body),
                                    .event = "push",
                                    .forge_id = arena_printf(flow.arena, "hook-%d", ++n),
                                    .content_type = "application/json",
                                    .body = body,
                                    .repo = repo};
    int64_t id = 0;
    bool fresh;
    cr_assert_eq(inbox_receive(flow.pool, flow.arena, &webhook, &id, &fresh, &flow.err), 0, "%s", flow.err.text);
    return id;
}

/* Edits the clone of sales and pushes it; received. */
static int64_t push_sales(const char *edit)
{
    kit_sh(&flow.git,
           "cd sales && %s && git add -A && git commit -q --allow-empty -m change && git push -q origin HEAD:main",
           edit);
    return receive("sales", kit_sh(&flow.git, "git -C sales rev-parse HEAD"));
}

static int64_t push_own(const char *edit)
{
    return receive(NULL, flow_push(&flow, edit));
}

static void own_in_force(void)
{
    int64_t id = push_own("true");
    flow_work(&flow);
    flow_expect(&flow, id, "merged", NULL);
}

/* Versions 1 and 2. */
static void both(void)
{
    own_in_force();
    int64_t id = push_sales("true");
    flow_work(&flow);
    flow_expect(&flow, id, "merged", NULL);
}

static const char *widen(int to)
{
    return arena_printf(
        flow.arena, "sed -i 's/name: full_name, type: varchar([0-9]*)/name: full_name, type: varchar(%d)/' " CUSTOMERS,
        to);
}

/* What memory has of the version in force is what the database gives. */
static void check_stored(void)
{
    struct snapshots *cold = snapshots_new(flow.pool);
    struct snapshot *warm, *read;
    cr_assert_eq(snapshots_get(flow.snapshots, "acme", 0, &warm, &flow.err), 0, "%s", flow.err.text);
    cr_assert_eq(snapshots_get(cold, "acme", 0, &read, &flow.err), 0, "%s", flow.err.text);
    cr_assert_eq(warm->version, read->version);
    cr_assert_str_eq(warm->repo, read->repo);
    cr_assert_str_eq(warm->commit_oid, read->commit_oid);
    cr_assert_eq(warm->model->count, read->model->count);
    for (size_t i = 0; i < read->model->count; i++) {
        const struct object *a = &warm->model->objects[i], *b = &read->model->objects[i];
        cr_assert_str_eq(a->name, b->name);
        cr_assert_str_eq(a->hash, b->hash);
        cr_assert_str_eq(a->place.path, b->place.path, "%s", a->name);
        cr_assert_eq(a->place.line, b->place.line, "%s", a->name);
    }
    snapshot_release(warm);
    snapshot_release(read);
    snapshots_free(cold);
}

Test(repositories, each_brings_its_part_and_leaves_the_others)
{
    both();
    for (int to = 101; to < 106; to++) {
        int64_t id = push_sales(widen(to));
        flow_work(&flow);
        flow_expect(&flow, id, "merged", NULL);
        check_stored();
        id = push_own("echo '# seen' >> containers.yaml");
        flow_work(&flow);
        flow_expect(&flow, id, "merged", NULL);
        check_stored();
    }
    cr_assert_str_eq(flow_value(&flow, "select count(*) || ' ' || max(version) from versions"), "12 12");
    cr_assert_str_eq(
        flow_value(&flow, "select count(*) from objects where name = 'customers' and path = '//sales/" CUSTOMERS "'"),
        "6");
    cr_assert_str_eq(flow_value(&flow, "select string_agg(repository || ':' || version_in, ' ' order by repository) "
                                       "from version_commits where version_out = 2147483647"),
                     ":12 sales:11");
    cr_assert_str_eq(
        flow_value(&flow, "select count(*) from version_commits where 5 between version_in and version_out"), "2");
}

Test(repositories, a_child_that_comes_first_is_tried_again_when_its_parent_came)
{
    int64_t early = push_sales("true");
    flow_work(&flow);
    flow_expect(
        &flow, early, "rejected",
        arena_printf(flow.arena,
                     "repository sales waits: the ecosystem's own repository has no version in force yet; commit "
                     "%s is tried again when it has",
                     kit_sh(&flow.git, "git -C sales rev-parse HEAD")));
    own_in_force();
    cr_assert_str_eq(flow_value(&flow,
                                "select string_agg(event || ' ' || state || coalesce(': ' || reason, ''), ', ' order "
                                "by id) from deliveries where repository = 'sales' and event = 'retry'"),
                     "retry merged: tried again: another version came in force");
    cr_assert_str_eq(flow_value(&flow, "select version from ecosystems"), "2");
    cr_assert_str_eq(flow_value(&flow, "select count(*) from deliveries where state = 'received'"), "0");
}

Test(repositories, a_rejected_push_of_one_does_not_stop_another)
{
    both();
    int64_t bad = push_sales("printf 'kind: Credential\\nname: theirs\\ntype: token\\n' > theirs.yaml");
    flow_work(&flow);
    flow_expect(&flow, bad, "rejected", "1 error in the model; the version in force stays");
    int64_t good = push_own("echo '# seen' >> containers.yaml");
    flow_work(&flow);
    flow_expect(&flow, good, "merged", NULL);
    cr_assert_str_eq(flow_value(&flow, "select string_agg(reason, ',') from deliveries where event = 'retry'"),
                     "1 error in the model; the version in force stays");
    cr_assert_str_eq(flow_value(&flow, "select count(*) from versions"), "3",
                     "a head that stays wrong makes no version");
}

Test(repositories, the_same_commit_and_id_in_two_are_two)
{
    both();
    kit_sh(&flow.git, "git -C sales fetch -q ../work main && git -C work fetch -q ../sales main");
    struct inbox_webhook webhook = {.ecosystem = "acme",
                                    .forge = forge_find("github"),
                                    .event = "ping",
                                    .forge_id = "same",
                                    .content_type = "application/json",
                                    .body = STR("{}"),
                                    .signature = flow_signature(&flow, STR("{}"))};
    int64_t own, sales;
    bool fresh;
    cr_assert_eq(inbox_receive(flow.pool, flow.arena, &webhook, &own, &fresh, &flow.err), 0);
    webhook.repo = "sales";
    cr_assert_eq(inbox_receive(flow.pool, flow.arena, &webhook, &sales, &fresh, &flow.err), 0);
    cr_assert(fresh);
    cr_assert_neq(own, sales);
    cr_assert_str_eq(flow_delivery(&flow, sales).forge_id, "same");
    cr_assert_str_eq(flow_delivery(&flow, sales).repo, "sales");
    cr_assert_eq(inbox_receive(flow.pool, flow.arena, &webhook, &own, &fresh, &flow.err), 0);
    cr_assert_not(fresh);
    cr_assert_eq(own, sales);
    webhook.repo = "nobody";
    cr_assert_eq(inbox_receive(flow.pool, flow.arena, &webhook, &own, &fresh, &flow.err), -ERR_UNAUTHORIZED);
}

static const char *deadly;

static void die(void *ctx, const char *step)
{
    (void)ctx;
    if (strcmp(step, deadly) == 0)
        _exit(99);
}

Test(repositories, a_worker_that_dies_in_the_merge_of_one_leaves_the_version_of_both)
{
    both();
    static const char *const steps[] = {"claimed", "fetched", "planned", "written", "committed"};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        int64_t id = push_sales(widen(200 + (int)i));
        pid_t pid = fork();
        if (pid == 0) {
            bool worked;
            struct err err = {0};
            deadly = steps[i];
            struct commit_worker_options options = flow.options;
            options.service.hook = die;
            options.service.pool = pg_pool_new(&(struct pg_pool_options){.url = flow.url,
                                                                         .size = 2,
                                                                         .connect_deadline_ms = 10000,
                                                                         .take_deadline_ms = 10000,
                                                                         .statement_ms = 30000});
            options.service.snapshots = snapshots_new(options.service.pool);
            struct commit_workers *workers = commit_workers_new(&options);
            while (commit_workers_step(workers, &worked, &err) == 0 && worked)
                continue;
            _exit(0);
        }
        int status;
        cr_assert_eq(waitpid(pid, &status, 0), pid);
        cr_assert_eq(WEXITSTATUS(status), 99, "%s", steps[i]);
        flow_sql(&flow,
                 "update deliveries set claimed_until = now() - interval '1 second' where claimed_by is not null");
        snapshots_invalidate(flow.snapshots, NULL);
        flow_work(&flow);
        flow_expect(&flow, id, "merged", NULL);
        cr_assert_str_eq(flow_value(&flow, "select count(*) || ' ' || max(version) from versions"),
                         arena_printf(flow.arena, "%zu %zu", i + 3, i + 3));
        check_stored();
    }
}

Test(repositories, a_rollback_to_a_version_with_objects_of_one_that_went_is_refused)
{
    both();
    int64_t id = push_sales("git rm -q -r teams");
    flow_work(&flow);
    flow_expect(&flow, id, "merged", NULL);
    struct ecosystem_row row;
    cr_assert_eq(repository_get(flow.pg, flow.arena, "acme", "sales", &row, &flow.err), 0);
    cr_assert_str_eq(row.in_force, row.head_oid);
    cr_assert_eq(repository_delete(flow.pg, flow.arena, &row, &flow.err), 0, "%s", flow.err.text);
    struct rollback_request request = {.pool = flow.pool,
                                       .snapshots = flow.snapshots,
                                       .library = flow.library,
                                       .ecosystem = "acme",
                                       .to = 2,
                                       .reason = "",
                                       .actor = "boss"};
    struct rollback rollback;
    cr_assert_eq(rollback_plan(&request, flow.arena, &rollback, &flow.err), -ERR_CONFLICT);
    cr_assert_str_eq(flow.err.text, "version 2 has objects of repository sales, which is registered no more");
    int64_t last = push_own("echo '# seen' >> containers.yaml");
    flow_work(&flow);
    flow_expect(&flow, last, "merged", NULL);
    cr_assert_str_eq(
        flow_value(&flow, "select count(*) from version_commits where 4 between version_in and version_out"), "1");
}
