"""How a dispatched worker computes a burst: it uses exactly its CPU time, and logs when it ran."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic_ns, thread_time_ns

from real.cells import CPU, DONE, DONE_AT, DROPPED, GAP, OPENED, RECEIVED, RELEASED, ROW, SINCE
from real.memory.accesses import Access
from real.worker.log import put_interval


def burn(
    cells: memoryview[int],
    row: int,
    demand: int,
    accesses: Sequence[Access] = (),
    on_core_since: int | None = None,
    *,
    may_be_dropped: bool = False,
) -> bool:
    """Use `demand` ns of CPU time, and log the running intervals in which it was used.

    Return whether the burst is finished: False if the supervisor told the worker to leave it, which
    is looked for if it `may_be_dropped`.

    `accesses` are done at their offsets, in order; their time is part of the burst. The first
    running interval begins now. If the worker made a call on its core just before, the interval
    begins at `on_core_since`, absolute ns.

    `thread_time_ns` makes the kernel update the thread's accounting, and so may change the
    schedule. It is called only when the burst could be over, and after a gap, as it takes CPU time
    to get the core back that the clock does not show. The end of the burst is published before it
    is logged.
    """
    start = last = monotonic_ns()
    since = start if on_core_since is None else on_core_since
    start_cpu = thread_time_ns()
    milestones = iter((*accesses, (demand, None)))
    until, access = next(milestones)
    cells[row + SINCE] = since
    received = row + RECEIVED
    before = cells[row + OPENED] = cells[received]
    missed = start - before  # the clock less the CPU time received
    check = start + until
    while True:
        now = monotonic_ns()
        if may_be_dropped and cells[row + DROPPED] > cells[row + DONE]:
            used, seen = thread_time_ns() - start_cpu, now if now - last <= GAP else last
            return _end(cells, row, since, seen, used, finished=False)
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
                    last = after  # the worker ran all the time, so this is no gap
                until, access = next(milestones)
                left = 0  # the next access may be due already
            check = now + left
    # Two looks at the clock are a microsecond apart. If the CPU time exceeds the demand by more
    # than GAP, the worker did not use it: a hypervisor took that time unnoticed, and the kernel
    # charges it to the running thread.
    # An interval is not empty, also if the burst ends just after a gap.
    return _end(cells, row, since, max(now, since + 1), demand + min(-left, GAP), finished=True)


def _end(
    cells: memoryview[int], row: int, since: int, end: int, used: int, *, finished: bool
) -> bool:
    """Publish the end of a burst, then log its last running interval and the CPU time `used`.

    Return whether it is `finished`.
    """
    cells[row + DONE_AT] = end
    cells[row + DONE] += 1
    cells[row + SINCE] = 0
    if end > since:
        put_interval(cells, row, since, end)
    cells[row + CPU] += used
    return finished


def linger(cells: memoryview[int], row: int, at_most: int) -> None:
    """Keep the core awake, for at most `at_most` ns, until the supervisor has seen the burst end.

    By then the next worker has been sent to the core. To wake an idle core takes longer.
    """
    until = cells[row + DONE_AT] + at_most
    done = cells[row + DONE]
    while cells[row + RELEASED] < done and monotonic_ns() < until:
        pass


def warm_up() -> None:
    """Compute a little before the run: after a fork, the first write to each page copies it."""
    scratch = memoryview(bytearray(8 * ROW)).cast("q")
    for _ in range(3):
        burn(scratch, 0, 50_000)
        linger(scratch, 0, 0)
