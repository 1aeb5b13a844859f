"""Writers on a source during incremental capture: transactions that commit late, with savepoints, rolled back in part,
with values that many rows share and that go back. In the end no row is missing, and without a key none is there twice.

YELLOW_LATE_ROWS: how many rows (default 40000; script/test --full: 10000000)."""

import os
import random
import threading
import time
import unittest

from lib.data_plane import DataPlane
from lib.postgres import Standby
from lib.server import YELLOW

ROWS = int(os.environ.get("YELLOW_LATE_ROWS", "40000"))
WRITERS = 6
# Rows of one transaction. The few that stay open hold back others without a key, never lose them.
PIECE = max(20, min(4000, ROWS // 1000))

STORES = """---
kind: Datastore
name: {name}
team: usa/sales
production: true
capture: {{type: sql-incremental, container: crm-db, credential: crm-reader, schedule: external, watermark: at}}
datasets:
  - name: keyed
    table: {name}.keyed
    classification: IP
    columns:
      - {{name: id, type: int64, key: true}}
      - {{name: at, type: timestamp}}
      - {{name: note, type: text, nullable: true}}
  - name: log
    table: {name}.log
    classification: IP
    columns:
      - {{name: id, type: int64}}
      - {{name: at, type: timestamp}}
"""


class Writer(threading.Thread):
    def __init__(self, case, number, rows):
        super().__init__(daemon=True)
        self.case, self.number, self.rows, self.error = case, number, rows, None
        self.random = random.Random(number)

    def run(self):
        try:
            self.write()
        except Exception as error:  # pylint: disable=broad-except # told by the test
            self.error = error

    def write(self):
        connection, dice = self.case.source.connect("crm"), self.random
        key, done, table = self.number * 1000000000, 0, self.case.name + "_inc"
        with connection.cursor() as cursor:
            while done < self.rows:
                n = min(self.rows - done, dice.randrange(1, 2 * PIECE))
                # Values of a coarse clock, taken when the transaction begins; now and then from long ago.
                at = "date_trunc('second', localtimestamp)"
                if dice.random() < 0.2:
                    at += " - interval '1 hour'"
                cursor.execute("begin")
                cursor.execute(f"create temp table if not exists v (at timestamp) on commit delete rows; insert into v "
                               f"select {at}")
                cursor.execute("savepoint a")
                cursor.execute(f"insert into {table}.keyed select i, at from v, generate_series(%s, %s) i",
                               (key + done, key + done + n - 1))
                if dice.random() < 0.1:
                    cursor.execute(f"insert into {table}.log select -1, at from v")
                    cursor.execute("rollback to a")
                    cursor.execute(f"insert into {table}.keyed select i, at from v, generate_series(%s, %s) i",
                                   (key + done, key + done + n - 1))
                cursor.execute("release a")
                cursor.execute(f"insert into {table}.log select i, at from v, generate_series(%s, %s) i",
                               (key + done, key + done + n - 1))
                if dice.random() < 0.1 and done:
                    # A change that leaves the watermark column alone.
                    cursor.execute(f"update {table}.keyed set note = 'changed' where id = %s",
                                   (key + dice.randrange(done),))
                if dice.random() < 0.15:
                    time.sleep(dice.random() * 0.3)  # commits late; nothing waits for this
                cursor.execute("commit")
                done += n
        connection.close()


class LateCommits(DataPlane):
    flags = ("--run-lease", "120s")

    def test_no_row_is_lost_and_none_comes_twice(self):
        self.write_and_read(ROWS)

    def test_nor_where_the_source_is_a_standby_of_what_they_write_to(self):
        standby = Standby(self.source)
        self.addCleanup(standby.close)
        standby.start()
        self.addCleanup(self.ports.__setitem__, "source", self.ports["source"])
        self.ports["source"] = standby.port
        self.write_and_read(ROWS // 4, standby)

    def write_and_read(self, count, standby=None):
        name = self.name + "_inc"
        self.source.sql("crm", f"create schema {name}; create table {name}.keyed (id bigint primary key, at timestamp "
                               f"not null, note text); create table {name}.log (id bigint not null, at timestamp not "
                               f"null); create index on {name}.keyed (at)")
        self.commit_model(STORES.format(name=name), [(name, "keyed"), (name, "log")], [])
        platform = self.name + "Live"
        writers = [Writer(self, number, count // WRITERS) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        batches, started = 0, time.monotonic()
        while True:
            over = not any(writer.is_alive() for writer in writers)
            if standby and (over or not batches):
                standby.catch_up()
            code, output = self.run_job(platform, name, timeout=1200)
            self.assertEqual(code, 0, output)
            batches += 1
            if over:
                break
        for writer in writers:
            self.assertIsNone(writer.error)
        rows = count // WRITERS * WRITERS
        sums = "count(*), count(distinct id), sum(id), max(at)::text, md5(sum(hashtextextended({}, 0))::text)"
        schema = self.schema(platform)
        for dataset, row in (("keyed", "id || at::text || coalesce(note, '')"), ("log", "id || at::text")):
            source = self.source.sql("crm", f"select {sums.format(row)} from {name}.{dataset}")
            target = self.merge_sql(f'select {sums.format(row)} from "{schema}"."{name}__{dataset}"')
            self.assertEqual(source, target, dataset)
            self.assertEqual(target[0][:2], (rows, rows), dataset)
        code, output = self.run_job(platform, name, timeout=1200, program=(YELLOW, "verify", "--ecosystem"))
        self.assertEqual(code, 0, output)
        print(f"\nlate commits: {2 * rows} rows of {WRITERS} writers in {batches} batches, none lost "
              f"({time.monotonic() - started:.0f} s)", flush=True)


if __name__ == "__main__":
    unittest.main()
