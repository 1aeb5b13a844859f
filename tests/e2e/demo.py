"""script/demo as a newcomer runs it, on a program that is built already (YELLOW)."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Demo(unittest.TestCase):
    def setUp(self):
        self.state = tempfile.mkdtemp(prefix="yellow-demo-")
        os.chmod(self.state, 0o755)  # PostgreSQL's user has to enter it
        self.addCleanup(shutil.rmtree, self.state, ignore_errors=True)
        self.port = free_port()

    def start(self, *arguments, **env):
        env = dict(os.environ, YELLOW_PORT=str(self.port), YELLOW_STATE=self.state, **env)
        return subprocess.Popen([SOURCE + "/script/demo", *arguments], env=env, text=True, start_new_session=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run_once(self, **env):
        demo = self.start("--once", **env)
        output = demo.communicate(timeout=600)[0]
        return demo.returncode, output

    def assert_nothing_left(self):
        left = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    if self.state.encode() in file.read():
                        left.append(pid)
            except OSError:
                pass  # ended meanwhile
        self.assertEqual(left, [])

    def test_once_shows_the_whole_way_and_again_on_the_same_state(self):
        code, output = self.run_once()
        self.assertEqual(code, 0, output)
        for line in [
            "   delivery 1: merged, version 1, attempts 1\n",
            "   requests.memory = 3Gi, from api-hint",
            "   YellowLive/customers, batch 1: 4000 read, 0 deleted, 0 updated, 4000 inserted, 0 unchanged, 0 quarantined\n",
            "   YellowForensic/invoices, batch 1: 5500 read, ",
            "    P1 | Billy 1   | MyCorp\n",
            "    P1 | MyCorp   |       1960\n",
            "   customers on YellowLive: batch 2 committed: 4000 read, 1 inserted, 1 updated, 1 deleted, 3998 unchanged, 0 "
            "quarantined\n",
            "    P2001 | Laura, who is new  | Acme\n",
            "   customers on YellowLive, batch 2: equal\n",
            "                  1 |                1 | I7      | B1  |        7 | ",
            "                  2 |       2147483647 | I7      | B1  |        8 | ",
            "    full_name   |                      120\n",
            "   delivery 2: merged, version 2, attempts 1\n",
            "   changed Datastore customers\n"
            "       /datasets/people/columns/full_name/type: varchar(100) -> varchar(120)\n",
            "jobs added 0, ",
            "objects added 0, objects changed 1, objects removed 0\n",
        ]:
            self.assertIn(line, output)
        self.assert_nothing_left()

        code, output = self.run_once()
        self.assertEqual(code, 0, output)
        self.assertIn("   delivery 4: merged, version 4, attempts 1\n", output)
        self.assertIn("varchar(120) -> varchar(140)\n", output)
        self.assertIn("                  3 |       2147483647 | I7      | B1  |        9 | ", output)
        self.assertIn("    full_name   |                      140\n", output)
        self.assert_nothing_left()

    def test_a_port_that_is_taken_is_named_as_the_first_failure(self):
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", self.port))
            sock.listen()
            code, output = self.run_once()
        self.assertEqual(code, 1, output)
        self.assertIn('\ndemo: failed at "The server, with a PostgreSQL of its own": ', output)
        self.assert_nothing_left()

    def test_a_program_that_does_not_start_is_named_as_the_first_failure(self):
        code, output = self.run_once(YELLOW="/bin/false")
        self.assertEqual(code, 1, output)
        self.assertIn('\ndemo: failed at "Packages and build": /bin/false does not run\n', output)

    def test_ctrl_c_stops_all_that_was_started(self):
        demo = self.start()
        for line in demo.stdout:
            if line.startswith("   log "):
                break
        self.assertIsNone(demo.poll())
        os.killpg(demo.pid, signal.SIGINT)
        demo.communicate(timeout=60)
        self.assertEqual(demo.returncode, 0)
        self.assert_nothing_left()


class Acme(unittest.TestCase):
    def test_the_example_is_free_of_errors_and_warnings(self):
        done = subprocess.run([os.environ["YELLOW"], "validate", SOURCE + "/examples/acme"], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.stdout, "38 objects, 0 errors, 0 warnings\n")
        self.assertEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main()
