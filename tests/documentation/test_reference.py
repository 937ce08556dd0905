"""The generated pages: every key, command and policy is there, with tested examples."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import multiprog
from cli import cli
from kernel.policies import POLICIES
from language import Options, json_schema, load
from language.convert.link import unpacked
from tests.paths import DOCS, ROOT, SCENARIOS
from tools.documentation.playground_links import scenarios_in
from tools.documentation.reference.commands import commands
from tools.documentation.reference.examples import OWN, Examples
from tools.documentation.reference.keys import (
    definition,
    keys,
    missing_examples,
    missing_meanings,
    sections,
)
from tools.documentation.reference.kinds import kind
from tools.documentation.reference.policies import policies
from tools.documentation.reference.python import python

LITTLE = {
    "memory": {"fit": "best"},
    "processes": [
        {"name": "A", "cpu": "5ms", "deadline": 4},
        {"name": "B", "deadline": "30ms", "program": [{"cpu": "3ms"}, {"join": "A"}]},
    ],
}


@pytest.fixture(scope="module")
def examples() -> Examples:
    """Return the examples of one scenario."""
    return Examples(json_schema(), [LITTLE])


def test_each_key_is_used_in_a_scenario_or_on_a_page() -> None:
    """`make docs` looks closer, and takes longer: it finds each key in its own place."""
    files = [file for folder in (SCENARIOS, OWN) for file in folder.rglob("*.yaml")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in (*files, *DOCS.rglob("*.md")))
    used = set(re.findall(r"([\w-]+):(?=\s)", text))
    schema = json_schema()
    mappings = [definition(schema, name)["properties"] for name, _ in sections(schema)]
    assert sorted({key for mapping in mappings for key in mapping} - used) == []


def test_each_key_has_a_meaning() -> None:
    assert missing_meanings() == []


@pytest.mark.parametrize("file", sorted(OWN.glob("*.yaml")), ids=lambda file: file.stem)
def test_an_example_of_rare_keys_is_a_scenario(file: Path) -> None:
    assert load(file, Options()).workload.processes


def test_the_page_of_keys_has_each_key_of_the_top(examples: Examples) -> None:
    page = keys(examples)
    assert [key for key in json_schema()["properties"] if f"| `{key}` |" not in page] == []
    headings = [line for line in page.splitlines() if line.startswith("## ")]
    assert len(headings) == len(set(headings))


def test_the_page_of_commands_has_each_command_and_option() -> None:
    page = commands()
    assert [name for name in cli.commands if f"## `{name}`" not in page] == []
    assert "| `--quantum D` | Use this quantum, like 10ms. |" in page


def test_the_page_of_policies_has_each_policy() -> None:
    page = policies()
    assert [name for name in POLICIES if f"## `{name}`" not in page] == []


def test_the_page_of_python_has_each_name() -> None:
    page = python()
    assert [name for name in multiprog.__all__ if f"## `{name}`" not in page] == []
    assert "multiprog.simulate(" in page


@pytest.mark.parametrize(
    ("mapping", "key", "found"),
    [
        (
            "ProcessEntry",
            "deadline",
            "deadline: 30ms",
        ),  # one with a unit is better than a short one
        ("MemorySection", "fit", "fit: best"),
        ("JoinStep", "join", "join: A"),
        ("MemorySection", "swap", None),
    ],
)
def test_an_example_is_found_where_a_key_is_used(
    examples: Examples, mapping: str, key: str, found: str | None
) -> None:
    assert examples.of(mapping, key) == found


def test_a_key_without_an_example_is_named(examples: Examples) -> None:
    missing = missing_examples(examples)
    assert "MemorySection.swap" in missing
    assert "MemorySection.fit" not in missing


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"enum": ["fifo", "skip"]}, "`fifo`, `skip`"),
        ({"type": "integer", "minimum": 0, "maximum": 99}, "a whole number, 0 to 99"),
        ({"type": "array", "items": {"type": "string"}}, "a list of: text"),
        ({"oneOf": [{"const": "all"}, {"type": "integer"}]}, "`all`, or a whole number"),
        ({"type": "boolean"}, "true or false"),
    ],
)
def test_what_may_be_written_is_said_in_words(schema: dict[str, Any], words: str) -> None:
    assert kind(schema) == words


def test_a_scenario_on_a_page_is_linked_as_it_stands() -> None:
    text = "processes:\n  - {name: A, cpu: 30ms}\n"
    ((name, fragment),) = scenarios_in(text, "yaml")
    assert name == ""
    assert unpacked(f"https://example.org/#{fragment}").scenario == text


def test_a_command_is_linked_to_the_scenario_that_it_names() -> None:
    command = "python cli.py simulate scenarios/lessons/convoy.yaml --policy rr\n"
    ((name, fragment),) = scenarios_in(command, "sh")
    file = ROOT / "scenarios" / "lessons" / "convoy.yaml"
    assert name == "convoy "
    assert unpacked(f"https://example.org/#{fragment}").scenario == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["a: 1\n", "processes: [{name: A, count: 5000, cpu: 1ms}]\n"])
def test_what_is_no_scenario_or_too_large_has_no_link(text: str) -> None:
    assert list(scenarios_in(text, "yaml")) == []
