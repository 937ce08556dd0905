"""A native worker: the real process that executes one program, or several in threads.

The operating system schedules it. The worker arrives by its own timer, blocks for its I/O, makes
its calls itself, and ends by itself. `execute` executes one program from its arrival to its end.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
import threading
from dataclasses import dataclass
from time import monotonic_ns

from kernel.lifecycle.gil import SWITCH_INTERVAL
from kernel.process.calls import CALL, Call
from kernel.process.program import CPU, RELEASE, Program
from real.cells import BELL, PARKED, ROW, SharedCells
from real.host import syscalls
from real.host.guardian import Guardian
from real.native.calls import NativeCalls, exit_code_of
from real.native.cells import ASLEEP, ENDED, TID
from real.native.devices import SharedDevices
from real.native.log import DROPPED, wait_entry
from real.native.meter import FOREVER, Meter
from real.native.shared_objects import NativeSharedObjects
from real.worker.log import put
from real.worker.start import forget_signals, told_refusals


@dataclass(frozen=True, slots=True)
class ThreadAssignment:
    """What one thread executes. Times are ns of the run."""

    index: int  # of its process in the scenario, and so of its row of cells
    name: str
    program: Program
    turn: int  # eventfd: one count says that the first moment of the run is known
    arrival: int
    lateness: int  # it wakes so much after its arrival, so that threads do not all wake at once
    period: int  # 0: it is not periodic
    releases: tuple[int, ...]  # ns from its arrival, in place of a period
    deadline: int  # ns after a release, at which a job is dropped; 0: it goes on
    moves: bool  # it may run on several processors, and logs on which ones it does
    watching: bool  # it asks for its own CPU time all the time, which changes its schedule
    threaded: bool  # it shares the interpreter lock with other threads

    def release(self, job: int) -> int:
        """Return when a job is released, ns after the arrival; jobs count from 0."""
        return self.releases[job] if self.releases else job * self.period

    def deadline_of(self, release: int) -> int:
        """Return when the job that is released then (absolute ns) is dropped."""
        return release + self.deadline if self.deadline else FOREVER

    def meter(self, cells: memoryview[int], row: int) -> Meter:
        """Return a meter of the calling thread, which logs into the row that begins at `row`."""
        return Meter(cells, row, moves=self.moves, threaded=self.threaded, watching=self.watching)


@dataclass(frozen=True, slots=True)
class NativeAssignment:
    """Everything that a native worker needs, made before the fork."""

    main: ThreadAssignment  # what its first thread executes
    threads: tuple[ThreadAssignment, ...]  # what its further threads execute
    cells: SharedCells
    bell: int  # eventfd: wakes the supervisor
    guardian: Guardian
    devices: SharedDevices
    objects: NativeSharedObjects


def run_native_worker(assignment: NativeAssignment) -> None:
    """Execute the programs, wait until the supervisor allows the exit, and end by the last call.

    The threads are started before the run, as processes are, and sleep until their arrival. The
    process ends when it has joined them.
    """
    main, cells = assignment.main, assignment.cells.cells
    row = main.index * ROW
    with told_refusals(cells, row):
        assignment.guardian.join()
        forget_signals()
        gc.disable()
        _warm_up(main)
        calls = NativeCalls(assignment.objects, main.index, cells, row, _threads(assignment))
        cells[row + TID] = threading.get_native_id()
        cells[row + PARKED] = 1
        ending = execute(main, assignment.devices, cells, row, calls)
        os.write(assignment.bell, BELL)
        os.read(main.turn, 8)
    calls.end_by(ending)


def _warm_up(thread: ThreadAssignment) -> None:
    """Compute a little before the run: after a fork, the first write to each page copies it."""
    meter = thread.meter(memoryview(bytearray(8 * ROW)).cast("q"), 0)
    for _ in range(3):
        meter.burn(50_000)


def _threads(assignment: NativeAssignment) -> list[threading.Thread]:
    """Start the further threads of the process, and return them. They wait for the epoch."""
    if assignment.threads:
        sys.setswitchinterval(SWITCH_INTERVAL / 1e9)
    return [_start_thread(assignment, thread) for thread in assignment.threads]


def _start_thread(assignment: NativeAssignment, given: ThreadAssignment) -> threading.Thread:
    cells, row, parked = assignment.cells.cells, given.index * ROW, threading.Event()

    def run_thread() -> None:
        cells[row + TID] = threading.get_native_id()
        parked.set()
        calls = NativeCalls(assignment.objects, given.index, cells, row)
        calls.end_thread_by(execute(given, assignment.devices, cells, row, calls))

    thread = threading.Thread(target=run_thread, name=given.name)
    try:
        thread.start()
    except RuntimeError:  # Python does not say why, but Linux has no other reason to refuse it
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from None
    parked.wait()
    return thread


def execute(
    thread: ThreadAssignment,
    devices: SharedDevices,
    cells: memoryview[int],
    row: int,
    calls: NativeCalls,
) -> Call | None:
    """Execute a program from its arrival to its end, and log it. Return the call that ends it.

    Return None if the program ends after its last step. Logged times are absolute ns.
    """
    syscalls.set_timer_slack(1)
    os.read(thread.turn, 8)  # wait until the epoch is known
    arrival = devices.epoch + thread.arrival
    meter = thread.meter(cells, row)
    cells[row + ASLEEP] = 1
    meter.sleep_until(arrival, thread.lateness)
    program, at, jobs, ending = thread.program, arrival, 0, None
    until, dropped = thread.deadline_of(arrival), False
    for place, duration in zip(program.places, program.durations, strict=True):
        if dropped and place != RELEASE:
            continue
        if place == CPU:
            at = meter.burn(duration, until)
            dropped = meter.left
            if dropped:
                put(cells, row, wait_entry(DROPPED), at)
            continue
        if place == CALL:
            call = program.calls[duration]
            if not calls.make(duration, call):
                ending = call
                break
            at = meter.end_call()
            continue
        if place == RELEASE:
            jobs += 1
            at = arrival + thread.release(jobs)
            until = thread.deadline_of(at)
        else:
            at = devices.request(place, max(at, arrival), duration)
        put(cells, row, wait_entry(place), at)
        if monotonic_ns() < at:
            meter.sleep_until(at)
        dropped = (monotonic_ns() if place == RELEASE else at) > until
        if dropped:
            put(cells, row, wait_entry(DROPPED), at)
    cells[row + ENDED] = 1 + exit_code_of(ending)
    return ending
