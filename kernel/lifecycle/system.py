"""The operating system of scenarios in which processes start, join and end each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from kernel.hardware import NO_COSTS, Costs, Region
from kernel.lifecycle.deadlock import deadlock_words, stuck_names
from kernel.lifecycle.dispatcher import LifecycleDispatcher
from kernel.lifecycle.memory_steps import fate
from kernel.lifecycle.process_tree import ProcessTree, Status
from kernel.lifecycle.semantics import GO, WAIT, Semantics
from kernel.process.calls import CALL, Call
from kernel.process.control_block import Emit, Process, transition
from kernel.process.memory_steps import Effect
from kernel.process.program import CPU, Program
from kernel.process.program import WAIT as NO_DEVICE
from kernel.process.spec import ProcessSpec
from kernel.process.states import (
    BLOCKED,
    DEAD,
    NEW,
    ON_CORE,
    RUNNING,
    SUSPENDED,
    UNBORN,
    ZOMBIE,
    State,
    tag,
)
from kernel.system.dispatcher import Dispatcher
from kernel.system.hardware import Hardware
from kernel.system.system import System
from kernel.workload import Workload

_BLOCKED = tag(RUNNING, "blocked", core=0)
_WOKE = tag(BLOCKED, "woke")
_REAPED = tag(ZOMBIE, "reaped")
_ENDED = tag(DEAD, "ended")  # never recorded: it takes no time

LATE_SIGNAL = Call("signal")
"""Not a step: the timer of one that is to be killed."""


class LifecycleHardware(Hardware, Protocol):
    """What it needs of a machine beyond what every system does."""

    def told(self, event: str, process: Process, by: str) -> None:
        """born, reaped or adopted, and by whom."""

    def comes_to(self, process: Process) -> None:
        """`process` is about to make a call, which may have consequences before it is told."""

    def says(self, process: Process, name: str, value: Any) -> None:
        """An observation that `process` makes now."""

    def make_call(self, process: Process, call: Call) -> None:
        """`process` makes this call now, and it does not wait (or ends it)."""

    def used_memory(self, process: Process, effect: Effect) -> None:
        """`process` has come to a memory step, which has this effect. `calls` follows."""

    def await_timeout(self, process: Process, call: Call, delay: int) -> None:
        """In `delay` ns (`process`, `call`) belongs into `timers`."""


class LifecycleSystem(System):
    """The operating system of processes that start, join and end each other."""

    dispatcher: LifecycleDispatcher
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
        assert workload.lifecycle is not None
        self.at_act: list[bool] = [False] * workload.cores
        """Does the slice on this core end where the process comes to a call, or ends a burst?"""
        self._hardware = machine
        super().__init__(workload, machine, emit, costs=costs, explain=explain)
        self.rules = workload.lifecycle
        names = {spec.name: spec.index for spec in workload.processes}
        serves = workload.lifecycle.start_method == "forkserver"
        self.process_tree = ProcessTree(list(names), self._tell, serves=serves)
        self.semantics = Semantics(self.process_tree, workload.lifecycle, self, names)
        self._ahead: dict[int, list[int]] = {}  # of processes with calls: see `_bursts`
        self._effects: dict[int, Mapping[int, Effect]] = {}  # of memory steps, by process and call
        self._signalled: dict[int, int] = {}  # who will die when its core has been switched to it
        self._started = {s.index for s in workload.processes if s.kinship.parent >= 0}
        start: int = getattr(costs, workload.lifecycle.start_method)
        for process, spec in zip(self.processes, workload.processes, strict=True):
            if spec.program.calls:
                self.semantics.declare(spec.index, spec.kinship.declared)
                self._execute(process, with_costs(spec.program, start))
        self._demands = dict.fromkeys(self._ahead, 0)

    def _execute(self, process: Process, program: Program) -> None:
        """That is its program."""
        process.program = program
        process.places, process.durations = program.places, program.durations
        self._ahead[process.index] = _bursts(program)

    def process(self, spec: ProcessSpec) -> Process:
        """Others may know it before it arrives."""
        return self.processes[spec.index]

    def _make_dispatcher(
        self, workload: Workload, emit: Emit, costs: Costs, explain: bool
    ) -> Dispatcher:
        return LifecycleDispatcher(workload, self, emit, costs=costs, explain=explain)

    # -- between the cores and the machine: a slice ends at the latest at the next call ------------

    def run(self, process: Process, core: int, length: int) -> None:
        """See Processors: ask the machine for so much of it as there is up to the next call."""
        beyond = self._beyond(process) if process.index in self._ahead else 0
        segment = process.left - beyond
        self.at_act[core] = process.granted >= segment
        if self.at_act[core]:
            length -= process.granted - segment
        self._hardware.run(process, core, length)

    def stop(self, process: Process, core: int) -> None:
        """See Processors."""
        self._hardware.stop(process, core)

    def spent(self, core: int, start: int, end: int, why: str) -> None:
        """See Processors."""
        self._hardware.spent(core, start, end, why)

    # -- one instant ------------------------------------------------------------------------------

    def settle(self, now: int, alone: bool = False) -> None:
        """See System. What happens makes other things happen at the same instant: never alone."""
        super().settle(now)

    def _take_timers(self, now: int) -> None:
        """See System. The timeouts of joins are timers like others."""
        timeouts = [timer for timer in self.instant.timers if timer is not None]
        if len(timeouts) < len(self.instant.timers):
            super()._take_timers(now)
        self.instant.timers.clear()
        for process, call in timeouts:
            if call is LATE_SIGNAL:
                self._strike(process.index)
            elif self.semantics.time_is_over(process.index, call):
                self.wake(process.index)
        if self._freed:
            self._admit(now)

    def next_review(self) -> int | None:
        """See System. Nobody looks again where nothing can change."""
        return None if self.deadlocked else super().next_review()

    def _end_burst(self, core: int, now: int) -> None:
        process = self.dispatcher.running[core]
        if process is None:  # it was killed at this instant
            return
        if process.index in self._ahead:
            self._come_to(process, core, now)
        else:
            super()._end_burst(core, now)

    def _come_to(self, process: Process, core: int, now: int) -> None:
        """It has run up to what comes next: calls, a device, or the end."""
        ahead = self._ahead[process.index]
        self.dispatcher.finish_segment(core, self._beyond(process), now)
        if process.places[process.step] == CPU:
            self._demands[process.index] += process.durations[process.step]
            process.step += 1
        while process.places[process.step] == CALL:
            call = process.program.calls[process.durations[process.step]]
            self._machine.comes_to(process)
            outcome = self.semantics.call(process.index, call)
            if outcome == WAIT:
                self.dispatcher.give_up(core, now, "blocked")
                transition(process, RUNNING, BLOCKED, now, _BLOCKED + core * ON_CORE, self._emit)
                process.core = -1
                return
            if outcome != GO:
                self._exit(process, core, int(outcome), now)
                return
            process.step += 1
            if call.kind == "yield":
                self._prepare(process)
                self.dispatcher.yield_core(core, now)
                return
        if process.places[process.step] != CPU:
            process.rest, process.step = process.left, process.step - 1
            super()._end_burst(core, now)
        elif not self.dispatcher.go_on(process, process.left or ahead[process.step]):
            self.instant.expired.append(core)

    def _end_wait(self, process: Process, now: int) -> None:
        if process.state not in (ZOMBIE, DEAD):
            super()._end_wait(process, now)
            return
        place = process.places[process.step]
        if place != NO_DEVICE:  # a device does not notice that nobody waits for it
            self._devices[place].release()

    def _release(self, now: int) -> None:
        self.instant.released = [p for p in self.instant.released if p.state not in (ZOMBIE, DEAD)]
        super()._release(now)

    def _arrive(self, now: int) -> None:
        for process in self.instant.arrived:
            if self.process_tree.members[process.index].status is Status.UNBORN:
                self.process_tree.arrive(process.index, dict(self.rules.variables))
        super()._arrive(now)

    def _make_ready(self, process: Process, leaves: State, now: int, why: str, ended: int) -> None:
        ahead = self._ahead.get(process.index)
        if ahead is None:
            super()._make_ready(process, leaves, now, why, ended)
            return
        self._prepare(process)
        process.ready_since = now
        transition(process, leaves, State.READY, now, ended, self._emit)
        self._enqueue(process, why)

    def _prepare(self, process: Process) -> None:
        """It will go on with its step: as far as can be known, its burst is so long."""
        computes = process.places[process.step] == CPU
        ahead = self._ahead[process.index][process.step] if computes else self._beyond(process)
        process.burst = process.left = ahead

    def _beyond(self, process: Process) -> int:
        """Return how many ns of its burst are left when its step ends."""
        if process.places[process.step] not in (CPU, CALL):
            return 0
        return self._ahead[process.index][process.step + 1]

    # -- what the calls ask for -------------------------------------------------------------------

    def begin(self, child: int) -> None:
        """See Host."""
        process = self.processes[child]
        process.arrival = process.since = self._policy.now
        self.living += 1
        self.instant.arrived.append(process)

    def wake(self, sleeper: int) -> None:
        """See Host."""
        process = self.processes[sleeper]
        self.semantics.waits.pop(sleeper, None)
        if process.state is SUSPENDED:
            self._delay(process, self._policy.now)
        else:
            self._make_ready(process, BLOCKED, self._policy.now, "woke", _WOKE)

    def await_timeout(self, who: int, delay: int) -> None:
        """See Host."""
        self._machine.await_timeout(self.processes[who], self.calls_of(who), delay)

    def calls_of(self, who: int) -> Call:
        """The call at which that process stands."""
        process = self.processes[who]
        return process.program.calls[process.durations[process.step]]

    def uses_memory(self, who: int) -> str:
        """See Host."""
        process = self.processes[who]
        effect = self._effects[who][process.durations[process.step]]
        self._machine.used_memory(process, effect)
        return effect.event

    def says(self, who: int, name: str, value: Any) -> None:
        """See Host."""
        self._machine.says(self.processes[who], name, value)

    def called(self, who: int, call: Call) -> None:
        """See Host."""
        self._machine.make_call(self.processes[who], call)

    def signal(self, victim: int, number: int) -> None:
        """See Host: it dies wherever it is, or when its core has been switched to it."""
        process, now = self.processes[victim], self._policy.now
        state = process.state
        if state is RUNNING and process.charged_at > now:
            self._signalled.setdefault(victim, number)
            self._machine.await_timeout(process, LATE_SIGNAL, process.charged_at - now)
            return
        device = NO_DEVICE
        if state in (BLOCKED, SUSPENDED) and not process.late:
            device = max(process.places[process.step], NO_DEVICE)
            if device >= 0:
                self._devices[device].withdraw(process)
        if state in (State.READY, RUNNING):
            core = process.core
            self.dispatcher.withdraw(process, now, "ended")
            for seen in (self.instant.ended, self.instant.expired):
                if core in seen:
                    seen.remove(core)
        elif state is NEW or (state is SUSPENDED and process.region is None):
            assert self._memory is not None
            self._memory.withdraw(process)
            self._freed = True
        elif state is UNBORN:  # started at this very instant
            self.instant.arrived.remove(process)
            transition(process, UNBORN, NEW, now, tag(NEW, "killed"), self._emit)
        process.exitcode = -number
        place = device if state is BLOCKED else NO_DEVICE
        self._end(process, process.state, now, place)

    def _strike(self, victim: int) -> None:
        number = self._signalled.pop(victim, None)
        if number is not None and self.process_tree.members[victim].status is Status.ALIVE:
            self.signal(victim, number)

    def demand(self, process: Process) -> int | None:
        """CPU time (ns) that its steps asked for, as far as it came; None: all of them."""
        if process.state not in (ZOMBIE, DEAD):
            return self._demands.get(process.index) if self.deadlocked else None
        if process.exitcode < 0:
            return process.cpu_used
        return self._demands.get(process.index)

    # -- ends -------------------------------------------------------------------------------------

    def _exit(self, process: Process, core: int, code: int, now: int) -> None:
        """It runs, and has come to its end."""
        self.dispatcher.give_up(core, now, "ended")
        process.exitcode = code
        self._end(process, RUNNING, now)

    def _end(self, process: Process, leaves: State, now: int, place: int = NO_DEVICE) -> None:
        super()._end(process, leaves, now, place)
        transition(process, DEAD, ZOMBIE, now, _ENDED, self._emit)
        self.process_tree.end(process.index, process.exitcode)
        self.semantics.ended(process.index)

    def _tell(self, event: str, index: int, by: int) -> None:
        process = self.processes[index]
        if event == "reaped" and process.state is ZOMBIE:
            transition(process, ZOMBIE, DEAD, self._policy.now, _REAPED, self._emit)
        self._machine.told(event, process, self.process_tree.name(by))

    def _load(self, process: Process, region: Region | None) -> None:
        super()._load(process, region)
        if region is not None and process.index in self._ahead:
            program, effects = fate(process.program, process.memory, process.limit)
            self._effects[process.index] = effects
            self._execute(process, program)

    def resume(self, process: Process, was: State, now: int) -> None:
        """See System."""
        woken = process.late and process.places[process.step] == CALL
        if woken:
            process.late = False
        super().resume(process, was, now)
        if woken:
            self.wake(process.index)

    # -- deadlock ---------------------------------------------------------------------------------

    @property
    def deadlocked(self) -> bool:
        """Will nothing ever happen any more, although somebody lives?"""
        if (
            not self.living
            or not self.dispatcher.at_rest
            or self.instant.arrived
            or self.instant.completed
        ):
            return False
        if self._memory is not None and self._memory.busy:
            return False
        waits = self.semantics.waits
        for process in self.processes:
            if process.state is UNBORN and process.index not in self._started:
                return False
            if process.state is BLOCKED or (process.state is SUSPENDED and not process.late):
                call = waits.get(process.index)
                if call is None or (call.kind == "join" and call.value is not None):
                    return False
        return True

    def deadlock(self) -> str:
        """In words: who waits for whom."""
        return deadlock_words(self.semantics, self._without_memory())

    def stuck(self) -> list[str]:
        """Those who wait for ever."""
        return stuck_names(self.semantics, self._without_memory())

    def _without_memory(self) -> list[str]:
        return [
            process.name
            for process in self.processes
            if process.state is NEW or (process.state is SUSPENDED and process.late)
        ]


def with_costs(program: Program, cost: int) -> Program:
    """The program with `cost` ns of CPU time before each start of another process."""
    if not cost:
        return program
    steps: list[tuple[int, int]] = []
    for place, duration in zip(program.places, program.durations, strict=True):
        if place == CALL and program.calls[duration].kind == "start":
            steps.append((CPU, cost))
        steps.append((place, duration))
    return Program.of(steps, program.calls)


def _bursts(program: Program) -> list[int]:
    """By step: CPU time (ns) from it to where the burst may end, at a call that may wait or I/O.

    One more entry, 0, stands for the end.
    """
    ahead = [0] * (len(program.places) + 1)
    for step in reversed(range(len(program.places))):
        place, duration = program.places[step], program.durations[step]
        if place == CPU:
            ahead[step] = duration + ahead[step + 1]
        elif place == CALL and not program.calls[duration].may_wait:
            ahead[step] = ahead[step + 1]
    return ahead
