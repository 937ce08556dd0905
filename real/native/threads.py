"""A process that nobody dispatches, from its place at the start to its end: all of its threads."""

from __future__ import annotations

import errno
import os
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kernel.lifecycle.gil import SWITCH_INTERVAL
from kernel.process.program import Program
from real.cells import BELL, PARKED, ROW
from real.native.calls import NativeCalls, end_by
from real.native.worker import TID, Orders, live

if TYPE_CHECKING:
    from real.worker.process import Assignment


@dataclass(frozen=True, slots=True)
class ThreadAssignment:
    """What a thread needs, made before the fork: its row of cells, and what it executes."""

    index: int
    name: str
    program: Program
    turn: int  # eventfd
    orders: Orders


def live_alone(assignment: Assignment) -> None:
    """Execute the program, with its threads beside it, and wait for leave to exit.

    The threads are there before the run, like processes, and come when their process arrives. It
    ends when it has joined them.
    """
    assert assignment.alone is not None
    cells, row, shared_objects = (
        assignment.shared.cells,
        assignment.index * ROW,
        assignment.shared_objects,
    )
    calls = (
        None
        if shared_objects is None
        else NativeCalls(shared_objects, assignment.index, cells, row)
    )
    if assignment.parts and calls is not None:
        sys.setswitchinterval(SWITCH_INTERVAL / 1e9)
        calls.threads = [_begin(assignment, part) for part in assignment.parts]
    cells[row + TID] = threading.get_native_id()
    cells[row + PARKED] = 1
    ending = live(assignment.program, assignment.alone, assignment.turn, cells, row, calls)
    os.write(assignment.bell, BELL)
    os.read(assignment.turn, 8)
    if ending is not None:
        end_by(ending)


def _begin(assignment: Assignment, part: ThreadAssignment) -> threading.Thread:
    """A thread that waits for the start of the run."""
    parked = threading.Event()
    thread = threading.Thread(target=_thread, args=(assignment, part, parked), name=part.name)
    try:
        thread.start()
    except RuntimeError:  # Python does not say why; the system has no other reason to refuse it
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from None
    parked.wait()
    return thread


def _thread(assignment: Assignment, part: ThreadAssignment, parked: threading.Event) -> None:
    assert assignment.shared_objects is not None
    cells, row = assignment.shared.cells, part.index * ROW
    cells[row + TID] = threading.get_native_id()
    parked.set()
    calls = NativeCalls(assignment.shared_objects, part.index, cells, row)
    live(part.program, part.orders, part.turn, cells, row, calls)
