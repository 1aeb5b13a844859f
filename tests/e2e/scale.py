"""A tenth of the large model (script/scale): it merges, every stream ingests, sources change, everything verifies."""

import subprocess
import unittest

from lib.server import SOURCE, YELLOW


class Scale(unittest.TestCase):
    def test_a_tenth_of_the_large_model_runs_whole(self):
        done = subprocess.run([SOURCE + "/script/scale", "--part", "10", "--rounds", "2"], capture_output=True, text=True,
                              env={"YELLOW": YELLOW, "PATH": "/usr/bin:/bin"}, check=False)
        print(done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr[-4000:])


if __name__ == "__main__":
    unittest.main()
