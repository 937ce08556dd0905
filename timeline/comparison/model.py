"""The result of a comparison: its classes, with the field names of its JSON."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from timeline.comparison.causes.makespan_causes import Causes
from timeline.comparison.causes.noise import Noise
from timeline.comparison.causes.turnaround_causes import Attribution
from timeline.comparison.criteria import Criterion, Tolerances, VerdictPart
from timeline.comparison.kernel_trace import TraceComparison
from timeline.comparison.native.measure import NativeComparison
from timeline.comparison.observations import ObservationPair
from timeline.comparison.pair import Pair
from timeline.comparison.schedule.dispatch_order import Order
from timeline.comparison.service_curves import Distance
from timeline.comparison.witness import Witness
from timeline.laws.check import Violation


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
class TurnaroundErrors:
    """Errors of the turnaround times, in percent of the first run's turnaround times."""

    median_percent: float | None  # of the errors without sign
    largest_percent: float | None  # without sign
    mean_percent: float | None  # with sign: + if the second run is late, - if it is early


@dataclass(frozen=True, slots=True)
class CoreAgreement:
    """Share of core time in which a core has the same process in both runs, or none in both."""

    overall: float | None
    first_slices: float | None  # the same, over the first `slices` slices only
    slices: int


@dataclass(frozen=True, slots=True)
class BrokenLaw:
    """A law that one of the two records breaks."""

    run: str  # name of the run: the model, the real machine, the first run or the second run
    violation: Violation


@dataclass(frozen=True, slots=True)
class ChargedModel:
    """The charged model, with the machine's price of dispatches, compared with the second run."""

    makespan: Pair
    turnaround_errors: TurnaroundErrors
    turnarounds: tuple[Pair, ...]  # by process


@dataclass(frozen=True, slots=True)
class Spread:
    """One measure over all runs: its median and the interval around it."""

    what: str
    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Repeats:
    """Comparisons of one scenario with several real runs."""

    runs: int
    verdict: str
    verdicts: tuple[tuple[str, int], ...]  # each verdict, and how many runs have it
    spreads: tuple[Spread, ...]
    sure: bool  # whether the intervals are those of 95 %; if not, the least and largest values


_JSON_NAMES = {"native": "free", "kernel_trace": "truth", "observations": "sights"}
"""Fields of `Comparison` whose keys in the JSON document are different, with these keys."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that is measured between two runs, and the verdict."""

    verdict: str  # agree | agree, times inconclusive | disagree | inconclusive | not-measured
    schedule: VerdictPart  # same | different | undecided
    times: VerdictPart  # small | hidden | unexplained
    sentence: str
    advice: tuple[str, ...]  # what to do about noise, if the verdict is inconclusive because of it
    first: str  # names of the two runs in sentences
    second: str
    tolerances: Tolerances
    near_tie_ns: int  # the order of two events that are closer than this means nothing
    criteria: tuple[Criterion, ...]
    broken: tuple[BrokenLaw, ...]
    makespan: Pair
    turnaround_errors: TurnaroundErrors
    dispatch: Order
    completion: Order
    occupancy: CoreAgreement
    causes: Causes
    noise: Noise
    jobs: int  # with a deadline, in each of the runs
    missed: Pair  # how many of them missed it
    processes: tuple[ProcessComparison, ...]
    attributions: tuple[Attribution, ...]  # causes of each process's turnaround difference
    native: NativeComparison | None  # only for native runs
    kernel_trace: TraceComparison | None  # the second run's log against the kernel's, if traced
    charged: ChargedModel | None = None
    repeats: Repeats | None = None  # all comparisons with several real runs, this one the first
    observations: tuple[ObservationPair, ...] = ()  # what was observed and printed
    witness: Witness | None = None  # what the exported plain program said, if it was asked

    def to_json(self) -> dict[str, Any]:
        """Return dictionaries, lists, numbers and strings, ready for `json.dumps`."""
        plain: dict[str, Any] = _plain(self)
        if self.witness is None:
            del plain["witness"]
        return {_JSON_NAMES.get(name, name): value for name, value in plain.items()}


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
