"""The simulated machine for processes that start, join and end each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import simpy
from simpy.events import Timeout

from kernel.lifecycle.system import LifecycleSystem
from kernel.lifecycle.threads import ThreadingSystem, has_threads
from kernel.process.calls import Call
from kernel.process.control_block import Process
from kernel.process.memory_steps import Effect
from kernel.process.states import BLOCKED, DEAD, RUNNING, UNBORN, State, tag
from kernel.workload import Workload
from sim.clock import Alarm
from sim.machine import SimulatedMachine
from timeline.record.recorder import Record
from timeline.record.run import LifeEvent, MemoryEvent, Observation


class LivingSimulation(SimulatedMachine):
    """See SimulatedMachine. It ends when nobody lives, or nothing can happen any more."""

    _system: LifecycleSystem
    life: list[LifeEvent]
    observations: list[Observation]

    def __init__(
        self,
        workload: Workload,
        progress: Callable[[int], None],
        explain: bool = False,
        record: Record | None = None,
    ) -> None:
        self.life = []
        self.observations = []
        self._set_for: list[Process | None] = [None] * workload.cores  # whose alarm it is
        super().__init__(workload, progress, explain, record)
        self._specs = workload.processes

    def _make_system(self, workload: Workload, explain: bool) -> LifecycleSystem:
        kind = ThreadingSystem if has_threads(workload) else LifecycleSystem
        sink = self.record.intervals.sink()
        return kind(workload, self, sink, costs=workload.costs, explain=explain)

    def execute(self) -> None:
        super().execute()
        if self._system.living:
            self.stopped = self._system.deadlock.words()
            self.stuck = self._system.deadlock.names()
            for process in self._system.processes:
                if process.index in self._facts:  # else it was never born
                    self._facts[process.index].demand = self._system.demand(process)
            self._close(self._system.processes)

    def _close(self, processes: list[Process]) -> None:
        """Nothing moves any more: what everybody is in the middle of has no end."""
        now = max((process.since for process in processes), default=0)
        emit = self.record.intervals.sink()
        for process in processes:
            if process.state not in (UNBORN, DEAD) and now > process.since:
                emit((process.index, process.since, now, _unfinished(process)))

    # -- what the system asks of a machine ------------------------------------------------------

    def run(self, process: Process, core: int, length: int) -> None:
        self._set_for[core] = process
        super().run(process, core, length)

    def stop(self, process: Process, core: int) -> None:
        if self._set_for[core] is process:  # it may be that nobody follows
            self._alarms[core].due = None

    def comes_to(self, process: Process) -> None:
        pass

    def make_call(self, process: Process, call: Call) -> None:
        pass  # what it does is in the books, and nowhere else

    def used_memory(self, process: Process, effect: Effect) -> None:
        assert process.region is not None
        where = process.region.base + effect.address, effect.size
        self._memory_events.append(MemoryEvent(self._now(), effect.event, process.name, *where))

    def await_timeout(self, process: Process, call: Call, delay: int) -> None:
        Timeout(self._env, delay, (process, call)).callbacks.append(self._timed_out)

    def told(self, event: str, process: Process, by: str) -> None:
        if event == "born":
            facts = self._facts.get(process.index) or self.record.begin(self._specs[process.index])
            facts.arrival = self._now()
        self.life.append(LifeEvent(self._now(), event, process.name, by))

    def says(self, process: Process, name: str, value: Any) -> None:
        self.observations.append(Observation(self._now(), process.name, name, value))

    def finished(self, process: Process) -> None:
        super().finished(process)
        self._facts[process.index].demand = self._system.demand(process)
        self.life.append(LifeEvent(self._now(), "exited", process.name, process.name))

    # -- what happens ---------------------------------------------------------------------------

    def _slice_over(self, alarm: Alarm) -> None:
        if alarm.due == self._env._now:
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
    """The tag of what it is in the middle of."""
    device = max(process.places[process.step], -1) if process.state is BLOCKED else -1
    core = process.core if process.state is RUNNING else -1
    return tag(State(process.state), "stopped", core, device)
