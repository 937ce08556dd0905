"""The conditions of `require`: each looks at a variant and says why it is no good question."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from kernel.errors import UsageError
from kernel.policies import POLICIES
from language.source.wording import unknown
from sim import simulate
from teaching.kinds.choices import ChoiceKind, same_chart
from teaching.misconceptions.catalogue import BY_NAME
from teaching.misconceptions.changes import under_policy
from teaching.outcome import Outcome
from teaching.posed import Posed, under
from timeline.expect import check
from timeline.memory.occupancy import waiters
from timeline.record.core_chart import core_chart
from translation import tr

TIE_RULES = ("expiry-first", "draw-preempts")
"""Misconceptions that are other rules for events at one instant, or for equal keys."""
Condition = Callable[[Posed, Any], bool]
"""A function that takes a variant and what is required, and returns whether it is met."""


def unmet(posed: Posed) -> str | None:
    """Return the first condition that the variant does not meet, in words; None: it meets all."""
    require = posed.file.exercise.require
    if posed.run.stopped is not None and not posed.run.stuck:
        return tr("the run ends ({reason})", reason=posed.run.stopped)
    for name, condition in CONDITIONS.items():
        wanted = getattr(require, name)
        if wanted is not None and not condition(posed, wanted):
            return f"{name}: {_text(wanted)}"
    return next(_unanswerable(posed), None)


def _text(wanted: Any) -> str:
    return ", ".join(map(str, wanted)) if isinstance(wanted, list) else str(wanted).lower()


def _unanswerable(posed: Posed) -> Iterator[str]:
    """Yield why a question of the variant has no answer, or more than one."""
    for asked in posed.asked:
        kind, question = asked.kind, asked.question
        if isinstance(kind, ChoiceKind) and kind.right_ones(asked, posed.right) != 1:
            yield tr("question {number} has one right alternative", number=asked.number)
        if question.kind != "policy":
            continue
        if posed.right.workload.scheduler.name not in question.asked.among:
            yield tr(
                "question {number}: the scenario's policy is one of `among`", number=asked.number
            )
        for name in question.asked.among:
            if name != posed.right.workload.scheduler.name:
                changed = under_policy(posed.right.workload, name)
                if changed is not None and same_chart(simulate(changed), posed.run):
                    yield tr(
                        "question {number}: under {policy} the chart differs from the one that "
                        "is given",
                        number=asked.number,
                        policy=name,
                    )


def _preemptions(posed: Posed, least: int) -> bool:
    return sum(row.preemptions for row in posed.run.processes) >= least


def _distinct(posed: Posed, metrics: list[str]) -> bool:
    for metric in metrics:
        name = {"cpu": "demand_ns"}.get(metric, f"{metric}_ns")
        values = [getattr(row, name) for row in posed.run.processes]
        if len(set(values)) < len(values):
            return False
    return True


def _no_ties(posed: Posed, _: bool) -> bool:
    """Return whether the answer is the same under the other rules for ties."""
    return not any(_other_answer(posed, name) for name in TIE_RULES)


def _differs(posed: Posed, names: list[str]) -> bool:
    return all(_other_answer(posed, name) for name in names)


def _other_answer(posed: Posed, name: str) -> bool:
    if name in BY_NAME:
        outcome = under(BY_NAME[name], posed.right)
    elif name in POLICIES:
        changed = under_policy(posed.right.workload, name)
        outcome = None if changed is None else Outcome(changed, simulate(changed))
    else:
        known = [*BY_NAME, *POLICIES]
        what = unknown(tr("policy or misconception"), name, known)
        raise UsageError(f"{posed.file.file}: exercise.require.differs: {what}")
    return outcome is not None and answers_differ(posed, outcome)


def answers_differ(posed: Posed, outcome: Outcome) -> bool:
    """Return whether at least one answer is not right any more under another outcome."""
    for asked in posed.asked:
        right = asked.kind.truth(asked, posed.right)
        other = asked.kind.truth(asked, outcome)
        if right != other:
            return True
    return False


def _waits(posed: Posed, least: int) -> bool:
    return len(waiters(posed.run)) >= least


def _missed(posed: Posed, least: int) -> bool:
    late = 0
    for row in posed.run.processes:
        for job in row.jobs or ():
            end = job["completion_ns"]
            late += end is None or end > job["deadline_ns"]
    return late >= least


def _idle(posed: Posed, wanted: bool) -> bool:
    return any(core.idle_ns for core in posed.run.cores) is wanted


def _slices(posed: Posed, most: int) -> bool:
    return sum(map(len, core_chart(posed.run))) <= most


def _makespan(posed: Posed, most: int) -> bool:
    return posed.run.makespan_ns <= most


def _round(posed: Posed, _: bool) -> bool:
    """Return whether the means of the questions have at most two decimals."""
    hundredth = posed.right.workload.time_unit
    for asked in posed.asked:
        if asked.question.kind != "mean":
            continue
        for label in asked.labels:
            values = [posed.right.reading.time(label, row) for row in posed.run.processes]
            known = [value for value in values if value is not None]
            if known and 100 * sum(known) % (hundredth * len(known)):
                return False
    return True


def _expect(posed: Posed, expect: Any) -> bool:
    unit = posed.right.workload.time_unit
    return all(line.holds for line in check(expect.plain(), posed.run, time_unit=unit))


CONDITIONS: dict[str, Condition] = {
    "slices": _slices,
    "makespan": _makespan,
    "preemptions": _preemptions,
    "distinct": _distinct,
    "waits": _waits,
    "missed": _missed,
    "idle": _idle,
    "round": _round,
    "expect": _expect,
    "no_ties": _no_ties,
    "differs": _differs,
}
"""The conditions by the keys of `require`; the cheapest come first."""
