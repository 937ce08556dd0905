"""Why and when a run ends before its programs do."""

from __future__ import annotations

from typing import NamedTuple

from kernel.units import format_duration


class Deadline(NamedTuple):
    """When a run has taken too long: after so many ns, and what that limit is called."""

    after: int
    name: str


def deadline(timeout: int, wall: int | None) -> Deadline:
    """Return the deadline that comes first. `wall` is the limit `wall`, if one is set. Both ns."""
    if wall is not None and wall < timeout:
        return Deadline(wall, f"{format_duration(wall)} (the limit wall)")
    return Deadline(timeout, f"the timeout of {format_duration(timeout)}")


class Stopped(Exception):  # noqa: N818 - it is not an error
    """The run must end before its programs do. Its text says why."""
