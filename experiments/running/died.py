"""The error of a chunk, or another thing, whose worker is dead."""

from __future__ import annotations


class Died(Exception):  # noqa: N818 - it is a fact about a worker
    """The worker that had the chunk is dead; `for_good`: so are others that had it before."""

    def __init__(self, *, for_good: bool = False) -> None:
        super().__init__()
        self.for_good = for_good
