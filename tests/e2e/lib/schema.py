"""JSON Schema as api/openapi.yaml uses it. A keyword that is not known here is an error: nothing goes unchecked."""

import re

ANNOTATIONS = {"description", "examples", "example", "default", "format", "title"}
TYPES = {
    "object": lambda v: isinstance(v, dict), "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str), "boolean": lambda v: isinstance(v, bool), "null": lambda v: v is None,
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
}


class Schemas:
    def __init__(self, document):
        self.document = document

    def resolve(self, node):
        while isinstance(node, dict) and "$ref" in node:
            target = self.document
            for part in node["$ref"][2:].split("/"):
                target = target[part]
            node = target
        return node

    def errors(self, schema, value, at=""):
        """What is wrong with value, as texts with JSON pointers."""
        if schema is True:
            return []
        found = []
        for keyword, rule in schema.items():
            if keyword in ANNOTATIONS:
                continue
            found += getattr(self, "check_" + keyword.replace("$", ""))(rule, value, at, schema)
        return found

    def check_ref(self, rule, value, at, _):
        return self.errors(self.resolve({"$ref": rule}), value, at)

    def check_type(self, rule, value, at, _):
        names = rule if isinstance(rule, list) else [rule]
        return [] if any(TYPES[name](value) for name in names) else [f"{at}: {value!r} is no {rule}"]

    def check_required(self, rule, value, at, _):
        if not isinstance(value, dict):
            return []
        return [f"{at}: {name} is missing" for name in rule if name not in value]

    def check_properties(self, rule, value, at, _):
        if not isinstance(value, dict):
            return []
        return [e for name in rule if name in value for e in self.errors(rule[name], value[name], f"{at}/{name}")]

    def check_additionalProperties(self, rule, value, at, schema):
        if rule is not False or not isinstance(value, dict):
            return []
        return [f"{at}: {name} is not described" for name in value if name not in schema.get("properties", {})]

    def check_items(self, rule, value, at, _):
        if not isinstance(value, list):
            return []
        return [e for i, item in enumerate(value) for e in self.errors(rule, item, f"{at}/{i}")]

    def check_enum(self, rule, value, at, _):
        return [] if value in rule else [f"{at}: {value!r} is none of {rule}"]

    def check_const(self, rule, value, at, _):
        return [] if value == rule else [f"{at}: {value!r} is not {rule!r}"]

    def check_pattern(self, rule, value, at, _):
        return [] if not isinstance(value, str) or re.search(rule, value) else [f"{at}: {value!r} is not like {rule}"]

    def bound(self, holds, rule, value, at):
        return [] if holds else [f"{at}: {value!r} against {rule}"]

    def check_minimum(self, rule, value, at, _):
        return self.bound(not TYPES["number"](value) or value >= rule, rule, value, at)

    def check_maximum(self, rule, value, at, _):
        return self.bound(not TYPES["number"](value) or value <= rule, rule, value, at)

    def check_minLength(self, rule, value, at, _):
        return self.bound(not isinstance(value, str) or len(value) >= rule, rule, value, at)

    def check_maxLength(self, rule, value, at, _):
        return self.bound(not isinstance(value, str) or len(value) <= rule, rule, value, at)

    def check_minItems(self, rule, value, at, _):
        return self.bound(not isinstance(value, list) or len(value) >= rule, rule, value, at)

    def check_maxItems(self, rule, value, at, _):
        return self.bound(not isinstance(value, list) or len(value) <= rule, rule, value, at)

    def check_minProperties(self, rule, value, at, _):
        return self.bound(not isinstance(value, dict) or len(value) >= rule, rule, value, at)

    def check_allOf(self, rule, value, at, _):
        return [e for part in rule for e in self.errors(part, value, at)]

    def check_anyOf(self, rule, value, at, _):
        parts = [self.errors(part, value, at) for part in rule]
        return [] if not all(parts) else [f"{at}: fits none: {parts}"]

    def check_oneOf(self, rule, value, at, _):
        fits = sum(not self.errors(part, value, at) for part in rule)
        return [] if fits == 1 else [f"{at}: fits {fits} of {len(rule)}"]
