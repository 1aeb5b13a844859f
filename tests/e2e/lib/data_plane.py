"""A model of one team whose streams read a source and fill a merge database, each a PostgreSQL of its own, and jobs
for them."""

import os
import subprocess
import uuid

from lib.postgres import Postgres
from lib.repository import Repository
from lib.server import YELLOW, Case, Ecosystem

HEAD = """
kind: Ecosystem
name: {eco}
owner: {{repository: acme/data-model, branch: main}}
vendors: [{{name: MyCorp, cloud: private, locations: [USA/NY_1]}}]
zones: [{{name: usa, owner: {{repository: acme/data-model, branch: main}}}}]
---
kind: GovernanceZone
name: usa
teams: [{{name: sales, owner: {{repository: acme/data-model, branch: main}}}}]
---
kind: DataContainer
name: crm-db
type: postgres
host: 127.0.0.1
port: {source[0]}
database: {source[1]}
locations: ["MyCorp:USA/NY_1"]
storage: 1Gi
---
kind: DataContainer
name: merge-db
type: postgres
host: 127.0.0.1
port: {merge[0]}
database: {merge[1]}
locations: ["MyCorp:USA/NY_1"]
storage: 1Gi
---
kind: Credential
name: crm-reader
type: user-password
containers: [crm-db]
---
kind: Credential
name: merge-rw
type: user-password
containers: [merge-db]
---
kind: Workspace
name: marketing
team: usa/sales
production: true
groups:
  - name: now
    platform: {{name: {eco}Live}}
    sinks: [{live}]
  - name: past
    platform: {{name: {eco}Forensic}}
    sinks: [{milestoned}]
---
kind: PlatformServiceProvider
name: ny
namespace: ny
assembly: yellow-local
merge: {{container: merge-db, credential: merge-rw}}
image: registry.example.net/yellow:1.0.0
platforms:
  - {{name: {eco}Live, milestoning: live}}
  - {{name: {eco}Forensic, milestoning: milestoned}}
"""

LAKE = """---
kind: DataContainer
name: lake
type: s3
endpoint: {endpoint}
bucket: lake
region: us-east-1
locations: ["MyCorp:USA/NY_1"]
---
kind: Credential
name: lake-keys
type: s3-keys
containers: [lake]
"""
SNAPSHOT = """---
kind: Datastore
name: {name}
team: usa/sales
production: true
capture: {{type: sql-snapshot, container: crm-db, credential: crm-reader, schedule: external}}
datasets:
"""


def snapshot_store(name, **tables):
    """A datastore of tables of the schema of its name; each table: column -> type, of which the first is the key."""
    text = SNAPSHOT.format(name=name)
    for table, columns in tables.items():
        text += f"  - name: {table}\n    table: {name}.{table}\n    classification: IP\n    columns:\n"
        for column, type_ in columns.items():
            kind = "key" if column == next(iter(columns)) else "nullable"
            text += f"      - {{name: {column}, type: {type_}, {kind}: true}}\n"
    return text


def head(eco, source, merge, live, milestoned):
    """A model without its datastores. source, merge: (port, database); live, milestoned: [(store, dataset)] that are
    consumed, in the groups now and past of workspace marketing."""
    def sinks(pairs):
        return ", ".join(f"{{store: {store}, dataset: {dataset}}}" for store, dataset in pairs)
    return HEAD.format(eco=eco, source=source, merge=merge, live=sinks(live), milestoned=sinks(milestoned))


class DataPlane(Case):
    """Each test has an ecosystem of its own, self.name; the source's database is "crm", the merge database "merged"."""

    flags = ("--run-lease", "60s")

    @classmethod
    def setUpClass(cls):
        cls.source, cls.merge = Postgres(), Postgres()
        for cluster in (cls.source, cls.merge):
            cls.addClassCleanup(cluster.close)
            cluster.start()
        # What sql-incremental reads depends on which transactions run: only those of the test do.
        cls.source.sql("postgres", "alter system set autovacuum = off")
        cls.source.sql("postgres", "select pg_reload_conf()")
        cls.source.sql("postgres", "create database crm")
        cls.merge.sql("postgres", "create database merged")
        super().setUpClass()
        cls.server.secrets.append(Postgres.password)
        cls.ports = {"source": cls.source.port, "merge": cls.merge.port, "server": cls.server.port}
        cls.source_connection = cls.source.connect("crm")
        cls.merge_connection = cls.merge.connect("merged")

    @classmethod
    def tearDownClass(cls):
        for connection in (cls.source_connection, cls.merge_connection):
            connection.close()
        super().tearDownClass()

    def setUp(self):
        self.name = f"e{uuid.uuid4().hex[:8]}"
        self.folder = f"{self.server.folder}/{self.name}-credentials"
        for name, values in self.credentials().items():
            os.makedirs(f"{self.folder}/{name}")
            for key, value in values.items():
                with open(f"{self.folder}/{name}/{key}", "w", encoding="ascii") as file:
                    file.write(value + "\n")

    @staticmethod
    def credentials():
        user = {"username": "yellow", "password": Postgres.password}
        return {"crm-reader": user, "merge-rw": user}

    def commit_model(self, stores, live, milestoned):
        """stores: YAML of datastores (and what they need); live, milestoned: as of head."""
        documents = stores.split("---\n")
        files = {f"stores{i}.yaml": "---\n".join(documents[i:i + 500]) for i in range(0, len(documents), 500)}
        files["model.yaml"] = head(self.name, (self.ports["source"], "crm"), (self.ports["merge"], "merged"), live, milestoned)
        self.repository = Repository(self.server.folder, self.name, model=False)
        self.repository.commit(files)
        self.eco = Ecosystem(self.server, self.name, self.repository).register()
        outcome = self.eco.outcome(self.eco.push(self.repository.head()))
        self.assertEqual(outcome["state"], "merged", outcome)

    def merge_sql(self, statement, *values):
        with self.merge_connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall()

    def schema(self, platform):
        return f"{self.name}__{platform}".lower()

    def start_job(self, platform, stream, program=(YELLOW, "job", "run", "--ecosystem"), **env):
        words = (self.name, platform, stream)
        if len(program) > 1:
            words = (self.name, "--platform", platform, "--stream", stream)
        environment = {"PATH": os.environ["PATH"], "YELLOW_URL": f"http://127.0.0.1:{self.ports['server']}",
                       "YELLOW_TOKEN_FILE": self.server.token_path, "YELLOW_CREDENTIALS": self.folder,
                       **{key: str(value) for key, value in env.items()}}
        return subprocess.Popen([*program, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, env=environment)

    def run_job(self, platform, stream, timeout=120, **options):
        """Exit status and what it said."""
        process = self.start_job(platform, stream, **options)
        output, _ = process.communicate(timeout=timeout)
        return process.returncode, output
