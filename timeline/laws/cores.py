"""Laws of the cores: each has one process at a time, and its times add up."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from timeline.record.sorted_run import Breach, SortedRun, text_of


def one_process_a_core(sorted_run: SortedRun) -> Iterator[Breach]:
    """Yield processes that run on one core at the same time, for longer than the resolution.

    The resolution is the shortest gap in its own running that a real worker sees.
    """
    names = sorted_run.run.process_names
    for core, lane in enumerate(sorted_run.lanes):
        for before, row in pairwise(lane):
            overlap = min(before.end, row.end) - row.start
            if overlap > sorted_run.resolution and before.process != row.process:
                yield (
                    f"{names[before.process]} and {names[row.process]} both run on core {core} "
                    f"for {text_of(overlap)} from {text_of(row.start)}",
                    row.start,
                    names[row.process],
                    core,
                )


def cores_add_up(sorted_run: SortedRun) -> Iterator[Breach]:
    """Yield cores whose times do not add up.

    Busy + idle + overhead must be the makespan. Busy must be the sum of the running intervals.
    """
    makespan = sorted_run.run.makespan_ns
    for row, lane in zip(sorted_run.run.cores, sorted_run.lanes, strict=True):
        total = row.busy_ns + row.idle_ns + row.overhead_ns
        ran = sum(interval.end - interval.start for interval in lane)
        if total != makespan:
            yield _core_breach(row.core, "busy, idle and overhead", total, makespan)
        if row.busy_ns != ran:
            yield _core_breach(row.core, "the busy time", row.busy_ns, ran)


def not_overbooked(sorted_run: SortedRun) -> Iterator[Breach]:
    """Yield cores that are busy for longer than the run takes, so that their idle time is negative.

    Each running interval may be too long by the resolution of a real worker.
    """
    for row, lane in zip(sorted_run.run.cores, sorted_run.lanes, strict=True):
        if row.idle_ns < -sorted_run.resolution * len(lane):
            yield _core_breach(row.core, "the idle time", row.idle_ns, 0)


def _core_breach(core: int, what: str, got: int, wanted: int) -> Breach:
    got_text, wanted_text = text_of(got), text_of(wanted)
    if got_text == wanted_text:  # both are rounded, which hides the difference
        got_text, wanted_text = f"{got} ns", f"{wanted} ns"
    return f"core {core}: {what} is {got_text}, but should be {wanted_text}", 0, None, core
