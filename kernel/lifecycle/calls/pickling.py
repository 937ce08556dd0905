"""What a process cannot send to another one: pickle finds a function only by its name in a module.

A child of spawn or forkserver is sent its Process object. A forked child has a copy of it, and
nothing is pickled.
"""

from __future__ import annotations

LOCAL, LAMBDA = "local", "lambda"
"""Targets of a Process object that no module has: a function inside a function, and a lambda."""


def not_picklable(python: tuple[int, int], where: str, name: str) -> str:
    """Return the error of this version of Python for a function `name` made in function `where`.

    See `save_global` in Modules/_pickle.c. Its text changed in 3.13, its class in 3.14. The address
    that 3.14 tells is left out, see `real.worker.call_errors`.
    """
    made = f"{where}.<locals>.{name}"
    if python >= (3, 14):
        return f"PicklingError: Can't pickle local object <function {made}>"
    if python >= (3, 13):
        return f"AttributeError: Can't get local object {made!r}"
    return f"AttributeError: Can't pickle local object {made!r}"


def local_name(target: str, name: str) -> str:
    """Return the name of a target of this kind that stands for a function `name`."""
    return "<lambda>" if target == LAMBDA else name
