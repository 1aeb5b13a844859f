"""The stacks of all assemblies, as an experienced operator would look at them, and the DAG file beside a server that
answers, stays away or talks nonsense. No Kubernetes and no Airflow: those are in tests/full."""

import ast
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

import manifest  # noqa: E402

YELLOW = os.environ.get("YELLOW", str(ROOT / "build/test/yellow"))
ASSEMBLIES = ["yellow-single-postgres", "yellow-twin-postgres", "yellow-external-postgres", "yellow-local", "blue-minio"]


def model_on(folder, assembly):
    """A copy of examples/acme on that assembly."""
    shutil.copytree(ROOT / "examples/acme", folder)
    path = pathlib.Path(folder, "platform/psp.yaml")
    extra = "parameters: {airflow_database_host: db.example.net}" if assembly == "yellow-external-postgres" else ""
    text = re.sub(r"assembly: .*\nparameters:.*\n(  .*\n)*", "assembly: %s\n%s\n" % (assembly, extra), path.read_text())
    path.write_text(text)
    return folder


def render(folder, output):
    subprocess.run([YELLOW, "render", str(folder), "--psp", "yellow-ny", "--output", str(output)], check=True,
                   stdout=subprocess.DEVNULL)
    return {path.name: path.read_text() for path in pathlib.Path(output).iterdir()}


class Stacks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.stacks = {}
        for name in ASSEMBLIES:
            model = model_on(os.path.join(cls.folder, "model-" + name), name)
            cls.stacks[name] = render(model, os.path.join(cls.folder, "out-" + name))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def objects(self, assembly):
        return [o for name, text in sorted(self.stacks[assembly].items()) if name.endswith(".yaml")
                for o in yaml.safe_load_all(text) if o]

    def secrets(self, assembly):
        """As the list in the stack itself says, which is what people read."""
        listed = [o for o in self.objects(assembly) if o.get("metadata", {}).get("name") == "yellow-ny-credentials"]
        return {line.split(":")[0] for o in listed for line in o["data"]["secrets"].split("\n")}

    def test_manifests_are_complete_and_their_references_resolve(self):
        for assembly in ASSEMBLIES:
            if assembly == "yellow-local":
                continue
            with self.subTest(assembly):
                checker = manifest.Checker(self.objects(assembly), {"secret": self.secrets(assembly)})
                self.assertEqual(checker.run(), [])

    def test_each_host_of_the_namespace_is_a_service(self):
        for assembly in ASSEMBLIES:
            objects = self.objects(assembly)
            services = {o["metadata"]["name"] for o in objects if o.get("kind") == "Service"}
            outside = {host for o in objects if o.get("kind") == "ConfigMap" for host in [o["data"].get("host", "")]}
            services |= {host.partition(".")[0] for host in outside}  # the model's word for it
            self.assertLessEqual(manifest.hosts(objects, "yellow-ny"), services, assembly)

    def test_each_listed_secret_is_used_or_a_credential_of_the_model(self):
        for assembly in ASSEMBLIES:
            text = "\n".join(self.stacks[assembly].values())
            for secret in self.secrets(assembly):
                self.assertIn(secret, text)

    def test_policies_let_out_what_the_model_needs_and_no_more(self):
        policies = {o["metadata"]["name"]: o["spec"] for o in self.objects("yellow-twin-postgres")
                    if o["kind"] == "NetworkPolicy"}
        self.assertEqual(policies["default-deny"], {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})
        containers = [([p["port"] for p in rule["ports"]], rule.get("to")) for rule in
                      policies["allow-jobs-to-containers"]["egress"]]
        self.assertEqual(containers, [
            ([5432], [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "yellow-ny"}}}]),
            ([443], None), ([5432], None), ([9000], None)])  # names, which a policy cannot hold
        server = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "yellow"}},
                  "podSelector": {"matchLabels": {"app.kubernetes.io/name": "yellow"}}}
        for part in ("airflow", "jobs"):
            self.assertEqual(policies["allow-%s-outside-8080" % part]["egress"],
                             [{"ports": [{"protocol": "TCP", "port": 8080}], "to": [server]}])
        self.assertEqual(policies["allow-names"]["egress"][0]["to"],
                         [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
                           "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}])
        anyone = [name for name, spec in policies.items() if spec["podSelector"] == {} and spec.get("egress")]
        self.assertEqual(anyone, ["allow-names"])
        parts = {manifest.pod_template(o)["metadata"]["labels"]["yellow/part"] for o in self.objects("yellow-twin-postgres")
                 if manifest.pod_template(o)} | {"jobs"}
        for name, spec in policies.items():
            if spec["podSelector"]:
                self.assertIn(spec["podSelector"]["matchLabels"]["yellow/part"], parts, name)

    def test_policies_say_which_hosts_they_cannot_name(self):
        policies = {o["metadata"]["name"]: o for o in self.objects("yellow-external-postgres") if o["kind"] == "NetworkPolicy"}
        self.assertEqual(policies["allow-airflow-outside-5432"]["metadata"]["annotations"], {"yellow/hosts": "db.example.net"})
        hosts = policies["allow-jobs-to-containers"]["metadata"]["annotations"]["yellow/hosts"].split(", ")
        self.assertIn("crm.example.net:5432", hosts)
        self.assertIn("postgres.yellow-ny.svc.cluster.local:5432", hosts)

    def test_a_host_that_is_an_address_is_let_out_by_it(self):
        model = model_on(os.path.join(self.folder, "model-address"), "yellow-external-postgres")
        containers, psp = pathlib.Path(model, "containers.yaml"), pathlib.Path(model, "platform/psp.yaml")
        containers.write_text(containers.read_text().replace("crm.example.net", "10.1.2.3")
                              .replace("shop.example.net", "10.1.2.300"))
        psp.write_text(psp.read_text().replace("airflow_database_host: db.example.net", "airflow_database_host: 10.9.8.7, airflow_database_cidr: 10.9.8.7/32, "
                                               "server_url: 'https://192.0.2.7:8443/yellow', server_port: 8443, "
                                               "server_cidr: 192.0.2.7/32, "
                                               "kubernetes_api_cidr: 10.0.0.1/32"))
        stack = render(model, os.path.join(self.folder, "out-address"))
        policies = {o["metadata"]["name"]: o for o in yaml.safe_load_all(stack["network-policy.yaml"]) if o}

        def rule(address, *ports):
            return {"ports": [{"protocol": "TCP", "port": port} for port in ports], "to": [{"ipBlock": {"cidr": address}}]}

        jobs = policies["allow-jobs-to-containers"]
        self.assertIn(rule("10.1.2.3/32", 5432), jobs["spec"]["egress"])
        self.assertIn("10.1.2.300:5432", jobs["metadata"]["annotations"]["yellow/hosts"])  # a name, if anything
        self.assertEqual(policies["allow-airflow-outside-5432"]["spec"]["egress"], [rule("10.9.8.7/32", 5432)])
        self.assertEqual(policies["allow-jobs-outside-8443"]["spec"]["egress"], [rule("192.0.2.7/32", 8443)])
        self.assertEqual(policies["allow-airflow-kubernetes-api"]["spec"]["egress"], [rule("10.0.0.1/32", 443, 6443)])

    def test_pods_of_airflow_wait_for_the_migrated_database(self):
        for assembly in ("yellow-single-postgres", "yellow-twin-postgres"):
            pods = {o["metadata"]["name"]: manifest.pod_template(o)["spec"] for o in self.objects(assembly)
                    if o["kind"] in ("Deployment", "StatefulSet") and o["metadata"]["name"].startswith("airflow-")
                    and not o["metadata"]["name"].endswith("postgres")}
            self.assertGreaterEqual(len(pods), 3)
            for name, pod in pods.items():
                wait, runs = pod["initContainers"][0], pod["containers"][0]
                self.assertEqual(wait["args"], ["db", "check-migrations", "--migration-wait-timeout", "600"], name)
                for key in ("image", "env", "envFrom", "resources", "securityContext"):
                    self.assertEqual(wait[key], runs[key], name)

    def test_each_part_has_a_secret_of_its_own(self):
        for assembly in ("yellow-single-postgres", "yellow-twin-postgres", "blue-minio"):
            users = {}
            for o in self.objects(assembly):
                pod = manifest.pod_template(o)
                for name in set(re.findall(r"'(?:secretName|name)': '(yellow-ny-[a-z-]+|airflow-keys|minio-keys)'", str(pod))):
                    users.setdefault(name, set()).add(pod["metadata"]["labels"]["yellow/part"])
            self.assertEqual(users["yellow-ny-job-token"], {"jobs"})
            owner = {"jobs", "postgres"}
            self.assertEqual(users["yellow-ny-merge-rw"], owner, assembly)

    def test_priorities_are_classes_of_the_cluster(self):
        for assembly in ("yellow-single-postgres", "blue-minio"):
            classes = {o["metadata"]["name"]: o["value"] for o in self.objects(assembly) if o["kind"] == "PriorityClass"}
            self.assertEqual(classes, {"low-yellow-ny": 1000, "medium-yellow-ny": 10000, "high-yellow-ny": 100000,
                                       "critical-yellow-ny": 1000000})
        cron = {o["metadata"]["name"]: o["spec"]["jobTemplate"]["spec"]["template"] for o in self.objects("blue-minio")
                if o["kind"] == "CronJob"}
        for name, pod in cron.items():
            priority = pod["metadata"]["labels"].get("yellow/priority")
            self.assertEqual(pod["spec"].get("priorityClassName"), priority and priority + "-yellow-ny", name)

    def test_postgres_is_sized_by_its_memory(self):
        postgres = next(o for o in self.objects("yellow-single-postgres") if o["metadata"]["name"] == "postgres"
                        and o["kind"] == "StatefulSet")["spec"]["template"]["spec"]
        container = postgres["containers"][0]
        self.assertIn({"name": "MEMORY_LIMIT_KIB", "valueFrom": {"resourceFieldRef": {
            "resource": "limits.memory", "divisor": "1Ki"}}}, container["env"])
        script = container["args"][0].replace("docker-entrypoint.sh", "echo")
        said = subprocess.run([*container["command"], script.replace("exec echo", "echo")], capture_output=True, text=True,
                              check=True, env={"MEMORY_LIMIT_KIB": str(4 << 20), "PATH": os.environ["PATH"]})
        self.assertEqual(said.stdout, "postgres -c shared_buffers=1048576kB -c effective_cache_size=3145728kB\n")
        self.assertIn({"name": "shm", "mountPath": "/dev/shm"}, container["volumeMounts"])
        self.assertIn({"name": "shm", "emptyDir": {"medium": "Memory"}}, postgres["volumes"])

    def test_owners_of_their_own_databases_are_made_at_the_first_start(self):
        sys.path.insert(0, str(ROOT / "tests/e2e"))
        from lib.postgres import BIN, Postgres  # tests/full reads this file where there is no psycopg2

        init = next(o for o in self.objects("blue-minio") if o["metadata"]["name"] == "postgres-init")
        cluster = Postgres().start()
        self.addCleanup(cluster.close)
        environment = {"OWNER_1_USERNAME": "lake owner", "OWNER_1_PASSWORD": "it's \\ \"x\"",
                       "OWNER_2_USERNAME": "server", "OWNER_2_PASSWORD": ":'p'"}
        run = subprocess.run([BIN + "/psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(cluster.port), "-U",
                              "yellow", "postgres"], input=init["data"]["databases.sql"], capture_output=True, text=True,
                             env=dict(os.environ, PGPASSWORD=cluster.password, **environment))
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        cluster.sql("lake", "create table t (x int)", user="lake owner", password=environment["OWNER_1_PASSWORD"])
        with self.assertRaisesRegex(Exception, "permission denied for database"):
            cluster.connect("lake", user="server", password=environment["OWNER_2_PASSWORD"])

    def test_cron_jobs_carry_the_models_schedules_and_sizes(self):
        cron = {o["metadata"]["name"]: o["spec"] for o in self.objects("blue-minio") if o["kind"] == "CronJob"}
        customers = cron["yellowlive-customers"]
        container = customers["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
        self.assertEqual(customers["concurrencyPolicy"], "Forbid")
        self.assertEqual(container["args"], ["job", "run", "--ecosystem", "acme", "--platform", "YellowLive", "--stream",
                                             "customers"])
        self.assertEqual(container["resources"], {"requests": {"memory": "2Gi", "cpu": "500m"},
                                                  "limits": {"memory": "4Gi", "cpu": "1"}})
        masked = next(spec for name, spec in cron.items() if name.endswith("mask-customers"))
        pod = masked["jobTemplate"]["spec"]["template"]["spec"]
        self.assertEqual([c["args"][-2:] for c in pod["containers"]], [["--transformer", "mask-customers"]])
        self.assertNotIn("initContainers", pod)
        self.assertNotIn("yellowlive-masked-customers", cron)

    def test_the_compose_file_names_what_it_uses(self):
        compose = yaml.safe_load(self.stacks["yellow-local"]["compose.yaml"])
        for service in compose["services"].values():
            self.assertLessEqual(set(service["secrets"]), set(compose["secrets"]))
            self.assertEqual(service["pull_policy"], "missing")
            for volume in service["volumes"]:
                source = volume.split(":")[0]
                self.assertTrue(source in compose["volumes"] or source.startswith("./secrets/"), volume)
            self.assertEqual(service["mem_limit"], "4g")
            self.assertIn("test", service["healthcheck"])
        self.assertEqual(compose["services"]["yellow"]["ports"], ["127.0.0.1:8080:8080"])
        self.assertIn("/pgdata", compose["services"]["postgres"]["environment"]["PGDATA"])

    def test_no_secret_has_a_value(self):
        for assembly in ASSEMBLIES:
            self.assertFalse([o for o in self.objects(assembly) if o.get("kind") == "Secret"])


OWN = """
kind: Component
name: cache
doc: A cache. It is ours.
parameters: [{name: size, type: storage, default: 1Gi, doc: Its size.}]
artifacts: [{template: own/cache.yaml.j2, media_type: application/yaml}]
---
kind: Assembly
name: ours
doc: Our platform.
components: [{component: cache}]
"""


class Declarations(unittest.TestCase):
    """yellow component|assembly list|show, and what a newcomer mistypes."""

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.model = model_on(os.path.join(self.folder, "model"), "blue-minio")
        pathlib.Path(self.model, "own").mkdir()
        pathlib.Path(self.model, "own/own.yaml").write_text(OWN)
        pathlib.Path(self.model, "own/cache.yaml.j2").write_text("size: {{ size }}\n")

    def run_it(self, *arguments):
        run = subprocess.run([YELLOW, *arguments], capture_output=True, text=True, cwd=self.folder)
        return run.returncode, run.stdout, run.stderr

    def test_lists_show_each_with_its_first_sentence(self):
        code, out, error = self.run_it("component", "list")
        self.assertEqual((code, error), (0, ""))
        names = [line.split()[0] for line in out.splitlines()]
        self.assertEqual(names, sorted(path.parent.name for path in ROOT.glob("templates/components/*/component.yaml")))
        names = [line.split()[0] for line in self.run_it("assembly", "list")[1].splitlines()]
        self.assertEqual(names, sorted(ASSEMBLIES))

    def test_those_of_a_model_stand_first(self):
        code, out, error = self.run_it("component", "list", "--model", "model")
        self.assertEqual((code, error, out.splitlines()[0]), (0, "", "cache                      A cache."))
        self.assertIn("\nairflow-2 ", out)
        listed = json.loads(self.run_it("assembly", "list", "--model", "model", "--json")[1])["assemblies"]
        self.assertEqual([(a["name"], a["own"]) for a in listed[:2]], [("ours", True), ("blue-minio", False)])
        shown = json.loads(self.run_it("component", "show", "cache", "--model", "model", "--json")[1])
        self.assertEqual((shown["own"], shown["parameters"][0]["name"]), (True, "size"))
        self.assertEqual(self.run_it("component", "show", "postgres", "--model", "model"),
                         self.run_it("component", "show", "postgres"))

    def test_a_wrong_model_is_said_with_its_places(self):
        pathlib.Path(self.model, "own/own.yaml").write_text(OWN.replace("type: storage", "type: stone"))
        code, out, error = self.run_it("component", "list", "--model", "model")
        self.assertEqual((code, out), (1, ""))
        self.assertRegex(error, r"own/own\.yaml:[0-9]+:[0-9]+: .*stone")
        self.assertRegex(error, r"yellow: model: [0-9]+ errors\n$")
        self.assertEqual(self.run_it("component", "list", "--model", "away"),
                         (1, "", "yellow: cannot open away: No such file or directory\n"))

    def test_a_name_that_is_nearly_one_is_guessed(self):
        self.assertEqual(self.run_it("component", "show", "postgre"),
                         (1, "", 'yellow: there is no component "postgre"\nhint: did you mean: yellow component show postgres\n'))
        self.assertEqual(self.run_it("assembly", "show", "our", "--model", "model"),
                         (1, "", 'yellow: there is no assembly "our"\nhint: did you mean: yellow assembly show ours\n'))
        self.assertEqual(self.run_it("assembly", "show", ""),
                         (1, "", 'yellow: there is no assembly ""\nhint: yellow assembly list shows them\n'))
        self.assertEqual(self.run_it("component", "show", "../postgres")[0], 1)
        self.assertEqual(self.run_it("render", "model", "--psp", "yellow"),
                         (1, "", "yellow: there is no PlatformServiceProvider yellow\nhint: the model has yellow-ny\n"))

    def test_what_is_too_much_or_too_little_is_usage(self):
        for arguments in (["component", "show"], ["component", "list", "x"], ["assembly", "show", "a", "b"], ["component"],
                          ["component", "list", "--jsno"], ["render"], ["render", "model"],
                          ["render", "model", "--psp", "yellow-ny", "--exit-code"],
                          ["render", "model", "--psp", "yellow-ny", "--output", "o", "--json"]):
            code, out, error = self.run_it(*arguments)
            self.assertEqual((code, out), (2, ""), arguments)
            self.assertTrue(error.startswith("yellow: "), error)


class Differences(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.old, self.new = (model_on(os.path.join(self.folder, name), "blue-minio") for name in ("old", "new"))

    def diff(self, *options):
        return subprocess.run([YELLOW, "render", self.new, "--psp", "yellow-ny", "--diff", self.old, *options],
                              capture_output=True, text=True)

    def edit(self, folder, before, after):
        path = pathlib.Path(folder, "platform/psp.yaml")
        self.assertIn(before, path.read_text())
        path.write_text(path.read_text().replace(before, after))

    def test_patch_makes_the_new_stack_of_the_old_one(self):
        self.edit(self.new, "memory: 2Gi", "memory: 3Gi")
        out = os.path.join(self.folder, "out")
        render(self.old, out)
        subprocess.run(["patch", "-s", "-p1", "-d", out], input=self.diff().stdout, text=True, check=True)
        expected = render(self.new, os.path.join(self.folder, "expected"))
        self.assertEqual({path.name: path.read_text() for path in pathlib.Path(out).iterdir()}, expected)

    def test_the_exit_status_tells_a_difference_only_when_asked(self):
        self.assertEqual((self.diff("--exit-code").returncode, self.diff().stdout), (0, ""))
        self.edit(self.new, "memory: 2Gi", "memory: 3Gi")
        self.assertEqual((self.diff("--exit-code").returncode, self.diff().returncode), (4, 0))
        self.edit(self.old, "namespace: yellow-ny", "namespace: No")
        self.assertEqual(self.diff("--exit-code").returncode, 1)
        self.assertEqual(self.diff("--output", "x").returncode, 2)

    def test_as_json_it_names_the_values(self):
        self.edit(self.new, 'resources: {requests: {memory: 2Gi', 'resources: {requests: {memory: 3Gi')
        found = json.loads(self.diff("--json").stdout)
        self.assertEqual(found["summary"], {"added": 0, "removed": 0, "changed": 1})
        self.assertEqual(found["changed"][0]["paths"], [{
            "object": "batch/v1 CronJob yellow-ny/yellowlive-customers",
            "pointer": "/spec/jobTemplate/spec/template/spec/containers/0/resources/requests/memory",
            "from": "2Gi", "to": "3Gi"}])

    def test_a_psp_that_is_new_adds_its_stack(self):
        shutil.rmtree(self.old)
        os.mkdir(self.old)
        pathlib.Path(self.old, "ecosystem.yaml").write_text("kind: Ecosystem\nname: acme\nowner: {repository: a/b, branch: main}\n")
        found = json.loads(self.diff("--json").stdout)
        self.assertEqual((found["from"]["sha256"], found["summary"]["removed"], found["summary"]["changed"]), (None, 0, 0))
        self.assertGreater(found["summary"]["added"], 5)


class Own(unittest.TestCase):
    """A company's own component, on the command line."""

    def render(self, prepare, template):
        with tempfile.TemporaryDirectory() as folder:
            model = pathlib.Path(model_on(os.path.join(folder, "model"), "blue-minio"))
            (model / "own").mkdir()
            prepare(model / "own")
            (model / "own/own.yaml").write_text(
                "kind: Component\nname: cache\ndoc: d\nartifacts: [{template: %s, media_type: application/yaml}]\n" % template)
            return subprocess.run([YELLOW, "render", str(model), "--psp", "yellow-ny"], capture_output=True, text=True)

    def test_a_template_that_is_a_link_or_lies_outside_is_refused(self):
        linked = self.render(lambda own: (own / "x.yaml.j2").symlink_to("/etc/passwd"), "own/x.yaml.j2")
        self.assertEqual((linked.returncode, linked.stdout), (1, ""))
        self.assertIn("own/x.yaml.j2 is a symbolic link", linked.stderr)
        outside = self.render(lambda own: None, "own/../../x.yaml.j2")
        self.assertEqual((outside.returncode, outside.stdout), (1, ""))
        self.assertIn("own/own.yaml:1:1: error: Component cache: ", outside.stderr)
        self.assertIn("a path from the model's root without ..", outside.stderr)


STUBS = {
    "airflow/__init__.py": """
class DAG:
    def __init__(self, dag_id, **kw):
        self.dag_id, self.kw, self.tasks = dag_id, kw, []
""",
    "airflow/datasets/__init__.py": """
class Dataset:
    def __init__(self, uri): self.uri = uri
class DatasetAny:
    def __init__(self, *items): self.items = items
""",
    "airflow/providers/__init__.py": "",
    "airflow/providers/cncf/__init__.py": "",
    "airflow/providers/cncf/kubernetes/__init__.py": "",
    "airflow/providers/cncf/kubernetes/operators/__init__.py": "",
    "airflow/providers/cncf/kubernetes/operators/pod.py": """
class KubernetesPodOperator:
    template_fields = ("arguments",)
    def __init__(self, dag, **kw):
        self.kw = kw
        dag.tasks.append(self)
""",
    "pendulum.py": """
def datetime(year, month, day, tz): return tz
""",
    "kubernetes/__init__.py": "",
    "kubernetes/client/__init__.py": "class Configuration: pass",
    "kubernetes/client/models.py": """
def __getattr__(name):
    if name.startswith("__"): raise AttributeError(name)
    return lambda local_vars_configuration, **kw: (name, kw)
""",
}
PROBE = """
import json, runpy, sys, time
import kubernetes.client.models, airflow.datasets
start = time.process_time()
dags = [v for k, v in runpy.run_path(sys.argv[1]).items() if type(v).__name__ == "DAG"]
json.dump({"seconds": time.process_time() - start, "dags": {d.dag_id: {
    "schedule": d.kw["schedule"] if isinstance(d.kw["schedule"], (str, type(None))) else
        [a.uri for a in (d.kw["schedule"] if isinstance(d.kw["schedule"], list) else d.kw["schedule"].items)],
    "max_active_runs": d.kw["max_active_runs"], "zone": str(getattr(d.kw["start_date"], "tzinfo", d.kw["start_date"])),
    "tags": d.kw["tags"],
    "tasks": [[t.kw["task_id"], t.kw["arguments"], t.kw["container_resources"][1], t.kw["pool"], t.kw["priority_weight"],
               [a.uri for a in t.kw["outlets"]], t.kw["image"], list(t.template_fields)] for t in d.tasks]} for d in dags}}, sys.stdout)
"""


def job(kind, name, schedule, **more):
    return {"kind": kind, "platform": "Live", "name": name, "schedule": schedule, "priority": "high", "inputs": [],
            "timezone": "UTC", "paused": False, "image": None,
            "resources": {"requests": {"memory": "1Gi", "cpu": "100m"}, "limits": {"memory": "2Gi", "cpu": "1"}},
            "credentials": [{"name": "merge-rw", "secret": "ny-merge-rw"}], **more}


class Server:
    """Answers .../jobs with pages; counts its answers."""

    def __init__(self):
        self.pages, self.answers, self.raw = [], [], None
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                page = int(self.path.partition("cursor=")[2] or 0)
                body = outer.raw or json.dumps({"items": outer.pages[page]}).encode()
                etag = '"%x"' % hash(body)
                status = 304 if self.headers["If-None-Match"] == etag else 200
                outer.answers.append((status, self.headers["Authorization"]))
                self.send_response(status)
                self.send_header("ETag", etag)
                if page + 1 < len(outer.pages):
                    self.send_header("Link", '<%s?cursor=%d>; rel="next"' % (self.path.partition("?")[0], page + 1))
                self.send_header("Content-Length", str(len(body) if status == 200 else 0))
                self.end_headers()
                if status == 200:
                    self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.http.server_port
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def stop(self):
        self.http.shutdown()
        self.http.server_close()


class DagFile(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.server = Server()
        self.addCleanup(self.server.stop)
        for name, text in STUBS.items():
            path = pathlib.Path(self.folder, "stubs", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        pathlib.Path(self.folder, "probe.py").write_text(PROBE)
        pathlib.Path(self.folder, "token").write_text("secret-token\n")
        model = model_on(os.path.join(self.folder, "model"), "yellow-single-postgres")
        psp = pathlib.Path(model, "platform/psp.yaml")
        psp.write_text(psp.read_text() + "parameters: {server_url: \"%s\"}\n" % self.server.url)
        text = render(model, os.path.join(self.folder, "out"))["dags.py"]
        self.image = re.search(r"^IMAGE = '(.*)'$", text, re.M)[1]
        self.dags = pathlib.Path(self.folder, "dags.py")
        self.dags.write_text(re.sub(r"^REFRESH_SECONDS = .*", "REFRESH_SECONDS = 0", text, flags=re.M))

    def parse(self):
        env = {**os.environ, "PYTHONPATH": self.folder + "/stubs", "YELLOW_CACHE": self.folder,
               "YELLOW_TOKEN_FILE": self.folder + "/token"}
        run = subprocess.run([sys.executable, self.folder + "/probe.py", str(self.dags)], env=env, text=True,
                             capture_output=True)
        self.stderr = run.stderr
        if run.returncode == 0:
            return json.loads(run.stdout)
        self.assertIn("RuntimeError: no jobs: ", run.stderr)
        return None

    def test_a_dag_for_each_stream_and_transformer_with_its_schedule_and_sizes(self):
        self.server.pages = [[job("stream", "a", "*/5 * * * *", timezone="Europe/Dublin"), job("stream", "b.c", "external"),
                              job("stream", "out", "transformer:mask")],
                             [job("transformer", "mask", "inputs", inputs=["a", "b.c"], image="registry.example.net/mask:3"),
                              job("stream", "held", "*/5 * * * *", paused=True)]]
        dags = self.parse()["dags"]
        self.assertEqual(set(dags), {"yellow.yellow-ny.stream.Live.a", "yellow.yellow-ny.stream.Live.b.c",
                                     "yellow.yellow-ny.transformer.Live.mask", "yellow.yellow-ny.stream.Live.held"})
        a = dags["yellow.yellow-ny.stream.Live.a"]
        self.assertEqual((a["schedule"], a["zone"], a["max_active_runs"]), ("*/5 * * * *", "Europe/Dublin", 1))
        held = dags["yellow.yellow-ny.stream.Live.held"]
        self.assertEqual((held["schedule"], held["zone"], held["tags"][-1]), (None, "UTC", "paused"))
        resources = {"requests": {"memory": "1Gi", "cpu": "100m"}, "limits": {"memory": "2Gi", "cpu": "1"}}
        self.assertEqual(a["tasks"], [["run", ["job", "run", "--ecosystem", "acme", "--platform", "Live", "--stream", "a"],
                                       resources, "default_pool", 100, ["yellow://acme/Live/a"], self.image, []]])
        self.assertIsNone(dags["yellow.yellow-ny.stream.Live.b.c"]["schedule"])
        mask = dags["yellow.yellow-ny.transformer.Live.mask"]
        self.assertEqual(mask["schedule"], ["yellow://acme/Live/a", "yellow://acme/Live/b.c"])
        self.assertEqual([(t[0], t[1][-2:], t[5:7]) for t in mask["tasks"]],
                         [("run", ["--transformer", "mask"], [["yellow://acme/Live/out"], "registry.example.net/mask:3"])])
        self.assertEqual(self.server.answers, [(200, "Bearer secret-token")] * 2)
        self.assertEqual(self.parse()["dags"], dags)
        self.assertEqual([status for status, _ in self.server.answers], [200, 200, 304, 304])

    def test_a_server_that_is_away_or_talks_nonsense_drops_no_job(self):
        self.server.pages = [[job("stream", "a", "external")]]
        dags = self.parse()["dags"]
        for raw in (b"not json", b"[]", b"{}", b'{"items": [{"name": "a"}]}', b'{"items": null}', b"\xff"):
            self.server.raw = raw
            self.assertEqual(self.parse()["dags"], dags, raw)
        self.server.stop()
        self.server.http = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
        threading.Thread(target=self.server.http.serve_forever, daemon=True).start()
        self.assertEqual(self.parse()["dags"], dags)
        self.assertIn("the jobs are those of the cache", self.stderr)

    def test_a_cache_of_an_older_file_of_dags_is_not_taken_for_an_answer(self):
        self.server.pages = [[job("stream", "a", "external")]]
        dags = self.parse()["dags"]
        path = pathlib.Path(self.folder, "yellow-acme-yellow-ny.json")
        cache = json.loads(path.read_text())
        del cache["pages"][0]["jobs"][0]["paused"]
        path.write_text(json.dumps(cache))
        self.assertEqual(self.parse()["dags"], dags)
        self.assertEqual([status for status, _ in self.server.answers], [200, 200])

    def test_without_server_and_cache_it_fails_and_says_so(self):
        self.server.raw = b"not json"
        self.assertIsNone(self.parse())
        self.assertIn("RuntimeError: no jobs: ", self.stderr)
        pathlib.Path(self.folder, "yellow-acme-yellow-ny.json").write_text("{broken")
        self.assertIsNone(self.parse())

    def test_a_thousand_jobs_make_a_thousand_dags(self):
        self.server.pages = [[job("stream", "s%d" % i, "*/5 * * * *") for i in range(1000)]]
        answer = self.parse()
        self.assertEqual(len(answer["dags"]), 1000)
        print("parsed 1,000 jobs in %.3f s of CPU" % answer["seconds"])


HOSTILE = ["'", '"', "\\", "'''", '"""', "{{ 1 }}", "{% raw %}", "no", "1e3", "a: b", "a #b", "- a", "%(x)s", "{0}", "$(id)",
           "`id`", "\u2028", "\u00e9", "\\'+__import__('os').system('id')+\\'", "#", "~", "[", "&a", "*a", "!!python/object"]


class Values(unittest.TestCase):
    def test_a_value_in_the_dag_file_changes_a_literal_alone(self):
        """Of the syntax tree, and of the YAML tree of the ConfigMap that carries it."""
        with tempfile.TemporaryDirectory() as folder:
            model = model_on(os.path.join(folder, "model"), "yellow-single-postgres")
            psp = pathlib.Path(model, "platform/psp.yaml")
            before = psp.read_text()

            def trees(value):
                psp.write_text(before + "parameters: {server_url: %s}\n" % json.dumps(value))
                out = render(model, os.path.join(folder, "out"))
                tree = ast.parse(out["dags.py"])
                found = [n.value.value for n in tree.body if isinstance(n, ast.Assign) and n.targets[0].id == "SERVER"]
                for node in ast.walk(tree):
                    if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "SERVER":
                        node.value.value = ""
                carried = yaml.safe_load(out["dags-config-map.yaml"])["data"]["yellow-dags.py"]
                self.assertEqual(carried.rstrip("\n"), out["dags.py"].rstrip("\n"))
                return found, ast.dump(tree)

            _, plain = trees("http://server")
            for value in HOSTILE:
                found, tree = trees(value)
                self.assertEqual(found, [value])
                self.assertEqual(tree, plain, value)


if __name__ == "__main__":
    unittest.main()
