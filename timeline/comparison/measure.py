"""What is measured between two runs, before anything is judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from timeline.comparison.causes.makespan_causes import Causes, causes
from timeline.comparison.causes.noise import Noise, noise_of
from timeline.comparison.causes.turnaround_causes import Attribution, attributions
from timeline.comparison.criteria import (
    FIRST_NAME,
    MODEL_NAME,
    REAL_NAME,
    SECOND_NAME,
    TOLERANCES,
)
from timeline.comparison.measures import median
from timeline.comparison.model import (
    BrokenLaw,
    ChargedModel,
    CoreAgreement,
    ProcessComparison,
    TurnaroundErrors,
)
from timeline.comparison.native.measure import NativeComparison, compare_native, is_native
from timeline.comparison.observations import ObservationPair, side_by_side
from timeline.comparison.pair import Pair
from timeline.comparison.same_scenario import OLD_RETURNS
from timeline.comparison.schedule.dispatch_order import Order, compare_orders
from timeline.comparison.schedule.near_ties import Window
from timeline.comparison.schedule.process_events import ProcessEvent, completions, dispatches
from timeline.comparison.service_curves import occupancy_agreement, service_distance
from timeline.laws.check import check_sorted
from timeline.record.jobs import Misses, dropped_cpu, misses, misses_of
from timeline.record.run import REAL, SIMULATED, Run
from timeline.record.sorted_run import SortedRun, dispatch_slack
from translation import recorded

FIRST_SLICES = 40
"""The agreement of occupancy is also given for the first slices, as lateness adds up in a run."""


@dataclass(frozen=True, slots=True)
class Measurements:
    """All that is measured between two runs."""

    runs: tuple[SortedRun, SortedRun]
    names: tuple[str, str]  # of the two runs in sentences
    broken: tuple[BrokenLaw, ...]
    window: Window
    makespan: Pair
    processes: tuple[ProcessComparison, ...]
    dispatch: Order
    completion: Order
    occupancy: CoreAgreement
    causes: Causes
    noise: Noise
    attributions: tuple[Attribution, ...]
    native: NativeComparison | None
    observations: tuple[ObservationPair, ...]

    @property
    def first(self) -> Run:
        """The first run."""
        return self.runs[0].run

    @property
    def second(self) -> Run:
        """The second run."""
        return self.runs[1].run

    @property
    def stuck(self) -> bool:
        """Whether a deadlock ended one of the runs."""
        return bool(self.first.stuck or self.second.stuck)

    @property
    def jobs(self) -> int:
        """How many jobs of the first run have a deadline."""
        found = misses(self.first)
        return found.jobs if found else 0

    @property
    def missed(self) -> Pair:
        """How many jobs missed their deadlines in each run."""
        return _missed(misses(self.first), misses(self.second))


def measure(first: Run, second: Run, phases: Sequence[Run] = ()) -> Measurements:
    """Return all that is measured between two runs of one scenario.

    `phases` are further runs of the model, with other phases of the tick.
    """
    one, other = SortedRun(first), SortedRun(second)
    names = _names(first, second)
    window, cores = _window(first, second), len(first.cores)
    turns = dispatches(one)
    native = None
    if is_native(first) and is_native(second):
        native = compare_native(one, other, [SortedRun(run) for run in phases])
    return Measurements(
        runs=(one, other),
        names=names,
        broken=(*_broken(names[0], one), *_broken(names[1], other)),
        window=window,
        makespan=Pair.of(first.makespan_ns, second.makespan_ns),
        processes=_processes(one, other),
        dispatch=compare_orders(turns, dispatches(other), cores, window),
        completion=compare_orders(completions(one), completions(other), cores, window),
        occupancy=_occupancy(one, other, turns),
        causes=causes(one, other),
        noise=noise_of(first, second),
        attributions=attributions(one, other),
        native=native,
        observations=tuple(side_by_side(first, second)),
    )


def turnaround_errors(pairs: Sequence[Pair]) -> TurnaroundErrors:
    """Return the errors of turnaround times. Each pair is the turnaround of one process."""
    signed = [pair.percent for pair in pairs if pair.percent is not None]
    plain = [abs(percent) for percent in signed]
    mean = sum(signed) / len(signed) if signed else None
    return TurnaroundErrors(median(plain), max(plain, default=None), mean)


def charged_model(model: Run, second: Run) -> ChargedModel:
    """Return the comparison of the charged model with `second`."""
    turnarounds = tuple(
        Pair.of(mine.turnaround_ns, yours.turnaround_ns)
        for mine, yours in zip(model.processes, second.processes, strict=True)
    )
    makespan = Pair.of(model.makespan_ns, second.makespan_ns)
    return ChargedModel(makespan, turnaround_errors(turnarounds), turnarounds)


def _names(first: Run, second: Run) -> tuple[str, str]:
    if first.backend == second.backend:
        return recorded(FIRST_NAME), recorded(SECOND_NAME)
    one, other = (MODEL_NAME if run.backend == SIMULATED else REAL_NAME for run in (first, second))
    return recorded(one), recorded(other)


def _broken(name: str, sorted_run: SortedRun) -> list[BrokenLaw]:
    return [BrokenLaw(name, violation) for violation in check_sorted(sorted_run)]


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
            # a job that was dropped in one run only, or at another point, has its whole time
            cpu=_received(one.cpu_ns + dropped_cpu(one), other.cpu_ns + dropped_cpu(other)),
            slices=Pair.of(one.slices, other.slices),
            missed=_missed(misses_of(one, first.run), misses_of(other, second.run)),
            service=service_distance(one_track, other_track, quantum),
        )
        for (one, one_track), (other, other_track) in zip(
            first.rows_with_tracks, second.rows_with_tracks, strict=True
        )
    )


def _received(first: int, second: int) -> Pair:
    """Return a pair of CPU times, without a percentage if the first is at most OLD_RETURNS ns."""
    pair = Pair.of(first, second)
    return replace(pair, percent=None) if first <= OLD_RETURNS else pair


def _missed(first: Misses | None, second: Misses | None) -> Pair:
    return Pair.of(first and first.missed, second and second.missed)


def _occupancy(first: SortedRun, second: SortedRun, turns: Sequence[ProcessEvent]) -> CoreAgreement:
    end = min(first.run.makespan_ns, second.run.makespan_ns)
    early = min(end, turns[FIRST_SLICES].at) if len(turns) > FIRST_SLICES else end
    return CoreAgreement(
        overall=occupancy_agreement(first.lanes, second.lanes, end),
        first_slices=occupancy_agreement(first.lanes, second.lanes, early),
        slices=min(len(turns), FIRST_SLICES),
    )
