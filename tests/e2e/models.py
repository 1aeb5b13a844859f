"""What a commit may hold: hostile and wrong models are rejected with findings, and the version in force stays."""

import os
import subprocess
import unittest

from lib.repository import Repository
from lib.server import YELLOW, Case, Ecosystem

CUSTOMERS = "teams/sales/customers.yaml"


class Models(Case):
    @classmethod
    def prepare(cls):
        cls.repository = Repository(cls.server.folder, "acme")
        cls.eco = Ecosystem(cls.server, "acme", cls.repository).register()
        cls.good = cls.repository.head()
        delivery = cls.eco.outcome(cls.eco.push(cls.good))
        assert (delivery["state"], delivery["version"]) == ("merged", 1), delivery

    def setUp(self):
        self.repository.reset(self.good)
        self.version = self.eco.version()

    def rejected(self, files):
        """Findings of a commit that is rejected; what is in force is what was."""
        before = self.eco.get("/psps/yellow-ny/stack").body
        commit = self.repository.commit(files, push=False)
        self.repository.push("--force")
        delivery = self.eco.outcome(self.eco.push(commit), 60)
        self.assertEqual(delivery["state"], "rejected", delivery)
        self.assertEqual((delivery["commit"], delivery["version"]), (commit, None))
        errors = [f for f in delivery["findings"] if f["severity"] == "error"]
        self.assertEqual(delivery["reason"], f"{len(errors)} error{'s' if len(errors) != 1 else ''} in the model; "
                                             "the version in force stays")
        self.assertEqual(self.eco.version(), self.version)
        self.assertEqual(self.eco.get("/psps/yellow-ny/stack").body, before)
        return errors

    def places(self, findings):
        return [(f["path"], f["line"], f["column"], f["code"]) for f in findings]

    def test_broken_yaml(self):
        found = self.places(self.rejected({"broken.yaml": "kind: Credential\nname: [a\nx: }\n"}))
        self.assertEqual([f[0] for f in found], ["broken.yaml"])
        self.assertEqual((found[0][1], found[0][3]), (3, "yaml-syntax"))

    def test_yaml_that_is_10000_deep(self):
        found = self.places(self.rejected({"deep.yaml": "kind: Credential\nname: " + "[" * 10000 + "]" * 10000 + "\n"}))
        self.assertEqual([(f[0], f[1], f[3]) for f in found], [("deep.yaml", 2, "yaml-depth")])

    def test_an_alias_bomb(self):
        lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 60)]
        found = self.places(self.rejected({"bomb.yaml": "\n".join(lines) + "\n"}))
        self.assertEqual({f[0] for f in found}, {"bomb.yaml"})
        self.assertEqual([f[1:3] for f in found if f[3] == "yaml-alias"][:1], [(1, 5)])

    def test_unknown_keys_wrong_types_and_dangling_references_all_at_once(self):
        found = self.rejected({"extra.yaml": "kind: Datastore\nname: extra\nteam: usa/sales\ncolour: blue\n"
                                             "capture:\n  type: sql-snapshot\n  container: nowhere\n"
                                             "  credential: nobody\n  schedule: external\n"
                                             "datasets:\n"
                                             "  - name: one\n    classification: PUB\n    columns:\n"
                                             "      - {name: id, type: [int32], key: true}\n"})
        self.assertEqual({f[0] for f in self.places(found)}, {"extra.yaml"})
        lines = {f["line"]: f["code"] for f in found}
        self.assertEqual(sorted(lines), [4, 7, 8, 14], found)
        self.assertEqual((lines[4], lines[7], lines[8]), ("unknown-key", "dangling-reference", "dangling-reference"))
        self.assertEqual([(f["line"], f["column"]) for f in found], [(4, 1), (7, 14), (8, 15), (14, 26)])

    def test_findings_of_many_files_come_in_one_wave_by_file_and_line(self):
        found = self.places(self.rejected({"a.yaml": "kind: Nothing\nname: a\n", "b.yaml": "kind: Credential\n",
                                           "c.yaml": "- 1\n"}))
        self.assertEqual({f[0] for f in found}, {"a.yaml", "b.yaml", "c.yaml"})
        self.assertEqual(found, sorted(found))

    def test_a_symlink_is_refused_by_name(self):
        os.symlink("/etc/passwd", self.repository.work + "/passwd.yaml")
        found = self.places(self.rejected({}))
        self.assertEqual([(f[0], f[3]) for f in found], [("passwd.yaml", "refused-file")])

    def test_a_good_commit_after_bad_ones_is_the_next_version(self):
        self.rejected({"broken.yaml": "a: [\n"})
        text = self.repository.read(CUSTOMERS)
        self.repository.reset(self.good)
        commit = self.repository.commit({CUSTOMERS: text.replace("varchar(100)", "varchar(120)", 1)}, push=False)
        self.repository.push("--force")
        delivery = self.eco.outcome(self.eco.push(commit))
        self.assertEqual((delivery["state"], delivery["version"]), ("merged", self.version + 1))
        plan = self.eco.get(f"/versions/{self.version + 1}/plan").json
        self.assertEqual([o["name"] for o in plan["objects"]["changed"]], ["customers"])
        self.assertEqual((plan["objects"]["added"], plan["objects"]["removed"]), ([], []))
        self.assertEqual([(c["from"], c["to"]) for c in plan["objects"]["changed"][0]["changes"]],
                         [("varchar(100)", "varchar(120)")])
        type(self).good = commit

    def test_render_gives_the_bytes_of_the_server(self):
        server = self.eco.get("/psps/yellow-ny/stack").body
        folder = subprocess.run([YELLOW, "render", self.repository.work, "--psp", "yellow-ny"], check=True,
                                capture_output=True).stdout
        self.assertEqual(server, folder)
        listed = self.eco.get("/psps/yellow-ny/stack", headers={"Accept": "application/json"}).json
        self.assertEqual("".join(f"# artifact: {a['name']}\n{a['text']}" for a in listed["artifacts"]
                                 if a["media_type"] == "application/yaml").count("# artifact: "),
                         server.count(b"# artifact: "))
        for artifact in listed["artifacts"]:
            self.assertEqual(self.eco.get(f"/psps/yellow-ny/artifacts/{artifact['name']}").body.decode(),
                             artifact["text"])


if __name__ == "__main__":
    unittest.main()
