"""What became of a stretch of time on a core: exact, however many overheads there are."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.timeline.gantt import gantt
from timeline.comparison.causes.core_losses import FOREIGN, LATE, OUTSIDE, SWITCHING, CoreLosses
from timeline.record.run import Overhead
from timeline.record.sorted_run import SortedRun


@given(st.randoms(use_true_random=False), st.integers(0, 12))
def test_a_stretch_is_split_as_if_each_nanosecond_was_looked_at(
    draw: random.Random, many: int
) -> None:
    """Overheads of one core do not overlap."""
    ends = sorted(draw.sample(range(60), 2 * many))
    rows = [
        Overhead(draw.randrange(2), start, end, draw.choice([OUTSIDE, "switch"]))
        for start, end in zip(ends[::2], ends[1::2], strict=True)
    ]
    run = gantt("A 0")
    run = replace(run, overheads=rows)
    start, end = sorted(draw.sample(range(60), 2))
    found = CoreLosses(SortedRun(run)).between(0, start, end)

    wanted = {SWITCHING: 0, FOREIGN: 0, LATE: 0}
    for ns in range(start, end):
        there = [row for row in rows if row.core == 0 and row.start_ns <= ns < row.end_ns]
        cause = LATE if not there else FOREIGN if there[0].why == OUTSIDE else SWITCHING
        wanted[cause] += 1
    assert {cause: found.get(cause, 0) for cause in wanted} == wanted
