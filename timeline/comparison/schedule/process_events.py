"""The dispatches and the completions of a run, each as one sequence of events."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from itertools import count
from typing import NamedTuple

from timeline.record.sorted_run import SortedRun
from timeline.record.tracks import slices


class ProcessEvent(NamedTuple):
    """A dispatch, or a completion, of one run."""

    process: str
    core: int  # -1: none (a program that ends with I/O)
    at: int  # ns
    ready_since: int  # ns
    woke: bool  # it became ready because an I/O completed


def dispatches(sorted_run: SortedRun) -> list[ProcessEvent]:
    """Return the dispatches of all slices in order; those of one instant by core."""
    names = sorted_run.run.process_names
    return [
        ProcessEvent(names[turn.process], turn.core, turn.start, turn.ready_since, turn.woke)
        for turn in slices(sorted_run.tracks)
    ]


def completions(sorted_run: SortedRun) -> list[ProcessEvent]:
    """Return the completions of all programs in order; those of one instant in file order."""
    events = []
    for row, track in sorted_run.rows_with_tracks:
        if row.completion_ns is not None:
            core = track[-1].core if track else -1
            at = row.completion_ns
            events.append(ProcessEvent(row.name, core, at, at, False))
    return sorted(events, key=lambda event: event.at)


def labels(events: Iterable[ProcessEvent]) -> list[Hashable]:
    """Return a label (process, number of its event) for each event.

    The labels stay the same when events of different processes change places.
    """
    turns: dict[str, count[int]] = {}
    return [(event.process, next(turns.setdefault(event.process, count()))) for event in events]
