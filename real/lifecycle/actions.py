"""The actions of one instant: what the lifecycle rules have decided, really done, in that order.

The worker of a process makes the calls of that process. A birth, a death, an adoption or a reaping
follows from the calls. The supervisor waits until it has really happened.
"""

from __future__ import annotations

import os
import signal
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kernel.lifecycle.process_tree import Status
from kernel.lifecycle.semantics import END_DAEMONS
from kernel.process.calls import ENDS, Call
from kernel.process.control_block import Process
from real.dispatched.clock import RunClock
from real.dispatched.compaction import stand_still
from real.host.leftovers import wait_readable
from real.host.time_limits import ExpectedProcess, TimeLimit
from real.lifecycle.pool import CALL_LIMIT, LifecyclePool, LostError
from real.lifecycle.worker_handle import LifecycleWorkerHandle
from real.supervisor.ending import Stopped
from timeline.record.run import LifecycleEvent, Observation

UNKNOWN = 2.0  # seconds in a call, after which the supervisor looks for unknown stopped processes
STARTS = ("start", "restart", "unguarded")
"""Calls in which a process may ask its fork server to fork a process."""

SUPERVISOR, SERVER = "supervisor", "forkserver"


class DecidedAction(NamedTuple):
    """An action that the rules have decided, and that is to be carried out."""

    what: str  # "call", "dies", or an event of the process tree: "born", "adopted", "reaped"
    process: Process
    by: str = ""
    call: Call | None = None
    order: dict[str, Any] = {}


@dataclass(slots=True)
class ActionList:
    """The actions of one instant, in the order in which they are to be carried out."""

    actions: list[DecidedAction] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)  # of all processes, as the call begins
    _next_call: int = 0  # place among the actions of the call that is being decided

    def begin_call(self, statuses: list[Status]) -> None:
        """Remember the place of the next call: its consequences are added before it is."""
        self._next_call = len(self.actions)
        self.statuses = statuses

    def add_call(self, process: Process, call: Call, order: dict[str, Any]) -> None:
        """Add the call in front of its consequences."""
        self.actions.insert(self._next_call, DecidedAction("call", process, call=call, order=order))
        # the daemons of a process must be dead before it joins them at its exit
        self._next_call = len(self.actions) if call is END_DAEMONS else self._next_call + 1

    def add(self, what: str, process: Process, by: str = "") -> None:
        """Add an event of the process tree, or a death."""
        self.actions.append(DecidedAction(what, process, by))

    def take(self) -> list[list[DecidedAction]]:
        """Remove all actions, and return them in groups: calls at one barrier are made together."""
        groups: list[list[DecidedAction]] = []
        for action in self.actions:
            if groups and _at_one_barrier(groups[-1][0], action):
                groups[-1].append(action)
            else:
                groups.append([action])
        self.actions.clear()
        return groups


def _at_one_barrier(first: DecidedAction, second: DecidedAction) -> bool:
    if first.call is None or second.call is None:
        return False
    return first.call.kind == second.call.kind == "barrier" and first.call.name == second.call.name


@dataclass(slots=True)
class CallTimes:
    """How many calls were made, and how long they took, ns."""

    calls: int = 0
    took: int = 0  # the calls and what followed from them
    starts: list[int] = field(default_factory=list)  # of each start, until the child was parked

    def describe(self) -> dict[str, Any]:
        """Return what the record says of the calls."""
        starts = int(statistics.median(self.starts)) if self.starts else None
        return {
            "count": self.calls,
            "took_ns": self.took,
            "starts": len(self.starts),
            "start_p50_ns": starts,
        }


class ActionRunner:
    """Carries out the decided actions, and notes what was really seen for the record."""

    def __init__(self, processes: Sequence[Process], pool: LifecyclePool, clock: RunClock) -> None:
        self.events: list[LifecycleEvent] = []
        self.observations: list[Observation] = []
        self.births: dict[int, int] = {}  # index of the process: ns of the run
        self.times = CallTimes()
        self._processes = processes
        self._pool = pool
        self._clock = clock

    def carry_out(self, actions: ActionList, look: Callable[[], None]) -> None:
        """Carry out all actions. `look` raises Stopped if the run must end."""
        if not actions.actions:
            return
        self._look = look
        began = time.monotonic_ns()
        for group in actions.take():
            if group[0].what == "call":
                self._call(group)
            else:
                self._happen(group[0])
        self.times.took += time.monotonic_ns() - began

    # -- calls

    def _call(self, together: list[DecidedAction]) -> None:
        """Let the processes make their calls, and wait for what they report."""
        began = time.monotonic_ns()
        workers = [self._pool.workers[action.process.index] for action in together]
        swapped_out = [worker for worker in workers if worker.stopped and worker.lives]
        for worker in swapped_out:  # a process that waits at a barrier may be swapped out
            os.kill(worker.pid, signal.SIGCONT)
        for worker, action in zip(workers, together, strict=True):
            if action.call is not None and action.call.kind in STARTS:
                self._pool.servers.let_fork(worker.index)
            worker.tell(**self._with_pid(action.order))
        self._await_reports(workers)
        for worker in swapped_out:
            stand_still(worker)
        self.times.calls += len(together)
        if together[0].call is not None and together[0].call.kind in ("start", "restart"):
            self.times.starts.append(time.monotonic_ns() - began)

    def _with_pid(self, order: dict[str, Any]) -> dict[str, Any]:
        """Return the order with the pid of the process that it is about, if it needs one.

        The pid is known only now: the process may have been born at this instant.
        """
        if "numbered" not in order:
            return order
        rest = {key: value for key, value in order.items() if key not in ("of", "numbered")}
        return rest | {"pid": self._pool.workers[order["of"]].pid if order["numbered"] else None}

    def _await_reports(self, workers: list[LifecycleWorkerHandle]) -> None:
        """Wait until each worker has reported, or is dead because its call ended it.

        Raises Stopped if a process was stopped from outside, and LostError if a worker takes too
        long.
        """
        limit, unknown = TimeLimit(CALL_LIMIT), TimeLimit(UNKNOWN)
        expected = {worker: ExpectedProcess(worker.name, worker.pid) for worker in workers}
        reports = self._pool.objects.reports[0].fileno()
        while workers:
            readable = wait_readable([reports, *(worker.death for worker in workers)], 0.01)
            if reports in readable:
                report = self._pool.report(0)
                assert report is not None
                self._take(report)
                workers = [worker for worker in workers if worker.index != report["who"]]
            else:  # the death of a worker is handled by the action "dies"
                workers = [worker for worker in workers if worker.death not in readable]
            self._look()
            for worker in workers:
                if (trouble := expected[worker].trouble()) is not None:
                    raise Stopped(trouble)
            if workers and unknown.is_over():
                if (trouble := self._pool.stopped_unknown()) is not None:
                    raise Stopped(f"{trouble}, and did not go on")
                unknown = TimeLimit(UNKNOWN)
            if workers and limit.is_over():
                name = workers[0].name
                raise LostError(f"{name} did not come back from a call that does not wait")

    def _take(self, report: dict[str, Any]) -> None:
        """Note what a call returned or raised, and welcome the process that it started."""
        at, name = report["at"] - self._clock.epoch, self._processes[report["who"]].name
        for what, value in report["says"]:
            if isinstance(value, dict) and "parent" in value:
                value["parent"] = self._name_of(value["parent"])
            self.observations.append(Observation(at, name, what, value))
        if report["server"] is not None:
            self._pool.servers.begun(report["who"], report["server"], name)
        if report["born"] is not None:
            index, pid = report["born"]
            self._pool.welcome(self._pool.workers[index], pid)
            self._pool.await_birth(self._pool.workers[index])

    def _name_of(self, pid: int | None) -> str | None:
        """Return the name of the process with that pid."""
        if pid is None:
            return None
        if self._pool.servers.is_one(pid):
            return SERVER
        names = {worker.pid: worker.name for worker in self._pool.workers if worker.pid}
        return names.get(pid, SUPERVISOR)

    # -- what follows from the calls

    def _happen(self, action: DecidedAction) -> None:
        """Wait for a birth, a death, an adoption or a reaping, and note it."""
        process = action.process
        worker = self._pool.workers[process.index]
        if action.what == "born":
            self._be_born(action, worker)
            return
        if action.what == "dies":
            self._die(process, worker)
            return
        if action.what == "adopted":
            self._pool.adopt(worker)
        elif action.what == "reaped" and action.by == SUPERVISOR:
            self._pool.reap_own(worker)
        elif action.what == "reaped" and action.by == SERVER:
            self._pool.reap_by_server(worker)
        self._note(action.what, process, action.by)

    def _be_born(self, action: DecidedAction, worker: LifecycleWorkerHandle) -> None:
        if not worker.pid:
            said = self._last_said(action.by)
            raise Stopped(f"{action.process.name} could not be started: {said}")
        at = self.births[action.process.index] = max(0, self._clock.wall)
        self.events.append(LifecycleEvent(at, "born", action.process.name, action.by))

    def _die(self, process: Process, worker: LifecycleWorkerHandle) -> None:
        if worker.lives and process.exitcode >= 0 and not _ends_by_a_call(process):
            worker.tell(do="exit", code=process.exitcode)
        self._pool.await_death(worker)
        self._pool.may_end_server(worker.index)
        self._note("exited", process, process.name)

    def _note(self, what: str, process: Process, by: str) -> None:
        self.events.append(LifecycleEvent(max(0, self._clock.now()), what, process.name, by))

    def _last_said(self, name: str) -> Any:
        """Return what the last observed call of the process of that name returned or raised."""
        return next((o.value for o in reversed(self.observations) if o.process == name), "refused")


def _ends_by_a_call(process: Process) -> bool:
    calls = process.program.calls
    return bool(calls) and calls[-1].kind in ENDS
