"""Documentation that would otherwise fall behind: settings, routes, scopes, metrics, causes, codes of errors."""

import json
import os
import pathlib
import re
import subprocess
import unittest

import yaml

from lib.server import SOURCE, YELLOW, Server


def read(path):
    with open(f"{SOURCE}/{path}", encoding="utf-8") as file:
        return file.read()


class Docs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.api, cls.operations = read("docs/api.md"), read("docs/operations.md")
        cls.contract = yaml.safe_load(read("api/openapi.yaml"))

    def rows(self, text, heading):
        """First cells of the table after the line."""
        table = text[text.index(heading):].split("\n\n")[0].splitlines()[2:]
        return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]

    def test_settings_are_those_of_the_program(self):
        env = {"PATH": os.environ["PATH"]}
        told = json.loads(subprocess.run([YELLOW, "serve", "--check-config", "--json"], check=True, text=True,
                                         capture_output=True, env=env).stdout)
        usage = subprocess.run([YELLOW, "serve", "--help"], check=True, text=True, capture_output=True).stdout
        docs = dict(re.findall(r"^  --(\S+)(?: \S+)? {2,}(.*)$", usage, re.M))
        code = "`{}`".format
        want = [[code("--" + s["flag"]), code(s["setting"]),
                 code(s["value"]) if s["value"] not in ("", "unset") else "", docs[s["flag"]]] for s in told]
        self.assertEqual(self.rows(self.operations, "| flag | in the file |"), want)
        for setting in told:
            self.assertEqual(setting["environment"], "YELLOW_" + setting["flag"].upper().replace("-", "_"))

    def test_routes_are_those_of_the_contract(self):
        told = re.findall(r"^\| ([A-Z]+) \| `([^`]+)` \| `([^`]+)` \|", self.api, re.M)
        want = [(method.upper(), re.sub(r"^/v1/ecosystems/{eco}/", ".../", path), operation["x-scope"])
                for path, item in self.contract["paths"].items()
                for method, operation in item.items() if method != "parameters"]
        self.assertEqual(sorted(told), sorted(want))

    def test_scopes_are_those_of_the_contract(self):
        rows = self.rows(self.api, "| scope | allows |")
        told = {scope for row in rows for scope in re.findall(r"`([^`]+)`", row[0])}
        used = {operation["x-scope"] for item in self.contract["paths"].values()
                for method, operation in item.items() if method != "parameters"}
        self.assertEqual(told - {"admin"}, used - {"public", "signature"})

    def test_codes_of_errors_are_those_of_the_source(self):
        kinds = re.findall(r'\[ERR_\w+\] = {"([^"]+)", (\d+)', read("server/base/err.c"))
        rows = self.rows(self.api, "| status | code | when |")
        told = {(name, row[0]) for row in rows for name in re.findall(r"`([^`]+)`", row[1])}
        hidden = {"none", "usage", "cancelled"}  # of the command line and of shutting down
        self.assertEqual({(n, s) for n, s in kinds if n not in hidden} - told, set())

    def test_causes_are_those_of_the_source(self):
        table = re.search(r"causes\[\] = {(.*?)\n};", read("server/model/cause.c"), re.S)[1]
        names = [name.removeprefix("cause_").replace("_", "-") for name in re.findall(r'^    {"?([\w-]+)"?,', table, re.M)]
        rows = self.rows(self.operations, "| cause | exit code | means | to do |")
        self.assertEqual([row[0] for row in rows], [f"`{name}`" for name in names])
        usage = subprocess.run([YELLOW, "job", "run", "--help"], check=True, text=True, capture_output=True).stdout
        codes = re.findall(r"(\d+)\s+([a-z-]+)[,.]", usage.split("by cause:")[1])
        self.assertLessEqual({(name, code) for code, name in codes}, {(row[0].strip("`"), row[1]) for row in rows})
        self.assertEqual(len(codes), len(names) - 2)
        self.assertEqual(self.contract["components"]["schemas"]["CauseOrNull"]["enum"], names + [None])

    def test_every_code_of_a_check_is_documented_and_shown_by_a_test(self):
        """A sample of its own in every_check.c, or a text with the code as tests of findings have it."""
        codes = re.findall(r'\[(CHECK_\w+)\] = \{"([\w-]+)"', read("server/model/check_table.c"))
        self.assertGreater(len(codes), 100)
        told = re.findall(r"^\| `([a-z-]+)` \| (?:error|warning) \|", read("docs/checks.md"), re.M)
        self.assertEqual([code for _, code in codes], told)
        tests = "".join(path.read_text() for folder in ("model", "stack", "control", "e2e")
                        for path in pathlib.Path(SOURCE, "tests", folder).glob("*.[cp]*"))
        self.assertEqual([code for name, code in codes
                          if not re.search(rf'\{{{name},|\[{code}\]|"{code}\b', tests)], [])

    def test_metrics_are_those_that_a_server_shows(self):
        server = Server()
        self.addCleanup(server.close)
        server.start()
        shown = set(re.findall(r"^# TYPE (\S+)", server.get("/metrics", token=None).body.decode(), re.M))
        told = {name for row in self.rows(self.operations, "| metric | |") for name in re.findall(r"`([^`]+)`", row[0])}
        self.assertEqual(told, shown)


if __name__ == "__main__":
    unittest.main()
