"""The first part of a verdict: was the same decided on both machines?

A difference is excused only by noise that was measured before it, and that is large enough to have
moved the two events across each other. What differs after the first such place follows from it:
from there on the second run may rightly tell another story. Near ties are chance, and no
difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from timeline.comparison.criteria import (
    DIFFERENT,
    SCHEDULE,
    THE_SAME,
    UNDECIDED,
    Criterion,
    VerdictPart,
    order_criterion,
)
from timeline.comparison.dispatch_order import PARTED, Order
from timeline.comparison.noise import Lateness
from timeline.comparison.observations import ObservationPair
from timeline.memory.occupancy import arrangement
from timeline.number_formats import duration, size_words
from timeline.record.jobs import is_missed
from timeline.record.run import Job, MemoryEvent, Run
from timeline.record.sorted_run import SortedRun


@dataclass(slots=True)
class Excuses:
    """What noise may have changed. It is asked about one difference after the other."""

    sorted_runs: tuple[SortedRun, SortedRun]
    lateness: list[Lateness] = field(init=False)
    parted_at: int | None = None  # ns of the second run: from here on it tells another story
    by_noise: bool = False  # noise excused a difference, and not only a near tie

    def __post_init__(self) -> None:
        self.lateness = [
            Lateness(sorted_run) for sorted_run in self.sorted_runs if not sorted_run.simulated
        ]

    def noise_before(self, at: int) -> int:
        """Ns of noise in the runs up to `at`."""
        return sum(each.before(at) for each in self.lateness)

    def parts(self, at: int | None) -> None:
        """Note that from `at` (ns) on the runs differ for a reason that is no mistake."""
        if at is not None and (self.parted_at is None or at < self.parted_at):
            self.parted_at = at

    def excuse(self, at: int | None, needed: int | None, drift: int = 0) -> str | None:
        """Return why a difference at `at` is no mistake of the model; None: nothing excuses it.

        `needed` ns would have moved the two events across each other; None: nothing would. The
        machine's own price may account for a part of their `drift` (ns), and noise for the rest.
        """
        if at is not None and self.parted_at is not None and at >= self.parted_at:
            return "which follows from that"
        if at is None or needed is None:
            return None
        noise = self.noise_before(at)
        price = sum(each.price_before(at) for each in self.lateness)
        if not noise or noise < needed or noise + price < drift:
            return None
        self.parts(at)
        self.by_noise = True
        return f"after {duration(noise)} of noise, where {duration(needed)} make the difference"

    def judge(
        self, criterion: Criterion, at: int | None, needed: int | None, drift: int = 0
    ) -> Criterion:
        """Return a criterion that does not hold, as undecided if there is an excuse."""
        excuse = self.excuse(at, needed, drift)
        if excuse is None:
            return criterion
        return replace(criterion, got=f"{criterion.got}, {excuse}", holds=None)


def schedule_criteria(
    names: tuple[str, str],
    excuses: Excuses,
    orders: tuple[Order, Order] | None,
    pairs: Sequence[ObservationPair],
    close: int,
) -> tuple[Criterion, ...]:
    """Return the criteria of all that must be the same in both runs.

    `orders` are those of dispatches and completions, None if the kernel dispatched. Events less
    than `close` ns apart are near ties.
    """
    first, second = (sorted_run.run for sorted_run in excuses.sorted_runs)
    found: list[Criterion] = []
    if orders is not None:
        for what, unit, order in zip(
            ("dispatch order", "completion order"), ("slice", "completion"), orders, strict=True
        ):
            found.append(_of_order(order_criterion(what, unit, order, names), order, excuses))
    if first.stuck or second.stuck:
        found.append(_deadlock(names, first, second, excuses))
    if arrangement(first) or arrangement(second):
        found.append(_placements(names, first, second, excuses))
    if pairs:
        found.append(_of_observations(pairs, excuses))
    found += _exit_codes(first, second, excuses)
    found += _misses(first, second, excuses, close)
    return tuple(found)


def schedule_part(criteria: Sequence[Criterion], same: str, *, chance_only: bool) -> VerdictPart:
    """The part's verdict. `same` says in words what was the same.

    `chance_only`: no more than a near tie was decided differently, and the times are the same.
    """
    mine = [criterion for criterion in criteria if criterion.part == SCHEDULE]
    for verdict, holds in ((DIFFERENT, False), (UNDECIDED, None)):
        wrong = [c for c in mine if c.holds is holds]
        if wrong and not (holds is None and chance_only):
            return VerdictPart(verdict, f"{wrong[0].what}: {wrong[0].got}")
    return VerdictPart(THE_SAME, same)


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
    stuck = [", ".join(sorted(run.stuck)) or "nobody" for run in (first, second)]
    got = f"{stuck[0]} in {names[0]}, {stuck[1]} in {names[1]}"
    criterion = Criterion("deadlock", "of the same processes", got, stuck[0] == stuck[1])
    return criterion if criterion.holds else excuses.judge(criterion, second.makespan_ns, None)


def _placements(names: tuple[str, str], first: Run, second: Run, excuses: Excuses) -> Criterion:
    """All programs get the same places in memory, in the same order, moves and swaps included."""
    one, other = arrangement(first), arrangement(second)
    events = {each.event for each in (*one, *other)}
    others = [word for event, word in _OTHERS.items() if event in events]
    what = " and ".join(["placements", *others]) + " in memory"
    wanted, unit = "the same in the same order", "change" if others else "placement"
    for at, (mine, yours) in enumerate(zip_longest(one, other)):
        if mine is None or yours is None or mine[1:] != yours[1:]:  # but for the time
            both = f"{_where(mine)} in {names[0]}, {_where(yours)} in {names[1]}"
            criterion = Criterion(what, wanted, f"{unit} {at + 1} is {both}", False)
            return excuses.judge(criterion, _moment(mine, yours), _apart(mine, yours, one, other))
    return Criterion(what, wanted, f"all {len(one)} the same", True)


def _moment(mine: MemoryEvent | None, yours: MemoryEvent | None) -> int | None:
    """Return when the second run did something else, or did not do what the first did."""
    event = yours or mine
    return event.at_ns if event else None


def _apart(
    mine: MemoryEvent | None,
    yours: MemoryEvent | None,
    first: Sequence[MemoryEvent],
    second: Sequence[MemoryEvent],
) -> int | None:
    """Ns by which two changes of memory would have to be moved to change places."""
    if mine is None or yours is None or mine.process == yours.process:
        return None
    yours_there = next((e.at_ns for e in first if _alike(e, yours) and e.at_ns >= mine.at_ns), None)
    mine_there = next((e.at_ns for e in second if _alike(e, mine) and e.at_ns >= yours.at_ns), None)
    if yours_there is None or mine_there is None:
        return None
    return yours_there - mine.at_ns + mine_there - yours.at_ns


def _alike(one: MemoryEvent, other: MemoryEvent) -> bool:
    return (one.event, one.process) == (other.event, other.process)


_OTHERS = {"moved": "moves", "swapped-out": "swaps"}
_WORDS = {"placed": "at", "moved": "moved to", "swapped-in": "back at", "swapped-out": "out of"}


def _where(event: MemoryEvent | None) -> str:
    if event is None:
        return "none"
    return f"{event.process} {_WORDS[event.event]} {size_words(event.base)}"


def _of_observations(pairs: Sequence[ObservationPair], excuses: Excuses) -> Criterion:
    """Each process observed the same of others in both runs, and printed the same."""
    what, wanted = "observations", "the same on both machines"
    different = [pair for pair in pairs if not pair.equal]
    if not different:
        return Criterion(what, wanted, f"all {len(pairs)} the same", True)
    told = ", ".join(f"{pair.process}: {pair.name}" for pair in different[:3])
    got = f"{len(different)} of {len(pairs)} are not, {told}"
    criterion = Criterion(what, wanted, got, False)
    # the others come later: if the first is excused, they follow from it
    earliest = min(different, key=lambda pair: pair.second_at)
    return excuses.judge(criterion, earliest.second_at, _nearest(excuses.sorted_runs[0], earliest))


def _nearest(model: SortedRun, pair: ObservationPair) -> int | None:
    """Return the ns from an observation to the nearest event of another process.

    The two change places if noise moves them by this time. Events of the same instant do not count:
    they follow from each other.
    """
    return _gap(model, pair.first_at, pair.process)


def _gap(model: SortedRun, at: int, process: str) -> int | None:
    gaps = [
        abs(edge - at)
        for row, track in model.lives
        if row.name != process
        for interval in track
        for edge in (interval.start, interval.end)
    ]
    return min((gap for gap in gaps if gap), default=None)


def _exit_codes(first: Run, second: Run, excuses: Excuses) -> Iterator[Criterion]:
    """Each program ends with the same exit code. Yield nothing if no run has exit codes."""
    rows = [
        (one, other)
        for one, other in zip(first.processes, second.processes, strict=True)
        if one.exitcode is not None and other.exitcode is not None
    ]
    if not any(one.exitcode or other.exitcode for one, other in rows):
        return
    what, wanted = "exit codes", "the same"
    wrong = [(one, other) for one, other in rows if one.exitcode != other.exitcode]
    if not wrong:
        yield Criterion(what, wanted, f"all {len(rows)} the same", True)
        return
    one, other = min(wrong, key=lambda pair: pair[1].completion_ns or 0)  # others follow from it
    got = f"{one.name} {other.exitcode} against {one.exitcode}"
    criterion, at = Criterion(what, wanted, got, False), one.completion_ns
    needed = None if at is None else _gap(excuses.sorted_runs[0], at, one.name)
    yield excuses.judge(criterion, other.completion_ns, needed)


def _misses(first: Run, second: Run, excuses: Excuses, close: int) -> Iterator[Criterion]:
    """The same jobs miss their deadlines. A job that the first run completes near its deadline
    (within `close` and what the machine's own price had been till then) may be on either side.
    """
    jobs = [
        (row.name, mine, yours)
        for row, other in zip(first.processes, second.processes, strict=True)
        for mine, yours in zip(row.jobs or (), other.jobs or (), strict=False)
    ]
    if not jobs:
        return
    what, wanted = "missed deadlines", "the same jobs, near ties aside"
    wrong = [
        job
        for job in jobs
        if is_missed(job[1], first.makespan_ns) != is_missed(job[2], second.makespan_ns)
    ]
    price = sum(each.price_ns for each in excuses.lateness)
    far = [job for job in wrong if _margin(job[1], first) > close + price]
    if not far:
        aside = f", {len(wrong)} of them at its deadline" if wrong else ""
        yield Criterion(what, wanted, f"the same of {len(jobs):,}{aside}", True)
        return
    name, mine, yours = far[0]
    due = duration(mine["deadline_ns"])
    got = f"{len(far)} of {len(jobs):,} are not, first {name}'s due at {due}"
    criterion = Criterion(what, wanted, got, False)
    yield excuses.judge(criterion, _done(yours, second), _margin(mine, first))


def _done(job: Job, run: Run) -> int:
    done = job["completion_ns"]
    return run.makespan_ns if done is None else done


def _margin(job: Job, run: Run) -> int:
    """Ns between a job's completion and its deadline."""
    return abs(_done(job, run) - job["deadline_ns"])
