"""Many at once: two replicas on one database, pushes from several clients to either of them, signed, doubled and out of
order, while replicas are killed, stand still and lose their connections at chosen points of their work. What must hold
is kept here and compared at the end of each seed: every acknowledged delivery has one outcome, versions have no gap, only
grow and hold what their commits say, the newest head is decided on, no stream row is lost or doubled, and each change of
state has one audit row. A third of the seeds have a second repository in their first ecosystem.

YELLOW_REPLICAS_SEEDS: how many seeds (default 200). YELLOW_REPLICAS_SEED: this one alone; what a seed does is made of its
number, when it happens is the machine's. YELLOW_REPLICAS_PAIRS: pairs of replicas at work at once."""

import collections
import hashlib
import hmac
import http.client
import json
import os
import queue
import random
import signal
import threading
import time
import traceback
import unittest

from lib.branches import STORES, Branch
from lib.replicas import Cluster, Pair, state_of, wait

SEEDS = int(os.environ.get("YELLOW_REPLICAS_SEEDS", "200"))
SEED = os.environ.get("YELLOW_REPLICAS_SEED")
PAIRS = int(os.environ.get("YELLOW_REPLICAS_PAIRS", "3"))
FIRST = int(os.environ.get("YELLOW_REPLICAS_FIRST", "1"))
CLIENTS = 3
OPEN = "state = 'received'"
# How many calls of libpq one piece of work has, so that a point drawn from them is reached.
POINTS = {"receive": 15, "claim": 9, "commit": 90, "give-back": 3, "expire": 9, "any": 120}
Fault = collections.namedtuple("Fault", "role work at action")
Sent = collections.namedtuple("Sent", "id status")


class Script:
    """What a seed does: branches, an ordered list of steps for the clients, and faults, one after the other."""

    def __init__(self, seed, folder):
        self.seed, self.randomness = seed, random.Random(seed)
        r = self.randomness
        names = [f"s{seed}{letter}" for letter in "abc"[:r.choice((1, 1, 2, 3))]]
        self.branches = [Branch(folder, name, r, r.randint(2, 6)) for name in names]
        if r.random() < 0.33:
            self.branches.append(Branch(folder, names[0] + "-beside", r, r.randint(2, 5), self.branches[0]))
        self.faults = [self.make_fault() for _ in range(r.choice((0, 1, 1, 2, 3)))]
        if r.random() < 0.1:  # a claim is given back after an error alone
            self.faults += [Fault("work", "commit", r.randint(1, POINTS["commit"]), "cut"),
                            self.make_fault("give-back")]
        # all steps of one branch in their order, the branches' mixed
        lists = [self.steps_of(branch) for branch in self.branches]
        self.steps = []
        while any(lists):
            self.steps.append(r.choice([steps for steps in lists if steps]).pop(0))
        if r.random() < 0.2:
            self.steps.insert(r.randrange(len(self.steps)), ("cut", None, r.choice(("%", "active", "idle in tr%"))))
        self.patience = r.randint(0, 4)  # outcomes that others reach while a replica stands still

    def make_fault(self, work=None):
        r = self.randomness
        work = work or r.choice(("receive", "claim", "commit", "commit", "commit", "commit", "expire", "any"))
        role = "serve" if work == "receive" else "work" if work != "any" else r.choice(("serve", "work"))
        action = r.choice(("kill-replica", "kill", "stop", "stop-replica", "cut", "cut"))
        return Fault(role, work, r.randint(1, POINTS[work]), action)

    def steps_of(self, branch):
        """Refs move in order. Of the webhooks of a push some come late, twice, and to another replica; one that comes
        before its commit can be seen is no loss, for another one comes after it."""
        r, steps, late = self.randomness, [], []
        pushed = sorted(r.sample(range(len(branch.commits)), r.randint(1, len(branch.commits))))
        if r.random() < 0.15:
            pushed.append(r.choice(pushed))  # back to an older one
        for n, place in enumerate(pushed):
            commit = branch.commits[place]
            hook = ("hook", branch, commit, f"{branch.name}-{n}")
            if r.random() < 0.1:
                steps.append(("hook", branch, commit, f"{branch.name}-{n}-early"))
            steps.append(("ref", branch, commit))
            told = [hook] * r.choice((1, 1, 2, 3))
            if r.random() < 0.3 and n + 1 < len(pushed):
                late += told
            else:
                steps += told
            if r.random() < 0.15:
                steps.append(("merge", branch, None, f"{branch.name}-{n}"))
            if r.random() < 0.1 and not branch.repository:
                steps.append(("configure", branch, None, None))
        r.shuffle(late)
        return steps + late


class Run:
    """One seed on one pair."""

    def __init__(self, pair, script):
        self.pair, self.script, self.r = pair, script, random.Random(script.seed + 1)
        self.lock = threading.Lock()
        self.steps = queue.SimpleQueue()
        self.sent = collections.defaultdict(list)  # (ecosystem, forge id) -> answers
        self.failed = []
        self.paths, self.secret = pair.secret()
        self.names = list({branch.ecosystem for branch in script.branches})
        self.open, self.outcomes, self.paused = 0, 0, {}
        self.cut = any(step[0] == "cut" for step in script.steps) or any(f.action == "cut" for f in script.faults)
        self.configured = {step[1].name for step in script.steps if step[0] == "configure"}
        self.faults, self.fault, self.struck = list(script.faults), None, 0

    # What clients do.

    def url(self, branch, rest=""):
        return f"/v1/ecosystems/{branch.ecosystem}{rest}"

    def place(self, branch, rest=""):
        return self.url(branch, (branch.repository and "/repositories/" + branch.repository) + rest)

    def register(self, branch):
        body = {"repository": {"url": "file://" + branch.folder, "name": branch.called},
                "webhook_secrets": [{"file": self.paths}]}
        answer = self.ask_alone(self.pair.replicas[0], "PUT", self.place(branch), body)
        # 428: it is there, by a request whose answer was lost
        assert answer.status in (200, 201, 428), answer

    def ask_alone(self, replica, method, path, body=None):
        """While nobody else looks after the replicas, one of which may have been struck last of all."""
        answers = []

        def look():
            try:
                answers.append(replica.request(method, path, body, timeout=2))
            except (OSError, http.client.HTTPException):
                pass
            if answers and answers[-1].status < 500:
                return True
            self.turn()
            return False
        wait(look, self.describe)
        return answers[-1]

    def ask(self, method, path, body, first, headers=None, links=None):
        """Until some replica gives an answer: what clients behind a load balancer do."""
        deadline = time.monotonic() + 60
        at = first
        while True:
            try:
                answer = self.pair.replicas[at].request(method, path, body, headers,
                                                        connection=links and links[at])
                if answer.status < 500:
                    return answer
                why = answer
            except (OSError, http.client.HTTPException) as error:
                why = error
            assert time.monotonic() < deadline, f"no answer to {method} {path}: {why}"
            at = 1 - at
            if at == first:
                time.sleep(0.01)

    def hook(self, branch, commit, forge_id, first, links=None):
        body = json.dumps({"ref": "refs/heads/main", "before": "0" * 40, "after": commit.oid, "deleted": False,
                           "forced": False}).encode()
        signature = "sha256=" + hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-GitHub-Event": "push", "X-GitHub-Delivery": forge_id, "X-Hub-Signature-256": signature,
                   "Content-Type": "application/json"}
        return self.remember(branch, forge_id, self.ask("POST", self.place(branch, "/webhooks/github"), body, first,
                                                        headers, links))

    def remember(self, branch, key, answer):
        assert answer.status in (200, 202), answer
        with self.lock:
            self.sent[branch, key].append(Sent(answer.json["id"], answer.status))
        return answer.json["id"]

    def merge(self, branch, key, first, links):
        self.remember(branch, "merge " + key, self.ask("POST", self.url(branch, "/merges"),
                                                       {"repository": branch.repository} if branch.repository else None, first,
                                                       {"Idempotency-Key": key}, links))

    def configure(self, branch, first, links):
        """Somebody writes the configuration anew, one secret more or less."""
        seen = self.ask("GET", self.url(branch), None, first, None, links)
        secrets = [{"file": self.paths}] * (3 - len(seen.json["webhook_secrets"]))
        answer = self.ask("PUT", self.url(branch), {"repository": {"url": "file://" + branch.folder,
                                                                   "name": "acme/data-model"},
                                                    "webhook_secrets": secrets}, first,
                          {"If-Match": seen.headers["ETag"]}, links)
        assert answer.status in (200, 412), answer

    def client(self, number):
        links = [http.client.HTTPConnection("127.0.0.1", replica.port, timeout=60) for replica in self.pair.replicas]
        randomness = random.Random(f"{self.script.seed} {number}")
        try:
            while True:
                with self.lock:  # refs move in their order, before what is told of them
                    kind, branch, what, key = (*self.steps.get_nowait(), None)[:4]
                    if kind == "ref":
                        branch.push(what)
                        continue
                first = randomness.randrange(2)
                if kind == "hook":
                    self.hook(branch, what, key, first, links)
                elif kind == "merge":
                    self.merge(branch, key, first, links)
                elif kind == "configure":
                    self.configure(branch, first, links)
                else:
                    with self.lock:
                        self.pair.end_connections(what)
        except queue.Empty:
            pass
        except Exception:  # pylint: disable=broad-except
            self.failed.append(traceback.format_exc())
        finally:
            for link in links:
                link.close()

    def arm(self, last=False):
        """The next fault, when the one before has struck."""
        board = self.pair.board
        if self.fault and not last and not board.struck(self.fault.role):
            return
        if self.fault:
            board.set(self.fault.role, "armed", 0)

            def seen():  # who is struck is about to stand still, or to die, or has gone on
                process = board.struck(self.fault.role)
                return process <= 0 or self.fault.action == "cut" or state_of(process) in (None, "T")
            wait(seen, lambda: f"process {board.struck(self.fault.role)} was struck: {self.describe()}")
            self.struck += board.struck(self.fault.role) != 0
            board.disarm(self.fault.role)
        self.fault = self.faults.pop(0) if self.faults and not last else None
        if self.fault:
            board.arm(*self.fault)

    # What the world does meanwhile: time passes, the dead come back, those that stand still go on.

    def look(self):
        """What the inbox holds. Time passes in it: what waits for another attempt is due."""
        with self.lock:
            self.open, self.outcomes, due = self.pair.sql(
                "with due as (update deliveries set due_at = now() "
                f"where due_at > now() and claimed_by is null and {OPEN} returning id) "
                f"select count(*) filter (where {OPEN}), count(*) filter (where not {OPEN}), (select count(*) from due) "
                "from deliveries where ecosystem = any(%s)", self.names)[0]
            if due or self.cut:  # nor does anybody wait for long before he looks for the database again
                self.pair.sql("notify yellow, 'inbox'")

    def end_claims(self, replica):
        """Nobody renews them any more."""
        with self.lock:
            self.pair.sql("set lock_timeout = '1ms'")
            try:
                self.pair.sql("update deliveries set claimed_until = now() - interval '1 second' where claimed_by like "
                              f"%s and {OPEN}", replica.instance() + "/%")
            except Exception as error:  # pylint: disable=broad-except
                assert getattr(error, "pgcode", None) == "55P03", error  # it is being written by the one that stands still
            self.pair.sql("set lock_timeout = 0")
            self.pair.sql("notify yellow, 'inbox'")

    def look_after(self, replica):
        """A step of its life."""
        stopped = replica.stopped()
        if stopped and replica not in self.paused:
            if self.fault and self.fault.action == "stop-replica":
                replica.signal(signal.SIGSTOP)  # both of its processes
            self.end_claims(replica)
            self.paused[replica] = (self.outcomes + self.script.patience, time.monotonic() + 0.05)
        elif replica in self.paused:
            outcomes, until = self.paused[replica]
            if self.outcomes >= outcomes or time.monotonic() > until:
                del self.paused[replica]
                replica.signal(signal.SIGCONT)
        elif not replica.alive():
            replica.kill()
            if self.r.random() < 0.5:
                self.end_claims(replica)  # before it is back, which ends them too
            replica.start()

    def turn(self):
        """True when the inbox is empty and nobody stands still."""
        self.look()
        for replica in self.pair.replicas:
            self.look_after(replica)
        self.arm()
        return not self.open and not self.paused

    def go(self):
        for branch in self.script.branches:
            self.register(branch)
        for step in self.script.steps:
            self.steps.put(step)
        self.arm()
        clients = [threading.Thread(target=self.client, args=(i,), daemon=True) for i in range(CLIENTS)]
        for client in clients:
            client.start()

        def done():
            over = not any(client.is_alive() for client in clients)
            return self.turn() and over
        try:
            wait(done, self.describe, 90)
        finally:
            for replica in self.pair.replicas:
                replica.signal(signal.SIGCONT)
        for client in clients:
            client.join()
        assert not self.failed, self.failed[0]
        self.arm(last=True)
        self.tell_of_quarantined()

    def tell_of_quarantined(self):
        """A head whose delivery killed three workers is told of again: there are no faults any more."""
        wait(self.turn, self.describe, 90)
        for branch in self.script.branches:
            head = self.head_of(branch)
            lost = self.pair.sql("select 1 from deliveries where ecosystem = %s and repository = %s and state = 'quarantined'",
                                 branch.ecosystem, branch.repository)
            if head != branch.heads[-1].oid and lost:  # or it is known no more, after the configuration was written
                self.hook(branch, branch.heads[-1], f"{branch.name}-again", 0)
        wait(self.turn, self.describe, 90)

    def head_of(self, branch):
        """What was decided on last."""
        return self.pair.sql("select head_oid from repository_rows where ecosystem = %s and name = %s", branch.ecosystem,
                             branch.repository)[0][0]

    def describe(self):
        with self.lock:
            rows = self.pair.sql("select id, ecosystem, state, reason, attempts, crashes, claimed_by, claimed_until < now(),"
                                 " due_at - now() from deliveries where ecosystem = any(%s) order by id", self.names)
            busy = self.pair.sql("select pid, state, wait_event, left(query, 100) from pg_stat_activity where datname = "
                                 "current_database() and (state <> 'idle' or wait_event_type = 'Lock')")
        lines = [f"seed {self.script.seed}"] + [str(f) for f in self.script.faults] + [
            f"{r.name}: alive {r.alive()} stopped {r.stopped()}" for r in self.pair.replicas]
        return "\n".join(lines + [str(row) for row in rows + busy])

    # What must hold.

    def check(self):
        for ecosystem in self.names:
            branches = {b.repository: b for b in self.script.branches if b.ecosystem == ecosystem}
            own = branches[""]
            deliveries = self.check_deliveries(own)
            versions = self.check_versions(own, deliveries)
            self.check_audit(own, deliveries, versions, len(branches) - 1)
            self.check_objects(own, versions)
            for branch in branches.values():
                commits = self.check_commits(branch, deliveries, versions)
                self.check_jobs(branch, commits)
            for replica in self.pair.replicas:
                found = self.ask_alone(replica, "GET", self.url(own)).json["version"]
                assert found == len(versions), (replica.name, found)
                told = self.ask_alone(replica, "GET", self.url(own, "/status")).json["version"]
                assert told <= found, (replica.name, told)  # it is told of it in a moment

    def check_deliveries(self, own):
        rows = self.pair.sql("select id, forge, event, state, commit_oid, version, crashes, claimed_by, repository "
                             "from deliveries where ecosystem = %s", own.ecosystem)
        deliveries = {row[0]: row for row in rows}
        for (branch, key), answers in self.sent.items():
            if branch.ecosystem != own.ecosystem:
                continue
            ids = {answer.id for answer in answers}
            assert len(ids) == 1, f"{key}: {answers}"
            assert ids <= set(deliveries), f"{key} was acknowledged and is not there: {answers}"
            assert all(deliveries[number][8] == branch.repository for number in ids), (key, branch.repository)
        for row in rows:
            assert row[3] in ("merged", "rejected", "superseded", "quarantined") and row[7] is None, row
            assert row[3] != "quarantined" or row[6] >= 3, row
        return deliveries

    def check_versions(self, own, deliveries):
        """(branch, commit) of the versions, in order."""
        rows = self.pair.sql("select version, commit_oid, repository from versions where ecosystem = %s order by 1",
                             own.ecosystem)
        assert [row[0] for row in rows] == list(range(1, len(rows) + 1)), rows
        version = self.pair.sql("select version from ecosystems where name = %s", own.ecosystem)[0][0]
        assert version == len(rows), (version, rows)
        in_force, held = {}, [None]  # a version has the newest commit of each repository
        for _, oid, repository in rows:
            in_force = {**in_force, repository: oid}
            held.append(in_force)
        for row in deliveries.values():
            if row[3] == "merged":
                assert held[row[5]][row[8]] == row[4], (row, rows)
        made = {(b.repository, commit.oid): (b, commit) for b in self.script.branches if b.ecosystem == own.ecosystem
                for commit in b.commits}
        return [made[repository, oid] for _, oid, repository in rows]

    def check_commits(self, branch, deliveries, versions):
        """(version, commit) of one repository, in order."""
        told = [row for row in deliveries.values() if row[8] == branch.repository]
        found = [(n, commit) for n, (of, commit) in enumerate(versions, 1) if of is branch]
        commits, at = [commit for _, commit in found], 0
        for i, commit in enumerate(commits):  # heads of the branch, in the order in which it had them
            assert commit.valid and (not i or commits[i - 1] is not commit), found
            assert commit in branch.heads[at:], ([c.place for c in commits], [c.place for c in branch.heads])
            at += branch.heads[at:].index(commit) + 1
        newest, head = branch.heads[-1], self.head_of(branch)
        if head is None:  # it was configured anew after that
            assert branch.name in self.configured
            assert any(row[4] == newest.oid and row[3] in ("merged", "rejected") for row in told)
        else:
            assert head == newest.oid, f"the newest head {newest.oid} was not decided on, but {head}"
        if newest.valid and (versions or not branch.repository):  # without a version, what stands beside it waits
            assert commits and commits[-1] is newest, (branch.repository, found)
        else:
            assert not commits or commits[-1].valid
            assert any(row[3] in ("rejected", "superseded") for row in told)
        return found

    def check_objects(self, own, versions):
        rows = self.pair.sql("select kind, name, version_in, version_out from objects where ecosystem = %s", own.ecosystem)
        in_force = {}
        for number, (branch, commit) in enumerate(versions, 1):
            in_force[branch] = commit
            expected = set().union(*(of.objects(what) for of, what in in_force.items()))
            held = collections.Counter((row[0], row[1]) for row in rows if row[2] <= number <= row[3])
            assert held == dict.fromkeys(expected, 1), (number, branch.repository, commit.place, held)

    def check_jobs(self, branch, commits):
        stores = [branch.names["store"] + str(i) for i in range(STORES)]
        rows = self.pair.sql("select store, version_in, retired_in from jobs where ecosystem = %s and store = any(%s)",
                             branch.ecosystem, stores)
        expected = []
        for i, store in enumerate(stores):
            since, retired = None, None
            for number, commit in commits:
                flows, flowed = i in commit.flows, since is not None and retired is None
                if flows and not flowed:
                    since, retired = number, None
                elif flowed and not flows:
                    retired = number
            if since:
                expected.append((store, since, retired))
        assert sorted(rows, key=str) == sorted(expected, key=str), (rows, expected)

    def check_audit(self, own, deliveries, versions, beside):
        rows = self.pair.sql("select action, object, after from audit where ecosystem = %s", own.ecosystem)
        counts = collections.Counter(action.split(".")[0] for action, _, _ in rows)
        told = collections.Counter((action, thing) for action, thing, _ in rows if action.startswith("delivery."))
        assert told == {(f"delivery.{row[3]}", f"delivery {number}"): 1 for number, row in deliveries.items()}, told
        merged = sorted(after["version"] for action, _, after in rows if action == "version.merge")
        assert merged == list(range(1, len(versions) + 1)), merged
        revision = self.pair.sql("select revision from ecosystems where name = %s", own.ecosystem)[0][0]
        assert counts["ecosystem"] == revision, (counts, revision)
        assert counts["repository"] == beside, counts
        asked = sum(row[1] == "api" and row[2] != "retry" for row in deliveries.values())
        assert counts["merge"] == asked, (counts, asked)
        assert sum(counts.values()) == len(deliveries) + len(versions) + revision + beside + asked, counts


class Replicas(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster()
        cls.addClassCleanup(cls.cluster.close)
        cls.cluster.start()

    def work(self, pair, seeds, report):
        while True:
            try:
                seed = seeds.get_nowait()
            except queue.Empty:
                return
            started, run = time.monotonic(), None
            try:
                run = Run(pair, Script(seed, pair.folder))
                run.go()
                run.check()
                report["struck"].append(run.struck)
            except Exception:  # pylint: disable=broad-except
                told = traceback.format_exc() + (run.describe() if run else "")
                for replica in pair.replicas:
                    told += f"\n{replica.name}:\n" + replica.log()[-4000:]
                report["failures"].append(f"seed {seed} (YELLOW_REPLICAS_SEED={seed} repeats it)\n{told}")
                print(report["failures"][-1], flush=True)
                if len(report["failures"]) > 5:
                    return
                pair.restart()
                continue
            report["seconds"].append((time.monotonic() - started, seed))
            if len(report["seconds"]) % 100 == 0:
                print(f"{len(report['seconds'])} seeds held", flush=True)

    def test_seeds(self):
        numbers = [int(SEED)] if SEED else range(FIRST, FIRST + SEEDS)
        seeds = queue.SimpleQueue()
        for number in numbers:
            seeds.put(number)
        report = {"struck": [], "failures": [], "seconds": []}
        pairs = [Pair(self.cluster, f"pair{i}") for i in range(1 if SEED else PAIRS)]
        for pair in pairs:
            self.addCleanup(pair.close)
            pair.flags = ("--claim-lease", "60s", "--log-level", "info")
            pair.start()
        started = time.monotonic()
        workers = [threading.Thread(target=self.work, args=(pair, seeds, report)) for pair in pairs]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        print(f"replicas: seeds {numbers[0]} to {numbers[-1]}: {len(report['seconds'])} held, "
              f"{len(report['failures'])} failed; {sum(report['struck'])} faults struck; {time.monotonic() - started:.1f} s",
              flush=True)
        if os.environ.get("YELLOW_REPLICAS_SLOW"):
            for seconds, seed in sorted(report["seconds"])[-12:]:
                print(f"{seconds:.2f} s: seed {seed}", *Script(seed, self.cluster.folder).faults, flush=True)
            print("median", sorted(report["seconds"])[len(report["seconds"]) // 2], flush=True)
        self.assertFalse(report["failures"], "see above")
        self.assertEqual(len(report["seconds"]), len(numbers))


if __name__ == "__main__":
    unittest.main()
