"""How long signals, timers and wake-ups take on this machine."""

from __future__ import annotations

import mmap
import os
import select
import signal
import time
from collections.abc import Sequence

from kernel.errors import Interrupted
from kernel.units import ms
from real.calibration.measured_process import HELD_UP, MeasuredProcess, forked_on, running_on
from real.host import syscalls
from translation import tr

LOOKS = 10_000  # looks at the clock between two looks at the process


def stops(cpu: int, spare: Sequence[int]) -> list[int]:
    """Return how long it took each time (ns) until a running process on `cpu` had stopped."""
    return _signals(cpu, spare)[0]


def continues(cpu: int, spare: Sequence[int]) -> list[int]:
    """Return how long it took each time (ns) until a stopped process on `cpu` ran again."""
    return _signals(cpu, spare)[1]


def _signals(cpu: int, spare: Sequence[int], count: int = 100) -> tuple[list[int], list[int]]:
    """Return the times (ns) of stops and of continues. The caller runs on `spare` meanwhile."""
    clock = _SharedNumber()

    def spin() -> None:
        while True:
            clock.value = time.monotonic_ns()

    stopped, continued = [], []
    with running_on(spare), forked_on(cpu, spin) as pid:
        measured = MeasuredProcess(pid)
        while not clock.value:
            measured.look_closely()
            time.sleep(0.001)
        for _ in range(count):
            stopped.append(_stop(pid))
            continued.append(_continue(pid, clock, yields=not spare))
            time.sleep(0.001)
    clock.close()
    return stopped, continued


def _stop(pid: int) -> int:
    at = time.monotonic_ns()
    os.kill(pid, signal.SIGSTOP)
    state = os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    if state is None or state.si_code != os.CLD_STOPPED:
        raise Interrupted(tr(HELD_UP))
    return time.monotonic_ns() - at


def _continue(pid: int, clock: _SharedNumber, *, yields: bool) -> int:
    """Continue the process. Return how long (ns) it took until it wrote the time into `clock`.

    `yields`: the process needs the processor of the caller.
    """
    at = time.monotonic_ns()
    os.kill(pid, signal.SIGCONT)
    measured, looks = MeasuredProcess(pid), 0
    while (ran := clock.value) <= at:
        looks += 1
        if looks % LOOKS == 0:
            measured.look_closely()
        if yields:
            time.sleep(0)
    return ran - at


def timer_lateness(count: int = 100) -> list[int]:
    """Return how late (ns) each sleep ended, with the smallest timer slack."""
    syscalls.set_timer_slack(1)
    late = []
    for _ in range(count):
        at = time.monotonic_ns() + ms(1)
        syscalls.sleep_until(at)
        late.append(time.monotonic_ns() - at)
    syscalls.set_timer_slack(0)
    return late


def wake_ups(cpu: int, count: int = 100) -> list[int]:
    """Return how long it took each time (ns) from a write to an eventfd until its reader ran.

    The reader is on processor `cpu`. The caller runs on any processor.
    """
    ask, answer = os.eventfd(0), os.eventfd(0)
    awake = _SharedNumber()

    def echo() -> None:
        while True:
            os.read(ask, 8)
            awake.value = time.monotonic_ns()
            os.eventfd_write(answer, 1)

    found = []
    with forked_on(cpu, echo) as pid:
        for _ in range(count):
            time.sleep(0.001)
            at = time.monotonic_ns()
            os.eventfd_write(ask, 1)
            measured = MeasuredProcess(pid)
            while not select.select([answer], [], [], 0.25)[0]:
                measured.look_closely()
            os.read(answer, 8)
            found.append(awake.value - at)
    os.close(ask)
    os.close(answer)
    awake.close()
    return found


class _SharedNumber:
    """A number in memory that a forked process shares with its parent. It is 0 at first."""

    def __init__(self) -> None:
        self._map = mmap.mmap(-1, 8)
        self._cells = memoryview(self._map).cast("q")

    @property
    def value(self) -> int:
        return self._cells[0]

    @value.setter
    def value(self, number: int) -> None:
        self._cells[0] = number

    def close(self) -> None:
        self._cells.release()
        self._map.close()
