"""The DAG file in a real Airflow with 200 jobs: no import errors, the right schedules and resources. Run by script/test
--full with the Python of build/full/airflow-2 and build/full/airflow-3."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

import stacks  # noqa: E402


# Runs the DAG file as Airflow does, in a process of its own: once with what it imports, once without.
PROBE = """
import json, runpy, sys, time
start = time.process_time()
first = runpy.run_path(sys.argv[1])
middle = time.process_time()
again = runpy.run_path(sys.argv[1])
end = time.process_time()
dags = sum(type(v).__name__ == "DAG" for v in again.values())
print(json.dumps({"first": middle - start, "again": end - middle, "dags": dags}))
"""


def jobs(count=200):
    """Of ten, eight streams, and a transformer with its output's stream."""
    out = []
    for i in range(count):
        if i % 10 == 9:
            out.append(stacks.job("transformer", "t%d" % i, "inputs", inputs=["s%d" % (i - 2), "s%d" % (i - 3)]))
        else:
            out.append(stacks.job("stream", "s%d" % i, "transformer:t%d" % (i + 1) if i % 10 == 8 else "*/5 * * * *"))
    return out


class Dags(unittest.TestCase):
    def prepare(self, pages):
        """A folder with dags/dags.py, beside a server with these jobs."""
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        server = stacks.Server()
        self.addCleanup(server.stop)
        server.pages = pages
        model = stacks.model_on(os.path.join(folder, "model"), "yellow-single-postgres")
        psp = pathlib.Path(model, "platform/psp.yaml")
        psp.write_text(psp.read_text() + 'parameters: {server_url: "%s"}\n' % server.url)
        text = stacks.render(model, os.path.join(folder, "out"))["dags.py"]
        pathlib.Path(folder, "dags").mkdir()
        pathlib.Path(folder, "dags/dags.py").write_text(text)
        os.environ.update(AIRFLOW_HOME=folder, YELLOW_CACHE=folder, AIRFLOW__CORE__LOAD_EXAMPLES="False",
                          AIRFLOW__CORE__DAGS_FOLDER=folder + "/dags")
        return folder

    def test_a_thousand_jobs_are_parsed(self):
        folder = self.prepare([jobs(1000)])
        run = subprocess.run([sys.executable, "-c", PROBE, folder + "/dags/dags.py"], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stderr)
        answer = json.loads(run.stdout.splitlines()[-1])
        self.assertEqual(answer["dags"], 900)
        print("1,000 jobs: %.2f s of CPU, %.2f s with the imports; load average %.1f" %
              (answer["again"], answer["first"], os.getloadavg()[0]))

    def test_airflow_imports_two_hundred_jobs(self):
        folder = self.prepare([jobs()])
        import airflow
        try:
            from airflow.dag_processing.dagbag import DagBag
        except ImportError:
            from airflow.models.dagbag import DagBag
        bag = DagBag(folder + "/dags")
        print("Airflow", airflow.__version__)
        self.assertEqual(bag.import_errors, {})
        self.assertEqual(len(bag.dags), 180)
        dag = bag.dags["yellow.yellow-ny.stream.Live.s1"]
        self.assertEqual(dag.max_active_runs, 1)
        self.assertIn("*/5 * * * *", str(getattr(dag, "schedule", None) or dag.timetable.summary))
        task = dag.get_task("run")
        self.assertEqual(task.container_resources.requests, {"memory": "1Gi", "cpu": "100m"})
        self.assertEqual(task.container_resources.limits, {"memory": "2Gi", "cpu": "1"})
        self.assertEqual(task.arguments[-2:], ["--stream", "s1"])
        self.assertRegex(task.priority_class_name, "^(low|medium|high|critical)-yellow-ny$")
        transformer = bag.dags["yellow.yellow-ny.transformer.Live.t9"]
        self.assertEqual([task.task_id for task in transformer.tasks], ["run"])
        self.assertEqual([outlet.uri for outlet in transformer.get_task("run").outlets], ["yellow://acme/Live/s8"])


if __name__ == "__main__":
    unittest.main()
