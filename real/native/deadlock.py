"""A native run that can move no more: every program waits in a call for what another must do."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from kernel.lifecycle.deadlock import deadlock_words, stuck_names
from kernel.lifecycle.process_tree import ProcessTree, Status
from kernel.lifecycle.semantics import Semantics
from kernel.lifecycle.sync import Lock
from kernel.process.calls import Call
from kernel.workload import Workload
from real.cells import LOGGED
from real.native.pool import NativePool


class Deadlock(NamedTuple):
    """A deadlock in the model's words, and since when (absolute ns)."""

    words: str
    stuck: list[str]  # the names of the processes that wait for ever
    since: int


class DeadlockWatch:
    """Sees a deadlock when no program has moved for as long as `stall_timeout` says."""

    def __init__(self, pool: NativePool, workload: Workload) -> None:
        self._pool, self._workload = pool, workload
        self._state: list[int] = []  # of the logs and calls, when the pool was looked at last
        self._since = 0  # absolute ns, when all programs were first seen to wait

    def look(self) -> Deadlock | None:
        """Return the deadlock, if nothing has moved for long enough. Call it now and then."""
        lifecycle, now = self._workload.lifecycle, time.monotonic_ns()
        calls = self._pool.waiting_calls() if lifecycle is not None else None
        if lifecycle is None or calls is None:
            self._state.clear()
            return None
        state = [each.cells[each.row + LOGGED] for each in self._pool.threads]
        state += [index * len(calls) for index in calls]
        if state != self._state:
            self._state, self._since = state, now
            return None
        if now - self._since < lifecycle.stall_timeout:
            return None
        return Deadlock(*self._describe(calls), self._since)

    def _describe(self, calls: Mapping[int, Call]) -> tuple[str, list[str]]:
        pool = self._pool
        semantics = _semantics(self._workload, calls, pool.exit_codes(), pool.objects.holders())
        return deadlock_words(semantics, []), stuck_names(semantics, [])


def _semantics(
    workload: Workload,
    calls: Mapping[int, Call],
    exit_codes: Mapping[int, int],
    holders: Mapping[str, int | None],
) -> Semantics:
    """Return the model's rules in the state of the real run.

    `calls` are those in which processes wait, `exit_codes` those of processes that have ended, and
    `holders` the processes that have the locks.
    """
    assert workload.lifecycle is not None
    tree = ProcessTree([spec.name for spec in workload.processes], lambda *_event: None)
    for member in tree.members:
        member.status = Status.GONE if member.index in exit_codes else Status.ALIVE
        member.exitcode = exit_codes.get(member.index)
    host: Any = None  # no process makes a call
    semantics = Semantics(tree, workload.lifecycle, host, {})
    semantics.waits.update(calls)
    semantics.locks.update({name: Lock(holder) for name, holder in holders.items()})
    for index, call in calls.items():
        if call.kind == "barrier":
            semantics.barriers[call.name].waiting.append(index)
    return semantics
