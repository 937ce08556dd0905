"""What a submission may import, and how it is found when no file can be opened any more.

All of it is in memory before a submission is confined: some modules of Python, and of Multiprog
what a policy of one's own needs. The policies of Multiprog are not among it, nor are the scenario
language, the simulator and the grader.
"""

from __future__ import annotations

import importlib
import linecache
import sys
import types
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec
from typing import Any

from kernel.process.states import UNBORN, State
from translation import tr

OF_PYTHON = [
    "abc",
    "array",
    "bisect",
    "cmath",
    "collections",
    "collections.abc",
    "contextlib",
    "copy",
    "dataclasses",
    "decimal",
    "enum",
    "fractions",
    "functools",
    "heapq",
    "itertools",
    "json",
    "math",
    "numbers",
    "operator",
    "os",
    "queue",
    "random",
    "re",
    "sched",
    "statistics",
    "string",
    "struct",
    "sys",
    "textwrap",
    "threading",
    "time",
    "types",
    "typing",
    "weakref",
]
"""The modules of Python that a submission may import."""
_ALSO = ("encodings.ascii", "encodings.latin_1", "linecache", "traceback", "inspect", "difflib")
_INTERFACE = ("Policy", "LeastFirst", "Process", "Duration", "ns", "us", "ms", "seconds")
_PACKAGES = ("kernel.scheduling",)
_CONTROL_BLOCK = "kernel.process.control_block"


class Process:
    """A process as a policy may see it. Only the grader knows more of it."""

    name: str
    index: int
    left: int | None
    cpu_used: int
    used_before: int
    cores: tuple[int, ...] | None
    __slots__ = (
        *("index", "name", "arrival", "priority", "nice", "tickets", "period", "cores"),
        *("relative_deadline", "deadline", "burst", "left", "ready_since", "cpu_used"),
        "used_before",
        *("account", "place", "turn"),  # the policy's own
        *("state", "core", "rest", "charged_at", "step", "home"),  # CheckedPolicy compares them
    )

    def __init__(self, facts: Mapping[str, Any]) -> None:
        for name in self.__slots__:
            setattr(self, name, facts.get(name))
        self.cores = None if self.cores is None else tuple(self.cores)
        self.turn = 0
        self.state: State = UNBORN

    def may_use(self, core: int) -> bool:
        """Return whether the process may run on this core."""
        return self.cores is None or core in self.cores

    @property
    def ran_for(self) -> int:
        """Return the ns that it has run since it was picked."""
        return self.cpu_used - self.used_before

    def __hash__(self) -> int:
        return self.index  # so that a set of processes has the same order in each run

    def __eq__(self, other: object) -> bool:
        return self is other

    def __repr__(self) -> str:
        return f"<{self.name} {self.state.name.lower()} left={self.left}>"


def load() -> None:
    """Load the offered modules. `kernel.scheduling` then has what a policy of one's own needs.

    The package would import all policies of Multiprog, and the control block of the kernel all
    that a program can be made of. So another package and another block stand in their places.
    """
    for name in (*OF_PYTHON, *_ALSO):
        importlib.import_module(name)
    block = types.ModuleType(_CONTROL_BLOCK)
    block.__dict__["Process"] = Process
    sys.modules[_CONTROL_BLOCK] = block
    package = types.ModuleType("kernel.scheduling")
    package.__path__ = list(importlib.import_module("kernel").__path__)
    package.__path__ = [f"{folder}/scheduling" for folder in package.__path__]
    sys.modules["kernel.scheduling"] = package
    from kernel import units
    from kernel.scheduling import checked, policy, ready_queue  # noqa: F401

    for module in (policy, ready_queue, block, units):
        for name in _INTERFACE:
            if name in vars(module):
                package.__dict__.setdefault(name, vars(module)[name])
    package.__dict__["__all__"] = [name for name in _INTERFACE if name in vars(package)]


class Helpers:
    """Finds the modules that were handed in beside the policy. Python's own come first."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        for file, text in texts.items():  # for messages that say a line
            linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None = None, _target: object = None
    ) -> ModuleSpec | None:
        """Return the spec of a file of the submission; None for all other modules."""
        file = f"{fullname}.py"
        return ModuleSpec(fullname, self, origin=file) if file in self._texts else None  # type: ignore[arg-type]

    def create_module(self, _spec: ModuleSpec) -> None:
        """Return None: Python makes the module."""

    def exec_module(self, module: types.ModuleType) -> None:
        """Execute the text of the module."""
        file = f"{module.__name__}.py"
        module.__file__ = file
        exec(compile(self._texts[file], file, "exec", dont_inherit=True), module.__dict__)


def hint(error: ImportError) -> str:
    """Return what may be imported instead, for a message."""
    if str(error.name or "").startswith("kernel"):
        names = ", ".join(sys.modules["kernel.scheduling"].__dict__["__all__"])
        return tr("; kernel.scheduling has {names} here", names=names)
    names = ", ".join(OF_PYTHON)
    return tr("; a submission may import: {names}, and files handed in with it", names=names)
