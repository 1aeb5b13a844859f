"""What `yellow validate` prints for code hosts: SARIF that is SARIF, annotations that stay in their line."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import jsonschema

YELLOW = os.environ["YELLOW"]
WRONG = ("kind: Ecosystem\nname: acme\nowner: {repository: a/b, branch: main}\nzone: []\n---\nkind: Datastore\nname: s\n"
         "team: usa/sales\ndatasets: []\n")

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}},
        "additionalProperties": False}
# The part of SARIF 2.1.0 (sections 3.13 to 3.52) that is used, strictly: nothing beside it is allowed.
SARIF = {
    "type": "object", "required": ["version", "runs"], "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": {
            "type": "object", "required": ["tool", "results"], "additionalProperties": False,
            "properties": {
                "tool": {"type": "object", "required": ["driver"], "additionalProperties": False, "properties": {
                    "driver": {"type": "object", "required": ["name"], "additionalProperties": False, "properties": {
                        "name": {"type": "string"}, "version": {"type": "string"},
                        "rules": {"type": "array", "uniqueItems": True, "items": {
                            "type": "object", "required": ["id"], "additionalProperties": False, "properties": {
                                "id": {"type": "string"}, "shortDescription": TEXT, "help": TEXT,
                                "defaultConfiguration": {
                                    "type": "object", "additionalProperties": False,
                                    "properties": {"level": {"enum": ["none", "note", "warning", "error"]}}}}}}}}}},
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "results": {"type": "array", "items": {
                    "type": "object", "required": ["message"], "additionalProperties": False, "properties": {
                        "ruleId": {"type": "string"}, "ruleIndex": {"type": "integer", "minimum": -1},
                        "level": {"enum": ["none", "note", "warning", "error"]}, "message": TEXT,
                        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
                        "locations": {"type": "array", "uniqueItems": True, "items": {
                            "type": "object", "additionalProperties": False, "properties": {"physicalLocation": {
                                "type": "object", "required": ["artifactLocation"], "additionalProperties": False,
                                "properties": {
                                    "artifactLocation": {"type": "object", "additionalProperties": False, "properties": {
                                        "uri": {"type": "string", "pattern": r"^[A-Za-z0-9._~/%-]+$"}}},
                                    "region": {"type": "object", "required": ["startLine"], "additionalProperties": False,
                                               "properties": {"startLine": {"type": "integer", "minimum": 1},
                                                              "startColumn": {"type": "integer", "minimum": 1}}},
                                }}}}}}}}}}},
    },
}


class Validate(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.top = pathlib.Path(folder.name)
        (self.top / "data model").mkdir()
        (self.top / "data model/a,b.yaml").write_text(WRONG)

    def run_yellow(self, *args, code=1):
        done = subprocess.run([YELLOW, "validate", *args], cwd=self.top, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout

    def test_sarif(self):
        log = json.loads(self.run_yellow("./data model/", "--format", "sarif"))
        jsonschema.Draft202012Validator(SARIF).validate(log)
        run, = log["runs"]
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        plain = json.loads(self.run_yellow("data model", "--format", "json"))
        self.assertEqual(len(run["results"]), len(plain["findings"]))
        for result, finding in zip(run["results"], plain["findings"]):
            self.assertEqual(rules[result["ruleIndex"]], result["ruleId"])
            self.assertEqual((result["ruleId"], result["level"]), (finding["code"], finding["severity"]))
            place = result["locations"][0]["physicalLocation"]
            self.assertEqual(place["artifactLocation"]["uri"], "data%20model/a%2Cb.yaml")
            self.assertEqual(place["region"], {"startLine": finding["line"], "startColumn": finding["column"]})

    def test_the_example_has_no_results(self):
        example = pathlib.Path(__file__).resolve().parents[2] / "examples/acme"
        log = json.loads(self.run_yellow(str(example), "--format", "sarif", code=0))
        jsonschema.Draft202012Validator(SARIF).validate(log)
        self.assertEqual(log["runs"][0]["results"], [])

    def test_github(self):
        lines = self.run_yellow("data model", "--format", "github").splitlines()
        plain = json.loads(self.run_yellow("data model", "--json"))["findings"]
        self.assertEqual(len(lines), len(plain))
        first, text = lines[0].split(" ", 1)
        self.assertEqual(first, "::error")
        self.assertTrue(text.startswith("file=data model/a%2Cb.yaml,line=4,col=1,title=unknown-key::"), text)

    def test_an_unknown_format(self):
        done = subprocess.run([YELLOW, "validate", ".", "--format", "xml"], cwd=self.top, capture_output=True, text=True,
                              check=False)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertEqual(done.stderr, "yellow: there is no format xml\nhint: text, json, sarif or github\n")


if __name__ == "__main__":
    unittest.main()
