"""A picture of a result, shown in a notebook or written into a file."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from kernel.errors import UsageError
from translation import tr

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("png", "svg", "pdf")
DPI = 200  # of a PNG


class Picture:
    """A picture, drawn by matplotlib. A notebook shows it below the cell.

    `figure` is the figure of matplotlib, in which everything can be changed. `save` writes it.
    """

    def __init__(self, figure: Figure) -> None:
        self.figure = figure

    def save(self, path: str | Path) -> None:
        """Write the picture into a file, by its ending as PNG, SVG or PDF. Raises UsageError."""
        from kernel.files.writing import save

        kind = Path(path).suffix.lstrip(".").lower()
        if kind not in KINDS:
            raise UsageError(tr("{path}: must end in .png, .svg or .pdf", path=path))
        picture = self._drawn(kind)
        save(Path(path), lambda stream: stream.buffer.write(picture))

    def _repr_png_(self) -> bytes:
        return self._drawn("png")

    def _drawn(self, kind: str) -> bytes:
        drawn = BytesIO()
        self.figure.savefig(drawn, format=kind, dpi=DPI)
        return drawn.getvalue()

    def __repr__(self) -> str:
        return "<Picture: a notebook shows it, save(path) writes it>"
