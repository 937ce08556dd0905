"""What a misconception is: a change of the scenario, or another reading of the right run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kernel.workload import Workload
from teaching.outcome import Outcome
from teaching.readings import Reading

Change = Callable[[Workload], Workload | None]
"""A change of the scenario; None: it means nothing there."""
Read = Callable[[Outcome], Reading | None]
"""Another reading of the right run; None: it means nothing there."""


@dataclass(frozen=True)
class Misconception:
    """One way to be wrong: either `scenario` or `reading` says what comes out under it."""

    name: str
    words: str
    rule: str
    scenario: Change | None = None
    reading: Read | None = None
