"""A throwaway PostgreSQL on 127.0.0.1: sources and a merge database for jobs."""

import os
import pwd
import shutil
import subprocess
import tempfile

import psycopg2

from lib.server import eventually, free_port

BIN = subprocess.run(["pg_config", "--bindir"], check=True, capture_output=True, text=True).stdout.strip()

WATCH_DDL = """
create table public.ddl (what text);
create function public.note_ddl() returns event_trigger language plpgsql as $$ begin
  insert into public.ddl select concat_ws(' ', tg_tag, object_identity) from pg_event_trigger_ddl_commands()
  where schema_name is distinct from 'pg_temp';
end $$;
create function public.note_drop() returns event_trigger language plpgsql as $$ begin
  insert into public.ddl select concat_ws(' ', tg_tag, object_identity) from pg_event_trigger_dropped_objects()
  where original and not is_temporary;
end $$;
create event trigger note_ddl on ddl_command_end execute function public.note_ddl();
create event trigger note_drop on sql_drop execute function public.note_drop();
"""


class Postgres:
    password = "pw-of-the-test's \\ superuser"

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="yellow-e2e-pg-")
        self.port = free_port()
        self.user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        with open(self.folder + "/password", "w", encoding="ascii") as file:
            file.write(self.password + "\n")
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
            os.chown(self.folder + "/password", self.user.pw_uid, self.user.pw_gid)
        self.make()

    def make(self):
        self.run("initdb", "-D", self.folder + "/data", "-U", "yellow", "-A", "scram-sha-256", "-E", "UTF8",
                 "--locale=C.UTF-8", "--pwfile", self.folder + "/password", "-N")

    def run(self, program, *arguments):
        become = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        return subprocess.run([f"{BIN}/{program}", *arguments], check=True, cwd=self.folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **become)

    def start(self):
        self.run("pg_ctl", "-D", self.folder + "/data", "-w", "-l", self.folder + "/log", "-o",
                 f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off", "start")
        return self

    def stop(self, mode="fast"):
        self.run("pg_ctl", "-D", self.folder + "/data", "-w", "-m", mode, "stop")

    def close(self):
        try:
            self.stop("immediate")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def connect(self, database="postgres", **options):
        options = {"user": "yellow", "password": self.password, **options}
        connection = psycopg2.connect(host="127.0.0.1", port=self.port, dbname=database, **options)
        connection.autocommit = True
        return connection

    def sql(self, database, statement, *values, **options):
        connection = self.connect(database, **options)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def watch_ddl(self, database):
        """From now on ddl() knows what is made, changed and dropped there, but for temporary tables."""
        self.sql(database, WATCH_DDL)

    def ddl(self, database):
        """What was since it was last asked, of transactions that are committed."""
        rows = self.sql(database, "with noted as (delete from public.ddl returning what) select what from noted")
        return [what for what, in rows]


class Standby(Postgres):
    """Follows a primary that runs already, by streaming. settings: lines of its configuration."""

    def __init__(self, primary, *settings):
        self.primary, self.settings = primary, settings
        super().__init__()

    def make(self):
        password = self.password.replace("\\", "\\\\").replace("'", "\\'")
        self.run("pg_basebackup", "-D", self.folder + "/data", "-R", "-c", "fast", "-d",
                 f"host=127.0.0.1 port={self.primary.port} user=yellow password='{password}'")
        with open(self.folder + "/data/postgresql.auto.conf", "a", encoding="utf-8") as file:
            file.write("".join(line + "\n" for line in self.settings))

    def catch_up(self):
        """Until it shows what the primary has committed by now."""
        wanted = self.primary.sql("postgres", "select pg_current_wal_lsn()")[0][0]
        eventually(lambda: self.sql("postgres", "select pg_last_wal_replay_lsn() >= %s::pg_lsn", wanted) == [(True,)],
                   "the standby follows")
