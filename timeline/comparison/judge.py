"""Make the verdict, and the sentence that states it, from what was measured between two runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from timeline.comparison import verdict_sentence
from timeline.comparison.causes.makespan_causes import calls_ns
from timeline.comparison.criteria import (
    AGREE_BUT_TIMES,
    INCONCLUSIVE,
    SMALL,
    TOLERANCES,
    Criterion,
    VerdictPart,
    decide,
)
from timeline.comparison.measure import Measurements
from timeline.comparison.native.criteria import native_criteria, native_times_criteria
from timeline.comparison.schedule.criteria import schedule_criteria, schedule_part
from timeline.comparison.schedule.excuses import Excuses
from timeline.comparison.times.criteria import times_criteria, times_part
from timeline.comparison.times.difference import makespan_difference, turnaround_differences
from timeline.memory.occupancy import is_refused
from timeline.record.run import Run
from translation import recorded


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict, its criteria and parts, its sentence, and advice about noise."""

    verdict: str
    criteria: tuple[Criterion, ...]
    schedule: VerdictPart
    times: VerdictPart
    sentence: str
    advice: tuple[str, ...]


def judge(measured: Measurements) -> Judgement:
    """Return the verdict on two runs."""
    excuses = Excuses(measured.runs)
    decided = _schedule_criteria(measured, excuses)
    alike = all(criterion.holds for criterion in decided)
    criteria = _with_times(measured, decided, alike)
    times = times_part(criteria, measured.noise, _took(measured), decided_alike=alike)
    chance = not excuses.by_noise and times.verdict == SMALL
    order = None if measured.native else measured.dispatch
    same = verdict_sentence.order_words(order)
    schedule = schedule_part(criteria, same, chance_only=chance)
    complete = _is_complete(measured.first) and _is_complete(measured.second)
    faithful = not (measured.first.divergences or measured.second.divergences)
    lawful = not measured.broken
    verdict = decide(schedule, times, faithful=faithful, lawful=lawful, complete=complete)
    noisy = verdict in (AGREE_BUT_TIMES, INCONCLUSIVE)
    return Judgement(
        verdict,
        criteria,
        schedule,
        times,
        _sentence(measured, verdict, criteria, schedule, times),
        tuple(measured.noise.advice()) if noisy else (),
    )


def in_doubt(criteria: Sequence[Criterion], doubt: str | None) -> tuple[Criterion, ...]:
    """Return the criteria of native runs. If there is a `doubt`, those that fail are undecided.

    Each of them may fail because other programs disturbed the machine's scheduler.
    """
    if doubt is None:
        return tuple(criteria)
    return tuple(
        replace(
            criterion,
            got=recorded("{got}, but {doubt}", got=criterion.got, doubt=doubt),
            holds=None,
        )
        if criterion.holds is False
        else criterion
        for criterion in criteria
    )


def _schedule_criteria(measured: Measurements, excuses: Excuses) -> tuple[Criterion, ...]:
    orders = None if measured.native else (measured.dispatch, measured.completion)
    close = measured.window.close
    return schedule_criteria(measured.names, excuses, orders, measured.observations, close)


def _with_times(
    measured: Measurements, decided: tuple[Criterion, ...], alike: bool
) -> tuple[Criterion, ...]:
    """Return the criteria of the schedule and of the times."""
    native, noise = measured.native, measured.noise
    received = [(each.name, each.cpu) for each in measured.processes]
    calls = max(calls_ns(measured.first), calls_ns(measured.second))
    if native is not None:
        decided += native_criteria(native, measured.makespan, TOLERANCES)
        decided += native_times_criteria(native, measured.makespan, received, calls)
        return in_doubt(decided, noise.doubt(native.tick_ns))
    differences = turnaround_differences(
        [(each.name, each.turnaround) for each in measured.processes], measured.attributions
    )
    makespan = None
    if not measured.stuck:
        runs = measured.first, measured.second
        makespan = makespan_difference(*runs, measured.causes, differences)
    return decided + times_criteria(
        measured.runs,
        makespan,
        differences,
        received,
        calls=calls,
        noise=noise,
        decided_alike=alike,
    )


def _took(measured: Measurements) -> str:
    if measured.stuck:
        return recorded("a deadlock has no end")
    return verdict_sentence.took_words(measured.makespan, measured.names[1], measured.causes)


def _sentence(
    measured: Measurements,
    verdict: str,
    criteria: Sequence[Criterion],
    schedule: VerdictPart,
    times: VerdictPart,
) -> str:
    law = None
    if measured.broken:
        first = measured.broken[0]
        law = recorded("{run} breaks a law: {law}", run=first.run, law=first.violation.message)
    return verdict_sentence.say(
        verdict,
        measured.names,
        stopped=_stopped(measured),
        law=law,
        criteria=criteria,
        schedule=schedule,
        times=times,
        noise=measured.noise.words(),
        causes=measured.causes,
    )


def _is_complete(run: Run) -> bool:
    if run.stuck:  # a run that ends in a deadlock is complete
        return True
    ended = (row.completion_ns is not None or is_refused(row, run) for row in run.processes)
    return run.stopped is None and all(ended)


def _stopped(measured: Measurements) -> str | None:
    for name, run in zip(measured.names, (measured.first, measured.second), strict=True):
        if not _is_complete(run):
            why = run.stopped or recorded("not every program completed")
            return recorded("{run} did not run to its end ({why})", run=name, why=why)
    return None
