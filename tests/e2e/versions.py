"""Any old version is read back exactly: a random history of one model (edits, removals, renames, moved files, files of
templates, rollbacks) goes through one of two replicas, and whatever is read of each version while it is in force, through
the routes and out of the tables, is read again by its number at the end, from the replica that merged it, from the other
one, and after a restart, and compared byte for byte.

YELLOW_VERSIONS: how many versions (default 40). YELLOW_VERSIONS_SEED: of the history."""

import http.client
import os
import random
import re
import unittest

from lib.replicas import Cluster, Pair
from lib.repository import Repository
from lib.server import YELLOW, eventually

VERSIONS = int(os.environ.get("YELLOW_VERSIONS", "40"))
SEED = int(os.environ.get("YELLOW_VERSIONS_SEED", "1"))
BASE = "/v1/ecosystems/acme"
OWNER = "{repository: acme/data-model, branch: main}"
TEAMS = ("sales", "stock", "money")
STORES, WORKSPACES = 150, 60

HEAD = f"""kind: Ecosystem
name: acme
owner: {OWNER}
vendors: [{{name: MyCorp, cloud: private, locations: [USA/NY_1]}}]
zones: [{{name: usa, owner: {OWNER}}}]
---
kind: GovernanceZone
name: usa
teams:
""" + "".join(f"  - {{name: {team}, owner: {OWNER}}}\n" for team in TEAMS) + """---
kind: Credential
name: rw
type: user-password
containers: [db]
---
kind: DataContainer
name: db
type: postgres
host: 127.0.0.1
port: 5432
database: crm
locations: ["MyCorp:USA/NY_1"]
storage: 1Gi
"""
PSP = """kind: PlatformServiceProvider
name: {name}
namespace: {name}
assembly: {assembly}
merge: {{container: db, credential: rw}}
image: registry.example.net/yellow:{image}
defaults: {{ingestion: {{limits: {{memory: {memory}Mi}}}}}}
platforms:
  - {{name: {name}Live, milestoning: {milestoning}}}
"""
OWN = """kind: Component
name: cache
doc: A cache.
parameters: [{name: size, type: storage, default: 1Gi, doc: Its size.}]
artifacts: [{template: own/cache.yaml.j2, media_type: application/yaml}]
---
kind: Assembly
name: ours
doc: Our platform.
components: [{component: cache}]
"""


class History:
    """The working tree as it is now, and random steps of it that a merge lets pass. Each store and each workspace is a
    dict; where its document stands is a path."""

    def __init__(self, seed):
        self.r, self.made = random.Random(seed), 0
        self.stores, self.workspaces = {}, {}
        self.psps = {"ny": ["ours", 1, 1024, "live"], "late": ["yellow-local", 1, 1024, "milestoned"]}
        self.size, self.mask = 1, 1
        for _ in range(STORES):
            self.add_store()
        for _ in range(WORKSPACES):
            self.add_workspace()

    def name(self, letter):
        self.made += 1
        return f"{letter}{self.made}"

    def add_store(self):
        name = self.name("s")
        self.stores[name] = {"path": f"stores/{self.r.randrange(60)}.yaml", "team": self.r.choice(TEAMS),
                             "minute": self.r.randrange(60), "extra": 0, "width": 10, "doc": self.r.randrange(9)}

    def add_workspace(self):
        self.workspaces[self.name("w")] = {
            "path": f"workspaces/{self.r.randrange(30)}.yaml", "team": self.r.choice(TEAMS), "priority": "low",
            "reads": self.r.sample(sorted(self.stores), 3), "platform": self.r.choice(("ny", "late"))}

    def used(self):
        return {store for workspace in self.workspaces.values() for store in workspace["reads"]}

    # Steps. Each says what it did.

    def widen(self):
        store = self.stores[self.r.choice(sorted(self.stores))]
        store["width"] += 1

    def add_column(self):
        self.stores[self.r.choice(sorted(self.stores))]["extra"] += 1

    def reschedule(self):
        self.stores[self.r.choice(sorted(self.stores))]["minute"] = self.r.randrange(60)

    def hand_over(self):
        self.stores[self.r.choice(sorted(self.stores))]["team"] = self.r.choice(TEAMS)

    def subscribe(self):
        workspace = self.workspaces[self.r.choice(sorted(self.workspaces))]
        workspace["reads"] = sorted(set(workspace["reads"] + [self.r.choice(sorted(self.stores))]))

    def leave(self):
        del self.workspaces[self.r.choice(sorted(self.workspaces))]

    def remove_store(self):
        unused = sorted(set(self.stores) - self.used())
        if unused:
            del self.stores[self.r.choice(unused)]

    def rename_workspace(self):
        self.workspaces[self.name("w")] = self.workspaces.pop(self.r.choice(sorted(self.workspaces)))

    def rename_store(self):
        """Of one that nobody reads."""
        unused = sorted(set(self.stores) - self.used())
        if unused:
            self.stores[self.name("s")] = self.stores.pop(self.r.choice(unused))

    def move_file(self):
        """All documents of it, whose bodies stay."""
        old, new = self.stores[self.r.choice(sorted(self.stores))]["path"], f"stores/{self.name('moved')}.yaml"
        for store in self.stores.values():
            if store["path"] == old:
                store["path"] = new

    def move_document(self):
        self.stores[self.r.choice(sorted(self.stores))]["path"] = f"stores/{self.r.randrange(60)}.yaml"

    def promote(self):
        self.workspaces[self.r.choice(sorted(self.workspaces))]["priority"] = self.r.choice(("medium", "high"))

    def change_psp(self):
        psp = self.psps[self.r.choice(sorted(self.psps))]
        psp[self.r.choice((1, 2))] += 1

    def change_template(self):
        self.size += 1

    def change_code(self):
        self.mask += 1

    STEPS = (widen, add_column, reschedule, hand_over, subscribe, leave, remove_store, rename_workspace, rename_store,
             move_file, move_document, promote, change_psp, change_template, change_code, add_store, add_workspace)

    def step(self):
        for act in self.r.choices(self.STEPS, k=self.r.choice((1, 1, 2, 5))):
            act(self)

    # What the files say.

    def store_text(self, name):
        store = self.stores[name]
        columns = "".join(f", {{name: c{c}, type: text, nullable: true}}" for c in range(store["extra"]))
        comment = "# a line more\n" * store["doc"]
        return (f"{comment}kind: Datastore\nname: {name}\nteam: usa/{store['team']}\nproduction: true\n"
                f"capture: {{type: sql-snapshot, container: db, credential: rw, schedule: \"{store['minute']} * * * *\"}}\n"
                f"datasets:\n  - {{name: t, classification: IP, columns: [{{name: id, type: int64, key: true}}, "
                f"{{name: label, type: varchar({store['width']})}}{columns}]}}\n")

    def workspace_text(self, name):
        workspace = self.workspaces[name]
        sinks = ", ".join(f"{{store: {store}, dataset: t}}" for store in workspace["reads"])
        return (f"kind: Workspace\nname: {name}\nteam: usa/{workspace['team']}\nproduction: true\n"
                f"priority: {workspace['priority']}\ngroups:\n  - name: now\n"
                f"    platform: {{name: {workspace['platform']}Live}}\n    sinks: [{sinks}]\n")

    def files(self):
        parts = {"base.yaml": [HEAD], "own/own.yaml": [OWN], "own/cache.yaml.j2": [f"size: {self.size}-{{{{ size }}}}\n"],
                 "transforms/mask.sql": [f"insert into masked.t select id, label from now__{{s}} -- {self.mask}\n"],
                 "psps.yaml": [PSP.format(name=name, assembly=assembly, image=image, memory=memory,
                                          milestoning=milestoning)
                               for name, (assembly, image, memory, milestoning) in sorted(self.psps.items())]}
        for name in sorted(self.stores):
            parts.setdefault(self.stores[name]["path"], []).append(self.store_text(name))
        for name in sorted(self.workspaces):
            parts.setdefault(self.workspaces[name]["path"], []).append(self.workspace_text(name))
        parts["transforms/masking.yaml"] = [MASKING]
        return {path: "---\n".join(texts) for path, texts in parts.items()}


MASKING = """kind: Workspace
name: masking
team: usa/sales
production: true
groups:
  - name: now
    platform: {name: nyLive}
    sinks: [{store: s1, dataset: t}]
transformer:
  name: mask
  code: {type: sql, file: transforms/mask.sql}
  output: masked
  trigger: inputs
---
kind: Datastore
name: masked
team: usa/sales
production: true
datasets:
  - {name: t, classification: IP, columns: [{name: id, type: int64, key: true}, {name: label, type: text}]}
---
kind: Workspace
name: masked-reader
team: usa/sales
production: true
groups:
  - name: now
    platform: {name: nyLive}
    sinks: [{store: masked, dataset: t}]
"""
LISTS = ("/datastores?limit=500", "/workspaces?limit=500", "/teams", "/graph?limit=1000", "/psps", "/components",
         "/assemblies", "/lineage?of=masked.t&direction=upstream", "/impact?of=s1.t") + tuple(
             f"/psps/{psp}/{what}" for psp in ("ny", "late") for what in ("stack", "artifacts", "jobs", "views"))
TABLES = {"objects": "select kind, name, path, line, hash, body from objects where ecosystem = 'acme' "
                     "and version_in <= %s and version_out >= %s order by kind, name",
          "files": "select path, data::text from files where ecosystem = 'acme' and version_in <= %s and "
                   "version_out >= %s order by path"}


class Versions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster()
        cls.addClassCleanup(cls.cluster.close)
        cls.cluster.start()
        cls.pair = Pair(cls.cluster, "versions", ("--log-level", "warn"), YELLOW)
        cls.addClassCleanup(cls.pair.close)
        cls.pair.start()
        cls.repository = Repository(cls.pair.folder, "acme", model=False)
        secret, _ = cls.pair.secret()
        answer = cls.pair.replicas[0].request("PUT", BASE, {
            "repository": {"url": cls.repository.url, "name": "acme/data-model"}, "webhook_secrets": [{"file": secret}]})
        assert answer.status == 201, answer

    def setUp(self):
        self.links = {}
        self.addCleanup(lambda: [link.close() for link in self.links.values()])

    def ask(self, replica, method, path, body=None, headers=None):
        link = self.links.setdefault(replica.name, http.client.HTTPConnection("127.0.0.1", replica.port, timeout=60))
        return self.pair.replicas["AB".index(replica.name)].request(method, BASE + path, body, headers, connection=link)

    def read(self, replica, paths, version=None):
        """Path -> status, tag and bytes of all its pages."""
        found = {}
        for path in paths:
            at, answers = path, []
            if version:
                at += f"{'&' if '?' in path else '?'}version={version}"
            while at:
                answer = self.ask(replica, "GET", at)
                answers.append((answer.status, answer.headers["ETag"], answer.body))
                after = re.search(r"<" + BASE + r"([^>]*)>; *rel=\"next\"", answer.headers.get("Link") or "")
                at = after and after[1]
            found[path] = answers
        return found

    def tables(self, version):
        return {table: self.pair.sql(sql, version, version) for table, sql in TABLES.items()}

    def merged(self, version):
        def look():
            newest = self.pair.sql("select state, reason, findings from deliveries order by id desc limit 1")
            assert newest[0][0] in ("received", "merged"), str(newest)[:2000]
            if self.pair.sql("select version from ecosystems") != [(version,)]:
                return False
            # the other one is told of it in a moment
            return all(self.ask(replica, "GET", "/teams").json["version"] == version for replica in self.pair.replicas)
        eventually(look, f"version {version} is in force", 60)

    def advance(self, history, version):
        """The next version, by one of the ways there are."""
        replica = history.r.choice(self.pair.replicas)
        if version > 4 and history.r.random() < 0.2:
            to = history.r.randrange(1, version - 1)
            answer = self.ask(replica, "POST", "/rollbacks", {"to": to, "reason": "a test"})
            if answer.status == 409:  # it has the same content
                return False
            self.assertEqual(answer.status, 201, answer)
            self.held = answer.json["hold"]["id"]
            return True
        if self.held:  # what it lets in is a commit as any other
            hold, self.held = self.held, None
            self.assertEqual(self.ask(replica, "POST", f"/holds/{hold}/release").status, 200)
            return True
        history.step()
        self.commit(history)
        self.assertEqual(self.ask(replica, "POST", "/merges").status, 202)
        return True

    def commit(self, history):
        files = history.files()
        gone = [path for path in self.repository.git("ls-files").splitlines() if path not in files]
        self.repository.commit({**files, **dict.fromkeys(gone)})

    def test_each_version_reads_as_it_did_when_it_was_in_force(self):
        history, self.held = History(SEED), None
        history.add_workspace()
        # s1 stays: others are made of it
        history.workspaces["w0"] = {"path": "w0.yaml", "team": "sales", "priority": "low", "reads": ["s1"], "platform": "ny"}
        self.commit(history)
        self.ask(self.pair.replicas[0], "POST", "/merges")
        self.merged(1)
        seen, version = {}, 1
        while True:
            tables = self.tables(version)
            names = [f"/{row[0].lower()}s/{row[1]}" for row in history.r.sample(
                [row for row in tables["objects"] if row[0] in ("Datastore", "Workspace")], 6)]
            paths = LISTS + tuple(names) + (f"/versions/{version}/plan",)
            seen[version] = paths, self.read(self.pair.replicas[0], paths), tables
            self.compare(version, self.read(self.pair.replicas[1], paths), seen[version][1], "the other replica")
            if version == VERSIONS:
                break
            while not self.advance(history, version):
                pass
            version += 1
            self.merged(version)
        self.assertGreater(len(seen[VERSIONS][2]["objects"]), 200)
        self.look_back(seen, "as they are")
        self.pair.replicas[0].kill()
        self.links.pop("A").close()
        self.pair.replicas[0].start().wait_ready()
        self.look_back(seen, "after a restart", self.pair.replicas[:1])

    def look_back(self, seen, when, replicas=None):
        order = sorted(seen)
        random.Random(SEED).shuffle(order)
        for version in order:
            paths, read, tables = seen[version]
            paths = [path for path in paths if not path.startswith("/versions/")]
            for replica in replicas or self.pair.replicas:
                then = self.read(replica, paths, version)
                plan = self.read(replica, [f"/versions/{version}/plan"])
                self.compare(version, {**then, **plan}, read, f"replica {replica.name} {when}")
            now = self.tables(version)
            for table, rows in tables.items():
                self.assertEqual(now[table], rows, f"{table} of version {version} {when}")

    def compare(self, version, found, expected, where):
        self.assertEqual(set(found), set(expected))
        for path, answers in expected.items():
            if path.startswith("/datastores?") or path in LISTS:
                self.assertEqual(answers[0][0], 200, (path, answers[0][2][:500]))
            for (_, tag, body), (_, old_tag, old) in zip(found[path], answers):
                at = next((i for i, (a, b) in enumerate(zip(body, old)) if a != b), min(len(body), len(old)))
                self.assertTrue(body == old, f"{path} of version {version}, {where}: {body[max(at - 200, 0):at + 200]} was "
                                             f"{old[max(at - 200, 0):at + 200]}")
                self.assertEqual(tag, old_tag, f"{path} of version {version}, {where}")
            self.assertEqual(len(found[path]), len(answers), f"{path} of version {version}, {where}")


if __name__ == "__main__":
    unittest.main()
