"""Questions for numbers: times of processes, means, counts, and how busy cores and devices are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from language.schema.exercise import Question
from teaching.kinds.kind import WHOLE, WRONG, Asked, Kind, chosen
from teaching.outcome import Outcome
from teaching.times import Times
from teaching.wording import listed
from timeline.expected_lines import MEAN_PARTS, same_share
from timeline.record.run import ProcessRow, Run
from translation import mark, tr, tr_n


class TimeKind(Kind):
    """A time of each process."""

    def __init__(self, key: str, title: str, meaning: str) -> None:
        self.key, self.title, self.meaning = key, title, meaning  # type: ignore[misc]

    def words(self, asked: Asked, times: Times) -> str:
        return tr(
            "What is the {time} of {processes}, in {unit}? ({meaning})",
            time=tr(self.title),
            processes=_whose(asked),
            unit=times.name,
            meaning=tr(self.meaning),
        )

    def labels(self, question: Question, run: Run) -> list[str]:
        return chosen(question.asked, run)

    def truth(self, asked: Asked, outcome: Outcome) -> dict[str, Any]:
        rows = {row.name: row for row in outcome.run.processes}
        found = {
            label: outcome.reading.time(self.key, rows[label])
            for label in asked.labels
            if label in rows
        }
        return {label: value for label, value in found.items() if value is not None}

    def agreement(self, asked: Asked, right: int, given: int, outcome: Outcome) -> Fraction:
        return Fraction(abs(right - given) <= (asked.question.tolerance or 0))


class CountKind(TimeKind):
    """A whole number for each process. `question` is about one process, `several` about several."""

    def __init__(self, key: str, title: str, question: str, several: str) -> None:
        super().__init__(key, title, question)
        self.several = several

    def words(self, asked: Asked, times: Times) -> str:
        question = self.several if 1 < len(asked.labels) <= MOST_LISTED else self.meaning
        return tr(question, processes=_whose(asked))

    def truth(self, asked: Asked, outcome: Outcome) -> dict[str, Any]:
        rows = {row.name: row for row in outcome.run.processes}
        found = {
            label: self._count(rows[label], outcome) for label in asked.labels if label in rows
        }
        return {label: value for label, value in found.items() if value is not None}

    def _count(self, row: ProcessRow, outcome: Outcome) -> int | None:
        if self.key == "preemptions":
            return row.preemptions
        if self.key == "exitcode":
            return None if row.exitcode is None else outcome.reading.exitcode(row.exitcode)
        if self.key == "swaps":
            events = outcome.run.memory_events
            return sum(e.event == "swapped-out" and e.process == row.name for e in events)
        ends = [(job["completion_ns"], job["deadline_ns"]) for job in row.jobs or ()]
        return sum(end is None or end > deadline for end, deadline in ends)

    def agreement(self, asked: Asked, right: int, given: int, outcome: Outcome) -> Fraction:
        return Fraction(right == given)

    def written(self, value: Any, times: Times) -> Any:
        return value

    def how(self, times: Times) -> str:
        return f"{self.key}: {{A: 1}}"


class MeanKind(Kind):
    """A mean over all processes. It may be off by a hundredth of the time unit."""

    key = "mean"
    title = mark("mean")

    def words(self, asked: Asked, times: Times) -> str:
        times_of_all = listed([tr(TITLES[label]) for label in asked.labels])
        return tr_n(
            "What is the mean of {times} over all processes, in {unit} (two decimals)?",
            "What are the means of {times} over all processes, in {unit} (two decimals)?",
            len(asked.labels),
            times=times_of_all,
            unit=times.name,
        )

    def labels(self, question: Question, run: Run) -> list[str]:
        return list(question.asked)

    def truth(self, asked: Asked, outcome: Outcome) -> dict[str, Any]:
        found = {key: outcome.reading.mean(key, outcome.run) for key in asked.labels}
        return {label: value for label, value in found.items() if value is not None}

    def agreement(self, asked: Asked, right: int, given: int, outcome: Outcome) -> Fraction:
        usual = (outcome.time_unit - 1) // MEAN_PARTS
        allowed = usual if asked.question.tolerance is None else asked.question.tolerance
        return Fraction(abs(right - given) <= allowed)

    def written(self, value: Any, times: Times) -> Any:
        if value is None:
            return None
        found = times.shown(value)
        return float(found) if "." in found else int(found)

    def how(self, times: Times) -> str:
        return "mean: {waiting: 17.33}"


class MakespanKind(Kind):
    """The time at which the last program ends."""

    key = "makespan"
    title = mark("end of the last process")

    def words(self, asked: Asked, times: Times) -> str:
        return tr("When is everything done, in {unit}?", unit=times.name)

    def labels(self, question: Question, run: Run) -> list[str]:
        return [WHOLE]

    def truth(self, asked: Asked, outcome: Outcome) -> dict[str, Any]:
        return {WHOLE: outcome.run.makespan_ns}

    def given(self, asked: Asked, values: Mapping[str, Any]) -> dict[str, Any]:
        found = values.get(self.key)
        return {} if found is None else {WHOLE: found}

    def agreement(self, asked: Asked, right: int, given: int, outcome: Outcome) -> Fraction:
        return Fraction(abs(right - given) <= (asked.question.tolerance or 0))

    def put(self, asked: Asked, values: Mapping[str, Any], times: Times) -> Any:
        return self.written(values[WHOLE], times)

    def how(self, times: Times) -> str:
        return "makespan: 50"


@dataclass(frozen=True)
class Use:
    """A time of all the time that a core or device could have been used, ns."""

    ns: int
    span: int


class UseKind(Kind):
    """How busy, or how idle, cores and devices are, until the last program ends."""

    def __init__(self, key: str, title: str, part: str) -> None:
        self.key, self.title, self.part = key, title, part  # type: ignore[misc]

    def words(self, asked: Asked, times: Times) -> str:
        one, many = BUSY if self.part == "busy" else IDLE
        places = listed([_place(label) for label in asked.labels])
        return tr(one if len(asked.labels) == 1 else many, places=places, unit=times.name)

    def labels(self, question: Question, run: Run) -> list[str]:
        return list(question.asked)

    def truth(self, asked: Asked, outcome: Outcome) -> dict[str, Any]:
        found = outcome.reading.usage(outcome.run)
        return {
            label: Use(getattr(found[label], self.part), found[label].span)
            for label in asked.labels
            if label in found
        }

    def agreement(self, asked: Asked, right: Use, given: Any, outcome: Outcome) -> Fraction:
        if isinstance(given, int):
            return Fraction(given == right.ns)
        if not right.span:
            return WRONG
        decimals = len(given.rstrip("%").partition(".")[2])
        share = Fraction(100 * right.ns, right.span)
        return Fraction(same_share(share, given, decimals, Fraction(0)))

    def written(self, value: Any, times: Times) -> Any:
        if value is None:
            return None
        share = Fraction(100 * value.ns, value.span) if value.span else Fraction(0)
        tenths = (20 * share.numerator + share.denominator) // (2 * share.denominator)
        return f"{tenths // 10}.{tenths % 10}%" if tenths % 10 else f"{tenths // 10}%"

    def how(self, times: Times) -> str:
        return f"{self.key}: {{cpu: 89.4%}}"


def _place(label: str) -> str:
    if label == "cpu":
        return tr("the CPU")
    return label if label.startswith("core") else tr("the {device}", device=label)


MOST_LISTED = 4
"""Processes that a question names; if there are more, it is about each process."""


def _whose(asked: Asked) -> str:
    return tr("each process") if len(asked.labels) > MOST_LISTED else listed(asked.labels)


BUSY = (
    mark(
        "Which share of the time until everything is done is {places} busy? "
        "(in %, to one decimal, or as a time in {unit})"
    ),
    mark(
        "Which share of the time until everything is done are {places} busy? "
        "(in %, to one decimal, or as a time in {unit})"
    ),
)
"""The question about one core or device, and about several."""
IDLE = (
    mark(
        "Which share of the time until everything is done is {places} idle? "
        "(in %, to one decimal, or as a time in {unit})"
    ),
    mark(
        "Which share of the time until everything is done are {places} idle? "
        "(in %, to one decimal, or as a time in {unit})"
    ),
)
TITLES = {
    "completion": mark("completion time"),
    "turnaround": mark("turnaround time"),
    "waiting": mark("waiting time"),
    "response": mark("response time"),
    "first_run": mark("first run"),
}
TIME_KINDS = [
    TimeKind("completion", TITLES["completion"], mark("when it ends")),
    TimeKind("turnaround", TITLES["turnaround"], mark("from its arrival to its end")),
    TimeKind(
        "waiting", TITLES["waiting"], mark("ready, but not running; waiting for I/O does not count")
    ),
    TimeKind("response", TITLES["response"], mark("from its arrival to its first run")),
    TimeKind("first_run", TITLES["first_run"], mark("when it runs first")),
]
COUNT_KINDS = [
    CountKind(
        *("preemptions", mark("preemptions")),
        mark("How often does {processes} lose the core to another process?"),
        mark("How often do {processes} lose their core to another process, each?"),
    ),
    CountKind(
        *("missed", mark("missed deadlines")),
        mark("How many deadlines does {processes} miss?"),
        mark("How many deadlines do {processes} miss, each?"),
    ),
    CountKind(
        *("exitcode", mark("exit code")),
        mark("What is the exit code of {processes}?"),
        mark("What are the exit codes of {processes}?"),
    ),
    CountKind(
        *("swaps", mark("swaps")),
        mark("How often is {processes} swapped out?"),
        mark("How often are {processes} swapped out, each?"),
    ),
]
USE_KINDS = [
    UseKind("utilization", mark("utilization"), "busy"),
    UseKind("idle", mark("idle time"), "idle"),
]
