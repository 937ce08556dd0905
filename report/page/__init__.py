"""The page: one HTML file with the runs on one time axis. A reader steps through the decisions."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from report.result import Result


def write_page(result: Result, path: Path) -> None:
    """Write the page of a result. Raises UsageError if it cannot be written there."""
    from kernel.files.writing import save

    text = _built(result)
    save(path, lambda stream: stream.write(text))


def _built(result: Result) -> str:
    """Return the HTML of the page."""
    collecting = gc.isenabled()
    gc.disable()  # a record has many objects: garbage collection would take 10 % of the time
    try:
        from report.page.document import page

        return page(result)
    finally:
        if collecting:
            gc.enable()
