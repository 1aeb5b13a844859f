"""A pgbouncer on 127.0.0.1 in front of a PostgreSQL, in one of its pool modes."""

import os
import shutil
import subprocess
import tempfile

import psycopg2

from lib.server import eventually, free_port

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")


class PgBouncer:
    def __init__(self, cluster, mode, *settings):
        self.cluster, self.port = cluster, free_port()
        self.folder = tempfile.mkdtemp(prefix="yellow-e2e-bouncer-")
        password = cluster.password.replace('"', '""')
        with open(self.folder + "/users", "w", encoding="ascii") as file:
            file.write(f'"yellow" "{password}"\n')
        lines = ["[databases]", f"* = host=127.0.0.1 port={cluster.port}", "[pgbouncer]", "listen_addr = 127.0.0.1",
                 f"listen_port = {self.port}", "unix_socket_dir =", "auth_type = scram-sha-256",
                 f"auth_file = {self.folder}/users", f"pool_mode = {mode}", "default_pool_size = 20", *settings]
        with open(self.folder + "/ini", "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")
        become = {}
        if cluster.user:
            become = {"user": cluster.user.pw_uid, "group": cluster.user.pw_gid, "extra_groups": []}
            for path in (self.folder, self.folder + "/users", self.folder + "/ini"):
                os.chown(path, cluster.user.pw_uid, cluster.user.pw_gid)
        with open(self.folder + "/log", "wb") as log:
            self.process = subprocess.Popen([PROGRAM, self.folder + "/ini"], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, cwd="/", **become)
        eventually(self.answers, lambda: "pgbouncer: " + self.log())

    def log(self):
        with open(self.folder + "/log", encoding="utf-8", errors="replace") as file:
            return file.read()[-3000:]

    def answers(self):
        assert self.process.poll() is None, self.log()
        try:
            self.connect("postgres").close()
            return True
        except psycopg2.OperationalError:
            return False

    def connect(self, database):
        connection = psycopg2.connect(host="127.0.0.1", port=self.port, dbname=database, user="yellow",
                                      password=self.cluster.password)
        connection.autocommit = True
        return connection

    def close(self):
        self.process.kill()
        self.process.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)
