#include "ingest/view.h"

#include "ingest/naming.h"
#include "pg/cluster.h"
#include "sql.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct arena *arena;
static const char *url;
static struct pg *pg;
static struct err err;
static struct work_column columns[3];
static struct work_dataset dataset;
static struct work_view views[2];
static struct view_changes changes;

/* Roles are those of the cluster: each test has its own ecosystem. */
static const char *eco;

static void setup(void)
{
    struct pg_rows rows;
    arena = arena_new();
    err = (struct err){0};
    url = test_empty_database(arena);
    pg = test_connect(url);
    cr_assert(eq(int, pg_script(pg, sql_install, &err), 0), "%s", err.text);
    cr_assert(eq(int, pg_query(pg, arena, "select current_database()", PG_ONE, &rows, &err), 0));
    eco = arena_strdup(arena, pg_text(&rows, 0, 0));
    columns[0] = (struct work_column){.name = "id", .sql = "integer", .key = true};
    columns[1] = (struct work_column){.name = "Full \"name\"", .sql = "text"};
    columns[2] = (struct work_column){.name = "batch", .sql = "text"};
    dataset = (struct work_dataset){.name = "people",
                                    .columns = columns,
                                    .column_count = 2,
                                    .schema = naming_data_schema(arena, eco, "Live"),
                                    .table = "customers__people"};
}

static void teardown(void)
{
    pg_close(pg);
    arena_free(arena);
}

TestSuite(view, .init = setup, .fini = teardown);

static void run(const char *sql)
{
    cr_assert(eq(int, pg_script(pg, sql, &err), 0), "%s: %s", sql, err.text);
}

static const char *value(struct pg *on, const char *sql)
{
    struct pg_rows rows;
    cr_assert(eq(int, pg_query(on, arena, sql, PG_MANY, &rows, &err), 0), "%s: %s", sql, err.text);
    struct buf *out = buf_new(arena);
    for (size_t i = 0; i < rows.count; i++)
        buf_addf(out, "%s%s", i ? "," : "", pg_text(&rows, i, 0) ? pg_text(&rows, i, 0) : "null");
    return buf_text(out);
}

static const char *quoted(const char *fmt)
{
    const char *schema = naming_view_schema(arena, eco, "Live", "marketing");
    struct buf *out = buf_new(arena);
    for (; *fmt; fmt++) {
        if (*fmt == '@')
            buf_addf(out, "\"%s\"", schema);
        else if (*fmt == '#')
            buf_addf(out, "\"%s\"", dataset.schema);
        else
            buf_addc(out, *fmt);
    }
    return buf_text(out);
}

static void make_table(bool milestoned)
{
    run(quoted("create schema #"));
    run(quoted(milestoned ? "create table #.customers__people (id integer, \"Full \"\"name\"\"\" text, "
                            "yellow_batch_in integer, yellow_batch_out integer)"
                          : "create table #.customers__people (id integer, \"Full \"\"name\"\"\" text, "
                            "yellow_batch_id integer)"));
}

static struct work_view make_view(const char *group, bool milestoned)
{
    const struct view view = {.platform = "Live",
                              .milestoning = milestoned ? MILESTONING_MILESTONED : MILESTONING_LIVE,
                              .workspace = "marketing",
                              .group = group,
                              .store = "customers",
                              .dataset = "people"};
    return work_view_make(arena, eco, &view, 0);
}

struct call {
    size_t views;
    bool dry;
};

static int reconcile_tx(struct pg *on, struct arena *a, void *ctx, struct err *why)
{
    const struct call *call = ctx;
    const struct view_scope scope = {
        .datasets = &dataset, .dataset_count = 1, .views = views, .view_count = call->views};
    (void)a;
    return view_reconcile(on, arena, &scope, call->dry, &changes, why);
}

/* "create name, drop name" */
static const char *reconcile(size_t n, bool dry)
{
    struct call call = {n, dry};
    cr_assert(eq(int, pg_transaction(pg, arena, reconcile_tx, &call, &err), 0), "%s", err.text);
    struct buf *out = buf_new(arena);
    for (size_t i = 0; i < changes.count; i++)
        buf_addf(out, "%s%s %s", i ? ", " : "", changes.items[i].action, changes.items[i].name);
    return buf_text(out);
}

static struct pg *as_member(void)
{
    const char *role = naming_reader_role(arena, eco, "Live", "marketing");
    struct pg *member = test_connect(url);
    run(arena_printf(arena, "create role \"member_%s\" login in role \"%s\"", eco, role));
    cr_assert(eq(int, pg_script(member, arena_printf(arena, "set session authorization \"member_%s\"", eco), &err), 0));
    return member;
}

static const char *refusal(struct pg *on, const char *sql)
{
    struct err why = {0};
    return pg_script(on, sql, &why) ? arena_strdup(arena, why.sqlstate) : "none";
}

Test(view, of_a_live_table_has_only_the_columns_and_its_role_reads_it_alone)
{
    make_table(false);
    views[0] = make_view("now", false);
    cr_expect(eq(str, (char *)reconcile(1, true), "create now__customers__people"));
    cr_expect(eq(str, (char *)value(pg, "select count(*) from yellow.views"), "0"), "a dry run does nothing");
    cr_expect(eq(str, (char *)reconcile(1, false), "create now__customers__people"));
    run(quoted("insert into #.customers__people values (1, 'ann', 7)"));
    struct pg *member = as_member();
    cr_expect(eq(str, (char *)value(member, quoted("select v::text from @.now__customers__people v")), "(1,ann)"));
    cr_expect(eq(str, (char *)refusal(member, quoted("select * from #.customers__people")), "42501"));
    cr_expect(eq(str, (char *)refusal(member, "select * from yellow.streams"), "42501"));
    cr_expect(
        eq(str, (char *)refusal(member, quoted("insert into @.now__customers__people values (2, 'bob')")), "42501"));
    pg_close(member);
}

Test(view, that_is_right_costs_one_query_and_no_ddl)
{
    make_table(false);
    views[0] = make_view("now", false);
    (void)reconcile(1, false);
    const char *before = value(pg, quoted("select '@.now__customers__people'::regclass::oid"));
    cr_expect(eq(str, (char *)reconcile(1, false), ""));
    uint64_t statements = pg_statement_count();
    cr_expect(eq(str, (char *)reconcile(1, false), ""));
    cr_expect(le(u64, pg_statement_count() - statements, 3), "begin, the look, commit");
    cr_expect(eq(str, (char *)value(pg, quoted("select '@.now__customers__people'::regclass::oid")), (char *)before));
}

Test(view, of_a_milestoned_table_shows_live_rows_history_and_the_past)
{
    make_table(true);
    views[0] = make_view("past", true);
    cr_expect(eq(str, (char *)reconcile(1, false),
                 "create past__customers__people, create past__customers__people__full, "
                 "create past__customers__people__as_of"));
    run(quoted("insert into #.customers__people values (1, 'billy', 1, 2), (1, 'william', 3, 3), "
               "(2, 'laura', 2, 2147483647)"));
    struct pg *member = as_member();
    cr_expect(eq(str, (char *)value(member, quoted("select v::text from @.past__customers__people v")), "(2,laura)"));
    cr_expect(eq(str,
                 (char *)value(member, quoted("select v::text from @.past__customers__people__full v "
                                              "order by yellow_batch_in")),
                 "(1,2,1,billy),(2,2147483647,2,laura),(3,3,1,william)"));
    cr_expect(eq(str,
                 (char *)value(member, quoted("select \"Full \"\"name\"\"\" from "
                                              "@.past__customers__people__as_of(2) order by id")),
                 "billy,laura"));
    cr_expect(eq(str, (char *)value(member, quoted("select id from @.past__customers__people__as_of(3) order by id")),
                 "1,2"));
    cr_expect(eq(str, (char *)refusal(member, quoted("select * from #.customers__people")), "42501"));
    pg_close(member);
}

Test(view, gets_a_new_column_in_place_so_that_what_consumers_built_on_it_stays)
{
    make_table(true);
    views[0] = make_view("past", true);
    (void)reconcile(1, false);
    run(quoted("create view public.mine as select id from @.past__customers__people"));
    dataset.column_count = 3;
    cr_expect(eq(str, (char *)reconcile(1, false),
                 "wait past__customers__people, wait past__customers__people__full, "
                 "wait past__customers__people__as_of"));
    run(quoted("alter table #.customers__people add column batch text"));
    (void)reconcile(1, false);
    cr_expect(eq(str,
                 (char *)value(pg, quoted("select attname from pg_attribute where attnum > 0 and attrelid = "
                                          "'@.past__customers__people'::regclass order by attnum")),
                 "id,Full \"name\",batch"));
    cr_expect(eq(str, (char *)value(pg, quoted("select count(*) from @.past__customers__people__as_of(1)")), "0"));
    cr_expect(eq(str, (char *)value(pg, "select count(*) from public.mine"), "0"));
}

Test(view, whose_columns_change_places_is_made_anew_unless_somebody_depends_on_it)
{
    make_table(false);
    views[0] = make_view("now", false);
    (void)reconcile(1, false);
    struct work_column first = columns[0];
    columns[0] = columns[1];
    columns[1] = first;
    cr_expect(eq(str, (char *)reconcile(1, false), "change now__customers__people"));
    struct pg *member = as_member();
    cr_expect(eq(str, (char *)value(member, quoted("select count(*) from @.now__customers__people")), "0"));
    pg_close(member);
    run(quoted("create view public.mine as select id from @.now__customers__people"));
    dataset.column_count = 1;
    struct call call = {1, false};
    cr_expect(eq(int, pg_transaction(pg, arena, reconcile_tx, &call, &err), -ERR_CONFLICT));
    cr_expect(
        eq(str, err.text,
           arena_printf(arena, "view \"%s\".\"now__customers__people\": other objects depend on it", views[0].schema)));
}

Test(view, of_a_group_that_left_goes_and_a_right_that_was_lost_comes_back)
{
    make_table(false);
    views[0] = make_view("now", false);
    views[1] = make_view("then", false);
    (void)reconcile(2, false);
    cr_expect(eq(str, (char *)reconcile(1, false), "drop then__customers__people"));
    cr_expect(eq(str, (char *)value(pg, quoted("select to_regclass('@.then__customers__people')")), "null"));
    run(quoted(arena_printf(arena, "revoke select on @.now__customers__people from \"%s\"", views[0].role)));
    cr_expect(eq(str, (char *)reconcile(1, false), "change now__customers__people"));
    run(quoted("drop view @.now__customers__people"));
    cr_expect(eq(str, (char *)reconcile(1, false), "create now__customers__people"));
    cr_expect(eq(str, (char *)reconcile(0, false), "drop now__customers__people"));
    cr_expect(eq(str, (char *)value(pg, "select count(*) from yellow.views"), "0"));
}

Test(view, before_its_table_waits_and_does_not_take_a_name_of_others)
{
    views[0] = make_view("now", false);
    cr_expect(eq(str, (char *)reconcile(1, false), "wait now__customers__people"));
    make_table(false);
    run(quoted("create schema @; create table @.now__customers__people (x int)"));
    struct call call = {1, false};
    cr_expect(eq(int, pg_transaction(pg, arena, reconcile_tx, &call, &err), -ERR_CONFLICT));
    cr_expect(eq(
        str, err.text,
        arena_printf(arena, "view \"%s\".\"now__customers__people\": something that Yellow did not make has this name",
                     views[0].schema)));
}

Test(view, with_a_shortened_name_is_listed)
{
    make_table(false);
    const char *group = "a-group-with-a-name-that-is-much-longer-than-most-people-like-it";
    views[0] = make_view(group, false);
    (void)reconcile(1, false);
    cr_expect(eq(str, (char *)value(pg, "select parts[1] from yellow.names"), (char *)group));
    cr_expect(eq(str, (char *)value(pg, "select name from yellow.names"), (char *)views[0].name));
}

Test(view, of_a_column_whose_name_holds_the_quotes_of_a_function)
{
    columns[1].name = "$yellow$ $yellow1$";
    run(quoted("create schema #"));
    run(quoted("create table #.customers__people (id integer, \"$yellow$ $yellow1$\" text, yellow_batch_in integer, "
               "yellow_batch_out integer)"));
    views[0] = make_view("past", true);
    cr_expect(eq(str, (char *)reconcile(1, false),
                 "create past__customers__people, create past__customers__people__full, create "
                 "past__customers__people__as_of"));
}
