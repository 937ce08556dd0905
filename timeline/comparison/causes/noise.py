"""Measure the noise of a run: how much there was, when, and what can be done about it.

Noise is the core time that other programs and the hypervisor took, the time of dispatches beyond
what the machine is calibrated to need, and what signals from outside did. Noise may excuse a
difference. It is never a difference itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

from timeline.comparison.causes.core_losses import OUTSIDE, outsiders_ns
from timeline.comparison.causes.dead_time import DeadTime, OverheadPiece
from timeline.comparison.causes.makespan_causes import calls_ns
from timeline.comparison.causes.steal import stolen_ns
from timeline.comparison.criteria import TOLERANCES
from timeline.number_formats import digits, duration, share
from timeline.record.run import REAL, Run
from timeline.record.sorted_run import SortedRun
from translation import mark, recorded


@dataclass(frozen=True, slots=True)
class Noise:
    """The noise of some runs: of each kind that of the worst run. Shares are of core time."""

    steal: float  # taken by the hypervisor
    outsiders: float  # taken by other programs
    broken: float = 0.0  # interruptions by other programs for each slice, however short
    lost_ns: int = 0  # ns that other programs took of the core that lost most
    late: float = 0.0  # taken by dispatches beyond what the machine is known to need
    late_ns: int = 0  # the same in ns, of all dispatches
    slowness: float | None = None  # median of dead time / expected dead time
    calibrated: bool = False  # the expected time was measured on this machine, not assumed
    beside: int = 0  # other real runs of Multiprog at the same time
    disturbances: tuple[str, ...] = ()  # what signals from outside did
    others: str = ""  # the program that took most, if the record names one

    @property
    def largest(self) -> float:
        """The share that the hypervisor or other programs took, whichever took more."""
        return max(self.steal, self.outsiders)

    @property
    def slow(self) -> bool:
        """Whether the median dispatch took more than `slow_dispatch` times the expected time."""
        return self.slowness is not None and self.slowness > TOLERANCES.slow_dispatch

    def doubt(self, tick_ns: int | None = None) -> str | None:
        """Return in a few words why noise may have caused a difference; None: there is no reason.

        `tick_ns` is given for native runs only. In them each interruption makes the system's
        scheduler choose again, and service curves may be some ticks apart in a run of any length.
        """
        if self.largest > TOLERANCES.noise:
            return _took(_HYPERVISOR if self.steal > self.outsiders else _OTHERS, "", self.largest)
        if tick_ns is None:
            return None
        if self.broken > TOLERANCES.broken:
            return recorded(
                "other programs interrupted {share} as often as there are slices",
                share=share(self.broken),
            )
        if self.lost_ns > TOLERANCES.service_ticks * tick_ns:
            return recorded(
                "other programs had one of the cores for {time}", time=duration(self.lost_ns)
            )
        return None

    def words(self, most: int | None = None) -> str:
        """Return in words the largest kinds of noise, at most `most`: `the hypervisor took 4 %`."""
        told = list(self._told())[:most]
        if not told:
            return recorded("no noise was measured")
        return reduce(lambda one, more: recorded("{first}, {next}", first=one, next=more), told)

    def _told(self) -> Iterator[str]:
        yield from map(recorded, self.disturbances)
        if self.beside:
            yield recorded("another real run ran at the same time")
        shares = {
            _NAMED_OTHERS if self.others else _OTHERS: self.outsiders,
            _HYPERVISOR: self.steal,
            _DISPATCHES: self.late,
        }
        for text, part in sorted(shares.items(), key=lambda item: -item[1]):
            if part >= TOLERANCES.worth_telling:
                yield _took(text, self.others, part)
        if self.slow and self.slowness is not None:
            text = mark("half of the dispatches took at least {n} times the assumed cost")
            if self.calibrated:
                text = mark("half of the dispatches took at least {n} times the calibrated cost")
            yield recorded(text, n=digits(self.slowness, 2))

    def advice(self) -> Iterator[str]:
        """Yield what makes the next run quieter, by what was measured in this one."""
        if self.beside:
            yield recorded("let one real run end before the next one begins (leave out --no-wait)")
        if self.disturbances:
            yield recorded("do not stop or continue the run's processes")
        if self.outsiders >= TOLERANCES.worth_telling:
            if self.others:
                yield recorded("close other programs ({programs})", programs=self.others)
            else:
                yield recorded("close other programs")
        if self.steal >= TOLERANCES.worth_telling:
            yield recorded("repeat the run when the host of this virtual machine is less busy")
        if self.slow or self.late >= TOLERANCES.worth_telling:
            yield recorded("use a larger --time-unit, so that a dispatch is small against a burst")
        yield recorded("repeat the comparison with --runs {n}, which reports medians", n=REPEATS)


_OTHERS = mark("other programs took {share} of the cores' time")
_NAMED_OTHERS = mark("other programs ({programs}) took {share} of the cores' time")
_HYPERVISOR = mark("the hypervisor took {share} of the cores' time")
_DISPATCHES = mark("late dispatches took {share} of the cores' time")


def _took(text: str, programs: str, part: float) -> str:
    values = {"programs": programs} if text == _NAMED_OTHERS else {}
    return recorded(text, share=share(part), **values)


REPEATS = 5
"""How many real runs are recommended if one is too noisy."""


def noise_of(*runs: Run) -> Noise:
    """Return the noise of the real runs among `runs`: of each kind that of the worst run."""
    real = [run for run in runs if run.backend == REAL and run.makespan_ns and run.cores]
    lost = [outsiders_ns(run) for run in real]
    dead = [DeadTime(SortedRun(run)) for run in real]
    late = [each.late_ns for each in dead]
    slowness = [each.slowness for each in dead if each.slowness is not None]
    return Noise(
        max((stolen_ns(run) / _core_time(run) for run in real), default=0.0),
        max(map(_outsiders, real, lost), default=0.0),
        max((_broken(run) for run in real), default=0.0),
        max((max(cores.values(), default=0) for cores in lost), default=0),
        max((ns / _core_time(run) for run, ns in zip(real, late, strict=True)), default=0.0),
        max(late, default=0),
        max(slowness, default=None),
        bool(dead) and all(each.calibrated for each in dead),
        max((beside(run) for run in real), default=0),
        tuple(dict.fromkeys(text for run in real for text in _disturbances(run))),
        next((name for run in real if (name := _most_of_others(run))), ""),
    )


class Lateness:
    """What a real run lost up to any time: to noise, and to the machine's price.

    If signals from outside disturbed a run, they may have taken any time of it. The time that the
    hypervisor took is known only for the whole run, and is distributed evenly.
    """

    def __init__(self, sorted_run: SortedRun) -> None:
        self._run = run = sorted_run.run
        self._noise: list[OverheadPiece] = []
        self._price: list[OverheadPiece] = []
        for piece in DeadTime(sorted_run).pieces:
            (self._noise if piece.late or piece.why == OUTSIDE else self._price).append(piece)
        self._unseen = max(0, stolen_ns(run) - outsiders_ns(run).total())

    def before(self, at: int) -> int:
        """Return the ns of noise on all cores up to `at`, ns of the run."""
        span = self._run.makespan_ns or 1
        if _disturbances(self._run):
            return span
        return _up_to(at, self._noise) + self._unseen * min(at, span) // span

    def price_before(self, at: int) -> int:
        """Return the ns of the machine's price on all cores up to `at`, ns of the run."""
        return _up_to(at, self._price)

    @property
    def noise_ns(self) -> int:
        """The ns of noise on the core that lost most to it."""
        if _disturbances(self._run):
            return self._run.makespan_ns
        return _most(self._noise) + self._unseen

    @property
    def price_ns(self) -> int:
        """The ns of the machine's price on the core on which it took most."""
        return _most(self._price)


class Allowance:
    """By how many ns a time of one real run may be off because of the machine's price and noise."""

    def __init__(self, run: Run) -> None:
        lateness = Lateness(SortedRun(run))
        self.price_ns = lateness.price_ns + calls_ns(run)
        self.noise_ns = lateness.noise_ns
        self.noisy = self.noise_ns > TOLERANCES.noise * run.makespan_ns
        """Whether there was so much noise that the schedule may have changed."""


def _up_to(at: int, pieces: Sequence[OverheadPiece]) -> int:
    return sum(max(0, min(piece.end, at) - piece.start) for piece in pieces)


def _most(pieces: Sequence[OverheadPiece]) -> int:
    found: Counter[int] = Counter()
    for piece in pieces:
        found[piece.core] += piece.end - piece.start
    return max(found.values(), default=0)


def beside(run: Run) -> int:
    """Return how many other real runs were under way on the machine at the same time."""
    found = run.machine.get("beside")
    return len(found) if isinstance(found, list) else 0


def _disturbances(run: Run) -> Sequence[str]:
    found = run.machine.get("disturbances") if run.backend == REAL else None
    if not isinstance(found, list):
        return []
    return [text if isinstance(text, str) else str(text) for text in found]


def _most_of_others(run: Run) -> str:
    """Return the other program that took most CPU time, like `python 580 ms`; empty if none.

    A thread of the kernel is no program that a user could close.
    """
    rows = run.machine.get("others")
    found = [
        row
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict) and not row.get("kernel")
    ]
    if not found:
        return ""
    return f"{found[0].get('name')} {duration(int(found[0].get('cpu_ns', 0)))}"


def _outsiders(run: Run, lost: Counter[int]) -> float:
    if run.machine.get("disturbances"):  # signals from outside stopped or continued its processes
        return 1.0
    return lost.total() / _core_time(run)


def _broken(run: Run) -> float:
    times = sum(each.why == OUTSIDE for each in run.overheads)
    return times / max(sum(row.slices for row in run.processes), 1)


def _core_time(run: Run) -> int:
    return run.makespan_ns * len(run.cores)
