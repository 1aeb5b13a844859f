"""A git repository: a bare one that the server reads, and a clone to commit in, by the git command."""

import os
import shutil
import subprocess

from lib.server import SOURCE

ENVIRONMENT = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
               "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.net", "GIT_COMMITTER_NAME": "Ada",
               "GIT_COMMITTER_EMAIL": "ada@example.net"}


class Repository:
    def __init__(self, folder, name, model=True):
        """model: the first commit is examples/acme; otherwise there is none."""
        self.bare, self.work = f"{folder}/{name}.git", f"{folder}/{name}-work"
        self.url = "file://" + self.bare
        self.run("git", "init", "-q", "--bare", "-b", "main", self.bare, cwd=folder)
        self.run("git", "init", "-q", "-b", "main", self.work, cwd=folder)
        self.git("remote", "add", "origin", self.bare)
        if model:
            shutil.copytree(SOURCE + "/examples/acme", self.work, dirs_exist_ok=True)
            self.commit({}, "The model of acme")

    @staticmethod
    def run(*command, cwd):
        return subprocess.run(command, cwd=cwd, env=ENVIRONMENT, check=True, capture_output=True, text=True).stdout

    def git(self, *arguments):
        return self.run("git", *arguments, cwd=self.work).strip()

    def commit(self, files, message="change", push=True):
        """files: path -> text, None removes. The commit's id."""
        for path, text in files.items():
            full = os.path.join(self.work, path)
            if text is None:
                os.remove(full)
                continue
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        if push:
            self.push()
        return self.head()

    def push(self, *flags, branch="main"):
        self.git("push", "-q", *flags, "origin", f"HEAD:{branch}")

    def head(self):
        return self.git("rev-parse", "HEAD")

    def reset(self, commit):
        self.git("reset", "-q", "--hard", commit)

    def read(self, path):
        with open(os.path.join(self.work, path), encoding="utf-8") as file:
            return file.read()
