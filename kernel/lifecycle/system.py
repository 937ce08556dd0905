"""The operating system of scenarios in which processes start, join and end each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kernel.hardware import NO_COSTS, Costs, Region
from kernel.lifecycle.deadlock import DeadlockDetection
from kernel.lifecycle.dispatcher import leave_out
from kernel.lifecycle.hardware import LifecycleHardware
from kernel.lifecycle.memory_steps import fate
from kernel.lifecycle.names_in_use import names_in_use
from kernel.lifecycle.priority_protocols import PriorityProtocols
from kernel.lifecycle.process_tree import ProcessTree, Status
from kernel.lifecycle.segments import with_costs
from kernel.lifecycle.semantics import GO, WAIT, Semantics
from kernel.lifecycle.signalled_system import SignalledSystem
from kernel.lifecycle.signals import LateSignal
from kernel.lifecycle.sync.waiting import Wait
from kernel.lifecycle.task_flow import before_result, before_task
from kernel.process.calls import CALL, Call
from kernel.process.control_block import Emit, Process, transition
from kernel.process.memory_steps import Effect
from kernel.process.program import CPU
from kernel.process.program import WAIT as NO_DEVICE
from kernel.process.spec import ProcessSpec
from kernel.process.states import (
    BLOCKED,
    DEAD,
    ON_CORE,
    RUNNING,
    SUSPENDED,
    ZOMBIE,
    State,
    tag,
)
from kernel.workload import Workload

_BLOCKED = tag(RUNNING, "blocked", core=0)
_REAPED = tag(ZOMBIE, "reaped")
_ENDED = tag(DEAD, "ended")  # never recorded: it takes no time


class _SystemForCalls:
    """The system for the calls, see `CallEnvironment`. A process is known by its index."""

    def __init__(self, system: LifecycleSystem, machine: LifecycleHardware) -> None:
        self._system, self._machine = system, machine

    def now(self) -> int:
        return self._system.now

    def begin(self, child: int) -> None:
        self._system.begin(self._system.processes[child])

    def signal(self, victim: int, number: int) -> None:
        self._system.signals.send(self._system.processes[victim], number)

    def wake(self, sleeper: int) -> None:
        self._system.wake(self._system.processes[sleeper])

    def await_timeout(self, index: int, wait: Wait, delay: int) -> None:
        self._machine.await_timeout(self._system.processes[index], wait, delay)

    def uses_memory(self, index: int) -> str:
        process = self._system.processes[index]
        effect = self._system.effect_of(process)
        self._machine.used_memory(process, effect)
        return effect.event

    def says(self, index: int, name: str, value: Any) -> None:
        self._machine.says(self._system.processes[index], name, value)

    def called(self, index: int, call: Call) -> None:
        self._machine.make_call(self._system.processes[index], call)

    def fed(self, index: int, thread: str) -> None:
        self._machine.fed(self._system.processes[index], thread)

    def begin_task(self, index: int, number: int) -> None:
        process = self._system.processes[index]
        self._system.tasks[process] = number
        self._system.jumps[process] = before_task(process.program, number)

    def leave_task(self, index: int) -> None:
        process = self._system.processes[index]
        self._system.jumps[process] = before_result(process.program, process.step)


class LifecycleSystem(SignalledSystem):
    """The operating system of processes that start, join and end each other."""

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
        super().__init__(workload, machine, emit, costs=costs, explain=explain)
        self.rules = workload.lifecycle
        names = {spec.name: spec.index for spec in workload.processes}
        serves = workload.lifecycle.start_method == "forkserver"
        self.process_tree = ProcessTree(
            list(names), self._tell, serves=serves, named=names_in_use(workload.processes)
        )
        self.semantics = Semantics(
            self.process_tree, workload.lifecycle, _SystemForCalls(self, machine), names
        )
        self.tasks: dict[Process, int] = {}  # the number of the task that a worker was given last
        self.jumps: dict[Process, int] = {}  # the step behind which it goes on after its call
        self._effects: dict[int, Mapping[int, Effect]] = {}  # by process, and index of the call
        started = {spec.index for spec in workload.processes if spec.kinship.parent >= 0}
        self.deadlock = DeadlockDetection(self.semantics, self.processes, started)
        self.protocols: PriorityProtocols | None = None
        if workload.scheduler.policy.goes_by_priority:
            self._watch_priorities(workload)
        self._demands: dict[int, int] = {}  # ns of CPU time of the steps done, by process
        start: int = getattr(costs, workload.lifecycle.start_method)
        for process, spec in zip(self.processes, workload.processes, strict=True):
            if spec.kinship.parent < 0:
                self.semantics.hand_down(spec.index)
            if spec.program.calls:
                self.semantics.declare(spec.index, spec.kinship.declared)
                self.segments.execute(process, with_costs(spec.program, start))
                self._demands[process.index] = 0

    def _watch_priorities(self, workload: Workload) -> None:
        """Let locks with a protocol change the priorities of their holders."""
        locks = self.rules.locks
        if any(rule.protocol != "none" for rule in locks.values()):
            sign = workload.scheduler.urgency_sign
            objects = self.semantics.objects
            self.protocols = PriorityProtocols(objects.locks, locks, self.processes, sign)
            self._dispatch = self._dispatch_by_priority

    def _dispatch_by_priority(self, now: int) -> None:
        assert self.protocols is not None
        self.protocols.apply(self.dispatcher.reprioritize, self._lend)
        self.dispatcher.dispatch(now)

    def _lend(self, event: str, process: Process, lender: Process) -> None:
        self._machine.told(event, process, lender.name)

    def process(self, spec: ProcessSpec) -> Process:
        """Return the process that arrives now. It was made before the run."""
        return self.processes[spec.index]

    # -- one instant ------------------------------------------------------------------------------

    def settle(self, now: int, alone: bool = False) -> None:  # noqa: ARG002
        """See System. A call causes other events at its instant, so no event is alone."""
        super().settle(now)

    def _take_timers(self, now: int) -> None:
        """See System. Timeouts of calls and late signals are timers, too."""
        timeouts = [timer for timer in self.instant.timers if timer is not None]
        if len(timeouts) < len(self.instant.timers):
            super()._take_timers(now)
        self.instant.timers.clear()
        for process, purpose in timeouts:
            if isinstance(purpose, LateSignal):
                self.signals.act(process, purpose.number)
            elif self.semantics.time_is_over(process.index, purpose):
                self.wake(process)
        if self._freed:
            self._admit(now)

    def next_review(self) -> int | None:
        """See System. There is no review in a deadlock, in which nothing can change."""
        return None if self.deadlocked else super().next_review()

    def _end_burst(self, core: int, now: int) -> None:
        process = self.dispatcher.running[core]
        if process is None:  # it was killed at this instant
            return
        if self.segments.executes(process) or self.interruptions.is_pending(process):
            self._come_to(process, core, now)
        else:
            super()._end_burst(core, now)

    def _come_to(self, process: Process, core: int, now: int) -> None:
        """Take a process that has run up to its next step: it makes its calls until it waits."""
        if self.interruptions.is_pending(process):
            self.dispatcher.charge_all(now, (core,))
            self.interruptions.cut(process)
        else:
            self.dispatcher.finish_segment(core, self.segments.beyond(process), now)
        if process.places[process.step] == CPU:
            self._demands[process.index] += process.durations[process.step]
            process.step += 1
        self._make_calls(process, core, now)
        self.signals.deliver()

    def _make_calls(self, process: Process, core: int, now: int) -> None:
        only_looked = process.since == now and self.semantics.is_calling(process.index)
        while process.places[process.step] == CALL:
            call = process.call
            self._machine.comes_to(process)
            outcome = self.semantics.call(process.index, call)
            if outcome == WAIT:
                self._machine.waits_in_call(process, call)
                self.dispatcher.give_up(core, now, "blocked")
                emit = leave_out if only_looked else self._emit
                transition(process, RUNNING, BLOCKED, now, _BLOCKED + core * ON_CORE, emit)
                process.core = -1
                return
            if outcome != GO:
                self._exit(process, core, int(outcome), now)
                return
            only_looked = False
            if process in self.jumps:
                process.step, process.left = self.jumps.pop(process), 0
            process.step += 1
            if call.kind == "yield":
                self.segments.begin_burst(process)
                self.dispatcher.yield_core(core, now)
                return
        if process.places[process.step] != CPU:
            process.rest, process.step = process.left, process.step - 1
            super()._end_burst(core, now)
        elif not self.dispatcher.go_on(process, process.left or self.segments.from_step(process)):
            self.instant.expired.append(core)

    def _arrive(self, now: int) -> None:
        for process in self.instant.arrived:
            if self.process_tree.members[process.index].status is Status.UNBORN:
                self.process_tree.arrive(process.index, dict(self.rules.variables))
        super()._arrive(now)

    def _make_ready(self, process: Process, leaves: State, now: int, why: str, ended: int) -> None:
        if not self.segments.executes(process):
            super()._make_ready(process, leaves, now, why, ended)
            return
        self.segments.begin_burst(process)
        process.ready_since = now
        transition(process, leaves, State.READY, now, ended, self._emit)
        self._enqueue(process, why)

    # -- what the calls ask for -------------------------------------------------------------------

    def begin(self, child: Process) -> None:
        """Let `child`, which has just been started, arrive at this instant."""
        child.arrival = child.since = self._policy.now
        self.living += 1
        self.instant.arrived.append(child)

    def wake(self, sleeper: Process) -> None:
        """Let a process that waits in a call make it again."""
        self.semantics.waits.pop(sleeper.index, None)
        if sleeper.state is SUSPENDED:
            self._delay(sleeper, self._policy.now)
        else:
            self._wake(sleeper, NO_DEVICE)

    def effect_of(self, process: Process) -> Effect:
        """Return the effect of the memory step that is the process's current step."""
        return self._effects[process.index][process.durations[process.step]]

    def demand(self, process: Process) -> int | None:
        """Return the CPU time (ns) of the steps that it came to; None: of all steps."""
        if process.state not in (ZOMBIE, DEAD):
            return self._demands.get(process.index) if self.deadlocked else None
        if process.exitcode < 0 or self.interruptions.place_of(process) is not None:
            return process.cpu_used
        return self._demands.get(process.index)

    # -- ends -------------------------------------------------------------------------------------

    def _exit(self, process: Process, core: int, code: int, now: int) -> None:
        """End a running process with an exit code."""
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
        if region is not None and self.segments.executes(process):
            program, effects = fate(process.program, process.memory, process.limit)
            self._effects[process.index] = effects
            self.segments.execute(process, program)

    def resume(self, process: Process, was: State, now: int) -> None:
        """See System."""
        woken = process.late and process.places[process.step] == CALL
        if woken:
            process.late = False
        super().resume(process, was, now)
        if woken:
            self.wake(process)

    # -- deadlock ---------------------------------------------------------------------------------

    @property
    def deadlocked(self) -> bool:
        """Return whether processes live, but nothing can ever happen any more."""
        if not self.living or not self.dispatcher.at_rest:
            return False
        if self.instant.arrived or self.instant.completed:
            return False
        if self._memory is not None and self._memory.busy:
            return False
        return self.deadlock.has_come()
