"""Walks the year; script/evolve is its face."""

import argparse
import difflib
import json
import os
import pprint
import sys
import time

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)),
                os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "e2e")]

from world import NAMES, World  # noqa: E402
from year import STEPS  # noqa: E402


def lines_of(facts):
    return [f"{name}: {line}" for name in NAMES for line in facts.get(name, ())]


def difference(expected, seen):
    """What was expected and not seen (-), and the other way round (+); empty when they are the same."""
    return list(difflib.unified_diff(lines_of(expected), lines_of(seen), "expected", "seen", n=2, lineterm=""))


def summary(facts):
    """One line for people: the outcome, and what changed."""
    parts = [line.split(": ", 1)[1] for line in facts["delivery"]]
    parts += facts["streams"][:3] if len(facts["streams"]) <= 3 else [f"{len(facts['streams'])} changes of jobs"]
    if facts["stack"]:
        parts.append(f"{len(facts['stack'])} changes of the stack")
    if not parts:
        parts = facts["seen"][:1] or facts["audit"][:1] or ["nothing changes"]
    return "; ".join(parts)


def walk(world, say, steps, record=False):
    """Whether all was as expected; say(step, line, difference) is told of each step, of the first difference at last."""
    for number, (month, title, action, expected) in enumerate(steps, 1):
        begun = time.monotonic()
        world.begin()
        action(world, title)
        seen = {name: lines for name, lines in world.observe().items() if lines}
        differs = [] if record else difference(expected, seen)
        say({"step": number, "month": month, "title": title, "ok": not differs, "seconds": time.monotonic() - begun,
             **seen}, summary({name: seen.get(name, []) for name in NAMES}), differs)
        if record == "print":
            print(pprint.pformat(seen, width=118, sort_dicts=False), flush=True)
        if differs:
            return False
    leaks = world.leaks()
    for place, text in leaks:
        print(f"evolve: a secret shows in {place}: {text}", file=sys.stderr)
    return not leaks


def main():
    parser = argparse.ArgumentParser(
        prog="script/evolve", description="A year in the life of examples/acme on a running server: after each step the "
        "plan, the streams, the stack difference and the audit are compared with what is expected.")
    parser.add_argument("--json", action="store_true", help="one JSON object a step")
    parser.add_argument("--record", action="store_true", help="compare nothing, print what is seen as the table has it")
    options = parser.parse_args()

    def say(step, text, differs):
        if options.json:
            print(json.dumps({**step, "seconds": round(step["seconds"], 2), "difference": differs}), flush=True)
        else:
            print(f"{step['step']:3} {step['month']:9} {step['title']}\n              {text}", flush=True)
        if differs:
            print(f"evolve: step {step['step']}, \"{step['title']}\", is not as expected:", file=sys.stderr)
            print("\n".join(differs), file=sys.stderr)

    world = World()
    try:
        good = walk(world, say, STEPS, options.record and ("json" if options.json else "print"))
    finally:
        world.close()
    if not options.json:
        print(f"{len(STEPS)} steps, as expected" if good else "not as expected")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
