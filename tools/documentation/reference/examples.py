"""Examples of the keys of the scenario language, found in scenarios that are tested."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from tools.documentation.staging import DOCS, ROOT

Schema = Mapping[str, Any]
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OWN = Path(__file__).parent / "scenarios"
"""Scenarios that show the keys which no shipped scenario and no page uses."""
UNIT = re.compile(r"\d(?:us|ms|s|KiB|MiB)\b")
LONGEST = 90  # characters of an example


class Examples:
    """The shortest use of each key, by the mapping that it belongs to."""

    def __init__(self, schema: Schema, documents: Iterable[Any]) -> None:
        self._definitions: Schema = schema["$defs"]
        self._found: dict[tuple[str, str], str] = {}
        for document in documents:
            self._visit(document, schema, "a scenario")

    def of(self, mapping: str, key: str) -> str | None:
        """Return an example of the key, as a piece of YAML in one line; None if there is none."""
        return self._found.get((mapping, key))

    def _visit(self, value: Any, schema: Schema, name: str) -> None:
        if (reference := schema.get("$ref")) is not None:
            name = reference.rpartition("/")[2]
            self._visit(value, self._definitions[name], name)
        for each in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
            if self._may_be(value, each):
                self._visit(value, each, name)
        if isinstance(value, dict):
            for key, inner in value.items():
                if key in schema.get("properties", {}):
                    self._keep(name, key, inner)
                    self._visit(inner, schema["properties"][key], name)
                elif isinstance(schema.get("additionalProperties"), Mapping):
                    self._visit(inner, schema["additionalProperties"], name)
        elif isinstance(value, list) and isinstance(schema.get("items"), Mapping):
            for inner in value:
                self._visit(inner, schema["items"], name)

    def _may_be(self, value: Any, schema: Schema) -> bool:
        """Return whether a value of several alternatives can be this one, by its keys."""
        if (reference := schema.get("$ref")) is not None:
            return self._may_be(value, self._definitions[reference.rpartition("/")[2]])
        if "oneOf" in schema or "anyOf" in schema:
            return True
        if isinstance(value, dict):
            keys, known = set(value), set(schema.get("properties", ()))
            is_open = schema.get("additionalProperties", True) is not False
            return (keys <= known or is_open) and set(schema.get("required", ())) <= keys
        return isinstance(value, list) == (schema.get("type") == "array")

    def _keep(self, name: str, key: str, value: Any) -> None:
        text = in_one_line({key: value})
        if len(text) > LONGEST:
            text = text[:LONGEST].rpartition(" ")[0] + " …"
        place = (name, key)
        if place not in self._found or _rank(text) < _rank(self._found[place]):
            self._found[place] = text


def _rank(text: str) -> tuple[bool, int]:
    """Return how good an example is, the best first: with units, and short."""
    return UNIT.search(text) is None, len(text)


def documents() -> Iterator[Any]:
    """Yield the content of each scenario that is shipped, and of each YAML block of the pages."""
    folders = (ROOT / "scenarios", OWN)
    files = [file for folder in folders for file in sorted(folder.rglob("*.yaml"))]
    texts = [file.read_text(encoding="utf-8") for file in files]
    for page in sorted(DOCS.rglob("*.md")):
        texts += BLOCK.findall(page.read_text(encoding="utf-8"))
    for text in texts:
        try:
            yield YAML(typ="safe", pure=True).load(text)
        except YAMLError:
            continue


def in_one_line(value: Any) -> str:
    """Return the value as YAML in one line, without the outermost braces."""
    writer, stream = YAML(typ="safe", pure=True), io.StringIO()
    writer.default_flow_style = True
    writer.width = 10_000
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.dump(value, stream)
    return stream.getvalue().partition("\n")[0].removeprefix("{").removesuffix("}")
