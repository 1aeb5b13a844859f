#!/usr/bin/python3
"""Renders every case of tests/conformance/cases with Jinja2 and with Yellow, strict and lenient, and compares them.

Usage: run.py RENDER [CASES...]     RENDER is the program built from tests/conformance/render.c

A case file is YAML: a list of cases, each with
  name      what is shown, a sentence
  template  the text
  context   variables (default: none)
  includes  other templates by name (default: none)
  options   trim_blocks, lstrip_blocks, keep_trailing_newline, autoescape: true (default: none)
  yellow    what Yellow gives, where it differs by intention (docs/templates.md says why): an output, or {error: part},
            or {strict: ..., lenient: ...} of these
The bytes have to be equal, and an error on one side has to be an error on the other. Each case runs twice: with
StrictUndefined beside Yellow's default, and with Jinja2's default beside Yellow's lenient mode.
The last line is "N passed, N failed"; the exit status is 0 when none failed.
"""
import json
import pathlib
import subprocess
import sys

import jinja2
import yaml

OPTIONS = ("trim_blocks", "lstrip_blocks", "keep_trailing_newline", "autoescape")


def load_cases(paths):
    for path in paths:
        for case in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader):
            unknown = set(case) - {"name", "template", "context", "includes", "options", "yellow"}
            if unknown:
                sys.exit(f"{path.name}: {case.get('name')}: unknown keys {sorted(unknown)}")
            case["file"] = path.name
            yield case


def render_jinja(case, lenient):
    env = jinja2.Environment(
        loader=jinja2.DictLoader(dict(case.get("includes") or {})),
        undefined=jinja2.Undefined if lenient else jinja2.StrictUndefined,
        extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"],
        **{name: bool((case.get("options") or {}).get(name)) for name in OPTIONS},
    )
    try:
        context = json.loads(json.dumps(case.get("context") or {}))
        return env.from_string(case["template"]).render(context), None
    except Exception as error:  # any exception of a template is an error of the template
        return None, f"{type(error).__name__}: {error}"


def request(case, lenient):
    return json.dumps({
        "template": case["template"],
        "context": case.get("context") or {},
        "includes": case.get("includes") or {},
        "options": {**(case.get("options") or {}), "lenient": lenient},
    })


def differs(case, lenient, answer):
    """What is wrong, or None."""
    output, error = answer.get("output"), answer.get("error")
    if "yellow" in case:
        want = case["yellow"]
        if isinstance(want, dict) and "lenient" in want:
            want = want["lenient" if lenient else "strict"]
        if isinstance(want, dict):
            if error is None or want["error"] not in error:
                return f"  wanted an error with {want['error']!r}\n  got    {output!r} {error or ''}"
        elif output != want:
            return f"  wanted {want!r}\n  got    {output!r} {error or ''}"
        return None
    jinja, jinja_error = render_jinja(case, lenient)
    if (jinja is None) != (output is None) or jinja != output:
        return f"  jinja2 {jinja!r} {jinja_error or ''}\n  yellow {output!r} {error or ''}"
    return None


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    here = pathlib.Path(__file__).parent / "cases"
    paths = [pathlib.Path(a) for a in sys.argv[2:]] or sorted(here.glob("*.yaml"))
    runs = [(case, lenient) for case in load_cases(paths) for lenient in (False, True)]
    done = subprocess.run([sys.argv[1]], input="".join(request(*run) + "\n" for run in runs), text=True,
                          stdout=subprocess.PIPE, check=False)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    passed = failed = 0
    for number, (case, lenient) in enumerate(runs):
        answer = answers[number] if number < len(answers) else {"error": "no answer: the program ended"}
        wrong = differs(case, lenient, answer)
        if wrong is None:
            passed += 1
        else:
            failed += 1
            print(f"{case['file']}: {case['name']} ({'lenient' if lenient else 'strict'})\n{wrong}")
    if done.returncode != 0:
        print(f"{sys.argv[1]} ended with {done.returncode}")
        failed += 1
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
