"""The CPU time of a native worker, which the worker measures itself.

A worker must not change its schedule by measuring its CPU time. When a thread asks the kernel for
its CPU time, the kernel updates the thread's accounting, and looks whether its slice is over. So
the worker reads the clock. It asks for its CPU time only when it has just got the core: then the
question changes nothing.
"""

from __future__ import annotations

from time import monotonic_ns, thread_time_ns

from real.cells import CPU, GAP, OPENED, RECEIVED, SINCE
from real.host import syscalls
from real.native.log import LOCK, move_entry, wait_entry
from real.worker.log import put

FOREVER = 1 << 62
NOWHERE = -1
"""Stands for the processor of a worker that may run on one processor only, and need not look."""


class Meter:
    """The CPU time of one thread: the clock, less the time in which the thread did not run.

    CPU time that the kernel charges the thread for getting the core back counts as part of its
    burst. So the thread uses as much CPU time as its bursts ask for. All moments are absolute ns.
    """

    def __init__(
        self, cells: memoryview[int], row: int, *, moves: bool, threaded: bool, watching: bool
    ) -> None:
        """Begin at the present time. The row of the thread begins at `row` of `cells`.

        `moves`: the thread may run on several processors, and logs on which ones it does.
        `threaded`: it shares the interpreter lock with other threads. `watching`: it asks for its
        CPU time all the time.
        """
        self._cells, self._row, self._watching = cells, row, watching
        self._threaded = threaded
        self._switches = 0  # if threaded: its voluntary switches so far, with an expected one
        self._where = syscalls.processor if moves else _nowhere
        self._cpu = NOWHERE  # the processor on which it was seen last
        self._last = monotonic_ns()  # when it was seen running last
        self._missed = self._last - thread_time_ns()  # the clock less the CPU time
        self._paid = self._last - self._missed  # the CPU time at which the present burst is over
        self._before = self._paid  # CPU time that belonged to no burst
        self._since = 0  # start of the present running interval
        self.left = False  # the last burst was left before its end

    def sleep_until(self, at: int, lateness: int = 0) -> None:
        """Sleep until `at` plus `lateness` ns, and begin the next burst."""
        now = monotonic_ns()
        if now - self._last > GAP:  # the thread has lost its core since the end of its burst
            used = thread_time_ns()  # the question may cost it the core, but it sleeps anyway
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

    def end_call(self) -> int:
        """Return the time at which a call is over. The CPU time of the call belongs to no burst."""
        used = thread_time_ns()
        now = monotonic_ns()
        self._before += used - self._paid
        self._paid = used
        self._begin(now, now, used)
        return now

    def burn(self, demand: int, until: int = FOREVER) -> int:
        """Use `demand` ns of CPU time, and log when it was used. Return the end of the burst.

        At `until` the burst is left, and `left` says so: at once if the thread runs, and otherwise
        when it next does.
        """
        cells, row, where, cpu = self._cells, self._row, self._where, self._cpu
        received, before = row + RECEIVED, self._before
        paid = self._paid = self._paid + demand
        last, missed, self.left = self._last, self._missed, False
        cells[row + SINCE] = self._since
        while True:
            now = monotonic_ns()
            if now - last > GAP or (cpu >= 0 and where() != cpu):
                if last > self._since:
                    put(cells, row, self._since, last)
                self._last, self._missed = last, missed
                self._resume(last)
                cells[row + SINCE] = self._since
                now, missed, cpu = self._last, self._missed, self._cpu
            elif self._watching:
                missed = now - thread_time_ns()
            last = now
            used = now - missed
            cells[received] = used - before
            if now > until:
                self.left, self._paid = True, used
                break
            if used >= paid:
                break
        end = max(now, self._since + 1)
        self._last, self._missed = now, missed
        cells[row + SINCE] = 0
        put(cells, row, self._since, end)
        cells[row + CPU] = used - before
        self._since = end
        return end

    def _resume(self, earliest: int) -> None:
        """Begin a running interval, not before `earliest`: the thread has just got the core.

        If a thread had to wait for the interpreter lock, it logs that wait.
        """
        used = thread_time_ns()
        now = monotonic_ns()
        unseen = used - (self._last - self._missed)  # CPU time since then, mostly to get the core
        asleep = max(0, unseen - (now - earliest))  # the part of it that was used to fall asleep
        self._paid += asleep
        self._before += asleep
        unseen = min(GAP, unseen - asleep)
        since = min(now, max(earliest, self._last + 1, now - unseen))
        if (
            self._threaded
            and syscalls.voluntary_switches() > self._switches
            and since - earliest > GAP
        ):
            put(self._cells, self._row, wait_entry(LOCK), since)
        self._begin(since, now, used)

    def _begin(self, since: int, now: int, used: int) -> None:
        """Begin a running interval at `since`. At `now` its CPU time was `used` ns."""
        cells, row = self._cells, self._row
        if self._threaded:
            self._switches = syscalls.voluntary_switches()
        self._since = since
        self._missed, self._last = now - used, now
        cpu = self._where()
        if cpu != self._cpu:
            put(cells, row, move_entry(cpu), since)
            self._cpu = cpu
        cells[row + OPENED] = since - self._missed - self._before


def _nowhere() -> int:
    return NOWHERE
