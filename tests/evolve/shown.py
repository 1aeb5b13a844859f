"""What the API answers, as the lines that the table of steps expects: nothing that differs from run to run (times, ids
of commits and plans), everything that a person would call the outcome."""


def value(json):
    """A value of the model, short."""
    if json is None:
        return "nothing"
    if isinstance(json, dict):
        return "{" + ", ".join(f"{key}: {value(json[key])}" for key in sorted(json)) + "}"
    if isinstance(json, list):
        return "[" + ", ".join(value(item) for item in json) + "]"
    return str(json).lower() if isinstance(json, bool) else str(json)


def _changes(json):
    lines = []
    for change in json["changes"]:
        mark = "!" if change.get("breaking") else " "
        lines.append(f"  {mark} {change['pointer']}: {value(change['from'])} -> {value(change['to'])}")
    return lines


def _relation(item):
    place = "/".join(item[key] for key in ("platform", "workspace", "group") if key in item)
    return f"{place} {item['store']}.{item['dataset']}"


def plan(document):
    """A plan: what comes (+), goes (-) and changes (~), what breaks readers (!), and what it comes to."""
    lines = [document["outcome"]]
    if document["outcome"] == "refused":
        return lines
    for mark, of in (("+", "added"), ("-", "removed"), ("~", "changed")):
        for item in document["objects"][of]:
            lines.append(f"{'!' if item.get('breaking') else mark} {item['kind']} {item['name']}")
            lines += _changes(item) if of == "changed" else []
        lines += [f"{mark} file {item['path']}" for item in document["files"][of]]
    for mark, of in (("+", "added"), ("-", "retired"), ("~", "changed")):
        for item in document["jobs"][of]:
            lines.append(f"{mark} {item['kind']} {item['platform']}/{item['name']}")
            lines += _changes(item) if of == "changed" else []
        for part in ("tables", "views"):
            lines += [f"{'!' if item.get('breaking') else mark} {part[:-1]} {_relation(item)}"
                      for item in document[part][of]]
    lines += [f"~ stack {item['psp']}: {len(item['added'])} added, {len(item['removed'])} removed, "
              f"{len(item['changed'])} changed" for item in document["stacks"]]
    return lines


def findings(items):
    return [f"{item['severity']} {item['code']} {item['path'] or ''}: {item['text']}" for item in items]


def delivery(json):
    """The outcome of a delivery; commits are named by what the world calls them."""
    text = f"{json['forge']} {json['event']}: {json['state']}"
    if json["version"]:
        text += f", version {json['version']}"
    return text + (f", {json['reason']}" if json["reason"] else "")


def job(json):
    """What is told of a stream or transformer: name -> value."""
    sizes = json["resources"]
    return {"schedule": json["schedule"], "priority": json["priority"], "state": json["state"],
            "memory": f"{sizes['requests']['memory']}/{sizes['limits']['memory']}",
            "cpu": f"{sizes['requests']['cpu']}/{sizes['limits']['cpu']}",
            "batch": f"{json['batch'] or 0} {json['batch_state'] or ''}".strip()}


def jobs(items):
    return {f"{item['kind']} {item['platform']}/{item['name']}": job(item) for item in items}


def jobs_difference(before, after):
    """Lines for what came, changed and went between two answers of jobs()."""
    lines = []
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            lines.append(f"- {name}")
        elif name not in before:
            told = (after[name][key] for key in ("schedule", "priority", "memory", "cpu"))
            lines.append(f"+ {name}: " + ", ".join(told))
        else:
            lines += [f"~ {name}: {key} {before[name][key]} -> {after[name][key]}" for key in after[name]
                      if before[name][key] != after[name][key]]
    return lines


def _texts(name, before, after):
    """Two values; of texts of several lines only those that come and go."""
    if isinstance(before, str) and isinstance(after, str) and "\n" in before + after:
        was, now = before.split("\n"), after.split("\n")
        return [f"{name}: - {line}" for line in was if line not in now] + [f"{name}: + {line}" for line in now
                                                                         if line not in was]
    return [f"{name}: {value(before)} -> {value(after)}"]


def stack(json):
    """A stack difference: artifacts that come and go, and what changes in those that stay."""
    lines = [f"{mark} {json['psp']} {item['name']}" for mark, of in (("+", "added"), ("-", "removed"))
             for item in json[of]]
    for item in json["changed"]:
        name = f"~ {json['psp']} {item['name']}"
        for change in item["paths"]:
            lines += _texts(f"{name} {change['pointer']}", change.get("from"), change.get("to"))
        if not item["paths"]:
            lines.append(f"{name}: {item['lines']['added']} lines added, {item['lines']['removed']} removed")
    return lines


def audit(item):
    """A row of the audit; deliveries without their numbers, which every further step would shift."""
    what = "delivery" if item["object"].startswith("delivery ") else item["object"]
    return f"{item['actor']}: {item['action']} {what}"
