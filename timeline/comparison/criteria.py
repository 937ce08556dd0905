"""Do two runs agree? Fixed tolerances, one criterion at a time, and a verdict in two parts.

The *schedule* is what was decided: the order of dispatches and completions, placements, misses,
prints, observations, exit codes. The *times* are how long it took, less what was measured as the
machine's own price. Noise may leave either of them undecided; only a difference that neither noise
nor the machine's price explains is a disagreement.

The tolerances are constants, fixed before any run, and part of every result.
"""

from __future__ import annotations

from dataclasses import dataclass

from kernel.units import ms, us
from timeline.number_formats import digits, share

MODEL_NAME = "the model"
REAL_NAME = "the real machine"

AGREE = "agree"
AGREE_BUT_TIMES = "agree, times inconclusive"
DISAGREE = "disagree"
INCONCLUSIVE = "inconclusive"
NOT_MEASURED = "not-measured"

SCHEDULE, TIMES = "schedule", "times"
"""The parts of a verdict."""
THE_SAME, DIFFERENT, UNDECIDED = "same", "different", "undecided"
"""What may be said of a schedule."""
SMALL, HIDDEN, UNEXPLAINED = "small", "hidden", "unexplained"
"""What may be said of the differences of times: noise hides whether they are small, perhaps."""


@dataclass(frozen=True, slots=True)
class Tolerances:
    """What two runs that agree may differ by. Shares are of the first run's value."""

    makespan: float = 0.02
    turnaround_median: float = 0.02
    turnaround_largest: float = 0.05  # of each process, or the next if that is more
    turnaround_floor_ns: int = ms(2)
    cpu: float = 0.01  # of each process, or the next if that is more
    cpu_floor_ns: int = ms(1)
    time_floor_ns: int = us(500)  # of the makespan and of each error in the median
    burst: float = 0.05  # of the CPU time of each burst, or the next if that is more
    burst_floor_ns: int = ms(2)
    wait: float = 0.05  # of each wait for a device, or the next if that is more
    wait_floor_ns: int = ms(2)
    woken_late_ns: int = ms(10)  # by which others on the cores may delay the end of a wait
    noise: float = 0.01  # share of core time that the hypervisor or outsiders may take
    worth_telling: float = 0.005  # share of core time; noise below it is not mentioned
    slow_dispatch: float = 3.0  # times the calibrated price, of the middle dispatch of a run
    near_tie_ns: int = ms(1)  # or the real machine's dispatch slack if that is more
    near_tie_most_ns: int = ms(5)  # but never more than this
    # of runs that are left to the machine's own scheduler
    free_turnaround_median: float = 0.03
    share: float = 0.02  # of a core, or two ticks if that is more
    slices: float = 0.05  # in a second, or so many in all
    slices_floor: int = 8
    service_ticks: int = 4  # and what others may take of a core
    broken: float = 0.05  # interruptions by outsiders for each slice


TOLERANCES = Tolerances()


def promise(*, native: bool) -> str:
    """Return in words what agreement will mean. `native`: the system dispatches."""
    limits = TOLERANCES
    whole = f"makespan within {share(limits.makespan)}, CPU received within {share(limits.cpu)}"
    if native:
        return (
            f"agree will mean: shares within {digits(100 * limits.share, 2)} points, slices a "
            f"second within {share(limits.slices)}, service curves within {limits.service_ticks} "
            f"ticks, median turnaround within {share(limits.free_turnaround_median)}, {whole}"
        )
    return (
        "agree will mean: the same order of dispatches and completions; and, less what switches "
        f"needed, median turnaround within {share(limits.turnaround_median)}, each within "
        f"{share(limits.turnaround_largest)}, {whole}"
    )


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition of agreement. `holds` None: chance or noise decided it, see `got`."""

    what: str
    wanted: str
    got: str
    holds: bool | None
    part: str = SCHEDULE  # of the verdict


@dataclass(frozen=True, slots=True)
class VerdictPart:
    """One part of a verdict, and why it is that.

    Of the schedule: same, different, undecided. Of the times: small, hidden, unexplained.
    """

    verdict: str
    reason: str


def decide(schedule: VerdictPart, times: VerdictPart, *, lawful: bool, complete: bool) -> str:
    """Return the verdict. A broken law outweighs everything, a stopped run all but that."""
    if not lawful:
        return DISAGREE
    if not complete:
        return NOT_MEASURED
    if schedule.verdict == DIFFERENT or times.verdict == UNEXPLAINED:
        return DISAGREE
    if schedule.verdict == UNDECIDED:
        return INCONCLUSIVE
    return AGREE if times.verdict == SMALL else AGREE_BUT_TIMES
