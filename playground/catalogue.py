"""The scenarios that the playground offers: by group, with title, words to search, and text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML

from translation import in_every_language, mark, tr_text

SCENARIOS = Path(__file__).parent.parent / "scenarios"
GROUPS = {
    "lessons": mark("Lessons"),
    "lessons/life": mark("The life of processes"),
    "textbook": mark("Textbook examples"),
    "exercises": mark("Exercises"),
    "experiments": mark("Experiments"),
    "workloads": mark("Workloads"),
}
"""The heading of each folder's scenarios, in English."""


_HEAD = re.compile(r"^(?:title|about):.*\n(?:(?:[ \t].*)?\n)*", re.MULTILINE)
"""The keys that a list shows, with their values. Reading all of 300 files would take seconds."""


class Entry(NamedTuple):
    """One scenario that is offered."""

    path: str  # as the command line names it from the project's folder
    group: str
    title: str
    words: str  # that it is found by: title and advice, in every language
    text: str


def files() -> Iterator[tuple[str, Path]]:
    """Yield all scenarios that are shipped, with their groups, in the order of their names."""
    for folder, group in GROUPS.items():
        for file in sorted((SCENARIOS / folder).glob("*.yaml")):
            yield group, file


def entry(group: str, file: Path) -> Entry:
    """Return what is offered of a scenario that is shipped."""
    text = file.read_text(encoding="utf-8")
    head = YAML(typ="safe").load("".join(found[0] for found in _HEAD.finditer(text)))
    path = file.relative_to(SCENARIOS.parent).as_posix()
    title, about = head["title"], head.get("about") or ""
    return Entry(path, group, tr_text(title), in_every_language(f"{title}\n\n{about}"), text)


def catalogue() -> Iterator[Entry]:
    """Yield all scenarios that are shipped, with what is offered of each."""
    for group, file in files():
        yield entry(group, file)
