"""The simulated machine for processes that start, join and end each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import simpy
from simpy.events import Timeout

from kernel.lifecycle.deadlock import sentence
from kernel.lifecycle.system import LifecycleSystem
from kernel.lifecycle.threads import ThreadingSystem, has_threads
from kernel.lifecycle.zombie_memory import ZombiesHoldMemory
from kernel.process.calls import Call
from kernel.process.control_block import Process
from kernel.process.memory_steps import Effect
from kernel.process.states import BLOCKED, DEAD, RUNNING, UNBORN, State, tag
from kernel.workload import Workload
from sim.clock import Alarm
from sim.machine import SimulatedMachine
from timeline.record.recorder import Record
from timeline.record.run import LifecycleEvent, MemoryEvent, Observation


class SimulatedLifecycle(SimulatedMachine):
    """A simulated machine whose run ends when no process lives, or none can go on.

    The system calls the public methods after `execute`, beside those of `SimulatedMachine`: see
    `kernel.lifecycle.hardware`.
    """

    _system: LifecycleSystem
    lifecycle_events: list[LifecycleEvent]
    observations: list[Observation]

    def __init__(
        self,
        workload: Workload,
        progress: Callable[[int], None],
        explain: bool = False,
        record: Record | None = None,
    ) -> None:
        self.lifecycle_events = []
        self.observations = []
        # by core: the process whose slice its alarm ends
        self._set_for: list[Process | None] = [None] * workload.cores
        super().__init__(workload, progress, explain, record)
        self._specs = workload.processes

    def _make_system(self, workload: Workload, explain: bool) -> LifecycleSystem:
        kind: type[LifecycleSystem] = ThreadingSystem if has_threads(workload) else LifecycleSystem
        if workload.lifecycle is not None and workload.lifecycle.zombies_hold_memory:
            kind = ZombiesHoldMemory
        sink = self.record.intervals.sink()
        return kind(workload, self, sink, costs=workload.costs, explain=explain)

    def execute(self) -> None:
        """Run until no process lives, or none can go on; then set `stopped` and `stuck`."""
        super().execute()
        if self._system.living:
            self.deadlock = self._system.deadlock.graph()
            self.stopped = sentence(self.deadlock)
            self.stuck = [row.process for row in self.deadlock]
            for process in self._system.processes:
                if process.index in self._facts:  # otherwise it was never started
                    self._facts[process.index].demand = self._system.demand(process)
            self._close(self._system.processes)

    def _close(self, processes: list[Process]) -> None:
        """End the last interval of each process that could not go on, at the last instant."""
        now = max((process.since for process in processes), default=0)
        emit = self.record.intervals.sink()
        for process in processes:
            if process.state not in (UNBORN, DEAD) and now > process.since:
                emit((process.index, process.since, now, _unfinished(process)))

    # -- what the system asks of a machine ------------------------------------------------------

    def run(self, process: Process, core: int, length: int) -> None:
        """Set the core's alarm for the end of the slice, in `length` ns."""
        self._set_for[core] = process
        super().run(process, core, length)

    def stop(self, process: Process, core: int) -> None:
        """Switch the core's alarm off, unless it is set for the core's next process already."""
        if self._set_for[core] is process:
            self._alarms[core].due = None

    def comes_to(self, process: Process) -> None:
        """Do nothing: only the real machine prepares for a call."""

    def make_call(self, process: Process, call: Call) -> None:
        """Do nothing: the process tree has all effects of the call already."""

    def used_memory(self, process: Process, effect: Effect) -> None:
        """Record the effect of a memory step of the process."""
        assert process.region is not None
        where = process.region.base + effect.address, effect.size
        self._memory_events.append(MemoryEvent(self._clock.ns, effect.event, process.name, *where))

    def waits_in_call(self, process: Process, call: Call) -> None:
        """Do nothing: the process is blocked already."""

    def fed(self, process: Process, thread: str) -> None:
        """Do nothing: the queue has the values already."""

    def await_timeout(self, process: Process, purpose: Any, delay: int) -> None:
        """Set a timer for the timeout of the process's call, in `delay` ns."""
        Timeout(self._clock, delay, (process, purpose)).callbacks.append(self._timed_out)

    def told(self, event: str, process: Process, by: str) -> None:
        """Record an event in the life of a process. Its record begins when it is born."""
        if event == "born":
            facts = self._facts.get(process.index) or self.record.begin(self._specs[process.index])
            facts.arrival = self._clock.ns
        self.lifecycle_events.append(LifecycleEvent(self._clock.ns, event, process.name, by))

    def says(self, process: Process, name: str, value: Any) -> None:
        """Record what the process observes or prints."""
        self.observations.append(Observation(self._clock.ns, process.name, name, value))

    def finished(self, process: Process) -> None:
        """Record when and how the process has ended, and how much CPU time its program needs."""
        super().finished(process)
        self._facts[process.index].demand = self._system.demand(process)
        self.lifecycle_events.append(
            LifecycleEvent(self._clock.ns, "exited", process.name, process.name)
        )

    # -- what happens ---------------------------------------------------------------------------

    def _slice_over(self, alarm: Alarm) -> None:
        if alarm.due == self._clock.ns:
            alarm.due = None
            core, system = alarm.core, self._system
            (
                system.instant.ended
                if system.segments.ends_at_call[core]
                else system.instant.expired
            ).append(core)

    def _timed_out(self, event: simpy.Event) -> None:
        timeout: Any = event.value
        self._system.instant.timers.append(timeout)


def _unfinished(process: Process) -> int:
    """Return the tag of the interval of a process that the end of the run cuts off."""
    device = max(process.places[process.step], -1) if process.state is BLOCKED else -1
    core = process.core if process.state is RUNNING else -1
    return tag(State(process.state), "stopped", core, device)
