"""Which differences of the schedules noise may have caused.

A difference is excused only by noise that was measured before it, and that is large enough to have
made the two events change places. All differences after the first excused one may follow from it,
and are excused too.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from timeline.comparison.causes.noise import Lateness
from timeline.comparison.criteria import Criterion
from timeline.number_formats import duration
from timeline.record.sorted_run import SortedRun
from translation import recorded


@dataclass(slots=True)
class Excuses:
    """Decides which differences are excused. It must be asked about them one after the other."""

    sorted_runs: tuple[SortedRun, SortedRun]
    lateness: list[Lateness] = field(init=False)
    parted_at: int | None = None  # ns of the second run: later differences follow from this one
    by_noise: bool = False  # whether noise excused a difference

    def __post_init__(self) -> None:
        self.lateness = [
            Lateness(sorted_run) for sorted_run in self.sorted_runs if not sorted_run.simulated
        ]

    def noise_before(self, at: int) -> int:
        """Return the ns of noise in the real runs up to `at` (ns)."""
        return sum(each.before(at) for each in self.lateness)

    def parts(self, at: int | None) -> None:
        """Note that from `at` (ns) on the runs may differ without a mistake of the model."""
        if at is not None and (self.parted_at is None or at < self.parted_at):
            self.parted_at = at

    def excuse(self, at: int | None, needed: int | None, drift: int = 0) -> str | None:
        """Return in words why a difference at `at` (ns) is excused; None: nothing excuses it.

        The two events change places if they are moved by `needed` ns; None: they never do. The
        noise before `at` must be at least that. Noise and the machine's price must together be at
        least `drift` (ns).
        """
        if at is not None and self.parted_at is not None and at >= self.parted_at:
            return recorded("which follows from the difference before it")
        if at is None or needed is None:
            return None
        noise = self.noise_before(at)
        price = sum(each.price_before(at) for each in self.lateness)
        if not noise or noise < needed or noise + price < drift:
            return None
        self.parts(at)
        self.by_noise = True
        return recorded(
            "after {noise} of noise, of which {needed} are enough to cause the difference",
            noise=duration(noise),
            needed=duration(needed),
        )

    def judge(
        self, criterion: Criterion, at: int | None, needed: int | None, drift: int = 0
    ) -> Criterion:
        """Return this criterion, which does not hold; as undecided if the difference is excused."""
        excuse = self.excuse(at, needed, drift)
        if excuse is None:
            return criterion
        return replace(
            criterion, got=recorded("{got}, {excuse}", got=criterion.got, excuse=excuse), holds=None
        )
