"""All generated pages."""

from __future__ import annotations

from tools.documentation.reference.commands import commands
from tools.documentation.reference.keys import keys
from tools.documentation.reference.policies import policies


def generated() -> dict[str, str]:
    """Return the path of each generated page, and its text."""
    return {
        "reference/keys.md": keys(),
        "reference/commands.md": commands(),
        "reference/policies.md": policies(),
    }
