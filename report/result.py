"""The result of a command, as the outputs take it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # each command loads what it needs, when it needs it
    from timeline.comparison.model import Comparison
    from timeline.record.run import Run


class Result(NamedTuple):
    """One run, or several runs of one scenario; two of them may have been compared."""

    runs: Sequence[Run]
    comparison: Comparison | None = None
