"""The scheduling class of a process under Linux, and the keys that belong to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Protocol

from kernel.process.linux_attributes import (
    CLASSES,
    LEAST_SLICE,
    MOST_SLICE,
    Attributes,
    Group,
)
from kernel.units import format_duration
from language.schema.context import CheckContext
from language.schema.quantities import Read, time, whole, word
from language.source.errors import Problem
from language.source.tree import Node
from language.source.wording import KeyPath, either, got
from translation import mark, tr

REAL_TIME = ("fifo", "rr")

_least, _most = format_duration(LEAST_SLICE), format_duration(MOST_SLICE)
_any = time(1, mark("a duration above 0"))


def _slice(value: Any, context: CheckContext) -> int:
    ns: int = _any.convert(value, context)
    if not LEAST_SLICE <= ns <= MOST_SLICE:
        raise ValueError(
            got(tr("a duration from {least} to {most}", least=_least, most=_most), value)
        )
    return ns


class Keys(Protocol):
    """The keys of a checked process that concern Linux, without `class`."""

    @property
    def rt_priority(self) -> int | None:
        """The static priority, of classes fifo and rr."""

    @property
    def slice(self) -> int | None:
        """A custom slice, ns, of the fair classes."""

    @property
    def runtime(self) -> int | None:
        """CPU time in each period, ns, of class deadline."""

    @property
    def group(self) -> str | None:
        """The name of its control group."""


RtPriority = Annotated[int, whole(1, 99)]
Slice = Annotated[int, Read(_slice, _any.schema)]
Class = Annotated[str, word(*CLASSES)]


def attributes(keys: Keys, groups: Mapping[str, Group]) -> Attributes:
    """Return the attributes of a process for the model of Linux."""
    kind: str = getattr(keys, "class")  # a keyword of Python
    priority = keys.rt_priority or (1 if kind in REAL_TIME else 0)
    group = None if keys.group is None else groups[keys.group]
    return Attributes(kind, priority, keys.slice, keys.runtime, group)


def class_problems(file: str, path: KeyPath, process: Node) -> list[Problem]:
    """Return a problem for each key that the process's class does not have, or needs."""
    node = process.child("class")
    kind = node.value if node is not None else "other"
    if kind not in CLASSES:
        return []
    belong = {"rt_priority": REAL_TIME, "runtime": ("deadline",)}
    belong["slice"] = belong["group"] = ("other", "batch", "idle")
    problems = [
        process.key_problem(
            file,
            (*path, key),
            tr(
                "is for processes of class {classes}; this process has class {own}",
                classes=either(classes),
                own=kind,
            ),
        )
        for key, classes in belong.items()
        if process.child(key) is not None and kind not in classes
    ]
    if kind == "deadline" and node is not None:
        problems += _reservation(file, path, process, node)
    return problems


def _reservation(file: str, path: KeyPath, process: Node, node: Node) -> list[Problem]:
    lacks = [key for key in ("runtime", "period") if process.child(key) is None]
    if not lacks:
        return []
    message = tr(
        "class deadline needs a runtime and a period, like runtime: 10ms, period: "
        "100ms (missing: {keys})",
        keys=tr(" and no ").join(lacks),
    )
    return [node.problem(file, (*path, "class"), message)]
