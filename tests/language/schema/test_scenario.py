"""The JSON Schema, and that it and the loader know the same keys."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from language import json_schema

SCHEMA = json_schema()


def test_it_is_json() -> None:
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_it_knows_the_keys_and_says_what_they_mean() -> None:
    assert {"title", "machine", "memory", "scheduler", "processes"} <= set(SCHEMA["properties"])
    assert SCHEMA["required"] == ["processes"]
    assert all(
        "description" in value for value in SCHEMA["$defs"]["ProcessEntry"]["properties"].values()
    )


def test_it_does_not_offer_what_is_not_built() -> None:
    assert "daemon" not in SCHEMA["$defs"]["ProcessEntry"]["properties"]


def test_it_lists_the_words_that_a_key_can_have() -> None:
    assert SCHEMA["$defs"]["MemorySection"]["properties"]["fit"]["enum"] == [
        "first",
        "next",
        "best",
        "worst",
    ]


@pytest.mark.parametrize(
    ("written", "fits"), [("20ms", True), ("1.5 s", True), ("5 parsecs", False)]
)
def test_a_duration_has_a_pattern(written: str, fits: bool) -> None:
    branches = SCHEMA["properties"]["time_unit"]
    assert bool(re.search(branches["pattern"], written)) is fits


def test_the_package_is_cheap_to_import() -> None:
    code = "import sys, scenarios; sys.exit('pydantic' in sys.modules or 'ruamel' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
