"""Nothing lost, nothing twice. A job is killed, or stands still while another takes over, at calls of libpq; its
connections to source, merge database and server are cut at messages, the answers to its COMMITs and to its claim are lost,
its source gets another schema; then it runs again. After that the tables are those of a model kept here, batch ids have no
gap, counts are true, the watermark is right. How many points were tried is printed, a line for each kind of fault and
stream as soon as it is through.

YELLOW_FAULTS: how many points of each kind for each stream (default 2), or "all"; YELLOW_FAULTS_SEED: which ones;
YELLOW_FAULTS_CAPTURES: of which kinds of capture ("csv-s3,json-api"; default all). One kind of fault alone:

    YELLOW=build/test/yellow YELLOW_FAULTS=all tests/e2e/faults.py Faults.test_the_answer_to_commit_is_lost"""

import collections
import datetime
import http.client
import http.server
import json
import os
import random
import signal
import subprocess
import sys
import threading
import unittest
import urllib.parse

import psycopg2

from lib.data_plane import DataPlane
from lib.proxy import Proxy
from lib.server import SOURCE, YELLOW

JOB = os.path.dirname(YELLOW) + "/tests/e2e/faulty_job"
POINTS = os.environ.get("YELLOW_FAULTS", "2")
SEED = int(os.environ.get("YELLOW_FAULTS_SEED", str(random.randrange(1 << 30))))
LIVE = 2147483647

CONTAINERS = """---
kind: DataContainer
name: lake
type: s3
endpoint: http://127.0.0.1:{s3}
bucket: lake
region: us-east-1
locations: ["MyCorp:USA/NY_1"]
---
kind: DataContainer
name: api
type: http
url: http://127.0.0.1:{api}
locations: ["MyCorp:USA/NY_1"]
---
kind: Credential
name: lake-keys
type: s3-keys
containers: [lake]
---
kind: Credential
name: api-token
type: token
containers: [api]
"""

STORE = """---
kind: Datastore
name: {name}
team: usa/sales
production: true
capture: {{type: {type}, schedule: external, {capture}}}
datasets:
  - name: keyed
    {keyed}
    classification: IP
    columns:
      - {{name: id, type: int64, key: true}}
      - {{name: name, type: varchar(40), nullable: true}}
      - {{name: at, type: timestamptz}}
"""

LOG = """  - name: log
    {log}
    classification: IP
    columns:
      - {{name: line, type: text, nullable: true}}
      - {{name: at, type: timestamptz}}
"""

DATABASE = "container: crm-db, credential: crm-reader"
# How each kind of capture is declared, for whole datasets or what came; where it reads.
KINDS = {
    "sql-snapshot": {"whole": True, "end": "source", "capture": DATABASE, "at": "table: {name}.{dataset}"},
    "sql-incremental": {"whole": False, "end": "source", "capture": DATABASE + ", watermark: at",
                        "at": "table: {name}.{dataset}"},
    "csv-s3": {"whole": False, "end": "s3", "capture": "container: lake, credential: lake-keys, csv: {header: true, "
                                                       "null_text: 'NULL'}", "at": "prefix: {name}/{dataset}/"},
    "json-api": {"whole": True, "end": "api", "capture": "container: api, credential: api-token, "
                                                         "paging: {type: page, parameter: page}",
                 "at": "path: /{name}/{dataset}\n    records: /data"},
}


CAPTURES = os.environ.get("YELLOW_FAULTS_CAPTURES", ",".join(KINDS)).split(",")


class Api(http.server.BaseHTTPRequestHandler):
    """Serves what streams put into `rows`, four records a page."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # a body would wait for the acknowledgement of its headers
    rows = {}

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass

    def do_GET(self):
        path, _, query = self.path.partition("?")
        page = int(urllib.parse.parse_qs(query).get("page", ["1"])[0])
        records = self.rows.get(path, [])[page * 4 - 4:page * 4]
        body = json.dumps({"data": records}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Stream:
    """A source of two tables, with a key and without, and what its stream's tables have to hold."""

    def __str__(self):
        return f"{self.capture} {'milestoned' if self.milestoned else 'live'}"

    def __init__(self, case, name, capture, milestoned):
        self.case, self.name, self.capture, self.milestoned = case, name, capture, milestoned
        self.step, self.batch = 0, 0
        self.keyed, self.log = {}, collections.Counter()  # the source
        self.held, self.held_log = {}, collections.Counter()  # the live rows: id -> (name, at, batch)
        self.history, self.ended_log, self.ever_log = [], 0, 0
        self.counts = {}
        self.kind = KINDS[capture]
        self.datasets = ("keyed",) if capture == "json-api" else ("keyed", "log")
        if self.kind["end"] != "source":
            return
        case.source.sql("crm", f"create schema {name}; create table {name}.keyed (id bigint primary key, name "
                               f"varchar(40), at timestamptz not null); create table {name}.log (line text, at "
                               "timestamptz not null)")

    def store(self):
        at = {dataset: self.kind["at"].format(name=self.name, dataset=dataset) for dataset in ("keyed", "log")}
        text = STORE.format(name=self.name, type=self.capture, capture=self.kind["capture"], **at)
        return text + (LOG.format(**at) if "log" in self.datasets else "")

    def mutate(self):
        """The next state of the source, and what one batch makes of it."""
        self.step += 1
        k, at = self.step, datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        at += datetime.timedelta(seconds=k // 2, microseconds=1)  # two steps share a value
        ids = sorted(self.keyed)
        fresh = {k * 10: (f"name {k}", at), k * 10 + 1: (None, at)}
        if ids:
            fresh[ids[k % len(ids)]] = (f"changed {k}", at)
        rest = [i for i in ids if i not in fresh]  # as many go as come: the thousandth batch is as large as the tenth
        gone = [rest[(k * 7) % len(rest)], rest[(k * 7 + 3) % len(rest)]] if len(rest) > 5 and self.kind["whole"] else []
        lines = [(f"line {k % 3}", at), (None, at)]
        lost = list(self.log.elements())[:2] if sum(self.log.values()) > 6 and self.kind["whole"] else []
        self.expect(fresh, gone, lines, lost)
        {"source": self.write_tables, "s3": self.write_objects, "api": self.write_api}[self.kind["end"]](
            fresh, gone, lines, lost)

    def write_objects(self, fresh, _gone, lines, _lost):
        def text(head, rows):
            return head + "".join(",".join("NULL" if v is None else str(v) for v in row) + "\n" for row in rows)
        for dataset, body in (("keyed", text("id,name,at\n", [(i, *row) for i, row in fresh.items()])),
                              ("log", text("line,at\n", lines))):
            connection = http.client.HTTPConnection("127.0.0.1", self.case.s3_port)
            connection.request("PUT", f"/_/object/{self.name}/{dataset}/{self.step:06}.csv", body.encode(),
                               {"X-Modified": f"2026-01-01T00:00:00.{self.step % 1000:03}Z"})
            assert connection.getresponse().read() == b""
            # Read long ago: the list of objects is as long for the thousandth batch as for the tenth.
            connection.request("DELETE", f"/_/object/{self.name}/{dataset}/{self.step - 9:06}.csv")
            assert connection.getresponse().read() == b""
            connection.close()

    def write_api(self, _fresh, _gone, _lines, _lost):
        Api.rows[f"/{self.name}/keyed"] = [{"id": i, "name": name, "at": str(at)}
                                           for i, (name, at) in sorted(self.keyed.items())]

    def write_tables(self, fresh, gone, lines, lost):
        connection = self.case.source_connection
        with connection.cursor() as cursor:
            cursor.execute("begin")
            for i, row in fresh.items():
                cursor.execute(f"insert into {self.name}.keyed values (%s, %s, %s) on conflict (id) do update set "
                               "name = excluded.name, at = excluded.at", (i, *row))
            for i in gone:
                cursor.execute(f"delete from {self.name}.keyed where id = %s", (i,))
            for row in lines:
                cursor.execute(f"insert into {self.name}.log values (%s, %s)", row)
            for row in lost:
                cursor.execute(f"delete from {self.name}.log where ctid = (select ctid from {self.name}.log where line "
                               "is not distinct from %s and at = %s limit 1)", row)
            cursor.execute("commit")

    def expect(self, fresh, gone, lines, lost):
        batch = self.batch + 1
        inserted = [i for i in fresh if i not in self.keyed]
        updated = [i for i in fresh if i in self.keyed]
        for i in gone + updated:
            name, at, since = self.held.pop(i)
            self.history.append((i, name, at, since, batch - 1))
        for i, row in fresh.items():
            self.held[i] = (*row, batch)
            self.keyed[i] = row
        for i in gone:
            del self.keyed[i]
        self.log.update(lines)
        self.log.subtract(lost)
        self.log += collections.Counter()
        self.ended_log += len(lost)
        self.ever_log += len(lines)
        whole = self.kind["whole"]
        read = len(self.keyed) if whole else len(fresh)
        self.counts = {
            "keyed": {"read": read, "inserted": len(inserted), "updated": len(updated), "deleted": len(gone),
                      "unchanged": read - len(fresh), "quarantined": 0},
            "log": {"read": sum(self.log.values()) if whole else len(lines), "inserted": len(lines), "updated": 0,
                    "deleted": len(lost), "unchanged": sum(self.log.values()) - len(lines) if whole else 0,
                    "quarantined": 0}}

    @property
    def platform(self):
        return self.case.name + ("Forensic" if self.milestoned else "Live")

    def rows(self, dataset, columns):
        beside = "yellow_batch_in, yellow_batch_out" if self.milestoned else "yellow_batch_id"
        schema = self.case.schema(self.platform)
        return self.case.merge_sql(f'select {columns}, {beside} from "{schema}"."{self.name}__{dataset}"')

    def check(self, why):
        case = self.case
        live = [(i, *row) for i, row in self.held.items()]
        if self.milestoned:
            expected = [(*row, LIVE) for row in live] + self.history
        else:
            expected = live
        case.assertEqual(sorted(map(repr, self.rows("keyed", "id, name, at"))), sorted(map(repr, expected)), why)
        if "log" in self.datasets:
            self.check_log(why)
        self.check_batches(why)

    def check_log(self, why):
        case, log = self.case, self.rows("log", "line, at")
        now = [row for row in log if not self.milestoned or row[3] == LIVE]
        case.assertEqual(collections.Counter(row[:2] for row in now), self.log, why)
        if self.milestoned:
            case.assertEqual((len(log), len(log) - len(now)), (self.ever_log, self.ended_log), why)
            case.assertTrue(all(row[2] <= row[3] for row in log), why)

    def check_batches(self, why):
        case = self.case
        batches = case.merge_sql("select b.batch, b.state, b.counts, b.watermark, s.watermark, s.batch from yellow.batches b "
                                 "join yellow.streams s on s.id = b.stream where s.platform = %s and s.name = %s "
                                 "order by b.batch", self.platform, self.name)
        case.assertEqual([row[:2] for row in batches], [(i + 1, "committed") for i in range(len(batches))], why)
        case.assertIn(len(batches), (self.batch + 1, self.batch + 2), why)
        counts = batches[self.batch][2]
        for dataset in self.datasets:
            want = self.counts[dataset]
            got = {key: counts["datasets"][dataset][key] for key in want}
            case.assertEqual(got, want, (why, dataset))
        if len(batches) > self.batch + 1:
            last = batches[-1][2]
            case.assertEqual((last["inserted"], last["updated"], last["deleted"]), (0, 0, 0), why)
        case.assertEqual((batches[-1][3], batches[-1][5]), (batches[-1][4], len(batches)), why)
        if self.capture == "sql-incremental":
            for dataset, rows in (("keyed", [row[1] for row in self.keyed.values()]), ("log", [r[1] for r in self.log])):
                value = json.loads(batches[-1][4])["datasets"][dataset]["value"]
                case.assertEqual(datetime.datetime.fromisoformat(value + ":00"), max(rows), why)
        server = case.eco.get(f"/platforms/{self.platform}/streams/{self.name}", keep=False).json
        case.assertEqual((server["batch"], server["batch_state"], server["watermark"], server["live_run"]),
                         (len(batches), "committed", batches[-1][4], None), why)
        self.batch = len(batches)


class Faults(DataPlane):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        s3 = subprocess.Popen([sys.executable, SOURCE + "/tests/ingest/s3_server.py", "lake", "key", "secret of the lake"],
                              stdout=subprocess.PIPE, text=True)
        cls.addClassCleanup(s3.stdout.close)
        cls.addClassCleanup(s3.wait)
        cls.addClassCleanup(s3.kill)
        cls.s3_port = int(s3.stdout.readline())
        api = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
        cls.addClassCleanup(api.server_close)
        cls.addClassCleanup(api.shutdown)
        threading.Thread(target=api.serve_forever, daemon=True).start()
        cls.proxies = {"source": Proxy(cls.source.port), "merge": Proxy(cls.merge.port),
                       "server": Proxy(cls.server.port, postgres=False), "s3": Proxy(cls.s3_port, postgres=False),
                       "api": Proxy(api.server_port, postgres=False)}
        for end, proxy in cls.proxies.items():
            cls.addClassCleanup(proxy.close)
            cls.ports[end] = proxy.port
        cls.merge.watch_ddl("merged")
        cls.server_connection = cls.server.connect()
        cls.server_connection.autocommit = True
        cls.tried = collections.Counter()
        cls.random = random.Random(SEED)

    @classmethod
    def tearDownClass(cls):
        cls.server_connection.close()
        super().tearDownClass()
        tried = ", ".join(f"{n} {what}" for what, n in sorted(cls.tried.items()))
        print(f"\nfault points tried: {sum(cls.tried.values())}: {tried} (YELLOW_FAULTS_SEED={SEED})", flush=True)

    def setUp(self):
        super().setUp()
        self.streams = []
        for number, capture in enumerate(CAPTURES):
            for milestoned in (False, True):
                self.streams.append(Stream(self, f"{self.name}_{number}{'m' if milestoned else 'l'}", capture, milestoned))
        containers = CONTAINERS.format(s3=self.ports["s3"], api=self.ports["api"])
        self.commit_model(containers + "".join(stream.store() for stream in self.streams),
                          *([(s.name, d) for s in self.streams if s.milestoned == milestoned for d in s.datasets]
                            for milestoned in (False, True)))

    @staticmethod
    def credentials():
        return {**DataPlane.credentials(), "lake-keys": {"access-key-id": "key", "secret-access-key": "secret of the lake"},
                "api-token": {"token": "token of the api"}}

    def command(self, stream, **env):
        return self.start_job(stream.platform, stream.name, program=(JOB,), **env)

    def run_stream(self, stream, **env):
        return self.run_job(stream.platform, stream.name, program=(JOB,), **env)

    def expire(self):
        """The lease of who was killed passes."""
        with self.server_connection.cursor() as cursor:
            cursor.execute("update runs set lease_until = clock_timestamp() - interval '1 second' where state = 'running'")

    def again(self, stream, why):
        for proxy in self.proxies.values():
            proxy.arm()
        self.expire()
        code, output = self.run_stream(stream)
        self.assertEqual(code, 0, (why, output))
        stream.check((why, output))

    def plain(self, stream, **env):
        """A batch without a fault. Its tables and views are changed by the first one alone."""
        stream.mutate()
        self.merge.ddl("merged")
        code, output = self.run_stream(stream, **env)
        self.assertEqual(code, 0, output)
        ddl = self.merge.ddl("merged")
        self.assertTrue(not ddl if stream.batch else ddl, (output, ddl))
        stream.check(output)

    def calls(self, stream):
        """How many of libpq a batch makes."""
        path = self.server.folder + "/calls"
        self.plain(stream, FAULT_CALLS=path)
        with open(path, encoding="ascii") as file:
            return int(file.read())

    def told(self, what, stream, tried):
        self.tried[what] += tried
        print(f"{what}: {tried}, {stream}", flush=True)

    def struck(self, stream, proxy, number=None, **arm):
        """A job that gets the signal, if any, where the proxy strikes."""
        jobs, started = [], threading.Event()

        def strike():
            started.wait()
            if number:
                os.kill(jobs[0].pid, number)

        proxy.arm(strike=strike, **arm)
        jobs.append(self.command(stream))
        started.set()
        return jobs[0]

    def stands(self, job):
        """Waits until the job stands still, or has ended."""
        _, status = os.waitpid(job.pid, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            self.addCleanup(job.kill)
            return True
        job.returncode = os.waitstatus_to_exitcode(status)
        job.stdout.close()
        return False

    def overtake(self, stream, older, why):
        """Another run takes over from a job that stands still, which then goes on and writes nothing."""
        self.again(stream, why)
        before = self.everything(stream)
        older.send_signal(signal.SIGCONT)
        output, _ = older.communicate(timeout=120)
        self.assertEqual(self.everything(stream), before, (why, output))

    def points(self, total):
        """Which of 1..total to try: all, or some, the last ones, where the commit is, always."""
        if POINTS == "all":
            return range(1, total + 1)
        wanted = min(int(POINTS), total)
        step = total / wanted
        return sorted({min(total, 1 + int(i * step + self.random.random() * step)) for i in range(wanted)})

    def test_a_job_killed_at_any_call_of_libpq(self):
        for stream in self.streams:
            tried = 0
            for first in (True, False):
                if first:
                    stream.mutate()
                    total = 300  # the tables are made
                else:
                    total = self.calls(stream)
                for n in self.points(total)[:1 if first else None]:
                    why = f"{stream}: killed at call {n}"
                    if not first:
                        stream.mutate()
                    code, output = self.run_stream(stream, FAULT_KILL=n)
                    self.assertIn(code, (-signal.SIGKILL, 0), (why, output))
                    tried += code != 0
                    self.again(stream, why)
            self.told("kills", stream, tried)

    def test_a_connection_cut_at_any_message(self):
        for stream in self.streams:
            self.plain(stream)
            for end in (stream.kind["end"], "merge", "server"):
                tried, proxy = 0, self.proxies[end]
                proxy.arm()
                self.plain(stream)
                for n in self.points(proxy.messages):
                    why = f"{stream}: {end} cut at message {n}"
                    stream.mutate()
                    proxy.arm(cut=n)
                    code, output = self.run_stream(stream)
                    self.assertGreaterEqual(code, 0, (why, output))
                    tried += proxy.struck
                    self.again(stream, why)
                self.told(f"cuts of the {end}", stream, tried)

    def test_the_answer_to_commit_is_lost(self):
        """At each COMMIT, and the job is killed there, or stands still while another finds what it did."""
        proxy = self.proxies["merge"]
        for stream in self.streams:
            tried, total = 0, 1
            for first in (True, False):
                if not first:
                    proxy.arm()
                    self.plain(stream)
                    total = proxy.commits
                for n in range(1, total + 1):
                    for number in (None,) if first else (None, signal.SIGKILL, signal.SIGSTOP):
                        why = f"{stream}: the answer to COMMIT {n} is lost" + (f" and {number.name} sent" if number else "")
                        stream.mutate()
                        job = self.struck(stream, proxy, number, lose_commit=n)
                        if number == signal.SIGSTOP:
                            self.assertTrue(self.stands(job), why)
                            self.overtake(stream, job, why)
                        else:
                            output, _ = job.communicate(timeout=120)
                            # The very first COMMIT of all is that of what Yellow keeps in a merge database.
                            self.assertIn(job.returncode, (0, 14) if first else (-number if number else 0,), (why, output))
                            self.assertTrue(proxy.struck, why)
                            self.again(stream, why)
                        tried += 1
            self.told("lost commits", stream, tried)

    def test_the_answer_to_the_claim_is_lost(self):
        """The server has made a run and its job does not know: it asks again and gets that one. The job after one that is
        dead is told of a live run and until when; there are never two."""
        proxy, stream = self.proxies["server"], self.streams[0]
        runs = ("select r.id, r.state, r.lease_until from runs r join jobs j on j.id = r.job where j.ecosystem = %s and "
                "j.platform = %s and j.name = %s order by r.id")
        where = (self.name, stream.platform, stream.name)
        stream.mutate()
        job = self.struck(stream, proxy, cut=2)
        output, _ = job.communicate(timeout=120)
        self.assertTrue(proxy.struck)
        self.assertEqual(job.returncode, 0, output)
        self.assertEqual([state for _, state, _ in self.server.sql(runs, *where)], ["committed"])
        stream.check(output)

        stream.mutate()
        job = self.struck(stream, proxy, signal.SIGKILL, cut=2)
        job.communicate(timeout=120)
        made = self.server.sql(runs, *where)
        self.assertEqual([state for _, state, _ in made], ["committed", "running"])
        code, output = self.run_stream(stream)
        self.assertEqual(code, 4, output)
        until = made[1][2].astimezone(datetime.timezone.utc)
        self.assertIn(f"has a live run: {made[1][0]}, started by admin, lease until {until:%Y-%m-%dT%H:%M:%S}", output)
        self.assertEqual(self.server.sql(runs, *where), made)
        self.again(stream, "the answer to the claim is lost and the job killed")
        self.assertEqual([state for _, state, _ in self.server.sql(runs, *where)], ["committed", "lost", "committed"])

    def everything(self, stream):
        """All that the merge database knows of the stream."""
        number = self.merge_sql("select id from yellow.streams where platform = %s and name = %s", stream.platform,
                                stream.name)[0][0]
        return (self.tables(stream),
                self.merge_sql("select to_jsonb(b) from yellow.batches b where stream = %s order by batch", number),
                self.merge_sql("select to_jsonb(s) from yellow.streams s where id = %s", number))

    @staticmethod
    def tables(stream):
        return [stream.rows(dataset, "ctid, xmin, at") for dataset in stream.datasets]

    def test_a_job_that_stands_still_while_another_takes_over_writes_nothing_when_it_goes_on(self):
        for stream in self.streams:
            tried = 0
            self.plain(stream)
            for n in self.points(self.calls(stream)):
                why = f"{stream}: stopped at call {n}"
                stream.mutate()
                older = self.command(stream, FAULT_STOP=n)
                if self.stands(older):
                    self.overtake(stream, older, why)
                    tried += 1
                else:
                    self.again(stream, why)
            self.told("stops", stream, tried)

    def rename(self, table, column, name):
        """False: somebody reads the table."""
        with self.source_connection.cursor() as cursor:
            try:
                cursor.execute(f"begin; set local lock_timeout = '20ms'; alter table {table} rename {column} to {name}; "
                               "commit")
            except psycopg2.errors.LockNotAvailable:
                cursor.execute("rollback")
                return False
        return True

    def test_a_schema_of_the_source_that_changes_while_a_job_stands_still(self):
        """Before it has locked the tables the batch fails; afterwards they keep their schema until it is read."""
        for stream in self.streams:
            if stream.kind["end"] != "source":
                continue
            tried = 0
            self.plain(stream)
            for n in self.points(self.calls(stream)):
                why = f"{stream}: schema changed at call {n}"
                table, column = ((f"{stream.name}.keyed", "name"), (f"{stream.name}.log", "line"))[n % 2]
                stream.mutate()
                before = self.tables(stream)
                job = self.command(stream, FAULT_STOP=n)
                if not self.stands(job):
                    self.again(stream, why)
                    continue
                renamed = self.rename(table, column, "label")
                job.send_signal(signal.SIGCONT)
                output, _ = job.communicate(timeout=120)
                self.assertIn(job.returncode, (0, 12) if renamed else (0,), (why, output))
                if job.returncode:
                    self.assertIn(" schema-changed ", output, why)
                    self.assertEqual(self.tables(stream), before, (why, output))
                if renamed:
                    self.assertTrue(self.rename(table, "label", column), why)
                self.again(stream, why)
                tried += 1
            self.told("changes of the schema", stream, tried)


if __name__ == "__main__":
    unittest.main()
