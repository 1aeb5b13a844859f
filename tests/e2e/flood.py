"""A flood of webhooks: signed deliveries of one ecosystem come in over many connections to two replicas of one database,
some of them twice, one replica is killed in the middle of it and comes back, and another ecosystem has its commits merged
meanwhile. Each delivery that was acknowledged has one outcome, there are as many as were told of, and the other ecosystem
waits for its turn alone (docs/operations.md, "Turns"): for the deliveries in work, however many wait.

YELLOW_FLOOD: how many deliveries (default 1000; 10000 is what it was made for)."""

import collections
import hashlib
import hmac
import http.client
import json
import os
import queue
import random
import socket
import threading
import time
import unittest

from lib.branches import Branch
from lib.replicas import Cluster, Pair
from lib.server import YELLOW, eventually

COUNT = int(os.environ.get("YELLOW_FLOOD", "1000"))
CONNECTIONS = 64
TWICE = 20  # one of so many is told of twice
QUIET_MERGES = 5
# A delivery in work, on each worker of the one replica that is left: a fetch, at most, with the deadline of fetches.
WORKERS, FETCH_S = 2, 60


class Wire:
    """One connection that is kept, to one of the replicas: what http.client does, without its cost for 64 clients."""

    def __init__(self, replicas, at):
        self.replicas, self.at, self.socket, self.rest = replicas, at, None, b""

    def ask(self, request):
        """Status and body; OSError when the replica is away, which is changed then for the next time."""
        try:
            if not self.socket:
                self.socket, self.rest = socket.create_connection(("127.0.0.1", self.replicas[self.at].port), 60), b""
            self.socket.sendall(request)
            head, _, rest = self.receive(b"\r\n\r\n").partition(b"\r\n\r\n")
            length = int(next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))[15:])
            while len(rest) < length:
                rest += self.more()
            self.rest = rest[length:]
            if b"\r\nconnection: close" in head.lower():
                self.close()
            return int(head[9:12]), rest[:length]
        except (OSError, StopIteration):
            self.close()
            self.at = 1 - self.at
            raise

    def receive(self, end):
        data = self.rest
        while end not in data:
            data += self.more()
        return data

    def more(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("closed")
        return data

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket = None


class Flood(unittest.TestCase):
    def setUp(self):
        self.cluster = Cluster()
        self.addCleanup(self.cluster.close)
        self.cluster.start()
        self.pair = Pair(self.cluster, "flood", ("--log-level", "warn", "--workers", str(WORKERS)), YELLOW)
        self.addCleanup(self.pair.close)
        self.pair.start()
        self.paths, self.secret = self.pair.secret()
        self.lock, self.acknowledged, self.failed = threading.Lock(), collections.defaultdict(list), []

    def register(self, name):
        branch = Branch(self.pair.folder, name, random.Random(name), QUIET_MERGES + 1)
        answer = self.pair.replicas[0].request("PUT", f"/v1/ecosystems/{name}", {
            "repository": {"url": "file://" + branch.folder, "name": "acme/data-model"},
            "webhook_secrets": [{"file": self.paths}]})
        self.assertEqual(answer.status, 201, answer)
        return branch

    def webhook(self, name, oid, forge_id):
        body = json.dumps({"ref": "refs/heads/main", "before": "0" * 40, "after": oid, "deleted": False}).encode()
        mac = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        return (f"POST /v1/ecosystems/{name}/webhooks/github HTTP/1.1\r\nHost: yellow\r\nX-GitHub-Event: push\r\n"
                f"X-GitHub-Delivery: {forge_id}\r\nX-Hub-Signature-256: sha256={mac}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body

    def deliver(self, wire, forge_id, request):
        """Until it is acknowledged, as forges tell again what was not."""
        deadline = time.monotonic() + 120
        while True:
            try:
                status, body = wire.ask(request)
                break
            except OSError:
                assert time.monotonic() < deadline, f"no answer to {forge_id}"
                time.sleep(0.01)
        assert status in (200, 202), (status, body)
        with self.lock:
            self.acknowledged[forge_id].append((status, json.loads(body)["id"]))

    def client(self, number, work):
        wire = Wire(self.pair.replicas, number % 2)
        try:
            while True:
                self.deliver(wire, *work.get_nowait())
        except queue.Empty:
            pass
        except Exception as error:  # pylint: disable=broad-except
            self.failed.append(repr(error))
        finally:
            wire.close()

    def quiet_merges(self, branch, flooding, waits):
        """Commits of the other ecosystem, one after the other while there is a flood: how long each waits."""
        wire = Wire(self.pair.replicas, 0)
        try:
            for number, commit in enumerate(branch.commits[1:]):
                branch.push(commit)
                self.deliver(wire, f"quiet-{number}", self.webhook("quiet", commit.oid, f"quiet-{number}"))
                began, delivery = time.monotonic(), self.acknowledged[f"quiet-{number}"][0][1]
                path = f"/v1/ecosystems/quiet/deliveries/{delivery}"

                def decided():
                    try:
                        state = self.pair.replicas[0].request("GET", path, timeout=60).json["state"]
                    except (OSError, http.client.HTTPException):
                        return False
                    return state != "received" and state
                state = eventually(decided, f"the outcome of delivery {delivery}", 180)
                waits.append((time.monotonic() - began, state, commit.valid, flooding()))
        except Exception as error:  # pylint: disable=broad-except
            self.failed.append(repr(error))
        finally:
            wire.close()

    def test_each_acknowledged_webhook_has_one_outcome_and_others_wait_for_their_turn_alone(self):
        busy, quiet = self.register("busy"), self.register("quiet")
        busy.push(busy.commits[0])
        work, waits = queue.SimpleQueue(), []
        for number in range(COUNT):
            item = (f"busy-{number}", self.webhook("busy", busy.commits[0].oid, f"busy-{number}"))
            for _ in range(2 if number % TWICE == 0 else 1):
                work.put(item)
        told = work.qsize()
        clients = [threading.Thread(target=self.client, args=(i, work), daemon=True) for i in range(CONNECTIONS)]
        began = time.monotonic()
        for client in clients:
            client.start()
        others = threading.Thread(target=self.quiet_merges, daemon=True, args=(
            quiet, lambda: self.open_deliveries("busy"), waits))
        others.start()
        while work.qsize() > told * 2 // 3:
            time.sleep(0.001)
        rate = (told - work.qsize()) / (time.monotonic() - began)
        replica = self.pair.replicas[1]
        replica.kill()
        replica.start()
        for client in clients:
            client.join()
        received = time.monotonic() - began
        others.join()
        replica.wait_ready()
        self.assertEqual(self.failed, [])
        eventually(lambda: self.open_deliveries("busy") == 0, lambda: f"{self.open_deliveries('busy')} wait", 1200)
        decided = time.monotonic() - began
        self.check_deliveries(busy, told)
        self.check_quiet(waits)
        print(f"flood: {told} webhooks over {CONNECTIONS} connections to two replicas: {rate:.0f}/s before one was killed, all "
              f"acknowledged after {received:.1f} s, decided after {decided:.1f} s; the other ecosystem's "
              f"{len(waits)} commits waited at most {max(wait[0] for wait in waits):.2f} s, {max(w[3] for w in waits)} "
              f"deliveries of the busy one beside them; load {os.getloadavg()[0]:.1f}", flush=True)

    def open_deliveries(self, name):
        with self.lock:
            return self.pair.sql("select count(*) from deliveries where ecosystem = %s and state = 'received'", name)[0][0]

    def check_deliveries(self, branch, told):
        answers = {key: given for key, given in self.acknowledged.items() if key.startswith("busy-")}
        self.assertEqual(sum(map(len, answers.values())), told)
        rows = {row[0]: row for row in self.pair.sql(
            "select forge_id, id, state, commit_oid, version, claimed_by, reason from deliveries where ecosystem = 'busy'")}
        self.assertEqual(len(rows), COUNT)
        self.assertEqual(set(rows), set(answers))
        for key, given in answers.items():
            self.assertEqual({number for _, number in given}, {rows[key][1]}, key)
            self.assertLessEqual([status for status, _ in given].count(202), 1, key)
        expected = ("merged", 1) if branch.commits[0].valid else ("rejected", None)
        for row in rows.values():
            self.assertEqual((row[2], row[4]), expected, row)
            self.assertEqual((row[3], row[5]), (branch.commits[0].oid, None), row)
        audited = self.pair.sql("select object, count(*) from audit where ecosystem = 'busy' and action like 'delivery.%%' "
                                "group by object")
        self.assertEqual(collections.Counter(dict(audited)),
                         collections.Counter(f"delivery {row[1]}" for row in rows.values()))
        self.assertEqual(self.pair.sql("select count(*) from versions where ecosystem = 'busy'"),
                         [(1 if branch.commits[0].valid else 0,)])

    def check_quiet(self, waits):
        self.assertEqual(len(waits), QUIET_MERGES)
        for seconds, state, valid, beside in waits:
            self.assertEqual(state, "merged" if valid else "rejected")
            # Not a matter of speed: the deliveries in work end, or their fetch is ended, and then it is its turn.
            self.assertLess(seconds, WORKERS * FETCH_S)
        # It did not wait for the queue of the other one.
        self.assertGreater(max(beside for _, _, _, beside in waits), COUNT // 10)


if __name__ == "__main__":
    unittest.main()
