"""A table of 8 columns whose rows are there already: 5 % updated, 2 % inserted, 1 % deleted, or nothing changed; live and
milestoned. The peers stage by psql's binary COPY and merge in SQL."""

NAMES = ["id", "customer", "state", "amount", "placed", "changed", "note", "paid"]
COLUMNS = ("id int64 key,customer int32 null,state varchar(12) null,amount decimal(12;2) null,placed timestamp null,"
           "changed timestamptz null,note varchar(60) null,paid boolean null")
TABLE = """(id bigint primary key, customer integer, state varchar(12), amount numeric(12,2), placed timestamp,
  changed timestamptz, note varchar(60), paid boolean%s)"""
LIST = ", ".join(NAMES)
SET = ", ".join("%s = excluded.%s" % (n, n) for n in NAMES[1:])

ROWS = """select i, (i::bigint * 7919 %% 100000)::int, (array['new', 'open', 'shipped', 'closed'])[1 + i %% 4], i %% 99999 / 100.0,
  timestamp '2024-01-01' + i * interval '1 second', timestamptz '2024-01-01 00:00Z' + i * interval '1 second',
  'note of order ' || md5(i::text), i %% 3 = 0 from generate_series(%d, %d) i"""


def make_source(bench):
    bench.sql("source", "set client_min_messages = error; drop table if exists orders; create table orders %s; insert into orders %s;"
                        "vacuum analyze orders" % (TABLE % "", ROWS % (1, bench.rows)))


def change_source(bench):
    """5 % updated, 1 % deleted, 2 % inserted, everywhere in the table."""
    n = bench.rows
    bench.sql("source", """
        delete from orders where id %% 100 = 50;
        update orders set state = 'changed', amount = amount + 1, changed = changed + interval '1 day' where id %% 20 = 3;
        insert into orders %s; vacuum analyze orders""" % (ROWS % (n + 1, n + n // 50)))


def peer_table(bench, name, more=""):
    bench.sql("target", "set client_min_messages = error; create schema if not exists peer; drop table if exists peer.%s; create table peer.%s %s" %
              (name, name, TABLE % more))


def stage(bench, query="select %s from orders" % LIST, more=""):
    bench.sql("target", "set client_min_messages = error; drop table if exists peer.staging; create unlogged table peer.staging %s" % (TABLE % more))
    bench.pipe(query, "peer.staging")


def on_conflict(bench, table):
    def work():
        stage(bench)
        bench.sql("target", """begin; analyze peer.staging;
            insert into peer.%s (%s) select %s from peer.staging on conflict (id) do update set %s;
            delete from peer.%s t where not exists (select from peer.staging s where s.id = t.id); commit""" %
                  (table, LIST, LIST, SET, table))
    return work


def merge(bench, table):
    def work():
        stage(bench)
        bench.sql("target", """begin; analyze peer.staging;
            merge into peer.%s t using peer.staging s on s.id = t.id
            when matched and (%s) is distinct from (%s) then update set %s
            when not matched then insert (%s) values (%s);
            delete from peer.%s t where not exists (select from peer.staging s where s.id = t.id); commit""" %
                  (table, ", ".join("t." + n for n in NAMES), ", ".join("s." + n for n in NAMES),
                   ", ".join("%s = s.%s" % (n, n) for n in NAMES[1:]), LIST, ", ".join("s." + n for n in NAMES), table))
    return work


HASH = "md5(%s)" % " || ".join("coalesce(%s::text, '')" % n for n in NAMES)


def md5_compare(bench, batch):
    """History by a hash of all columns and one of the key beside the data, as hand-written platforms keep it."""
    def work():
        bench.sql("target", "set client_min_messages = error; drop table if exists peer.staging; create unlogged table peer.staging %s" %
                  TABLE.replace(" primary key", "") % ", row_hash text, key_hash text")
        bench.pipe("select %s, %s, md5(id::text) from orders" % (LIST, HASH), "peer.staging")
        bench.sql("target", """begin; create index on peer.staging (key_hash); analyze peer.staging;
            update peer.history t set batch_out = %(end)d where batch_out = 2147483647 and not exists
                (select from peer.staging s where s.key_hash = t.key_hash);
            update peer.history t set batch_out = %(end)d from peer.staging s
                where t.batch_out = 2147483647 and s.key_hash = t.key_hash and s.row_hash <> t.row_hash;
            insert into peer.history select s.*, %(batch)d, 2147483647 from peer.staging s where not exists
                (select from peer.history t where t.key_hash = s.key_hash and t.batch_out = 2147483647); commit""" %
                  {"batch": batch, "end": batch - 1})
    return work


def table_state(bench):
    """Everything by which a write to the table would show."""
    return bench.sql("target", """select pg_relation_filenode(c.oid), pg_relation_size(c.oid), pg_indexes_size(c.oid),
        (select max(xmin::text::bigint) || ' ' || max(xmax::text::bigint) from bench__live.orders)
        from pg_class c where c.oid = 'bench__live.orders'::regclass""")


def run(bench):
    make_source(bench)
    first = bench.clock("yellow, first load", lambda: bench.yellow("orders", COLUMNS, 1))
    peer_table(bench, "conflict")
    peer_table(bench, "merge")
    for name in ("conflict", "merge"):
        bench.sql("target", "insert into peer.%s select %s from bench__live.orders; vacuum analyze peer.%s" %
                  (name, LIST, name))
    bench.sql("target", "vacuum analyze bench__live.orders")

    bench.say(" unchanged")
    before = table_state(bench)
    mine = min(bench.clock("yellow", lambda: bench.yellow("orders", COLUMNS, batch)) for batch in (2, 3))
    written = table_state(bench) != before
    conflict = bench.clock("staging, INSERT .. ON CONFLICT, anti-join", on_conflict(bench, "conflict"))
    bench.result("unchanged_vs_on_conflict", conflict / mine, 10)
    bench.result("unchanged_writes", int(written), 0, "writes to the table", at_least=False)
    peer_table(bench, "conflict")
    bench.sql("target", "insert into peer.conflict select %s from bench__live.orders; vacuum analyze peer.conflict" % LIST)

    bench.say(" live: 5 % updated, 2 % inserted, 1 % deleted")
    bench.clock("yellow milestoned, first load", lambda: bench.yellow("orders", COLUMNS, 1, True, "history"))
    bench.sql("target", "vacuum analyze bench__history.orders")
    change_source(bench)
    mine = bench.clock("yellow", lambda: bench.yellow("orders", COLUMNS, 4))
    conflict = bench.clock("staging, INSERT .. ON CONFLICT, anti-join", on_conflict(bench, "conflict"))
    merged = bench.clock("staging, MERGE, anti-join", merge(bench, "merge"))
    bench.result("live_vs_on_conflict", conflict / mine, 5)
    bench.result("live_vs_merge", merged / mine, 2)
    same = bench.sql("target", "select count(*) from (select %s from bench__live.orders except select %s from peer.merge) d"
                     % (LIST, LIST))
    bench.result("live_differences", int(same), 0, "rows", at_least=False)

    bench.say(" milestoned, the same change")
    bench.sql("target", """drop table peer.conflict; drop table peer.merge; drop table peer.staging;
        create table peer.history as select %s, %s as row_hash, md5(id::text) as key_hash, yellow_batch_in as batch_in,
        yellow_batch_out as batch_out from bench__history.orders;
        create index on peer.history (key_hash) where batch_out = 2147483647; vacuum analyze peer.history""" % (LIST, HASH))
    mine = bench.clock("yellow", lambda: bench.yellow("orders", COLUMNS, 2, True, "history"))
    hashed = bench.clock("staging with md5, UPDATE, UPDATE, INSERT", md5_compare(bench, 2))
    bench.result("milestoned_vs_md5", hashed / mine, 3)
    same = bench.sql("target", """select count(*) from (select %s, yellow_batch_in, yellow_batch_out from
        bench__history.orders except select %s, batch_in, batch_out from peer.history) d""" % (LIST, LIST))
    bench.result("milestoned_differences", int(same), 0, "rows", at_least=False)
    bench.sql("target", "drop schema peer cascade; drop schema bench__live cascade; drop schema bench__history cascade;"
                        "drop schema yellow cascade")
    bench.sql("source", "drop table orders")
