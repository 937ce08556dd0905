"""How a dispatched worker computes: it uses exactly so much CPU time, and logs when it ran."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic_ns, thread_time_ns

from real.cells import CPU, DONE, DONE_AT, GAP, OPENED, RECEIVED, RELEASED, ROW, SINCE
from real.memory.accesses import Access
from real.worker.log import put_interval


def burn(
    cells: memoryview[int],
    row: int,
    demand: int,
    accesses: Sequence[Access] = (),
    on_core_since: int | None = None,
) -> None:
    """Use `demand` ns of CPU time, and log the running intervals in which it was used.

    `accesses` are done on the way, in order, and their time is part of it. The first interval
    begins now, or when (absolute ns) the worker came to its core, if it has made a call there
    since.

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
            put_interval(cells, row, since, last)
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
    put_interval(cells, row, since, end)
    # Two looks are a microsecond apart: more than a gap beyond the demand is not its own, but time
    # that a hypervisor took in silence, for which the kernel charges whoever was running.
    cells[row + CPU] += demand + min(-left, GAP)


def linger(cells: memoryview[int], row: int, at_most: int) -> None:
    """Keep the core awake until the next worker has been sent there: waking it costs more."""
    until = cells[row + DONE_AT] + at_most
    done = cells[row + DONE]
    while cells[row + RELEASED] < done and monotonic_ns() < until:
        pass


def warm_up() -> None:
    """Compute a little before it counts: after a fork, the first touch of each page copies it."""
    scratch = memoryview(bytearray(8 * ROW)).cast("q")
    for _ in range(3):
        burn(scratch, 0, 50_000)
        linger(scratch, 0, 0)
