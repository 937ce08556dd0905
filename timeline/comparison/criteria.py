"""Decide whether two runs agree: fixed tolerances, criteria, and a verdict in two parts.

The *schedule* is what was decided: the order of dispatches and completions, placements, missed
deadlines, printed lines, observations, exit codes. The *times* are how long things took, less the
measured price of the machine. Noise may leave either part undecided. Only a difference that neither
noise nor the machine's price explains is a disagreement.

The tolerances are constants, fixed before any run, and part of every result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from kernel.units import ms, us
from timeline.number_formats import digits, share
from translation import mark, recorded, tr

MODEL_NAME = mark("the model")
REAL_NAME = mark("the real machine")
FIRST_NAME = mark("the first run")
SECOND_NAME = mark("the second run")

AGREE = mark("agree")
AGREE_BUT_TIMES = mark("agree, times inconclusive")
DISAGREE = mark("disagree")
INCONCLUSIVE = mark("inconclusive")
NOT_MEASURED = mark("not-measured")

SCHEDULE, TIMES = "schedule", "times"
"""The parts of a verdict."""
THE_SAME, DIFFERENT, UNDECIDED = mark("same"), mark("different"), mark("undecided")
"""The verdicts on the schedule."""
SMALL, HIDDEN, UNEXPLAINED = mark("small"), mark("hidden"), mark("unexplained")
"""The verdicts on the differences of times. HIDDEN: noise hides whether they are small."""


@dataclass(frozen=True, slots=True)
class Tolerances:
    """The largest differences of two runs that agree. Shares are of the first run's value.

    A field `…_floor` applies instead of the share before it if it is more.
    """

    makespan: float = 0.02
    turnaround_median: float = 0.02
    turnaround_largest: float = 0.05  # of the turnaround of each process
    turnaround_floor_ns: int = ms(2)
    cpu: float = 0.01  # of the CPU time of each process
    cpu_floor_ns: int = ms(1)
    time_floor_ns: int = us(500)  # for the makespan, and for each error in the median
    burst: float = 0.05  # of the CPU time of each burst
    burst_floor_ns: int = ms(2)
    wait: float = 0.05  # of each wait for a device
    wait_floor_ns: int = ms(2)
    woken_late_ns: int = ms(10)  # how late a wait may end if other programs are on the cores
    noise: float = 0.01  # share of core time that the hypervisor or other programs may take
    worth_telling: float = 0.005  # share of core time; noise below it is not mentioned
    slow_dispatch: float = 3.0  # dead time of the median dispatch over the calibrated price
    near_tie_ns: int = ms(1)  # or the real machine's dispatch slack if that is more
    near_tie_most_ns: int = ms(5)  # but never more than this
    # for native runs
    free_turnaround_median: float = 0.03
    share: float = 0.02  # of a core, or two ticks if that is more
    slices: float = 0.05  # of the slices in a second, or `slices_floor` slices in the whole run
    slices_floor: int = 8
    service_ticks: int = 4  # distance of service curves; time that others may take of a core
    broken: float = 0.05  # interruptions by other programs for each slice


TOLERANCES = Tolerances()


def promise(*, native: bool) -> str:
    """Return in words what agreement will mean. `native`: the operating system schedules."""
    limits = TOLERANCES
    makespan, cpu = share(limits.makespan), share(limits.cpu)
    if native:
        return tr(
            "the verdict will be agree if: shares differ by at most {points} points, "
            "slices a second by {slices}, service curves by {ticks} ticks, the median "
            "turnaround by {median}, the makespan by {makespan}, the CPU received by "
            "{cpu}",
            points=digits(100 * limits.share, 2),
            slices=share(limits.slices),
            ticks=limits.service_ticks,
            median=share(limits.free_turnaround_median),
            makespan=makespan,
            cpu=cpu,
        )
    return tr(
        "the verdict will be agree if: dispatches and completions have the same "
        "order; and, after what switches cost is subtracted, the median turnaround "
        "differs by at most {median}, each turnaround by {each}, the makespan by "
        "{makespan}, the CPU received by {cpu}",
        median=share(limits.turnaround_median),
        each=share(limits.turnaround_largest),
        makespan=makespan,
        cpu=cpu,
    )


def in_sequence(parts: Sequence[str]) -> str:
    """Return recorded texts one after the other, with semicolons; "" for none."""
    return reduce(_and_next, parts) if parts else ""


def _and_next(first: str, following: str) -> str:
    return recorded("{first}; {next}", first=first, next=following)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition of agreement. `holds` is None if chance or noise decided it (see `got`)."""

    what: str
    wanted: str
    got: str
    holds: bool | None
    part: str = SCHEDULE  # of the verdict


@dataclass(frozen=True, slots=True)
class VerdictPart:
    """One part of a verdict, and the reason.

    The schedule is same, different or undecided. The times are small, hidden or unexplained.
    """

    verdict: str
    reason: str


def decide(
    schedule: VerdictPart, times: VerdictPart, *, faithful: bool, lawful: bool, complete: bool
) -> str:
    """Return the verdict.

    A run that is not `faithful`, as a real process did other than the rules said, and a broken law
    outweigh everything. A run that was stopped for another reason outweighs the rest.
    """
    if not (faithful and lawful):
        return DISAGREE
    if not complete:
        return NOT_MEASURED
    if schedule.verdict == DIFFERENT or times.verdict == UNEXPLAINED:
        return DISAGREE
    if schedule.verdict == UNDECIDED:
        return INCONCLUSIVE
    return AGREE if times.verdict == SMALL else AGREE_BUT_TIMES
