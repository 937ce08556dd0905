"""A worker that nobody dispatches: it comes at its arrival, and the kernel does the rest.

Whatever it does to watch itself must not change what it sees. Asking for its own CPU time makes
the kernel settle its account, and look whether its slice is over: so it looks at the clock, and
asks only when it has just got the core.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from time import monotonic_ns, thread_time_ns
from typing import Protocol

from kernel.process.calls import CALL, Call
from kernel.process.program import CPU as CPU_STEP
from kernel.process.program import RELEASE, Program
from real.cells import (
    ACCESSING,
    BASE,
    CELLS,
    COALESCED,
    CPU,
    DONE,
    DONE_AT,
    DRAINED,
    GAP,
    LOG,
    LOGGED,
    OPENED,
    RECEIVED,
    RELEASED,
    SINCE,
    SIZE,
)
from real.host import syscalls
from real.native.devices import SharedDevices

LOCK = -2
"""A place to wait at: the interpreter lock."""

ENDED = RELEASED
"""Nobody takes it from its core, so nobody releases it: when its program is over, here it says its
exit code, plus 1."""

TID = BASE
"""It has no partition: here it says which thread it is to the kernel."""

WAITING = SIZE
"""And here, which of its calls it is in, plus 1."""

ASLEEP = ACCESSING
"""It has no partition to access: here it says that it knows the first moment and waits for it."""

MOVED = -(1 << 40)
"""In the log, first of a pair: MOVED - processor, and then when it was first seen there."""

NOWHERE = -1
"""The processor of who may run on one only, and need not look."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What it must know of the run. Times in ns of the run."""

    devices: SharedDevices
    arrival: int
    period: int | None
    places: bool  # it may run on several processors: it logs where it does
    lateness: int  # ns to arrive later than those before it in the file, at one time
    watching: bool = False  # it asks for its own CPU time all the time, and is seen to
    threaded: bool = False  # it shares the interpreter lock with others


def wait_of(place: int) -> int:
    """How the wait at `place` is logged: this, and when it is over. Undone by `place_of`."""
    return -place - 4


def place_of(entry: int) -> int:
    """The place of a logged wait."""
    return -entry - 4


class Calls(Protocol):
    """How a program makes its calls."""

    def do(self, number: int, call: Call) -> bool:
        """Make the call. True: the program goes on."""


def live(
    program: Program,
    orders: Orders,
    turn: int,
    cells: memoryview[int],
    row: int,
    calls: Calls | None = None,
) -> Call | None:
    """Execute the program from its arrival to its end. All that it logs is absolute ns.

    Returns the call with which it ends, if it makes any.
    """
    syscalls.set_timer_slack(1)
    os.read(turn, 8)  # the run has its first moment
    epoch, devices = orders.devices.epoch, orders.devices
    arrival = epoch + orders.arrival
    meter = Meter(cells, row, orders)
    cells[row + ASLEEP] = 1
    meter.sleep_until(arrival, orders.lateness)
    at, jobs, ending = arrival, 0, None
    for place, duration in zip(program.places, program.durations, strict=True):
        if place == CPU_STEP:
            at = meter.burn(duration)
            continue
        if place == CALL:
            call = program.calls[duration]
            if calls is None or not calls.do(duration, call):
                ending = call
                break
            at = meter.has_called()
            continue
        if place == RELEASE:
            jobs += 1
            at = arrival + jobs * (orders.period or 0)
        else:
            at = devices.request(place, max(at, arrival), duration)
        log(cells, row, wait_of(place), at)
        if monotonic_ns() < at:
            meter.sleep_until(at)
    cells[row + ENDED] = 1 + (_code(ending) if ending else 0)
    return ending


def _code(ending: Call) -> int:
    """The exit code of a process that ends so."""
    return 1 if ending.kind == "raise" else int(ending.value or 0)


class Meter:
    """The CPU time of this worker, read off the clock: it is the clock less what was missed.

    It is asked for only when the worker has just got the core, which changes nothing. What the
    kernel bills it for getting the core back counts in its burst, as it does at each switch
    later: so it uses as much as its bursts ask for. All moments are absolute ns.
    """

    def __init__(self, cells: memoryview[int], row: int, orders: Orders) -> None:
        self._cells, self._row, self._watching = cells, row, orders.watching
        self._threaded = orders.threaded
        self._switches = 0  # of threads: its voluntary switches so far, those to be expected too
        self._where = syscalls.processor if orders.places else _nowhere
        self._cpu = NOWHERE  # the processor on which it was seen last
        self._last = monotonic_ns()  # when it was seen running last
        self._missed = self._last - thread_time_ns()  # clock time without CPU time
        self._paid = self._last - self._missed  # CPU time when its burst is over
        self._before = self._paid  # CPU time that was for no burst
        self._since = 0  # start of its stint

    def sleep_until(self, at: int, lateness: int = 0) -> None:
        """Sleep; when it is back, its next burst has begun."""
        now = monotonic_ns()
        if now - self._last > GAP:  # it has lost its core behind its burst, on its way here
            used = thread_time_ns()  # which may take it from its core, but it sleeps anyway
            now = monotonic_ns()
            self._missed = now - used
        self._last = now
        used = now - self._missed
        self._before += used - self._paid
        self._paid = used
        if self._threaded:
            self._switches = syscalls.voluntary_switches() + (self._last < at + lateness)
        syscalls.sleep_until(at + lateness)
        self._resume(at)

    def has_called(self) -> int:
        """It has made a call, which has cost it CPU time that is for no burst. Returns the time."""
        used = thread_time_ns()
        now = monotonic_ns()
        self._before += used - self._paid
        self._paid = used
        self._begin(now, now, used)
        return now

    def _resume(self, earliest: int) -> None:
        """It has just got the core, and had it no earlier than at `earliest`. A stint begins."""
        cells, row = self._cells, self._row
        used = thread_time_ns()
        now = monotonic_ns()
        unseen = used - (self._last - self._missed)  # nearly all of it to get the core
        asleep = max(0, unseen - (now - earliest))  # but not this: it was to fall asleep
        self._paid += asleep
        self._before += asleep
        unseen = min(GAP, unseen - asleep)
        since = min(now, max(earliest, self._last + 1, now - unseen))
        if (
            self._threaded
            and syscalls.voluntary_switches() > self._switches
            and since - earliest > GAP
        ):
            log(cells, row, wait_of(LOCK), since)  # it waited for the interpreter lock
        self._begin(since, now, used)

    def _begin(self, since: int, now: int, used: int) -> None:
        """A stint, of which it has seen the first moment at `now`, with so much CPU time."""
        cells, row = self._cells, self._row
        if self._threaded:
            self._switches = syscalls.voluntary_switches()
        self._since = since
        self._missed, self._last = now - used, now
        cpu = self._where()
        if cpu != self._cpu:
            log(cells, row, MOVED - cpu, since)
            self._cpu = cpu
        cells[row + OPENED] = since - self._missed - self._before

    def burn(self, demand: int) -> int:
        """Use `demand` ns of CPU time and log when it was used. Returns its end."""
        cells, row, where, cpu = self._cells, self._row, self._where, self._cpu
        received, before = row + RECEIVED, self._before
        paid = self._paid = self._paid + demand
        last, missed = self._last, self._missed
        cells[row + SINCE] = self._since
        while True:
            now = monotonic_ns()
            if now - last > GAP or (cpu >= 0 and where() != cpu):
                if last > self._since:
                    log(cells, row, self._since, last)
                self._last, self._missed = last, missed
                self._resume(last)
                cells[row + SINCE] = self._since
                now, missed, cpu = self._last, self._missed, self._cpu
            elif self._watching:
                missed = now - thread_time_ns()
            last = now
            used = now - missed
            cells[received] = used - before
            if used >= paid:
                break
        end = max(now, self._since + 1)
        self._last, self._missed = now, missed
        cells[row + DONE_AT] = end
        cells[row + DONE] += 1
        cells[row + SINCE] = 0
        log(cells, row, self._since, end)
        cells[row + CPU] = used - before
        self._since = end
        return end


def _nowhere() -> int:
    return NOWHERE


def log(cells: memoryview[int], row: int, first: int, second: int) -> None:
    """Put a pair into the log. Full: what is logged last is lost, and counted."""
    logged = cells[row + LOGGED]
    if logged - cells[row + DRAINED] >= LOG:
        cells[row + COALESCED] += 1
        return
    at = row + CELLS + 2 * (logged % LOG)
    cells[at] = first
    cells[at + 1] = second
    cells[row + LOGGED] = logged + 1
