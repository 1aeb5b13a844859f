"""Transformers as jobs: their code runs, and their output is ingested in the same job."""

import json
import unittest

from lib.data_plane import DataPlane
from lib.repository import Repository
from lib.server import YELLOW

STORES = """
---
kind: Datastore
name: people
team: usa/sales
production: true
capture: {type: sql-snapshot, container: crm-db, credential: crm-reader, schedule: external}
datasets:
  - {name: list, table: SCHEMA.list, classification: PUB, columns: [{name: id, type: int32, key: true},
     {name: city, type: text, nullable: true}]}
---
kind: Datastore
name: cities
team: usa/sales
production: true
datasets:
  - {name: cities, classification: PUB, columns: [{name: city, type: text, key: true}, {name: people, type: int64}]}
---
kind: Workspace
name: counting
team: usa/sales
production: true
groups:
  - {name: now, platform: {name: ECOLive}, sinks: [{store: people, dataset: list}]}
transformer:
  name: count-cities
  code: CODE
  output: cities
"""
SQL = "insert into cities select city, count(*) from now__people__list group by city;\n"
PYTHON = """import psycopg2
from lib import words
with psycopg2.connect("") as db, db.cursor() as sql:
    sql.execute("insert into cities select upper(city), count(*) from " + words.VIEW + " group by 1")
"""


class Transformers(DataPlane):
    def commit(self, code, files=None):
        stores = STORES.replace("SCHEMA", self.name).replace("ECO", self.name).replace("CODE", code)
        self.source.sql("crm", f"create schema {self.name}")
        self.source.sql("crm", f"create table {self.name}.list (id int primary key, city text)")
        self.source.sql("crm", f"insert into {self.name}.list values (1, 'Rome'), (2, 'Rome'), (3, 'Oslo')")
        self.commit_model(stores, [("cities", "cities")], [("people", "list")], files)
        code, said = self.run_job(f"{self.name}Live", "people")
        self.assertEqual(code, 0, said)

    def commit_model(self, stores, live, milestoned, files=None):
        self.files = files or {}
        commit = Repository.commit

        def with_files(repository, model, *rest, **options):
            return commit(repository, {**model, **self.files}, *rest, **options)
        Repository.commit = with_files
        try:
            super().commit_model(stores, live, milestoned)
        finally:
            Repository.commit = commit

    def transform(self):
        return self.run_job(f"{self.name}Live", "count-cities", program=(
            YELLOW, "job", "run", "--transformer", "count-cities", "--ecosystem"))

    def cities(self):
        return self.merge_sql(f"select city, people from {self.schema(self.name + 'Live')}.cities__cities order by 1")

    def start_job(self, platform, stream, program=(YELLOW, "job", "run", "--ecosystem"), **env):
        if "--transformer" not in program:
            return super().start_job(platform, stream, program, **env)
        return super().start_job(platform, stream, ("/bin/sh", "-c", " ".join(
            [YELLOW, "job", "run", "--ecosystem", self.name, "--platform", platform, "--transformer", stream])), PATH="/usr/bin:/bin", **env)

    def test_sql_runs_and_its_output_is_a_batch_of_the_output_store(self):
        self.commit("{type: sql, file: count.sql}", {"count.sql": SQL})
        code, said = self.transform()
        self.assertEqual(code, 0, said)
        self.assertEqual(self.cities(), [("Oslo", 1), ("Rome", 2)])
        self.source.sql("crm", f"delete from {self.name}.list where id = 3")
        self.assertEqual(self.run_job(f"{self.name}Live", "people")[0], 0)
        self.assertEqual(self.transform()[0], 0)
        self.assertEqual(self.cities(), [("Rome", 2)])
        for kind, name in (("streams", "cities"), ("transformers", "count-cities")):
            job = self.eco.get(f"/platforms/{self.name}Live/{kind}/{name}").json
            self.assertEqual((job["state"], job["batch"], job["batch_state"]), ("idle", 2, "committed"), job)

    def test_a_failure_is_reported_and_leaves_the_last_output(self):
        self.commit("{type: sql, file: count.sql}", {"count.sql": SQL})
        self.assertEqual(self.transform()[0], 0)
        self.eco.merge({"count.sql": "insert into cities select nothing\n"})
        code, said = self.transform()
        self.assertEqual(code, 16, said)
        job = self.eco.get(f"/platforms/{self.name}Live/transformers/count-cities").json
        self.assertEqual((job["state"], job["cause"]), ("failed", "transform-failed"), job)
        self.assertIn("count.sql", job["message"])
        self.assertEqual(self.cities(), [("Oslo", 1), ("Rome", 2)])

    def test_python_comes_from_the_server_at_its_commit(self):
        code = Repository(self.server.folder, self.name + "-code", model=False)
        first = code.commit({"main.py": PYTHON, "lib/words.py": "VIEW = 'now__people__list'\n"})
        code.commit({"main.py": "raise SystemExit('a later commit')\n"})
        self.commit(f"{{type: python, repository: {self.name}-code, ref: {first}, entry: main.py}}")
        said = self.transform()
        self.assertEqual(said[0], 0, said[1] + json.dumps(self.eco.get("/streams").json)[:500])
        self.assertEqual(self.cities(), [("OSLO", 1), ("ROME", 2)])


if __name__ == "__main__":
    unittest.main()
