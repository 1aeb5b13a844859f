"""Transformers as jobs: their code runs, and their output is ingested in the same job."""

import collections
import json
import os
import signal
import unittest

from lib.data_plane import DataPlane
from lib.pgbouncer import PROGRAM, PgBouncer
from lib.points import SEED, points
from lib.proxy import Proxy
from lib.repository import Repository
from lib.server import YELLOW, eventually

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


class TransformerCase(DataPlane):
    def commit(self, code, files=None, sinks=""):
        stores = STORES.replace("dataset: list}]}", "dataset: list}" + sinks + "]}").replace("SCHEMA", self.name).replace("ECO", self.name).replace("CODE", code)
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


class Transformers(TransformerCase):
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

    def test_one_that_reads_its_own_output_begins_without_rows_and_waits_for_others_alone(self):
        self.commit("{type: sql, file: count.sql}", {
            "count.sql": "insert into cities select city, count(*) + coalesce((select people from now__cities__cities c "
                         "where c.city = l.city), 0) from now__people__list l group by city;\n"},
                    ", {store: cities, dataset: cities}")
        for n in (1, 2):
            code, said = self.transform()
            self.assertEqual(code, 0, said)
            self.assertEqual(self.cities(), [("Oslo", n), ("Rome", 2 * n)])
        job = self.eco.get(f"/platforms/{self.name}Live/transformers/count-cities").json
        self.assertEqual(job["inputs"], ["people"])

    def test_python_comes_from_the_server_at_its_commit(self):
        code = Repository(self.server.folder, self.name + "-code", model=False)
        first = code.commit({"main.py": PYTHON, "lib/words.py": "VIEW = 'now__people__list'\n"})
        code.commit({"main.py": "raise SystemExit('a later commit')\n"})
        self.commit(f"{{type: python, repository: {self.name}-code, ref: {first}, entry: main.py}}")
        said = self.transform()
        self.assertEqual(said[0], 0, said[1] + json.dumps(self.eco.get("/streams").json)[:500])
        self.assertEqual(self.cities(), [("OSLO", 1), ("ROME", 2)])

    @unittest.skipUnless(PROGRAM, "there is no pgbouncer (script/bootstrap installs it)")
    def test_a_program_does_not_run_where_a_pooler_would_drop_its_role_and_schemas(self):
        bouncer = PgBouncer(self.merge, "session", "ignore_startup_parameters = options")
        self.addCleanup(bouncer.close)
        self.addCleanup(self.ports.__setitem__, "merge", self.ports["merge"])
        self.ports["merge"] = bouncer.port
        code = Repository(self.server.folder, self.name + "-code", model=False)
        self.commit(f"{{type: python, repository: {self.name}-code, ref: {code.commit({'main.py': PYTHON})}, "
                    "entry: main.py}")
        status, said = self.transform()
        self.assertEqual(status, 17, said)
        self.assertIn("transformer count-cities: its program's role and schemas would not get through the connection "
                      "pooler in front of the merge database", said)
        self.assertIn("hint: name the server itself in the container merge-db", said)


def family(pid):
    """The process and all that come from it."""
    parents = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as file:
                parents[int(entry)] = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            pass  # gone
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


class FaultyTransformers(TransformerCase):
    """As tests/e2e/faults.py has it for streams."""

    flags = ("--run-lease", "60s")
    job = os.path.dirname(YELLOW) + "/tests/e2e/faulty_job"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.proxy = Proxy(cls.merge.port)
        cls.addClassCleanup(cls.proxy.close)
        cls.ports["merge"] = cls.proxy.port

    def faulty(self, **env):
        return self.start_job(f"{self.name}Live", "count-cities", program=(self.job,), FAULT_KIND="transformer", **env)

    def again(self, why):
        """The lease of who was killed passes, and another run makes the whole output."""
        self.proxy.arm()
        self.server.sql("update runs set lease_until = clock_timestamp() - interval '1 second' where state = 'running' "
                        "returning id")
        job = self.faulty()
        output, _ = job.communicate(timeout=120)
        self.assertEqual(job.returncode, 0, (why, output))
        self.assertEqual(dict(self.cities()), dict(self.citizens), why)
        states = self.merge_sql("select b.batch, b.state from yellow.batches b join yellow.streams s on s.id = b.stream where "
                                "s.ecosystem = %s and s.name = 'cities' order by 1", self.name)
        self.assertEqual(states, [(i + 1, "committed") for i in range(len(states))], why)
        for kind, name in (("streams", "cities"), ("transformers", "count-cities")):
            job = self.eco.get(f"/platforms/{self.name}Live/{kind}/{name}", keep=False).json
            self.assertEqual((job["state"], job["batch_state"]), ("idle", "committed"), (why, job))

    def everything(self):
        """But batches: one that has published before it stood still may take a run of its own to ingest what is there."""
        return [self.merge_sql(query, *values) for query, *values in (
            (f"select ctid, xmin, city from {self.schema(self.name + 'Live')}.cities__cities",),
            ("select to_jsonb(t) from yellow.transformers t where ecosystem = %s", self.name),
            ("select nspname, relname, c.xmin from pg_class c join pg_namespace n on n.oid = relnamespace where nspname like %s "
             "order by 1, 2", self.name + "%"))]

    def citizen(self):
        """One more, so that the output is another one."""
        number = sum(self.citizens.values()) + 1
        city = f"City {number % 5}"
        self.citizens[city] += 1
        self.source.sql("crm", f"insert into {self.name}.list values ({number}, '{city}')")
        self.assertEqual(self.run_job(f"{self.name}Live", "people")[0], 0)

    def test_at_any_point_the_next_run_makes_the_whole_output_once(self):
        self.commit("{type: sql, file: count.sql}", {"count.sql": SQL})
        self.citizens = collections.Counter({"Rome": 2, "Oslo": 1})
        self.again("the first run")
        path = self.server.folder + "/calls"
        self.proxy.arm()
        job = self.faulty(FAULT_CALLS=path)
        output, _ = job.communicate(timeout=120)
        self.assertEqual(job.returncode, 0, output)
        messages, commits = self.proxy.messages, self.proxy.commits
        with open(path, encoding="ascii") as file:
            calls = int(file.read())
        for what, total in (("kill", calls), ("stop", calls), ("cut", messages), ("lose_commit", commits)):
            tried = 0
            for n in points(total):
                self.citizen()
                in_job = what in ("kill", "stop")
                self.proxy.arm(**({} if in_job else {what: n}))
                job = self.faulty(**({"FAULT_" + what.upper(): n} if in_job else {}))
                _, status = os.waitpid(job.pid, os.WUNTRACED)
                struck = self.proxy.struck
                self.again(f"{what} at {n}")
                if os.WIFSTOPPED(status):
                    before = self.everything()
                    job.send_signal(signal.SIGCONT)
                    output, _ = job.communicate(timeout=120)
                    self.assertEqual(self.everything(), before, (what, n, output))
                    tried += 1
                else:
                    job.returncode = os.waitstatus_to_exitcode(status)
                    job.stdout.close()
                    tried += job.returncode == -signal.SIGKILL if in_job else struck
            print(f"fault points tried: {tried} of a transformer: {what} (YELLOW_FAULTS_SEED={SEED})", flush=True)


class StoppedTransformers(TransformerCase):
    """A job and its child stand still until their lease is over and a newer run is through, and then go on."""

    flags = ("--run-lease", "2s")
    WAIT = "select pg_advisory_xact_lock(4711)"

    def stand_still_and_go_on(self):
        waiting = "select count(*) from pg_locks where locktype = 'advisory' and objid = 4711 and not granted"
        path = f"/platforms/{self.name}Live/transformers/count-cities"
        self.merge_connection.autocommit = True
        self.merge_sql("select pg_advisory_lock(4711)")
        older = self.start_job(f"{self.name}Live", "count-cities", program=("--transformer",))
        stopped = []
        try:
            eventually(lambda: self.merge_sql(waiting) == [(1,)], "the older run's statement waits")
            stopped = family(older.pid)
            for pid in stopped:
                os.kill(pid, signal.SIGSTOP)
            self.merge_sql("select pg_advisory_unlock(4711)")
            eventually(lambda: self.eco.get(path).json["state"] == "lost", "the older run is lost", 30)
            self.source.sql("crm", f"delete from {self.name}.list where id = 3")
            self.assertEqual(self.run_job(f"{self.name}Live", "people")[0], 0)
            code, said = self.transform()
            self.assertEqual(code, 0, said)
            newer = self.cities()
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
            said, _ = older.communicate(timeout=60)
        finally:
            self.merge_sql("select pg_advisory_unlock_all()")
            for pid in stopped if older.poll() is None else ():
                os.kill(pid, signal.SIGKILL)
        self.assertEqual(older.returncode, 6, said)
        self.assertEqual([people for _, people in newer], [2])
        self.assertEqual(self.cities(), newer)
        job, stream = self.eco.get(path).json, self.eco.get(f"/platforms/{self.name}Live/streams/cities").json
        self.assertEqual((job["state"], job["batch"], stream["batch"], stream["batch_state"]),
                         ("idle", 1, 1, "committed"), (job, stream))
        left = self.merge_sql("select count(*) from pg_namespace where nspname like %s and nspname like '%%next%%'",
                              self.name + "%")
        self.assertEqual(left, [(0,)])
        self.assertEqual(self.run_job(f"{self.name}Live", "people")[0], 0)
        self.assertEqual(self.transform()[0], 0)

    def test_an_older_run_in_sql_writes_nothing(self):
        self.commit("{type: sql, file: count.sql}", {"count.sql": self.WAIT + ";\n" + SQL})
        self.stand_still_and_go_on()

    def test_an_older_run_in_python_writes_nothing(self):
        code = Repository(self.server.folder, self.name + "-code", model=False)
        first = code.commit({"main.py": PYTHON + f"    sql.execute('{self.WAIT}')\n",
                             "lib/words.py": "VIEW = 'now__people__list'\n"})
        self.commit(f"{{type: python, repository: {self.name}-code, ref: {first}, entry: main.py}}")
        self.stand_still_and_go_on()


if __name__ == "__main__":
    unittest.main()
