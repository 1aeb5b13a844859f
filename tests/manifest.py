"""What `kubectl apply --dry-run=client` and an operator's eye would refuse, without a cluster: required fields by kind,
selectors that select, references that resolve, the restricted pod security profile, probes and sizes."""

import re

LABEL = re.compile(r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")
LABEL_VALUE = re.compile(r"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$")
QUANTITY = re.compile(r"^[0-9]+(\.[0-9]+)?(m|k|[KMGTPE]i?)?$")
CRON = re.compile(r"^[-0-9*/,A-Za-z]+( [-0-9*/,A-Za-z]+){4}$")

# kind -> apiVersion, whether it has a namespace, required paths
KINDS = {
    "Namespace": ("v1", False, []),
    "ServiceAccount": ("v1", True, []),
    "ConfigMap": ("v1", True, []),
    "Service": ("v1", True, ["spec.selector", "spec.ports"]),
    "PersistentVolumeClaim": ("v1", True, ["spec.accessModes", "spec.resources.requests.storage"]),
    "StorageClass": ("storage.k8s.io/v1", False, ["provisioner"]),
    "Deployment": ("apps/v1", True, ["spec.selector.matchLabels", "spec.template.spec.containers"]),
    "StatefulSet": ("apps/v1", True, ["spec.selector.matchLabels", "spec.serviceName", "spec.template.spec.containers"]),
    "Job": ("batch/v1", True, ["spec.template.spec.containers", "spec.template.spec.restartPolicy"]),
    "CronJob": ("batch/v1", True, ["spec.schedule", "spec.jobTemplate.spec.template.spec.containers"]),
    "Role": ("rbac.authorization.k8s.io/v1", True, ["rules"]),
    "RoleBinding": ("rbac.authorization.k8s.io/v1", True, ["roleRef", "subjects"]),
    "NetworkPolicy": ("networking.k8s.io/v1", True, ["spec.podSelector", "spec.policyTypes"]),
    "PriorityClass": ("scheduling.k8s.io/v1", False, ["value", "preemptionPolicy"]),
    "PodDisruptionBudget": ("policy/v1", True, ["spec.selector"]),
}
TOP = {"apiVersion", "kind", "metadata", "spec", "data", "rules", "roleRef", "subjects", "automountServiceAccountToken",
       "imagePullSecrets", "provisioner", "reclaimPolicy", "volumeBindingMode", "allowVolumeExpansion", "parameters", "value",
       "globalDefault", "preemptionPolicy", "description"}


def at(tree, path):
    for key in path.split("."):
        if not isinstance(tree, dict) or key not in tree:
            return None
        tree = tree[key]
    return tree


def pod_template(o):
    """The pod template of an object, or None."""
    path = {"Deployment": "spec.template", "StatefulSet": "spec.template", "Job": "spec.template",
            "CronJob": "spec.jobTemplate.spec.template"}.get(o["kind"])
    return at(o, path) if path else None


class Checker:
    def __init__(self, objects, externals):
        self.objects, self.externals, self.problems = objects, externals, []
        self.names = {(o["kind"], o["metadata"]["name"]) for o in objects}

    def say(self, o, text):
        self.problems.append("%s %s: %s" % (o["kind"], o["metadata"]["name"], text))

    def run(self):
        for o in self.objects:
            self.check_object(o)
            template = pod_template(o)
            if template:
                self.check_pod(o, template)
        return self.problems

    def check_object(self, o):
        if o["kind"] not in KINDS:
            return self.say(o, "unknown kind")
        version, namespaced, required = KINDS[o["kind"]]
        if o["apiVersion"] != version:
            self.say(o, "apiVersion %s" % o["apiVersion"])
        if set(o) - TOP:
            self.say(o, "unknown fields %s" % (set(o) - TOP))
        for path in required:
            if at(o, path) in (None, []):
                self.say(o, "%s is missing" % path)
        if bool(o["metadata"].get("namespace")) != namespaced:
            self.say(o, "its namespace")
        if not all(LABEL.match(part) for part in o["metadata"]["name"].split(".")):
            self.say(o, "its name")
        for key, value in o["metadata"]["labels"].items():
            if not isinstance(value, str) or not LABEL_VALUE.match(value):
                self.say(o, "label %s" % key)
        for name in ("name", "instance", "component", "part-of", "managed-by"):
            if "app.kubernetes.io/" + name not in o["metadata"]["labels"]:
                self.say(o, "no label app.kubernetes.io/%s" % name)
        if o["kind"] == "ConfigMap":
            for key, value in o["data"].items():
                if not isinstance(value, str) or not re.match(r"^[-._a-zA-Z0-9]+$", key):
                    self.say(o, "data %s is no text" % key)
        if o["kind"] == "CronJob" and not CRON.match(o["spec"]["schedule"]):
            self.say(o, "schedule %r" % o["spec"]["schedule"])
        if o["kind"] == "CronJob" and len(o["metadata"]["name"]) > 52:
            self.say(o, "a CronJob's name has at most 52 characters")
        if o["kind"] == "Job" and not re.search(r"-[0-9a-f]{8}$", o["metadata"]["name"]):
            self.say(o, "a Job cannot be changed: its name has no hash of what it does")
        if o["kind"] == "RoleBinding":
            self.refer(o, "Role", o["roleRef"]["name"])
            for subject in o["subjects"]:
                self.refer(o, subject["kind"], subject["name"])
        if o["kind"] in ("Service", "PodDisruptionBudget"):
            selector = o["spec"]["selector"].get("matchLabels", o["spec"]["selector"])
            if not self.selected(selector):
                self.say(o, "selects no pod")

    def selected(self, selector):
        return [o for o in self.objects if pod_template(o)
                and selector.items() <= pod_template(o)["metadata"]["labels"].items()]

    def refer(self, o, kind, name, key=None):
        if kind == "Secret":
            if name not in self.externals["secret"]:
                self.say(o, "secret %s is neither made nor declared as external" % name)
        elif (kind, name) not in self.names:
            self.say(o, "there is no %s %s" % (kind, name))
        elif key:
            found = next(x for x in self.objects if (x["kind"], x["metadata"]["name"]) == (kind, name))
            if key not in found["data"]:
                self.say(o, "%s %s has no key %s" % (kind, name, key))

    def check_pod(self, o, template):
        labels, spec = template["metadata"]["labels"], template["spec"]
        if o["kind"] in ("Deployment", "StatefulSet") and not at(o, "spec.selector.matchLabels").items() <= labels.items():
            self.say(o, "its selector does not select its pods")
        if o["kind"] == "StatefulSet":
            self.refer(o, "Service", o["spec"]["serviceName"])
        if "serviceAccountName" in spec:
            self.refer(o, "ServiceAccount", spec["serviceAccountName"])
        if "priorityClassName" in spec:
            self.refer(o, "PriorityClass", spec["priorityClassName"])
        security = spec.get("securityContext", {})
        if security.get("runAsNonRoot") is not True or not security.get("runAsUser"):
            self.say(o, "runs as root")
        if security.get("seccompProfile") != {"type": "RuntimeDefault"}:
            self.say(o, "seccomp")
        volumes = {v["name"] for v in spec.get("volumes", [])}
        volumes |= {c["metadata"]["name"] for c in o["spec"].get("volumeClaimTemplates", [])}
        for claim in o["spec"].get("volumeClaimTemplates", []):
            if claim["spec"]["accessModes"] != ["ReadWriteOnce"] or not QUANTITY.match(claim["spec"]["resources"]["requests"]["storage"]):
                self.say(o, "claim %s" % claim["metadata"]["name"])
        for v in spec.get("volumes", []):
            self.check_volume(o, v)
        long_lived = o["kind"] in ("Deployment", "StatefulSet")
        for c in spec.get("initContainers", []):
            self.check_container(o, c, volumes, False)
        for c in spec["containers"]:
            self.check_container(o, c, volumes, long_lived)
        if not long_lived and spec.get("restartPolicy") not in ("OnFailure", "Never"):
            self.say(o, "restartPolicy")

    def check_volume(self, o, v):
        kinds = set(v) - {"name"}
        if len(kinds) != 1 or not kinds <= {"configMap", "secret", "emptyDir", "persistentVolumeClaim"}:
            self.say(o, "volume %s is of %s" % (v["name"], kinds))
        if "configMap" in v:
            self.refer(o, "ConfigMap", v["configMap"]["name"])
            for item in v["configMap"].get("items", []):
                self.refer(o, "ConfigMap", v["configMap"]["name"], item["key"])
        if "secret" in v:
            self.refer(o, "Secret", v["secret"]["secretName"])
        if "persistentVolumeClaim" in v:
            self.refer(o, "PersistentVolumeClaim", v["persistentVolumeClaim"]["claimName"])

    def check_container(self, o, c, volumes, long_lived):
        where = "container %s: " % c["name"]
        if c["imagePullPolicy"] != "IfNotPresent" or ":" not in c["image"]:
            self.say(o, where + "image")
        if c.get("securityContext") != {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}:
            self.say(o, where + "not of the restricted profile")
        for side in ("requests", "limits"):
            for what in ("memory", "cpu"):
                if not QUANTITY.match(str(at(c, "resources.%s.%s" % (side, what)))):
                    self.say(o, where + "%s.%s" % (side, what))
        if long_lived and "livenessProbe" not in c:
            self.say(o, where + "no liveness probe")
        ports = {p["name"] for p in c.get("ports", [])}
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            port = at(c, probe + ".httpGet.port")
            if port is not None and port not in ports:
                self.say(o, where + "%s asks a port that is not there" % probe)
        for mount in c.get("volumeMounts", []):
            if mount["name"] not in volumes:
                self.say(o, where + "no volume %s" % mount["name"])
        for entry in c.get("env", []):
            key = at(entry, "valueFrom.secretKeyRef")
            if key:
                self.refer(o, "Secret", key["name"])
            elif not isinstance(entry.get("value"), str) and not at(entry, "valueFrom.resourceFieldRef"):
                self.say(o, where + "%s is no text" % entry["name"])
        for source in c.get("envFrom", []):
            self.refer(o, "ConfigMap", source["configMapRef"]["name"])


def hosts(objects, namespace):
    """Names of services that texts of the objects speak of: NAME.NAMESPACE.svc."""
    found = set()
    for o in objects:
        found |= set(re.findall(r"\b([a-z0-9-]+)\.%s\.svc\b" % re.escape(namespace), repr(o)))
    return found
