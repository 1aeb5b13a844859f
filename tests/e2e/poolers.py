"""Sources and merge databases behind pgbouncer. A pool of sessions is as good as the server itself; a pool of transactions
or of statements, where settings and locks of one job are soon another client's, is refused before anything is done."""

import unittest

from lib.data_plane import DataPlane, snapshot_store
from lib.pgbouncer import PROGRAM, PgBouncer

WHY = "database: a connection pooler in between gives each transaction another session"
HINT = "set its pool mode to session for this user and database, or name the server itself"


@unittest.skipUnless(PROGRAM, "there is no pgbouncer (script/bootstrap installs it)")
class Poolers(DataPlane):
    def setUp(self):
        super().setUp()
        self.table = self.name + "_p"
        self.source.sql("crm", f"create schema {self.table}; create table {self.table}.people (id bigint primary key, "
                               f"since timestamptz, waited interval); insert into {self.table}.people "
                               "select i, timestamptz '2026-01-31 12:00:00+00' + i * interval '1 min', "
                               "i * interval '1 hour' from generate_series(1, 100) i")

    def pool(self, role, mode):
        """role: source or merge. From here on jobs reach it through the pool alone."""
        cluster = self.source if role == "source" else self.merge
        bouncer = PgBouncer(cluster, mode)
        self.addCleanup(bouncer.close)
        self.addCleanup(self.ports.__setitem__, role, self.ports[role])
        self.ports[role] = bouncer.port
        return bouncer

    def commit(self):
        pairs = [(self.table, "people")]
        people = {"id": "int64", "since": "timestamptz", "waited": "interval"}
        self.commit_model(snapshot_store(self.table, people=people), pairs, pairs)

    def run_both(self):
        return [self.run_job(self.name + platform, self.table) for platform in ("Live", "Forensic")]

    def test_pools_of_sessions_are_as_good_as_the_servers(self):
        self.pool("source", "session")
        self.pool("merge", "session")
        self.commit()
        want = (100, "2026-01-31 13:40:00+00", "100:00:00")
        for step in range(3):
            self.assertEqual([code for code, output in self.run_both()], [0, 0])
            for platform, live in (("Live", ""), ("Forensic", " where yellow_batch_out = 2147483647")):
                table = f'"{self.schema(self.name + platform)}"."{self.table}__people"'
                self.assertEqual(self.merge_sql(f"select count(*), max(since)::text, max(waited)::text from {table}{live}"),
                                 [want], (platform, step))
            self.source.sql("crm", f"update {self.table}.people set waited = waited + interval '1 hour' where id = %s",
                            100 - step)
            want = (100, want[1], "101:00:00")

    def test_pools_of_transactions_and_statements_are_refused(self):
        for role, container in (("source", "crm-db"), ("merge", "merge database merge-db")):
            for mode in ("transaction", "statement"):
                with self.subTest(role=role, mode=mode):
                    self.setUp()
                    self.pool(role, mode)
                    self.commit()
                    code, output = self.run_job(self.name + "Live", self.table)
                    self.doCleanups()
                    self.assertEqual(code, 17, output)
                    self.assertIn(f"{container}: {WHY}", output)
                    self.assertIn(HINT, output)
                    self.assertEqual(self.merge_sql("select count(*) from pg_tables where schemaname = %s",
                                                    self.schema(self.name + "Live")), [(0,)])


if __name__ == "__main__":
    unittest.main()
