"""Which cores a process may use, and whether each core has its own ready queue.

A process that may use only some cores implies a queue per core, and so does a balance between
queues. With `queues: global` written, each core takes the first process of the one queue that may
use it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from language.schema.context import CheckContext
from language.schema.quantities import Read
from language.source.errors import Problem
from language.source.tree import Node
from language.source.wording import got
from translation import tr


def _kind_of_cores(value: Any) -> str:
    if isinstance(value, list):
        return "<some>"
    return "<one>" if isinstance(value, int) and not isinstance(value, bool) else "<all>"


def _all(value: Any, _context: CheckContext) -> str:
    if value != "all":
        raise ValueError(got(tr("all, or a list of cores like [0, 1]"), value))
    return "all"


def _core(value: Any, context: CheckContext) -> int:
    """Return the number of a core. Numbers begin at 0."""
    most = context.cores
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if whole and (most is None or value < most):
        return int(value)
    if most is None:
        raise ValueError(got(tr("the number of a core, from 0"), value))
    if most == 1:
        wanted = tr("one of the machine's cores, only 0, as machine.cores is 1")
    else:
        wanted = tr("one of the machine's cores, 0 to {last}", last=most - 1)
    raise ValueError(got(wanted, value))


def _once_each(cores: list[int]) -> list[int]:
    for core in cores:
        if cores.count(core) > 1:
            raise ValueError(tr("must name each core once ({core} stands here twice)", core=core))
    return cores


Core = Annotated[int, Read(_core, {"type": "integer", "minimum": 0})]
AllowedCores = Annotated[
    Annotated[Literal["all"], Read(_all, {"const": "all"}), Tag("<all>")]
    | Annotated[Core, Tag("<one>")]
    | Annotated[
        list[Core],
        Field(min_length=1, max_length=1024),
        AfterValidator(_once_each),
        Tag("<some>"),
    ],
    Discriminator(_kind_of_cores),
]
"""The cores as written and checked: `all`, one core, or a list of cores."""


def allowed(cores: int | str | list[int]) -> tuple[int, ...] | None:
    """Return the cores in increasing order; None: all cores of the machine."""
    if isinstance(cores, str):
        return None
    return (cores,) if isinstance(cores, int) else tuple(sorted(cores))


def queues_of(root: Node, *, several: bool = False) -> tuple[str, str]:
    """Return the scheduler's `queues` and `balance`, as they are written or implied.

    With `several` the policy needs a queue per core if there are several cores; then idle cores
    steal unless another balance is written.
    """
    queues, balance = _word(root, "queues"), _word(root, "balance")
    if several and queues != "global" and _cores(root) > 1:
        return "per-core", balance or "steal"
    if queues is None:
        closed = balance in (None, "none") and not _pinned(root)
        queues = "global" if closed else "per-core"
    return queues, balance or "none"


def queue_problems(file: str, root: Node) -> list[Problem]:
    """Return a problem for each key that contradicts `queues: global`, if that is written."""
    scheduler = root.child("scheduler")
    if scheduler is None or _word(root, "queues") != "global":
        return []
    problems = []
    balance = scheduler.child("balance")
    if balance is not None and balance.value in ("steal", "push"):
        message = tr(
            "{balance} moves processes between the queues of cores, and queues is global; "
            "write queues: per-core",
            balance=balance.value,
        )
        problems.append(balance.problem(file, ("scheduler", "balance"), message))
    return problems


def _word(root: Node, key: str) -> str | None:
    node = (root.child("scheduler") or Node({})).child(key)
    return node.value if node is not None and isinstance(node.value, str) else None


def _cores(root: Node) -> int:
    node = (root.child("machine") or Node({})).child("cores")
    return node.value if node is not None and isinstance(node.value, int) else 1


def has_pinned(root: Node) -> bool:
    """Return whether a process, also one that others start, may use only some cores."""
    programs = root.child("programs")
    started = programs.value if programs is not None else {}
    return _pinned(root) or (isinstance(started, dict) and any(map(_is_pinned, started.values())))


def _pinned(root: Node) -> bool:
    """Return whether a process of the file may use only some cores."""
    processes = root.child("processes")
    rows = processes.value if processes is not None else ()
    return isinstance(rows, list) and any(map(_is_pinned, rows))


def _is_pinned(process: Node) -> bool:
    cores = process.child("cores")
    return cores is not None and cores.value != "all"
