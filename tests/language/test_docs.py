"""docs/scenario-language.md: its examples load, and it names every key and limit."""

from __future__ import annotations

import re

import pytest

from language import json_schema
from language.source.limits import KNOWN, Limit
from tests.language.conftest import Load
from tests.paths import DOCS

PAGE = (DOCS / "scenario-language.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_loads_without_a_remark(text: str, load: Load) -> None:
    assert load(text).remarks == []


def test_the_page_has_examples() -> None:
    assert len(EXAMPLES) >= 7


@pytest.mark.parametrize(
    "model",
    ["MachineSection", "CostsSection", "MemorySection", "Scheduler", "ProcessEntry", "Expect"],
)
def test_the_page_names_every_key(model: str) -> None:
    keys = json_schema()["$defs"][model]["properties"]
    assert [key for key in keys if f"`{key}`" not in PAGE] == []


@pytest.mark.parametrize(("name", "limit"), KNOWN.items())
def test_the_page_names_every_limit(name: str, limit: Limit) -> None:
    assert f"| `{name}` | {limit.kind.show(limit.value)} | {limit.of} |" in PAGE
