"""What the user asks of an import. Each reader says which of it applies to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from language.source.limits import LIMITS


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """The options of an import. None or empty: not given."""

    first: int | None = None  # entries of a list: processes, jobs, threads
    scale: Fraction | None = None  # by which all times are multiplied
    columns: tuple[str, ...] = ()  # the meanings of a table's columns
    numbers: Path | None = None  # a file of random numbers
    only: tuple[str, ...] = ()  # threads, by name or number
    start: int | None = None  # ns of a trace
    duration: int | None = None  # ns of a trace
    limits: Mapping[str, int] = field(default_factory=dict)

    def limit(self, name: str) -> int:
        """Return the value of the limit `name` of LIMITS."""
        return self.limits.get(name, LIMITS[name])

    @property
    def given(self) -> frozenset[str]:
        """The names of the options that were given."""
        names = ("first", "scale", "columns", "numbers", "only", "start", "duration")
        return frozenset(name for name in names if getattr(self, name) not in (None, ()))
