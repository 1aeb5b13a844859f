"""Sources that are hot standbys: what they show is of a moment that has passed, and reads there may be ended for the sake
of replay. tests/e2e/late_commits.py has one beside writers."""

import unittest

from lib.data_plane import DataPlane, snapshot_store
from lib.postgres import Standby
from lib.server import eventually


class StandbySource(DataPlane):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.standby = Standby(cls.source, "max_standby_streaming_delay = 0")
        cls.addClassCleanup(cls.standby.close)
        cls.standby.start()
        cls.ports["source"] = cls.standby.port

    def setUp(self):
        super().setUp()
        self.table, self.platform = self.name + "_s", self.name + "Live"
        self.people = f'"{self.schema(self.platform)}"."{self.table}__people"'
        # More rows than a mark needs, so that the second batch asks whether anything changed.
        self.sql("create schema {t}; create table {t}.people (id bigint primary key, note text); insert into {t}.people "
                 "select i, 'first' from generate_series(1, 20000) i; analyze {t}.people; create table {t}.pause (s "
                 "double precision); create view {t}.slow as select 1 as id, pg_sleep(coalesce((select max(s) from "
                 "{t}.pause), 0))::text as note")
        store = snapshot_store(self.table, people={"id": "int64", "note": "text"}, slow={"id": "int32", "note": "text"})
        self.commit_model(store, [(self.table, "people"), (self.table, "slow")], [])

    def sql(self, statement):
        self.source.sql("crm", statement.format(t=self.table))

    def run_once(self):
        self.standby.catch_up()
        code, output = self.run_job(self.platform, self.table)
        self.assertEqual(code, 0, output)
        return self.merge_sql("select counts -> 'datasets' -> 'people' ->> 'way' from yellow.batches b join yellow.streams "
                              "s on s.id = b.stream where s.name = %s order by b.batch desc limit 1", self.table)[0][0]

    def notes(self):
        return dict(self.merge_sql(f"select note, count(*) from {self.people} group by note"))

    def test_what_commits_late_on_the_primary_is_never_taken_for_unchanged(self):
        self.run_once()
        late, later = self.source.connect("crm"), self.source.connect("crm")
        with late.cursor() as cursor, later.cursor() as other:
            cursor.execute("begin")
            cursor.execute(f"update {self.table}.people set note = 'late' where id = 1")
            other.execute(f"update {self.table}.people set note = 'between' where id = 2")
            self.assertNotEqual(self.run_once(), "none")
            self.assertEqual(self.notes(), {"first": 19999, "between": 1})
            self.run_once()
            cursor.execute("savepoint a")
            cursor.execute(f"update {self.table}.people set note = 'later' where id = 3")
            self.run_once()
            self.assertEqual(self.notes(), {"first": 19999, "between": 1})
            cursor.execute("commit")
        late.close()
        later.close()
        self.assertNotEqual(self.run_once(), "none")
        self.assertEqual(self.notes(), {"first": 19997, "between": 1, "late": 1, "later": 1})
        self.assertEqual(self.run_once(), "none")

    def test_a_read_that_replay_ends_is_an_error_of_the_source_and_the_next_one_succeeds(self):
        self.run_once()
        self.sql("insert into {t}.pause values (600)")
        self.standby.catch_up()
        process = self.start_job(self.platform, self.table)
        eventually(lambda: self.standby.sql("postgres", "select 1 from pg_stat_activity where wait_event = 'PgSleep'"),
                   "the job reads the slow view")
        self.sql("truncate {t}.people; truncate {t}.pause")
        output, _ = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 15, output)
        self.assertIn("conflict with recovery", output)
        self.assertIn("hot_standby_feedback", output)
        self.assertEqual(self.notes(), {"first": 20000})
        self.run_once()
        self.assertEqual(self.notes(), {})


if __name__ == "__main__":
    unittest.main()
