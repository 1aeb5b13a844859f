"""script/evolve as CI runs it: every step of the year is as its table expects, and what is not stops it with a difference."""

import json
import os
import subprocess
import sys
import unittest

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(SOURCE + "/tests/evolve")

import walk  # noqa: E402


class Year(unittest.TestCase):
    def test_each_step_of_the_year_is_as_expected(self):
        done = subprocess.run([SOURCE + "/script/evolve", "--json"], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr)
        steps = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([step["title"] for step in steps], [step[1] for step in walk.STEPS])
        self.assertEqual([step for step in steps if not step["ok"] or step["difference"]], [])


class Still:
    """A world in which nothing happens but what `facts` says."""

    def __init__(self, **facts):
        self.facts = facts

    def begin(self):
        pass

    def observe(self):
        return self.facts

    def leaks(self):
        return []


class Differences(unittest.TestCase):
    def walk(self, world, expected):
        said = []
        taken = []
        steps = [("May", "one", lambda world, title: taken.append(title), expected),
                 ("May", "two", lambda world, title: taken.append(title), expected)]
        good = walk.walk(world, lambda *told: said.append(told), steps)
        return good, taken, said

    def test_a_year_as_expected_goes_to_its_end(self):
        good, taken, said = self.walk(Still(delivery=["github push: merged, version 1"], plan=[]), {"delivery": ["github push: merged, version 1"]})
        self.assertTrue(good)
        self.assertEqual(taken, ["one", "two"])
        self.assertEqual([text for _, text, _ in said], ["merged, version 1"] * 2)

    def test_the_first_difference_ends_it_and_is_shown(self):
        good, taken, said = self.walk(Still(delivery=["github push: merged, version 1"], audit=["worker: merge"]),
                                      {"delivery": ["rejected"], "audit": ["worker: merge"]})
        self.assertFalse(good)
        self.assertEqual(taken, ["one"])
        self.assertEqual(said[0][2][2:], ["@@ -1,2 +1,2 @@", "-delivery: rejected", "+delivery: github push: merged, version 1",
                                          " audit: worker: merge"])


if __name__ == "__main__":
    unittest.main()
