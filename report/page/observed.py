"""What processes called, printed and observed between two steps of a run."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from report.base.screen import clean
from report.base.tables import cut
from report.replay.steps import ReplayStep
from timeline.comparison.observations import PRINTS, compared, words
from timeline.record.run import LifecycleEvent, Run
from translation import mark, tr

LONGEST = 160  # characters of what is said of one call
_DONE = {
    "born": mark("starts {process}"),
    "reaped": mark("reaps {process}"),
    "adopted": mark("adopts {process}"),
}
"""What a process does to another one, by the event in that one's life."""

Told = list[list[int | str]]
"""The lines of one step: the place of a process, and what it did."""


def observed(run: Run, steps: Sequence[ReplayStep]) -> list[Told] | None:
    """Return for each step what was called and observed since the step before it.

    None: nothing was in the whole run.
    """
    found = sorted(_told(run), key=lambda each: each[0])
    if not found or not steps:
        return None
    ends = [step.shown_ns for step in steps]
    told: list[Told] = [[] for _ in steps]
    for at, process, said in found:
        step = min(bisect_left(ends, at), len(ends) - 1)
        told[step].append([process, cut(clean(said), LONGEST, "…")])
    return told


def _told(run: Run) -> Iterator[tuple[int, int, str]]:
    """Yield (ns, the place of a process, what it did), the calls before the observations."""
    place = {name: at for at, name in enumerate(run.process_names)}
    for event in run.lifecycle:
        yield from _life(event, place)
    for row in compared(run):
        if row.process in place:
            said = (
                tr("prints {line}", line=row.value)
                if row.name == PRINTS
                else f"{tr(row.name)}: {words(row.value)}"
            )
            yield row.at_ns, place[row.process], said


def _life(event: LifecycleEvent, place: dict[str, int]) -> Iterator[tuple[int, int, str]]:
    if event.event in _DONE and event.by in place:
        yield event.at_ns, place[event.by], tr(_DONE[event.event], process=event.process)
    elif event.event == "exited" and event.process in place:
        yield event.at_ns, place[event.process], tr("exits")
