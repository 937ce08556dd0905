"""The operating system of both machines: it decides what follows from the events of an instant.

A machine collects the events of one instant of virtual time in `instant`, and calls `settle(now)`.
The system takes them in the order that the scenario language promises, asks the policy and the
allocator, and tells the machine by a few calls what to do. It has no clock: the machine sets `now`.
"""

from __future__ import annotations

from functools import cached_property

from kernel.hardware import NO_COSTS, Costs, Region
from kernel.process.control_block import Emit, Process, transition
from kernel.process.program import CPU, RELEASE, WAIT
from kernel.process.spec import ProcessSpec
from kernel.process.states import (
    AT_DEVICE,
    BLOCKED,
    DEAD,
    NEW,
    ON_CORE,
    READY,
    RUNNING,
    SUSPENDED,
    UNBORN,
    State,
    tag,
)
from kernel.scheduling.conventions import COMPLETED_IO, DRAWS
from kernel.system import lone_expiry
from kernel.system.devices import ServerChanges, make_devices
from kernel.system.dispatcher import Dispatcher
from kernel.system.hardware import Hardware
from kernel.system.instant import InstantFacts
from kernel.system.memory_manager import make_memory_manager, urgency_of
from kernel.system.reviews import ReviewTimes
from kernel.workload import Workload

OVER = -9
"""In place of a step's place: the program has no further step."""

# tags of intervals that end; if they have a core or device, for number 0
_ADMITTED = tag(NEW, "admitted")
_BLOCKED = tag(RUNNING, "blocked", core=0)
_OVERDUE = tag(RUNNING, "released", core=0)
_WOKE = tag(BLOCKED, "woke", device=0)
_CONTINUED = tag(BLOCKED, "continued", device=0)
_RESUMED = tag(SUSPENDED, "resumed")
_RELEASED = tag(BLOCKED, "released")


class System:
    """The operating system of one run."""

    def __init__(
        self,
        workload: Workload,
        machine: Hardware,
        emit: Emit,
        *,
        costs: Costs = NO_COSTS,
        explain: bool = False,
    ) -> None:
        self._specs = workload.processes
        self.living = workload.arrivals  # programs that have not ended, or not arrived yet
        self.instant = InstantFacts()
        self._expiry_first = workload.scheduler.ties == "expiry-first"
        self._io_first = workload.scheduler.completed_io == COMPLETED_IO[0]
        self._draw = DRAWS[workload.scheduler.draws]
        self._machine, self._emit = machine, emit
        self._devices = make_devices(workload.devices, machine, urgency_of(workload))
        self._memory = make_memory_manager(workload, costs, machine, self, self._devices)
        self._freed = False  # memory was freed, and `admit` has not been called yet
        swaps = workload.memory is not None and workload.memory.swap is not None
        self._swapping = self._memory if swaps else None
        self.dispatcher = self._make_dispatcher(workload, emit, costs, explain)
        self._policy = self.dispatcher.policy
        self._enqueue, self._vacate = self.dispatcher.enqueue, self.dispatcher.vacate
        self._dispatch, self._tells_ran = self.dispatcher.dispatch, self.dispatcher.tells_ran
        self._server_changes = ServerChanges(workload, self._devices)
        self.reviews = ReviewTimes(self.dispatcher, self._server_changes)
        self._take_lone_expiry = None
        if self._swapping is None and lone_expiry.possible(workload, self.dispatcher, costs):
            lone = lone_expiry.LoneExpiry(self.dispatcher, machine, emit)
            self._take_lone_expiry = lone.take

    def _make_dispatcher(
        self, workload: Workload, emit: Emit, costs: Costs, explain: bool
    ) -> Dispatcher:
        return Dispatcher(workload, self._machine, emit, costs=costs, explain=explain)

    @cached_property
    def processes(self) -> list[Process]:
        """Return all processes, made at once, for a machine that has them from the start."""
        return [Process(spec) for spec in self._specs]

    def process(self, spec: ProcessSpec) -> Process:
        """Return a new process that arrives now, for a machine that makes them one by one."""
        return Process(spec)

    # -- one instant ----------------------------------------------------------------------------

    def settle(self, now: int, alone: bool = False) -> None:
        """Take all events of the instant `now` (ns), and decide what follows.

        `alone`: there is only one event, so no order has to be kept. If it is the expiry of a
        slice, the shortcut of `lone_expiry` may be taken.
        """
        self._policy.now = now
        instant = self.instant
        if not alone:
            self._take_all(now)
        elif instant.ended:
            self._end_burst(instant.ended.pop(), now)
        elif instant.completed:
            self._end_wait(instant.completed.pop(), now)
        elif instant.expired and self._take_lone_expiry is not None:
            self._take_lone_expiry(instant.expired.pop(), now)
            return
        else:
            self._take_all(now)
        if self._memory is not None:
            if self._freed:
                self._admit(now)
            if self._swapping is not None:
                self._swapping.swap(now)
        self._dispatch(now)

    def _take_all(self, now: int) -> None:
        """Take the events in the order of docs/scenario-language.md, "Order at one instant"."""
        instant = self.instant
        if instant.ended:
            self._end_bursts(now)
        if self._expiry_first and instant.expired:
            self.dispatcher.expire(instant.expired, now)
        if instant.completed and self._io_first:
            self._complete(now)
        if instant.transferred:
            self._end_transfers(now)
        if instant.timers:
            self._take_timers(now)
        if instant.overdue:
            self._abort_jobs(now)
        if instant.released:
            self._release(now)
        if instant.arrived:
            self._arrive(now)
        if instant.completed:
            self._complete(now)
        if instant.expired:
            self.dispatcher.expire(instant.expired, now)

    def next_review(self) -> int | None:
        """Return the time (ns) of the next review, if any. Called after each `settle`."""
        return self.reviews.next() if self.reviews.wanted and self.living else None

    def _take_timers(self, now: int) -> None:
        instant = self.instant
        instant.timers.clear()
        changed, copied = self._server_changes.take(now), instant.copied
        if copied and self._memory is not None:
            instant.copied = False
            self._memory.end_move(now)
        if copied or not changed or self.reviews.is_due(now):
            self.reviews.take(now, instant.expired)

    def _end_bursts(self, now: int) -> None:
        ended = self.instant.ended
        if len(ended) > 1:
            self.dispatcher.order(ended)
            ended.reverse()
        while ended:
            self._end_burst(ended.pop(), now)
        if self._freed:
            self._admit(now)

    def _end_burst(self, core: int, now: int) -> None:
        process = self._vacate(core, now)
        places, step = process.places, process.step + 1
        process.step = step
        over = step == len(places)
        if self._tells_ran:
            self.dispatcher.leave(process, "ended" if over else "blocked")
        if over:
            self._end(process, RUNNING, now)
            return
        place = places[step]
        if place == RELEASE:
            place = self._next_place(process, now)
            if place == CPU:
                self._make_ready(process, RUNNING, now, "released", _OVERDUE + core * ON_CORE)
                process.core = -1
                return
        transition(process, RUNNING, BLOCKED, now, _BLOCKED + core * ON_CORE, self._emit)
        process.core = -1
        self._wait(process, place, now)

    def _complete(self, now: int) -> None:
        completed = self.instant.completed
        if len(completed) > 1:
            if self._draw is not None:
                completed.sort(key=self._draw)
            completed.reverse()  # the I/O that began first is taken first, if no draw decides
        while completed:
            self._end_wait(completed.pop(), now)
        if self._freed:
            self._admit(now)

    def _end_wait(self, process: Process, now: int) -> None:
        places, step = process.places, process.step
        place = places[step]
        if process.late:
            process.late = False  # the I/O was over while it was suspended
        elif place != WAIT:
            self._devices[place].release()
        if process.state is SUSPENDED:
            self._delay(process, now)
            return
        process.step = process.end_of_job if process.aborted else step + 1
        why = "woke"
        following = places[process.step] if process.step < len(places) else OVER
        if following == RELEASE:
            following = self._next_place(process, now)
            why = "woke" if following == RELEASE else "released"
        if following == OVER:
            self._end(process, BLOCKED, now, place)
        elif following == CPU:
            self._make_ready(process, BLOCKED, now, why, _WOKE + place * AT_DEVICE)
        else:
            ended = _CONTINUED + place * AT_DEVICE
            transition(process, BLOCKED, BLOCKED, now, ended, self._emit)
            self._wait(process, following, now)

    def _admit(self, now: int) -> None:
        """Admit programs. All that ended at this instant have left memory."""
        self._freed = False
        assert self._memory is not None
        self._memory.admit(now)

    def _delay(self, process: Process, now: int) -> None:
        """Note that the wait of a suspended process is over: it goes on when it is resumed."""
        process.late = True
        if self._memory is not None:
            self._memory.come_back(process, now)

    def _end_transfers(self, now: int) -> None:
        """End the transfers of programs that have been swapped out or in."""
        assert self._memory is not None
        for transfer, place in self.instant.transferred:
            self._devices[place].release()
            self._memory.end_transfer(transfer, now)
        self.instant.transferred.clear()
        self._memory.admit(now)

    def _release(self, now: int) -> None:
        """Begin the next jobs of the periodic processes in `released`."""
        self.instant.released.sort(key=self._draw or (lambda process: process.index))
        for process in self.instant.released:
            if process.state is SUSPENDED:
                self._delay(process, now)
                continue
            self._begin_job(process, now)
            if process.places[process.step] == CPU:
                self._make_ready(process, BLOCKED, now, "released", _RELEASED)
            else:
                transition(process, BLOCKED, BLOCKED, now, _RELEASED, self._emit)
                self._wait(process, process.places[process.step], now)
        self.instant.released.clear()

    def _arrive(self, now: int) -> None:
        if self._draw is not None:
            self.instant.arrived.sort(key=self._draw)
        for process in self.instant.arrived:
            transition(process, UNBORN, NEW, now, _ADMITTED, self._emit)
            if process.relative_deadline is not None:
                process.deadline = process.arrival + process.relative_deadline
                if process.aborts:
                    self._machine.await_deadline(process, process.relative_deadline)
            if self._memory is not None and process.memory:
                self._memory.arrive(process, now)
            else:
                self.enter(process, None, now)
        self.instant.arrived.clear()
        if self._memory is not None:
            self._memory.begin_move(now)

    # -- the steps of a program -------------------------------------------------------------------

    def _make_ready(self, process: Process, leaves: State, now: int, why: str, ended: int) -> None:
        """Begin a burst. `ended` is the tag of the interval that ends here."""
        process.burst = process.left = process.durations[process.step]
        process.ready_since = now
        transition(process, leaves, READY, now, ended, self._emit)
        self._enqueue(process, why)

    def _wait(self, process: Process, place: int, now: int) -> None:
        """Let a blocked process wait at `place`."""
        if place == RELEASE:
            self._note_done(process)
            self._machine.await_release(process, process.next_release - now)
            return
        self._devices[place].serve(process, process.durations[process.step])

    # -- jobs --------------------------------------------------------------------------------------

    def _note_done(self, process: Process) -> None:
        """Note that the process has come to the end of a job, unless the job was dropped."""
        if not process.aborted:
            self._machine.job_done(process)

    def _begin_job(self, process: Process, now: int) -> None:
        process.begin_job()
        if process.aborts and process.deadline is not None and process.deadline > now:
            self._machine.await_deadline(process, process.deadline - now)

    def _next_place(self, process: Process, now: int) -> int:
        """Let a process that has come to the end of a job go on with those that are released.

        Return where: the place of a job's first step, RELEASE if it waits for the next job, or
        OVER. Where jobs are dropped at their deadlines, those are whose deadlines have come, too.
        """
        while process.next_release <= now:
            self._note_done(process)
            self._begin_job(process, now)
            if not (process.aborts and process.deadline is not None and process.deadline <= now):
                return process.places[process.step]
            self._drop(process, process.cpu_in_job(process.step))
            process.step = process.end_of_job
            if process.step == len(process.places):
                return OVER
        return RELEASE

    def _drop(self, process: Process, cpu: int) -> None:
        """Note that the current job is dropped with `cpu` ns of CPU time that it has not had."""
        process.aborted = True
        self._machine.job_aborted(process, cpu)

    def _abort_jobs(self, now: int) -> None:
        """Drop the jobs whose deadlines have come, unless they are done.

        I/O that was asked for goes on. A process whose core is being switched to it leaves when
        that is over.
        """
        running = [process.core for process, _ in self.instant.overdue if process.core >= 0]
        self.dispatcher.charge_all(now, (*running, *self.instant.expired))
        draw = self._draw or (lambda process: process.index)
        self.instant.overdue.sort(key=lambda due: draw(due[0]))
        for process, job in self.instant.overdue:
            if process.job != job or process.aborted:
                continue
            if process.state is RUNNING and process.charged_at > now:
                self._machine.await_deadline(process, process.charged_at - now)
            elif process.state in (READY, RUNNING):
                self._abort_job(process, now)
            elif process.state is BLOCKED and process.places[process.step] != RELEASE:
                self._drop(process, process.cpu_in_job(process.step + 1))
        self.instant.overdue.clear()

    def _abort_job(self, process: Process, now: int) -> None:
        """Let a ready or running process leave its job."""
        core, was = process.core, process.state
        self.dispatcher.withdraw(process, now)
        if core in self.instant.expired:
            self.instant.expired.remove(core)
        self._drop(process, process.left + process.cpu_in_job(process.step + 1))
        process.step = process.end_of_job
        over = process.step == len(process.places)
        place = OVER if over else self._next_place(process, now)
        ended = tag(was, "aborted", core)
        if place == OVER:
            self._end(process, was, now)
        elif place == CPU:
            self._make_ready(process, was, now, "released", ended)
            process.core = -1
        else:
            transition(process, was, BLOCKED, now, ended, self._emit)
            process.core = -1
            self._wait(process, place, now)

    def _end(self, process: Process, leaves: State, now: int, place: int = WAIT) -> None:
        """End a process that is done or killed; `place`: the device that it leaves."""
        why = "killed" if process.exitcode < 0 else "ended"
        if process.aborted and leaves is not BLOCKED:
            why = "aborted"
        transition(process, leaves, DEAD, now, tag(leaves, why, process.core, place), self._emit)
        process.core = -1
        self.living -= 1
        if process.deadline is not None and not process.exitcode:
            self._note_done(process)
        self._give_back(process)
        self._machine.finished(process)

    def _give_back(self, process: Process) -> None:
        """Free the memory of a process that has ended."""
        if self._memory is not None and process.region is not None:
            self._freed |= self._memory.leave(process)

    # -- what memory asks for ---------------------------------------------------------------------

    def enter(self, process: Process, region: Region | None, now: int) -> None:
        """Let a process that has its memory begin its first step."""
        self._load(process, region)
        self._machine.admitted(process, region)
        place = process.places[0]
        if place == CPU:
            self._make_ready(process, NEW, now, "arrived", _ADMITTED)
        else:
            transition(process, NEW, BLOCKED, now, _ADMITTED, self._emit)
            self._wait(process, place, now)

    def _load(self, process: Process, region: Region | None) -> None:
        process.load(region)

    def refuse(self, process: Process, now: int) -> None:
        """Turn away a process that finds no place in memory when it arrives: it never runs."""
        transition(process, NEW, DEAD, now, tag(NEW, "ended"), self._emit)
        self.living -= 1
        self._machine.withdrawn(process, refused=True)

    def suspend(self, process: Process, now: int) -> None:
        """Suspend a process, whatever its state; its I/O goes on."""
        core, was = process.core, process.state
        device = max(process.places[process.step], WAIT) if was is BLOCKED else WAIT
        if was is not BLOCKED:
            self.dispatcher.withdraw(process, now)
        if core in self.instant.expired:
            self.instant.expired.remove(core)
        ended = tag(was, "suspended", core, device)
        transition(process, was, SUSPENDED, now, ended, self._emit)
        process.core = -1

    def resume(self, process: Process, was: State, now: int) -> None:
        """Let a suspended process go on in the state that it `was` in (ready, if it ran)."""
        if was is not BLOCKED:
            process.ready_since = now
            transition(process, SUSPENDED, READY, now, _RESUMED, self._emit)
            self._enqueue(process, "woke")
            return
        transition(process, SUSPENDED, BLOCKED, now, _RESUMED, self._emit)
        if not process.late:
            return
        if process.places[process.step] == RELEASE:
            process.late = False
            self.instant.released.append(process)  # released jobs are taken next at this instant
        else:
            self._end_wait(process, now)
            if self._freed:
                self._admit(now)
