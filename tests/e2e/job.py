"""A job from a commit to rows in views: a real server, a real source, a real merge database."""

import json
import os
import signal
import subprocess
import termios
import unittest
import uuid

import psycopg2

from lib.data_plane import head
from lib.postgres import Postgres
from lib.repository import Repository
from lib.server import YELLOW, Case, Ecosystem, eventually

PEOPLE = """---
kind: Datastore
name: customers
team: usa/sales
production: true
capture: {{type: sql-snapshot, container: crm-db, credential: crm-reader, schedule: external}}
datasets:
  - name: people
    classification: IP
    columns:
      - {{name: id, type: int64, key: true}}
      - {{name: name, type: varchar(40)}}
      {more}
"""


class Jobs(Case):
    flags = ("--run-lease", "3s")

    @classmethod
    def setUpClass(cls):
        cls.postgres = Postgres().start()
        try:
            super().setUpClass()
        except BaseException:
            cls.postgres.close()
            raise
        cls.server.secrets.append(cls.postgres.password)

    @classmethod
    def tearDownClass(cls):
        try:
            super().tearDownClass()
        finally:
            cls.postgres.close()

    def setUp(self):
        self.name = f"e{uuid.uuid4().hex[:8]}"
        self.source, self.merged = self.name + "_crm", self.name + "_merge"
        for database in (self.source, self.merged):
            self.postgres.sql("postgres", f"create database {database}")
        self.sql("create table people (id bigint primary key, name varchar(40), city text)")
        self.sql("insert into people select i, 'name ' || i, 'city' from generate_series(1, 100) i")
        self.folder = f"{self.server.folder}/{self.name}-credentials"
        for name in ("crm-reader", "merge-rw"):
            os.makedirs(f"{self.folder}/{name}")
            for key, value in (("username", "yellow"), ("password", self.postgres.password)):
                with open(f"{self.folder}/{name}/{key}", "w", encoding="ascii") as file:
                    file.write(value + "\n")
        self.repository = Repository(self.server.folder, self.name, model=False)
        self.repository.commit({"model.yaml": self.model()})
        self.eco = Ecosystem(self.server, self.name, self.repository).register()
        self.assertEqual(self.eco.outcome(self.eco.push(self.repository.head()))["state"], "merged")

    def model(self, more=""):
        read = [("customers", "people")]
        return head(self.name, (self.postgres.port, self.source), (self.postgres.port, self.merged), read,
                    read) + PEOPLE.format(more=more)

    def model_with_pets(self, more="", pets=""):
        """A second dataset, on the live platform."""
        dataset = "  - name: pets\n    classification: IP\n    columns:\n      - {name: id, type: int64, key: true}" + pets
        return self.model(more).replace("sinks: [{store: customers, dataset: people}]",
                                        "sinks: [{store: customers, dataset: people}, {store: customers, dataset: pets}]",
                                        1) + dataset + "\n"

    def sql(self, statement, database=None, **options):
        return self.postgres.sql(database or self.source, statement, **options)

    def command(self, *words, stderr=subprocess.PIPE, **env):
        environment = {"PATH": os.environ["PATH"], "YELLOW_URL": f"http://127.0.0.1:{self.server.port}",
                       "YELLOW_TOKEN_FILE": self.server.token_path, "YELLOW_CREDENTIALS": self.folder, **env}
        return subprocess.Popen([YELLOW, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=stderr, text=True, env=environment)

    def run_job(self, platform="Live", stream="customers", **env):
        process = self.command("job", "run", "--ecosystem", self.name, "--platform", self.name + platform, "--stream",
                               stream, "--json", **env)
        output, errors = process.communicate(timeout=60)
        self.assertNotIn(self.postgres.password, output + errors)
        outcome = json.loads(output)
        self.assertEqual(process.returncode, outcome["exit_code"])
        return outcome

    def stream(self, platform="Live"):
        return self.eco.get(f"/platforms/{self.name}{platform}/streams/customers").json

    def view(self, name, columns="id, name", platform="live", **options):
        schema = f"{self.name}__{self.name}{platform}__marketing"
        return self.sql(f'select {columns} from "{schema}"."{name}" order by 1, 2', self.merged, **options)

    def test_rows_reach_the_views_and_follow_the_source(self):
        first = self.run_job()
        self.assertEqual((first["outcome"], first["batch"], first["reported"], first["counts"]["inserted"]),
                         ("committed", 1, True, 100))
        self.assertEqual(len(self.view("now__customers__people")), 100)
        self.assertEqual((self.stream()["state"], self.stream()["batch_state"]), ("idle", "committed"))
        self.sql("update people set name = 'new' where id <= 5; delete from people where id > 97;"
                 "insert into people values (1000, 'born', null)")
        second = self.run_job()
        self.assertEqual(second["counts"], {"read": 98, "inserted": 1, "updated": 5, "deleted": 3, "unchanged": 92,
                                            "quarantined": 0})
        self.assertEqual(self.view("now__customers__people"), self.sql("select id, name from people order by 1, 2"))
        self.assertEqual(self.stream()["batch"], 2)
        third = self.run_job()
        self.assertEqual((third["batch"], third["counts"]["unchanged"], third["datasets"][0]["ddl"]), (3, 98, False))

    def test_history_is_kept_and_can_be_read_as_of_a_batch(self):
        self.run_job("Forensic")
        self.sql("update people set name = 'new' where id = 1; delete from people where id = 2")
        self.assertEqual(self.run_job("Forensic")["batch"], 2)
        name = "past__customers__people"
        self.assertEqual(len(self.view(name, platform="forensic")), 99)
        self.assertEqual(sorted(self.view(name + "__full", "yellow_batch_in, yellow_batch_out, name", "forensic"))[:2],
                         [(1, 1, "name 1"), (1, 1, "name 2")])
        self.assertEqual(len(self.view(name + "__as_of\"(1) \"a", platform="forensic")), 100)

    def test_a_column_that_the_model_adds_appears_in_table_and_view(self):
        self.run_job()
        self.run_job("Forensic")
        self.postgres.watch_ddl(self.merged)
        self.sql("update people set name = 'new' where id = 100")
        self.assertEqual([self.run_job(platform)["counts"]["updated"] for platform in ("Live", "Forensic")], [1, 1])
        self.assertEqual(self.postgres.ddl(self.merged), [], "nothing but the data has changed")
        self.eco.merge({"model.yaml": self.model("- {name: city, type: text, nullable: true}")})
        outcome = self.run_job()
        self.assertTrue(outcome["datasets"][0]["ddl"])
        self.assertEqual(self.view("now__customers__people", "id, name, city")[0], (1, "name 1", "city"))
        schema = f"{self.name}__{self.name}live"
        self.assertEqual([what for what in self.postgres.ddl(self.merged) if what.startswith("ALTER TABLE ")],
                         [f"ALTER TABLE {schema}.customers__people"])
        self.assertEqual(self.run_job()["counts"]["unchanged"], 100)
        self.assertEqual(self.postgres.ddl(self.merged), [])

    def test_a_schema_that_changes_in_mid_batch_fails_it_and_the_next_run_begins_again_on_the_new_one(self):
        """The job knows the source's tables by their names and waits for their locks: of the first, or of the second."""
        self.sql("create table pets (id bigint primary key, born date); insert into pets values (1)")
        self.eco.merge({"model.yaml": self.model_with_pets(pets="\n      - {name: born, type: date, nullable: true}")})
        self.assertEqual(self.run_job()["outcome"], "committed")
        self.sql("insert into people values (1000, 'born', null); insert into pets values (2)")
        tables = [f'select ctid, xmin, * from "{self.name}__{self.name}live".customers__{name}' for name in ("people", "pets")]
        before = [self.sql(table, self.merged) for table in tables]
        for table, change, back in (
                ("people", "rename name to label", "rename label to name"),
                ("pets", "rename born to birthday", "rename birthday to born"),
                ("pets", "drop born", "add born date"),
                ("pets", "drop born, add born boolean", "drop born, add born date"),
                ("pets", "rename to former; create table pets (like former)", "rename to spare; alter table former rename to pets"),
                ("pets", "rename to gone", None)):
            lock = self.slow(table)
            process = self.start_blocked()
            lock.cursor().execute(f"alter table {table} {change}")
            lock.commit()
            lock.close()
            outcome = json.loads(process.communicate(timeout=60)[0])
            self.assertEqual((outcome["exit_code"], outcome["cause"], outcome["batch"]), (12, "schema-changed", 2), outcome)
            self.assertEqual([self.sql(table, self.merged) for table in tables], before, change)
            self.assertEqual((self.stream()["batch_state"], self.stream()["cause"]), ("failed", "schema-changed"))
            self.sql(f"alter table {table} {back}" if back else "alter table gone rename to pets; alter table pets add nick "
                                                                "text; update pets set nick = 'rex' where id = 1")
        self.eco.merge({"model.yaml": self.model_with_pets(pets="\n      - {name: born, type: date, nullable: true}"
                                                                "\n      - {name: nick, type: text, nullable: true}")})
        outcome = self.run_job()
        self.assertEqual((outcome["outcome"], outcome["batch"]), ("committed", 2), outcome)
        self.assertEqual([(d["dataset"], d["ddl"], d["counts"]["inserted"], d["counts"]["updated"])
                          for d in outcome["datasets"]], [("people", False, 1, 0), ("pets", True, 1, 1)])
        self.assertEqual(self.view("now__customers__pets", "id, nick"), [(1, "rex"), (2, None)])

    def test_a_model_that_changes_while_a_job_runs_is_that_of_the_next_batch(self):
        self.run_job()
        self.sql("update people set name = 'new' where id = 1")
        lock = self.slow()
        process = self.start_blocked()
        self.eco.merge({"model.yaml": self.model("- {name: city, type: text, nullable: true}")})
        lock.close()
        outcome = json.loads(process.communicate(timeout=60)[0])
        self.assertEqual((outcome["outcome"], outcome["batch"], outcome["counts"]["updated"], outcome["datasets"][0]["ddl"]),
                         ("committed", 2, 1, False), outcome)
        outcome = self.run_job()
        self.assertEqual((outcome["outcome"], outcome["batch"], outcome["counts"]["updated"], outcome["datasets"][0]["ddl"]),
                         ("committed", 3, 100, True), outcome)
        self.assertEqual(self.view("now__customers__people", "id, name, city")[0], (1, "new", "city"))

    def test_status_says_what_failed_and_why(self):
        self.assertEqual(self.run_job()["outcome"], "committed")
        self.sql("drop table people")
        failed = self.run_job("Forensic")
        said = self.yellow("status").splitlines()
        self.assertEqual(said[0], f"{self.name}, version 1: failing")
        self.assertEqual(said[2:4], ["streams       1 idle, 1 failed", "transformers  none"])
        self.assertTrue(any(line.startswith(f"stream {self.name}Forensic/customers failed since ") and
                            line.endswith(", batch 1") for line in said), said)
        self.assertIn(f"  {failed['cause']}: {failed['message']}", said)

    def test_a_rollback_keeps_columns_and_wider_types_and_goes_forward_again(self):
        """Version 2 adds a column, widens another and has a stream of its own; 3 is 1 again; 4 is 2 again."""
        narrow, wide = ("- {{name: rank, type: {}, nullable: true}}".format(kind) for kind in ("int32", "int64"))
        self.sql("alter table people add rank bigint; update people set rank = id;"
                 "create table pets (id bigint primary key)")
        self.eco.merge({"model.yaml": self.model(narrow)})
        self.assertEqual(self.run_job()["outcome"], "committed")
        self.assertEqual(self.run_job("Forensic")["outcome"], "committed")
        model = self.model_with_pets(wide + "\n      - {name: city, type: text, nullable: true}")
        self.eco.merge({"model.yaml": model})
        self.assertEqual(self.run_job()["outcome"], "committed")
        self.assertEqual(self.run_job("Forensic")["outcome"], "committed")
        self.assertEqual(self.view("now__customers__people", "id, rank, city")[0], (1, 1, "city"))

        said = self.yellow("rollback", "--to", "2", "--reason", "too wide", "--yes")
        self.assertIn("version 4 comes in force, with the content of version 2", said)
        self.assertIn("branch main is held", said)
        self.assertIn("held: rolled back to version 2: too wide", self.yellow("hold", "list"))
        self.sql("update people set name = 'after' where id = 1")
        for platform, view in (("Live", "now"), ("Forensic", "past")):
            outcome = self.run_job(platform)
            self.assertEqual((outcome["outcome"], outcome["counts"]["updated"]), ("committed", 1), outcome)
            self.assertEqual(self.view(view + "__customers__people", "id, name, rank", platform.lower())[0], (1, "after", 1))
            self.assertEqual(self.run_job(platform)["counts"]["unchanged"], 100)
        with self.assertRaises(psycopg2.errors.UndefinedColumn):
            self.view("now__customers__people", "id, city")
        columns = "select count(*) from information_schema.columns where table_name like '%people' and column_name = 'city'"
        self.assertEqual(self.sql(columns + f" and table_schema = '{self.name}__{self.name}live'", self.merged), [(1,)])

        said = self.yellow("hold", "release", "1", "--yes")
        self.assertIn("released", said)
        self.assertEqual(self.eco.outcome(int(said.split("delivery ")[1].split()[0]))["version"], 5)
        outcome = self.run_job()
        self.assertEqual(outcome["outcome"], "committed", outcome)
        self.assertEqual(self.view("now__customers__people", "id, rank, city")[0], (1, 1, "city"))

    def yellow(self, *words):
        process = self.command(*words, "--ecosystem", self.name)
        output, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, output + errors)
        return output

    def test_a_consumer_reads_views_and_nothing_else(self):
        self.run_job()
        role = f"{self.name}__{self.name}live__marketing__reader"
        self.sql(f"create role {self.name}_ann login password 'x'; grant \"{role}\" to {self.name}_ann", self.merged)
        login = {"user": self.name + "_ann", "password": "x"}
        self.assertEqual(len(self.view("now__customers__people", **login)), 100)
        with self.assertRaises(psycopg2.errors.InsufficientPrivilege):
            self.sql(f'select * from "{self.name}__{self.name}live".customers__people', self.merged, **login)

    def test_a_failure_is_reported_with_its_cause_and_the_batch_taken_up_again(self):
        self.sql("alter table people rename to gone")
        outcome = self.run_job()
        self.assertEqual((outcome["outcome"], outcome["reported"]), ("failed", True))
        stream = self.stream()
        self.assertEqual((stream["state"], stream["cause"]), ("failed", outcome["cause"]))
        self.sql("alter table gone rename to people")
        self.assertEqual(self.run_job()["batch"], 1)

    def test_credentials_that_are_absent_or_wrong_are_told_apart(self):
        outcome = self.run_job(YELLOW_CREDENTIALS="")
        self.assertEqual((outcome["cause"], outcome["exit_code"]), ("configuration", 17))
        with open(self.folder + "/merge-rw/password", "w", encoding="ascii") as file:
            file.write("wrong")
        outcome = self.run_job()
        self.assertEqual((outcome["cause"], outcome["exit_code"]), ("credential-refused", 11))

    def test_no_run_is_no_failure_of_the_stream(self):
        self.assertEqual(self.run_job(stream="nothing")["exit_code"], 1)
        self.assertEqual(self.eco.request("POST", f"/platforms/{self.name}Live/streams/customers/runs", {}).status, 201)
        outcome = self.run_job()
        self.assertEqual((outcome["outcome"], outcome["exit_code"]), ("refused", 4))
        for words in ((), ("--platform", "../x", "--stream", "s"), ("--platform", "p")):
            process = self.command("job", "run", "--ecosystem", "x", *words)
            process.communicate(timeout=60)
            self.assertEqual(process.returncode, 2)

    def slow(self, table="people"):
        """A source that blocks: its table is locked. The connection that holds it."""
        lock = self.postgres.connect(self.source)
        lock.autocommit = False
        lock.cursor().execute(f"lock table {table} in access exclusive mode")
        return lock

    def start_blocked(self, **options):
        process = self.command("job", "run", "--ecosystem", self.name, "--platform", self.name + "Live", "--stream",
                               "customers", "--json", **options)
        eventually(lambda: self.sql("select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = "
                                    f"'{self.source}'", "postgres"), "the job waits for its source")
        return process

    def test_a_signal_stops_it_cleanly_and_the_batch_goes_on(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            lock = self.slow()
            process = self.start_blocked()
            process.send_signal(number)
            output, _ = process.communicate(timeout=5)
            lock.close()
            outcome = json.loads(output)
            self.assertEqual((process.returncode, outcome["outcome"], outcome["reported"]), (5, "cancelled", True))
            self.assertEqual((self.stream()["state"], self.stream()["batch_state"]), ("idle", "failed"))
        self.assertEqual(self.run_job()["batch"], 1)

    def test_a_signal_stops_it_where_the_merge_database_lets_it_wait(self):
        self.run_job()
        self.sql("update people set name = 'new' where id = 1")
        lock = self.postgres.connect(self.merged)
        lock.autocommit = False
        lock.cursor().execute(f'lock table "{self.name}__{self.name}live".customers__people in access exclusive mode')
        process = self.command("job", "run", "--ecosystem", self.name, "--platform", self.name + "Live", "--stream",
                               "customers", "--json")
        eventually(lambda: self.sql("select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = "
                                    f"'{self.merged}'", "postgres"), "the job waits for its table")
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=5)
        lock.close()
        self.assertEqual((process.returncode, json.loads(output)["reported"]), (5, True))
        self.assertEqual(self.run_job()["counts"]["updated"], 1)

    def test_what_a_server_that_went_away_was_not_told_is_told_by_the_next_run(self):
        lock = self.slow()
        process = self.start_blocked()
        self.server.stop()
        lock.close()
        output, _ = process.communicate(timeout=60)
        self.server.launch()
        self.server.wait_ready()
        outcome = json.loads(output)
        self.assertEqual((process.returncode, outcome["outcome"], outcome["reported"]), (7, "committed", False))
        self.assertEqual(self.run_job()["batch"], 2)
        batches = self.eco.get(f"/platforms/{self.name}Live/streams/customers/batches").json["items"]
        self.assertEqual([(b["batch"], b["state"], b["counts"]["inserted"]) for b in batches],
                         [(2, "committed", 0), (1, "committed", 100)])

    def test_a_terminal_sees_the_progress(self):
        try:
            terminal, end = os.openpty()
        except OSError as error:
            self.skipTest(f"no terminal can be made here: {error}")
        termios.tcsetwinsize(end, (24, 24))
        lock = self.slow()
        process = self.start_blocked(stderr=end)
        shown = b""
        while shown.count(b"customers capture") < 2:
            shown += os.read(terminal, 1000)
        termios.tcsetwinsize(end, (24, 200))
        while b"customers capture 0 rows, 0 B, " not in shown:
            shown += os.read(terminal, 1000)
        lock.close()
        process.communicate(timeout=60)
        os.close(end)
        os.close(terminal)
        self.assertEqual(process.returncode, 0)
        narrow = shown.split(b"\r\x1b[K")[1]
        self.assertLess(len(narrow), 24, "a line that is broken stays there each time")

    def test_a_run_lives_on_by_its_heartbeats_and_ends_when_its_lease_is_taken(self):
        lock = self.slow()
        process = self.start_blocked()
        run = self.stream()["live_run"]["run"]
        first = self.eco.get(f"/runs/{run}").json["lease_until"]
        eventually(lambda: self.eco.get(f"/runs/{run}").json["lease_until"] > first, "a heartbeat", 20)
        self.assertEqual(self.eco.get(f"/runs/{run}").json["progress"]["phase"], "capture")
        self.server.sql("update runs set lease_until = now() - interval '1s' where id = %s", run)
        output, _ = process.communicate(timeout=20)
        lock.close()
        self.assertEqual((process.returncode, json.loads(output)["outcome"]), (6, "lost"))
        self.assertEqual(self.run_job()["outcome"], "committed")

    def test_a_commit_that_was_not_reported_is_reported_by_the_next_run(self):
        self.run_job()
        # The server has not heard of the report: it holds the batch for open still.
        job = f"(select id from jobs where ecosystem = '{self.name}' and batch = 1)"
        self.server.sql(f"update runs set state = 'lost', report_hash = null, counts = null where job = {job};"
                        f"update batches set state = 'started', committed_at = null, counts = null where job = {job};"
                        f"update jobs set state = 'lost', batch_state = 'started' where id = {job}")
        outcome = self.run_job()
        self.assertEqual((outcome["outcome"], outcome["batch"]), ("committed", 2))
        batches = self.eco.get(f"/platforms/{self.name}Live/streams/customers/batches").json["items"]
        self.assertEqual([(b["batch"], b["state"], b["counts"]["inserted"]) for b in batches],
                         [(2, "committed", 0), (1, "committed", 100)])

    def verify(self, platform="Live", *words):
        process = self.command("verify", "--ecosystem", self.name, "--platform", self.name + platform, "--stream",
                               "customers", "--json", *words)
        output, errors = process.communicate(timeout=60)
        self.assertIn(process.returncode, (0, 1), errors)
        report = json.loads(output)
        self.assertEqual(process.returncode, 0 if report["equal"] else 1)
        return report

    def test_verify_says_equal_or_what_differs(self):
        for platform in ("Live", "Forensic"):
            self.run_job(platform)
            self.sql("update people set name = name || '!' where id % 7 = 0; delete from people where id % 11 = 0")
            self.assertFalse(self.verify(platform)["equal"], "the source has changed since")
            self.run_job(platform)
            report = self.verify(platform)
            self.assertTrue(report["equal"], report)
            self.assertEqual(report["datasets"][0]["live"], self.sql("select count(*) from people")[0][0])
        self.run_job()
        self.sql(f'update "{self.name}__{self.name}live".customers__people set name = \'forged\' where id = 1',
                 self.merged)
        report = self.verify()
        self.assertEqual((report["equal"], report["datasets"][0]["differs"]), (False, 1))
        process = self.command("verify", "--ecosystem", self.name, "--platform", self.name + "Live", "--stream", "no")
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 3)

    def test_views_are_made_and_dropped_without_a_batch(self):
        def reconcile(*words):
            process = self.command("views", "reconcile", "--ecosystem", self.name, "--psp", "ny", "--json", *words)
            output, errors = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 0, errors)
            return [(c["action"], c["name"]) for c in json.loads(output)]
        self.assertEqual({action for action, _ in reconcile()}, {"wait"})
        self.run_job()
        self.eco.merge({"model.yaml": self.model().replace("name: now", "name: today")})
        self.assertIn(("create", "today__customers__people"), reconcile("--dry-run"))
        self.assertIn(("drop", "now__customers__people"), reconcile())
        self.assertEqual({action for action, _ in reconcile()}, {"wait"})
        self.assertEqual(len(self.view("today__customers__people")), 100)


if __name__ == "__main__":
    unittest.main()
