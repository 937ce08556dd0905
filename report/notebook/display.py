"""A result below the cell of a notebook: the page, drawn in a frame, and words for the others.

A viewer that executes no script, as code hosts have, shows the words and the table (`plain.py`).
Where scripts run, the frame draws the page of `--html`, by the same scripts, and hides them.
"""

from __future__ import annotations

from html import escape
from importlib.resources import files
from importlib.util import find_spec
from string import Template

from report.base.html import text
from report.notebook.plain import plain, title_of
from report.result import Result
from translation import chosen, tr

FRAME = "width:100%;height:0;border:0"
"""The style of the frame. It takes no room until its script has drawn the page."""


def display(result: Result) -> str:
    """Return the HTML of one run, several runs, or a comparison of two, for a notebook."""
    if find_spec("bokeh") is None:
        needed = tr("The charts need Bokeh: pip install 'multiprog[notebook]'")
        return f"{plain(result)}<p>{text(needed)}</p>"
    frame = f'<iframe title="{title_of(result)}" srcdoc="{escape(_cell(result))}" style="{FRAME}">'
    return f"{plain(result)}{frame}</iframe>"


def _cell(result: Result) -> str:
    """Return the document of the frame: the values of the page, and the renderer or its name."""
    from report.notebook.renderer import renderer
    from report.page.document import filling, own_file
    from report.page.record import packed

    made, brings = renderer()
    waiting = tr(
        "The charts need the cell that was the first to show a run: execute it again, or use show()"
    )
    return Template(_file("cell.html")).substitute(
        language=chosen().replace("_", "-"),
        waiting=text(waiting),
        renderer=made.text if brings else "",
        filling=packed(filling(result)),
        script=f"{own_file('unpacked.js')}{_file('cell.js')}",
        name=made.name,
    )


def _file(name: str) -> str:
    return files("report.notebook").joinpath(name).read_text(encoding="utf-8")
