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


if __name__ == "__main__":
    unittest.main()
