"""One page to look at: the runs on one time axis, stepped through decision by decision."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from report.outputs import Result


def write_page(result: Result, path: Path) -> None:
    """Write the page of a result. Raises UsageError if it cannot be written there."""
    from report.page.document import page
    from timeline.document import save

    text = page(result)

    def write(stream: TextIO) -> None:
        stream.write(text)

    save(path, write)
