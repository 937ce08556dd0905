"""All generated pages."""

from __future__ import annotations

from functools import cache

from language import json_schema
from tools.documentation.reference.commands import commands
from tools.documentation.reference.examples import Examples, documents
from tools.documentation.reference.keys import keys, missing_examples
from tools.documentation.reference.policies import policies
from tools.documentation.reference.python import python


def without_example() -> list[str]:
    """Return the keys of the scenario language of which there is no example anywhere."""
    return missing_examples(all_examples())


@cache
def all_examples() -> Examples:
    """Return the examples of all keys. It reads all scenarios and pages, for some seconds."""
    return Examples(json_schema(), documents())


def generated() -> dict[str, str]:
    """Return the path of each generated page, and its text."""
    return {
        "reference/keys.md": keys(all_examples()),
        "reference/commands.md": commands(),
        "reference/policies.md": policies(),
        "reference/python.md": python(),
    }
