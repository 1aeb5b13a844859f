"""Databases that come back from a backup: nothing is stuck, nothing is done unasked."""

import json
import subprocess
import unittest

from lib.data_plane import DataPlane
from lib.server import YELLOW

STORE = """---
kind: Datastore
name: NAME
team: usa/sales
production: true
capture: {type: sql-snapshot, container: crm-db, credential: crm-reader, schedule: external}
datasets:
  - {name: t, table: NAME.t, classification: PUB, columns: [{name: id, type: int32, key: true}]}
"""


class Restores(DataPlane):
    def begin(self):
        self.platform, self.stream = self.name + "Forensic", self.name + "_s"
        self.source.sql("crm", f"create schema {self.stream}; create table {self.stream}.t (id int primary key)")
        self.commit_model(STORE.replace("NAME", self.stream), [], [(self.stream, "t")])

    def batch(self, row):
        self.source.sql("crm", f"insert into {self.stream}.t values ({row})")
        return self.run_job(self.platform, self.stream)

    def yellow(self, *words):
        done = subprocess.run([YELLOW, *words, "--ecosystem", self.name, "--platform", self.platform], text=True,
                              capture_output=True, check=False, env={
                                  "YELLOW_URL": f"http://127.0.0.1:{self.ports['server']}",
                                  "YELLOW_TOKEN_FILE": self.server.token_path, "YELLOW_CREDENTIALS": self.folder})
        return done.returncode, done.stdout + done.stderr

    def job(self):
        return self.eco.get(f"/platforms/{self.platform}/streams/{self.stream}").json

    def swap(self, *statements):
        cls = type(self)
        cls.merge_connection.close()
        try:
            for statement in statements:
                self.merge.sql("postgres", statement)
        finally:
            cls.merge_connection = cls.merge.connect("merged")

    def test_a_merge_database_of_yesterday_goes_on_after_a_reset(self):
        self.begin()
        self.assertEqual(self.batch(1)[0], 0)
        self.swap("create database yesterday template merged")
        for row in (2, 3):
            self.assertEqual(self.batch(row)[0], 0)
        self.swap("drop database merged", "alter database yesterday rename to merged")
        code, said = self.batch(4)
        self.assertEqual(code, 19, said)
        self.assertEqual((self.job()["state"], self.job()["cause"]), ("failed", "merge-behind"))
        code, said = self.yellow("stream", "reset", self.stream)
        self.assertIn("goes on from what it has, as batch 4", said)
        self.assertEqual(self.batch(5)[0], 19, "a dry run changes nothing")
        self.assertEqual(self.yellow("stream", "reset", self.stream, "--yes")[0], 0)
        code, said = self.batch(6)
        self.assertEqual(code, 0, said)
        table = f'"{self.schema(self.platform)}"."{self.stream}__t"'
        self.assertEqual(self.merge_sql(f"select id, yellow_batch_in from {table} order by 1"),
                         [(1, 1), (2, 4), (3, 4), (4, 4), (5, 4), (6, 4)])
        code, said = self.yellow("verify", "--stream", self.stream)
        self.assertEqual(code, 0, said)
        self.assertEqual(self.batch(7)[0], 0)
        self.assertEqual(self.job()["batch"], 5)

    def test_a_server_of_yesterday_learns_the_fence_of_the_merge_database(self):
        self.begin()
        self.assertEqual(self.batch(1)[0], 0)
        # Runs that the server has forgotten.
        self.merge_sql(f"update yellow.streams set fence = 40 where name = '{self.stream}' returning 1")
        code, said = self.batch(2)
        self.assertEqual(code, 0, said)
        self.assertEqual(self.merge_sql(f"select fence, batch from yellow.streams where name = '{self.stream}'"),
                         [(41, 2)])
        audit = json.dumps(self.server.get(f"/v1/ecosystems/{self.name}/audit?limit=20").json)
        self.assertIn('"server-behind"', audit)
        self.assertIn('"fence": 40', audit)


if __name__ == "__main__":
    unittest.main()
