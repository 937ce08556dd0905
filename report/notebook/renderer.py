"""The page without a run, which a notebook holds once for all of its cells.

Bokeh's script is large, and each cell that shows a run needs it. So one cell brings it, with the
page's own scripts and styles, and the pages of the other cells take it from there.
"""

from __future__ import annotations

import sys
from functools import cache
from hashlib import sha256
from typing import NamedTuple

from report.page.document import common, pieces
from report.page.record import packed
from translation import chosen


class Renderer(NamedTuple):
    """The page without a run in one language, packed, and the name by which cells find it."""

    name: str
    text: str


class Execution(NamedTuple):
    """One execution of a cell. `cell` is None where the front end does not tell which it is."""

    cell: str | None
    number: int


_brought: dict[str, Execution] = {}
"""The executions that have brought a renderer, by its name."""


def renderer() -> tuple[Renderer, bool]:
    """Return the renderer in the language in use, and whether this cell has to bring it.

    The first cell of a session brings it, and brings it again when it is executed again: its former
    output is gone then.
    """
    made, now = _made(chosen()), execution()
    before = _brought.get(made.name)
    again = before is not None and now.cell == before.cell and now.number != before.number
    if before is not None and not (again and now.cell is not None):
        return made, False
    _brought[made.name] = now
    return made, True


@cache
def _made(language: str) -> Renderer:  # noqa: ARG001 - it chooses the texts, by `tr`
    text = packed({"pieces": pieces(), "common": common()})
    return Renderer(f"multiprog-{sha256(text.encode()).hexdigest()[:12]}", text)


def execution() -> Execution:
    """Return which cell is executed. JupyterLab and VS Code tell the kernel its id."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return Execution(None, 0)
    request = shell.get_parent() if hasattr(shell, "get_parent") else {}
    return Execution(request.get("metadata", {}).get("cellId"), shell.execution_count)
