"""What a comparison says: the classes of its result, with the field names of its JSON."""

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
    """Errors of the turnaround times, in percent of the first run's."""

    median_percent: float | None  # of the errors without sign
    largest_percent: float | None
    mean_percent: float | None  # with sign: is the second run late (+) or early (-) as a whole?


@dataclass(frozen=True, slots=True)
class CoreAgreement:
    """Share of core time in which a core has the same process in both runs, or none in both."""

    overall: float | None
    first_slices: float | None  # up to the end of so many slices as the next field says
    slices: int


@dataclass(frozen=True, slots=True)
class BrokenLaw:
    """A law that one of the two records breaks."""

    run: str  # the model | the real machine | the first run | the second run
    violation: Violation


@dataclass(frozen=True, slots=True)
class ChargedModel:
    """The model charged with the machine's price, beside the second run."""

    makespan: Pair
    turnaround_errors: TurnaroundErrors
    turnarounds: tuple[Pair, ...]  # by process


@dataclass(frozen=True, slots=True)
class Spread:
    """One measure over all runs."""

    what: str
    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Repeats:
    """Comparisons with several real runs. `sure`: the intervals are those of 95 %."""

    runs: int
    verdict: str
    verdicts: tuple[tuple[str, int], ...]
    spreads: tuple[Spread, ...]
    sure: bool  # else they are the least and the largest of all


_JSON_NAMES = {"native": "free", "kernel_trace": "truth", "observations": "sights"}
"""Keys of the JSON document that the fields of `Comparison` do not have as their names."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that is measured between two runs, and the verdict on it."""

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
    attributions: tuple[Attribution, ...]  # of each process's turnaround difference
    native: NativeComparison | None  # of runs that are left to the machine's own scheduler
    kernel_trace: TraceComparison | None  # the second run's log against the kernel's, if traced
    charged: ChargedModel | None = None
    repeats: Repeats | None = None  # of several runs, of which this is the first
    observations: tuple[ObservationPair, ...] = ()  # what was observed and printed

    def to_json(self) -> dict[str, Any]:
        """Return dictionaries, lists, numbers and strings, ready for `json.dumps`."""
        plain: dict[str, Any] = _plain(self)
        return {_JSON_NAMES.get(name, name): value for name, value in plain.items()}


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
