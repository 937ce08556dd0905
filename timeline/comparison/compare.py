"""Two runs of one scenario laid over each other, the differences measured and explained.

Usually the first is simulated and the second real, but any two runs of the same scenario will do.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from kernel.errors import UsageError
from timeline.comparison import verdict_sentence as sentence
from timeline.comparison.criteria import (
    AGREE_BUT_TIMES,
    INCONCLUSIVE,
    MODEL_NAME,
    REAL_NAME,
    SMALL,
    TOLERANCES,
    Criterion,
    Tolerances,
    VerdictPart,
    decide,
)
from timeline.comparison.dispatch_order import (
    Order,
    ProcessEvent,
    Window,
    compare_orders,
    completions,
    dispatches,
)
from timeline.comparison.kernel_trace import TraceComparison, compare_with_trace
from timeline.comparison.makespan_causes import Causes, calls_ns, causes
from timeline.comparison.measures import median
from timeline.comparison.native import NativeComparison, compare_native, is_native, of_times
from timeline.comparison.native import criteria as native_criteria
from timeline.comparison.noise import Noise, noise_of
from timeline.comparison.observations import ObservationPair, side_by_side
from timeline.comparison.pair import Pair
from timeline.comparison.repeated import Repeats
from timeline.comparison.schedule import Excuses, schedule_criteria, schedule_part
from timeline.comparison.service_curves import Distance, occupancy_agreement, service_distance
from timeline.comparison.times import times_criteria, times_part, turnarounds, whole
from timeline.comparison.turnaround_causes import Attribution, attributions
from timeline.laws.check import Violation, check_sorted
from timeline.record.jobs import Misses, misses, misses_of
from timeline.record.run import REAL, SIMULATED, Run
from timeline.record.sorted_run import SortedRun, dispatch_slack

FIRST_SLICES = 40
"""Occupancy is also given over so many slices: on longer runs lateness adds up."""


@dataclass(frozen=True, slots=True)
class ProcessComparison:
    """One process in both runs. Times in ns."""

    name: str
    turnaround: Pair
    response: Pair
    waiting: Pair
    cpu: Pair
    slices: Pair
    missed: Pair  # deadlines
    service: Distance | None


@dataclass(frozen=True, slots=True)
class Errors:
    """Of the turnaround times, in percent of the first run's."""

    median_percent: float | None  # of the errors without sign
    largest_percent: float | None
    mean_percent: float | None  # with sign: is the second run late (+) or early (-) as a whole?


@dataclass(frozen=True, slots=True)
class CoreAgreement:
    """Share of core time in which both runs have the same process, or nobody, on the core."""

    overall: float | None
    first_slices: float | None  # up to the end of the first FIRST_SLICES
    slices: int


@dataclass(frozen=True, slots=True)
class Broken:
    """A law that one of the two records breaks."""

    run: str  # the model | the real machine | the first run | the second run
    violation: Violation


@dataclass(frozen=True, slots=True)
class Charged:
    """The model charged with the machine's price: what it says, beside the second run."""

    makespan: Pair
    turnaround_errors: Errors
    turnarounds: tuple[Pair, ...]  # by process


_JSON_NAMES = {"native": "free", "kernel_trace": "truth", "observations": "sights"}
"""Keys of the JSON document that the fields of `Comparison` do not have as their names."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything measured between two runs. `to_json` gives it as plain data."""

    verdict: str  # agree | agree, times inconclusive | disagree | inconclusive | not-measured
    schedule: VerdictPart  # same | different | undecided
    times: VerdictPart  # small | hidden | unexplained
    sentence: str
    advice: tuple[str, ...]  # what to do about noise, where that decided
    first: str  # what the two are called in sentences
    second: str
    tolerances: Tolerances
    near_tie_ns: int  # closer than this, the order of two events means nothing
    criteria: tuple[Criterion, ...]
    broken: tuple[Broken, ...]
    makespan: Pair
    turnaround_errors: Errors
    dispatch: Order
    completion: Order
    occupancy: CoreAgreement
    causes: Causes
    noise: Noise
    jobs: int  # with a deadline, in each of the runs
    missed: Pair  # how many of them missed it
    processes: tuple[ProcessComparison, ...]
    attributions: tuple[Attribution, ...]  # of each process's turnaround difference
    native: NativeComparison | None  # of runs that are left to the machine's own scheduler
    kernel_trace: (
        TraceComparison | None
    )  # the second run's log against the kernel's trace, if it has one
    charged: Charged | None = None  # the model with the machine's price, against the second run
    repeats: Repeats | None = None  # of several runs, of which this is the first
    observations: tuple[ObservationPair, ...] = ()  # what was observed and printed

    def to_json(self) -> dict[str, Any]:
        """Return dictionaries, lists, numbers and strings, ready for `json.dumps`."""
        plain: dict[str, Any] = _plain(self)
        return {_JSON_NAMES.get(name, name): value for name, value in plain.items()}


def compare(
    first: Run, second: Run, phases: Sequence[Run] = (), charged: Run | None = None
) -> Comparison:
    """Lay `second` over `first`. Raises UsageError unless both are of the same scenario.

    `phases` are further runs of the model, for other phases of a tick; `charged` is one that is
    charged with the machine's price, and is shown beside the two.
    """
    _require_same_scenario(first, second)
    sorted_runs = SortedRun(first), SortedRun(second)
    names = _names(first, second)
    broken = [
        Broken(name, violation)
        for name, sorted_run in zip(names, sorted_runs, strict=True)
        for violation in check_sorted(sorted_run)
    ]
    window = _window(first, second)
    cores = len(first.cores)
    turns, ends = dispatches(sorted_runs[0]), completions(sorted_runs[0])
    dispatch = compare_orders(turns, dispatches(sorted_runs[1]), cores, window)
    completion = compare_orders(ends, completions(sorted_runs[1]), cores, window)
    makespan = Pair.of(first.makespan_ns, second.makespan_ns)
    processes = _processes(*sorted_runs)
    native = None
    if is_native(first) and is_native(second):
        native = compare_native(*sorted_runs, [SortedRun(run) for run in phases])
    observations = tuple(side_by_side(first, second))
    noise, lost, found = noise_of(first, second), causes(*sorted_runs), attributions(*sorted_runs)
    excuses = Excuses(sorted_runs)
    orders = None if native else (dispatch, completion)
    decided = schedule_criteria(names, excuses, orders, observations, window.close)
    judged = turnarounds([(each.name, each.turnaround) for each in processes], found)
    received = [(each.name, each.cpu) for each in processes]
    calls = max(calls_ns(first), calls_ns(second))
    alike = all(criterion.holds for criterion in decided)
    stuck = bool(first.stuck or second.stuck)
    if native is not None:
        decided += native_criteria(native, makespan, TOLERANCES)
        decided += of_times(native, makespan, received, calls)
        criteria = in_doubt(decided, noise.doubt(native.tick_ns))
    else:
        criteria = decided + times_criteria(
            sorted_runs,
            None if stuck else whole(first, second, lost, judged),
            judged,
            received,
            calls=calls,
            noise=noise,
            decided_alike=alike,
        )
    took = "a deadlock has no end" if stuck else sentence.took_words(makespan, names[1], lost)
    times = times_part(criteria, noise, took, decided_alike=alike)
    chance = not excuses.by_noise and times.verdict == SMALL
    same = sentence.order_words(None if native else dispatch)
    schedule = schedule_part(criteria, same, chance_only=chance)
    verdict = decide(
        schedule, times, lawful=not broken, complete=_complete(first) and _complete(second)
    )
    return Comparison(
        verdict=verdict,
        schedule=schedule,
        times=times,
        sentence=sentence.say(
            verdict,
            names,
            stopped=_stopped(first, second, names),
            law=f"{broken[0].run} breaks a law: {broken[0].violation.message}" if broken else None,
            criteria=criteria,
            schedule=schedule,
            times=times,
            noise=noise.words(),
            causes=lost,
        ),
        advice=tuple(noise.advice()) if verdict in (AGREE_BUT_TIMES, INCONCLUSIVE) else (),
        first=names[0],
        second=names[1],
        tolerances=TOLERANCES,
        near_tie_ns=window.close,
        criteria=criteria,
        broken=tuple(broken),
        makespan=makespan,
        turnaround_errors=_errors([process.turnaround for process in processes]),
        dispatch=dispatch,
        completion=completion,
        occupancy=_occupancy(*sorted_runs, turns),
        causes=lost,
        noise=noise,
        jobs=jobs.jobs if (jobs := misses(first)) else 0,
        missed=_missed(misses(first), misses(second)),
        processes=processes,
        attributions=found,
        native=native,
        kernel_trace=compare_with_trace(sorted_runs[1]),
        charged=None if charged is None else _charged(charged, second),
        observations=observations,
    )


def in_doubt(criteria: Sequence[Criterion], doubt: str | None) -> tuple[Criterion, ...]:
    """Return the criteria of runs that are left to the machine: any of them may fail for what other
    programs did to its scheduler, which is `doubt`.
    """
    if doubt is None:
        return tuple(criteria)
    return tuple(
        replace(criterion, got=f"{criterion.got}, but {doubt}", holds=None)
        if criterion.holds is False
        else criterion
        for criterion in criteria
    )


def _charged(model: Run, second: Run) -> Charged:
    turnarounds = tuple(
        Pair.of(mine.turnaround_ns, yours.turnaround_ns)
        for mine, yours in zip(model.processes, second.processes, strict=True)
    )
    makespan = Pair.of(model.makespan_ns, second.makespan_ns)
    return Charged(makespan, _errors(turnarounds), turnarounds)


def _require_same_scenario(first: Run, second: Run) -> None:
    given = {
        **{
            what: (first.scenario.get(key), second.scenario.get(key)) for key, what in _SAME.items()
        },
        "scheduler": (first.scheduler, second.scheduler),
        "number of cores": (len(first.cores), len(second.cores)),
        "processes": (first.process_names, second.process_names),
        "CPU demands": _demands(first, second),
    }
    different = [what for what, (one, other) in given.items() if _text(one) != _text(other)]
    if different:
        what = ", ".join(different)
        raise UsageError(f"two runs of the same scenario can be compared; these differ in: {what}")


ERRANDS = 1000
"""ns of CPU: what coming back from waiting calls costs the model, where the system dispatches."""


def _demands(first: Run, second: Run) -> tuple[list[int], list[int]]:
    """Of those that no signal ended: it may come at another moment of their programs.

    Left to the system, which calls wait is another matter each time, so these may differ by that.
    """
    pairs = [
        (one.demand_ns, other.demand_ns)
        for one, other in zip(first.processes, second.processes, strict=False)
        if (one.exitcode or 0) >= 0 and (other.exitcode or 0) >= 0 and not first.stuck
    ]
    if is_native(first) and is_native(second) and "life" in first.machine:
        pairs = [
            (one, one if abs(one - other) <= max(ERRANDS, one // 1000) else other)
            for one, other in pairs
        ]
    return [one for one, _ in pairs], [other for _, other in pairs]


_SAME = {"sha256": "text", "seed": "seed", "overrides": "overrides"}


def _text(value: object) -> str:
    """A value as it looks in a saved run, so that a fresh run equals the same one loaded."""
    return json.dumps(value, sort_keys=True, default=str)


def _names(first: Run, second: Run) -> tuple[str, str]:
    if first.backend == second.backend:
        return "the first run", "the second run"
    one, other = (MODEL_NAME if run.backend == SIMULATED else REAL_NAME for run in (first, second))
    return one, other


def _complete(run: Run) -> bool:
    if run.stuck:  # a deadlock is an end, and what there is to say of it is in the observations
        return True
    return run.stopped is None and all(row.completion_ns is not None for row in run.processes)


def _stopped(first: Run, second: Run, names: tuple[str, str]) -> str | None:
    for name, run in zip(names, (first, second), strict=True):
        if not _complete(run):
            return f"{name} did not run to its end ({run.stopped or 'not every program completed'})"
    return None


def _window(first: Run, second: Run) -> Window:
    slack = max((dispatch_slack(run) for run in (first, second) if run.backend == REAL), default=0)
    close = min(max(TOLERANCES.near_tie_ns, slack), TOLERANCES.near_tie_most_ns)
    exact = first.backend == SIMULATED, second.backend == SIMULATED
    if all(exact):
        return Window(0, 0.0, exact)
    return Window(close, TOLERANCES.makespan, exact)


def _processes(first: SortedRun, second: SortedRun) -> tuple[ProcessComparison, ...]:
    given = first.run.scheduler.get("quantum")
    quantum = given if isinstance(given, int) else None
    return tuple(
        ProcessComparison(
            name=one.name,
            turnaround=Pair.of(one.turnaround_ns, other.turnaround_ns),
            response=Pair.of(one.response_ns, other.response_ns),
            waiting=Pair.of(one.waiting_ns, other.waiting_ns),
            cpu=_received(one.cpu_ns, other.cpu_ns),
            slices=Pair.of(one.slices, other.slices),
            missed=_missed(misses_of(one, first.run), misses_of(other, second.run)),
            service=service_distance(one_track, other_track, quantum),
        )
        for (one, one_track), (other, other_track) in zip(first.lives, second.lives, strict=True)
    )


def _received(first: int, second: int) -> Pair:
    """CPU time. Of a few ns that a program needs to make its calls, no percentage means much."""
    pair = Pair.of(first, second)
    return replace(pair, percent=None) if first <= ERRANDS else pair


def _missed(first: Misses | None, second: Misses | None) -> Pair:
    return Pair.of(first and first.missed, second and second.missed)


def _errors(pairs: Sequence[Pair]) -> Errors:
    signed = [pair.percent for pair in pairs if pair.percent is not None]
    plain = [abs(percent) for percent in signed]
    mean = sum(signed) / len(signed) if signed else None
    return Errors(median(plain), max(plain, default=None), mean)


def _occupancy(first: SortedRun, second: SortedRun, turns: Sequence[ProcessEvent]) -> CoreAgreement:
    end = min(first.run.makespan_ns, second.run.makespan_ns)
    early = min(end, turns[FIRST_SLICES].at) if len(turns) > FIRST_SLICES else end
    return CoreAgreement(
        overall=occupancy_agreement(first.lanes, second.lanes, end),
        first_slices=occupancy_agreement(first.lanes, second.lanes, early),
        slices=min(len(turns), FIRST_SLICES),
    )


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
