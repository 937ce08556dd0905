"""The blocks of a sheet, which each output draws in its own way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from timeline.record.run import Run


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the title of the sheet."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """A sentence or several."""

    text: str


@dataclass(frozen=True)
class Facts:
    """Labels, each with its text."""

    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Table:
    """A table of texts. The first column is left-aligned, and those in `left` are."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: Sequence[int] = (0,)


@dataclass(frozen=True)
class Items:
    """A list of short texts, each with its mark, like a letter."""

    items: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Code:
    """Lines of a program."""

    text: str
    language: str = "python"


@dataclass(frozen=True)
class Picture:
    """The chart of a run: its cores, and with `states` each process."""

    run: Run
    states: bool = False


Block = Heading | Paragraph | Facts | Table | Items | Code | Picture
