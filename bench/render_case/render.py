"""The same commands as bench/render_yellow.c, for Jinja2."""
import json, pathlib, sys, time

import jinja2

NAMES = ("stack.j2", "macros.j2", "probes.j2")
texts = {name: (pathlib.Path(sys.argv[1]) / name).read_text() for name in NAMES}
context = json.loads(pathlib.Path(sys.argv[2]).read_text())


def compile_all():
    env = jinja2.Environment(loader=jinja2.DictLoader(texts), trim_blocks=True, lstrip_blocks=True)
    for name in NAMES:
        env.get_template(name)
    return env


env = compile_all()
if len(sys.argv) > 3:  # once, as a process of its own
    sys.stdout.write(env.get_template("stack.j2").render(context))
    sys.exit()
for line in sys.stdin:
    what, rest = line.split()
    start = time.process_time_ns()
    if what == "output":
        pathlib.Path(rest).write_text(env.get_template("stack.j2").render(context))
    else:
        for _ in range(int(rest)):
            env.get_template("stack.j2").render(context) if what == "render" else compile_all()
    print(time.process_time_ns() - start, flush=True)
