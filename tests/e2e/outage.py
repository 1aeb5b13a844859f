"""Killed servers and databases that go away: what was acknowledged reaches its outcome, once."""

import os
import random
import signal
import threading
import unittest

from lib.repository import Repository
from lib.server import Case, Ecosystem, eventually


class Outage(Case):
    flags = ("--claim-lease", "300ms", "--take-deadline", "500ms", "--connect-deadline", "500ms",
             "--statement-deadline", "2s")

    @classmethod
    def prepare(cls):
        cls.repository = Repository(cls.server.folder, "acme")
        cls.eco = Ecosystem(cls.server, "acme", cls.repository).register()
        cls.eco.outcome(cls.eco.push(cls.repository.head()))

    def assert_gapless(self):
        versions = [row[0] for row in self.server.sql("select version from versions order by version")]
        self.assertEqual(versions, list(range(1, len(versions) + 1)))
        self.assertEqual(self.eco.version(), versions[-1])
        merges = self.server.sql("select commit_oid, count(*) from versions group by 1 having count(*) > 1")
        self.assertEqual(merges, [])
        open_rows = self.server.sql("select name, count(*) from objects where version_out = 2147483647 "
                                    "group by kind, name having count(*) > 1")
        self.assertEqual(open_rows, [])

    def push_until(self, stop, acknowledged, commits):
        """Webhooks as fast as they are taken; one that was acknowledged is remembered."""
        while not stop.is_set():
            try:
                acknowledged.append(self.eco.push(commits[-1]))
            except (OSError, AssertionError):
                pass  # the server is away, or says so: GitHub would send it again

    def test_a_server_killed_at_any_point_loses_no_acknowledged_delivery(self):
        randomness = random.Random(7)
        acknowledged, commits, stop = [], [self.repository.head()], threading.Event()
        sender = threading.Thread(target=self.push_until, args=(stop, acknowledged, commits))
        sender.start()
        try:
            for i in range(5):
                commits.append(self.repository.commit({"teams/sales/note.yaml":
                                                       f"kind: Credential\nname: note-{i}\ntype: token\n"}))
                seen = len(acknowledged)
                goal = seen + randomness.randint(1, 12)
                eventually(lambda: len(acknowledged) >= goal, "webhooks are taken")
                self.server.kill()
                self.server.start()
        finally:
            stop.set()
            sender.join()
        last = self.eco.outcome(self.eco.push(commits[-1]), 60)
        self.assertIn(last["state"], ("merged", "superseded"))
        eventually(lambda: self.server.sql("select count(*) from deliveries where state = 'received'") == [(0,)],
                   "every delivery has an outcome", 60)
        stored = {row[0] for row in self.server.sql("select id from deliveries")}
        self.assertEqual(set(acknowledged) - stored, set())
        states = {row[0] for row in self.server.sql("select distinct state from deliveries where id = any(%s)",
                                                    acknowledged)}
        self.assertLessEqual(states, {"merged", "superseded", "quarantined"})
        self.assertEqual(self.server.sql("select commit_oid from versions order by version desc limit 1"),
                         [(commits[-1],)])
        self.assert_gapless()

    def postmaster(self):
        with open(self.server.cluster + "/data/postmaster.pid", encoding="utf-8") as file:
            return int(file.readline())

    def merge_in_the_middle(self, lock, name):
        """A delivery whose merge has written its version and waits, within the transaction, for `lock`."""
        lock.cursor().execute("lock table audit in access exclusive mode")
        commit = self.repository.commit({"teams/sales/more.yaml": f"kind: Credential\nname: {name}\ntype: token\n"})
        number = self.eco.push(commit)
        eventually(lambda: self.server.sql("select pid from pg_locks where not granted "
                                           "and relation = 'audit'::regclass"), "a merge in the middle")
        return number, commit

    def test_a_database_that_goes_away_in_mid_merge_leaves_one_version(self):
        before = self.eco.version()
        for i, end in enumerate((self.end_backends, self.end_cluster)):
            lock = self.server.connect()
            number, commit = self.merge_in_the_middle(lock, f"more-{i}")
            end()
            lock.close()
            delivery = self.eco.outcome(number, 60)
            self.assertEqual((delivery["state"], delivery["commit"], delivery["crashes"]), ("merged", commit, 0))
            self.assertGreaterEqual(delivery["attempts"], 2)
        self.assertEqual(self.eco.version(), before + 2)
        self.assert_gapless()

    def end_backends(self):
        self.server.sql("select pg_terminate_backend(pid) from pg_stat_activity "
                        "where pid <> pg_backend_pid() and backend_type = 'client backend'")

    def end_cluster(self):
        os.kill(self.postmaster(), signal.SIGQUIT)
        self.server.wait_ready()

    def test_a_server_killed_in_mid_merge_merges_once_after_its_restart(self):
        before = self.eco.version()
        lock = self.server.connect()
        number, commit = self.merge_in_the_middle(lock, "killed")
        self.server.kill()
        lock.close()
        self.server.start()
        delivery = self.eco.outcome(number, 60)
        self.assertEqual((delivery["state"], delivery["commit"], delivery["version"]), ("merged", commit, before + 1))
        self.assertEqual((delivery["attempts"], delivery["crashes"]), (2, 1))
        self.assert_gapless()

    def test_readyz_is_503_while_the_database_is_away_and_livez_is_not(self):
        os.kill(self.postmaster(), signal.SIGQUIT)

        def away():
            return self.server.get("/readyz", token=None).status == 503
        eventually(away, "503")
        answer = self.server.get("/livez", token=None)
        self.assertEqual((answer.status, answer.body), (200, b"live\n"))
        self.server.wait_ready()
        self.assert_status(self.eco.get("/versions"), 200)

    def test_a_frozen_database_is_503_with_retry_after(self):
        pids = [self.postmaster()] + [row[0] for row in self.server.sql("select pid from pg_stat_activity")]
        for pid in pids:
            try:
                os.kill(pid, signal.SIGSTOP)
            except ProcessLookupError:
                pids = [p for p in pids if p != pid]
        try:
            answers = [self.server.get("/readyz", token=None), self.eco.get("/versions", keep=True)]
        finally:
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGCONT)
                except ProcessLookupError:
                    pass
        for answer in answers:
            self.assertEqual(answer.status, 503, answer)
            self.assertEqual(answer.headers["Retry-After"], "5")
        self.server.wait_ready()


if __name__ == "__main__":
    unittest.main()
