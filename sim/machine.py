"""The simulated machine: it turns the system's decisions into SimPy events, one per slice.

All that happens at one time is collected first and settled once, when SimPy's next event lies
later; so the order at one instant is the kernel's rule and never the order of SimPy's heap.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import simpy
from simpy.events import NORMAL, Timeout

from kernel.memory import Region, Transfer
from kernel.process import Process
from kernel.scheduling.blame import blaming
from kernel.scheduling.explain import Decision
from kernel.system import System
from kernel.workload import Workload
from sim.alarm import Alarm
from timeline.describe import make_run
from timeline.intervals import Intervals
from timeline.metrics import Facts
from timeline.run import SIMULATED, LifeEvent, MemoryEvent, Observation, Overhead, Run

LOOK_EVERY = 1024  # slices between looks at the record's size and at the watch


class SimulatedMachine:
    """Cores and devices that take exactly as long as they are told."""

    life: list[LifeEvent] | None = None  # None: everybody is born at arrival, and reaped at once
    observations: Sequence[Observation] = ()

    def __init__(
        self, workload: Workload, progress: Callable[[int], None], explain: bool = False
    ) -> None:
        self.intervals = Intervals()
        self.facts = [Facts() for _ in workload.processes]
        self.overheads: list[Overhead] = []
        self.memory_events: list[MemoryEvent] = []
        self._unseen = LOOK_EVERY  # slices until the next look
        self._progress = progress
        self._done = 0  # programs that have ended
        self._env = simpy.Environment()
        self._system = self._make_system(workload, explain)
        self.stopped: str | None = None  # why it ended before its programs did
        self.stuck: list[str] = []  # who could not go on
        self._alarms = [self._alarm(core) for core in range(workload.cores)]
        self._arrivals = sorted(self._system.arriving, key=lambda p: (p.arrival, p.index))
        self._next_arrival = 0
        self._on_io_over: list[Callable[[Any], None]] = [self._io_over]
        reviews = self._system.reviews
        self._settle = self._settle_and_look_ahead if reviews else self._system.settle
        self._review_at: int | None = None

    def _make_system(self, workload: Workload, explain: bool) -> System:
        sink = self.intervals.sink()
        return System(workload, self, sink, costs=workload.costs, explain=explain)

    @property
    def decisions(self) -> list[Decision] | None:
        """If they are to be explained."""
        return self._system.cores.decisions

    def execute(self) -> None:
        """Run until the last program has ended."""
        self._await_arrival()
        collecting = gc.isenabled()
        gc.disable()  # a run makes no cycles; looking for them costs a fifth of the time
        try:
            with blaming(self._system.cores.blamed):
                self._env.run()
        finally:
            if collecting:
                gc.enable()

    # -- what the system asks of a machine ------------------------------------------------------

    def run(self, process: Process, core: int, length: int) -> None:
        alarm = self._alarms[core]
        if alarm.callbacks is not None:  # still set, for one that was preempted
            alarm = self._alarms[core] = self._alarm(core)
        alarm.callbacks = alarm.ring
        self._env.schedule(alarm, NORMAL, length)
        self._unseen = unseen = self._unseen - 1
        if not unseen:
            self._look()

    def _alarm(self, core: int) -> Alarm:
        return Alarm(self._env, partial(self._slice_over, core))

    def _look(self) -> None:
        self._unseen = LOOK_EVERY
        self.intervals.pack()
        self._progress(self._done)

    def stop(self, process: Process, core: int) -> None:
        pass  # its alarm has rung, or is replaced by the next one's

    def serve(self, process: Process, place: int, duration: int) -> None:
        Timeout(self._env, duration, process).callbacks = self._on_io_over

    def await_release(self, process: Process, delay: int) -> None:
        Timeout(self._env, delay, process).callbacks.append(self._job_due)

    def job_done(self, process: Process) -> None:
        self.facts[process.index].jobs.append(self._now())

    def spent(self, core: int, start: int, end: int, why: str) -> None:
        self.overheads.append(Overhead(core, start, end, why))

    def waits(self, process: Process) -> None:
        self.memory_events.append(MemoryEvent(self._now(), "waits", process.name, -1, -1))

    def admitted(self, process: Process, region: Region | None) -> None:
        now = self._now()
        self.facts[process.index].admitted = now
        if region is not None:
            self.facts[process.index].region = region
            self.memory_events.append(MemoryEvent(now, "placed", process.name, *region))

    def moved(self, process: Process, source: Region) -> None:
        assert process.region is not None
        self.memory_events.append(MemoryEvent(self._now(), "moved", process.name, *process.region))

    def copies(self, duration: int, core: int) -> None:
        if core >= 0:
            self._alarms[core] = self._alarm(core)  # the one that is set is nobody's any more
        Timeout(self._env, duration).callbacks.append(self._copied)

    def transfer(self, transfer: Transfer, place: int, duration: int) -> None:
        done = Timeout(self._env, duration, (transfer, place))
        done.callbacks.append(self._transferred)

    def swapped_out(self, process: Process, region: Region) -> None:
        self.memory_events.append(MemoryEvent(self._now(), "swapped-out", process.name, *region))

    def swapped_in(self, process: Process) -> None:
        assert process.region is not None
        event = MemoryEvent(self._now(), "swapped-in", process.name, *process.region)
        self.memory_events.append(event)

    def finished(self, process: Process) -> None:
        now = self._now()
        fact = self.facts[process.index]
        fact.completion, fact.exitcode = now, process.exitcode
        self._done += 1

    def freed(self, process: Process, region: Region) -> None:
        self.memory_events.append(MemoryEvent(self._now(), "freed", process.name, *region))

    def withdrawn(self, process: Process) -> None:
        self.memory_events.append(MemoryEvent(self._now(), "withdrawn", process.name, -1, -1))

    def _now(self) -> int:
        return int(self._env.now)

    # -- what happens -----------------------------------------------------------------------------

    def _slice_over(self, core: int, event: simpy.Event) -> None:
        if self._alarms[core] is event:  # else it was preempted meanwhile
            system = self._system
            process: Any = system.cores.running[core]
            if process is not None:  # else the core was left idle since
                over = process.granted == process.left
                (system.ended if over else system.expired).append(core)
        now: Any = self._env.now
        if self._env.peek() > now:
            self._settle(now)

    def _io_over(self, event: simpy.Event) -> None:
        process: Any = event.value
        self._system.completed.append(process)
        now: Any = self._env.now
        if self._env.peek() > now:
            self._settle(now)

    def _arrive(self, event: simpy.Event) -> None:
        arrivals = self._arrivals
        now: Any = self._env.now
        while self._next_arrival < len(arrivals) and arrivals[self._next_arrival].arrival == now:
            self._system.arrived.append(arrivals[self._next_arrival])
            self._next_arrival += 1
        self._await_arrival()
        self._settle_if_last()

    def _job_due(self, event: simpy.Event) -> None:
        process: Any = event.value
        self._system.released.append(process)
        self._settle_if_last()

    def _copied(self, event: simpy.Event) -> None:
        self._system.copied = True
        self._system.timers.append(None)
        self._settle_if_last()

    def _transferred(self, event: simpy.Event) -> None:
        transferred: Any = event.value
        self._system.transferred.append(transferred)
        self._settle_if_last()

    def _settle_if_last(self) -> None:
        """Nothing else happens at this time (the two that happen most often do this themselves)."""
        now: Any = self._env.now
        if self._env.peek() > now:
            self._settle(now)

    def _await_arrival(self) -> None:
        if self._next_arrival < len(self._arrivals):
            delay = self._arrivals[self._next_arrival].arrival - self._env.now
            Timeout(self._env, delay).callbacks.append(self._arrive)

    def _settle_and_look_ahead(self, now: int) -> None:
        self._system.settle(now)
        self._await_review()

    def _await_review(self) -> None:
        at = self._system.next_review()
        if at == self._review_at:
            return
        self._review_at = at
        if at is not None:
            Timeout(self._env, at - self._env.now, at).callbacks.append(self._review)

    def _review(self, event: simpy.Event) -> None:
        if self._review_at == event.value:  # else the policy has named another time since
            self._review_at = None
            self._system.timers.append(None)
        self._settle_if_last()


def simulate(
    workload: Workload,
    progress: Callable[[int], None] = lambda done: None,
    *,
    explain: bool = False,
) -> Run:
    """Run the model. `progress` is told now and then how many programs have ended.

    With `explain` every decision is recorded. The same workload gives the same record, to the byte.
    """
    machine = _machine_for(workload)(workload, progress, explain)
    machine.execute()
    return make_run(
        SIMULATED,
        workload,
        machine.intervals,
        machine.facts,
        overheads=machine.overheads,
        memory_events=machine.memory_events,
        decisions=machine.decisions,
        stopped=machine.stopped,
        stuck=machine.stuck,
        life=machine.life,
        observations=machine.observations,
    )


def _machine_for(workload: Workload) -> type[SimulatedMachine]:
    if workload.life is None:
        return SimulatedMachine
    from sim.living import LivingSimulation

    return LivingSimulation
