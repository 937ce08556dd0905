"""The operating system of both machines: the books of every process, and the order of decisions.

A machine collects what happens at one instant of book time in the lists `ended`, `completed`,
`arrived` and `expired`, and calls `settle(now)`. The system takes them in the order that the
scenario language promises, asks the policy and the allocator, and tells the machine through five
calls what follows. It knows no clock: `now` is whatever the machine says.
"""

from __future__ import annotations

import heapq
import random
from typing import Protocol

from kernel.devices import Device
from kernel.errors import PolicyError
from kernel.memory import Admission, FixedPartitions, Region
from kernel.process import (
    AT_DEVICE,
    BLOCKED,
    DEAD,
    NEW,
    ON_CORE,
    READY,
    RUNNING,
    UNBORN,
    Emit,
    Process,
    State,
    tag,
    transition,
)
from kernel.scheduling.blame import blaming
from kernel.scheduling.policy import Policy
from kernel.workload import CPU, WAIT, Workload

# tags of intervals that end, at core or device 0 where they have one
_ADMITTED = tag(NEW, "admitted")
_DISPATCHED = tag(READY, "dispatched")
_BLOCKED = tag(RUNNING, "blocked", core=0)
_LOST = {why: tag(RUNNING, why, core=0) for why in ("expired", "preempted")}
_WOKE = tag(BLOCKED, "woke", device=0)
_CONTINUED = tag(BLOCKED, "continued", device=0)


class Machine(Protocol):
    """What the system needs of a machine. All calls come from within `settle`."""

    def run(self, process: Process, core: int, length: int) -> None:
        """`process` has `core` for `length` ns from now; then its burst has ended or it expired.

        Called again for the process that is already there when its slice is extended.
        """

    def stop(self, process: Process, core: int) -> None:
        """`process` loses `core` against its will. A `run` of another may follow or precede."""

    def serve(self, process: Process, place: int, duration: int) -> None:
        """Its I/O of `duration` ns at `place` starts now (device index, or WAIT: no queue)."""

    def admitted(self, process: Process, region: Region | None) -> None:
        """`process` is in memory from now on (None: memory is not modelled for it)."""

    def finished(self, process: Process) -> None:
        """`process` has done its last step."""


class System:
    """Books and decisions. One object per run."""

    def __init__(self, workload: Workload, machine: Machine, emit: Emit) -> None:
        self.processes = [Process(spec) for spec in workload.processes]
        self.living = len(self.processes)  # programs that have not ended

        # what the machine saw at this instant, for `settle` to take
        self.ended: list[int] = []  # cores whose burst has ended
        self.completed: list[Process] = []  # whose I/O is over, in the order it was started
        self.arrived: list[Process] = []  # in file order
        self.expired: list[int] = []  # cores whose slice is over before the burst
        self.review_due = False

        self._run, self._stop, self._serve = machine.run, machine.stop, machine.serve
        self._admitted, self._finished = machine.admitted, machine.finished
        self._emit = emit
        self._devices = [Device(spec.units) for spec in workload.devices]
        self._admission: Admission | None = None
        if workload.memory is not None:
            fixed = FixedPartitions(workload.memory.partitions, workload.memory.fit)
            self._admission = Admission(fixed, workload.memory.admission)

        with blaming(workload.scheduler.policy):
            self.policy = workload.scheduler.build()
            self.policy.random = random.Random(workload.seed)
            self.policy.setup()
        self._expiry_first = workload.scheduler.ties == "expiry-first"
        kind = type(self.policy)
        self._told = kind.ran is not Policy.ran
        self._preempts = kind.loses is not Policy.loses
        self.reviews = kind.next_review is not Policy.next_review

        self.running: list[Process | None] = [None] * workload.cores
        self._free = list(range(workload.cores))  # a heap: the lowest free core picks first
        self._ready = 0  # ready processes, leaving ones included
        self._woken = False  # somebody became ready at this instant
        self._leaving: dict[int, tuple[Process, str]] = {}  # core: lost it, not yet replaced

    # -- one instant ----------------------------------------------------------------------------

    def settle(self, now: int) -> None:
        """Take all that happened at `now` (ns), in order, and decide what follows."""
        self.policy.now = now
        if self.ended:
            self._end_bursts(now)
        if self._expiry_first and self.expired:
            self._expire(now)
        if self.completed:
            self._complete(now)
        if self.review_due:
            self._review()
        if self.arrived:
            self._arrive(now)
        if self.expired:
            self._expire(now)
        if self._ready and (self._free or (self._woken and self._preempts)):
            self._dispatch(now)
        self._woken = False

    def next_review(self) -> int | None:
        """When (ns) the policy wants to look again, if it ever does. Asked after each `settle`."""
        if not self.reviews or not self.living:
            return None
        at, now = self.policy.next_review(), self.policy.now
        if at is not None and not (isinstance(at, int) and at > now):
            raise PolicyError(
                f"next_review() named {at!r} at {now} ns; it must be a whole number of ns "
                "later than now, or None"
            )
        return at

    def _review(self) -> None:
        self.review_due = False
        self.policy.review()
        self._woken = True

    def _end_bursts(self, now: int) -> None:
        room = False
        if len(self.ended) > 1:
            self.ended.sort()
        for core in self.ended:
            process = self._vacate(core, now)
            places = process.places
            step = process.step = process.step + 1
            over = step == len(places)
            if self._told:
                self.policy.ran(process, process.ran_for, "ended" if over else "blocked")
            if over:
                room |= self._end(process, RUNNING, now)
            else:
                transition(process, RUNNING, BLOCKED, now, _BLOCKED + core * ON_CORE, self._emit)
                process.core = -1
                self._start_io(process, places[step])
        self.ended.clear()
        if room:
            self._admit(now)

    def _complete(self, now: int) -> None:
        room = False
        for process in self.completed:
            place = process.places[process.step]
            if place != WAIT:
                following = self._devices[place].release()
                if following is not None:
                    self._serve(following[0], place, following[1])
            process.step += 1
            if process.step == len(process.places):
                room |= self._end(process, BLOCKED, now)
            elif process.places[process.step] == CPU:
                self._make_ready(process, BLOCKED, now, "woke", place)
            else:
                transition(
                    process, BLOCKED, BLOCKED, now, _CONTINUED + place * AT_DEVICE, self._emit
                )
                self._start_io(process, process.places[process.step])
        self.completed.clear()
        if room:
            self._admit(now)

    def _arrive(self, now: int) -> None:
        for process in self.arrived:
            transition(process, UNBORN, NEW, now, _ADMITTED, self._emit)
            region = None
            if self._admission is not None and process.memory:
                region = self._admission.request(process, process.memory)
                if region is None:
                    continue
            self._enter(process, region, now)
        self.arrived.clear()

    def _expire(self, now: int) -> None:
        if len(self.expired) > 1:
            self.expired.sort()
        for core in self.expired:
            self._lose(self._vacate(core, now), core, now, "expired")
        self.expired.clear()

    # -- steps of a life ------------------------------------------------------------------------

    def _enter(self, process: Process, region: Region | None, now: int) -> None:
        """It has its memory and starts its first step."""
        process.region = region
        self._admitted(process, region)
        place = process.places[0]
        if place == CPU:
            self._make_ready(process, NEW, now, "arrived", -1)
        else:
            transition(process, NEW, BLOCKED, now, _ADMITTED, self._emit)
            self._start_io(process, place)

    def _make_ready(self, process: Process, leaves: State, now: int, why: str, place: int) -> None:
        process.burst = process.left = process.durations[process.step]
        process.ready_since = now
        ended = _ADMITTED if leaves is NEW else _WOKE + place * AT_DEVICE
        transition(process, leaves, READY, now, ended, self._emit)
        self.policy.ready(process, why)
        self._ready += 1
        self._woken = True

    def _start_io(self, process: Process, place: int) -> None:
        duration = process.durations[process.step]
        if place == WAIT or self._devices[place].request(process, duration):
            self._serve(process, place, duration)

    def _end(self, process: Process, leaves: State, now: int) -> bool:
        """The program is done. True: memory was freed."""
        place = -1 if leaves is RUNNING else process.places[process.step - 1]
        transition(
            process, leaves, DEAD, now, tag(leaves, "ended", process.core, place), self._emit
        )
        process.core = -1
        self.living -= 1
        self._finished(process)
        if self._admission is None or process.region is None:
            return False
        self._admission.release(process.region)
        return True

    def _admit(self, now: int) -> None:
        assert self._admission is not None
        for process, region in self._admission.admit():
            self._enter(process, region, now)

    # -- cores ----------------------------------------------------------------------------------

    def _vacate(self, core: int, now: int) -> Process:
        """The process on `core` has used up what it was granted, and is not on it any more."""
        process = self.running[core]
        assert process is not None
        self.running[core] = None
        heapq.heappush(self._free, core)
        used = process.granted  # as in `_charge`, without the call: each slice comes through here
        process.left -= used
        process.cpu_used += used
        process.ran_for += used
        process.granted = 0
        process.charged_at = now
        return process

    def _charge(self, process: Process, used: int, now: int) -> None:
        """Put `used` ns of running into the books."""
        process.left -= used
        process.granted -= used
        process.cpu_used += used
        process.ran_for += used
        process.charged_at = now

    def _lose(self, process: Process, core: int, now: int, why: str) -> None:
        """It loses its core, unless the same core picks it again at this instant."""
        if self._told:
            self.policy.ran(process, process.ran_for, why)
        process.ready_since = now
        self._leaving[core] = process, why
        self.policy.ready(process, why)
        self._ready += 1
        self._woken = True

    def _part(self, process: Process, core: int, now: int, why: str) -> None:
        """Now it is certain that the process which lost this core does not keep it."""
        transition(process, RUNNING, READY, now, _LOST[why] + core * ON_CORE, self._emit)
        process.core = -1
        self._stop(process, core)

    def _dispatch(self, now: int) -> None:
        """Free cores pick, the lowest index first, after who must give way has been decided."""
        free = self._free
        if self._preempts and self._woken:
            self._contend(now)
        else:
            pick = self.policy.pick
            while free and self._ready:
                core = heapq.heappop(free)
                self._assign(core, pick(core), now)
        if self._leaving:
            for core, (process, why) in self._leaving.items():
                self._part(process, core, now, why)
            self._leaving.clear()

    def _contend(self, now: int) -> None:
        """Who runs next is decided for all cores before the first of them is given away."""
        cores, picks = [], []
        while self._free and self._ready:
            cores.append(heapq.heappop(self._free))
            picks.append(self.policy.pick(cores[-1]))
            self._ready -= 1
        while self._ready:
            core = self._preempt(now)
            if core is None:
                break
            cores.append(core)
            picks.append(self.policy.pick(core))
            self._ready -= 1
        self._ready += len(picks)  # until they are assigned
        for core in cores:
            heapq.heappush(self._free, core)
        for pick in picks:
            self._assign(heapq.heappop(self._free), pick, now)

    def _preempt(self, now: int) -> int | None:
        """Take the core of the running process that must give way to the best ready, if any."""
        running = [process for process in self.running if process is not None]
        if not running:
            return None
        for process in running:  # a slice that is still running has at least 1 ns to go
            self._charge(process, min(now - process.charged_at, process.granted - 1), now)
        loser = self.policy.loses(running)
        if loser is None:
            return None
        if loser not in running:
            raise PolicyError(f"loses() named {loser!r}, which is not running")
        core = loser.core
        self.running[core] = None
        self._lose(loser, core, now, "preempted")
        return core

    def _assign(self, core: int, pick: tuple[Process, int | None] | None, now: int) -> None:
        """Give `core` to the picked process for at most so long (None: until its burst ends)."""
        try:
            process, length = pick  # type: ignore[misc]
            left = process.left
        except (TypeError, ValueError, AttributeError):
            raise PolicyError(
                f"pick() must return (process, length) while {self._ready} are ready, not {pick!r}"
            ) from None
        if length is None:
            length = left
        elif type(length) is not int or length < 1:
            raise PolicyError(
                f"pick() gave {process.name} {length!r} ns; a slice is a whole number of ns, "
                "at least 1, or None"
            )
        elif length > left:
            length = left
        lost = process.core
        if lost >= 0 and lost in self._leaving and (lost == core or lost in self._free):
            if lost != core:  # nobody else wants the core that it had
                self._free.remove(lost)
                self._free.append(core)
                heapq.heapify(self._free)
                core = lost
            del self._leaving[core]  # it keeps its core: the slice is extended
        else:
            if lost >= 0 and lost in self._leaving:
                self._part(process, lost, now, self._leaving.pop(lost)[1])
            if process.state is not READY:
                raise PolicyError(f"pick() chose {process!r}, which is not ready")
            transition(process, READY, RUNNING, now, _DISPATCHED, self._emit)
            process.core = core
        process.granted = length
        process.charged_at = now
        process.ran_for = 0
        self._ready -= 1
        self.running[core] = process
        self._run(process, core, length)
