"""Streams as jobs and dashboards see them: runs and their leases, status and 304, hints, scopes."""

import unittest
import uuid

from lib.repository import Repository
from lib.server import Case, Ecosystem, eventually

STREAM = "/platforms/YellowLive/streams/customers"
OTHER = "/platforms/YellowForensic/streams/invoices"
COUNTS = {"read": 10, "inserted": 4, "updated": 3, "deleted": 2, "unchanged": 1, "quarantined": 0}


class Runs(Case):
    flags = ("--run-lease", "1s")

    def setUp(self):
        name = f"e{uuid.uuid4().hex[:8]}"
        self.repository = Repository(self.server.folder, name)
        self.eco = Ecosystem(self.server, name, self.repository).register()
        self.assertEqual(self.eco.outcome(self.eco.push(self.repository.head()))["version"], 1)

    def start(self, stream=STREAM, **options):
        return self.eco.request("POST", stream + "/runs", {}, **options)

    def finish(self, run, **report):
        return self.eco.request("POST", f"/runs/{run['run']}/finish", {"fence": run["fence"], **report})

    def audit(self, action):
        return self.eco.get(f"/audit?action={action}").json["items"]

    def test_a_run_takes_the_lease_and_its_report_counts_once(self):
        started = self.assert_status(self.start(), 201)
        run = started.json
        self.assertEqual(started.headers["Location"], f"{self.eco.path}/runs/{run['run']}")
        self.assertEqual((run["fence"], run["batch"], run["attempt"], run["state"]), (1, 1, 1, "running"))
        self.assertEqual((run["work"]["store"], run["work"]["psp"]), ("customers", "yellow-ny"))
        refused = self.assert_status(self.start(), 409, "run-live")
        self.assertEqual(refused.json["run"]["run"], run["run"])
        beat = self.eco.request("PATCH", f"/runs/{run['run']}", {"fence": 1, "progress": {"read": 5},
                                                                "state": "ingested"})
        self.assertEqual(self.assert_status(beat, 200).json["progress"], {"read": 5})
        self.assertEqual(self.eco.get(STREAM).json["batch_state"], "ingested")
        first = self.assert_status(self.finish(run, outcome="committed", counts=COUNTS, watermark="7"), 200)
        again = self.assert_status(self.finish(run, outcome="committed", counts=COUNTS, watermark="7"), 200)
        self.assertEqual(first.json, again.json)
        self.assert_status(self.finish(run, outcome="failed", cause="internal", message="no"), 409, "illegal-move")
        self.assertEqual(len(self.audit("run.commit")), 1)
        stream = self.eco.get(STREAM).json
        self.assertEqual((stream["state"], stream["batch"], stream["batch_state"], stream["watermark"],
                          stream["live_run"]), ("idle", 1, "committed", "7", None))
        batch = self.eco.get(STREAM + "/batches").json["items"][0]
        self.assertEqual((batch["batch"], batch["counts"]), (1, COUNTS))

    def test_a_start_with_a_key_is_answered_again(self):
        key = {"Idempotency-Key": "once"}
        first = self.assert_status(self.start(headers=key), 201).json
        self.assertEqual(self.assert_status(self.start(headers=key), 201).json["run"], first["run"])
        self.assertEqual(len(self.audit("run.start")), 1)

    def test_a_silent_run_is_lost_and_its_late_word_changes_nothing_once_another_took_over(self):
        first = self.start().json
        lost = eventually(lambda: self.eco.get(STREAM).json["state"] == "lost", "lost", 20)
        self.assertTrue(lost)
        failure = self.eco.get("/status").json["failures"][0]
        self.assertEqual((failure["name"], failure["cause"]), ("customers", "lost"))
        second = self.assert_status(self.start(), 201).json
        self.assertEqual((second["fence"], second["batch"], second["attempt"]), (2, 1, 2))
        self.assert_status(self.finish(first, outcome="committed", counts=COUNTS, watermark="old"), 409, "stale-fence")
        self.assert_status(self.eco.request("PATCH", f"/runs/{first['run']}", {"fence": 1}), 409, "stale-fence")
        self.assert_status(self.eco.request("PATCH", f"/runs/{second['run']}", {"fence": 1}), 409, "stale-fence")
        self.assertEqual(self.eco.get(STREAM).json["watermark"], None)
        self.assert_status(self.finish(second, outcome="committed", counts=COUNTS, watermark="new"), 200)
        self.assertEqual(self.eco.get(STREAM).json["watermark"], "new")
        self.assertEqual(len(self.audit("run.lost")), 1)

    def test_a_failure_shows_its_cause_until_the_next_run(self):
        run = self.start().json
        self.assert_status(self.finish(run, outcome="failed", cause="bad luck", message="x"), 422, "invalid")
        self.assert_status(self.finish(run, outcome="failed", cause="source-unreachable",
                                       message="no route to crm\nsecond line"), 200)
        status = self.eco.get("/status").json
        self.assertEqual(status["failures"][0]["message"], "no route to crm")
        self.assertEqual(status["streams"]["failed"], 1)
        self.assertIn("source-unreachable", status["health"]["reason"])
        self.start()
        self.assertEqual(self.eco.get("/status").json["failures"], [])

    def test_an_unchanged_status_is_304_and_a_changed_one_is_not(self):
        first = self.eco.get("/status")
        known = {"If-None-Match": first.headers["ETag"]}
        for _ in range(20):
            answer = self.eco.get("/status", headers=known)
            self.assertEqual((answer.status, answer.body, answer.headers["ETag"]), (304, b"", first.headers["ETag"]))
        self.assertEqual(first.headers["Cache-Control"], "private, no-cache")
        self.start()
        self.assert_status(self.eco.get("/status", headers=known), 200)

    def test_a_hint_shows_in_the_job_the_status_and_the_audit_at_once_and_is_explained(self):
        before = self.eco.get(STREAM).json["resources"]
        self.assert_status(self.eco.get(STREAM + "/hint"), 404)
        made = self.assert_status(self.eco.request("PUT", STREAM + "/hint", {"limits": {"memory": "9Gi"}}), 201)
        stream = self.eco.get(STREAM).json
        self.assertEqual(stream["resources"], {**before, "limits": {**before["limits"], "memory": "9Gi"}})
        explained = self.eco.get(STREAM + "/resources").json
        self.assertEqual(explained["effective"], stream["resources"])
        value = explained["values"]["limits.memory"]
        self.assertEqual((value["value"], value["level"]), ("9Gi", "api-hint"))
        self.assertEqual(value["losers"][0]["value"], before["limits"]["memory"])
        audit = self.audit("hint.put")
        self.assertEqual([(a["object"], a["actor"], a["before"], a["after"]) for a in audit],
                         [("stream YellowLive/customers", "admin", None, {"limits": {"memory": "9Gi"}})])
        self.assertEqual(audit[0]["request_id"], made.headers["X-Request-Id"])
        change = {"limits": {"memory": "10Gi"}}
        self.assert_status(self.eco.request("PUT", STREAM + "/hint", change), 428, "precondition-required")
        self.assert_status(self.eco.request("PUT", STREAM + "/hint", change, headers={"If-Match": '"old"'}), 412,
                           "stale")
        match = {"If-Match": made.headers["ETag"]}
        wrong = self.eco.request("PUT", STREAM + "/hint", {"requests": {"memory": "99Gi"}}, headers=match)
        self.assert_status(wrong, 422, "invalid")
        self.assertEqual(wrong.json["errors"][0]["pointer"], "/requests/memory")
        self.assert_status(self.eco.request("PUT", STREAM + "/hint", {"limits": {"memory": "lots"}}, headers=match),
                           422, "invalid")
        gone = self.eco.request("DELETE", STREAM + "/hint", headers=match)
        self.assertEqual((gone.status, gone.body), (204, b""))
        self.assertEqual(self.eco.get(STREAM).json["resources"], before)

    def test_lists_go_on_by_their_links(self):
        names, path = [], "/streams?limit=3"
        while path:
            page = self.eco.get(path)
            names += [(s["platform"], s["name"]) for s in page.json["items"]]
            link = page.headers["Link"]
            path = link and link[1:link.index(">")][len(self.eco.path):]
        self.assertEqual(names, [(s["platform"], s["name"]) for s in self.eco.get("/streams").json["items"]])
        self.assertEqual(names, sorted(names))
        self.assertGreater(len(names), 3)
        self.assert_status(self.eco.get("/streams?cursor=nonsense"), 400, "syntax")

    def test_a_token_does_what_its_scopes_say_in_its_ecosystem(self):
        name = self.eco.name
        reader = self.server.make_token(f"reader-{name}", "status:read")
        bound = self.server.make_token(f"bound-{name}", "admin", ecosystem=name)
        other = self.server.make_token(f"other-{name}", "admin", ecosystem="elsewhere")
        self.assert_status(self.eco.get("/status", token=reader), 200)
        self.assert_status(self.eco.get("/audit", token=reader), 403, "forbidden")
        self.assert_status(self.eco.request("PUT", STREAM + "/hint", {}, token=reader), 403, "forbidden")
        self.assert_status(self.start(OTHER, token=reader), 403, "forbidden")
        self.assert_status(self.eco.get("/audit", token=bound), 200)
        for path in ("", "/status", "/streams", "/psps/yellow-ny/stack", "/audit"):
            answer = self.assert_status(self.eco.get(path, token=other), 404, "not-found")
            self.assertEqual(answer.json["detail"], f'there is no ecosystem {name}')
        self.assertEqual([e["name"] for e in self.server.get("/v1/ecosystems", token=bound).json["items"]], [name])
        for token in (None, "yel_" + "A" * 43, "nonsense"):
            answer = self.assert_status(self.eco.get("/status", token=token), 401, "unauthorized")
            self.assertTrue(answer.headers["WWW-Authenticate"].startswith('Bearer realm="yellow"'))


if __name__ == "__main__":
    unittest.main()
