"""Laws of one process: its intervals, its moments and its totals agree with each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import pairwise

from kernel.process.memory_steps import EXITCODES
from kernel.process.states import BLOCKED, NEW, READY, RUNNING, State
from timeline.record.intervals import Interval
from timeline.record.run import ProcessRow
from timeline.record.sorted_run import Breach, SortedRun, text_of


def one_core_a_process(sorted_run: SortedRun) -> Iterator[Breach]:
    """A process runs on one core of the machine at a time, and only where it may."""
    for row, track in sorted_run.lives:
        latest: Interval | None = None
        for interval in track:
            if interval.state != RUNNING:
                continue
            core, start = interval.core, interval.start
            if latest is not None and latest.core != core and start < latest.end:
                text = f"{row.name} runs on cores {latest.core} and {core} at once"
                yield f"{text} at {text_of(start)}", start, row.name, core
            if not _may_run(row, core, len(sorted_run.run.cores)):
                text = f"{row.name} runs on core {core}, which is not one of its cores"
                yield f"{text}, at {text_of(start)}", start, row.name, core
            latest = interval


def _may_run(row: ProcessRow, core: int, cores: int) -> bool:
    return 0 <= core < cores and (row.affinity is None or core in row.affinity)


def no_gap_no_overlap(sorted_run: SortedRun) -> Iterator[Breach]:
    """A process's intervals follow one another from its arrival to its end."""
    for row, track in sorted_run.lives:
        at = row.arrival_ns
        for interval in track:
            if interval.start != at:
                kind = "a gap" if interval.start > at else "an overlap"
                text = f"{row.name} has {kind} of {text_of(abs(interval.start - at))}"
                yield f"{text} before {text_of(interval.start)}", at, row.name, None
            if interval.end < interval.start:
                text = f"{row.name} has an interval that ends before it starts"
                yield f"{text}, at {text_of(interval.start)}", at, row.name, None
            at = interval.end
        end = max((i.end for i in track if i.state != State.ZOMBIE), default=row.arrival_ns)
        if row.completion_ns is not None and row.completion_ns != end:
            text = f"{row.name} completes at {text_of(row.completion_ns)}"
            yield f"{text}, but its record ends at {text_of(end)}", end, row.name, None


_END = -1
_READY_OR_ON = frozenset({READY, RUNNING})  # a wait of no length need not be recorded
_OVER = frozenset({State.ZOMBIE, _END})
_NEXT: dict[tuple[int, str], frozenset[int]] = {
    (NEW, "admitted"): frozenset({READY, RUNNING, BLOCKED}),
    (READY, "dispatched"): frozenset({RUNNING}),
    (READY, "resumed"): frozenset({RUNNING}),
    (RUNNING, "blocked"): frozenset({BLOCKED}),
    (RUNNING, "expired"): _READY_OR_ON,
    (RUNNING, "preempted"): _READY_OR_ON,
    (RUNNING, "interrupted"): _READY_OR_ON,
    (RUNNING, "yielded"): _READY_OR_ON | {BLOCKED},
    (RUNNING, "released"): _READY_OR_ON | {BLOCKED},  # the next job begins with a wait
    (RUNNING, "ended"): _OVER,
    (BLOCKED, "woke"): _READY_OR_ON,
    (BLOCKED, "released"): _READY_OR_ON | {BLOCKED},
    (BLOCKED, "continued"): frozenset({BLOCKED}),
    (BLOCKED, "ended"): _OVER,
    **{(state, "suspended"): frozenset({State.SUSPENDED}) for state in (READY, RUNNING, BLOCKED)},
    (State.SUSPENDED, "resumed"): frozenset({READY, RUNNING, BLOCKED, _END}),
    (State.ZOMBIE, "reaped"): frozenset({_END}),
    **{
        (state, why): _OVER
        for state in (NEW, READY, RUNNING, BLOCKED, State.SUSPENDED, State.ZOMBIE)
        for why in ("killed", "stopped")
    },
    (State.SUSPENDED, "stopped"): _OVER,
}
"""What may follow an interval of this state that ended for this reason."""
_OF_THREADS: dict[tuple[int, str], frozenset[int]] = {
    (READY, "dispatched"): frozenset({BLOCKED}) | _READY_OR_ON,  # if it waited for no time
    (BLOCKED, "woke"): frozenset({BLOCKED}),
}
"""A thread that has a core may find the interpreter lock taken, and waits for it."""
_ENTERS = {
    *("admitted", "dispatched", "blocked", "expired", "preempted"),
    *("released", "woke", "continued", "resumed", "yielded"),
}
"""Whoever has just become something else may be suspended in the same moment."""


class _Following:
    """What may follow an interval in one run, worked out once for each state and reason."""

    def __init__(self, sorted_run: SortedRun) -> None:
        self._sorted_run = sorted_run
        self.of_process = cache(partial(self._allowed, False))
        self.of_thread = cache(partial(self._allowed, True))

    def of(self, row: ProcessRow) -> Callable[[int, str], frozenset[int]]:
        """The states that may follow (state, why) in the life of `row`."""
        return self.of_thread if row.name in self._sorted_run.threads else self.of_process

    def _allowed(self, thread: bool, state: int, why: str) -> frozenset[int]:
        sorted_run = self._sorted_run
        allowed = _NEXT.get((state, why), frozenset())
        if why in _ENTERS and sorted_run.suspends:
            allowed |= {State.SUSPENDED}
        if why == "dispatched" and sorted_run.switching_costs:
            allowed |= {READY}  # older records leave out a slice of no time after a switch
        if sorted_run.living and why in _ENTERS:
            allowed |= _OVER  # killed in the moment it became something else
            if why == "blocked":  # what it waited for came in the same moment
                allowed |= _READY_OR_ON
        if thread:
            allowed |= _OF_THREADS.get((state, why), frozenset())
        if why in _ENTERS and sorted_run.run.stopped is not None and not sorted_run.simulated:
            allowed |= {_END}  # stopped in the moment it became something else
        return allowed


def legal_states(sorted_run: SortedRun) -> Iterator[Breach]:
    """Each state is left for a reason that leads from it to the next; a life ends where it may."""
    may_follow = _Following(sorted_run)
    for row, track in sorted_run.lives:
        allowed = may_follow.of(row)
        for at, interval in enumerate(track):
            following = track[at + 1].state if at + 1 < len(track) else _END
            if following in allowed(interval.state, interval.why):
                continue
            state = State(interval.state).name.lower()
            then = "nothing" if following == _END else State(following).name.lower()
            text = f"{row.name} is {state} until {text_of(interval.end)}"
            text = f'{text}, leaves with "{interval.why}", and then comes {then}'
            yield text, interval.end, row.name, None


def cpu_as_asked(sorted_run: SortedRun) -> Iterator[Breach]:
    """A program that ended of itself received the CPU time that its bursts ask for until then."""
    for row, track in sorted_run.lives:
        killed = (
            any(interval.why == "killed" for interval in track[-2:])
            and row.exitcode != EXITCODES["fault"]
        )
        if row.completion_ns is None or killed or not track:
            continue
        allowed = sorted_run.cpu_tolerance(row)
        if abs(row.cpu_ns - row.demand_ns) > allowed:
            text = f"{row.name} received {text_of(row.cpu_ns)} of CPU"
            text = f"{text} but asked for {text_of(row.demand_ns)}"
            yield f"{text} (allowed: {text_of(allowed)} off)", 0, row.name, None


def metrics_as_recorded(sorted_run: SortedRun) -> Iterator[Breach]:
    """Times, slices and changes of core are what the intervals add up to (CPU: if simulated).

    Silberschatz, Galvin, Gagne, Operating System Concepts, ch. 5, define the times.
    """
    for row, track in sorted_run.lives:
        spent: dict[int, int] = defaultdict(int)
        for interval in track:
            spent[interval.state] += interval.end - interval.start
        pairs = {
            "turnaround": (row.turnaround_ns, _since(row, row.completion_ns)),
            "response": (row.response_ns, _since(row, row.first_run_ns)),
            "first run": (row.first_run_ns, _first(track, RUNNING)),
            "waiting": (row.waiting_ns, spent[READY]),
            "blocked": (row.blocked_ns, spent[BLOCKED]),
            "suspended": (row.suspended_ns, spent[State.SUSPENDED]),
        }
        if sorted_run.simulated:
            pairs["CPU time"] = (row.cpu_ns, spent[RUNNING])
        for what, (got, wanted) in pairs.items():
            if got != wanted:
                text = f"{row.name}: {what} is {text_of(got)}"
                yield f"{text}, but its intervals say {text_of(wanted)}", 0, row.name, None
        cores = _slices(track)
        counts = {
            "slices": (row.slices, len(cores)),
            "preemptions": (row.preemptions, sum(i.why in _AGAINST_ITS_WILL for i in track)),
            "migrations": (row.migrations, sum(a != b for a, b in pairwise(cores))),
        }
        for what, (counted, there) in counts.items():
            if counted != there:
                text = f"{row.name}: {what} are {counted}, but its intervals say {there}"
                yield text, 0, row.name, None


_AGAINST_ITS_WILL = ("expired", "preempted")


def _slices(track: list[Interval]) -> list[int]:
    """The core of each slice. One that somebody outside interrupted goes on behind that."""
    ran = [interval for interval in track if interval.state == RUNNING]
    before = [None, *ran]
    return [
        row.core
        for last, row in zip(before, ran, strict=False)
        if last is None or last.why != "interrupted"
    ]


def _since(row: ProcessRow, moment: int | None) -> int | None:
    return None if moment is None else moment - row.arrival_ns


def _first(track: list[Interval], state: State) -> int | None:
    return next((interval.start for interval in track if interval.state == state), None)


def moments_in_order(sorted_run: SortedRun) -> Iterator[Breach]:
    """Arrival <= admission <= first run <= completion, and nobody takes part earlier."""
    for row, track in sorted_run.lives:
        moments = [row.arrival_ns, row.admitted_ns, row.first_run_ns, row.completion_ns]
        known = [moment for moment in moments if moment is not None]
        if known != sorted(known):
            shown = ", ".join(map(text_of, moments))
            text = f"{row.name}: arrival, admission, first run, completion are "
            text = f"{text}out of order ({shown})"
            yield text, row.arrival_ns, row.name, None
        entered = next((i.start for i in track if i.state not in (NEW, State.ZOMBIE)), None)
        if entered is not None and entered != row.admitted_ns:
            text = f"{row.name} takes part from {text_of(entered)}"
            text = f"{text}, but is admitted at {text_of(row.admitted_ns)}"
            yield text, entered, row.name, None
