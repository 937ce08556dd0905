"""The steps of a run: the instants at which decisions were made, and what happened before each.

A step is one instant of the schedule's virtual time. In the record its decisions may appear a
little later, when the core has really been switched: `shown_ns`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from operator import attrgetter
from typing import NamedTuple

from report.base.chart import span_of
from report.replay.decision_times import shown_times
from report.replay.happened import (
    Happening,
    decision_words,
    happening_words,
    happenings,
    joined,
    runs_words,
)
from timeline.record.intervals import Interval
from timeline.record.run import Run
from timeline.record.tracks import Slice, by_process, slices
from translation import tr

MOST_STEPS = 20_000


class ReplayStep(NamedTuple):
    """One instant. Its decisions are `run.decisions[first:last]`."""

    at_ns: int  # in the schedule's virtual time
    shown_ns: int  # in the record
    words: str  # what has just happened
    first: int
    last: int


def steps(run: Run, tracks: Sequence[Sequence[Interval]] | None = None) -> list[ReplayStep]:
    """Return the steps of a run in order, and its end as a last step; at most MOST_STEPS.

    If no decisions were recorded, the steps are the instants at which slices began. `tracks` has
    each process's intervals, if the caller has them already.
    """
    tracks = by_process(run) if tracks is None else tracks
    dispatched = slices(tracks)
    found = list(
        _dispatches(run, dispatched) if run.decisions is None else _decisions(run, dispatched)
    )
    everything = happenings(run, tracks)
    end = max([span_of(run), *(event.at for event in everything[-1:])])
    if len(found) < MOST_STEPS and not (found and found[-1].shown_ns >= end):
        found.append(ReplayStep(end, end, "", *[len(run.decisions or ())] * 2))
    return list(_with_events(found, everything))


def _decisions(run: Run, dispatched: Sequence[Slice]) -> Iterator[ReplayStep]:
    decisions = run.decisions or []
    shown = shown_times(decisions, dispatched, run.process_names)
    first = latest = 0
    for number, (at, group) in enumerate(groupby(decisions, key=attrgetter("at_ns"))):
        if number == MOST_STEPS:
            return
        made = list(group)
        last = first + len(made)
        latest = max(latest, *shown[first:last])
        yield ReplayStep(at, latest, decision_words(made, len(run.cores)), first, last)
        first = last


def _dispatches(run: Run, dispatched: Sequence[Slice]) -> Iterator[ReplayStep]:
    names, several = run.process_names, len(run.cores) > 1
    for at, group in groupby(dispatched[:MOST_STEPS], key=attrgetter("start")):
        words = (
            tr("{sentence}.", sentence=runs_words(names[each.process], each.core, several))
            for each in group
        )
        yield ReplayStep(at, at, joined(words), 0, 0)


def _with_events(
    found: Sequence[ReplayStep], everything: Sequence[Happening]
) -> Iterator[ReplayStep]:
    """Yield each step with the events since the step before it added to its words."""
    times = [event.at for event in everything]
    borders = [0, *(bisect_right(times, step.shown_ns) for step in found)]
    for step, (first, last) in zip(found, pairwise(borders), strict=True):
        happened = happening_words(everything[first:last])
        yield step._replace(words=joined(filter(None, (happened, step.words))))
