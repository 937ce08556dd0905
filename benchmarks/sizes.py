"""Measure the length of the policy classes, from `class` to the last line, with docstrings."""

from __future__ import annotations

import inspect
import statistics
from collections.abc import Iterator

from benchmarks.figures import Figure
from kernel.policies import POLICIES

MOST = 24  # lines; the median must be under 25


def size_figures() -> Iterator[Figure]:
    """Yield the median length of the policy classes. Its text names the longest class."""
    lines = {name: len(inspect.getsourcelines(kind)[0]) for name, kind in POLICIES.items()}
    median, longest = statistics.median(lines.values()), max(lines, key=lambda name: lines[name])
    text = f"{median:g} lines (at most {MOST}); the longest, {longest}, has {lines[longest]}"
    yield Figure("a policy class, median", median, MOST, text, True)
