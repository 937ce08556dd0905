"""The head of a scenario file: what it is about, read without the rest of the file.

A list of two hundred scenarios is there at once, as nothing of them is checked or expanded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from language.source.limits import LIMITS
from language.source.reading import read
from language.source.tree import parse

_KEYS = ("title", "topic", "level", "about")
_KEY = re.compile(r"([A-Za-z_]\w*)\s*:")


@dataclass(frozen=True, slots=True)
class Head:
    """What the first keys of a file say. "": the key is not there."""

    title: str
    topic: str
    level: str
    about: str


def head_of(path: Path) -> Head:
    """Return the head of a scenario file. The title of a file without one is the file's name.

    The keys of the head must stand before all others. Raises ScenarioError for a file that cannot
    be read, or whose head is no YAML.
    """
    text = read(path, LIMITS["file_size"])
    lines = takewhile(_is_of_the_head, text.splitlines())
    root, _ = parse(str(path), "\n".join(lines), LIMITS)
    plain = root.plain() if root is not None else None
    entries = plain.items() if isinstance(plain, dict) else ()
    found = {key: value for key, value in entries if isinstance(value, str)}
    title = found.get("title", path.name)
    return Head(title, *(found.get(key, "").strip() for key in _KEYS[1:]))


def _is_of_the_head(line: str) -> bool:
    key = _KEY.match(line)
    return key is None or key[1] in _KEYS
