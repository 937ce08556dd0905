"""What may be written for a key, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tools.documentation.reference.markdown import code

Schema = Mapping[str, Any]
UNITS = ("a duration like", "a size like")  # a bare number is one, too
MANY = 24  # more values than these are not listed


def kind(schema: Schema) -> str:
    """Return in words what the schema lets a scenario write."""
    if (inner := schema.get("$ref")) is not None:
        return _name(inner)
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            kinds = list(dict.fromkeys(map(kind, schema[choice])))
            if any(each.startswith(UNITS) for each in kinds):
                kinds = [each for each in kinds if each != "a number, 0 or more"]
            return ", or ".join(kinds)
    if "enum" in schema:
        values = schema["enum"][:MANY]
        return ", ".join(code(str(value)) for value in values) + (
            " …" if len(schema["enum"]) > MANY else ""
        )
    if "const" in schema:
        return code(str(schema["const"]))
    return _of_type(schema)


def references(schema: Any) -> Iterator[str]:
    """Yield the names of all definitions to which the schema refers directly, in order."""
    if isinstance(schema, Mapping):
        if "$ref" in schema:
            yield schema["$ref"].rpartition("/")[2]
        for each in schema.values():
            yield from references(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from references(each)


def _of_type(schema: Schema) -> str:
    types = schema.get("type")
    if isinstance(types, list):
        return " or ".join(str(_WORDS.get(each, each)) for each in types)
    if types == "array":
        return f"a list of: {kind(schema['items'])}" if schema.get("items") else "a list"
    if types == "object":
        inner = schema.get("additionalProperties")
        return f"by name: {kind(inner)}" if isinstance(inner, Mapping) and inner else "a mapping"
    if types in ("integer", "number"):
        return _number(schema, "a whole number" if types == "integer" else "a number")
    if types == "string" and "pattern" in schema:
        return _pattern(schema)
    return _WORDS.get(types or "", "any value")


def _number(schema: Schema, what: str) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if most is not None and most >= 10**9:
        most = None
    if least is not None and least <= -(10**9):
        least = None
    if least is not None and most is not None:
        return f"{what}, {least} to {most}"
    return what if least is None else f"{what}, {least} or more"


def _pattern(schema: Schema) -> str:
    pattern = schema["pattern"]
    if "min|h" in pattern:
        return "a duration like `20ms`"
    if "KiB" in pattern:
        return "a size like `64MiB`"
    example = schema.get("examples")
    return (
        f"text like {code(str(example[0]))}" if example else "text of this form: " + code(pattern)
    )


def _name(reference: str) -> str:
    name = reference.rpartition("/")[2].rpartition("__")[2]
    if name in ("Exponential", "Uniform", "Normal") or reference.endswith("distributions__Choice"):
        return f"`{{{name.lower()}: …}}`"
    if name == "Length":
        return "a duration or a distribution"
    if name == "Step":
        return "a step"
    return "a mapping"


_WORDS = {
    "string": "text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "null": "nothing",
}
