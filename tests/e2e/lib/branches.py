"""Branches for tests of many replicas: small models in real repositories, and what each commit of them must become."""

import os
import subprocess

from lib.repository import ENVIRONMENT

BASE = """kind: Ecosystem
name: {name}
owner: {{repository: acme/data-model, branch: main}}
vendors: [{{name: MyCorp, cloud: private, locations: [USA/NY_1]}}]
zones: [{{name: usa, owner: {{repository: acme/data-model, branch: main}}}}]
---
kind: GovernanceZone
name: usa
teams:
  - {{name: sales, owner: {{repository: acme/data-model, branch: main}}}}
  - {{name: beside, owner: {{repository: acme/beside, branch: main}}}}
---
kind: DataContainer
name: db
type: postgres
host: 127.0.0.1
port: 5432
database: crm
locations: ["MyCorp:USA/NY_1"]
storage: 1Gi
---
kind: Credential
name: rw
type: user-password
containers: [db]
---
kind: PlatformServiceProvider
name: ny
namespace: ny
assembly: yellow-local
merge: {{container: db, credential: rw}}
image: registry.example.net/yellow:1.0.0
platforms:
  - {{name: Live, milestoning: live}}
"""
STORE = """---
kind: Datastore
name: {store}{i}
team: usa/{team}
production: true
capture: {{type: sql-snapshot, schedule: external, container: db, credential: rw}}
datasets: [{{name: t, classification: IP, columns: [{{name: id, type: int64, key: true}}]}}]
"""
SINK = """---
kind: Workspace
name: {workspace}{i}
team: usa/{team}
production: true
groups: [{{name: now, platform: {{name: Live}}, sinks: [{{store: {store}{i}, dataset: t}}]}}]
"""
STORES = 3
OWN = {"team": "sales", "store": "s", "workspace": "w", "note": "note-"}
BESIDE = {"team": "beside", "store": "b", "workspace": "v", "note": "noted-"}


class Commit:
    """oid, its place, and what it says: which of the stores flow, and a store that nobody consumes. One that is not valid
    is rejected."""

    def __init__(self, place, parent, flows, valid, names):
        self.place, self.parent, self.flows, self.valid, self.oid = place, parent, flows, valid, None
        self.names = names

    def objects(self):
        """kind and name of what is in it beside what all commits of its branch have."""
        return {("Datastore", self.names["note"] + str(self.place))} | {
            ("Workspace", self.names["workspace"] + str(i)) for i in self.flows}

    def text(self):
        text = STORE.format(i=self.place, **dict(self.names, store=self.names["note"])) + "".join(
            SINK.format(i=i, **self.names) for i in sorted(self.flows))
        return text if self.valid else text + "---\nkind: Credential\nname: bad\ntype: nothing-known\n"


class Branch:
    """A repository of an ecosystem: its commits, made at once, and what main pointed to, push after push. beside: the
    branch of the ecosystem's own repository, when this is that of a team."""

    def __init__(self, folder, name, randomness, count, beside=None):
        self.name, self.folder = name, f"{folder}/{name}.git"
        self.ecosystem, self.repository = (beside.name, "beside") if beside else (name, "")
        self.called = "acme/beside" if beside else "acme/data-model"
        self.names = BESIDE if beside else OWN
        self.base = ("" if beside else BASE.format(name=self.name)) + "".join(
            STORE.format(i=i, **self.names) for i in range(STORES))
        self.commits = []
        for place in range(count):
            # mostly one after the other, now and then from an older one: a forced push leads there
            parent = None if not place else place - 1 if randomness.random() < 0.85 else randomness.randrange(place)
            flows = frozenset(i for i in range(STORES) if randomness.random() < 0.5)
            self.commits.append(Commit(place, parent, flows, randomness.random() < 0.8, self.names))
        self.heads = []
        self.make()

    def make(self):
        for part in ("objects/info", "objects/pack", "refs/heads"):
            os.makedirs(f"{self.folder}/{part}")
        self.write("HEAD", "ref: refs/heads/main\n")
        self.write("config", "[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
        lines = []
        for commit in self.commits:
            lines += ["commit refs/heads/made", f"mark :{commit.place + 1}",
                      f"committer Ada <ada@example.net> {1700000000 + commit.place} +0000", *data(f"commit {commit.place}")]
            if commit.parent is not None:
                lines.append(f"from :{commit.parent + 1}")
            else:
                lines += ["M 100644 inline base.yaml", *data(self.base)]
            lines += ["M 100644 inline change.yaml", *data(commit.text())]
        lines += [f"get-mark :{commit.place + 1}" for commit in self.commits]
        made = subprocess.run(["git", "fast-import", "--quiet", "--force"], cwd=self.folder, env=ENVIRONMENT,
                              input="\n".join(lines + ["done", ""]), check=True, capture_output=True, text=True).stdout
        for commit, oid in zip(self.commits, made.split()):
            commit.oid = oid

    def objects(self, commit):
        """kind and name of all objects that a version has of it."""
        own = set() if self.repository else {
            ("Ecosystem", self.name), ("GovernanceZone", "usa"), ("DataContainer", "db"), ("Credential", "rw"),
            ("PlatformServiceProvider", "ny")}
        return own | {("Datastore", self.names["store"] + str(i)) for i in range(STORES)} | commit.objects()

    def write(self, path, text):
        with open(f"{self.folder}/{path}.new", "w", encoding="ascii") as file:
            file.write(text)
        os.rename(f"{self.folder}/{path}.new", f"{self.folder}/{path}")

    def push(self, commit):
        """main points to it from now on."""
        self.heads.append(commit)
        self.write("refs/heads/main", commit.oid + "\n")


def data(text):
    return f"data {len(text.encode())}", text
