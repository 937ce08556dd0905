"""The first part of a verdict: the criteria that both machines made the same decisions.

Noise may excuse a difference (`timeline.comparison.schedule.excuses`). The order of events in a
near tie is chance, and does not count as a difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from timeline.comparison.criteria import (
    DIFFERENT,
    REAL_NAME,
    SCHEDULE,
    THE_SAME,
    UNDECIDED,
    Criterion,
    VerdictPart,
)
from timeline.comparison.observations import ObservationPair
from timeline.comparison.schedule.dispatch_order import PARTED, Order, OrderEntry
from timeline.comparison.schedule.excuses import Excuses
from timeline.comparison.schedule.placements import placement_criterion
from timeline.memory.occupancy import arrangement
from timeline.number_formats import duration
from timeline.record.jobs import is_missed
from timeline.record.run import Job, Run
from timeline.record.sorted_run import SortedRun
from translation import mark, recorded


def schedule_criteria(
    names: tuple[str, str],
    excuses: Excuses,
    orders: tuple[Order, Order] | None,
    pairs: Sequence[ObservationPair],
    close: int,
) -> tuple[Criterion, ...]:
    """Return the criteria of everything that must be the same in both runs.

    `orders` are those of dispatches and completions; None if the operating system scheduled. Events
    at most `close` ns apart are near ties.
    """
    first, second = (sorted_run.run for sorted_run in excuses.sorted_runs)
    found: list[Criterion] = [
        Criterion(recorded("calls"), recorded("what the rules say"), each.sentence, False)
        for run in (first, second)
        for each in run.divergences
    ]
    if orders is not None:
        for kind, order in zip((DISPATCHES, COMPLETIONS), orders, strict=True):
            found.append(_of_order(order_criterion(kind, order, names), order, excuses))
    if first.stuck or second.stuck:
        found.append(_deadlock(names, first, second, excuses))
    if arrangement(first) or arrangement(second):
        found.append(placement_criterion(names, first, second, excuses))
    if pairs:
        found.append(_of_observations(pairs, excuses))
    found += _exit_codes(first, second, excuses)
    found += _misses(first, second, excuses, close)
    return tuple(found)


def schedule_part(criteria: Sequence[Criterion], same: str, *, chance_only: bool) -> VerdictPart:
    """Return the verdict on the schedule. `same` says in words what was the same.

    `chance_only`: noise excused no difference, and the differences of times are small. Then an
    undecided criterion can come only from a near tie.
    """
    mine = [criterion for criterion in criteria if criterion.part == SCHEDULE]
    for verdict, holds in ((DIFFERENT, False), (UNDECIDED, None)):
        wrong = [c for c in mine if c.holds is holds]
        if wrong and not (holds is None and chance_only):
            reason = recorded("{what}: {got}", what=wrong[0].what, got=wrong[0].got)
            return VerdictPart(verdict, reason)
    return VerdictPart(THE_SAME, same)


class KindOfOrder(NamedTuple):
    """What an order is called, and the texts of its first difference."""

    what: str
    differs: str
    only: str  # one of the runs has nothing there


DISPATCHES = KindOfOrder(
    mark("dispatch order"),
    mark("slice {n} is {first} but {second}"),
    mark("slice {n} is {one} only"),
)
COMPLETIONS = KindOfOrder(
    mark("completion order"),
    mark("completion {n} is {first} but {second}"),
    mark("completion {n} is {one} only"),
)


def order_criterion(kind: KindOfOrder, order: Order, names: tuple[str, str]) -> Criterion:
    """Return the criterion that two orders are the same, near ties aside."""
    what, wanted = recorded(kind.what), recorded("the same, near ties aside")
    if order.same:
        return Criterion(what, wanted, recorded(order.outcome), True)
    assert order.first_difference is not None
    first, second = order.first_difference.first, order.first_difference.second
    there = [
        _whose(turn, name)
        for turn, name in zip((first, second), names, strict=True)
        if turn is not None
    ]
    place = order.first_difference.index + 1
    if len(there) == 2:
        got = recorded(kind.differs, n=place, first=there[0], second=there[1])
    else:
        got = recorded(kind.only, n=place, one=there[0])
    if order.outcome == PARTED:
        return Criterion(what, wanted, recorded("{got}, which is a near tie", got=got), None)
    return Criterion(what, wanted, got, False)


def _whose(turn: OrderEntry, run: str) -> str:
    if run == REAL_NAME:
        return recorded("{process}'s on {run}", process=turn.process, run=run)
    return recorded("{process}'s in {run}", process=turn.process, run=run)


def _of_order(criterion: Criterion, order: Order, excuses: Excuses) -> Criterion:
    difference = order.first_difference
    if criterion.holds or difference is None:
        return criterion
    at = min(turn.at_ns for turn in (difference.second, difference.first) if turn is not None)
    if difference.second is not None:
        at = difference.second.at_ns
    if order.outcome == PARTED:
        excuses.parts(at)
        return criterion
    return excuses.judge(criterion, at, difference.needed_ns, difference.drift_ns)


def _deadlock(names: tuple[str, str], first: Run, second: Run, excuses: Excuses) -> Criterion:
    stuck = [", ".join(sorted(run.stuck)) or recorded("no process") for run in (first, second)]
    got = recorded(
        "{one} in {first}, {other} in {second}",
        one=stuck[0],
        first=names[0],
        other=stuck[1],
        second=names[1],
    )
    what, wanted = recorded("deadlock"), recorded("of the same processes")
    criterion = Criterion(what, wanted, got, stuck[0] == stuck[1])
    return criterion if criterion.holds else excuses.judge(criterion, second.makespan_ns, None)


def _of_observations(pairs: Sequence[ObservationPair], excuses: Excuses) -> Criterion:
    """Judge whether the processes observed the same, and printed the same, in both runs."""
    what, wanted = recorded("observations"), recorded("the same on both machines")
    different = [pair for pair in pairs if not pair.equal]
    if not different:
        return Criterion(what, wanted, recorded("all {n} the same", n=len(pairs)), True)
    told = ", ".join(f"{pair.process}: {pair.name}" for pair in different[:3])
    got = recorded("{n} of {all} are not, {first}", n=len(different), all=len(pairs), first=told)
    criterion = Criterion(what, wanted, got, False)
    # the other differences come later: if the first is excused, they follow from it
    earliest = min(different, key=lambda pair: pair.second_at)
    return excuses.judge(criterion, earliest.second_at, _nearest(excuses.sorted_runs[0], earliest))


def _nearest(model: SortedRun, pair: ObservationPair) -> int | None:
    """Return the ns from an observation to the nearest event of another process in the first run.

    The observation and the event change places if noise moves them by this time. Events of the same
    instant do not count, as they follow from each other.
    """
    return _gap(model, pair.first_at, pair.process)


def _gap(model: SortedRun, at: int, process: str) -> int | None:
    gaps = [
        abs(edge - at)
        for row, track in model.rows_with_tracks
        if row.name != process
        for interval in track
        for edge in (interval.start, interval.end)
    ]
    return min((gap for gap in gaps if gap), default=None)


def _exit_codes(first: Run, second: Run, excuses: Excuses) -> Iterator[Criterion]:
    """Judge whether each program ends with the same exit code, if any exit code is not 0."""
    rows = [
        (one, other)
        for one, other in zip(first.processes, second.processes, strict=True)
        if one.exitcode is not None and other.exitcode is not None
    ]
    if not any(one.exitcode or other.exitcode for one, other in rows):
        return
    what, wanted = recorded("exit codes"), recorded("the same")
    wrong = [(one, other) for one, other in rows if one.exitcode != other.exitcode]
    if not wrong:
        yield Criterion(what, wanted, recorded("all {n} the same", n=len(rows)), True)
        return
    # the first difference; the others follow from it
    one, other = min(wrong, key=lambda pair: pair[1].completion_ns or 0)
    got = recorded(
        "{process} {second} against {first}",
        process=one.name,
        second=other.exitcode,
        first=one.exitcode,
    )
    criterion, at = Criterion(what, wanted, got, False), one.completion_ns
    needed = None if at is None else _gap(excuses.sorted_runs[0], at, one.name)
    yield excuses.judge(criterion, other.completion_ns, needed)


def _misses(first: Run, second: Run, excuses: Excuses, close: int) -> Iterator[Criterion]:
    """Judge whether the same jobs miss their deadlines.

    A job that the first run completes near its deadline may miss it or not in the second run. Near
    is within `close` ns plus the machine's price in the run.
    """
    jobs = [
        (row.name, mine, yours)
        for row, other in zip(first.processes, second.processes, strict=True)
        for mine, yours in zip(row.jobs or (), other.jobs or (), strict=False)
    ]
    if not jobs:
        return
    what = recorded("missed deadlines")
    wanted = recorded("the same jobs, near ties aside")
    wrong = [
        job
        for job in jobs
        if is_missed(job[1], first.makespan_ns) != is_missed(job[2], second.makespan_ns)
    ]
    price = sum(each.price_ns for each in excuses.lateness)
    far = [job for job in wrong if _margin(job[1], first) > close + price]
    if not far:
        got = recorded("the same of {n:,}", n=len(jobs))
        if wrong:
            got = recorded("{same}, {n} of them at its deadline", same=got, n=len(wrong))
        yield Criterion(what, wanted, got, True)
        return
    name, mine, yours = far[0]
    got = recorded(
        "{n} of {all:,} are not, first {process}'s due at {time}",
        n=len(far),
        all=len(jobs),
        process=name,
        time=duration(mine["deadline_ns"]),
    )
    criterion = Criterion(what, wanted, got, False)
    yield excuses.judge(criterion, _done(yours, second), _margin(mine, first))


def _done(job: Job, run: Run) -> int:
    done = job["completion_ns"]
    return run.makespan_ns if done is None else done


def _margin(job: Job, run: Run) -> int:
    """Return the ns between a job's completion and its deadline.

    A job that was dropped would have been completed after its deadline at the earliest by the CPU
    time that it had not had.
    """
    if "dropped_ns" in job:
        return job["dropped_ns"]
    return abs(_done(job, run) - job["deadline_ns"])
