"""The first copy of a table of 8 columns, from the source into a table with its key: beside psql | psql in text, and
pgcopydb, both into a table with the same key; and how much memory it takes for a tenth of the rows and for all."""
import os
import re
import shutil
import statistics
import subprocess

from importlib import util

spec = util.spec_from_file_location("ingest_merge", os.path.join(os.path.dirname(__file__), "ingest_merge.py"))
orders = util.module_from_spec(spec)
spec.loader.exec_module(orders)

ROUNDS = 5
FILTERS = "[include-only-table]\npublic.orders\n"


def forget(bench):
    bench.sql("target", "set client_min_messages = error; drop schema if exists bench__live cascade;"
                        "drop schema if exists yellow cascade; drop table if exists orders")


def psql(bench):
    """A table that is declared as one declares it."""
    bench.sql("target", "create table orders " + orders.TABLE % "")
    bench.pipe("select %s from orders" % orders.LIST, "orders", "text")
    return bench.sql("target", "select count(*) from orders") + " rows"


def psql_index_last(bench):
    bench.sql("target", "create table orders " + (orders.TABLE % "").replace(" primary key", ""))
    bench.pipe("select %s from orders" % orders.LIST, "orders", "text")
    bench.sql("target", "alter table orders add primary key (id); analyze orders")


def pgcopydb(bench):
    work, filters = bench.folder + "/pgcopydb", bench.folder + "/filters"
    with open(filters, "w") as file:
        file.write(FILTERS)
    shutil.rmtree(work, ignore_errors=True)
    done = subprocess.run(["pgcopydb", "clone", "--source", "dbname=source", "--target", "dbname=target", "--dir", work,
                           "--filters", filters, "--table-jobs", "4", "--index-jobs", "2", "--no-owner", "--no-acl"],
                          capture_output=True, text=True)
    if done.returncode:
        raise SystemExit("bench: pgcopydb: " + done.stderr[-2000:])
    return bench.sql("target", "select count(*) from orders") + " rows"


def memory(note):
    return float(re.search(r"([0-9.]+) MiB", note)[1])


def rounds(bench):
    """Each side in turns; the median of the rounds' ratios counts. A first round is not counted: on a virtual machine it
    pays, on both sides alike, for memory that the host has yet to give."""
    notes, mine, text, last = [], [], [], []
    for number in range(1 + ROUNDS):
        bench.say(" round %d" % number)
        mine.append(bench.clock("yellow", lambda: notes.append(bench.yellow("orders", orders.COLUMNS, 1)) or notes[-1]))
        forget(bench)
        text.append(bench.clock("psql | psql, text", lambda: psql(bench)))
        forget(bench)
        last.append(bench.clock("psql | psql, text, then the key", lambda: psql_index_last(bench)))
        forget(bench)
    for name, goal, peer in (("copy_vs_psql", 2, text), ("copy_vs_psql_index_last", 1, last)):
        bench.result(name, statistics.median(b / a for a, b in list(zip(mine, peer))[1:]), goal)
    return mine[1:], notes


def run(bench):
    all_rows = bench.rows
    bench.rows = all_rows // 10
    orders.make_source(bench)
    few = memory(bench.yellow("orders", orders.COLUMNS, 1))
    bench.rows = all_rows
    forget(bench)
    orders.make_source(bench)
    mine, notes = rounds(bench)
    if shutil.which("pgcopydb"):
        peer = bench.clock("pgcopydb clone", lambda: pgcopydb(bench))
        bench.result("copy_vs_pgcopydb", peer / statistics.median(mine), 1.5)
    else:
        bench.say("  no pgcopydb here: script/bootstrap --bench")
    bench.result("copy_memory_growth", memory(notes[-1]) / few, 1.1, "times, for ten times the rows", at_least=False)
    forget(bench)
    bench.sql("source", "drop table orders")
