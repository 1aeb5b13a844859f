"""The published schemas and the loader agree: what one refuses, the other refuses, on generated documents."""

import json
import os
import pathlib
import random
import re
import subprocess
import tempfile
import unittest

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
YELLOW = os.environ["YELLOW"]
KINDS = sorted(path.stem for path in (ROOT / "schemas").glob("*.json") if path.stem != "model")
# What the reading of a document finds; the rest needs the model. A name that is there twice is no matter of a schema.
READING = set(re.findall(r"^\| `([a-z-]+)`", (ROOT / "docs/checks.md").read_text().split("\n## ")[1], re.M))
READING -= {"duplicate-name"}

# Texts of every syntax, good and bad. Those under a name are good, and for syntaxes of which a pattern says only part.
TEXTS = [
    "a", "A_b-9", "a" * 63, "a" * 64, "9a", "", " a", "a b", "a/b", "usa/sales", "usa/", "a/b/c", "ü", "x\ty", "x\ny", "a\n",
    "90s", "5m", "0s", "1000000d", "1000001d", "5", "m", "007h", "500m", "2", "1.5Gi", "0", "0.0", "-1", "1e3", "1E-3", "20GB",
    "1.2.3", ".5", "5.", "external", "inputs", "*/10 * * * *", "0 0 1 1 *", "61 * * * *", "* * * *", "* * * * * *",
    "MON * * * *", "0 0 30 2 *", "0 9 * * MON-FRI", "int64", "int65", "decimal(10,2)", "decimal(2,10)", "decimal(10)",
    "varchar(20)", "varchar(0)", "varchar", "array<text>", "array<array<text>>", "array<text", "text>", "vector(3)", "int64(3)",
    " varchar ( 20 ) ", "MyCorp:USA/NY_1", "MyCorp:", ":USA", "MyCorp:../x", "USA/NY_1", "USA//NY", "/USA", "a/../b", "a/./b",
    "..", ".", "a/..b", "a\\b", "a:b", "yellow-ny", "Yellow", "-a", "a-", "a.b", "a..b", "a.b-", "b" * 64 + ".c",
    "crm.example.net", "::1", "10.0.0.1", "-x", ".x", "fe80::1g", "a_b.c", "https://a.example.net/b?c#d", "http://", "ftp://a",
    "https://u:p@a/", "http://a/b@c", "http://a b", "http://a\"b", "/data/items", "data", "/a~1b", "/a~2", "/a~", "a.b.c",
    "store.dataset", "store.", "registry.example.net/yellow:1.0.0", "a@sha256:00", "-image", "x" * 512, "x" * 513, "yes", "null",
    "true", "12", "~",
]
GOOD = {
    "quantity": ["500M", "20000000", "1.5Gi", ".5Gi", "1e9", 33554432, 20000000.5],  # a memory's are 16Mi at least
    "schedule": ["external", "*/10 * * * *", "0 9 * * MON-FRI"],
    "trigger": ["inputs", "0 0 1 1 *"],
    "type": ["int64", "decimal(10,2)", "varchar(20)", "array<text>", "timestamptz"],
    "time zone": ["UTC", "Europe/Dublin"],
    "location": ["MyCorp:USA/NY_1", "a:b"],
}


def ends(pattern):
    """ECMA's $ is the end of the text; Python's is before a line end too."""
    return re.sub(r"(?<!\\)\$", r"\\Z", pattern)


def pattern(_, rule, value, __):
    if isinstance(value, str) and not re.search(ends(rule), value):
        yield jsonschema.ValidationError(f"{value!r} does not match {rule!r}")


Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": pattern})


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.fitting = {}  # schema of a text -> which of TEXTS it takes
        self.schemas = {kind: json.loads((ROOT / f"schemas/{kind}.json").read_text()) for kind in KINDS}

    def text(self, schema):
        if "$comment" in schema:
            return self.random.choice(GOOD[schema["$comment"].split(":")[0]])
        known = json.dumps({key: schema.get(key) for key in ("pattern", "maxLength")})
        if known not in self.fitting:
            self.fitting[known] = [text for text in TEXTS if Validator(schema).is_valid(text)]
        return self.random.choice(self.fitting[known])

    def value(self, schema):
        """One that the schema takes."""
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        kind = schema["type"]
        if kind == "object":
            return self.mapping(schema)
        if kind == "array":
            return [self.value(schema["items"]) for _ in range(self.random.randrange(3))]
        if kind == "boolean":
            return self.random.random() < 0.5
        if kind == "integer":
            return self.random.choice([schema["minimum"], schema["maximum"], min(schema["maximum"], 7)])
        return self.text(schema)

    def mapping(self, schema):
        made = {}
        properties = schema.get("properties", {})
        required = set(schema.get("required", []))
        for key, rule in properties.items():
            if key in required or self.random.random() < 0.4:
                made[key] = self.value(rule)
        for rule in schema.get("allOf", []):
            (by, word), = rule["if"]["properties"].items()
            if made.get(by) == word["const"]:
                for key in rule["then"].get("properties", {}):
                    made.pop(key, None)
                for key in rule["then"].get("required", []):
                    made.setdefault(key, self.value(properties[key]))
        return made

    def places(self, node):
        """(container, key) of every value below node."""
        found = []
        for key in node if isinstance(node, dict) else range(len(node)):
            found.append((node, key))
            if isinstance(node[key], (dict, list)):
                found += self.places(node[key])
        return found

    def strange(self):
        return self.random.choice([None, True, 0, -1, 7, 1.5, 2 ** 62, [], {}, ["a"], [None], {"a": "b"},
                                   *self.random.sample(TEXTS, 12)])

    def mutate(self, document):
        """One change of one value, key or name, which may leave the document good."""
        container, key = self.random.choice(self.places(document))
        how = self.random.randrange(5)
        if how == 0:
            del container[key]
        elif how == 1:
            container[key] = self.strange()
        elif how == 2:
            container[key] = self.random.choice(TEXTS)
        elif isinstance(container, dict):
            container[self.random.choice([key + "s", key.upper(), "type", "name", "file", "bucket", "table"])] = \
                container.pop(key) if how == 3 else self.strange()
        else:
            container.append(self.strange())

    def document(self, mutations):
        kind = self.random.choice(KINDS)
        document = self.value(self.schemas[kind])
        for _ in range(mutations):
            if document:
                self.mutate(document)
        return document


def load(documents):
    """For each document, codes that the loader finds in it. JSON is YAML."""
    with tempfile.TemporaryDirectory() as folder:
        for i, document in enumerate(documents):
            (pathlib.Path(folder) / f"{i}.yaml").write_text(json.dumps(document, ensure_ascii=False))
        done = subprocess.run([YELLOW, "validate", folder, "--json"], capture_output=True, text=True, check=False)
        report = json.loads(done.stdout)
    codes = [set() for _ in documents]
    for finding in report["findings"]:
        assert finding["code"] != "too-many-findings", "make fewer documents at once"
        if finding["path"] and finding["code"] in READING:
            codes[int(finding["path"].removesuffix(".yaml"))].add(finding["code"])
    return codes


# Syntaxes of which a pattern says only part: the loader may refuse more.
PARTLY = {"bad-quantity", "bad-schedule", "bad-type", "bad-location", "bad-timezone"}


class Schemas(unittest.TestCase):
    def setUp(self):
        self.model = Validator(json.loads((ROOT / "schemas/model.json").read_text()))

    def compare(self, documents):
        for document, codes in zip(documents, load(documents)):
            kind = document.get("kind") if isinstance(document, dict) else None
            errors = [error.message for error in self.model.iter_errors(document)]
            shown = json.dumps(document)
            if errors:
                self.assertTrue(codes, f"the schema of {kind} refuses what the loader takes: {errors}: {shown}")
            else:
                self.assertLessEqual(codes, PARTLY, f"the loader refuses what the schema of {kind} takes: {shown}")

    def test_each_is_a_schema(self):
        for kind in [*KINDS, "model"]:
            jsonschema.Draft202012Validator.check_schema(json.loads((ROOT / f"schemas/{kind}.json").read_text()))

    def test_what_the_schema_generates_is_taken(self):
        generator = Generator(1)
        for _ in range(10):
            documents = [generator.document(0) for _ in range(60)]
            for document, codes in zip(documents, load(documents)):
                self.assertEqual(list(self.model.iter_errors(document)), [], json.dumps(document))
                self.assertEqual(codes, set(), json.dumps(document))

    def test_both_refuse_the_same_of_changed_documents(self):
        seed = int(os.environ.get("SCHEMAS_SEED", "2"))
        generator = Generator(seed)
        refused = 0
        for _ in range(40):
            documents = [generator.document(generator.random.randrange(1, 4)) for _ in range(60)]
            documents = [document for document in documents if document]
            self.compare(documents)
            refused += sum(not self.model.is_valid(document) for document in documents)
        self.assertGreater(refused, 500)

    def test_the_example_is_taken(self):
        import yaml
        for path in (ROOT / "examples/acme").rglob("*.yaml"):
            for document in yaml.safe_load_all(path.read_text()):
                self.assertEqual([error.message for error in self.model.iter_errors(document)], [], path)


if __name__ == "__main__":
    unittest.main()
