"""The law of states: which state may follow which, for what reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial

from kernel.process.states import BLOCKED, NEW, READY, RUNNING, State
from timeline.record.jobs import aborted_jobs
from timeline.record.run import ProcessRow
from timeline.record.sorted_run import Breach, SortedRun, text_of

_END = -1
_READY_OR_ON = frozenset({READY, RUNNING})  # a ready interval of 0 ns need not be recorded
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
    # a real process may become ready only when its job is dropped already
    **{(at, "aborted"): _READY_OR_ON | _OVER | {BLOCKED} for at in (READY, RUNNING, BLOCKED)},
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
"""By state and the reason for which the interval ended: the states that may follow."""
_LOOKS: dict[tuple[int, str], frozenset[int]] = {
    (READY, "dispatched"): frozenset({BLOCKED}) | _READY_OR_ON,  # ready if the wait took 0 ns
    (BLOCKED, "woke"): frozenset({BLOCKED}),
}
"""What else may follow if a thread or process only looks whether it may go on, and waits on.

It got a core, and found the interpreter lock, or what it waits for in a call, taken by another."""
_ENTERS = {
    *("admitted", "dispatched", "blocked", "expired", "preempted"),
    *("released", "woke", "continued", "resumed", "yielded", "aborted"),
}
"""Reasons for which a process enters another state. It may be suspended at that same time."""


class _Following:
    """Which states may follow an interval in one run. Computed once for each state and reason."""

    def __init__(self, sorted_run: SortedRun) -> None:
        self._sorted_run = sorted_run
        self.of_process = cache(partial(self._allowed, False))
        self.of_thread = cache(partial(self._allowed, True))
        self.of_dropping = cache(self._allowed_if_dropped)

    def of(self, row: ProcessRow) -> Callable[[int, str], frozenset[int]]:
        """Return a function from (state, why) to the states that may follow for this process."""
        if aborted_jobs(row):
            return self.of_dropping
        return self.of_thread if row.name in self._sorted_run.threads else self.of_process

    def _allowed_if_dropped(self, state: int, why: str) -> frozenset[int]:
        """Return what may follow if a job may be dropped when the process becomes ready."""
        more = _OVER | {BLOCKED} if why in _ENTERS else frozenset()
        return self.of_process(state, why) | more

    def _allowed(self, thread: bool, state: int, why: str) -> frozenset[int]:
        sorted_run = self._sorted_run
        allowed = _NEXT.get((state, why), frozenset())
        if why in _ENTERS and sorted_run.suspends:
            allowed |= {State.SUSPENDED}
        if why == "dispatched" and sorted_run.switching_costs:
            allowed |= {READY}  # older records leave out a slice of 0 ns after a switch
        if sorted_run.has_lifecycle and why in _ENTERS:
            allowed |= _OVER  # it may be killed when it enters the state
            if why == "blocked":  # the event that it waits for may come at the same time
                allowed |= _READY_OR_ON
        if thread or sorted_run.has_lifecycle:
            allowed |= _LOOKS.get((state, why), frozenset())
        if why in _ENTERS and sorted_run.run.stopped is not None and not sorted_run.simulated:
            allowed |= {_END}  # the run may be stopped when the process enters the state
        return allowed


def legal_states(sorted_run: SortedRun) -> Iterator[Breach]:
    """Yield intervals whose next state, or end, may not follow for the reason that is recorded."""
    may_follow = _Following(sorted_run)
    for row, track in sorted_run.rows_with_tracks:
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
