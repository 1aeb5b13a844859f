"""Large models, made out of numbers: for bench/schedule, script/scale and whoever else needs one."""

HEAD = """kind: Ecosystem
name: {name}
owner: {{repository: {name}/data-model, branch: main}}
vendors: [{{name: MyCorp, cloud: private, locations: [USA/NY_1]}}]
zones: [{{name: usa, owner: {{repository: {name}/data-model, branch: main}}}}]
---
kind: GovernanceZone
name: usa
teams: [{{name: data, owner: {{repository: {name}/data-model, branch: main}}}}]
---
kind: Credential
name: reader
type: user-password
containers: [{sources}]
---
kind: Credential
name: writer
type: user-password
containers: [merge]
---
kind: DataContainer
name: merge
type: postgres
host: 127.0.0.1
port: {merge_port}
database: {merge_database}
locations: ["MyCorp:USA/NY_1"]
storage: 1Ti
---
kind: PlatformServiceProvider
name: local
namespace: local
assembly: yellow-local
merge: {{container: merge, credential: writer}}
image: registry.example.net/yellow:1.0.0
platforms:
{platforms}
"""

CONTAINER = """---
kind: DataContainer
name: {name}
type: postgres
host: 127.0.0.1
port: {port}
database: {database}
locations: ["MyCorp:USA/NY_1"]
storage: 1Ti
"""


class Model:
    """sources: [(container, port, database)]. Stores are named s0, s1, ...; store i is on source i modulo their number;
    its datasets are t0, t1, ... with the key id, and columns c0, c1, ...; dataset k of store i is table
    "s{i}"."t{k}" of its source."""

    def __init__(self, name, sources, merge, stores, datasets, columns=2, workspaces=1, schedule="external",
                 platforms=(("Live", "live"),), sinks=None):
        self.name, self.sources, self.merge, self.stores, self.datasets = name, sources, merge, stores, datasets
        self.columns, self.workspaces, self.schedule, self.platforms = columns, workspaces, schedule, platforms
        self.sinks = sinks  # how many each workspace reads; None: all are shared out among them

    def source_of(self, store):
        return self.sources[store % len(self.sources)]

    def store(self, i):
        lines = ["---", "kind: Datastore", f"name: s{i}", "team: usa/data", "production: true", "capture:",
                 f"  {{type: sql-snapshot, container: {self.source_of(i)[0]}, credential: reader, "
                 f"schedule: \"{self.schedule}\"}}", "datasets:"]
        columns = ["{name: id, type: int64, key: true}"]
        columns += [f"{{name: c{c}, type: {('text', 'int32', 'timestamp')[c % 3]}, nullable: true}}"
                    for c in range(self.columns)]
        for k in range(self.datasets):
            lines.append(f"  - {{name: t{k}, table: s{i}.t{k}, classification: PUB, columns: [{', '.join(columns)}]}}")
        return "\n".join(lines) + "\n"

    def pairs_of(self, workspace):
        everything = [(i, k) for i in range(self.stores) for k in range(self.datasets)]
        if self.sinks is None:
            return everything[workspace::self.workspaces]
        start = workspace * self.sinks
        return [everything[(start + n) % len(everything)] for n in range(min(self.sinks, len(everything)))]

    def workspace(self, w):
        sinks = "\n".join(f"      - {{store: s{i}, dataset: t{k}}}" for i, k in self.pairs_of(w))
        groups = "".join(f"  - name: {name.lower()}\n    platform: {{name: {name}}}\n    sinks:\n{sinks}\n"
                         for name, _ in self.platforms)
        return f"---\nkind: Workspace\nname: w{w}\nteam: usa/data\nproduction: true\ngroups:\n{groups}"

    def files(self):
        """Path -> text."""
        platforms = "\n".join(f"  - {{name: {name}, milestoning: {kind}}}" for name, kind in self.platforms)
        head = HEAD.format(name=self.name, merge_port=self.merge[0], merge_database=self.merge[1], platforms=platforms,
                           sources=", ".join(n for n, _, _ in self.sources))
        head += "".join(CONTAINER.format(name=n, port=p, database=d) for n, p, d in self.sources)
        files = {"platform.yaml": head}
        for i in range(self.stores):
            files[f"stores/s{i}.yaml"] = self.store(i)
        for w in range(self.workspaces):
            files[f"workspaces/w{w}.yaml"] = self.workspace(w)
        return files

    def tables(self, source):
        """SQL that makes the tables of one source, with rows rows each."""
        types = ("text", "integer", "timestamp")
        columns = "".join(f", c{c} {types[c % 3]}" for c in range(self.columns))
        statements = []
        for i in range(self.stores):
            if self.source_of(i) != source:
                continue
            statements.append(f"create schema s{i};")
            statements += [f"create table s{i}.t{k} (id bigint primary key{columns});" for k in range(self.datasets)]
        return statements
