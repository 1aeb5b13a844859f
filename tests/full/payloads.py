"""GitHub's own recorded payloads (npm's @octokit/webhooks-examples; YELLOW_PAYLOADS names its index.json) through the route
with a right signature: every push, pull request and ping has the outcome that its own words ask for, everything else is
said not to be handled. What they push is put onto an own repository's commits where it is to merge."""

import json
import os
import sys
import unittest
import uuid

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "e2e"))

from lib.repository import Repository  # noqa: E402
from lib.server import Case, Ecosystem  # noqa: E402

with open(os.environ["YELLOW_PAYLOADS"], encoding="utf-8") as file:
    EXAMPLES = {event["name"]: event["examples"] for event in json.load(file)}
CUSTOMERS = "teams/sales/customers.yaml"


class Recorded(Case):
    flags = ("--poll-interval", "0s")

    def setUp(self):
        self.name = f"e{uuid.uuid4().hex[:8]}"
        self.repository = Repository(self.server.folder, self.name)
        self.eco = Ecosystem(self.server, self.name, self.repository).register()

    def follow(self, branch):
        """The recorded payloads are of a repository whose branch is master: so the owners of the model have to say."""
        owners = ("ecosystem.yaml", "zones/eu.yaml", "zones/usa.yaml")
        self.repository.commit({path: self.repository.read(path).replace("branch: main", f"branch: {branch}")
                                for path in owners}, push=False)
        self.repository.push(branch=branch)
        self.eco = Ecosystem(self.server, self.name + "m", self.repository, branch).register()

    def hear(self, event, payload):
        answer = self.assert_status(self.eco.hear("github", event, json.dumps(payload).encode()), 202)
        return self.eco.outcome(answer.json["id"], 60)

    def test_pushes(self):
        self.assertGreater(len(EXAMPLES["push"]), 5)
        self.follow("master")
        for n, payload in enumerate(EXAMPLES["push"]):
            with self.subTest(n, ref=payload["ref"]):
                merges = payload["ref"] == "refs/heads/master" and not payload["deleted"]
                if merges:
                    self.repository.commit({"notes.txt": str(n)}, push=False)
                    self.repository.push(branch="master")
                    payload = json.loads(json.dumps(payload).replace(payload["after"], self.repository.head()))
                outcome = self.hear("push", payload)
                wanted = ("merged", None) if merges else (
                    "ignored", f"pushed to {payload['ref']}; the ecosystem follows refs/heads/master")
                self.assertEqual((outcome["state"], outcome["reason"]), wanted)

    def test_pull_requests(self):
        self.assertGreater(len(EXAMPLES["pull_request"]), 20)
        self.follow("master")
        self.assertEqual(self.eco.outcome(self.eco.push(self.repository.head()))["state"], "merged")
        model = self.repository.read(CUSTOMERS)
        self.repository.commit({CUSTOMERS: model.replace("varchar(100)", "varchar(120)")}, push=False)
        self.repository.push(branch="changes")
        for n, payload in enumerate(EXAMPLES["pull_request"]):
            pull = payload["pull_request"]
            with self.subTest(n, action=payload["action"]):
                outcome = self.hear("pull_request", json.loads(
                    json.dumps(payload).replace(pull["head"]["sha"], self.repository.head())))
                wanted = ("planned", f"pull request {pull['number']}: passes") if pull["state"] == "open" else (
                    "ignored", f"pull request {pull['number']} is closed")
                self.assertEqual((outcome["state"], outcome["reason"]), wanted)
        self.assertEqual(self.eco.version(), 1)

    def test_pings(self):
        self.assertGreater(len(EXAMPLES["ping"]), 2)
        for payload in EXAMPLES["ping"]:
            outcome = self.hear("ping", payload)
            self.assertEqual((outcome["state"], outcome["reason"]), ("ignored", "ping"))

    def test_what_else_there_is(self):
        for event in EXAMPLES.keys() - {"push", "pull_request", "ping"}:
            for payload in EXAMPLES[event]:
                outcome = self.hear(event, payload)
                self.assertEqual((outcome["state"], outcome["reason"]), ("ignored", f"event {event} is not handled"))


if __name__ == "__main__":
    unittest.main()
