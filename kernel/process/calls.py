"""Calls: the steps of a program that concern other processes, or the program's own end.

A call takes no time and needs a core. What it does is decided by `kernel.lifecycle.semantics`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CALL = -7
"""A step's place: a call. Its duration is the index of the call in `Program.calls`."""

MAY_WAIT = frozenset(
    {"join", "lock", "receive", "barrier", "end", "exit", "raise", "yield", "unguarded", "threads"}
)
"""Kinds of calls at which a process may lose its core. The steps after it are another burst."""

ENDS = frozenset({"end", "exit", "raise", "os_exit", "unguarded"})
"""Kinds of calls with which a program ends."""


PROCESS_CALLS = frozenset(
    {"start", "restart", "join", "terminate", "kill", "close", "daemon", "call", "observe"}
    | {"active_children", "unguarded"}
)
"""Kinds of calls that concern other processes, not only locks, queues and barriers."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `name` is the process, lock, queue, barrier or variable that it names.

    `value` is what it takes: the timeout of a join (ns, None: for ever), an exit code, the name of
    an exception, what is sent, printed or assigned. A start has the index of the child's spec, and
    in `options` what `Process(...)` is called with: daemon, style, args, kwargs, group. The call
    `threads` starts the threads with the indices in `value`, and waits for their ends.
    """

    kind: str
    name: str = ""
    value: Any = None
    child: int = -1
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def may_wait(self) -> bool:
        """Return whether the process may lose its core at this call."""
        return self.kind in MAY_WAIT

    @property
    def words(self) -> str:
        """Return the name of an observation that the call makes, like `join c1`."""
        kind = {"restart": "start", "unguarded": "import"}.get(self.kind, self.kind)
        return f"{kind} {self.name}".rstrip()


@dataclass(frozen=True, slots=True)
class Kinship:
    """How a process of a scenario is related to others. `parent` is an index; -1: it has none.

    `declared` are the Process objects that its own program makes: from a name to the index of the
    child (-1: its program is called in this process, and never started). A `thread` belongs to the
    process `parent`, and shares its memory.
    """

    parent: int = -1
    declared: Mapping[str, int] = field(default_factory=dict)
    daemon: bool = False
    thread: bool = False


@dataclass(frozen=True, slots=True)
class LifecycleRules:
    """The rules of a scenario in which processes start, or wait for, other processes.

    The last two fields are what students believe and no system does: grading runs the model under
    them, to see whether an answer follows from them. No scenario can set them.
    """

    start_method: str = "fork"  # fork | spawn | forkserver
    variables: Mapping[str, Any] = field(default_factory=dict)  # globals at a program's import
    barriers: Mapping[str, int] = field(default_factory=dict)  # parties of each
    stall_timeout: int = 5_000_000_000  # ns without progress after which a real run is deadlocked
    shared_variables: bool = False  # a started process has its parent's variables, and no copy
    zombies_hold_memory: bool = False  # until they are reaped
