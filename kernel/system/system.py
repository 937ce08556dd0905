"""The operating system of both machines: the books of every process, and the order of decisions.

A machine collects what happens at one instant of book time in the lists `ended`, `completed`,
`released`, `arrived` and `expired`, and calls `settle(now)`. The system takes them in the order
that the scenario language promises, asks the policy and the allocator, and tells the machine by a
few calls what follows. It knows no clock: `now` is whatever the machine says.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Protocol

from kernel.errors import PolicyError
from kernel.hardware import Costs, Region
from kernel.memory import Transfer
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
from kernel.system.devices import DeviceQueue, Request
from kernel.system.dispatcher import FREE, Dispatcher, Processors
from kernel.system.memory_manager import MainMemory, MemoryManager
from kernel.workload import Workload

# tags of intervals that end, at core or device 0 where they have one
_ADMITTED = tag(NEW, "admitted")
_BLOCKED = tag(RUNNING, "blocked", core=0)
_OVERDUE = tag(RUNNING, "released", core=0)
_WOKE = tag(BLOCKED, "woke", device=0)
_CONTINUED = tag(BLOCKED, "continued", device=0)
_RESUMED = tag(SUSPENDED, "resumed")
_RELEASED = tag(BLOCKED, "released")


Timer = tuple[Process, Any] | None
"""None: somebody wants to look again, or a move is over. Else whose timer it is, and for what."""


class Hardware(Processors, MainMemory, Protocol):
    """What the system needs of a machine. All calls come from within `settle`."""

    def serve(self, process: Process, place: int, duration: int) -> None:
        """Its I/O of `duration` ns at `place` starts now (device index, or WAIT: no queue)."""

    def await_release(self, process: Process, delay: int) -> None:
        """Its next job is due in `delay` ns: then it belongs into `released`."""

    def job_done(self, process: Process) -> None:
        """It has completed a job that has a deadline."""

    def admitted(self, process: Process, region: Region | None) -> None:
        """`process` is in memory from now on (None: memory is not modelled for it)."""

    def transfer(self, transfer: Transfer, place: int, duration: int) -> None:
        """It starts now at device `place`; in `duration` ns both belong into `transferred`."""

    def finished(self, process: Process) -> None:
        """`process` has done its last step, or was ended by it: see its `exitcode`."""


class System:
    """Books and decisions. One object per run."""

    def __init__(
        self,
        workload: Workload,
        machine: Hardware,
        emit: Emit,
        *,
        costs: Costs = FREE,
        explain: bool = False,
    ) -> None:
        self._specs = workload.processes
        self.living = workload.arrivals  # programs that are to come, or have not ended

        # what the machine saw at this instant, for `settle` to take
        self.ended: list[int] = []  # cores whose burst has ended
        self.completed: list[Process] = []  # whose I/O is over, in the order it was started
        self.transferred: list[tuple[Transfer, int]] = []  # which are over, and on which device
        self.timers: list[Timer] = []  # that are due
        self.copied = False  # the partition being moved is where it shall be; a timer, too
        self.released: list[Process] = []  # whose next job is due, in file order
        self.arrived: list[Process] = []  # in file order
        self.expired: list[int] = []  # cores whose slice is over before the burst

        self._machine, self._serve = machine, machine.serve
        self._emit = emit
        self._devices = [DeviceQueue(spec.units) for spec in workload.devices]
        self._memory = None
        memory = workload.memory
        if memory is not None:
            sign = -1 if workload.scheduler.parameters.get("highest") == "large" else 1
            self._memory = MemoryManager(memory, costs, machine, self, lambda p: sign * p.priority)
        self._swapping = self._memory if memory is not None and memory.swap is not None else None
        self._room = False  # memory was freed, and the line has not been tried yet
        self._expiry_first = workload.scheduler.ties == "expiry-first"
        self.dispatcher = self._make_dispatcher(workload, emit, costs, explain)
        self._policy = self.dispatcher.policy
        self._enqueue, self._expire = self.dispatcher.enqueue, self.dispatcher.expire
        self._vacate, self._dispatch = self.dispatcher.vacate, self.dispatcher.dispatch
        self._told = self.dispatcher.told
        self._turn = (
            self.dispatcher.turn if self.dispatcher.can_turn and self._swapping is None else None
        )
        self.reviews = self.dispatcher.reviews or (self.dispatcher.preempts and not costs.nothing)
        self.reviews_vary = not self._policy.reviews_stand or not costs.nothing
        self._review_at: int | None = None  # ns, what the policy said last

    @cached_property
    def processes(self) -> list[Process]:
        """All of them, for a machine that has them from the start. They are made at once."""
        return [Process(spec) for spec in self._specs]

    def process(self, spec: ProcessSpec) -> Process:
        """The one that arrives now, for a machine that has them one by one."""
        return Process(spec)

    def _make_dispatcher(
        self, workload: Workload, emit: Emit, costs: Costs, explain: bool
    ) -> Dispatcher:
        return Dispatcher(workload, self._machine, emit, costs=costs, explain=explain)

    # -- one instant ----------------------------------------------------------------------------

    def settle(self, now: int, alone: bool = False) -> None:
        """Take all that happened at `now` (ns), in order, and decide what follows.

        `alone`: it is but one thing, so there is no order to be kept. So it is nearly always.
        """
        self._policy.now = now
        if not alone:
            self._take_all(now)
        elif self.ended:
            self._end_burst(self.ended.pop(), now)
        elif self.completed:
            self._end_wait(self.completed.pop(), now)
        elif self.expired and self._turn is not None:
            self._turn(self.expired.pop(), now)
            return
        else:
            self._take_all(now)
        if self._memory is not None:
            if self._room:
                self._let_in(now)
            if self._swapping is not None:
                self._swapping.swap(now)
        self._dispatch(now)

    def _take_all(self, now: int) -> None:
        if self.ended:
            self._end_bursts(now)
        if self._expiry_first and self.expired:
            self._expire(self.expired, now)
        if self.completed:
            self._complete(now)
        if self.transferred:
            self._end_transfers(now)
        if self.timers:
            self._look_again(now)
        if self.released:
            self._release(now)
        if self.arrived:
            self._arrive(now)
        if self.expired:
            self._expire(self.expired, now)

    def next_review(self) -> int | None:
        """When (ns) to look again, if ever. Asked after each `settle`."""
        if not self.reviews or not self.living:
            return None
        if self.dispatcher.reviews:
            at, now = self._policy.next_review(), self._policy.now
            if at is not None and not (isinstance(at, int) and at > now):
                raise PolicyError(
                    f"next_review() named {at!r} at {now} ns; it must be a whole number of ns "
                    "later than now, or None"
                )
            self._review_at = at
        at, recheck_at = self._review_at, self.dispatcher.recheck_at
        return at if recheck_at is None or (at is not None and at < recheck_at) else recheck_at

    def _look_again(self, now: int) -> None:
        self.timers.clear()
        dispatcher = self.dispatcher
        if self.copied and self._memory is not None:
            self.copied = False
            self._memory.end_move(now)
        if dispatcher.recheck_at is not None and dispatcher.recheck_at <= now:
            dispatcher.recheck_at = None
        if self._review_at is not None and self._review_at <= now:
            dispatcher.review(now, self.expired)
        dispatcher.contested = dispatcher.preempts

    def _end_bursts(self, now: int) -> None:
        ended = sorted(self.ended)
        self.ended.clear()
        for core in ended:
            self._end_burst(core, now)
        if self._room:
            self._let_in(now)

    def _end_burst(self, core: int, now: int) -> None:
        process = self._vacate(core, now)
        places, step = process.places, process.step + 1
        process.step = step
        over = step == len(places)
        if self._told:
            self.dispatcher.leave(process, "ended" if over else "blocked")
        if over:
            self._end(process, RUNNING, now)
            return
        place = places[step]
        if place == RELEASE and self._next_job_is_due(process, now):
            self._begin_job(process)
            place = places[process.step]
            if place == CPU:
                self._make_ready(process, RUNNING, now, "released", _OVERDUE + core * ON_CORE)
                process.core = -1
                return
        transition(process, RUNNING, BLOCKED, now, _BLOCKED + core * ON_CORE, self._emit)
        process.core = -1
        self._wait(process, place, now)

    def _complete(self, now: int) -> None:
        completed = self.completed.copy()
        self.completed.clear()
        for process in completed:
            self._end_wait(process, now)
        if self._room:
            self._let_in(now)

    def _end_wait(self, process: Process, now: int) -> None:
        places, step = process.places, process.step
        place = places[step]
        if process.late:
            process.late = False  # it was over while the process was suspended
        elif place != WAIT:
            self._free_device(place)
        if process.state is SUSPENDED:
            self._delay(process, now)
            return
        step += 1
        process.step = step
        if step == len(places):
            self._end(process, BLOCKED, now, place)
            return
        why, following = "woke", places[step]
        if following == RELEASE and self._next_job_is_due(process, now):
            self._begin_job(process)
            why, following = "released", places[process.step]
        if following == CPU:
            self._make_ready(process, BLOCKED, now, why, _WOKE + place * AT_DEVICE)
        else:
            ended = _CONTINUED + place * AT_DEVICE
            transition(process, BLOCKED, BLOCKED, now, ended, self._emit)
            self._wait(process, following, now)

    def _let_in(self, now: int) -> None:
        """Programs have ended, and left memory: all of an instant, before the line is tried."""
        self._room = False
        assert self._memory is not None
        self._memory.admit(now)

    def _free_device(self, place: int) -> None:
        following = self._devices[place].release()
        if following is not None:
            self._start(following[0], place, following[1])

    def _start(self, request: Request, place: int, duration: int) -> None:
        if isinstance(request, Transfer):
            self._machine.transfer(request, place, duration)
        else:
            self._serve(request, place, duration)

    def _delay(self, process: Process, now: int) -> None:
        """It could go on, but is suspended: it does so when it is resumed."""
        process.late = True
        if self._memory is not None:
            self._memory.come_back(process, now)

    def _end_transfers(self, now: int) -> None:
        """Programs have been swapped out or in."""
        assert self._memory is not None
        for transfer, place in self.transferred:
            self._free_device(place)
            self._memory.end_transfer(transfer, now)
        self.transferred.clear()
        self._memory.admit(now)

    def _release(self, now: int) -> None:
        """The next jobs of periodic processes that have been waiting for them."""
        self.released.sort(key=lambda process: process.index)
        for process in self.released:
            if process.state is SUSPENDED:
                self._delay(process, now)
                continue
            self._begin_job(process)
            if process.places[process.step] == CPU:
                self._make_ready(process, BLOCKED, now, "released", _RELEASED)
            else:
                transition(process, BLOCKED, BLOCKED, now, _RELEASED, self._emit)
                self._wait(process, process.places[process.step], now)
        self.released.clear()

    def _arrive(self, now: int) -> None:
        for process in self.arrived:
            transition(process, UNBORN, NEW, now, _ADMITTED, self._emit)
            if process.relative_deadline is not None:
                process.deadline = process.arrival + process.relative_deadline
            if self._memory is not None and process.memory:
                self._memory.arrive(process, now)
            else:
                self.enter(process, None, now)
        self.arrived.clear()
        if self._memory is not None:
            self._memory.begin_move(now)

    # -- steps of a life ------------------------------------------------------------------------

    def _make_ready(self, process: Process, leaves: State, now: int, why: str, ended: int) -> None:
        """`ended` is the tag of the interval that ends here."""
        process.burst = process.left = process.durations[process.step]
        process.ready_since = now
        transition(process, leaves, READY, now, ended, self._emit)
        self._enqueue(process, why)

    def _wait(self, process: Process, place: int, now: int) -> None:
        """It is blocked, and starts to wait at `place`."""
        if place == RELEASE:
            self._machine.job_done(process)
            self._machine.await_release(process, _next_release(process) - now)
            return
        duration = process.durations[process.step]
        if place == WAIT or self._devices[place].request(process, duration):
            self._serve(process, place, duration)

    def _next_job_is_due(self, process: Process, now: int) -> bool:
        """It has just completed a job, and the next one has been released meanwhile."""
        if _next_release(process) > now:
            return False
        self._machine.job_done(process)
        return True

    def _begin_job(self, process: Process) -> None:
        """From the wait for a release, at which it stands, to the first step of the job."""
        process.step += 1
        process.job += 1
        if process.deadline is not None and process.period is not None:
            process.deadline += process.period

    def _end(self, process: Process, leaves: State, now: int, place: int = WAIT) -> None:
        """The program is done, or dead; `place`: the device it leaves."""
        why = "killed" if process.exitcode < 0 else "ended"
        transition(process, leaves, DEAD, now, tag(leaves, why, process.core, place), self._emit)
        process.core = -1
        self.living -= 1
        if process.deadline is not None and not process.exitcode:
            self._machine.job_done(process)
        if self._memory is not None and process.region is not None:
            self._room |= self._memory.leave(process)
        self._machine.finished(process)

    # -- what memory asks for ---------------------------------------------------------------------

    def enter(self, process: Process, region: Region | None, now: int) -> None:
        """It has its memory and starts its first step."""
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

    def suspend(self, process: Process, now: int) -> None:
        """It stands still, whatever it was; its I/O goes on."""
        core, was = process.core, process.state
        device = max(process.places[process.step], WAIT) if was is BLOCKED else WAIT
        if was is not BLOCKED:
            self.dispatcher.withdraw(process, now)
        if core in self.expired:
            self.expired.remove(core)
        ended = tag(was, "suspended", core, device)
        transition(process, was, SUSPENDED, now, ended, self._emit)
        process.core = -1

    def resume(self, process: Process, was: State, now: int) -> None:
        """It goes on as what it `was` (ready, if it ran)."""
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
            self.released.append(process)  # the next in the order of this instant
        else:
            self.completed.append(process)
            self._complete(now)

    def use(self, place: int, request: Request, duration: int) -> None:
        """Ask device `place` for `duration` ns of service."""
        if self._devices[place].request(request, duration):
            self._start(request, place, duration)


def _next_release(process: Process) -> int:
    """When the job after the current one is released, ns."""
    assert process.period is not None
    return process.arrival + (process.job + 1) * process.period
