"""Why and when a run ends before its programs do."""

from __future__ import annotations

from typing import NamedTuple

from kernel.units import format_duration
from translation import recorded


class Deadline(NamedTuple):
    """A run that takes longer than `after` ns is stopped. `name` says which limit that is."""

    after: int
    name: str


def deadline(timeout: int, wall: int | None) -> Deadline:
    """Return the earlier deadline, of `timeout` and the limit `wall`, if that is set. Both ns."""
    if wall is not None and wall < timeout:
        return Deadline(wall, recorded("{time} (the limit wall)", time=format_duration(wall)))
    return Deadline(timeout, recorded("the timeout of {time}", time=format_duration(timeout)))


class Stopped(Exception):  # noqa: N818 - it is not an error
    """The run must end before its programs do. The text of the exception says why."""

    @property
    def why(self) -> str:
        """Return the text, which `tr` translates where it is shown."""
        text: str = self.args[0]  # `str` of the exception would be no `recorded` text any more
        return text
