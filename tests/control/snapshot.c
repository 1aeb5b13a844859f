#include "control/snapshot.h"

#include "control/flow.h"
#include "control/notice.h"

#include <criterion/criterion.h>

static struct flow flow;

static void setup(void)
{
    flow_init(&flow);
    flow_receive_push(&flow, flow_push(&flow, NULL));
    flow_work(&flow);
}

static void teardown(void)
{
    flow_dispose(&flow);
}

TestSuite(snapshot, .init = setup, .fini = teardown);

static struct snapshot *get(int version)
{
    struct snapshot *out = NULL;
    cr_assert_eq(snapshots_get(flow.snapshots, "acme", version, &out, &flow.err), 0, "%s", flow.err.text);
    return out;
}

Test(snapshot, what_is_stored_is_what_was_merged)
{
    struct snapshot *got = get(0);
    cr_assert_eq(got->version, 1);
    cr_assert_str_eq(got->commit_oid, flow_value(&flow, "select commit_oid from versions"));
    cr_assert_str_eq(arena_printf(flow.arena, "%zu", got->model->count),
                     flow_value(&flow, "select count(*) from objects"));
    cr_assert_str_eq(arena_printf(flow.arena, "%zu", got->jobs.count), flow_value(&flow, "select count(*) from jobs"));
    for (size_t i = 0; i < got->model->count; i++) {
        const struct object *object = &got->model->objects[i];
        const char *stored =
            flow_value(&flow, arena_printf(flow.arena, "select hash from objects where kind = '%s' and name = '%s'",
                                           object_kind_names[object->kind], object->name));
        cr_assert_str_eq(object->hash, stored, "%s", object->name);
    }
    cr_assert_not_null(map_getz(&got->model->files, "transforms/mask-customers.sql"));
    snapshot_release(got);
}

Test(snapshot, the_one_in_force_runs_no_sql_while_it_is_there)
{
    snapshot_release(get(0));
    uint64_t before = pg_statement_count();
    struct snapshot *a = get(0), *b = get(0), *c = get(1);
    cr_assert_eq(pg_statement_count(), before);
    cr_assert_eq(a, b);
    cr_assert_eq(a, c);
    snapshot_release(a);
    snapshot_release(b);
    snapshot_release(c);
}

Test(snapshot, a_notice_makes_the_new_version_seen_and_the_old_one_stays_for_who_holds_it)
{
    struct snapshots *replica = snapshots_new(flow.pool);
    struct notice_targets targets = {.snapshots = replica};
    struct snapshot *old, *now;
    cr_assert_eq(snapshots_get(replica, "acme", 0, &old, &flow.err), 0, "%s", flow.err.text);
    flow_receive_push(&flow, flow_push(&flow, "echo more >> README.md"));
    flow_work(&flow);
    cr_assert_eq(snapshots_get(replica, "acme", 0, &now, &flow.err), 0);
    cr_assert_eq(now->version, 1, "nobody told the replica");
    snapshot_release(now);
    notice_take(&targets, "version other 2");
    notice_take(&targets, "a later release says this");
    notice_take(&targets, "version acme 2");
    cr_assert_eq(snapshots_get(replica, "acme", 0, &now, &flow.err), 0, "%s", flow.err.text);
    cr_assert_eq(now->version, 2);
    cr_assert_eq(old->version, 1);
    cr_assert_not_null(model_ecosystem(old->model));
    snapshot_release(old);
    snapshot_release(now);
    notice_take_gap(&targets);
    uint64_t before = pg_statement_count();
    cr_assert_eq(snapshots_get(replica, "acme", 0, &now, &flow.err), 0);
    cr_assert_eq(now->version, 2);
    cr_assert_eq(pg_statement_count() - before, 1, "only the version is asked for");
    snapshot_release(now);
    snapshots_free(replica);
}

Test(snapshot, older_versions_are_loaded_once)
{
    flow_receive_push(&flow,
                      flow_push(&flow, "rm transforms/*.sql teams/finance/month-end.yaml teams/marketing/*.yaml"));
    flow_push(&flow, "git checkout -q HEAD~1 -- . && echo more >> README.md");
    flow_receive_push(&flow, kit_sh(&flow.git, "git -C work rev-parse HEAD"));
    flow_work(&flow);
    snapshot_release(get(0));
    struct snapshot *old = get(1);
    uint64_t before = pg_statement_count();
    struct snapshot *again = get(1);
    cr_assert_eq(pg_statement_count(), before);
    cr_assert_eq(old, again);
    snapshot_release(old);
    snapshot_release(again);
}

Test(snapshot, what_is_not_there_is_not_found)
{
    struct snapshot *out;
    cr_assert_eq(snapshots_get(flow.snapshots, "nobody", 0, &out, &flow.err), -ERR_NOT_FOUND);
    cr_assert_str_eq(flow.err.text, "ecosystem \"nobody\" does not exist");
    cr_assert_eq(snapshots_get(flow.snapshots, "acme", 7, &out, &flow.err), -ERR_NOT_FOUND);
    cr_assert_str_eq(flow.err.text, "no version 7 of ecosystem acme");
}
