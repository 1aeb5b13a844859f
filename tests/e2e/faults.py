"""Nothing lost, nothing twice. A job is killed, or stands still while another takes over, at calls of libpq; its
connections to source, merge database and server are cut at messages, the answers to its COMMITs and to its claim are lost,
its source gets another schema; then it runs again. After that the tables are those of a model kept here, batch ids have no
gap, counts are true, the watermark is right. How many points were tried is printed, a line for each kind of fault and
stream as soon as it is through.

YELLOW_FAULTS: how many points of each kind for each stream (default 2), or "all"; YELLOW_FAULTS_SEED: which ones;
YELLOW_FAULTS_CAPTURES: of which kinds of capture ("csv-s3,json-api"; default all). One kind of fault alone:

    YELLOW_FAULTS=all /usr/bin/python3 -B tests/e2e/faults.py Faults.test_the_answer_to_commit_is_lost"""

import collections
import datetime
import http.server
import os
import signal
import subprocess
import sys
import threading
import unittest

import psycopg2

from lib.data_plane import DataPlane
from lib.points import POINTS, SEED, dice, points
from lib.proxy import Proxy
from lib.server import SOURCE, YELLOW, eventually
from lib.stream import CONTAINERS, KINDS, Api, Stream

JOB = os.path.dirname(YELLOW) + "/tests/e2e/faulty_job"
CAPTURES = os.environ.get("YELLOW_FAULTS_CAPTURES", ",".join(KINDS)).split(",")


class Faults(DataPlane):
    streams = ()

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

    @classmethod
    def tearDownClass(cls):
        cls.server_connection.close()
        super().tearDownClass()
        tried = ", ".join(f"{n} {what}" for what, n in sorted(cls.tried.items()))
        print(f"\nfault points tried: {sum(cls.tried.values())}: {tried} (YELLOW_FAULTS_SEED={SEED})", flush=True)

    def begin(self, captures=CAPTURES, of_each=1):
        """So many streams of each kind of capture, on the live and on the milestoned platform, in a model of their own."""
        streams = [Stream(self, f"{self.name}_{number}{'m' if milestoned else 'l'}{i}", capture, milestoned)
                   for number, capture in enumerate(captures) for milestoned in (False, True) for i in range(of_each)]
        containers = CONTAINERS.format(s3=self.ports["s3"], api=self.ports["api"])
        self.commit_model(containers + "".join(stream.store() for stream in streams),
                          *([(s.name, d) for s in streams if s.milestoned == milestoned for d in s.datasets]
                            for milestoned in (False, True)))
        self.streams = streams
        return streams

    def tearDown(self):
        """What operators are told after all that was tried."""
        for stream in (stream for stream in self.streams if stream.batch):
            code, output = self.run_job(stream.platform, stream.name, program=(YELLOW, "verify", "--ecosystem"))
            self.assertEqual(code, 0, output)
        super().tearDown()

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

    def test_a_job_killed_at_any_call_of_libpq(self):
        for stream in self.begin():
            tried = 0
            self.plain(stream)
            for n in points(self.calls(stream)):
                why = f"{stream}: killed at call {n}"
                stream.mutate()
                code, output = self.run_stream(stream, FAULT_KILL=n)
                self.assertIn(code, (-signal.SIGKILL, 0), (why, output))
                tried += code != 0
                self.again(stream, why)
            self.told("kills", stream, tried)

    def test_a_first_batch_killed_or_stopped_at_any_call_of_libpq(self):
        """It makes the tables, their indexes and views; each point needs a stream of its own."""
        of_each = 2 * (500 if POINTS == "all" else int(POINTS)) + 1
        streams = self.begin(("sql-snapshot",), of_each)
        for fresh in (iter(streams[:of_each]), iter(streams[of_each:])):
            total = self.calls(next(fresh))
            for what, variable in (("kills of first batches", "FAULT_KILL"), ("stops of first batches", "FAULT_STOP")):
                tried = 0
                for n in points(total):
                    stream = next(fresh)
                    why = f"{stream}, first batch: {variable} at call {n}"
                    stream.mutate()
                    job = self.command(stream, **{variable: n})
                    if self.stands(job):
                        self.overtake(stream, job, why)
                        tried += 1
                    else:
                        self.again(stream, why)
                        tried += job.returncode == -signal.SIGKILL
                self.told(what, stream, tried)

    def test_a_connection_cut_at_any_message(self):
        for stream in self.begin():
            self.plain(stream)
            for end in (stream.kind["end"], "merge", "server"):
                tried, proxy = 0, self.proxies[end]
                proxy.arm()
                self.plain(stream)
                for n in points(proxy.messages):
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
        for stream in self.begin():
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
        proxy, stream = self.proxies["server"], self.begin(("sql-snapshot",))[0]
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
        for stream in self.begin():
            tried = 0
            self.plain(stream)
            for n in points(self.calls(stream)):
                why = f"{stream}: stopped at call {n}"
                stream.mutate()
                older = self.command(stream, FAULT_STOP=n)
                if self.stands(older):
                    self.overtake(stream, older, why)
                    tried += 1
                else:
                    self.again(stream, why)
            self.told("stops", stream, tried)

    def test_a_job_that_goes_on_while_a_newer_one_stands_still_takes_nothing_from_it(self):
        """Until the older one has ended, or waits for what the newer one holds."""
        for stream in self.begin():
            tried = 0
            self.plain(stream)
            total = self.calls(stream)
            for n in points(total):
                m = dice.randint(1, total)
                why = f"{stream}: stopped at call {n}, the newer run at {m}"
                stream.mutate()
                older = self.command(stream, FAULT_STOP=n)
                if not self.stands(older):
                    self.again(stream, why)
                    continue
                self.expire()
                newer = self.command(stream, FAULT_STOP=m)
                stood = self.stands(newer)
                older.send_signal(signal.SIGCONT)
                eventually(lambda job=older: job.poll() is not None or self.merge_sql(
                    "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"), why)
                if stood:
                    newer.send_signal(signal.SIGCONT)
                    why += newer.communicate(timeout=120)[0]
                self.assertEqual(newer.returncode, 0, why)
                before = self.everything(stream)
                why += older.communicate(timeout=120)[0]
                self.assertEqual(self.everything(stream), before, why)
                stream.check(why)
                tried += stood
            self.told("pairs of stops", stream, tried)

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
        for stream in self.begin():
            if stream.kind["end"] != "source":
                continue
            tried = 0
            self.plain(stream)
            for n in points(self.calls(stream)):
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

    def test_a_file_of_another_schema_takes_the_whole_batch_with_it(self):
        """That of the second dataset is read when the first one is merged."""
        for stream in self.begin(("csv-s3",)):
            self.plain(stream)
            stream.mutate()
            before = self.tables(stream)
            stream.put("log", stream.texts["log"].replace("line,", "text,"))
            code, output = self.run_stream(stream)
            self.assertEqual(code, 12, output)
            self.assertIn(f'{stream.step:06}.csv has no column "line" of dataset "log"', output)
            self.assertEqual(self.tables(stream), before, output)
            stream.put("log", stream.texts["log"])
            self.again(stream, "a file of another schema")


if __name__ == "__main__":
    unittest.main()
