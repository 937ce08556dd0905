"""A dispatched worker: the real process that executes one program of the scenario.

The worker runs only in its turns. It uses exactly the CPU time that its program asks for, and logs
when it saw itself run. Its I/O is a blocking read for its next turn: like any process, it runs no
code when a device completes its request, but when the scheduler gives it a core after that.
"""

from __future__ import annotations

import contextlib
import gc
import os

from kernel.process import program
from real.cells import BELL, DONE, DROPPED, PARKED, REBASED, RECEIVED, ROW, SIZE
from real.memory.accesses import MemoryAccesses
from real.memory.partition import Partition
from real.worker.assignment import Assignment
from real.worker.burst import burn, linger, warm_up
from real.worker.start import forget_signals, told_refusals


def work(assignment: Assignment) -> None:
    """Execute the program, one burst a turn, and wait until the supervisor dismisses the worker.

    If the system refuses something, the worker publishes the error, and ends with exit code 1.
    """
    cells, row = assignment.shared.cells, assignment.index * ROW
    with told_refusals(cells, row):
        assignment.guardian.join()
        forget_signals()
        gc.disable()
        partition = _prepare(assignment)
        warm_up()
        cells[row + PARKED] = 1
        _take_turns(assignment, partition)


def _take_turns(assignment: Assignment, partition: Partition | None) -> None:
    if partition is None or assignment.memory is None:
        _execute(assignment, assignment.program)
    else:
        os.read(assignment.turn, 8)  # wait until the program is admitted, or turned away
        if not assignment.shared.cells[assignment.index * ROW + SIZE]:
            return
        partition.load()
        scale = assignment.memory.scale
        accesses = MemoryAccesses(assignment.program, assignment.loaded, partition, scale)
        _execute(assignment, accesses.program, accesses)
        _leave(assignment, partition, accesses)
    os.read(assignment.turn, 8)


def _execute(
    assignment: Assignment, of: program.Program, accesses: MemoryAccesses | None = None
) -> None:
    """Compute each burst of the program `of`, one in each turn."""
    cells, row = assignment.shared.cells, assignment.index * ROW
    in_bursts = {} if accesses is None else accesses.in_bursts()
    for step, (place, duration) in enumerate(zip(of.places, of.durations, strict=True)):
        if place != program.CPU:
            continue  # the worker waits for a device by waiting for its next turn
        os.read(assignment.turn, 8)
        done = cells[row + DONE]
        if done < cells[row + DROPPED]:
            cells[row + DONE] = done + 1
            continue
        if done and done == cells[row + DROPPED]:
            cells[row + RECEIVED] = cells[row + REBASED]
        if burn(cells, row, duration, in_bursts.get(step, ()), may_be_dropped=assignment.aborts):
            os.write(assignment.bell, BELL)
            linger(cells, row, assignment.linger)


def _leave(assignment: Assignment, partition: Partition, accesses: MemoryAccesses) -> None:
    """Check the partition for the last time, and end as the program's memory steps say."""
    os.read(assignment.turn, 8)  # wait until the supervisor tells it to leave
    if not accesses.ends_on_a_core:
        partition.check()
        os.write(assignment.bell, BELL)
    if assignment.program.memory_steps:
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        accesses.end()


def _prepare(assignment: Assignment) -> Partition | None:
    """Map all of the machine's memory, inaccessible; return None if the program needs none."""
    if assignment.memory is None:
        return None
    return Partition.prepare(
        assignment.memory, assignment.shared, assignment.index, assignment.workers
    )
