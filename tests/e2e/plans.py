"""`yellow plan`: what a working tree, a revision or a folder changes, as text and as JSON."""

import json
import os
import subprocess
import tempfile
import unittest

from lib.repository import Repository

YELLOW = os.environ["YELLOW"]
CUSTOMERS = "teams/sales/customers.yaml"


class Plan(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.repository = Repository(folder.name, "model")

    def plan(self, *args, code=0):
        done = subprocess.run([YELLOW, "plan", *args], cwd=self.repository.work, capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def edit(self, before, after, path=CUSTOMERS):
        text = self.repository.read(path)
        self.assertIn(before, text)
        with open(f"{self.repository.work}/{path}", "w", encoding="utf-8") as file:
            file.write(text.replace(before, after))

    def test_nothing_changes(self):
        self.assertEqual(self.plan("--exit-code").stdout,
                         "This passes: nothing is wrong with it and nobody is broken.\nnothing changes\n")

    def test_a_working_tree_against_its_head_and_revisions_against_each_other(self):
        self.edit("varchar(100)", "varchar(50)")
        said = json.loads(self.plan("--json", "--exit-code", code=4).stdout)
        self.assertEqual((said["outcome"], said["id"], said["base"]), ("breaking", None, None))
        self.assertEqual({finding["code"] for finding in said["findings"]}, {"breaking-type"})
        self.assertIn({"platform": "YellowLive", "store": "customers", "dataset": "people", "breaking": True},
                      said["tables"]["changed"])
        self.repository.commit({})
        self.assertFalse(json.loads(self.plan("--json").stdout)["changes"])
        again = json.loads(self.plan("--from", "HEAD~1", "--to", "HEAD", "--json").stdout)
        self.assertEqual(again, said)
        back = json.loads(self.plan("--from", "HEAD", "--to", "HEAD~1", "--json").stdout)
        self.assertEqual(back["outcome"], "passes")

    def test_a_new_dataset_in_use_makes_tables_and_views(self):
        self.edit("varchar(100)", "varchar(200)")
        text = self.plan().stdout
        self.assertTrue(text.startswith("This passes"), text)
        self.assertIn("\ntables:\n~ YellowLive: customers.addresses\n", text)
        self.assertIn("    /datasets/people/columns/full_name/type: \"varchar(100)\" -> \"varchar(200)\"\n", text)

    def test_a_wrong_model_is_refused(self):
        self.edit("container: crm-db", "container: crm-bd")
        done = self.plan(code=1)
        self.assertTrue(done.stdout.startswith("This is refused: the model is wrong. Nothing is planned.\n"), done.stdout)
        self.assertIn("[dangling-reference]", done.stdout)
        self.assertEqual(done.stderr, "yellow: .: the model has 1 errors, nothing is planned\n")

    def test_a_revision_that_is_not_there(self):
        self.assertEqual(self.plan("--from", "v9", code=1).stderr,
                         "yellow: revision 'v9' is not in the git repository\n"
                         "hint: a shallow clone has only some commits; git fetch brings more\n")


if __name__ == "__main__":
    unittest.main()
