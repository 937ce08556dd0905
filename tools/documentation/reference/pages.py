"""All generated pages."""

from __future__ import annotations

from language import json_schema
from tools.documentation.reference.commands import commands
from tools.documentation.reference.examples import Examples, documents
from tools.documentation.reference.keys import keys, missing_examples
from tools.documentation.reference.policies import policies
from tools.documentation.reference.python import python


def generated() -> dict[str, str]:
    """Return the path of each generated page, and its text.

    Raises ValueError if a key of the scenario language has no example anywhere.
    """
    examples = Examples(json_schema(), documents())
    if missing := missing_examples(examples):
        where = "tools/documentation/reference/scenarios"
        raise ValueError(f"keys without an example, to be added in {where}: {', '.join(missing)}")
    return {
        "reference/keys.md": keys(examples),
        "reference/commands.md": commands(),
        "reference/policies.md": policies(),
        "reference/python.md": python(),
    }
