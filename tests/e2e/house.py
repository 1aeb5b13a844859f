"""What the design forbids and a reader cannot see at a glance: includes that go up, calls that the style bans."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVER = ROOT / "server"

# From the bottom up; folders of one line do not know each other.
FLOORS = [
    ["base"],
    ["pg", "http", "git"],
    ["template"],
    ["model"],
    ["stack"],
    ["store"],
    ["control", "ingest"],
    ["api", "mcp"],
    ["cli"],
]
# What a floor that looks lower than it is may still not reach: pure floors do no input or output.
PURE = {"model": {"pg", "http", "git"}, "template": {"pg", "http", "git"}, "stack": {"pg", "http", "git"}}
LEVEL = {folder: level for level, folders in enumerate(FLOORS) for folder in folders}
BANNED = re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|alloca|gets)\(")


def sources():
    return sorted(path for path in SERVER.rglob("*.[ch]"))


class House(unittest.TestCase):
    def test_a_folder_includes_only_from_folders_below_it(self):
        wrong = []
        for path in sources():
            floor = path.relative_to(SERVER).parts[0]
            if floor not in LEVEL:
                continue
            for target in re.findall(r'^#include "([a-z]+)/[a-z0-9_]+\.h"', path.read_text(), re.M):
                if target == floor or target not in LEVEL:
                    continue
                if LEVEL[target] >= LEVEL[floor] or target in PURE.get(floor, ()):
                    wrong.append(f"{path.relative_to(SERVER)} includes {target}/")
        self.assertEqual(wrong, [])

    def test_no_source_calls_what_the_style_bans(self):
        wrong = [f"{path.relative_to(SERVER)}: {hit}" for path in sources() for hit in BANNED.findall(path.read_text())]
        self.assertEqual(wrong, [])

    def test_no_statement_of_sql_stands_in_c(self):
        sql = re.compile(r'"\s*(select|insert into|update|delete from)\s+\w', re.I)
        wrong = []
        for path in sources():
            if path.relative_to(SERVER).parts[0] in ("store", "control", "api", "cli"):
                wrong += [f"{path.relative_to(SERVER)}: {hit}" for hit in sql.findall(path.read_text())]
        self.assertEqual(wrong, [])

    def test_every_source_is_built(self):
        listed = "".join(path.read_text() for path in [ROOT / "Makefile.am", *ROOT.rglob("local.mk")])
        found = [*ROOT.glob("server/**/*.c"), *ROOT.glob("tests/**/*.c"), *ROOT.glob("bench/*.c")]
        names = [str(path.relative_to(ROOT)) for path in found]
        self.assertEqual([name for name in names if name not in listed], [])


if __name__ == "__main__":
    unittest.main()
