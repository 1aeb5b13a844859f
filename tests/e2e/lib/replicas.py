"""Two replicas of the server on one database, whose processes die, stand still or lose a connection at points that a test
chooses. They are tests/e2e/faulty_yellow (tests/control/faulty_yellow.c), which is `yellow` but for that."""

import http.client
import json
import mmap
import os
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import urllib.parse

from lib.postgres import Postgres
from lib.server import YELLOW, Answer, eventually, free_port

FAULTY = os.path.dirname(YELLOW) + "/tests/e2e/faulty_yellow"
WORKS = ("any", "receive", "claim", "commit", "give-back", "expire")
ACTIONS = ("kill", "kill-replica", "stop", "stop-replica", "cut")
ROLES = ("serve", "work")


class Board:
    """What faulty_yellow.c calls so: the fault that the processes of one role wait for, and who they are."""

    FIELDS = ("armed", "work", "at", "action", "points", "struck")

    def __init__(self, path):
        self.path = path
        with open(path, "w+b") as file:
            file.truncate(8 * (len(ROLES) * len(self.FIELDS) + 2 * len(ROLES)))
            self.memory = mmap.mmap(file.fileno(), 0)

    def place(self, role, field):
        return 8 * (ROLES.index(role) * len(self.FIELDS) + self.FIELDS.index(field))

    def get(self, role, field):
        return struct.unpack_from("q", self.memory, self.place(role, field))[0]

    def set(self, role, field, value):
        struct.pack_into("q", self.memory, self.place(role, field), value)

    def arm(self, role, work, at, action):
        self.disarm(role)
        for field, value in (("work", WORKS.index(work)), ("at", at), ("action", ACTIONS.index(action)), ("armed", 1)):
            self.set(role, field, value)

    def struck(self, role):
        """The process that was struck, negative when it goes on; 0: none yet."""
        return self.get(role, "struck")

    def disarm(self, role):
        for field in ("armed", "points", "struck"):
            self.set(role, field, 0)

    def pid_place(self, replica, role):
        return 8 * (len(ROLES) * len(self.FIELDS) + replica * len(ROLES) + ROLES.index(role))

    def pid(self, replica, role):
        return struct.unpack_from("q", self.memory, self.pid_place(replica, role))[0]

    def forget(self, replica):
        for role in ROLES:
            struct.pack_into("q", self.memory, self.pid_place(replica, role), 0)


def state_of(pid):
    """The letter of /proc: T stands still; None: it is not there, or it is dead."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            letter = file.read().rsplit(") ", 1)[1][0]
    except OSError:
        return None
    return None if letter in "ZX" else letter


class Replica:
    """Its server is there from start() on; alive() says whether it still is."""

    def __init__(self, pair, name):
        self.pair, self.name, self.folder = pair, name, f"{pair.folder}/{name}"
        os.mkdir(self.folder)
        self.number, self.port, self.process = "AB".index(name), free_port(), None

    def start(self):
        self.pair.board.forget(self.number)
        with open(self.folder + "/log", "ab") as log:
            self.process = subprocess.Popen(
                [self.pair.program, "serve", "--state", self.folder + "/state", "--port", str(self.port), "--poll-interval", "0s",
                 "--pool-size", "6", "--http-threads", "2", *self.pair.flags],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,  # of a group whose parent ends, those that stand still get SIGHUP
                env=dict(os.environ, FAULTS=self.pair.board.path, FAULTS_REPLICA=str(self.number),
                         YELLOW_DATABASE=self.pair.url, YELLOW_ADMIN_TOKEN_FILE=self.pair.token_path))
        return self

    def pid(self, role):
        """0: there is none yet."""
        return self.process.pid if role == "serve" else self.pair.board.pid(self.number, "work")

    def alive(self):
        """Both processes; a worker that is to be started again by its server is dead for good here."""
        return self.process.poll() is None and (not self.pid("work") or state_of(self.pid("work")) is not None)

    def stopped(self):
        return [role for role in ROLES if self.pid(role) and state_of(self.pid(role)) == "T"]

    def ready(self):
        try:
            faulty = self.pair.program == FAULTY
            return (not faulty or self.pid("work")) and self.request("GET", "/readyz", timeout=5).status == 200
        except (OSError, http.client.HTTPException):
            return False

    def wait_ready(self):
        def look():
            assert self.process.poll() is None, f"replica {self.name} ended: {self.log()[-3000:]}"
            return self.ready()
        eventually(look, lambda: f"replica {self.name} is ready: {self.log()[-3000:]}", 60)

    def signal(self, number, roles=ROLES):
        for role in roles:
            try:
                if self.pid(role) and state_of(self.pid(role)):
                    os.kill(self.pid(role), number)
            except ProcessLookupError:
                pass

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait(60)

    def instance(self):
        """The name that its claims begin with."""
        try:
            with open(self.folder + "/state/workers", encoding="ascii") as file:
                return file.read()
        except OSError:
            return "-"

    def log(self):
        with open(self.folder + "/log", encoding="utf-8", errors="replace") as file:
            return file.read()

    def request(self, method, path, body=None, headers=None, timeout=60, connection=None):
        """connection: one to be used again and again; it is closed when something goes wrong."""
        link = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        headers = dict({"Authorization": "Bearer " + self.pair.token} if self.pair.token else {}, **(headers or {}))
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        try:
            link.request(method, path, body, headers)
            response = link.getresponse()
            return Answer(response.status, response.headers, response.read())
        except (OSError, http.client.HTTPException):
            link.close()
            raise
        finally:
            if not connection:
                link.close()


class Cluster(Postgres):
    """For several pairs, each with a database of its own."""

    def make_url(self, database):
        self.sql("postgres", f"create database {database}")
        return f"postgresql://yellow:{urllib.parse.quote(self.password, safe='')}@127.0.0.1:{self.port}/{database}"


class Pair:
    """Replicas A and B; flags are of both. program: `yellow` itself where nothing is to go wrong."""

    def __init__(self, cluster, database, flags=(), program=FAULTY):
        self.folder = tempfile.mkdtemp(prefix="yellow-replicas-")
        self.cluster, self.database, self.flags, self.program = cluster, database, flags, program
        self.url = cluster.make_url(database)
        self.token_path, self.token = self.folder + "/admin-token", None
        self.board = Board(self.folder + "/faults")
        self.replicas = [Replica(self, name) for name in "AB"]
        self.connection = cluster.connect(database)
        self.own = self.connection.get_backend_pid()

    def start(self):
        for replica in self.replicas:
            replica.start().wait_ready()
        with open(self.token_path, encoding="ascii") as file:
            self.token = file.read().strip()
        return self

    def restart(self):
        """After something that must not be, in a state that nobody knows."""
        for replica in self.replicas:
            replica.kill()
        for role in ROLES:
            self.board.disarm(role)
        for replica in self.replicas:
            replica.start().wait_ready()

    def sql(self, statement, *values):
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def changes(self, statement, *values):
        """How many rows it changed."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.rowcount

    def end_connections(self, like="%"):
        """Those of the replicas, as an administrator or a failing network ends them."""
        return self.changes("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
                            "and pid <> %s and state like %s", self.own, like)

    def secret(self):
        path = self.folder + "/secret"
        if not os.path.exists(path):
            with open(path, "w", encoding="ascii") as file:
                file.write(os.urandom(24).hex() + "\n")
        with open(path, encoding="ascii") as file:
            return path, file.read().strip()

    def close(self):
        for replica in self.replicas:
            if replica.process:
                replica.kill()
        self.connection.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def wait(look, why, seconds=60):
    """eventually(), looking as often as it takes to lose no time."""
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline, f"not within {seconds} s: {why() if callable(why) else why}"
        time.sleep(0.01)
