"""Judges lines of a Python file that hold a value: each is one assignment of that text, and the syntax tree of the file
with it differs in nothing else. Standard input: the file as JSON, then {at, line, value} a line."""
import ast
import json
import sys

base = json.loads(sys.stdin.readline()).split("\n")


def dump(lines, at):
    """The syntax tree, without the value of the assignment in line at."""
    tree = ast.parse("\n".join(lines))
    for node in tree.body:
        if isinstance(node, ast.Assign) and node.lineno == at:
            node.value = ast.Constant(value="")
    return ast.dump(tree)


def check(at, line, value, whole):
    body = ast.parse(line).body
    was = ast.parse(base[at - 1]).body
    assert len(body) == 1 and isinstance(body[0], ast.Assign) and isinstance(body[0].value, ast.Constant), line
    assert ast.dump(body[0].targets[0]) == ast.dump(was[0].targets[0]), line
    assert body[0].value.value == value, (line, value)
    if whole:
        lines = base[:at - 1] + [line] + base[at:]
        assert dump(lines, at) == dump(base, at), line


count = 0
for count, text in enumerate(sys.stdin, 1):
    item = json.loads(text)
    check(item["at"], item["line"], item["value"], count % 100 == 0)
print("%d lines of Python" % count)
