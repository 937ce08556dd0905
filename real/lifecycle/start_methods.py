"""The ways in which `multiprocessing` starts a process: a start method, and a target or subclass.

A program gives a process a target, or makes a subclass of Process with its own `run`.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing import forkserver
from typing import Any

FORK = multiprocessing.get_context("fork")
SPAWN = multiprocessing.get_context("spawn")
FORKSERVER = multiprocessing.get_context("forkserver")
CONTEXTS: dict[str, Any] = {"fork": FORK, "spawn": SPAWN, "forkserver": FORKSERVER}


class ForkedProcess(FORK.Process):  # type: ignore[name-defined,misc]  # mypy knows no such class
    """A subclass of Process with its own `run`, for the start method fork."""

    def __init__(self, work: Callable[..., None], **given: Any) -> None:
        super().__init__(**given)
        self._work = work

    def run(self) -> None:
        """Do the work, with the arguments that the scenario hands over."""
        self._work(*self._args, **self._kwargs)


class SpawnedProcess(SPAWN.Process):  # type: ignore[name-defined,misc]
    """A subclass like `ForkedProcess`, for the start method spawn."""

    def __init__(self, work: Callable[..., None], **given: Any) -> None:
        super().__init__(**given)
        self._work = work

    def run(self) -> None:
        """Do the work, with the arguments that the scenario hands over."""
        self._work(*self._args, **self._kwargs)


class ForkServerProcess(FORKSERVER.Process):  # type: ignore[name-defined,misc]
    """A subclass like `ForkedProcess`, for the start method forkserver."""

    def __init__(self, work: Callable[..., None], **given: Any) -> None:
        super().__init__(**given)
        self._work = work

    def run(self) -> None:
        """Do the work, with the arguments that the scenario hands over."""
        self._work(*self._args, **self._kwargs)


PROCESS_SUBCLASSES: dict[str, Any] = {
    "fork": ForkedProcess,
    "spawn": SpawnedProcess,
    "forkserver": ForkServerProcess,
}


def in_function(where: str, work: Callable[..., None], kind: str, name: str) -> Callable[..., None]:
    """Return a function that does the work and is made inside another function.

    It is a lambda, or (`kind` local) a function of this name. In its qualified name `where`, a
    function of the scenario's program, stands for this function. Python has made the rest of it.
    """

    def local(*args: Any, **kwargs: Any) -> None:
        work(*args, **kwargs)

    made, mine = (lambda *args, **kwargs: local(*args, **kwargs)), "<lambda>"  # noqa: PLW0108
    if kind == "local":
        made, mine = local, name
    around = made.__qualname__.removesuffix(made.__name__).replace("in_function", where, 1)
    made.__qualname__ = around + mine
    return made


def own_fork_server() -> int | None:
    """Return the pid of the fork server of this process; None: it has started none."""
    server: Any = forkserver._forkserver  # Python has no other way to ask
    pid: int | None = server._forkserver_pid
    return pid
