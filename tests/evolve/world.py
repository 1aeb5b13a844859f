"""The company's world: a running server with PostgreSQL of its own, the git repository of examples/acme, a forge that
is told, a source database and a merge database; and what can happen in it. Each thing that happens leaves facts behind,
lists of lines by name; the table of steps says which were expected."""

import os
import re
import subprocess

from lib.forge import TOKEN, Forge, token_file
from lib.postgres import Postgres
from lib.repository import Repository
from lib.server import YELLOW, Ecosystem, Server, eventually

import shown

PSP = "yellow-ny"
NAMES = ("delivery", "findings", "plan", "streams", "stack", "audit", "forge", "seen")


class World:
    def __init__(self):
        self.forge = Forge()
        self.database = Postgres()
        self.server = None
        try:
            self.database.start()
            for name in ("crm", "merge"):
                self.database.sql("postgres", f"create database {name}")
            # The poller is asleep until a step wakes it: it must not be faster than a webhook.
            self.server = Server("--poll-interval", "24h")
            self.server.env["YELLOW_GIT_TOKEN_FILE"] = token_file(self.server.folder)
            self.server.secrets += [TOKEN, Postgres.password]
            self.server.start()
            self._register()
        except BaseException:
            self.close()
            raise
        self.commits = {}  # id -> what it is called here
        self.jobs, self.audited, self.version, self.told = {}, 0, 0, 0
        self.planned = self.change = self.hold = None
        self.begin()

    def close(self):
        self.forge.close()
        try:
            if self.server:
                self.server.close()
        finally:
            self.database.close()

    def _register(self):
        self.repository = Repository(self.server.folder, "acme")
        # The model as it is but for where its databases are.
        text = re.sub(r"(?m)^host: .*", "host: 127.0.0.1", self.repository.read("containers.yaml"))
        self.repository.commit({"containers.yaml": re.sub(r"(?m)^port: .*", f"port: {self.database.port}", text)},
                               "The model of acme")
        self.eco = Ecosystem(self.server, "acme", self.repository)
        answer = self.eco.request("PUT", "", {
            "repository": {"url": self.repository.url, "branch": "main", "name": "acme/data-model"},
            "webhook_secrets": [{"file": self.eco.secret_path}],
            "forge": {"kind": "github", "api": self.forge.url, "repository": "acme/data-model"}})
        assert answer.status == 201, answer
        for name in ("crm-reader", "merge-rw"):
            folder = f"{self.server.folder}/credentials/{name}"
            os.makedirs(folder)
            for key, text in (("username", "yellow"), ("password", Postgres.password)):
                with open(f"{folder}/{key}", "w", encoding="ascii") as file:
                    file.write(text + "\n")

    # --- what is looked at after each step ----------------------------------------------------------------------------

    def begin(self):
        self.facts = {name: [] for name in NAMES}

    def say(self, name, *lines):
        self.facts[name] += [self._named(line) for line in lines]

    def _named(self, line):
        """Ids by what they are called here; a plan's, a time and a port are only said to be one."""
        for oid, name in self.commits.items():
            line = line.replace(oid, name).replace(oid[:12], name)
        line = re.sub(r"\b[0-9a-f]{64}\b", "PLAN", line)
        line = re.sub(r"\b\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", line)
        return line.replace(f"127.0.0.1:{self.database.port}", "127.0.0.1:PORT")

    def ask(self, method, path, *rest, status=200, **options):
        answer = self.eco.request(method, path, *rest, **options)
        if answer.status != status:
            raise AssertionError(f"{method} {path} answered {answer}")
        return answer.json if answer.body else None

    def _list(self, path):
        items, cursor = [], ""
        while path:
            answer = self.eco.get(f"{path}?limit=100{cursor}")
            assert answer.status == 200, answer
            items += answer.json["items"]
            following = re.search(r"cursor=([^&>]*)", answer.headers.get("Link") or "")
            if not following:
                return items
            cursor = "&cursor=" + following.group(1)
        return items

    def observe(self):
        """The facts that every step leaves: the difference of streams and transformers, of the stacks when the version
        is another, and the new rows of the audit (by name: two workers take no turns)."""
        open_ones = "select count(*) from deliveries where state = 'received'"
        eventually(lambda: self.server.sql(open_ones)[0][0] == 0, "every delivery has an outcome")
        jobs = shown.jobs(self._list("/streams") + self._list("/transformers"))
        self.say("streams", *shown.jobs_difference(self.jobs, jobs))
        self.jobs = jobs
        version = self.eco.version()
        if version != self.version and self.version:
            diff = self.ask("GET", f"/psps/{PSP}/stack/diff?from={self.version}&to={version}")
            self.say("stack", *shown.stack(diff))
        self.version = version
        rows = [row for row in self._list("/audit") if row["id"] > self.audited]
        self.say("audit", *sorted(shown.audit(row) for row in rows))
        self.audited = max([self.audited, *(row["id"] for row in rows)])
        return self.facts

    # --- what can happen ----------------------------------------------------------------------------------------------

    def commit(self, *edits, name, branch="main", force=False):
        """Edits in the working tree, committed and pushed."""
        files = {}
        for path, change in edits:
            files[path] = change(files.get(path) or self.repository.read(path)) if callable(change) else change
        oid = self.repository.commit(files, name, push=False)
        self.repository.push(*(["-f"] if force else []), branch=branch)
        self.commits[oid] = name
        return oid

    def plan(self, ref="main"):
        """Asks for the plan of what was pushed."""
        document = self.ask("POST", "/plans", {"ref": ref})
        self.show(document)
        self.planned = document
        return document

    def show(self, document):
        self.say("plan", *shown.plan(document))

    @staticmethod
    def hold_text(hold):
        return ", ".join(f"{key} {hold[key]}" for key in ("scope", "commit", "version", "rolled_back_to", "reason",
                                                          "held_by", "released_by") if hold[key])

    def settle(self, number):
        outcome = self.eco.outcome(number)
        self.say("delivery", shown.delivery(outcome))
        self.say("findings", *shown.findings(outcome["findings"] or []))
        return outcome

    def webhook(self, commit, planned):
        """Tells of a push; what came in force has to be the plan that was shown before."""
        outcome = self.settle(self.eco.push(commit))
        if outcome["state"] == "merged" and outcome["version"] != self.version:
            applied = self.ask("GET", f"/versions/{outcome['version']}/plan")
            differs = [key for key in applied if key != "summary" and planned.get(key) != applied[key]]
            self.say("seen", *(f"what was applied is not what was planned: {key}" for key in sorted(differs)))
        return outcome

    def push(self, *edits, name, force=False):
        commit = self.commit(*edits, name=name, force=force)
        return self.webhook(commit, self.plan())

    def pull(self, number, action, head, labels=(), label=None):
        """A pull request's webhook."""
        payload = {"action": action, "sender": {"login": "ada"}, "pull_request": {
            "number": number, "state": "open", "head": {"sha": head, "ref": "change"}, "base": {"ref": "main"},
            "labels": [{"name": name} for name in labels]}}
        if label:
            payload["label"] = {"name": label}
        answer = self.eco.webhook(payload, event="pull_request")
        assert answer.status == 202, answer
        return self.settle(answer.json["id"])

    def hear(self, quietly=False):
        """What the forge was told since it was last listened to, once all of it is."""
        waiting = "select count(*) from forge_reports where sent is distinct from content and not given_up"
        eventually(lambda: self.server.sql(waiting)[0][0] == 0, "the forge is told everything")
        for method, path, _, body in self.forge.requests[self.told:]:
            kind, subject = path.replace("/repos/acme/data-model/", "").rsplit("/", 1)
            text = body.get("description") or body["body"].split("\n")[0]
            if not quietly:
                self.say("forge", f"{method} {kind} {subject}: {body.get('state', 'comment')}, {text}")
        self.told = len(self.forge.requests)

    def restart(self, *flags):
        """The server stops and starts, with other settings."""
        self.server.stop()
        self.server.flags = flags
        self.server.start()

    def run(self, platform, stream):
        """A run from outside, as Airflow's pods are."""
        done = subprocess.run(
            [YELLOW, "job", "run", "--ecosystem", "acme", "--platform", platform, "--stream", stream],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
            env={"PATH": os.environ["PATH"], "YELLOW_URL": f"http://127.0.0.1:{self.server.port}",
                 "YELLOW_TOKEN_FILE": self.server.token_path,
                 "YELLOW_CREDENTIALS": self.server.folder + "/credentials"})
        if done.returncode:
            raise AssertionError(f"the job ended with {done.returncode}: {done.stdout}{done.stderr}")
        batch = self.ask("GET", f"/platforms/{platform}/streams/{stream}/batches?limit=1")["items"][0]
        counts = ", ".join(f"{batch['counts'][key]} {key}" for key in sorted(batch["counts"]) if batch["counts"][key])
        self.say("seen", f"{platform}/{stream}, batch {batch['batch']} {batch['state']}: {counts}")

    def rows(self, view, columns):
        """What a consumer reads in a view."""
        for row in self.database.sql("merge", f"select {columns} from acme__yellowlive__{view} order by 1"):
            self.say("seen", f"{view}: " + ", ".join("null" if cell is None else str(cell) for cell in row))

    def leaks(self):
        return self.server.leaks()
