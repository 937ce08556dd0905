"""The page on the keys of the scenario language, made of its JSON Schema.

Each key has its default, what may be written, what it means, and an example. The examples are
found in the scenarios that are shipped and in those of the pages, all of which are tested.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Set
from functools import cache
from typing import Any

from language import json_schema
from tools.documentation.reference.examples import Examples
from tools.documentation.reference.kinds import kind, references
from tools.documentation.reference.markdown import code, table
from tools.documentation.reference.meanings import MEANINGS

Schema = Mapping[str, Any]
TOP = "a scenario"
HEADS = ("key", "default", "what may be written", "meaning", "example")
DRAWN = {
    "Exponential": "A duration that is drawn: `exponential`",
    "Uniform": "A duration that is drawn: `uniform`",
    "Normal": "A duration that is drawn: `normal`",
    "language__schema__distributions__Choice": "A duration that is drawn: `choice`",
}
STEPS = "A program is a list of steps. Each step is a mapping with one of these keys."
HEAD = """# Every key of a scenario

This page is made from the JSON Schema that `python cli.py schema` prints. [The scenario
language](../scenario-language.md) explains the keys in their order, and the rules that hold between
them. Each example is a piece of a tested scenario that uses the key.
"""


@cache
def _definitions() -> Schema:
    definitions: Schema = json_schema()["$defs"]
    return definitions


def keys(examples: Examples) -> str:
    """Return the page: a table for each kind of mapping, in the order in which a scenario nests."""
    schema = json_schema()
    found = list(sections(schema))
    steps = [name for name, _ in found if is_step(name)]
    parts = [HEAD]
    titles: set[str] = set()
    for name, path in found:
        if name == steps[0]:
            rows = [row for step in steps for row in _rows(step, schema, examples)]
            parts.append(f"## Steps\n\n{STEPS}\n\n{table(HEADS, rows)}")
        if not is_step(name):
            title = _title(name, path, definition(schema, name), titles)
            titles.add(title)
            parts.append(_section(title, name, schema, examples))
    return "\n".join(parts)


def is_step(name: str) -> bool:
    """Return whether the definition is a step of a program."""
    return name.endswith("Step") and name != "Step"


def definition(schema: Schema, name: str) -> Schema:
    """Return the part of the schema with this name."""
    return schema if name == TOP else schema["$defs"][name]


def sections(schema: Schema) -> Iterator[tuple[str, str]]:
    """Yield each mapping that has keys of its own, and the path where it is written: outer first.

    A path is like `machine.devices.NAME`. If there are several places, it is the first.
    """
    waiting, seen = deque([(TOP, "")]), {TOP}
    while waiting:
        name, path = waiting.popleft()
        section = definition(schema, name)
        if section.get("properties"):
            yield name, path
        ways = section.get("properties", {"": {**section, "$defs": {}}})
        for key, each in ways.items():
            for inner in references(each):
                if inner not in seen:
                    seen.add(inner)
                    named = ".NAME" if "additionalProperties" in each else ""
                    outer = "" if is_step(name) else path
                    waiting.append((inner, ".".join(filter(None, (outer, key))) + named))


def missing_examples(examples: Examples) -> list[str]:
    """Return the keys of which no scenario and no page has an example."""
    schema = json_schema()
    return [
        f"{name}.{key}"
        for name, _ in sections(schema)
        for key in definition(schema, name)["properties"]
        if examples.of(name, key) is None
    ]


def missing_meanings() -> list[str]:
    """Return the keys of which neither the schema nor their mapping says what they mean."""
    schema = json_schema()
    return [
        f"{name}.{key}"
        for name, _ in sections(schema)
        for key in definition(schema, name)["properties"]
        if not _meaning(definition(schema, name), key)
    ]


def _title(name: str, path: str, section: Schema, taken: Set[str]) -> str:
    """Return the heading of a mapping: where it is written, and a key that tells it from others."""
    if name == TOP:
        return "The top of the file"
    title = DRAWN.get(name, f"`{path}`")
    if title not in taken:
        return title
    return f"{title} with `{section['required'][0]}`"


def _section(title: str, name: str, schema: Schema, examples: Examples) -> str:
    about = definition(schema, name).get("description", "")
    rows = _rows(name, schema, examples)
    return "\n".join([f"## {title}\n", f"{about}\n", table(HEADS, rows)])


def _rows(name: str, schema: Schema, examples: Examples) -> Iterator[tuple[str, ...]]:
    """Yield a row for each key of the mapping."""
    section = definition(schema, name)
    needed = section.get("required", ())
    for key, each in section["properties"].items():
        default = "required" if key in needed else _default(each)
        yield (
            code(key),
            default,
            kind(each),
            _meaning(section, key),
            code(examples.of(name, key) or ""),
        )


def _meaning(section: Schema, key: str) -> str:
    """Return what a key means: as the schema says of it, of its mapping, or of what it refers to.

    The first key of a mapping means what the mapping does, and an only key even more so.
    """
    properties = section["properties"]
    each, about = properties[key], section.get("description", "")
    if len(properties) == 1 and "description" not in each:
        return str(about)
    first = about if key == next(iter(properties)) else ""
    referred = [_definitions()[name].get("description", "") for name in references(each)][:1]
    return str(each.get("description") or MEANINGS.get(key) or first or "".join(referred))


def _default(schema: Schema) -> str:
    if "default" not in schema:
        return ""
    value = schema["default"]
    if value in ({}, []):
        return "none"
    if isinstance(value, bool) or value is None:
        return code({True: "true", False: "false", None: "none"}[value])
    return code(str(value))
