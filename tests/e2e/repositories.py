"""One ecosystem in four repositories: the ecosystem, the zone usa, and the teams sales and marketing."""

import threading
import unittest

from lib.repository import Repository
from lib.server import SOURCE, Case, Ecosystem, eventually

OWNERS = {None: "acme/data-model", "usa": "acme/usa", "sales": "acme/sales", "marketing": "acme/marketing"}
CUSTOMERS, LEADS = "customers.yaml", "leads.yaml"


def example(path):
    with open(f"{SOURCE}/examples/acme/{path}", encoding="utf-8") as file:
        return file.read()


def owned(text, *names):
    """Each owner of the text, in its order, gets a name of its own."""
    for name in names:
        text = text.replace("repository: acme/data-model,", f"repository:  {name},", 1)
    return text.replace("repository:  ", "repository: ")


MODEL = {
    None: {"ecosystem.yaml": owned(example("ecosystem.yaml"), OWNERS[None], OWNERS["usa"]).split("  - name: eu")[0],
           "containers.yaml": example("containers.yaml"), "credentials.yaml": example("credentials.yaml"),
           "psp.yaml": example("platform/psp.yaml").split("hints:")[0]},
    "usa": {"zone.yaml": owned(example("zones/usa.yaml"), OWNERS["sales"], OWNERS["marketing"])},
    "sales": {CUSTOMERS: example("teams/sales/customers.yaml")},
    "marketing": {"marketing.yaml": example("teams/marketing/marketing.yaml"), LEADS: example("teams/marketing/leads.yaml"),
                  "transforms/mask-customers.sql": example("transforms/mask-customers.sql")},
}


class Repositories(Case):
    maxDiff = None

    @classmethod
    def prepare(cls):
        cls.git = {name: Repository(cls.server.folder, name or "acme", model=False) for name in OWNERS}
        cls.of = {name: Ecosystem(cls.server, "acme", cls.git[name], repository=name).register(called)
                  for name, called in OWNERS.items()}
        cls.eco = cls.of[None]
        cls.first = {}
        for name in ("sales", "marketing", "usa"):
            cls.first[name] = cls.of[name].merge(MODEL[name])
        cls.first[None] = cls.eco.merge(MODEL[None])
        cls.settled(cls)

    def settled(self):
        """The version once nothing waits."""
        def look():
            return not self.eco.get("/deliveries?state=received").json["items"] and self.eco.version()
        return eventually(look, "the deliveries' end", 30)

    def refused(self, name, files):
        """The errors of the push; then it is taken back."""
        good, before = self.git[name].head(), self.eco.version()
        delivery = self.of[name].merge(files)
        self.assertEqual(delivery["state"], "rejected", delivery)
        self.assertEqual(self.eco.version(), before)
        self.git[name].reset(good)
        self.git[name].push("--force")
        self.of[name].outcome(self.of[name].push(good))
        return [(f.get("repository"), f["path"], f["line"], f["code"], f["text"], f["hint"])
                for f in delivery["findings"] if f["severity"] == "error"]

    def edit(self, name, path, old, new):
        return {path: self.git[name].read(path).replace(old, new, 1)}

    def test_a_wrong_order_mends_itself_when_the_parents_come(self):
        for name in ("sales", "marketing", "usa"):
            self.assertEqual(self.first[name]["state"], "rejected")
            self.assertEqual(self.first[name]["repository"], name)
            self.assertEqual(self.first[name]["reason"], (
                f"repository {name} waits: the ecosystem's own repository has no version in force yet; "
                f"commit {self.first[name]['commit']} is tried again when it has"))
        self.assertEqual((self.first[None]["state"], self.first[None]["version"]), ("merged", 1))
        versions = {v["version"]: v for v in self.eco.get("/versions").json["items"]}
        self.assertEqual(sorted(versions), list(range(1, len(versions) + 1)))
        self.assertEqual([versions[n]["repository"] for n in (1, 2, 3, 4)], [None, "usa", "sales", "marketing"])
        self.assertEqual(versions[4]["commits"], [
            {"repository": name, "commit": self.first[name]["commit"], "path": ""}
            for name in (None, "marketing", "sales", "usa")])
        self.assertEqual(versions[2]["commits"], [
            {"repository": name, "commit": self.first[name]["commit"], "path": ""} for name in (None, "usa")])
        found = self.eco.get("/datastores/leads?version=4").json
        self.assertEqual((found["repository"], found["path"]), ("marketing", LEADS))
        self.assertNotIn("repository", self.eco.get("/psps/yellow-ny?version=4").json)

    def test_each_owner_changes_its_own(self):
        for name, path, old, new in (
                (None, "psp.yaml", "log_level: INFO", "log_level: DEBUG"),
                ("usa", "zone.yaml", "[PUB, IP, CPI, PC1]", "[PUB, IP, CPI, PC1, PC3]"),
                ("sales", CUSTOMERS, "varchar(100)", "varchar(120)"),
                ("marketing", "transforms/mask-customers.sql", "\n", "\n-- seen\n")):
            delivery = self.of[name].merge(self.edit(name, path, old, new))
            self.assertEqual(delivery["state"], "merged", delivery)
            version = self.eco.get(f"/versions/{delivery['version']}").json
            self.assertEqual((version["repository"], version["commit"]), (name, delivery["commit"]))
            self.assertEqual(len(version["commits"]), 4)

    def test_nobody_changes_what_is_anothers(self):
        store = MODEL["marketing"][LEADS].replace("name: leads", "name: spy", 1)
        line = next(n for n, text in enumerate(store.split("\n"), 1) if text.startswith("kind:"))
        mine = '"acme/sales", branch "main"'
        several = "make one commit for each owner"
        self.assertEqual(self.refused("sales", {"spy.yaml": store}), [
            ("sales", "spy.yaml", line, "not-owner", f'Datastore "spy" is added by {mine}, and belongs to '
             '"acme/marketing", branch "main"', "push it there, or ask the owner")])
        psp = "kind: Credential\nname: master-key\ntype: token\n"
        self.assertEqual(self.refused("sales", {"key.yaml": psp}), [
            ("sales", "key.yaml", 1, "not-owner", f'Credential "master-key" is added by {mine}, and belongs to '
             '"acme/data-model", branch "main"', "push it there, or ask the owner")])
        found = self.refused("sales", {"mine.yaml": MODEL[None]["psp.yaml"].replace("yellow-ny", "evil").replace(
            "YellowLive", "EvilLive").replace("YellowForensic", "EvilForensic")})
        self.assertIn(("not-owner", f'PlatformServiceProvider "evil" is added by {mine}, and belongs to '
                       '"acme/data-model", branch "main"'), [f[3:5] for f in found])
        self.assertNotIn(several, str(found))
        found = self.refused("sales", {"mine.yaml": "kind: Ecosystem\nname: acme\nowner: {repository: acme/sales, "
                                       "branch: main}\n"})
        self.assertEqual([(f[0], f[1], f[2], f[3], f[4]) for f in found], [
            ("sales", "mine.yaml", 2, "duplicate-name", 'Ecosystem "acme" is defined twice')])
        self.assertRegex(found[0][5], r"^it is defined at ecosystem\.yaml:\d+, of another repository$")
        found = self.refused("sales", {"leads.yaml": MODEL["marketing"][LEADS]})
        self.assertEqual([(f[0], f[1], f[3], f[4]) for f in found], [
            ("sales", "leads.yaml", "duplicate-name", 'Datastore "leads" is defined twice')])
        self.assertRegex(found[0][5], r"^it is defined at //marketing/leads\.yaml:\d+, of another repository$")

    def test_a_look_alike_is_another_owner_and_an_owner_is_registered_once(self):
        other = Repository(self.server.folder, "evil", model=False)
        def put(url, called, branch="main"):
            return self.server.request("PUT", "/v1/ecosystems/acme/repositories/evil", {
                "repository": {"url": url, "branch": branch, "name": called},
                "webhook_secrets": [{"file": self.eco.secret_path}]})
        for url, called, text in (
                (self.git["sales"].url, "acme/evil", f"repository sales is {self.git['sales'].url}, branch main, already"),
                (other.url, "acme/sales", "repository sales is acme/sales, branch main, already"),
                (self.git[None].url, "acme/evil", f"the ecosystem's own repository is {self.git[None].url}, branch main, already"),
                (other.url, "acme/data-model", "the ecosystem's own repository is acme/data-model, branch main, already")):
            answer = put(url, called)
            self.assert_status(answer, 409)
            self.assertEqual(answer.json["detail"], text)
        evil = Ecosystem(self.server, "acme", other, repository="evil").register("acme/s\u0430les")
        delivery = evil.merge({CUSTOMERS: MODEL["sales"][CUSTOMERS].replace("name: customers", "name: clients", 1)})
        self.assertEqual((delivery["state"], delivery["repository"]), ("rejected", "evil"))
        finding, = [f for f in delivery["findings"] if f["severity"] == "error"]
        self.assertEqual(finding["text"], 'Datastore "clients" is added by "acme/s\u0430les", branch "main", and belongs '
                                          'to "acme/sales", branch "main"')
        self.assertEqual(finding["hint"], "the two look alike and are not the same: owners are compared byte for byte")
        tag = self.server.get(evil.place).headers["ETag"]
        self.assert_status(self.server.request("DELETE", evil.place), 428)
        self.assert_status(self.server.request("DELETE", evil.place, headers={"If-Match": tag}), 204)
        self.assert_status(self.server.get(evil.place), 404)

    def test_a_secret_opens_its_own_webhook_and_another_branch_is_ignored(self):
        sales = self.of["sales"]
        body = b'{"ref": "refs/heads/main", "after": "%s"}' % self.git["sales"].head().encode()
        self.assert_status(sales.webhook(body, signature=self.eco.sign(body)), 401)
        self.assert_status(self.eco.webhook(body, signature=sales.sign(body)), 401)
        delivery = sales.outcome(sales.push(self.git["sales"].head(), ref="refs/heads/evil"))
        self.assertEqual((delivery["state"], delivery["reason"]), (
            "ignored", "pushed to refs/heads/evil; the ecosystem follows refs/heads/main"))

    def test_two_pushes_at_once_are_two_versions(self):
        before = self.settled()
        outcomes = {}
        commits = {name: self.git[name].commit(self.edit(name, path, "name: ", "name:  "))
                   for name, path in (("sales", CUSTOMERS), ("marketing", LEADS))}
        def push(name):
            outcomes[name] = self.of[name].outcome(self.of[name].push(commits[name]))
        threads = [threading.Thread(target=push, args=(name,)) for name in commits]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual({d["state"] for d in outcomes.values()}, {"merged"}, outcomes)
        self.assertEqual(sorted(d["version"] for d in outcomes.values()), [before + 1, before + 2])
        last = self.eco.get(f"/versions/{before + 2}").json
        self.assertEqual({c["repository"]: c["commit"] for c in last["commits"] if c["repository"] in commits}, commits)

    def test_a_pull_request_is_planned_among_what_the_others_have(self):
        sales, git = self.of["sales"], self.git["sales"]
        good = git.head()
        head = git.commit(self.edit("sales", CUSTOMERS, "varchar(254)", "varchar(300)"), push=False)
        git.push(branch="wider")
        git.run("git", "update-ref", "refs/pull/17/head", head, cwd=git.bare)
        delivery = sales.outcome(sales.webhook({
            "action": "opened", "number": 17,
            "pull_request": {"number": 17, "state": "open", "labels": [],
                             "head": {"ref": "wider", "sha": head}, "base": {"ref": "main"}}},
            event="pull_request").json["id"])
        self.assertEqual((delivery["state"], delivery["reason"]), ("planned", "pull request 17: passes"), delivery)
        plan = self.eco.request("POST", "/plans", {"ref": "wider", "repository": "sales"}).json
        self.assertEqual(plan["outcome"], "passes")
        changed, = plan["objects"]["changed"]
        self.assertEqual((changed["name"], changed["repository"], changed["path"]), ("customers", "sales", CUSTOMERS))
        git.reset(good)

    def test_a_rollback_brings_back_the_content_of_all_and_a_release_looks_at_every_head(self):
        self.settled()
        old = self.eco.get("/datastores?version=4").body
        wide = self.of["sales"].merge(self.edit("sales", CUSTOMERS, "varchar(200)", "varchar(210)"))
        self.assertEqual(wide["state"], "merged", wide)
        answer = self.eco.request("POST", "/rollbacks", {"to": 4})
        self.assert_status(answer, 201)
        version = answer.json["version"]
        commits = {n: self.eco.get(f"/versions/{n}").json["commits"] for n in (4, version)}
        self.assertEqual(commits[version], commits[4])
        self.assertEqual(self.eco.get(f"/datastores?version={version}").json["items"],
                         self.eco.get("/datastores?version=4").json["items"])
        held = self.of["marketing"].merge(self.edit("marketing", LEADS, "name: leads", "name:   leads"))
        self.assertEqual(held["state"], "held", held)
        self.eco.request("POST", f"/holds/{answer.json['hold']['id']}/release", {})
        self.settled()
        now = {c["repository"]: c["commit"] for c in self.eco.get(f"/versions/{self.eco.version()}").json["commits"]}
        self.assertEqual(now, {name: git.head() for name, git in self.git.items()})
        self.assertEqual(self.eco.get("/datastores?version=4").body, old)

    def test_a_repository_with_objects_in_force_stays(self):
        place = self.of["marketing"].place
        answer = self.server.request("DELETE", place, headers={"If-Match": self.server.get(place).headers["ETag"]})
        self.assert_status(answer, 409)
        self.assertEqual(answer.json["detail"], 'repository marketing has objects in force: Datastore "leads", '
                                                'Datastore "masked-customers", Workspace "marketing"')
        self.assertEqual([r["name"] for r in self.eco.get("/repositories").json["items"]], ["marketing", "sales", "usa"])


if __name__ == "__main__":
    unittest.main()
