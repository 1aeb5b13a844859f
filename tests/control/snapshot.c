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
    cr_assert_str_eq(flow.err.text, "there is no ecosystem nobody");
    cr_assert_eq(snapshots_get(flow.snapshots, "acme", 7, &out, &flow.err), -ERR_NOT_FOUND);
    cr_assert_str_eq(flow.err.text, "ecosystem acme has no version 7");
}

static struct snapshot *latest_of(struct snapshots *snapshots)
{
    struct snapshot *out = NULL;
    snapshots_invalidate(snapshots, "acme");
    cr_assert_eq(snapshots_get(snapshots, "acme", 0, &out, &flow.err), 0, "%s", flow.err.text);
    return out;
}

static void expect_same(const struct snapshot *a, const struct snapshot *b, const char *which)
{
    cr_assert_eq(a->version, b->version);
    cr_assert_str_eq(a->commit_oid, b->commit_oid);
    cr_assert_eq(a->model->count, b->model->count, "%s", which);
    for (size_t i = 0; i < a->model->count; i++) {
        const struct object *x = &a->model->objects[i], *y = &b->model->objects[i];
        cr_expect(x->kind == y->kind && str_eq(x->body, y->body) && strcmp(x->name, y->name) == 0 &&
                      strcmp(x->hash, y->hash) == 0 && strcmp(x->place.path, y->place.path) == 0 &&
                      x->place.line == y->place.line && x->place.column == y->place.column,
                  "%s: version %d, %s at %s:%u and %s:%u", which, a->version, x->name, x->place.path, x->place.line,
                  y->place.path, y->place.line);
    }
    cr_assert_eq(a->model->files.len, b->model->files.len, "%s", which);
    map_each(entry, &a->model->files)
    {
        const struct model_file *x = entry->value, *y = map_get(&b->model->files, entry->key);
        cr_expect(y && str_eq(x->data, y->data), "%s: %s", which, x->path);
    }
    cr_assert_eq(a->jobs.count, b->jobs.count);
    for (size_t i = 0; i < a->jobs.count; i++)
        cr_expect_str_eq(a->jobs.items[i].name, b->jobs.items[i].name);
}

/* Shell lines in the folder of the model; each leaves it right. */
static const char *const edits[] = {
    "printf 'kind: Credential\\nname: extra\\ntype: token\\n' > extra.yaml",
    "sed -i 's/token/api-key/' extra.yaml",
    "mv extra.yaml moved.yaml",
    "printf '# a line\\n' | cat - moved.yaml > x && mv x moved.yaml && printf 'select 1' > unused.sql",
    "printf 'select 2' > unused.sql && printf -- '---\\nkind: Credential\\nname: more\\ntype: token\\n' >> moved.yaml",
    "rm unused.sql && sed -i 's/api-key/s3-keys/' moved.yaml",
    "rm moved.yaml",
};

Test(snapshot, a_version_is_the_same_merged_here_followed_from_the_one_before_and_read_as_a_whole)
{
    struct snapshots *follower = snapshots_new(flow.pool);
    snapshot_release(latest_of(follower));
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        flow_receive_push(&flow, flow_push(&flow, edits[i]));
        cr_assert_eq(flow_work(&flow), 1);
        struct snapshots *fresh = snapshots_new(flow.pool);
        struct snapshot *merged = get(0), *followed = latest_of(follower), *whole = latest_of(fresh);
        cr_assert_eq(merged->version, (int)i + 2, "%s",
                     flow_value(&flow, "select findings from deliveries order by id desc limit 1"));
        expect_same(whole, followed, "followed");
        expect_same(whole, merged, "merged");
        snapshot_release(merged);
        snapshot_release(followed);
        snapshot_release(whole);
        snapshots_free(fresh);
    }
    for (int version = 1; version <= (int)(sizeof edits / sizeof *edits) + 1; version++) { /* and read back exactly */
        struct snapshot *old = get(version);
        const char *count = arena_printf(
            flow.arena, "select count(*) from objects where %d between version_in and version_out", version);
        cr_expect_str_eq(arena_printf(flow.arena, "%zu", old->model->count), flow_value(&flow, count));
        snapshot_release(old);
    }
    snapshots_free(follower);
}
