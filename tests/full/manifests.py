"""Every assembly's manifests against the published Kubernetes schemas of the newest four minor versions there are (PyPI:
kubernetes-validate holds them). Run by script/test --full with the Python of build/full/kubernetes."""

import os
import pathlib
import sys
import tempfile
import unittest

import kubernetes_validate
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

import stacks  # noqa: E402


def newest(count):
    folders = pathlib.Path(kubernetes_validate.__file__).parent.glob("kubernetes-json-schema/v*")
    minors = {tuple(map(int, f.name.lstrip("v").split("-")[0].split(".")))[:2] for f in folders}
    return ["%d.%d" % minor for minor in sorted(minors)[-count:]]


class Manifests(unittest.TestCase):
    def test_each_object_is_one_of_the_published_schemas(self):
        versions = newest(4)
        self.assertEqual(len(versions), 4)
        print("Kubernetes", ", ".join(versions))
        with tempfile.TemporaryDirectory() as folder:
            for assembly in stacks.ASSEMBLIES:
                model = stacks.model_on(os.path.join(folder, "model-" + assembly), assembly)
                for name, text in stacks.render(model, os.path.join(folder, "out-" + assembly)).items():
                    for o in yaml.safe_load_all(text) if name.endswith(".yaml") else []:
                        if not o or "apiVersion" not in o:
                            continue
                        for version in versions:
                            with self.subTest(assembly=assembly, name=name, kind=o["kind"], version=version):
                                kubernetes_validate.validate(o, version, strict=True)

    @unittest.skipUnless(os.environ.get("YELLOW_CHARTS"), "no helm rendered the chart")
    def test_each_object_of_the_chart_is_one_too(self):
        for path in os.environ["YELLOW_CHARTS"].split(":"):
            objects = [o for o in yaml.safe_load_all(pathlib.Path(path).read_text()) if o]
            self.assertGreater(len(objects), 3)
            for o in objects:
                if o["kind"] == "ServiceMonitor":  # of an operator, not of Kubernetes
                    continue
                for version in newest(4):
                    with self.subTest(path=path, kind=o["kind"], version=version):
                        kubernetes_validate.validate(o, version, strict=True)


if __name__ == "__main__":
    unittest.main()
