"""What noise may have changed of what two runs decided.

A difference is excused only by noise that was measured before it, and that is large enough to have
moved the two events across each other. What differs after the first such place follows from it:
from there on the second run may rightly tell another story.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from timeline.comparison.causes.noise import Lateness
from timeline.comparison.criteria import Criterion
from timeline.number_formats import duration
from timeline.record.sorted_run import SortedRun


@dataclass(slots=True)
class Excuses:
    """What noise may have changed. It is asked about one difference after the other."""

    sorted_runs: tuple[SortedRun, SortedRun]
    lateness: list[Lateness] = field(init=False)
    parted_at: int | None = None  # ns of the second run: from here on it tells another story
    by_noise: bool = False  # noise excused a difference, and not only a near tie

    def __post_init__(self) -> None:
        self.lateness = [
            Lateness(sorted_run) for sorted_run in self.sorted_runs if not sorted_run.simulated
        ]

    def noise_before(self, at: int) -> int:
        """Return the ns of noise in the runs up to `at`."""
        return sum(each.before(at) for each in self.lateness)

    def parts(self, at: int | None) -> None:
        """Note that from `at` (ns) on the runs differ for a reason that is no mistake."""
        if at is not None and (self.parted_at is None or at < self.parted_at):
            self.parted_at = at

    def excuse(self, at: int | None, needed: int | None, drift: int = 0) -> str | None:
        """Return why a difference at `at` is no mistake of the model; None: nothing excuses it.

        `needed` ns would have moved the two events across each other; None: nothing would. The
        machine's own price may account for a part of their `drift` (ns), and noise for the rest.
        """
        if at is not None and self.parted_at is not None and at >= self.parted_at:
            return "which follows from the difference before it"
        if at is None or needed is None:
            return None
        noise = self.noise_before(at)
        price = sum(each.price_before(at) for each in self.lateness)
        if not noise or noise < needed or noise + price < drift:
            return None
        self.parts(at)
        self.by_noise = True
        return f"after {duration(noise)} of noise, where {duration(needed)} make the difference"

    def judge(
        self, criterion: Criterion, at: int | None, needed: int | None, drift: int = 0
    ) -> Criterion:
        """Return a criterion that does not hold, as undecided if there is an excuse."""
        excuse = self.excuse(at, needed, drift)
        if excuse is None:
            return criterion
        return replace(criterion, got=f"{criterion.got}, {excuse}", holds=None)
