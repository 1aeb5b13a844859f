"""A real `yellow serve` with a PostgreSQL of its own, in a temporary folder, and how to talk to it."""

import hashlib
import hmac
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import psycopg2

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
YELLOW = os.environ.get("YELLOW", SOURCE + "/build/test/yellow")


def free_port():
    """Not one that the kernel gives to clients: who tries to connect to such a port while nobody listens can end up
    connected to himself, and holds it."""
    while True:
        with socket.socket() as sock:
            port = random.randrange(15000, 30000)
            try:
                sock.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def eventually(look, why, seconds=30):
    """What look() gives once it is true; it is asked again until then. Fails with `why` after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {why() if callable(why) else why}")
        time.sleep(0.02)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:2000]!r}"


class Server:
    """Started by start(); everything it says is kept, so that leaks() can look for secrets in it."""

    def __init__(self, *flags, env=None):
        self.folder = tempfile.mkdtemp(prefix="yellow-e2e-")
        os.chmod(self.folder, 0o755)  # PostgreSQL's user has to enter it
        self.port = free_port()
        self.flags = flags
        self.program = YELLOW
        self.env = dict(os.environ, **(env or {}))
        self.cluster = self.folder + "/postgres"
        self.log_path = self.folder + "/log"
        self.token_path = self.folder + "/admin-token"
        self.process = None
        self.answers = []
        self.secrets = []
        self.token = None

    def launch(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "serve", "--embedded-postgres", self.cluster, "--state", self.folder + "/state", "--port",
                 str(self.port), "--admin-token-file", self.token_path, *self.flags],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env)

    def start(self):
        self.launch()
        self.wait_ready()
        if not self.token:
            with open(self.token_path, encoding="ascii") as file:
                self.token = file.read().strip()
            self.secrets.append(self.token)
        return self

    def wait_ready(self):
        def ready():
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}: {self.log()[-3000:]}")
            try:
                return self.get("/readyz", token=None).status == 200
            except OSError:
                return False
        eventually(ready, lambda: "ready: " + self.log()[-3000:], 60)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            code = self.process.wait(60)
            assert code == 0, f"the server ended with {code}: {self.log()[-3000:]}"

    def kill(self):
        self.process.kill()
        self.process.wait(60)

    def close(self):
        try:
            self.stop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def request(self, method, path, body=None, token="admin", headers=None, keep=True):
        """One request on a connection of its own. body: bytes as they are, anything else as JSON."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        if token:
            headers.setdefault("Authorization", "Bearer " + (self.token if token == "admin" else token))
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        finally:
            connection.close()
        if keep:
            self.answers.append(str(response.headers).encode() + answer.body)
        return answer

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def connect(self):
        """To the server's own cluster."""
        with open(self.cluster + "/url", encoding="utf-8") as file:
            return psycopg2.connect(file.read().strip())

    def sql(self, statement, *values):
        """Rows of one statement on the server's own cluster."""
        connection = self.connect()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def peak_memory(self):
        """VmHWM in KiB."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))

    def secret(self, name):
        """A file with a new webhook secret; its path and value."""
        value = os.urandom(24).hex()
        path = f"{self.folder}/secret-{name}"
        with open(path, "w", encoding="ascii") as file:
            file.write(value + "\n")
        self.secrets.append(value)
        return path, value

    def make_token(self, name, *scopes, ecosystem=None):
        command = [YELLOW, "token", "create", "--embedded-postgres", self.cluster, "--name", name]
        for scope in scopes:
            command += ["--scope", scope]
        if ecosystem:
            command += ["--ecosystem", ecosystem]
        token = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        self.secrets.append(token)
        return token

    def leaks(self):
        """Where a secret shows: in the log, in an answer, in the database."""
        places = [("log", self.log().encode())] + [("answer", answer) for answer in self.answers]
        for table in ("audit", "deliveries", "ecosystems", "versions", "tokens", "idempotency_keys", "forge_reports"):
            places += [(table, str(row).encode()) for row in self.sql(f"select to_jsonb(t) from {table} t")]
        return [(place, text[:300]) for place, text in places
                for secret in self.secrets if secret.encode() in text]


# Of each forge the headers of an event, of its id and of its signature, and what that is made of the HMAC and the secret.
FORGES = {
    "github": ("X-GitHub-Event", "X-GitHub-Delivery", "X-Hub-Signature-256", lambda mac, secret: "sha256=" + mac),
    "gitlab": ("X-Gitlab-Event", "X-Gitlab-Event-UUID", "X-Gitlab-Token", lambda mac, secret: secret),
    "bitbucket": ("X-Event-Key", "X-Request-UUID", "X-Hub-Signature", lambda mac, secret: "sha256=" + mac),
    "gitea": ("X-Gitea-Event", "X-Gitea-Delivery", "X-Gitea-Signature", lambda mac, secret: mac),
    "forgejo": ("X-Forgejo-Event", "X-Forgejo-Delivery", "X-Forgejo-Signature", lambda mac, secret: mac),
}


class Ecosystem:
    """A registered repository, and its webhooks: an ecosystem's own one, or the one of that name beside it."""

    def __init__(self, server, name, git, branch="main", repository=None):
        self.server, self.name, self.repository, self.branch = server, name, git, branch
        self.path = f"/v1/ecosystems/{name}"
        self.place = self.path + (f"/repositories/{repository}" if repository else "")
        self.secret_path, self.secret = server.secret(name + (f"-{repository}" if repository else ""))
        self.sent = 0

    def register(self, called=None):
        """called: what owners in the model call the repository."""
        answer = self.server.request("PUT", self.place, {
            "repository": {"url": self.repository.url, "branch": self.branch, "name": called},
            "webhook_secrets": [{"file": self.secret_path}]})
        assert answer.status == 201, answer
        return self

    def sign(self, body, secret=None):
        return "sha256=" + hmac.new((secret or self.secret).encode(), body, hashlib.sha256).hexdigest()

    def webhook(self, payload, event="push", forge_id=None, signature=None, content_type="application/json"):
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.sent += 1
        headers = {"X-GitHub-Event": event, "X-GitHub-Delivery": forge_id or f"{self.name}-{self.sent}-{id(body)}",
                   "Content-Type": content_type}
        if signature != "absent":
            headers["X-Hub-Signature-256"] = signature or self.sign(body)
        return self.server.request("POST", self.place + "/webhooks/github", body, token=None, headers=headers)

    def hear(self, forge, event, body):
        """The webhook of any forge, signed in its own way."""
        names, self.sent = FORGES[forge], self.sent + 1
        mac = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        return self.server.request("POST", f"{self.place}/webhooks/{forge}", body, token=None, headers={
            names[0]: event, names[1]: f"{self.name}-{self.sent}", names[2]: names[3](mac, self.secret),
            "Content-Type": "application/json"})

    def push(self, commit, ref=None, **members):
        """The delivery's id for a push that GitHub tells of."""
        answer = self.webhook({"ref": ref or f"refs/heads/{self.branch}", "before": "0" * 40, "after": commit,
                               "deleted": False, "forced": False, **members})
        assert answer.status == 202, answer
        return answer.json["id"]

    def delivery(self, number):
        answer = self.server.get(f"{self.path}/deliveries/{number}", keep=False)
        return answer.json if answer.status == 200 else {"state": f"({answer.status})"}

    def outcome(self, number, seconds=30):
        def look():
            delivery = self.delivery(number)
            return delivery["state"] not in ("received", "(503)") and delivery
        return eventually(look, lambda: f"outcome of delivery {number}: {self.delivery(number)}", seconds)

    def merge(self, files, message="change"):
        """Commits files, pushes, tells of it, and waits: the delivery."""
        return self.outcome(self.push(self.repository.commit(files, message)))

    def version(self):
        return self.server.get(self.path).json["version"]

    def get(self, path, **options):
        return self.server.get(self.path + path, **options)

    def request(self, method, path, *rest, **options):
        return self.server.request(method, self.path + path, *rest, **options)


class Case(unittest.TestCase):
    """Tests that share one server. At its end no secret may have shown anywhere."""

    flags = ()
    environment = {}
    server = None

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.flags, env=cls.environment)
        cls.addClassCleanup(cls.server.close)
        cls.server.start()
        cls.prepare()

    @classmethod
    def prepare(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        assert not cls.server.leaks(), cls.server.leaks()

    def assert_status(self, answer, status, code=None):
        self.assertEqual(answer.status, status, answer)
        if code:
            self.assertEqual(answer.json["code"], code, answer)
        return answer
