"""The windows of a run that are measured: after the warm-up, up to a time, or in batches.

MSER-5 cuts a series so that the standard error of the mean of what is left is least, over batches
of five: K. P. White, An Effective Truncation Heuristic for Bias Reduction in Simulation Output,
Simulation 69 (1997) 323-334. The series is the turnaround of the processes in the order of their
arrival; of a run with few processes, the time from release to completion of the jobs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from experiments.measures.window import Window
from timeline.record.run import Run

BATCH = 5  # observations that MSER-5 takes together
FEWEST = 20  # batches of five; a shorter series has no warm-up that could be told
AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Windows:
    """Which windows of each run are measured."""

    warmup: int | str | None = None  # ns, or AUTO
    until: int | None = None  # ns
    batches: int | None = None  # equally long; None: one window

    @property
    def whole(self) -> bool:
        """Whether the whole run is measured, once."""
        return not self.warmup and self.until is None and self.batches is None

    def of(self, run: Run) -> list[Window]:
        """Return the windows of the run: one, or one for each batch."""
        if self.whole:
            return [Window.of(run)]
        begin = self.warmup
        if not isinstance(begin, int):
            begin = 0 if begin is None else warmup_of(run)
        window = Window.of(run, begin, self.until)
        if self.batches is None:
            return [window]
        cuts = [window.begin + window.span * at // self.batches for at in range(self.batches + 1)]
        return [Window(run, start, end, whole=False) for start, end in pairwise(cuts)]


def warmup_of(run: Run) -> int:
    """Return when the warm-up of a run is over by MSER-5, ns."""
    series = _series(run)
    cut = BATCH * mser(_batched([value for _, value in series]))
    return series[cut][0] if cut else 0


def _series(run: Run) -> list[tuple[int, int]]:
    """Return (begin, length) of each observation, ns, in the order of the beginnings."""
    rows = [
        (row.arrival_ns, row.turnaround_ns)
        for row in run.processes
        if row.turnaround_ns is not None
    ]
    jobs = [
        (job["release_ns"], job["completion_ns"] - job["release_ns"])
        for row in run.processes
        for job in row.jobs or ()
        if job["completion_ns"] is not None
    ]
    return sorted(rows if len(rows) >= len(jobs) else jobs)


def _batched(values: Sequence[int]) -> list[float]:
    whole = len(values) // BATCH
    return [sum(values[at * BATCH : (at + 1) * BATCH]) / BATCH for at in range(whole)]


def mser(values: Sequence[float]) -> int:
    """Return how many of the first values to cut off so that the rest has the least MSER.

    MSER(d) is the sum of squares about the mean of what is left after d values, divided by the
    square of its number. At most half of the values are cut: a least value behind that says that
    the series is too short. 0 for fewer than FEWEST values.
    """
    many = len(values)
    if many < FEWEST:
        return 0
    total = squares = 0.0
    shift = values[-1]  # numbers near 0 lose no digits in the squares
    best, cut = float("inf"), 0
    for at in range(many - 1, -1, -1):
        off = values[at] - shift
        total, squares = total + off, squares + off * off
        left = many - at
        if at > many // 2:
            continue
        found = (squares - total * total / left) / (left * left)
        if found <= best:
            best, cut = found, at
    return cut
