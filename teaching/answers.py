"""What a student gave: each value beside what is asked, and what follows from the student's own.

If a value is wrong only because it was computed rightly from another wrong value of the same
answer, the error is carried on, and is not counted twice. `following` says what would follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from language.answers import Written
from teaching.kinds.kind import WHOLE, Asked
from teaching.kinds.numbers import Use
from teaching.posed import Posed
from timeline.record.core_chart import Lane, core_chart, joined
from timeline.record.metrics import Mean
from timeline.record.run import ProcessRow
from translation import tr

ORDER = (
    *("gantt", "dispatched", "completion", "first_run", "response", "turnaround", "waiting"),
    *("mean", "makespan", "order", "utilization", "idle"),
)
"""The kinds of questions, those from which others follow first."""


@dataclass(frozen=True)
class Basis:
    """A value that follows from the answer, and the kinds of questions that it follows from."""

    value: Any
    kinds: frozenset[str]


class Own:
    """A student's own values, and what follows from them."""

    def __init__(self, written: Written, posed: Posed) -> None:
        self.values = written.values
        self._rows = {row.name: row for row in posed.run.processes}
        self._posed = posed
        self._ends: dict[str, int] = {}  # of each process in the student's chart
        self._starts: dict[str, int] = {}
        self.lanes = self._chart()

    def _chart(self) -> Mapping[int, Lane]:
        """Return the student's chart, if it has every process of the right one."""
        written = self.values.get("gantt") or {}
        lanes = {core: joined(lane) for core, lane in written.items()}
        for lane in lanes.values():
            for name, start, end in lane:
                self._ends[name] = max(end, self._ends.get(name, 0))
                self._starts[name] = min(start, self._starts.get(name, start))
        return lanes

    def following(self, asked: Asked, label: str) -> Iterator[Basis]:
        """Yield what the value of a label would be, computed from other values of the answer."""
        key = asked.question.kind
        if key in ("completion", "first_run", "response", "turnaround", "waiting"):
            row = self._rows.get(label)
            if row is not None:
                yield from self._time(key, row)
        elif key == "mean":
            yield from self._mean(label)
        elif key == "makespan":
            yield from self._makespan()
        elif key == "order":
            yield from self._order()
        elif key in ("utilization", "idle") and label == "cpu":
            yield from self._use(key)
        elif key == "dispatched" and len(self.lanes) == 1 and len(self._posed.run.cores) == 1:
            yield Basis([name for name, *_ in self.lanes[0]], frozenset({"gantt"}))

    def _given(self, key: str, name: str) -> int | None:
        found: int | None = (self.values.get(key) or {}).get(name)
        return found

    def _time(self, key: str, row: ProcessRow) -> Iterator[Basis]:
        """Yield a time of a process as it follows from an earlier one.

        Two durations that end at the same moment differ from the right ones by the same time.
        """
        name = row.name
        if key == "completion" and name in self._ends and row.completion_ns is not None:
            ended = self._posed_end(name)
            if ended is not None:
                yield Basis(self._ends[name] + row.completion_ns - ended, frozenset({"gantt"}))
        if key in ("first_run", "response") and name in self._starts:
            arrival = row.arrival_ns if key == "response" else 0
            yield Basis(self._starts[name] - arrival, frozenset({"gantt"}))
        if key == "response" and (first := self._given("first_run", name)) is not None:
            yield Basis(first - row.arrival_ns, frozenset({"first_run"}))
        if key == "turnaround":
            for ends in self._completions(row):
                yield Basis(ends.value - row.arrival_ns, ends.kinds)
        if key == "waiting":
            yield from self._waiting(row)

    def _completions(self, row: ProcessRow) -> Iterator[Basis]:
        given = self._given("completion", row.name)
        if given is not None:
            yield Basis(given, frozenset({"completion"}))
        yield from self._time("completion", row)

    def _waiting(self, row: ProcessRow) -> Iterator[Basis]:
        if row.turnaround_ns is None:
            return
        given = self._given("turnaround", row.name)
        turnarounds = [Basis(given, frozenset({"turnaround"}))] if given is not None else []
        turnarounds += list(self._time("turnaround", row))
        for turnaround in turnarounds:
            later = turnaround.value - row.turnaround_ns
            yield Basis(row.waiting_ns + later, turnaround.kinds)

    def _posed_end(self, name: str) -> int | None:
        """Return when the process leaves a core last in the right chart, ns."""
        ends = [end for lane in core_chart(self._posed.run) for who, _, end in lane if who == name]
        return max(ends, default=None)

    def _mean(self, key: str) -> Iterator[Basis]:
        """Yield the mean of the student's own times of all processes."""
        values = [self._given(key, name) for name in self._rows]
        known = [value for value in values if value is not None]
        if len(known) == len(values):
            yield Basis(_mean(known), frozenset({key}))
        derived = [next(iter(self._time(key, row)), None) for row in self._rows.values()]
        there = [basis for basis in derived if basis is not None]
        if there and len(there) == len(derived):
            kinds = frozenset[str]().union(*(basis.kinds for basis in there))
            yield Basis(_mean([basis.value for basis in there]), kinds)

    def _all_ends(self) -> Iterator[tuple[dict[str, int], str]]:
        given = self.values.get("completion") or {}
        if given and set(given) == set(self._rows):
            yield dict(given), "completion"
        if self._ends and set(self._ends) == set(self._rows):
            ends = {}
            for name, row in self._rows.items():
                basis = next(iter(self._time("completion", row)), None)
                if basis is None:
                    return
                ends[name] = basis.value
            yield ends, "gantt"

    def _makespan(self) -> Iterator[Basis]:
        for ends, kind in self._all_ends():
            yield Basis(max(ends.values()), frozenset({kind}))

    def _order(self) -> Iterator[Basis]:
        for ends, kind in self._all_ends():
            times = sorted(set(ends.values()))
            groups = [[name for name in ends if ends[name] == time] for time in times]
            yield Basis(groups, frozenset({kind}))

    def _use(self, key: str) -> Iterator[Basis]:
        cores = len(self._posed.run.cores)
        for ends, kind in self._all_ends():
            if kind != "gantt":
                continue
            span = max(ends.values()) * cores
            busy = sum(end - start for lane in self.lanes.values() for _, start, end in lane)
            value = busy if key == "utilization" else max(0, span - busy)
            yield Basis(Use(value, span), frozenset({"gantt"}))


def _mean(values: list[int]) -> int:
    mean = Mean()
    for value in values:
        mean.add(value)
    assert mean.rounded is not None
    return mean.rounded


@dataclass
class Value:
    """One value of an answer: what was given, and what became of it."""

    asked: Asked
    label: str
    given: Any = None
    filled: bool = False
    agreement: Fraction = Fraction(0)
    carried: frozenset[str] = frozenset()

    @property
    def is_right(self) -> bool:
        """Whether the value is the right one."""
        return self.filled and self.agreement == 1

    @property
    def name(self) -> str:
        """The label for a reader."""
        if self.label == WHOLE:
            return ""
        if self.asked.question.kind != "gantt":
            return self.label
        return tr("core {core}", core=self.label) if len(self.asked.labels) > 1 else ""
