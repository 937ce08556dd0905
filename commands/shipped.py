"""The scenarios that come with Multiprog: found by name, listed, searched by words."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from translation import in_every_language

if TYPE_CHECKING:
    from language.head import Head

FOLDER = Path(__file__).parent.parent / "scenarios"
KINDS = ("lessons", "textbook", "exercises", "experiments", "workloads")
"""The folders of the scenarios. A name that is in two of them means the first of these."""
LESSONS = KINDS[0]


@dataclass(frozen=True, slots=True)
class Shipped:
    """One scenario: the name by which commands find it, its kind (a folder), its file, its head."""

    name: str
    kind: str
    path: Path
    head: Head


def find(name: str, first: str = LESSONS) -> Path | None:
    """Return the file of a name like `overlap`, `life/zombie` or `exercises/zombie`; None: no such.

    A name that is in several folders means the file in the folder `first`.
    """
    wanted = f"/{name}"
    for kind in _kinds(first):
        for place, path in _files(kind).items():
            if place.endswith(wanted):
                return path
    return None


def names(first: str = LESSONS) -> Iterator[str]:
    """Yield the name of each scenario, those in the folder `first` at the beginning."""
    seen: set[str] = set()
    for kind in _kinds(first):
        for place, path in _files(kind).items():
            yield path.stem if path.stem not in seen else place.strip("/")
            seen.add(path.stem)


def scenarios(kinds: Iterable[str] = KINDS) -> Iterator[Shipped]:
    """Yield the scenarios of these kinds, each kind in the order of its names."""
    from language.head import head_of

    for kind in kinds:
        for place, path in _files(kind).items():
            name = path.stem if find(path.stem) == path else place.strip("/")
            yield Shipped(name, kind, path, head_of(path))


def found_by(words: Sequence[str], among: Iterable[Shipped]) -> list[Shipped]:
    """Return the scenarios that have all the words, the best first: by name, title, then text.

    The words may be of any language in which there are texts.
    """
    ranked = [(rank, each) for each in among if (rank := _rank(words, each)) is not None]
    return [each for _, each in sorted(ranked, key=lambda one: one[0])]


def as_typed(path: Path) -> Path:
    """Return a path as one would type it here: from the current folder, if the file is below it."""
    try:
        relative = os.path.relpath(path)
    except (ValueError, OSError):  # another drive of Windows; the current folder is gone
        return path
    return path if relative.startswith("..") else Path(relative)


def _rank(words: Sequence[str], scenario: Shipped) -> int | None:
    """Return how far from the name the words stand, from -1; None: a word is not there."""
    head = scenario.head
    if [scenario.path.stem] == [word.lower() for word in words]:
        return -1
    places = [
        " ".join(map(in_every_language, texts)).lower()
        for texts in ((scenario.name,), (head.title,), (head.topic, head.level), (head.about,))
    ]
    rank = 0
    for word in words:
        stem = word.lower().removesuffix("s") if len(word) > 3 else word.lower()
        at = next((at for at, text in enumerate(places) if stem in text), None)
        if at is None:
            return None
        rank += at
    return rank


def _kinds(first: str) -> Iterator[str]:
    yield first
    yield from (kind for kind in KINDS if kind != first)


@cache
def _files(kind: str) -> dict[str, Path]:
    """Return the files of a kind by place, like `/lessons/life/zombie`, the shallow first."""
    files = sorted((FOLDER / kind).rglob("*.yaml"), key=lambda file: (len(file.parts), file))
    return {f"/{file.relative_to(FOLDER).with_suffix('').as_posix()}": file for file in files}
