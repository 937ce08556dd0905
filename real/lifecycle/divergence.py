"""A divergence: a real process did other than the lifecycle rules said."""

from __future__ import annotations

from real.supervisor.ending import Stopped
from timeline.record.run import Divergence


class Diverged(Stopped):
    """The run ends because a real process did other than the rules said."""

    def __init__(self, divergence: Divergence) -> None:
        super().__init__(divergence.sentence)
        self.divergence = divergence
