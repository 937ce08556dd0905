"""The simulated machine: it turns the system's decisions into SimPy events, one per slice.

All that happens at one time is collected first and settled once, see `sim.clock`; so the order at
one instant is the kernel's rule and never the order of SimPy's heap.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import simpy
from simpy.core import EmptySchedule
from simpy.events import Timeout

from kernel.hardware import Costs, Region
from kernel.memory import Transfer
from kernel.process.control_block import Process
from kernel.process.spec import ProcessSpec
from kernel.scheduling.explain import Decisions
from kernel.scheduling.policy_errors import policy_errors_of
from kernel.system.system import System
from kernel.workload import Workload
from sim.book_time_costs import can_be_booked, in_book_time
from sim.clock import Alarm, Clock, Later
from timeline.record.assembly import make_run
from timeline.record.metrics import Facts, Summary
from timeline.record.recorder import Record
from timeline.record.run import SIMULATED, LifeEvent, MemoryEvent, Observation, Overhead, Run

if TYPE_CHECKING:
    from timeline.files.streaming import Streamed

LOOK_EVERY = 1024  # instants between looks at the record's size and at the watch


class SimulatedMachine:
    """Cores and devices that take exactly as long as they are told."""

    life: list[LifeEvent] | None = None  # None: everybody is born at arrival, and reaped at once
    observations: Sequence[Observation] = ()

    def __init__(
        self,
        workload: Workload,
        progress: Callable[[int], None],
        explain: bool = False,
        record: Record | None = None,
    ) -> None:
        self.record = record = record or Record()
        self._facts, self._memory_events = record.facts, record.memory_events
        self._progress = progress
        self._done = 0  # programs that have ended
        self._system = system = self._make_system(workload, explain)
        instant = system.instant
        self._ended, self._expired, self._completed = (
            instant.ended,
            instant.expired,
            instant.completed,
        )
        self._running = system.dispatcher.running
        self._env = Clock(self._settle_and_look_ahead if system.reviews.wanted else system.settle)
        self.stopped: str | None = None  # why it ended before its programs did
        self.stuck: list[str] = []  # who could not go on
        self._alarms = [Alarm(self._env, core, self._slice_over) for core in range(workload.cores)]
        self._arriving = workload.arriving()
        self._next: ProcessSpec | None = next(self._arriving, None)
        self._on_io_over: list[Callable[[Any], None]] = [self._io_over]
        self._review_at: int | None = None

    def _make_system(self, workload: Workload, explain: bool) -> System:
        emit = self.record.intervals.sink()
        return System(workload, self, emit, costs=workload.costs, explain=explain)

    @property
    def decisions(self) -> Decisions | None:
        """If they are to be explained."""
        return self._system.dispatcher.decisions

    def execute(self) -> None:
        """Run until the last program has ended."""
        self._await_arrival()
        collecting = gc.isenabled()
        gc.disable()  # a run makes no cycles; looking for them costs a fifth of the time
        try:
            with policy_errors_of(self._system.dispatcher.policy_class), suppress(EmptySchedule):
                while True:
                    self._env.advance(LOOK_EVERY)
                    self.record.tidy()
                    if self.decisions is not None:
                        self.decisions.pack()
                    self._progress(self._done)
        finally:
            if collecting:
                gc.enable()

    # -- what the system asks of a machine ------------------------------------------------------

    def run(self, process: Process, core: int, length: int) -> None:
        self._alarms[core].set(length)

    def stop(self, process: Process, core: int) -> None:
        pass  # its alarm has rung, or is set for the next one, or finds nobody there

    def serve(self, process: Process, place: int, duration: int) -> None:
        Later(self._env, duration, process, self._on_io_over)

    def await_release(self, process: Process, delay: int) -> None:
        Timeout(self._env, delay, process).callbacks.append(self._job_due)

    def job_done(self, process: Process) -> None:
        self._facts[process.index].jobs.append(self._now())

    def spent(self, core: int, start: int, end: int, why: str) -> None:
        self.record.overheads.append(Overhead(core, start, end, why))

    def waits(self, process: Process) -> None:
        self._memory_events.append(MemoryEvent(self._now(), "waits", process.name, -1, -1))

    def admitted(self, process: Process, region: Region | None) -> None:
        now = self._now()
        self._facts[process.index].admitted = now
        if region is not None:
            self._facts[process.index].region = region
            self._memory_events.append(MemoryEvent(now, "placed", process.name, *region))

    def moved(self, process: Process, source: Region) -> None:
        assert process.region is not None
        self._memory_events.append(MemoryEvent(self._now(), "moved", process.name, *process.region))

    def copies(self, duration: int, core: int) -> None:
        if core >= 0:
            self._alarms[core].due = None
        Timeout(self._env, duration).callbacks.append(self._copied)

    def transfer(self, transfer: Transfer, place: int, duration: int) -> None:
        done = Timeout(self._env, duration, (transfer, place))
        done.callbacks.append(self._transferred)

    def swapped_out(self, process: Process, region: Region) -> None:
        self._memory_events.append(MemoryEvent(self._now(), "swapped-out", process.name, *region))

    def swapped_in(self, process: Process) -> None:
        assert process.region is not None
        event = MemoryEvent(self._now(), "swapped-in", process.name, *process.region)
        self._memory_events.append(event)

    def finished(self, process: Process) -> None:
        now = self._now()
        fact = self._facts[process.index]
        fact.completion, fact.exitcode = now, process.exitcode
        self._done += 1
        self.record.end(process.index)

    def freed(self, process: Process, region: Region) -> None:
        self._memory_events.append(MemoryEvent(self._now(), "freed", process.name, *region))

    def withdrawn(self, process: Process) -> None:
        self._memory_events.append(MemoryEvent(self._now(), "withdrawn", process.name, -1, -1))

    def _now(self) -> int:
        return int(self._env.now)

    # -- what happens -----------------------------------------------------------------------------

    def _slice_over(self, alarm: Alarm) -> None:
        if alarm.due == self._env._now:  # else it was preempted meanwhile
            alarm.due = None
            core = alarm.core
            process = self._running[core]
            if process is not None:  # else the core was left idle since
                (self._expired if process.rest else self._ended).append(core)

    def _io_over(self, event: Later) -> None:
        self._completed.append(event.who)

    def _arrive(self, event: simpy.Event) -> None:
        now: Any = self._env.now
        while (spec := self._next) is not None and spec.arrival == now:
            self.record.begin(spec)
            self._system.instant.arrived.append(self._system.process(spec))
            self._next = next(self._arriving, None)
        self._await_arrival()

    def _job_due(self, event: simpy.Event) -> None:
        process: Any = event.value
        self._system.instant.released.append(process)

    def _copied(self, event: simpy.Event) -> None:
        self._system.instant.copied = True
        self._system.instant.timers.append(None)

    def _transferred(self, event: simpy.Event) -> None:
        transferred: Any = event.value
        self._system.instant.transferred.append(transferred)

    def _await_arrival(self) -> None:
        if self._next is not None:
            delay = self._next.arrival - self._env.now
            Timeout(self._env, delay).callbacks.append(self._arrive)

    def _settle_and_look_ahead(self, now: int, alone: bool) -> None:
        self._system.settle(now, alone)
        if self._review_at is None or self._system.reviews.vary:
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
            self._system.instant.timers.append(None)


def simulate(
    workload: Workload,
    progress: Callable[[int], None] = lambda done: None,
    *,
    explain: bool = False,
) -> Run:
    """Run the model. `progress` is told now and then how many programs have ended.

    With `explain` every decision is recorded. The same workload gives the same record, to the byte.
    """
    booked = workload.costs.booked and can_be_booked(workload)
    executed = replace(workload, costs=Costs()) if booked else workload
    machine = _machine_for(workload)(executed, progress, explain)
    machine.execute()
    facts = machine.record.all_facts(len(workload.processes))
    run = _run_of(executed, machine, facts)
    return in_book_time(workload, run, facts) if booked else run


def _run_of(workload: Workload, machine: SimulatedMachine, facts: Sequence[Facts]) -> Run:
    record = machine.record
    return make_run(
        SIMULATED,
        workload,
        record.intervals,
        facts,
        overheads=record.overheads,
        memory_events=record.memory_events,
        decisions=machine.decisions,
        stopped=machine.stopped,
        stuck=machine.stuck,
        life=machine.life,
        observations=machine.observations,
    )


def stream(
    workload: Workload, record: Streamed, progress: Callable[[int], None] = lambda done: None
) -> Summary:
    """Run the model, its record going its own way. Memory is for the processes alive only."""
    SimulatedMachine(workload, progress, record=record).execute()
    return record.close()


def _machine_for(workload: Workload) -> type[SimulatedMachine]:
    if workload.lifecycle is None:
        return SimulatedMachine
    from sim.lifecycle import LivingSimulation

    return LivingSimulation
