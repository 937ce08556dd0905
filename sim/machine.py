"""The simulated machine: it turns the system's decisions into SimPy events, one per slice.

All events of one time are collected first and settled once, see `sim.clock`. So the order at one
instant is the kernel's rule and never the order of SimPy's heap.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import simpy
from simpy.core import EmptySchedule
from simpy.events import Timeout

from kernel.hardware import Region
from kernel.memory import Transfer
from kernel.process.control_block import Process
from kernel.process.waits_for import WaitsFor
from kernel.scheduling.explain import Decisions
from kernel.scheduling.policy_errors import policy_errors_of
from kernel.system.system import System
from kernel.workload import Workload
from sim.arrivals import Arrivals
from sim.clock import Alarm, Clock, WaitOver
from sim.jobs import Jobs
from sim.reviews import Reviews
from timeline.record.recorder import Record
from timeline.record.run import LifecycleEvent, MemoryEvent, Observation, Overhead

LOOK_EVERY = 1024  # instants between looks at the record's size and at the time limit


class SimulatedMachine(Jobs):
    """Cores and devices that take exactly as long as the workload says.

    The system calls the public methods after `execute`: see `kernel.system.hardware`.
    """

    lifecycle_events: list[LifecycleEvent] | None = None
    """None: a process is born at its arrival, and reaped at its end."""
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
        self._instant = instant = system.instant
        self._ended, self._expired = instant.ended, instant.expired
        self._running = system.dispatcher.running
        self.stopped: str | None = None  # why the run ended before its programs did
        self.stuck: list[str] = []  # the processes that could not go on
        self.deadlock: list[WaitsFor] = []  # which of them waits for which
        self._clock = clock = Clock(system.settle)
        if system.reviews.wanted:
            clock.settle = Reviews(clock, system).settle
        self._arrivals = Arrivals(clock, workload, system, record)
        self._alarms = [Alarm(clock, core, self._slice_over) for core in range(workload.cores)]

    def _make_system(self, workload: Workload, explain: bool) -> System:
        emit = self.record.intervals.sink()
        return System(workload, self, emit, costs=workload.costs, explain=explain)

    @property
    def decisions(self) -> Decisions | None:
        """Return the policy's decisions with their keys; None if they are not recorded."""
        return self._system.dispatcher.decisions

    def execute(self) -> None:
        """Run until nothing more will happen: the last program has ended, or none can go on."""
        self._arrivals.await_next()
        collecting = gc.isenabled()
        gc.disable()  # a run makes no cycles; the collector takes a fifth of the time
        try:
            with policy_errors_of(self._system.dispatcher.policy_class), suppress(EmptySchedule):
                while True:
                    self._clock.advance(LOOK_EVERY)
                    self.record.flush()
                    if self.decisions is not None:
                        self.decisions.pack()
                    self._progress(self._done)
        finally:
            if collecting:
                gc.enable()

    # -- what takes time --------------------------------------------------------------------------

    def run(self, process: Process, core: int, length: int) -> None:
        """Set the core's alarm for the end of the slice, in `length` ns."""
        self._alarms[core].set(length)

    def stop(self, process: Process, core: int) -> None:
        """Do nothing: the core's alarm has rung, is set for the next process, or has no effect."""

    def serve(self, process: Process, place: int, duration: int) -> None:
        """Set a timer for the end of the I/O, in `duration` ns."""
        WaitOver(self._clock, duration, process, self._instant.completed)

    def copies(self, duration: int, core: int) -> None:
        """Set a timer for the end of a move in memory; `core` is stopped meanwhile (-1: none)."""
        if core >= 0:
            self._alarms[core].due = None
        Timeout(self._clock, duration).callbacks.append(self._copied)

    def transfer(self, transfer: Transfer, place: int, duration: int) -> None:
        """Set a timer for the end of a transfer at the swap device `place`, in `duration` ns."""
        done = Timeout(self._clock, duration, (transfer, place))
        done.callbacks.append(self._transferred)

    # -- what is only recorded --------------------------------------------------------------------

    def spent(self, core: int, start: int, end: int, why: str) -> None:
        """Record that the core belonged to no program from `start` to `end`, ns, and why."""
        self.record.overheads.append(Overhead(core, start, end, why))

    def finished(self, process: Process) -> None:
        """Record when and how the process has ended."""
        fact = self._facts[process.index]
        fact.completion, fact.exitcode = self._clock.ns, process.exitcode
        self._done += 1
        self.record.end(process.index)

    def waits(self, process: Process) -> None:
        """Record that the process waits for memory."""
        self._memory_events.append(MemoryEvent(self._clock.ns, "waits", process.name, -1, -1))

    def admitted(self, process: Process, region: Region | None) -> None:
        """Record that the process is admitted, and its place; None: memory is not modelled."""
        now = self._clock.ns
        self._facts[process.index].admitted = now
        if region is not None:
            self._facts[process.index].region = region
            self._memory_events.append(MemoryEvent(now, "placed", process.name, *region))

    def moved(self, process: Process, source: Region) -> None:
        """Record that the process was moved in memory, and its new place."""
        self._placed("moved", process)

    def swapped_out(self, process: Process, region: Region) -> None:
        """Record that the process was swapped out of `region`."""
        event = MemoryEvent(self._clock.ns, "swapped-out", process.name, *region)
        self._memory_events.append(event)

    def swapped_in(self, process: Process) -> None:
        """Record that the process is to be swapped in, and its new place."""
        self._placed("swapped-in", process)

    def freed(self, process: Process, region: Region) -> None:
        """Record that the process is dead, and that `region` is free."""
        self._memory_events.append(MemoryEvent(self._clock.ns, "freed", process.name, *region))

    def withdrawn(self, process: Process, *, refused: bool = False) -> None:
        """Record that the process is dead, and waits for memory no longer."""
        self._memory_events.append(MemoryEvent(self._clock.ns, "withdrawn", process.name, -1, -1))
        if refused:
            self._done += 1
            self.record.end(process.index)

    def _placed(self, event: str, process: Process) -> None:
        assert process.region is not None
        row = MemoryEvent(self._clock.ns, event, process.name, *process.region)
        self._memory_events.append(row)

    # -- what happens -----------------------------------------------------------------------------

    def _slice_over(self, alarm: Alarm) -> None:
        if alarm.due == self._clock.ns:  # otherwise the process was preempted meanwhile
            alarm.due = None
            core = alarm.core
            process = self._running[core]
            if process is not None:  # otherwise the core is idle since then
                (self._expired if process.rest else self._ended).append(core)

    def _copied(self, event: simpy.Event) -> None:
        self._instant.copied = True
        self._instant.timers.append(None)

    def _transferred(self, event: simpy.Event) -> None:
        transferred: Any = event.value
        self._instant.transferred.append(transferred)
