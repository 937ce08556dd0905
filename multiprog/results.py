"""What runs, comparisons and sweeps share: the page, the picture, the words of the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from io import StringIO
from typing import TYPE_CHECKING, Any

from kernel.errors import UsageError
from multiprog.page import Page
from multiprog.picture import Picture
from report.base.screen import PIPED_WIDTH
from translation import tr

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import Console

    from report.result import Result
    from timeline.comparison.model import Comparison
    from timeline.record.run import Run


def page_of(result: Result) -> Page:
    """Return the page of runs, or of their comparison. Raises UsageError without Bokeh."""
    require("show", "bokeh", "report")
    from report.page.document import page

    return Page(page(result))


def picture_of(draw: Callable[[], Figure], *, empty: bool) -> Picture:
    """Return a figure in the style of all pictures.

    Raises UsageError without matplotlib, or if the picture would be `empty`.
    """
    require("plot", "matplotlib", "plot")
    if empty:
        raise UsageError(tr("nothing took any time, so there is nothing to draw"))
    from report.files.picture import styled

    return Picture(styled(draw))


def picture_of_runs(runs: Sequence[Run], comparison: Comparison | None = None) -> Picture:
    """Return the Gantt charts of runs, or of a comparison. Raises UsageError, see `picture_of`."""
    from report.base.chart import span_of

    def draw() -> Figure:
        from report.files.picture import draw

        return draw(runs, comparison)

    return picture_of(draw, empty=not max(map(span_of, runs), default=0))


def printed(show: Callable[[Console], Any]) -> str:
    """Return what `show` prints on a console of 80 columns."""
    from rich.console import Console

    stream = StringIO()
    show(Console(file=stream, width=PIPED_WIDTH, markup=False, emoji=False, highlight=False))
    return stream.getvalue()


def require(method: str, module: str, extra: str) -> None:
    """Raise UsageError, which says how to install it, if a library is not there."""
    if find_spec(module) is None:
        raise UsageError(
            tr(
                "{method} needs {module}: pip install 'multiprog[{extra}]'",
                method=method,
                module=module,
                extra=extra,
            )
        )
