"""A figure of a benchmark: what was measured, its bound, and whether the bound holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Figure(NamedTuple):
    """One line of the table. `bound` is the least value that holds, or the largest if `at_most`."""

    what: str
    value: float
    bound: float
    text: str  # value and bound for people
    at_most: bool = False

    @property
    def holds(self) -> bool:
        """Whether the value is within its bound."""
        return self.value <= self.bound if self.at_most else self.value >= self.bound


def show(figures: Iterable[Figure]) -> bool:
    """Print each figure as soon as it is measured. Return whether all of them hold."""
    all_hold = True
    for figure in figures:
        print(f"{'✓' if figure.holds else '✗'} {figure.what:42}{figure.text}", flush=True)
        all_hold &= figure.holds
    return all_hold
