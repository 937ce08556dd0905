"""The result of a command, from which every output is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # a command imports modules only when it needs them
    from timeline.comparison.model import Comparison
    from timeline.record.run import Run


class Result(NamedTuple):
    """One run or several runs of one scenario. With two runs there may be their comparison."""

    runs: Sequence[Run]
    comparison: Comparison | None = None
    curtain: bool = False  # the page hides what comes later, and asks before it reveals it
    bom: bool = False  # the tables begin with a byte order mark
