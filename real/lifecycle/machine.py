"""The real machine of a lifecycle run, whose processes start, join and end each other.

The lifecycle rules, which the model uses, too, decide what each call does. This machine notes that
the call is really to be made, in the order in which the rules decide.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kernel.hardware import Region
from kernel.lifecycle.process_tree import Status
from kernel.lifecycle.system import LifecycleSystem
from kernel.process.calls import CALL, ENDS, Call
from kernel.process.control_block import Process
from kernel.process.memory_steps import Effect
from kernel.system.system import System
from kernel.workload import Workload
from real.dispatched.events import TimedEvent
from real.dispatched.machine import RealMachine
from real.lifecycle.decided_actions import RETURNS, WAITS, ActionList
from real.lifecycle.pool import LifecyclePool
from real.lifecycle.worker_handle import LifecycleWorkerHandle


class TimeoutEnd(TimedEvent):
    """A timeout in a call is over. `purpose` is what the rules know it by."""

    __slots__ = ("process", "purpose")

    def __init__(self, at: int, wall: int, process: Process, purpose: Any) -> None:
        super().__init__(at, wall)
        self.process = process
        self.purpose = purpose

    def tell(self, system: System) -> None:
        """Tell the system that the timeout is over."""
        system.instant.timers.append((self.process, self.purpose))


class RealLifecycleMachine(RealMachine):
    """What a system with lifecycle rules asks of a machine, beyond what every system does."""

    system: LifecycleSystem
    _pool: LifecyclePool

    def __init__(
        self, workload: Workload, pool: LifecyclePool, *, spare: bool, explain: bool = False
    ) -> None:
        self.actions = ActionList()
        self.timeouts: list[TimeoutEnd] = []  # timeouts that begin at this instant
        self.going_on: list[LifecycleWorkerHandle] = []  # workers that keep their core after a call
        self.only_looking: list[LifecycleWorkerHandle] = []
        """Workers that got a core only to look at what they wait for, and wait on.

        The rules leave their running intervals out, which are empty."""
        self._sits_in_call: set[Process] = set()  # they got a core, and have not come back yet
        self._caller: Process | None = None  # the process that makes a call
        super().__init__(workload, pool, spare=spare, explain=explain)

    def _make_system(self, workload: Workload, explain: bool) -> LifecycleSystem:
        return LifecycleSystem(workload, self, self.instant.closed.append, explain=explain)

    def run(self, process: Process, core: int, length: int) -> None:
        """Note that `process` has `core`. It may have kept the core over a call."""
        worker = self._pool.workers[process.index]
        worker.of = process
        ends = self.system.segments.ends_at_call[core]
        self._await_slice(worker, core, length, process.cpu_used, ends=ends)
        if self.on_core[core] is not worker:
            self.on_core[core] = worker
            if self.system.dispatcher.goes_on:  # it has made a call, and kept its core
                self.going_on.append(worker)
            else:
                self.instant.starting.append((core, worker))
                if worker.in_call is not None:
                    self._sits_in_call.add(process)

    # -- calls, and what follows from them

    def comes_to(self, process: Process) -> None:
        """Note that `process` is about to make a call. Its consequences are told before it is."""
        self._caller = process
        statuses = [member.status for member in self.system.process_tree.members]
        self.actions.begin_call(statuses, tuple(self._victims(process)))

    def make_call(self, process: Process, call: Call) -> None:
        """Note that `process` makes this call now, and goes on or ends."""
        self._sits_in_call.discard(process)
        task = self.system.tasks[process] if process in self.system.jumps else None
        self._caller = None
        self.actions.add_call(
            process,
            call,
            RETURNS,
            self._order(process, call),
            task if call.kind == "work" else None,
        )

    def waits_in_call(self, process: Process, call: Call) -> None:
        """Note that `process` makes this call now, or goes on in it, and waits in it."""
        if process in self._sits_in_call and process.since == self.clock.virtual:
            self.only_looking.append(self._pool.workers[process.index])
        self._caller = None
        self.actions.add_call(process, call, WAITS, self._order(process, call))

    def fed(self, process: Process, thread: str) -> None:
        """Note that a feeder of `process`, or a handler of its pool, has something to do.

        That of the process that makes a call does it before that call has returned, or waits.
        """
        if process is not self._caller:
            self.actions.add("fed", process)

    def _order(self, process: Process, call: Call) -> dict[str, Any]:
        """Return what the worker must know for the call; {} for a call that is no step."""
        if process.places[process.step] != CALL or process.call is not call:
            return {}
        return {"call": process.durations[process.step], **self._what_it_needs(process, call)}

    def _victims(self, process: Process) -> Iterator[tuple[int, str]]:
        """Yield the processes to which the next call of `process` sends a signal, and which one."""
        call, members = process.call, self.system.process_tree.members
        if call.kind in ("terminate", "kill", "interrupt"):
            index = self._index_of(process, call.name)
            if index is not None and index >= 0 and index != process.index:
                yield index, call.kind
        elif call.kind == "terminate_pool":
            if (pool := self.system.semantics.objects.pools.get(call.name)) is not None:
                yield from ((worker, "terminate") for worker in pool.staff.workers)
        elif call.kind in ENDS - {"os_exit"}:
            for handle in members[process.index].children.values():
                if handle.daemon:
                    yield handle.child, "terminate"

    def _index_of(self, process: Process, name: str) -> int | None:
        """Return the index of the process that a program calls by this name; None: none."""
        handle = self.system.process_tree.members[process.index].handles.get(name)
        return self.system.semantics.numbers.get(name) if handle is None else handle.child

    def _what_it_needs(self, process: Process, call: Call) -> dict[str, Any]:
        """Return what the worker needs for the call and does not know itself.

        For a call that names another process, `known`: the process has an index in the scenario,
        which is `of`; `numbered`: it has a pid that may be used; `state`: what to observe if it has
        none.
        """
        if call.kind not in ("observe", "terminate", "kill", "interrupt"):
            return {}
        index = self._index_of(process, call.name)
        known = index is not None and index >= 0
        status = self.actions.statuses[index] if index is not None and known else Status.UNBORN
        born = status is not Status.UNBORN
        gone = call.kind != "observe" and status is Status.GONE
        needs = {"known": index is not None, "state": "not started", "of": index}
        return needs | {"numbered": born and not gone}

    def await_timeout(self, process: Process, purpose: Any, delay: int) -> None:
        """Expect the end of a timeout in `delay` ns."""
        self.timeouts.append(TimeoutEnd(self.clock.virtual + delay, delay, process, purpose))

    def told(self, event: str, process: Process, by: str) -> None:
        """Note that `process` is born, adopted or reaped."""
        self.actions.add(event, process, by)

    def says(self, process: Process, name: str, value: Any) -> None:
        """Note what the rules expect. The record has what the real call returns."""
        self.actions.say(name, value)

    def finished(self, process: Process) -> None:
        """Note that the program of `process` has ended, and that its worker is to exit."""
        self.instant.finished.append(process)
        self.actions.add("dies", process)

    # -- memory

    def used_memory(self, process: Process, effect: Effect) -> None:
        """Note that `process` executes a memory step, with this effect."""
        assert process.region is not None
        where = Region(process.region.base + effect.address, effect.size)
        self.instant.memory_events.append((effect.event, process.name, where))

    def freed(self, process: Process, region: Region) -> None:
        """Note that `process` has left its partition. It is dead: the supervisor waits for that."""
        self.instant.memory_events.append(("freed", process.name, region))
