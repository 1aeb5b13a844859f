"""The inbox: signatures, nonsense, size, bursts, and what becomes of the branch."""

import json
import os
import shutil
import unittest
import uuid

from lib.repository import Repository
from lib.server import YELLOW, Case, Ecosystem, eventually

FIXTURES = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + "/fixtures"


class Webhooks(Case):
    def setUp(self):
        self.name = f"e{uuid.uuid4().hex[:8]}"
        self.repository = Repository(self.server.folder, self.name)
        self.eco = Ecosystem(self.server, self.name, self.repository).register()

    def deliveries(self):
        return self.eco.get("/deliveries?limit=200").json["items"]

    def test_a_wrong_signature_is_401_and_stores_nothing(self):
        payload = {"ref": "refs/heads/main", "after": self.repository.head()}
        body = json.dumps(payload).encode()
        for signature in ("absent", "sha256=" + "0" * 64, self.eco.sign(body, "x" * 32), self.eco.sign(body + b" "),
                          self.eco.sign(body).upper(), self.eco.sign(body)[7:], "sha1=" + "0" * 40):
            self.assert_status(self.eco.webhook(body, signature=signature), 401, "unauthorized")
        self.assertEqual(self.deliveries(), [])
        unknown = Ecosystem(self.server, "nobody", self.repository)
        self.assertEqual(self.assert_status(unknown.webhook(body), 401, "unauthorized").json["detail"],
                         "the signature of the webhook does not hold")
        self.assertEqual(self.server.sql("select count(*) from deliveries where ecosystem in (%s, 'nobody')",
                                         self.name), [(0,)])

    def test_each_of_two_secrets_signs(self):
        path, value = self.server.secret("second")
        etag = self.eco.get("").headers["ETag"]
        self.assert_status(self.eco.request("PUT", "", {
            "repository": {"url": self.repository.url}, "webhook_secrets": [{"file": self.eco.secret_path},
                                                                            {"file": path}]},
            headers={"If-Match": etag}), 200)
        body = b"{}"
        for secret in (None, value):
            self.assert_status(self.eco.webhook(body, event="ping", signature=self.eco.sign(body, secret)), 202)

    def test_githubs_own_payloads(self):
        for event, state in (("ping", "ignored"), ("push", "superseded")):
            with open(f"{FIXTURES}/github-{event}.json", "rb") as file:
                answer = self.assert_status(self.eco.webhook(file.read(), event=event), 202)
            if event == "ping":
                self.assertEqual(self.eco.outcome(answer.json["id"])["state"], state)

    def test_signed_nonsense_is_rejected_with_its_reason(self):
        for body, content_type, reason in (
                (b"\x00\xff nonsense", "application/json", "the payload cannot be read: "),
                (b"[]", "application/json", "the payload of the push has no text ref"),
                (b"[" * 100000, "application/json", "the payload cannot be read: "),
                (b'{"ref": 7}', "application/json", "the payload of the push has no text ref"),
                (b'{"ref": "refs/heads/main"}', "application/json", "the payload of the push has no text after"),
                (b'{"ref": "refs/heads/main", "after": "abc"}', "application/json",
                 "the payload's commit is not a full commit id"),
                (b"payload=%7B%7D", "application/x-www-form-urlencoded",
                 "the payload is of type application/x-www-form-urlencoded; set the webhook's content type to ")):
            answer = self.assert_status(self.eco.webhook(body, content_type=content_type), 202)
            delivery = self.eco.outcome(answer.json["id"])
            self.assertEqual(delivery["state"], "rejected")
            self.assertIn(reason, delivery["reason"])
            self.assertIsNone(delivery["version"])

    def test_a_delivery_that_comes_again_is_the_first_one(self):
        body = {"ref": "refs/heads/other", "after": self.repository.head()}
        first = self.assert_status(self.eco.webhook(body, forge_id="same"), 202)
        again = self.assert_status(self.eco.webhook(body, forge_id="same"), 200)
        self.assertEqual(first.json, again.json)
        self.assertEqual(first.headers["Location"], f"{self.eco.path}/deliveries/{first.json['id']}")
        self.assertEqual(first.headers["Location"], again.headers["Location"])
        self.assertEqual(len(self.deliveries()), 1)

    def test_a_body_of_26_mb_is_413_and_costs_no_memory(self):
        self.eco.outcome(self.eco.push(self.repository.head()))
        before = self.server.peak_memory()
        body = bytes(26 << 20)
        try:
            self.assert_status(self.eco.webhook(body), 413, "too-large")
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused and closed while it was being sent
        self.assertLess(self.server.peak_memory() - before, 8 << 10)
        self.assertEqual(len(self.deliveries()), 1)

    def test_a_burst_of_500_pushes_is_one_merge_of_the_last_head(self):
        self.eco.outcome(self.eco.push(self.repository.head()))
        commits = [self.repository.commit({}, f"commit {i}", push=False) for i in range(20)]
        self.repository.push()
        ids = [self.eco.push(commits[min(i // 25, 19)]) for i in range(499)] + [self.eco.push(commits[-1])]
        last = self.eco.outcome(ids[-1], 60)
        self.assertEqual((last["state"], last["version"]), ("merged", 2))

        def open_ones():
            return self.eco.get("/deliveries?state=received&limit=1", keep=False).json["items"] == []
        eventually(open_ones, "every delivery has an outcome", 60)
        states = dict(self.server.sql("select state, count(*) from deliveries where ecosystem = %s and id = any(%s) "
                                      "group by state", self.name, ids))
        self.assertEqual(set(states), {"merged", "superseded"}, states)
        self.assertEqual(sum(states.values()), 500)
        versions = self.eco.get("/versions").json["items"]
        self.assertEqual([(v["version"], v["commit"]) for v in versions],
                         [(2, commits[-1]), (1, self.repository.git("rev-parse", commits[0] + "^"))])
        self.assertTrue(all(d["version"] == 2 for d in map(self.eco.delivery, ids[::50])))

    def test_a_forced_push_merges_and_the_commit_that_it_took_away_is_superseded(self):
        first = self.repository.head()
        self.assertEqual(self.eco.outcome(self.eco.push(first))["version"], 1)
        lost = self.repository.commit({"README.md": "lost\n"})
        self.repository.reset(first)
        head = self.repository.commit({"README.md": "kept\n"}, push=False)
        self.repository.push("--force")
        merged = self.eco.outcome(self.eco.push(head, forced=True, before=lost))
        self.assertEqual((merged["state"], merged["version"], merged["commit"]), ("merged", 2, head))
        late = self.eco.outcome(self.eco.push(lost), 60)
        self.assertEqual(late["state"], "superseded")
        self.assertEqual(late["reason"], f"commit {lost} is no longer on branch main")
        self.assertEqual(self.eco.version(), 2)

    def test_a_deleted_branch_leaves_the_version_in_force(self):
        head = self.repository.head()
        self.eco.outcome(self.eco.push(head))
        self.repository.git("push", "-q", "origin", "HEAD:spare")
        self.repository.run("git", "symbolic-ref", "HEAD", "refs/heads/spare", cwd=self.repository.bare)
        self.repository.git("push", "-q", "origin", ":main")
        told = self.eco.outcome(self.eco.push("0" * 40, deleted=True, before=head))
        self.assertEqual((told["state"], told["reason"]),
                         ("rejected", "branch main was deleted; the version in force stays"))
        asked = self.eco.outcome(self.eco.request("POST", "/merges").json["id"])
        self.assertEqual(asked["state"], "rejected")
        self.assertIn("the version in force stays", asked["reason"])
        self.assertEqual(self.eco.version(), 1)

    def test_another_branch_is_ignored(self):
        delivery = self.eco.outcome(self.eco.push(self.repository.head(), ref="refs/heads/feature"))
        self.assertEqual((delivery["state"], delivery["reason"]),
                         ("ignored", "pushed to refs/heads/feature; the ecosystem follows refs/heads/main"))

    def test_an_unreachable_repository_is_tried_again_and_merges_when_it_is_back(self):
        away = self.repository.bare + ".away"
        shutil.move(self.repository.bare, away)
        number = self.eco.push(self.repository.head())

        def tried():
            delivery = self.eco.delivery(number)
            return delivery["attempts"] >= 1 and not delivery["in_work"] and delivery
        delivery = eventually(tried, lambda: self.eco.delivery(number))
        self.assertEqual((delivery["state"], delivery["crashes"]), ("received", 0))
        self.assertTrue(delivery["reason"])
        self.assertGreater(delivery["due_at"], delivery["received_at"])
        shutil.move(away, self.repository.bare)
        delivery = self.eco.outcome(number, 60)
        self.assertEqual((delivery["state"], delivery["version"]), ("merged", 1))
        self.assertGreaterEqual(delivery["attempts"], 2)

    def test_asking_for_a_merge_twice_with_one_key_is_one_delivery(self):
        key = {"Idempotency-Key": "k-" + self.name}
        first = self.assert_status(self.eco.request("POST", "/merges", headers=key), 202)
        again = self.assert_status(self.eco.request("POST", "/merges", headers=key), 202)
        self.assertEqual(first.json, again.json)
        self.assertEqual(again.headers["Idempotent-Replayed"], "true")
        self.assertEqual(self.eco.outcome(first.json["id"])["version"], 1)
        redelivered = self.assert_status(
            self.eco.request("POST", f"/deliveries/{first.json['id']}/redeliver"), 202).json["id"]
        delivery = self.eco.outcome(redelivered)
        self.assertEqual((delivery["redelivery_of"], delivery["version"]), (first.json["id"], 1))

    def test_a_server_whose_program_is_replaced_merges_until_it_is_started_again(self):
        self.server.stop()
        self.server.program = self.server.folder + "/yellow"
        shutil.copy(YELLOW, self.server.program)
        self.server.start()
        os.unlink(self.server.program)
        delivery = self.eco.outcome(self.eco.push(self.repository.head()))
        self.assertEqual((delivery["state"], delivery["version"], delivery["attempts"]), ("merged", 1, 1))
        self.server.program = YELLOW
        self.server.stop()
        self.server.start()


if __name__ == "__main__":
    unittest.main()
