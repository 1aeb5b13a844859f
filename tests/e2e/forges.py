"""Forges are told what became of their commits: a small forge over real HTTP sees what is sent, refuses, limits, and goes
away."""

import tempfile
import time
import unittest
import uuid

from lib.forge import TOKEN, Forge, token_file
from lib.repository import Repository
from lib.server import Case, Ecosystem, eventually

class Forges(Case):
    flags = ("--poll-interval", "0s")

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.environment = {"YELLOW_GIT_TOKEN_FILE": token_file(folder.name)}
        super().setUpClass()
        cls.server.secrets.append(TOKEN)

    def setUp(self):
        self.forge = Forge()
        self.addCleanup(self.forge.close)
        self.name = f"e{uuid.uuid4().hex[:8]}"
        self.repository = Repository(self.server.folder, self.name)
        self.eco = Ecosystem(self.server, self.name, self.repository).register()

    def follow(self, kind, api="", **more):
        now = self.eco.get("")
        body = {key: now.json[key] for key in ("repository", "webhook_secrets")}
        body["forge"] = {"kind": kind, "api": self.forge.url + api, "repository": "acme/data-model", **more}
        answer = self.eco.request("PUT", "", body, headers={"If-Match": now.headers["ETag"]})
        self.assertEqual(self.assert_status(answer, 200).json["forge"], body["forge"])

    def row(self, columns="sent is not distinct from content, attempts, given_up, error"):
        return self.server.sql(f"select {columns} from forge_reports where ecosystem = %s order by id desc limit 1",
                               self.name)[0]

    def test_each_forge_is_told_an_outcome_once_and_in_its_words(self):
        for kind, api, path, name, value, state in (
                ("github", "", "/repos/acme/data-model/statuses/{}", "Authorization", "Bearer " + TOKEN, "success"),
                ("gitlab", "/api/v4", "/api/v4/projects/acme%2Fdata-model/statuses/{}", "PRIVATE-TOKEN", TOKEN, "success"),
                ("bitbucket", "/2.0", "/2.0/repositories/acme/data-model/commit/{}/statuses/build", "Authorization",
                 "Bearer " + TOKEN, "SUCCESSFUL"),
                ("gitea", "/api/v1", "/api/v1/repos/acme/data-model/statuses/{}", "Authorization", "token " + TOKEN,
                 "success"),
                ("forgejo", "/api/v1", "/api/v1/repos/acme/data-model/statuses/{}", "Authorization", "token " + TOKEN,
                 "success")):
            with self.subTest(kind):
                self.forge.requests.clear()
                self.follow(kind, api)
                commit = self.repository.commit({"notes.txt": kind})
                self.assertEqual(self.eco.outcome(self.eco.push(commit))["state"], "merged")
                (method, told, headers, body), = self.forge.seen(1)
                self.assertEqual((method, told), ("POST", path.format(commit)))
                self.assertEqual(headers[name], value)
                self.assertEqual(body["state"], state)
                self.assertRegex(body["description"], r"^version \d+ is in force$")
                self.eco.outcome(self.eco.push(commit))  # decided already: the forge shows it
                eventually(lambda: self.row()[0], "sent")
                self.assertEqual(len(self.forge.requests), 1)

    def test_two_registrations_on_one_host_have_tokens_of_their_own(self):
        path = self.server.env["YELLOW_GIT_TOKEN_FILE"]
        with open(path, encoding="ascii") as file:
            plain = file.read()
        self.addCleanup(self.write, path, plain)
        first, second, third, far = (f"named-token-{name}-{uuid.uuid4().hex}" for name in ("first", "second", "third", "far"))
        self.server.secrets += [first, second, third, far]
        lines = plain + f"sales=127.0.0.1 {first}\nstock=127.0.0.1 ada {second}\nfar=api.example.net {far}\n"
        self.write(path, lines)
        self.follow("github", token="sales")
        mine, self.eco = self.eco, Ecosystem(self.server, self.name + "b", self.repository).register()
        self.follow("github", token="stock")

        def told(eco):
            self.forge.requests.clear()
            eco.outcome(eco.push(self.repository.commit({"notes.txt": uuid.uuid4().hex})))
            return self.forge.seen(1)[0][2]["Authorization"]
        self.assertEqual(told(mine), "Bearer " + first)
        self.assertEqual(told(self.eco), "Bearer " + second)
        # replaced without a restart
        self.write(path, lines.replace(first, third))
        self.assertEqual(told(mine), "Bearer " + third)
        # the line's host wins, at the registration and when the file changes later
        now = mine.get("")
        body = {key: now.json[key] for key in ("repository", "webhook_secrets", "forge")}
        for name, text in (("far", "token far is bound to api.example.net, not to 127.0.0.1"),
                           ("gone", "there is no token of that name"),
                           (first, "there is no token of that name"),
                           ("gh." + first, "the forge's token is the name of one that the server has, not the token itself")):
            body["forge"]["token"] = name
            answer = mine.request("PUT", "", body, headers={"If-Match": now.headers["ETag"]})
            self.assertIn(text, [error["detail"] for error in self.assert_status(answer, 422).json["errors"]])
        self.forge.requests.clear()
        self.write(path, lines.replace("sales=127.0.0.1", "sales=api.example.net"))
        self.eco = mine
        mine.outcome(mine.push(self.repository.commit({"notes.txt": "moved"})))
        eventually(lambda: self.row("error")[0] == "token sales is bound to api.example.net, not to 127.0.0.1", self.row)
        self.assertEqual(self.forge.requests, [])
        self.write(path, lines)
        self.renew()
        self.assertEqual(self.forge.seen(1)[0][2]["Authorization"], "Bearer " + first)

    @staticmethod
    def write(path, text):
        with open(path, "w", encoding="ascii") as file:
            file.write(text)

    def renew(self):
        """As if the time had come."""
        self.server.sql("delete from forge_limits")
        self.server.sql("update forge_reports set due_at = now()")

    def quiet(self):
        rows = self.server.sql("select extract(epoch from spent_until - now()) from forge_limits where api = %s",
                               self.forge.url)
        return rows[0][0] if rows else 0

    def test_a_spent_limit_stops_all_that_is_to_be_told_to_that_forge(self):
        self.follow("github")
        said = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
        self.forge.script[:] = [(403, {"X-RateLimit-Remaining": "4321"}, said)]
        self.eco.outcome(self.eco.push(self.repository.commit({"notes.txt": "one"})))
        eventually(lambda: self.row()[3] == "the forge answered 403", lambda: self.row())
        self.assertFalse(self.row()[2])
        self.assertTrue(50 < self.quiet() <= 60, self.quiet())
        self.eco.outcome(self.eco.push(self.repository.commit({"notes.txt": "two"})))
        other = Ecosystem(self.server, self.name + "b", self.repository).register()
        self.eco, mine = other, self.eco
        self.follow("github")
        self.eco = mine
        other.outcome(other.push(self.repository.head()))
        self.assertEqual(self.server.sql("select count(*) from forge_reports where sent is null and not given_up"
                                         " and ecosystem in (%s, %s)", self.name, self.name + "b"), [(3,)])
        self.assertEqual(len(self.forge.requests), 1)
        # the last request that is granted is known to be it
        self.forge.script[:] = [(201, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 900)})]
        self.renew()
        self.forge.seen(2)
        eventually(lambda: self.quiet() > 800, self.quiet)
        self.assertEqual(len(self.forge.requests), 2)
        self.renew()
        self.forge.seen(4)

    def test_a_limit_is_respected_and_a_failure_tried_again(self):
        self.follow("github")
        self.forge.script[:] = [(429, {"Retry-After": "3"}), (502, {}), (201, {})]
        self.eco.outcome(self.eco.push(self.repository.commit({"notes.txt": "limits"})))
        self.forge.seen(1)
        wait = "extract(epoch from due_at - now()), error"
        eventually(lambda: self.row(wait)[1] == "the forge answered 429", lambda: self.row())
        self.assertGreater(self.row(wait)[0], 1)
        self.renew()
        self.forge.seen(2)
        eventually(lambda: self.row()[3] == "the forge answered 502", lambda: self.row())
        self.renew()
        self.forge.seen(3)
        eventually(lambda: self.row() == (True, 3, False, None), lambda: self.row())

    def test_what_a_forge_refuses_is_not_asked_again(self):
        self.follow("github")
        self.forge.script[:] = [(401, {})]
        self.eco.outcome(self.eco.push(self.repository.commit({"notes.txt": "refused"})))
        eventually(lambda: self.row() == (False, 1, True, "the forge answered 401"), lambda: self.row())

    def test_a_rejected_commit_is_a_failure(self):
        self.follow("gitlab")
        commit = self.repository.commit({"nonsense.yaml": "kind: Nonsense\n"})
        self.assertEqual(self.eco.outcome(self.eco.push(commit))["state"], "rejected")
        (_, path, _, body), = self.forge.seen(1)
        self.assertTrue(path.endswith(commit))
        self.assertEqual((body["state"], body["name"]), ("failed", f"yellow/{self.name}"))
        self.assertEqual(body["description"], "1 error in the model; the version in force stays")

    def pull(self, head):
        answer = self.eco.webhook({"action": "synchronize", "sender": {"login": "ada"}, "pull_request": {
            "number": 17, "state": "open", "head": {"sha": head, "ref": "change"}, "base": {"ref": "main"}, "labels": []}},
            event="pull_request")
        return self.eco.outcome(self.assert_status(answer, 202).json["id"])

    def test_a_pull_request_gets_a_status_and_one_comment(self):
        self.assertEqual(self.eco.outcome(self.eco.push(self.repository.head()))["state"], "merged")
        self.follow("github")
        path = "teams/sales/customers.yaml"
        model = self.repository.read(path)

        def change(to):
            head = self.repository.commit({path: model.replace("varchar(100)", to)}, push=False)
            self.repository.push("-f", branch="change")
            return head

        def bodies(count):
            return {(method, told): body for method, told, _, body in self.forge.seen(count)[-2:]}

        wide = change("varchar(200)")
        self.assertEqual(self.pull(wide)["state"], "planned")
        seen, comments = bodies(2), "/repos/acme/data-model/issues/17/comments"
        self.assertEqual(seen["POST", "/repos/acme/data-model/statuses/" + wide]["state"], "success")
        self.assertIn('"varchar(100)" -> "varchar(200)"', seen["POST", comments]["body"])
        self.pull(wide)  # the forge shows it
        narrow = change("varchar(50)")
        self.assertEqual(self.pull(narrow)["reason"], "pull request 17: breaking: needs approval")
        seen = bodies(4)
        self.assertEqual(seen["POST", "/repos/acme/data-model/statuses/" + narrow]["description"],
                         "breaking: needs approval")
        self.assertIn("! breaking", seen["PATCH", "/repos/acme/data-model/issues/comments/7"]["body"])
        self.assertEqual(self.eco.version(), 1)
        answer = self.eco.request("POST", "/plans", {"ref": "change"})
        plan = self.assert_status(answer, 200).json
        self.assertEqual((plan["outcome"], plan["commit"], plan["base"]), ("breaking", narrow, 1))
        self.assertIn(plan["id"], seen["PATCH", "/repos/acme/data-model/issues/comments/7"]["body"])
        self.repository.reset("origin/main")

    def test_a_forge_that_cannot_be_asked_is_a_problem_of_the_request(self):
        now = self.eco.get("")
        body = {key: now.json[key] for key in ("repository", "webhook_secrets")}
        for forge, detail in (({"kind": "sourceforge"}, 'forge "sourceforge" is none of github, gitlab, bitbucket, gitea, forgejo'),
                              ({"kind": "gitea", "repository": "a/b"}, "gitea needs the address of its api"),
                              ({"kind": "github", "api": "http://api.example.net"},
                               "the forge's api is at an https:// address without user and query")):
            answer = self.eco.request("PUT", "", {**body, "forge": forge}, headers={"If-Match": now.headers["ETag"]})
            self.assertEqual([(error["pointer"], error["detail"]) for error in self.assert_status(answer, 422).json["errors"]],
                             [("/forge", detail)])


if __name__ == "__main__":
    unittest.main()
