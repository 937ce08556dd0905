"""Questions about who runs when: the Gantt chart, the order of dispatch, the order of ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Any

from language.schema.exercise import Question
from teaching.kinds.kind import RIGHT, WHOLE, Asked, Kind, overlap
from teaching.outcome import Outcome
from teaching.times import Times
from teaching.wording import all_of
from timeline.record.core_chart import Lane, core_chart, joined
from timeline.record.run import Run
from timeline.record.tracks import by_process, slices
from translation import mark, tr


class GanttKind(Kind):
    """What runs on each core, and when. Half of the points are for the times, half for the order.

    Times: the share of the time in which both charts have the same process on the core, of the
    time in which either has one. Order: the share of the stretches that stand in both in order.
    """

    key = "gantt"
    title = mark("Gantt chart")

    def words(self, asked: Asked, times: Times) -> str:
        cores = len(asked.labels)
        if cores == 1:
            return tr("Draw the Gantt chart: which process runs on the core from when until when?")
        return tr(
            "Draw the Gantt chart: which process runs on each of the {cores} cores from when "
            "until when?",
            cores=cores,
        )

    def labels(self, question: Question, run: Run) -> list[str]:
        return [str(core.core) for core in run.cores]

    def truth(self, asked: Asked, outcome: Outcome) -> dict[str, Any]:
        lanes = core_chart(outcome.run)
        none: Lane = []  # a misconception may know fewer cores
        return {
            label: lanes[int(label)] if int(label) < len(lanes) else none for label in asked.labels
        }

    def given(self, asked: Asked, values: Mapping[str, Any]) -> dict[str, Any]:
        lanes = values.get(self.key, {})
        if not lanes:
            return {}
        return {label: joined(lanes.get(int(label), [])) for label in asked.labels}

    def agreement(self, asked: Asked, right: Lane, given: Lane, outcome: Outcome) -> Fraction:
        if right == given:
            return RIGHT
        order = overlap([name for name, *_ in right], [name for name, *_ in given])
        return (_common_time(right, given) + order) / 2

    def written(self, value: Any, times: Times) -> Any:
        if value is None:
            return None
        return [f"{name} {times.written(start)}-{times.written(end)}" for name, start, end in value]

    def shown(self, value: Any, times: Times) -> str:
        return ", ".join(self.written(value, times)) or tr("idle")

    def how(self, times: Times) -> str:
        comment = tr("by core; idle time is left out")
        return f"gantt: {{0: [A 0-20, B 20-50]}}   # {comment}"


def _common_time(right: Lane, given: Lane) -> Fraction:
    """Return in which share of the time that either lane is busy both have the same process."""
    edges = sorted({edge for lane in (right, given) for _, *ends in lane for edge in ends})
    same = either = 0
    for start, end in pairwise(edges):
        mine, theirs = _at(right, start), _at(given, start)
        if mine is not None or theirs is not None:
            either += end - start
            same += (end - start) * (mine == theirs)
    return Fraction(same, either) if either else RIGHT


def _at(lane: Lane, at: int) -> str | None:
    return next((name for name, start, end in lane if start <= at < end), None)


class DispatchedKind(Kind):
    """Which process gets a core, in turn. Slices of one process in a row are one."""

    key = "dispatched"
    title = mark("order of dispatch")

    def words(self, asked: Asked, times: Times) -> str:
        return tr("Which process gets a core, one after the other, from the start to the end?")

    def labels(self, question: Question, run: Run) -> list[str]:
        return [WHOLE]

    def truth(self, asked: Asked, outcome: Outcome) -> dict[str, Any]:
        names = outcome.run.process_names
        turns = (names[turn.process] for turn in slices(by_process(outcome.run)))
        return {WHOLE: [name for name, _ in groupby(turns)]}

    def given(self, asked: Asked, values: Mapping[str, Any]) -> dict[str, Any]:
        found = values.get(self.key)
        return {} if found is None else {WHOLE: [name for name, _ in groupby(found)]}

    def agreement(self, asked: Asked, right: Any, given: Any, outcome: Outcome) -> Fraction:
        return overlap(right, given)

    def put(self, asked: Asked, values: Mapping[str, Any], times: Times) -> Any:
        return values[WHOLE]

    def shown(self, value: Any, times: Times) -> str:
        return ", ".join(value)

    def how(self, times: Times) -> str:
        return "dispatched: [A, B, A]"


class OrderKind(Kind):
    """The order in which the processes end. Either of those that end at one instant is first.

    Agreement is the share of the pairs that stand in the right order.
    """

    key = "order"
    title = mark("order of ends")

    def words(self, asked: Asked, times: Times) -> str:
        return tr("In which order do the processes end?")

    def labels(self, question: Question, run: Run) -> list[str]:
        return [WHOLE]

    def truth(self, asked: Asked, outcome: Outcome) -> dict[str, Any]:
        rows = [row for row in outcome.run.processes if row.completion_ns is not None]
        rows.sort(key=lambda row: row.completion_ns or 0)
        together = groupby(rows, key=lambda row: row.completion_ns)
        return {WHOLE: [[row.name for row in group] for _, group in together]}

    def given(self, asked: Asked, values: Mapping[str, Any]) -> dict[str, Any]:
        found = values.get(self.key)
        return {} if found is None else {WHOLE: found}

    def agreement(
        self, asked: Asked, right: Sequence[Sequence[str]], given: Sequence[str], outcome: Outcome
    ) -> Fraction:
        place = {name: at for at, group in enumerate(right) for name in group}
        extra = [name for name in given if name not in place]
        if len(place) < 2:  # nothing to order
            return Fraction(list(given) == list(place))
        names = [name for name in given if name in place]
        pairs = len(place) * (len(place) - 1) // 2
        good = sum(
            place[first] <= place[second]
            for at, first in enumerate(names)
            for second in names[at + 1 :]
        )
        return max(Fraction(0), Fraction(good, pairs) - Fraction(len(extra), len(place)))

    def put(self, asked: Asked, values: Mapping[str, Any], times: Times) -> Any:
        value = values[WHOLE]
        return None if value is None else [name for group in value for name in group]

    def shown(self, value: Any, times: Times) -> str:
        return ", ".join(map(all_of, value))

    def how(self, times: Times) -> str:
        return "order: [A, B]"
