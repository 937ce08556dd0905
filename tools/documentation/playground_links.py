"""The scenarios of a block of code, each as the fragment of a link that the playground opens."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from kernel.errors import UsageError
from language import Options, load
from language.convert.link import LONGEST, Linked, packed
from tools.documentation.staging import ROOT

SCENARIO = re.compile(r"\bscenarios/[\w/.-]+\.ya?ml\b")
MOST = 1_000  # processes of a scenario that the playground is offered


def scenarios_in(text: str, language: str) -> Iterator[tuple[str, str]]:
    """Yield each scenario of a block: how a link names it, and the fragment of the link."""
    if language == "yaml" and is_scenario(text):
        yield "", packed(Linked(text, None))
    elif language in ("sh", "console"):
        for name in dict.fromkeys(SCENARIO.findall(text)):
            file = ROOT / name
            if file.is_file() and file.stat().st_size < LONGEST:
                yield f"{file.stem} ", packed(Linked(file.read_text(encoding="utf-8"), None))


def is_scenario(text: str) -> bool:
    """Return whether the text is a whole scenario."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scenario.yaml"
        file.write_text(text, encoding="utf-8")
        try:
            load(file, Options(limits={"processes": MOST}))
        except UsageError:
            return False
        return True
