"""The operating system of processes that signals can end or interrupt, in any state."""

from __future__ import annotations

from kernel.hardware import NO_COSTS, Costs
from kernel.lifecycle.dispatcher import LifecycleDispatcher
from kernel.lifecycle.hardware import LifecycleHardware
from kernel.lifecycle.interruption import Interruptions
from kernel.lifecycle.segments import Segments
from kernel.lifecycle.semantics import Semantics
from kernel.lifecycle.signals import Signals
from kernel.process.control_block import Emit, Process, transition
from kernel.process.program import CPU, RELEASE
from kernel.process.program import WAIT as NO_DEVICE
from kernel.process.states import (
    BLOCKED,
    DEAD,
    NEW,
    RUNNING,
    SUSPENDED,
    UNBORN,
    ZOMBIE,
    State,
    tag,
)
from kernel.system.dispatcher import Dispatcher
from kernel.system.system import System
from kernel.workload import Workload


class SignalledSystem(System):
    """A system whose processes receive signals. What a signal does in a call, the calls decide."""

    dispatcher: LifecycleDispatcher
    semantics: Semantics
    _machine: LifecycleHardware

    def __init__(
        self,
        workload: Workload,
        machine: LifecycleHardware,
        emit: Emit,
        *,
        costs: Costs = NO_COSTS,
        explain: bool = False,
    ) -> None:
        self.segments = Segments(machine, workload.cores)
        self.segments.may_run = self._may_run
        self.interruptions = Interruptions(self.segments)
        self.signals = Signals(self, machine)
        super().__init__(workload, machine, emit, costs=costs, explain=explain)

    def _make_dispatcher(
        self, workload: Workload, emit: Emit, costs: Costs, explain: bool
    ) -> Dispatcher:
        return LifecycleDispatcher(workload, self.segments, emit, costs=costs, explain=explain)

    @property
    def now(self) -> int:
        """Return the time, ns."""
        return self._policy.now

    def _may_run(self, process: Process) -> bool:
        """Return whether a process that has a core may execute its program now."""
        return not self.interruptions.is_pending(process)

    def kill(self, victim: Process, number: int) -> None:
        """End `victim` by a signal, in any state."""
        now, state = self._policy.now, victim.state
        device = NO_DEVICE
        if state in (BLOCKED, SUSPENDED) and not victim.late:
            device = max(victim.places[victim.step], NO_DEVICE)
            self._devices[device].withdraw(victim)
        if state in (State.READY, RUNNING):
            self._withdraw(victim, now)
        elif state is NEW or (state is SUSPENDED and victim.region is None):
            assert self._memory is not None
            self._memory.withdraw(victim)
            self._freed = True
        elif state is UNBORN:  # started at this instant
            self.instant.arrived.remove(victim)
            transition(victim, UNBORN, NEW, now, tag(NEW, "killed"), self._emit)
        victim.exitcode = -number
        self._end(victim, victim.state, now, device if state is BLOCKED else NO_DEVICE)

    def interrupt(self, victim: Process) -> None:
        """Let KeyboardInterrupt be raised in `victim` as soon as it has a core.

        If it was cut off before, one will be raised there, and a second signal changes nothing.
        """
        if self.interruptions.place_of(victim) is not None:
            return
        calls = self.semantics.is_calling(victim.index)
        asleep = self.semantics.interrupt(victim.index)
        if not calls:
            self.interruptions.add(victim)
        if victim.state is RUNNING and not calls:
            self._run_no_further(victim)
        elif victim.state in (BLOCKED, SUSPENDED) and not victim.late and (asleep or not calls):
            self._wake_interrupted(victim, calls)

    def _run_no_further(self, process: Process) -> None:
        """End the slice of a process now, unless it is over at this instant anyhow."""
        core, now = process.core, self._policy.now
        if self.dispatcher.running[core] is process and core not in self.instant.expired:
            self.dispatcher.charge_all(now, (core,))
            process.rest = process.left
            self.segments.run(process, core, 0)

    def _wake_interrupted(self, process: Process, calls: bool) -> None:
        """Let a process go on that waits in a call, for I/O, or for its next release."""
        place = process.places[process.step]
        if not calls:
            if place not in (RELEASE, CPU):
                self._devices[place].withdraw(process)
            if process.state is SUSPENDED and place == CPU:
                return  # it was ready
            self.interruptions.cut(process)
        if process.state is SUSPENDED:
            self._delay(process, self._policy.now)
        else:
            self._wake(process, max(place, NO_DEVICE))

    def _withdraw(self, victim: Process, now: int) -> None:
        """Take a process that is killed off its core or out of the ready queue."""
        core = victim.core
        self.dispatcher.withdraw(victim, now, "ended")
        for cores in (self.instant.ended, self.instant.expired):
            if core in cores:
                cores.remove(core)

    # -- what a process leaves behind that was ended or interrupted -------------------------------

    def _end_wait(self, process: Process, now: int) -> None:
        place = self.interruptions.place_of(process)
        if place is None and process.state not in (ZOMBIE, DEAD):
            super()._end_wait(process, now)
            return
        if place is None:
            place = process.places[process.step]
        if place != NO_DEVICE:  # a device does not notice that the process has left it
            self._devices[place].release()

    def _release(self, now: int) -> None:
        self.instant.released[:] = [
            process
            for process in self.instant.released
            if process.state not in (ZOMBIE, DEAD) and self.interruptions.place_of(process) is None
        ]
        super()._release(now)

    def _wait(self, process: Process, place: int, now: int) -> None:
        if not self.interruptions.is_pending(process):
            super()._wait(process, place, now)
            return
        self.interruptions.cut(process)
        self._wake(process, NO_DEVICE)

    def _wake(self, sleeper: Process, place: int) -> None:
        ended = tag(BLOCKED, "woke", device=place)
        self._make_ready(sleeper, BLOCKED, self._policy.now, "woke", ended)
