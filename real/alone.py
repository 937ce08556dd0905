"""A worker that nobody dispatches: it comes at its arrival, and the kernel does the rest.

Whatever it does to watch itself must not change what it sees. Asking for its own CPU time makes
the kernel settle its account, and look whether its slice is over: so it looks at the clock, and
asks only when it has just got the core, or when its burst should be over.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic_ns, thread_time_ns
from typing import Protocol

from kernel.life import ACT, Act
from kernel.workload import CPU as CPU_STEP
from kernel.workload import RELEASE, WAIT, Program
from real import linux
from real.common import Common
from real.shared import (
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

FINISHED = RELEASED
"""Nobody takes it from its core, so nobody releases it: here it says that its program is over."""

ENDED = RELEASED
"""The same cell: its exit code, plus 1."""

TID = BASE
"""It has no partition: here it says which thread it is to the kernel."""

WAITING = SIZE
"""And here, which of its calls it is in, plus 1."""

ASLEEP = ACCESSING
"""It has no partition to access: here it says that it knows the first moment and waits for it."""

MOVED = -(1 << 40)
"""In the log, first of a pair: MOVED - processor, and then when it was first seen there."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What it must know of the run. Times in ns of the run."""

    common: Common
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

    def do(self, number: int, act: Act) -> bool:
        """Make the call. True: the program goes on."""


def live(
    program: Program,
    orders: Orders,
    turn: int,
    cells: memoryview[int],
    row: int,
    hands: Calls | None = None,
) -> Act | None:
    """Execute the program from its arrival to its end. All that it logs is absolute ns.

    Returns the call with which it ends, if it makes any.
    """
    linux.set_timer_slack(1)
    os.read(turn, 8)  # the run has its first moment
    epoch, common = orders.common.epoch, orders.common
    arrival = epoch + orders.arrival
    cells[row + ASLEEP] = 1
    _sleep(arrival + orders.lateness, orders, cells, row)
    where = linux.processor if orders.places else _nowhere
    at, jobs, ending = arrival, 0, None
    for place, duration in zip(program.places, program.durations, strict=True):
        if place == CPU_STEP:
            at = _burn(cells, row, duration, where, orders)
            continue
        if place == ACT:
            act = program.acts[duration]
            if hands is None or not hands.do(duration, act):
                ending = act
                break
            at = monotonic_ns()
            continue
        if place == RELEASE:
            jobs += 1
            at = arrival + jobs * (orders.period or 0)
        else:
            at = common.request(place, max(at, arrival), duration)
        log(cells, row, wait_of(place), at)
        if monotonic_ns() < at:
            _sleep(at, orders, cells, row)
    cells[row + ENDED] = 1 + (_code(ending) if ending else 0)
    return ending


def _code(ending: Act) -> int:
    """The exit code of a process that ends so."""
    return 1 if ending.kind == "raise" else int(ending.value or 0)


def _sleep(at: int, orders: Orders, cells: memoryview[int], row: int) -> None:
    """Sleep until `at`, absolute ns. A thread then waits until it has the interpreter lock."""
    if not orders.threaded:
        linux.sleep_until(at)
        return
    before = linux.voluntary_switches() + (monotonic_ns() < at)
    linux.sleep_until(at)
    now = monotonic_ns()
    if now - at > GAP and linux.voluntary_switches() > before:
        log(cells, row, wait_of(WAIT), now)


def _nowhere() -> int:
    return -1


def _burn(
    cells: memoryview[int],
    row: int,
    demand: int,
    where: Callable[[], int],
    orders: Orders,
) -> int:
    """Use `demand` ns of CPU time and log the stints in which it was used. Returns its end."""
    watching, threaded = orders.watching, orders.threaded
    switches = linux.voluntary_switches() if threaded else 0
    since = last = monotonic_ns()
    start_cpu = thread_time_ns()
    cpu = where()
    if cpu >= 0:
        log(cells, row, MOVED - cpu, since)
    cells[row + SINCE] = since
    received = row + RECEIVED
    before = cells[row + OPENED] = cells[received]
    missed = since - before  # clock time in which it did not run
    check = since if watching else since + demand
    while True:
        now = monotonic_ns()
        if now - last > GAP or (cpu >= 0 and where() != cpu):
            if last > since:
                log(cells, row, since, last)
            if threaded and switches != (switches := linux.voluntary_switches()):
                log(cells, row, wait_of(WAIT), now)  # it waited for the interpreter lock
            cells[row + SINCE] = since = now
            spent = thread_time_ns() - start_cpu
            cells[row + OPENED] = before + spent
            missed = now - cells[row + OPENED]
            check = now if watching else now + demand - spent
            if cpu >= 0:
                cpu = where()
                log(cells, row, MOVED - cpu, since)
        last = now
        cells[received] = now - missed
        if now >= check:
            left = start_cpu + demand - thread_time_ns()
            if left <= 0:
                break
            check = now if watching else now + left
    end = max(now, since + 1)
    cells[row + DONE_AT] = end
    cells[row + DONE] += 1
    cells[row + SINCE] = 0
    log(cells, row, since, end)
    cells[row + CPU] += demand + min(-left, GAP)
    return end


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
