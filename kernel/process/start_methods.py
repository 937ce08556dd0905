"""The start method that Python takes on Linux if a program chooses none."""

from __future__ import annotations

import sys

DEFAULT = "default"
"""In a scenario: the start method is left to the Python that runs."""


def default_start_method(python: tuple[int, int] = sys.version_info[:2]) -> str:
    """Return the start method that this version of Python takes by default on Linux.

    See multiprocessing/context.py: DefaultContext. It is fork until 3.13, and forkserver from 3.14.
    """
    return "forkserver" if python >= (3, 14) else "fork"
