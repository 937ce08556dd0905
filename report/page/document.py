"""The page as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from report.outputs import Result


def page(result: Result) -> str:
    """The whole page."""
    return f"{len(result.runs)}"
