"""A worker: the real process that executes one program of the scenario.

It runs only when it is its turn, uses exactly the CPU time that its program asks for, and logs
when it saw itself run. Its I/O is a blocking read: like any process it runs no code when a device
completes, but when the scheduler next gives it a core.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic_ns, thread_time_ns

from kernel.process.program import CPU as CPU_STEP
from kernel.process.program import Program
from real.cells import (
    BELL,
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
    PARKED,
    RECEIVED,
    RELEASED,
    ROW,
    SINCE,
    SharedCells,
)
from real.host.guardian import Guardian
from real.memory.accesses import Access, MemoryAccesses
from real.memory.partition import Partition
from real.memory.physical import PhysicalMemory
from real.native.shared_objects import SharedObjects
from real.native.threads import ThreadAssignment, live_alone
from real.native.worker import Orders


@dataclass(frozen=True, slots=True)
class Assignment:
    """Everything a worker needs, made before the fork."""

    index: int  # its row of cells
    program: Program
    shared: SharedCells
    turn: int  # eventfd (semaphore): one count is one turn
    bell: int  # eventfd: wakes the supervisor
    guardian: Guardian
    memory: PhysicalMemory | None  # None: it needs no partition
    workers: int  # how many there are in all
    linger: int  # ns to stay on the core after a burst, so that it does not go idle
    loaded: int  # bytes of the scenario that the program asks for
    alone: Orders | None = None  # nobody dispatches it
    shared_objects: SharedObjects | None = None  # for its calls, if nobody dispatches it
    parts: tuple[ThreadAssignment, ...] = ()  # its threads


def work(assignment: Assignment) -> None:
    """Execute the program, one turn at a time, and wait for leave to exit.

    If the system refuses it something, it says what, and ends with exit code 1.
    """
    try:
        _work(assignment)
    except (OSError, MemoryError) as error:
        number = error.errno if isinstance(error, OSError) else errno.ENOMEM
        assignment.shared.cells[assignment.index * ROW + PARKED] = -(number or errno.EIO)
        os._exit(1)  # at once: sys.exit would wait for threads that were started already


def _work(assignment: Assignment) -> None:
    assignment.guardian.join()
    _forget_the_parents_signals()
    gc.disable()
    cells = assignment.shared.cells
    row = assignment.index * ROW
    partition = _prepare(assignment)
    _warm_up()
    if assignment.alone is not None:
        live_alone(assignment)
        return
    cells[row + PARKED] = 1
    program, accesses, in_bursts = assignment.program, None, {}
    if partition and assignment.memory:
        os.read(assignment.turn, 8)  # admitted
        partition.load()
        accesses = MemoryAccesses(program, assignment.loaded, partition, assignment.memory.scale)
        program, in_bursts = accesses.program, accesses.in_bursts()
    for step, (place, duration) in enumerate(zip(program.places, program.durations, strict=True)):
        if place != CPU_STEP:
            continue  # the device is at work; the wait for the next turn is the wait for it
        os.read(assignment.turn, 8)
        _burn(cells, row, duration, in_bursts.get(step, ()))
        os.write(assignment.bell, BELL)
        _linger(cells, row, assignment.linger)
    if partition and accesses:
        os.read(assignment.turn, 8)  # its program has ended
        if not accesses.ends_on_a_core:
            partition.check()
            os.write(assignment.bell, BELL)
        if assignment.program.memory_steps:
            with contextlib.suppress(PermissionError):
                os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
            accesses.end()
    os.read(assignment.turn, 8)


def _prepare(assignment: Assignment) -> Partition | None:
    """All of the machine's memory mapped, and none of it accessible yet."""
    if assignment.memory is None:
        return None
    return Partition.prepare(
        assignment.memory, assignment.shared, assignment.index, assignment.workers
    )


def _warm_up() -> None:
    """Compute a little before it counts: after a fork, the first touch of each page copies it."""
    scratch = memoryview(bytearray(8 * ROW)).cast("q")
    for _ in range(3):
        _burn(scratch, 0, 50_000)
        _linger(scratch, 0, 0)


def _forget_the_parents_signals() -> None:
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the supervisor decides when a run ends
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _burn(
    cells: memoryview[int],
    row: int,
    demand: int,
    accesses: Sequence[Access] = (),
    on_core_since: int | None = None,
) -> None:
    """Use `demand` ns of CPU time, and log the running intervals in which it was used.

    `accesses` are done on the way, in order, and their time is part of it. The first stint begins
    now, or when (absolute ns) it came to its core, if it has made a call there since.

    `thread_time_ns` settles the kernel's account of the thread and so may change the schedule: it
    is asked only when the burst could be over, and after a gap, as coming back takes CPU time that
    the clock does not show. The supervisor hears of the end first; the log can wait.
    """
    start = last = monotonic_ns()
    since = start if on_core_since is None else on_core_since
    start_cpu = thread_time_ns()
    milestones = iter((*accesses, (demand, None)))
    until, access = next(milestones)
    cells[row + SINCE] = since
    received = row + RECEIVED
    before = cells[row + OPENED] = cells[received]
    missed = start - before  # clock time in which it did not run
    check = start + until
    while True:
        now = monotonic_ns()
        if now - last > GAP:
            _log(cells, row, since, last)
            cells[row + SINCE] = since = now
            cells[row + OPENED] = before + thread_time_ns() - start_cpu
            missed = now - cells[row + OPENED]
        last = now
        cells[received] = now - missed
        if now >= check:
            cpu = thread_time_ns()
            left = start_cpu + until - cpu
            if left <= 0:
                if access is None:
                    break
                access()
                after = monotonic_ns()
                if after - now - (thread_time_ns() - cpu) <= GAP:
                    last = after  # it was busy with that, and not away
                until, access = next(milestones)
                left = 0  # it may be time for that already
            check = now + left
    end = max(now, since + 1)  # not empty, even if the burst ended right after a gap
    cells[row + DONE_AT] = end
    cells[row + DONE] += 1
    cells[row + SINCE] = 0
    _log(cells, row, since, end)
    # Two looks are a microsecond apart: more than a gap beyond the demand is not its own, but time
    # that a hypervisor took in silence, for which the kernel charges whoever was running.
    cells[row + CPU] += demand + min(-left, GAP)


def _log(cells: memoryview[int], row: int, start: int, end: int) -> None:
    logged = cells[row + LOGGED]
    if logged - cells[row + DRAINED] >= LOG:  # full: lengthen the last one, and count it
        cells[row + CELLS + 2 * ((logged - 1) % LOG) + 1] = end
        cells[row + COALESCED] += 1
    else:
        at = row + CELLS + 2 * (logged % LOG)
        cells[at] = start
        cells[at + 1] = end
        cells[row + LOGGED] = logged + 1


def _linger(cells: memoryview[int], row: int, at_most: int) -> None:
    """Keep the core awake until the next one has been sent there: waking it costs more."""
    until = cells[row + DONE_AT] + at_most
    done = cells[row + DONE]
    while cells[row + RELEASED] < done and monotonic_ns() < until:
        pass
