"""What a running server answers, against api/openapi.yaml: every read, in a state where there is something to read."""

import unittest
import urllib.parse

import yaml

from lib.repository import Repository
from lib.schema import ANNOTATIONS, Schemas
from lib.server import Case, Ecosystem

CUSTOMERS = "teams/sales/customers.yaml"
LIVE = "/platforms/YellowLive/streams/"
COUNTS = {"read": 10, "inserted": 10}


class Contract(Case):
    @classmethod
    def prepare(cls):
        cls.document = yaml.safe_load(cls.server.get("/openapi.yaml", token=None).body)
        cls.schemas = Schemas(cls.document)
        cls.repository = Repository(cls.server.folder, "acme")
        cls.eco = Ecosystem(cls.server, "acme", cls.repository).register("acme/data-model")
        cls.walk()

    @classmethod
    def walk(cls):
        """Two versions, a rejected commit, an ignored one; a rollback, a released hold and one in force; a committed, a failed, a cancelled and a live run; hints."""
        eco, repository = cls.eco, cls.repository
        eco.outcome(eco.push(repository.head()))
        sales = Ecosystem(cls.server, "acme", Repository(cls.server.folder, "sales", model=False), repository="sales")
        sales.register("acme/sales-eu")
        sales.merge({"extra.yaml": "kind: Credential\nname: extra\nteam: usa/sales\ntype: token\n"})
        text = repository.read(CUSTOMERS)
        eco.merge({CUSTOMERS: text.replace("varchar(100)", "varchar(120)", 1)})
        eco.outcome(eco.webhook({"zen": "x"}, event="ping").json["id"])
        good = repository.head()
        eco.merge({"broken.yaml": "kind: Credential\nname: x\ntype: nothing\ncolour: blue\n"})
        repository.reset(good)
        repository.push("--force")
        asked = eco.outcome(eco.request("POST", "/merges").json["id"])
        eco.outcome(eco.request("POST", f"/deliveries/{asked['id']}/redeliver").json["id"])
        bad = eco.request("POST", "/rollbacks", {"to": 1}).json
        eco.outcome(bad["delivery"])
        eco.outcome(eco.request("POST", f"/holds/{bad['hold']['id']}/release", {}).json["delivery"])
        eco.request("POST", "/holds", {"reason": "a freeze"})
        streams = [s["name"] for s in eco.get("/streams?platform=YellowLive").json["items"]]
        for stream, report in zip(streams, (
                {"outcome": "committed", "counts": COUNTS, "watermark": "2026-05-01"},
                {"outcome": "failed", "cause": "out-of-memory", "message": "killed\nat 4 GiB"},
                {"outcome": "cancelled"}, None)):
            run = eco.request("POST", LIVE + stream + "/runs", {}).json
            eco.request("PATCH", f"/runs/{run['run']}", {"fence": run["fence"], "progress": {"read": 1}})
            if report:
                eco.request("POST", f"/runs/{run['run']}/finish", {"fence": run["fence"], **report})
        eco.request("PUT", LIVE + streams[0] + "/hint", {"limits": {"memory": "9Gi"}})
        transformer = eco.get("/transformers").json["items"][0]
        eco.request("PUT", f"/platforms/{transformer['platform']}/transformers/{transformer['name']}/hint",
                    {"requests": {"cpu": "150m"}})
        eco.request("POST", f"/platforms/{transformer['platform']}/transformers/{transformer['name']}/runs", {})

    def check(self, operation, answer):
        """The answer is one that the operation describes."""
        described = operation["responses"].get(str(answer.status)) or operation["responses"]["default"]
        described = self.schemas.resolve(described)
        for name in described.get("headers", {}):
            if name not in ("Link", "Idempotent-Replayed"):
                self.assertIn(name, answer.headers, operation["operationId"])
        content = described.get("content")
        if not content:
            self.assertEqual(answer.body, b"", operation["operationId"])
            return
        media = answer.headers["Content-Type"].split(";")[0]
        kind = content.get(media) or content.get(media.split("/")[0] + "/*")
        self.assertIsNotNone(kind, f"{operation['operationId']}: {media} is not described")
        value = answer.json if media.endswith("json") else answer.body.decode()
        self.assertEqual(self.schemas.errors(kind["schema"], value), [], operation["operationId"])

    def targets(self, path):
        """Every path of the template that there is something at."""
        eco = self.eco
        names = {
            "id": [d["id"] for d in eco.get("/holds" if "/holds/" in path else "/deliveries").json["items"]],
            "n": [v["version"] for v in eco.get("/versions").json["items"]],
            "repository": ["sales"],
            "run": [row[0] for row in self.server.sql("select id from runs")],
            "datastore": [o["name"] for o in eco.get("/datastores").json["items"]],
            "workspace": [o["name"] for o in eco.get("/workspaces").json["items"]],
            "component": ["postgres", "airflow-3"],
            "assembly": ["blue-minio"],
            "schema": ["model", "Datastore"],
            "artifact": [a["name"] for a in eco.get("/psps/yellow-ny/artifacts").json["artifacts"]],
        }
        path = path.replace("{eco}", eco.name).replace("{psp}", "yellow-ny")
        for kind in ("stream", "transformer"):
            if f"{{{kind}}}" in path:
                jobs = eco.get(f"/{kind}s").json["items"]
                return [path.replace("{platform}", j["platform"]).replace(f"{{{kind}}}", j["name"]) for j in jobs]
        for name, values in names.items():
            if f"{{{name}}}" in path:
                return [path.replace(f"{{{name}}}", str(value)) for value in values]
        self.assertNotIn("{", path)
        if path.endswith(("/lineage", "/impact")):  # of what has to be said
            return [f"{path}?of=customers.people"]
        return [path]

    @staticmethod
    def asked(target, query):
        return target + ("&" if "?" in target else "?") + query

    def reads(self):
        for path, item in self.document["paths"].items():
            if "get" in item:
                yield path, item["get"]

    def test_every_read_answers_as_described_and_304_when_its_tag_is_known(self):
        for path, operation in self.reads():
            with self.subTest(operation["operationId"]):
                succeeded = 0
                for target in self.targets(path):
                    answer = self.server.get(target)
                    self.check(operation, answer)
                    succeeded += answer.status == 200
                    if answer.status == 200 and "304" in operation["responses"]:
                        again = self.server.get(target, headers={"If-None-Match": answer.headers["ETag"]})
                        self.assertEqual((again.status, again.body), (304, b""), target)
                        self.check(operation, again)
                # Acme's transformers are in SQL, whose code is in the model.
                if operation["operationId"] != "getTransformerCode":
                    self.assertGreater(succeeded, 0, path)

    def test_schemas_say_nothing_that_is_not_checked(self):
        def walk(schema, at):
            for keyword, rule in schema.items() if isinstance(schema, dict) else ():
                self.assertTrue(keyword in ANNOTATIONS or hasattr(self.schemas, "check_" + keyword.replace("$", "")),
                                f"{at}: {keyword}")
                for name, part in rule.items() if keyword == "properties" else ():
                    walk(part, f"{at}/{name}")
                for part in rule if keyword in ("allOf", "anyOf", "oneOf") else [rule] if keyword == "items" else []:
                    walk(part, f"{at}/{keyword}")
        for name, schema in self.document["components"]["schemas"].items():
            walk(schema, name)

    @staticmethod
    def found(operation):
        """A model without Python has no code to hand out, in no version."""
        return 404 if operation["operationId"] == "getTransformerCode" else 200

    def test_every_read_by_version_answers_for_an_old_one(self):
        for path, operation in self.reads():
            names = [self.schemas.resolve(p)["name"] for p in operation.get("parameters", [])]
            if "version" not in names:
                continue
            with self.subTest(operation["operationId"]):
                target = self.targets(path)[0]
                for query in ("version=1", "at=" + urllib.parse.quote(self.eco.get("/versions/1").json["created_at"])):
                    self.check(operation, self.assert_status(self.server.get(self.asked(target, query)), self.found(operation)))
                for query, status in (("at=2020-01-01T00:00:00Z", 404), ("at=2999-01-01T00:00:00Z", 422)):
                    self.check(operation, self.assert_status(self.server.get(self.asked(target, query)), status))
                self.check(operation, self.assert_status(self.server.get(self.asked(target, "version=99")), 404))
                self.check(operation, self.assert_status(self.server.get(self.asked(target, "version=x")), 400))

    def test_queries_are_those_described(self):
        for path, operation in self.reads():
            if not path.startswith("/v1/"):
                continue
            with self.subTest(operation["operationId"]):
                target = self.targets(path)[0]
                self.check(operation, self.assert_status(self.server.get(self.asked(target, "colour=blue")), 400, "syntax"))
                for parameter in map(self.schemas.resolve, operation.get("parameters", [])):
                    if parameter["in"] != "query" or parameter["name"] == "cursor" or parameter.get("required"):
                        continue
                    schema = self.schemas.resolve(parameter["schema"])
                    value = schema.get("enum", [None])[0] or ("1" if schema["type"] == "integer" else "x")
                    if schema.get("format") == "date-time":
                        value = self.eco.get("/versions/2").json["created_at"]
                    answer = self.server.get(self.asked(target, f"{parameter['name']}={value}"))
                    self.assertEqual(answer.status, self.found(operation), answer)
                    self.check(operation, answer)
                    if parameter["name"] == "limit":
                        self.assert_status(self.server.get(self.asked(target, f"limit={schema['maximum'] + 1}")), 400)
                        self.assert_status(self.server.get(self.asked(target, f"limit={schema['maximum']}")), 200)

    def test_pages_go_on_by_link_as_described(self):
        for path, operation in self.reads():
            if "Link" not in operation["responses"]["200"].get("headers", {}):
                continue
            with self.subTest(operation["operationId"]):
                target, pages = self.targets(path)[0] + "?limit=1", 0
                while target and pages < 100:
                    answer = self.assert_status(self.server.get(target), 200)
                    self.check(operation, answer)
                    link, pages = answer.headers["Link"], pages + 1
                    target = link and link[1:link.index(">")]
                self.assertLess(pages, 100)

    def test_every_operation_under_a_token_asks_for_one_and_for_its_scope(self):
        tokens = {scope: self.server.make_token(scope.replace(":", "-"), scope)
                  for scope in ("audit:read", "hint:write")}
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                if method == "parameters" or operation["x-scope"] in ("public", "signature"):
                    continue
                with self.subTest(operation["operationId"]):
                    target = self.targets(path)[0]
                    wrong = tokens["hint:write" if operation["x-scope"] == "audit:read" else "audit:read"]
                    for token, status in ((None, 401), (wrong, 403)):
                        answer = self.server.request(method.upper(), target, token=token)
                        self.assert_status(answer, status)
                        self.check(operation, answer)

    def test_writes_answer_as_described(self):
        paths, path = self.document["paths"], "/v1/ecosystems/{eco}/platforms/{platform}/streams/{stream}"
        stream = self.targets(path)[-1]
        started = self.assert_status(self.server.request("POST", stream + "/runs", {}), 201)
        self.check(paths[path + "/runs"]["post"], started)
        self.check(paths[path + "/runs"]["post"], self.assert_status(
            self.server.request("POST", stream + "/runs", {}), 409))
        run, runs = started.json["run"], "/v1/ecosystems/{eco}/runs/{run}"
        beat = {"fence": started.json["fence"]}
        self.check(paths[runs]["patch"], self.assert_status(
            self.eco.request("PATCH", f"/runs/{run}", beat), 200))
        self.check(paths[runs]["patch"], self.assert_status(self.eco.request("PATCH", f"/runs/{run}", {"x": 1}), 422))
        self.check(paths[runs + "/finish"]["post"], self.assert_status(self.eco.request(
            "POST", f"/runs/{run}/finish", {**beat, "outcome": "committed", "counts": COUNTS}), 200))
        hint, body = paths[path + "/hint"], {"limits": {"memory": "8Gi"}}
        made = self.assert_status(self.server.request("PUT", stream + "/hint", body), 201)
        self.check(hint["put"], made)
        match = {"If-Match": made.headers["ETag"]}
        self.check(hint["put"], self.assert_status(
            self.server.request("PUT", stream + "/hint", {"limits": {"cpu": "900m"}}, headers=match), 200))
        self.check(hint["delete"], self.assert_status(self.server.request("DELETE", stream + "/hint"), 428))
        self.check(hint["delete"], self.assert_status(
            self.server.request("DELETE", stream + "/hint", headers=match), 412))
        match = {"If-Match": self.server.get(stream + "/hint").headers["ETag"]}
        self.check(hint["delete"], self.assert_status(
            self.server.request("DELETE", stream + "/hint", headers=match), 204))
        webhook = paths["/v1/ecosystems/{eco}/webhooks/{forge}"]["post"]
        for answer in (self.eco.webhook({}, event="ping", forge_id="twice"), self.eco.webhook({}, forge_id="twice"),
                       self.eco.webhook({}, signature="absent"), self.eco.webhook({}, event="no blanks")):
            self.check(webhook, answer)
        put, now = paths["/v1/ecosystems/{eco}"]["put"], self.eco.get("")
        body = {key: now.json[key] for key in ("repository", "webhook_secrets")}
        self.check(put, self.assert_status(self.eco.request("PUT", "", body), 428))
        self.check(put, self.assert_status(
            self.eco.request("PUT", "", body, headers={"If-Match": now.headers["ETag"]}), 200))
        body["webhook_secrets"] = [{"env": "YELLOW_NO_SUCH_SECRET"}]
        self.check(put, self.assert_status(
            self.eco.request("PUT", "", body, headers={"If-Match": now.headers["ETag"]}), 422))


if __name__ == "__main__":
    unittest.main()
