"""A limit of CPU time for code of an own policy that runs while a scenario is read."""

from __future__ import annotations

from contextlib import AbstractContextManager

from kernel.errors import NoAnswer
from kernel.interval_timer import calling
from kernel.units import format_duration
from translation import tr


def ending(limit: int) -> AbstractContextManager[None]:
    """Return a context in which NoAnswer is raised after more than `limit` ns of CPU time.

    The time of imports counts, too; waiting for a slow disk does not. There is no limit where
    `kernel.interval_timer` has no timer.
    """

    def over() -> None:
        raise NoAnswer(
            tr(
                "has not ended within {limit} of CPU time (the limit policy)",
                limit=format_duration(limit),
            )
        )

    return calling(over, limit / 1e9, cpu_time=True)
