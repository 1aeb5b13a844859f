"""Nothing lost, nothing twice. A job is killed at calls of libpq, and its connections to source, merge database and
server are cut at messages, the answer to COMMIT among them; then it runs again. After that the tables are those of a model
kept here, batch ids have no gap, counts are true, the watermark is right. How many points were tried is printed.

YELLOW_FAULTS: how many points of each kind for each stream (default 4), or "all"; YELLOW_FAULTS_SEED: which ones."""

import collections
import datetime
import json
import os
import random
import signal
import unittest

from lib.data_plane import DataPlane
from lib.proxy import Proxy
from lib.server import YELLOW

JOB = os.path.dirname(YELLOW) + "/tests/e2e/faulty_job"
POINTS = os.environ.get("YELLOW_FAULTS", "4")
SEED = int(os.environ.get("YELLOW_FAULTS_SEED", str(random.randrange(1 << 30))))
LIVE = 2147483647

STORE = """---
kind: Datastore
name: {name}
team: usa/sales
production: true
capture: {{type: {type}, container: crm-db, credential: crm-reader, schedule: external{more}}}
datasets:
  - name: keyed
    table: {name}.keyed
    classification: IP
    columns:
      - {{name: id, type: int64, key: true}}
      - {{name: name, type: varchar(40), nullable: true}}
      - {{name: at, type: timestamptz}}
  - name: log
    table: {name}.log
    classification: IP
    columns:
      - {{name: line, type: text, nullable: true}}
      - {{name: at, type: timestamptz}}
"""


class Stream:
    """A source of two tables, with a key and without, and what its stream's tables have to hold."""

    def __init__(self, case, name, capture, milestoned):
        self.case, self.name, self.capture, self.milestoned = case, name, capture, milestoned
        self.step, self.batch = 0, 0
        self.keyed, self.log = {}, collections.Counter()  # the source
        self.held, self.held_log = {}, collections.Counter()  # the live rows: id -> (name, at, batch)
        self.history, self.ended_log, self.ever_log = [], 0, 0
        self.counts = {}
        case.source.sql("crm", f"create schema {name}; create table {name}.keyed (id bigint primary key, name "
                               f"varchar(40), at timestamptz not null); create table {name}.log (line text, at "
                               "timestamptz not null)")

    @property
    def incremental(self):
        return self.capture == "sql-incremental"

    def mutate(self):
        """The next state of the source, and what one batch makes of it."""
        self.step += 1
        k, at = self.step, datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        at += datetime.timedelta(seconds=k // 2, microseconds=1)  # two steps share a value
        ids = sorted(self.keyed)
        fresh = {k * 10: (f"name {k}", at), k * 10 + 1: (None, at)}
        if ids:
            fresh[ids[k % len(ids)]] = (f"changed {k}", at)
        gone = [ids[(k * 7) % len(ids)]] if len(ids) > 6 and not self.incremental else []
        gone = [i for i in gone if i not in fresh]
        lines = [(f"line {k % 3}", at), (None, at)]
        lost = [next(iter(self.log))] if sum(self.log.values()) > 6 and not self.incremental else []
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
        self.expect(fresh, gone, lines, lost)

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
        read = len(fresh) if self.incremental else len(self.keyed)
        self.counts = {
            "keyed": {"read": read, "inserted": len(inserted), "updated": len(updated), "deleted": len(gone),
                      "unchanged": read - len(fresh), "quarantined": 0},
            "log": {"read": len(lines) if self.incremental else sum(self.log.values()), "inserted": len(lines),
                    "updated": 0, "deleted": len(lost),
                    "unchanged": 0 if self.incremental else sum(self.log.values()) - len(lines), "quarantined": 0}}

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
        log = self.rows("log", "line, at")
        now = [row for row in log if not self.milestoned or row[3] == LIVE]
        case.assertEqual(collections.Counter(row[:2] for row in now), self.log, why)
        if self.milestoned:
            case.assertEqual((len(log), len(log) - len(now)), (self.ever_log, self.ended_log), why)
            case.assertTrue(all(row[2] <= row[3] for row in log), why)
        batches = case.merge_sql("select b.batch, b.state, b.counts, b.watermark, s.watermark, s.batch from yellow.batches b "
                                 "join yellow.streams s on s.id = b.stream where s.platform = %s and s.name = %s "
                                 "order by b.batch", self.platform, self.name)
        case.assertEqual([row[:2] for row in batches], [(i + 1, "committed") for i in range(len(batches))], why)
        case.assertIn(len(batches), (self.batch + 1, self.batch + 2), why)
        counts = batches[self.batch][2]
        for dataset, want in self.counts.items():
            got = {key: counts["datasets"][dataset][key] for key in want}
            case.assertEqual(got, want, (why, dataset))
        if len(batches) > self.batch + 1:
            last = batches[-1][2]
            case.assertEqual((last["inserted"], last["updated"], last["deleted"]), (0, 0, 0), why)
        case.assertEqual((batches[-1][3], batches[-1][5]), (batches[-1][4], len(batches)), why)
        if self.incremental:
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
        cls.proxies = {"source": Proxy(cls.source.port), "merge": Proxy(cls.merge.port),
                       "server": Proxy(cls.server.port, postgres=False)}
        for end, proxy in cls.proxies.items():
            cls.addClassCleanup(proxy.close)
            cls.ports[end] = proxy.port
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
        for capture, letter in (("sql-snapshot", "s"), ("sql-incremental", "i")):
            for milestoned in (False, True):
                self.streams.append(Stream(self, f"{self.name}_{letter}{'m' if milestoned else 'l'}", capture, milestoned))
        stores = "".join(STORE.format(name=stream.name, type=stream.capture,
                                      more=", watermark: at" if stream.incremental else "") for stream in self.streams)
        self.commit_model(stores, *([(s.name, d) for s in self.streams if s.milestoned == milestoned
                                     for d in ("keyed", "log")] for milestoned in (False, True)))

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
        """A batch without a fault."""
        stream.mutate()
        code, output = self.run_stream(stream, **env)
        self.assertEqual(code, 0, output)
        stream.check(output)

    def points(self, total):
        """Which of 1..total to try: all, or some, the last ones, where the commit is, always."""
        if POINTS == "all":
            return range(1, total + 1)
        wanted = min(int(POINTS), total)
        step = total / wanted
        return sorted({min(total, 1 + int(i * step + self.random.random() * step)) for i in range(wanted)})

    def test_a_job_killed_at_any_call_of_libpq(self):
        calls = self.server.folder + "/calls"
        for stream in self.streams:
            for first in (True, False):
                if first:
                    stream.mutate()
                    total = 300  # the tables are made
                else:
                    self.plain(stream, FAULT_CALLS=calls)
                    with open(calls, encoding="ascii") as file:
                        total = int(file.read())
                for n in self.points(total)[:1 if first else None]:
                    why = f"{stream.capture} {'milestoned' if stream.milestoned else 'live'}: killed at call {n}"
                    if not first:
                        stream.mutate()
                    code, output = self.run_stream(stream, FAULT_KILL=n)
                    self.assertIn(code, (-signal.SIGKILL, 0), (why, output))
                    self.tried["kills"] += code != 0
                    self.again(stream, why)

    def test_a_connection_cut_at_any_message(self):
        for stream in self.streams:
            self.plain(stream)
            for end, proxy in self.proxies.items():
                proxy.arm()
                self.plain(stream)
                for n in self.points(proxy.messages):
                    why = f"{stream.capture} {'milestoned' if stream.milestoned else 'live'}: {end} cut at message {n}"
                    stream.mutate()
                    proxy.arm(cut=n)
                    code, output = self.run_stream(stream)
                    self.assertGreaterEqual(code, 0, (why, output))
                    self.tried[f"cuts of the {end}"] += proxy.struck
                    self.again(stream, why)

    def test_the_answer_to_commit_is_lost(self):
        for stream in self.streams:
            self.plain(stream)
            for killed in (False, True):
                stream.mutate()
                self.proxies["merge"].arm(lose_commit=True)
                code, output = self.run_stream(stream)
                self.assertTrue(self.proxies["merge"].struck)
                self.assertEqual(code, 0, output)
                self.tried["lost commits"] += 1
                self.again(stream, "the answer to COMMIT is lost")

    def everything(self, stream):
        """All that the merge database knows of the stream."""
        number = self.merge_sql("select id from yellow.streams where platform = %s and name = %s", stream.platform,
                                stream.name)[0][0]
        return (stream.rows("keyed", "ctid, xmin, id"), stream.rows("log", "ctid, xmin, line"),
                self.merge_sql("select to_jsonb(b) from yellow.batches b where stream = %s order by batch", number),
                self.merge_sql("select to_jsonb(s) from yellow.streams s where id = %s", number))

    def test_a_job_that_stands_still_while_another_takes_over_writes_nothing_when_it_goes_on(self):
        calls = self.server.folder + "/calls"
        for stream in self.streams:
            self.plain(stream)
            self.plain(stream, FAULT_CALLS=calls)
            with open(calls, encoding="ascii") as file:
                total = int(file.read())
            for n in self.points(total):
                why = f"{stream.capture} {'milestoned' if stream.milestoned else 'live'}: stopped at call {n}"
                stream.mutate()
                older = self.command(stream, FAULT_STOP=n)
                _, status = os.waitpid(older.pid, os.WUNTRACED)
                if not os.WIFSTOPPED(status):
                    older.returncode = os.waitstatus_to_exitcode(status)
                    older.stdout.close()
                    self.again(stream, why)
                    continue
                self.again(stream, why)
                before = self.everything(stream)
                older.send_signal(signal.SIGCONT)
                output, _ = older.communicate(timeout=120)
                self.assertEqual(self.everything(stream), before, (why, output))
                self.tried["stops"] += 1


if __name__ == "__main__":
    unittest.main()
