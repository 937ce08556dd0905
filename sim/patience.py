"""How long a simulation may take on the wall clock."""

from __future__ import annotations

import time
from collections.abc import Callable

from kernel.errors import MultiprogError
from kernel.units import format_duration


def within(wall: int, progress: Callable[[int], None]) -> Callable[[int], None]:
    """`progress`, until `wall` ns from now are over: then it raises MultiprogError."""
    until = time.monotonic_ns() + wall

    def told(done: int) -> None:
        if time.monotonic_ns() > until:
            raise MultiprogError(
                f"the simulation took longer than {format_duration(wall)} (the limit wall): "
                "make the scenario smaller, or raise it, like --limit wall=2h"
            )
        progress(done)

    return told
