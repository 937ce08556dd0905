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
from typing import Any

from kernel.process.calls import ENDS
from kernel.process.control_block import Process
from kernel.process.states import DEAD, ZOMBIE
from real.dispatched.clock import RunClock
from real.host.held_victims import HeldVictims
from real.lifecycle.calls_in_progress import CallsInProgress, Report
from real.lifecycle.decided_actions import ActionList, DecidedAction
from real.lifecycle.divergence import Diverged
from real.lifecycle.pool import LifecyclePool
from real.lifecycle.report import STARTS
from real.lifecycle.worker_handle import LifecycleWorkerHandle
from real.supervisor.ending import Stopped
from timeline.record.run import Divergence, LifecycleEvent, Observation
from translation import recorded

CONTRADICTS = "AttributeError", "PicklingError", "AssertionError"
"""Errors of a start that are not the machine's doing: by the rules, the process starts."""
SUPERVISOR, SERVER = "supervisor", "forkserver"


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
        self.calls = CallsInProgress(processes, pool, clock, self._take)
        self.victims = HeldVictims()
        self._stopped_victims: list[LifecycleWorkerHandle] = []
        self._stopped_masters: list[LifecycleWorkerHandle] = []
        self._first_signals: dict[int, str] = {}  # of a victim that lives: "terminate", "kill", …
        self._caller: Process | None = None  # which makes calls in a row
        self._processes = processes
        self._pool = pool
        self._clock = clock

    def carry_out(self, actions: ActionList, look: Callable[[], None]) -> None:
        """Carry out all actions. `look` raises Stopped if the run must end."""
        if not actions.actions:
            return
        self.calls.look = look
        began = time.monotonic_ns()
        try:
            for group in actions.take():
                self._carry_out(group)
        finally:  # a victim that is held cannot die, however the run ends
            self._caller = None
            self._let_all_go()
        self.times.took += time.monotonic_ns() - began

    def _carry_out(self, group: list[DecidedAction]) -> None:
        if not self._belongs_to_caller(group[0]):
            self._caller = None
        if group[0].what == "call":
            self._make(group)
        elif group[0].what == "fed":
            self._feed(self._pool.workers[group[0].process.index])
        else:
            self._happen(group[0])

    def describe(self) -> dict[str, Any]:
        """Return what the record says of the calls."""
        held = {"victims_held": sorted(self.victims.ways)} if self.victims.ways else {}
        turn = {"out_of_turn": self.calls.out_of_turn.describe()}
        return {**self.times.describe(), **turn, **held}

    # -- calls

    def _make(self, calls: list[DecidedAction]) -> None:
        """Let a process make its calls in a row, and hold the victims of its signals till then."""
        began, last = time.monotonic_ns(), calls[-1].call
        self._caller = calls[0].process
        for action in calls:
            for index, kind in action.victims:
                self._hold(self._pool.workers[index], kind)
        if self._caller.state in (ZOMBIE, DEAD):
            self._stop_master(self._pool.workers[self._caller.index])
        if last is not None and last.kind in STARTS:
            self._pool.servers.let_fork(self._caller.index)
        self.calls.make(calls)
        self.times.calls += len(calls)
        if last is not None and last.kind in ("start", "restart"):
            self.times.starts.append(time.monotonic_ns() - began)

    def _belongs_to_caller(self, action: DecidedAction) -> bool:
        """Return whether the action is a call of the process that makes calls, or a birth by it."""
        if self._caller is None:
            return False
        if action.what == "call":
            return action.process is self._caller
        if action.what == "fed":
            return True
        return action.what in ("born", "reaped") and action.by == self._caller.name

    def _hold(self, victim: LifecycleWorkerHandle, kind: str) -> None:
        if not victim.lives:
            return
        assert self._caller is not None
        first = self._first_signals.setdefault(victim.index, kind)
        if kind == "kill" and first == "terminate":
            self.victims.act_on_sigterm(victim.pid, victim.death)
        elif kind == "kill":
            killer = self._pool.workers[self._caller.index]
            self.victims.hold(victim.pid, victim.death, os.sched_getaffinity(killer.pid))
        elif kind == "interrupt":
            victim.interrupt()
        else:
            self._stop_victim(victim)

    def _let_go(self, victim: LifecycleWorkerHandle) -> None:
        """Let a victim die whose turn to die has come.

        The others stay held: a fork server that reaps one zombie reaps all that are there.
        """
        self._first_signals.pop(victim.index, None)
        self.victims.let_go(victim.pid, self._pool.aside)
        if victim in self._stopped_victims:
            self._stopped_victims.remove(victim)
            if victim.lives and not victim.stopped:
                os.kill(victim.pid, signal.SIGCONT)

    def _feed(self, master: LifecycleWorkerHandle) -> None:
        """Let the threads of a process go on.

        The manager of an executor may end workers, and would reap one that dies at once.
        """
        self._stop_workers(master)
        self.calls.feed(master)

    def _stop_workers(self, master: LifecycleWorkerHandle) -> None:
        """Stop all workers of the pools of a process."""
        for worker in self._pool.workers:
            if self._pool.is_in_pool(worker) and self._pool.parent(worker) is master:
                self._stop_victim(worker)

    def _stop_victim(self, victim: LifecycleWorkerHandle) -> None:
        if victim.lives and not victim.stopped and victim not in self._stopped_victims:
            os.kill(victim.pid, signal.SIGSTOP)
            victim.await_stop()
            self._stopped_victims.append(victim)

    def _stop_master(self, worker: LifecycleWorkerHandle) -> None:
        """Stop the process whose pool a worker belongs to that is about to end.

        A thread of it reaps the worker at once, and then its exit code could not be read.
        """
        if not self._pool.is_in_pool(worker):
            return
        master = self._pool.parent(worker)
        if master.lives and not master.stopped and master not in self._stopped_masters:
            os.kill(master.pid, signal.SIGSTOP)
            master.await_stop()
            self._stopped_masters.append(master)

    def _let_masters_go(self) -> None:
        """Let the processes go on whose pools have lost a worker.

        The manager of an executor ends the other workers then. They are held as in `_feed`.
        """
        while self._stopped_masters:
            master = self._stopped_masters.pop()
            if master.lives and not master.stopped:
                self._stop_workers(master)
                os.kill(master.pid, signal.SIGCONT)

    def _let_all_go(self) -> None:
        self._let_masters_go()
        self._first_signals.clear()
        self.victims.let_all_go(self._pool.aside)
        for victim in tuple(self._stopped_victims):
            self._let_go(victim)

    def _take(self, report: Report) -> None:
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
        if self._pool.is_in_pool(worker):
            self.calls.await_worker(worker, self._pool.parent(worker))
        if not worker.pid:
            said = self._last_said(action.by)
            if str(said).startswith(CONTRADICTS):
                at = max(0, self._clock.now())
                rules, reality = recorded("starts it"), recorded("raised {error}", error=said)
                call = f"start {action.process.name}"
                raise Diverged(Divergence(at, action.by, call, rules, reality))
            raise Stopped(
                recorded(
                    "{process} could not be started: {error}",
                    process=action.process.name,
                    error=said,
                )
            )
        at = self.births[action.process.index] = max(0, self._clock.wall)
        self.events.append(LifecycleEvent(at, "born", action.process.name, action.by))

    def _die(self, process: Process, worker: LifecycleWorkerHandle) -> None:
        """Wait until the process is dead. Diverges if it goes on living."""
        if worker.lives and process.exitcode >= 0 and not _ends_by_a_call(process):
            worker.tell(do="exit", code=process.exitcode)
        self._stop_master(worker)
        self._let_go(worker)
        self.calls.await_death(worker, process)
        self._let_masters_go()
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
