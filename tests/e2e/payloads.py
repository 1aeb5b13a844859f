"""What forges send, as their documentation has it, through the route with a right signature: pushes merge, pull requests
are planned, labels approve."""

import os
import unittest
import uuid

from lib.repository import Repository
from lib.server import FORGES, Case, Ecosystem

FIXTURES = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + "/fixtures"
HEAD = b"59b20b8d5c6ff8d09518454d4dd8b7b30f095ab5"
CUSTOMERS = "teams/sales/customers.yaml"

PUSHES = [("github-push", "github", "push"), ("gitlab-push", "gitlab", "Push Hook"),
          ("bitbucket-push", "bitbucket", "repo:push"), ("gitea-push", "gitea", "push"),
          ("forgejo-push", "forgejo", "push")]
NEEDS, APPROVED = "pull request 7: breaking: needs approval", "pull request 7: breaking, and approved"
PULLS = [("gitlab-merge-request-open", "gitlab", "Merge Request Hook", NEEDS),
         ("gitlab-merge-request-label", "gitlab", "Merge Request Hook", APPROVED),
         ("bitbucket-pullrequest", "bitbucket", "pullrequest:created", NEEDS),
         ("gitea-pull-synchronized", "gitea", "pull_request", NEEDS),
         ("gitea-pull-label", "gitea", "pull_request", APPROVED),
         ("forgejo-pull-label", "forgejo", "pull_request", APPROVED)]


class Payloads(Case):
    flags = ("--poll-interval", "0s")

    def setUp(self):
        self.name = f"e{uuid.uuid4().hex[:8]}"
        self.repository = Repository(self.server.folder, self.name)
        self.eco = Ecosystem(self.server, self.name, self.repository).register()

    def hear(self, fixture, forge, event, head):
        """The outcome of the fixture with head in it: the whole id, and where it is abbreviated as well."""
        with open(f"{FIXTURES}/{fixture}.json", "rb") as file:
            body = file.read().replace(HEAD, head.encode()).replace(HEAD[:12], head[:12].encode())
        return self.eco.outcome(self.assert_status(self.eco.hear(forge, event, body), 202).json["id"])

    def test_a_push_of_each_forge_is_merged(self):
        self.assertEqual({forge for _, forge, _ in PUSHES}, set(FORGES))
        for version, (fixture, forge, event) in enumerate(PUSHES, 1):
            with self.subTest(forge):
                outcome = self.hear(fixture, forge, event, self.repository.commit({"notes.txt": forge}))
                self.assertEqual((outcome["forge"], outcome["state"], outcome["version"]), (forge, "merged", version))

    def test_a_pull_request_of_each_forge_is_planned_and_its_label_approves(self):
        self.assertEqual(self.eco.outcome(self.eco.push(self.repository.head()))["state"], "merged")
        model = self.repository.read(CUSTOMERS)
        for width, (fixture, forge, event, reason) in enumerate(PULLS, 50):
            with self.subTest(fixture):  # each a plan of its own
                head = self.repository.commit({CUSTOMERS: model.replace("varchar(100)", f"varchar({width})")}, push=False)
                self.repository.push("-f", branch="change")
                outcome = self.hear(fixture, forge, event, head)
                self.assertEqual((outcome["state"], outcome["reason"], outcome["commit"]), ("planned", reason, head))
        self.assertEqual([row["approved_by"] for row in self.eco.get("/approvals").json["items"]],
                         ["forgejo:ada", "gitea:ada", "gitlab:ada"])


if __name__ == "__main__":
    unittest.main()
