"""Deadlocks of a native run: every program waits in a call for what another program must do."""

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
    """A deadlock of a native run."""

    words: str  # the same words as in the model
    stuck: list[str]  # the names of the processes that wait for ever
    since: int  # when all programs were first seen to wait, absolute ns


class DeadlockWatch:
    """Sees a deadlock when all programs wait and none has moved for `stall_timeout`."""

    def __init__(self, pool: NativePool, workload: Workload) -> None:
        self._pool, self._workload = pool, workload
        self._state: list[int] = []  # lengths of the logs, and calls, at the last look
        self._since = 0  # absolute ns, when all programs were first seen to wait

    def look(self) -> Deadlock | None:
        """Return the deadlock; None: there is none yet. Call it now and then."""
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
    """Return the lifecycle rules of the model in the state of the real run.

    `calls` are the calls in which processes wait, by index. `exit_codes` are the exit codes of the
    processes that have ended, by index. `holders` has the process that holds each lock.
    """
    assert workload.lifecycle is not None
    tree = ProcessTree([spec.name for spec in workload.processes], lambda *_event: None)
    for member in tree.members:
        member.status = Status.GONE if member.index in exit_codes else Status.ALIVE
        member.exitcode = exit_codes.get(member.index)
    host: Any = None  # not needed, as no process makes a call
    semantics = Semantics(tree, workload.lifecycle, host, {})
    semantics.waits.update(calls)
    semantics.locks.update({name: Lock(holder) for name, holder in holders.items()})
    for index, call in calls.items():
        if call.kind == "barrier":
            semantics.barriers[call.name].waiting.append(index)
    return semantics
