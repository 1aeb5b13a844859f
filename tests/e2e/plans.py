"""`yellow plan`: what a working tree, a revision or a folder changes, as text and as JSON."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest

from lib.repository import Repository
from lib.server import SOURCE

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

    def test_whose_parts_are_changed_is_judged_as_somebodys_push(self):
        self.edit("varchar(100)", "varchar(200)")
        self.assertTrue(self.plan("--as", "acme/data-model").stdout.startswith("This passes"))
        done = self.plan("--as", "acme/data-model@next", code=1)
        self.assertTrue(done.stdout.startswith("This is refused: it changes what belongs to others. "), done.stdout)
        self.assertIn('teams/sales/customers.yaml:4:1: error: Datastore "customers" is changed by "acme/data-model", branch '
                      '"next", and belongs to "acme/data-model", branch "main" [not-owner]\n', done.stdout)
        said = json.loads(self.plan("--as", "acme/Data-Model", "--json", code=1).stdout)
        self.assertEqual([(finding["code"], finding["hint"]) for finding in said["findings"]],
                         [("not-owner", "the two look alike and are not the same: owners are compared byte for byte")])

    def test_a_revision_that_is_not_there(self):
        self.assertEqual(self.plan("--from", "v9", code=1).stderr,
                         "yellow: revision 'v9' is not in the git repository\n"
                         "hint: a shallow clone has only some commits; git fetch brings more\n")


class Lineage(unittest.TestCase):
    """`yellow lineage` and `yellow impact` on a folder."""

    acme = SOURCE + "/examples/acme"

    def told(self, *args, code=0):
        done = subprocess.run([YELLOW, *args], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def test_a_tree_of_where_data_comes_from_and_goes_to(self):
        self.assertEqual(self.told("lineage", "customers.people", self.acme).stdout, """\
customers.people comes from:
  store customers, of usa/sales
    container crm-db
customers.people goes to:
  workspace marketing, of usa/marketing
    transformer mask-customers, of usa/marketing
      store masked-customers, of usa/marketing
        dataset masked-customers.people, of usa/marketing
          workspace campaign-report, of usa/marketing
  workspace sales-desk, of usa/sales
""")
        said = json.loads(self.told("lineage", "customers.people", self.acme, "--json", "--direction", "upstream").stdout)
        self.assertEqual((said["of"], said.keys()), ("customers.people", {"of", "upstream"}))
        self.assertEqual([node["id"] for node in said["upstream"]["nodes"]],
                         ["dataset:customers.people", "store:customers", "container:crm-db"])

    def test_who_a_change_reaches(self):
        self.assertEqual(self.told("impact", "invoices.payments", self.acme).stdout, """\
invoices.payments is read by 1 workspace; a change of it reaches
  readers       month-end
  teams         eu/finance
  workspaces    audit, month-end
  transformers  revenue-by-day
  datasets      invoices.payments, revenue.by_day
  jobs          stream YellowForensic/invoices, stream YellowForensic/revenue,
                transformer YellowForensic/revenue-by-day
  views         month-end/books invoices.payments, audit/history revenue.by_day
""")
        said = json.loads(self.told("impact", "invoices.payments", self.acme, "--json").stdout)
        self.assertEqual((said["of"], said["users"], said["deprecated"]), ("invoices.payments", ["month-end"], False))

    def test_what_nobody_reads_and_what_is_not_there(self):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(self.acme, folder, dirs_exist_ok=True)
            os.remove(folder + "/teams/marketing/campaign-report.yaml")
            self.assertEqual(self.told("impact", "masked-customers.people", folder).stdout,
                             "masked-customers.people is read by nobody: it may change as it likes\n")
            self.assertEqual(self.told("lineage", "masked-customers.people", folder, "--direction", "downstream").stdout,
                             "masked-customers.people goes to nobody\n")
        done = self.told("impact", "customers.poeple", self.acme, code=1)
        self.assertEqual(done.stderr, f"yellow: {self.acme} has no dataset customers.poeple\n"
                                      "hint: did you mean customers.people?\n")
        done = self.told("lineage", "customers.people", self.acme, "--direction", "up", code=2)
        self.assertEqual(done.stderr, "yellow: --direction up is neither upstream nor downstream\n")


if __name__ == "__main__":
    unittest.main()
