"""Make the notebook docs/tour.ipynb from docs/tour.py: `make tour`.

    python -m benchmarks.tour

The tour is kept as Python, which ruff and mypy read; a line `# %%` begins a cell. The cells are
executed here, without Jupyter, and what a cell shows is kept in the notebook: what it prints, and
its last expression as text and HTML without pages. A cell with the tag `real` starts real
processes; nothing of it is kept, as no two runs are equal.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import re
import sys
from pathlib import Path
from typing import Any, NamedTuple

TOUR = Path(__file__).parent.parent / "docs" / "tour.py"
NOTEBOOK = TOUR.with_suffix(".ipynb")
FRAME = re.compile("<iframe.*</iframe>", re.DOTALL)
"""A page below a cell, which is large. The notebook does not keep it: a code host does not show it,
and a reader who executes the cell gets it."""
_CELL = re.compile(r"^# %%(.*)$", re.MULTILINE)


class Cell(NamedTuple):
    """One cell: its text, whether it is code, and whether it starts real processes."""

    text: str
    is_code: bool
    is_real: bool


def cells_of(tour: str) -> list[Cell]:
    """Return the cells of a tour."""
    _, *parts = _CELL.split(tour)
    found = []
    for head, body in zip(parts[::2], parts[1::2], strict=True):
        text = body.strip("\n")
        if "[markdown]" in head:
            text = "\n".join(line.removeprefix("#").removeprefix(" ") for line in text.split("\n"))
        found.append(Cell(text, "[markdown]" not in head, '"real"' in head))
    return found


def execute(cell: str, names: dict[str, Any]) -> list[dict[str, Any]]:
    """Execute a cell as a notebook does, and return its outputs in the notebook's format."""
    tree = ast.parse(cell)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    printed, shown = io.StringIO(), None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "<tour>", "exec"), names)
        if isinstance(last, ast.Expr):
            shown = eval(compile(ast.Expression(last.value), "<tour>", "eval"), names)
    outputs: list[dict[str, Any]] = []
    if text := printed.getvalue():
        outputs.append({"name": "stdout", "output_type": "stream", "text": _lines(text)})
    if shown is not None:
        outputs.append({"data": _data(shown), "metadata": {}, "output_type": "display_data"})
    return outputs


def _data(shown: Any) -> dict[str, list[str]]:
    data = {"text/plain": _lines(repr(shown))}
    html = FRAME.sub("", shown._repr_html_() if hasattr(shown, "_repr_html_") else "")
    return data | ({"text/html": _lines(html)} if html else {})


def notebook(tour: str, *, real: bool = False) -> dict[str, Any]:
    """Return the notebook of a tour, executed. With `real` its real processes are started, too."""
    names: dict[str, Any] = {"__name__": "__main__"}
    cells: list[dict[str, Any]] = []
    for number, cell in enumerate(cells_of(tour)):
        common = {"id": f"cell-{number}", "metadata": {}, "source": _lines(cell.text)}
        if not cell.is_code:
            cells.append({"cell_type": "markdown", **common})
            continue
        outputs = execute(cell.text, names) if real or not cell.is_real else []
        kept = {"execution_count": None, "outputs": [] if cell.is_real else outputs}
        cells.append({"cell_type": "code", **common, **kept})
    about = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return {"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def main() -> int:
    """Write the notebook."""
    made = notebook(TOUR.read_text(encoding="utf-8"))
    NOTEBOOK.write_text(f"{json.dumps(made, indent=1, ensure_ascii=False)}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
