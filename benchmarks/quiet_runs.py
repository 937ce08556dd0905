"""What measurements of quiet runs share: their options, and one row for each scenario of a folder.

A run that others have disturbed is set aside, counted, and repeated.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Row = TypeVar("Row")


def parser_of(about: str | None, tries: int) -> argparse.ArgumentParser:
    """Return the parser of the options. `tries` is how many disturbed runs are set aside."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("files", nargs="*", type=Path, help="scenarios (default: all of them)")
    parser.add_argument("--runs", type=int, default=5, help="quiet runs of each (default 5)")
    words = f"disturbed runs of each (default {tries})"
    parser.add_argument("--tries", type=int, default=tries, help=words)
    return parser


def rows_of(
    given: argparse.Namespace, folder: Path, measure: Callable[[Path, int, int], Row]
) -> list[Row]:
    """Return what `measure` finds of each file (its runs, its tries), and tell on stderr."""
    rows = []
    for file in given.files or sorted(folder.glob("*.yaml")):
        print(f"{file.stem} …", file=sys.stderr)
        rows.append(measure(file, given.runs, given.tries))
    return rows
