"""The smallest workload that shows what is wrong: as a scenario, in a sentence, in two charts."""

from __future__ import annotations

import io
import textwrap
import time
from collections.abc import Callable

from rich.cells import cell_len
from rich.console import Console

from kernel.units import format_duration
from language.schema.assignment import Check
from report.base.screen import wrap
from report.sections.overlay import overlay
from sim import simulate
from teaching.assignment.asking import BROKE, LATE, OTHERWISE, Machine, Outcome
from teaching.assignment.cases import Case
from teaching.assignment.schedule import first_difference
from teaching.assignment.shrinking import MOST_TRIES, shrunk
from teaching.assignment.solution import Solution
from timeline.record.run import Run
from translation import tr, tr_n

WIDTH = 78  # columns
_INDENT = "  "


MOST_SHRINKING = 20.0
"""Seconds after which a submission's counterexamples get no smaller. It may be slow on purpose."""


class Counterexamples:
    """Finds the counterexamples of one submission, with a bounded number of runs and time."""

    def __init__(self, run: Callable[[Case, Machine], Outcome], solution: Solution) -> None:
        self._run, self._solution = run, solution
        self._left = MOST_TRIES * 3 // 2  # runs that may still be made
        self._until = time.monotonic() + MOST_SHRINKING
        self._told: set[str] = set()  # what was shown already

    def shown(self, check: Check, case: Case, outcome: Outcome, said: str) -> str:
        """Return the smallest workload found on which the check fails in the same way.

        `said` is what is wrong with the `outcome` of the case.
        """
        if outcome.how in (LATE, OTHERWISE) or said in self._told:
            return _filled(f"{case.name}: {said}")
        if outcome.how == BROKE:
            self._told.add(said)
        case, outcome, said = self._smallest(check, case, outcome, said)
        name, model = self._solution.compared(check, case)
        scheduler = self._solution.scheduler
        text = case.text(scheduler)
        if f"{text}{said}" in self._told:
            return tr(
                "{workload}: it fails on the smallest workload above, too", workload=case.name
            )
        self._told.add(f"{text}{said}")
        parts = [textwrap.indent(text, _INDENT), _filled(said)]
        if outcome.run is not None:
            parts[1] += _ready_then(outcome.run, model)
            parts.append(_charts([outcome.run, model], [tr("yours"), name]))
        else:
            parts.append(_charts([model], [name]))
        return "\n".join(part.rstrip("\n") for part in parts)

    def _smallest(
        self, check: Check, case: Case, outcome: Outcome, said: str
    ) -> tuple[Case, Outcome, str]:
        first = last = case, outcome, said

        def fails(smaller: Case) -> bool:
            nonlocal last
            self._left -= 1
            if time.monotonic() > self._until:
                return False
            found = self._run(smaller, simulate)
            words = self._solution.wrong(check, smaller, found) if found.how == outcome.how else ""
            last = (smaller, found, words) if words else last
            return bool(words)

        small = shrunk(case, fails, max(0, min(MOST_TRIES, self._left)))
        return last if last[0] == small else first


def _ready_then(mine: Run, model: Run) -> str:
    """Return which processes are ready, at the first difference of the two runs."""
    found = first_difference(mine, model)
    if found is None or not found.ready:
        return ""
    return "\n" + tr_n(
        "Under your policy {processes} is ready at {time}.",
        "Under your policy {processes} are ready at {time}.",
        len(found.ready),
        processes=", ".join(sorted(found.ready)),
        time=format_duration(found.at),
    )


def _filled(text: str) -> str:
    """Return the text in lines. One with wide characters may be broken at each of them."""
    if cell_len(text) == len(text):
        return textwrap.fill(text, WIDTH)
    return "\n".join(wrap(text, WIDTH))


def _charts(runs: list[Run], headings: list[str]) -> str:
    text = io.StringIO()
    console = Console(
        file=text,
        width=WIDTH,
        color_system=None,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )
    overlay(runs, headings, console)
    lines = (line.rstrip() for line in text.getvalue().splitlines())
    return "\n".join(line for line in lines if line)
