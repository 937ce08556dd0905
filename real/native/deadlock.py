"""Deadlocks of a native run: every program waits in a call for what another program must do."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import NamedTuple

from kernel.lifecycle.deadlock import sentence, waiting
from kernel.lifecycle.process_tree import ProcessTree, Status
from kernel.lifecycle.sync.waiting import Reason
from kernel.process.call_timeouts import timeout_of
from kernel.process.calls import Call
from kernel.process.waits_for import WaitsFor
from kernel.workload import Workload
from real.cells import LOGGED
from real.native.pool import NativePool
from translation import recorded


class Deadlock(NamedTuple):
    """A deadlock of a native run."""

    words: str  # the same words as in the model
    graph: list[WaitsFor]  # which process waits for which
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
        if lifecycle is None or calls is None or any(map(_has_timeout, calls.values())):
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

    def _describe(self, calls: Mapping[int, Call]) -> tuple[str, list[WaitsFor]]:
        tree = _process_tree(self._workload, self._pool.exit_codes())
        reasons = _Reasons(self._workload, calls, self._pool.objects.holders(), tree)
        graph = [waiting(tree, index, reasons.of(index)) for index in sorted(calls)]
        return sentence(graph), graph


def _has_timeout(call: Call) -> bool:
    return timeout_of(call) is not None


def _process_tree(workload: Workload, exit_codes: Mapping[int, int]) -> ProcessTree:
    """Return the process tree; `exit_codes` are of the processes that have ended, by index."""
    tree = ProcessTree([spec.name for spec in workload.processes], lambda *_event: None)
    for member in tree.members:
        member.status = Status.GONE if member.index in exit_codes else Status.ALIVE
        member.exitcode = exit_codes.get(member.index)
    return tree


class _Reasons(NamedTuple):
    """Why the programs wait. `holders` has the process that holds each lock."""

    workload: Workload
    calls: Mapping[int, Call]
    holders: Mapping[str, int | None]
    tree: ProcessTree

    def of(self, index: int) -> Reason:
        """Return why process `index` waits, in the words of the model."""
        call = self.calls[index]
        match call.kind:
            case "lock":
                holder = self.holders.get(call.name)
                return Reason(
                    _for(recorded("lock {name}", name=call.name)),
                    [] if holder is None else [holder],
                )
            case "receive":
                because = recorded("to which no process sends")
                return Reason(_for(recorded("queue {name}", name=call.name)), because=because)
            case "barrier":
                assert self.workload.lifecycle is not None
                parties = self.workload.lifecycle.barriers[call.name]
                there = sum(call == each for each in self.calls.values())
                words = recorded(
                    "at {barrier} with {there} of {parties}",
                    barrier=recorded("barrier {name}", name=call.name),
                    there=there,
                    parties=parties,
                )
                return Reason(words, because="")
            case "threads":
                alive = [
                    each for each in call.value if self.tree.members[each].status is Status.ALIVE
                ]
                names = ", ".join(map(self.tree.name, alive))
                words = recorded("for its threads {threads}", threads=names)
                return Reason(words, alive, "")
        return Reason(recorded("in {step}", step=call.words), because="")


def _for(what: str) -> str:
    return recorded("for {what}", what=what)
