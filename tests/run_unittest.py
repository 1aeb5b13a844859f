"""Runs the unittest file that is named and ends with one line for script/test: unittest: N passed, N failed."""

import os
import sys
import unittest


class Result(unittest.TextTestResult):
    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def main():
    folder, name = os.path.split(os.path.abspath(sys.argv[1]))
    sys.path.insert(0, folder)  # helpers beside it
    suite = unittest.defaultTestLoader.discover(folder, pattern=name, top_level_dir=folder)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=Result).run(suite)
    bad = result.failures + result.errors
    # One test can fail several times (subtests), and a class that cannot be set up fails without having run.
    failed = len({getattr(test, "test_case", test).id() for test, _ in bad}) + len(result.unexpectedSuccesses)
    print(f"unittest: {result.passed} passed, {failed} failed", flush=True)
    sys.exit(failed > 0)


main()
