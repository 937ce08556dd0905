"""The page of a result, shown in a notebook or written into a file."""

from __future__ import annotations

from html import escape
from pathlib import Path


class Page:
    """A page that needs no other file and no network: charts, steps, tables.

    A notebook shows it below the cell. `save` writes it, for a browser.
    """

    def __init__(self, html: str, height: int = 640) -> None:
        """`html` is the whole page, `height` how high a notebook shows it, in pixels."""
        self.html = html
        self.height = height

    def save(self, path: str | Path) -> None:
        """Write the page into a file. Raises UsageError if it cannot be written."""
        from kernel.files.writing import save

        save(Path(path), lambda stream: stream.write(self.html))

    def _repr_html_(self) -> str:
        style = f"width:100%;height:{self.height}px;border:0"
        return f'<iframe srcdoc="{escape(self.html)}" style="{style}"></iframe>'

    def __repr__(self) -> str:
        return "<Page: a notebook shows it, save(path) writes it>"
