"""Calls: the steps of a program that concern other processes, or the program's own end.

A call takes no time and needs a core. What it does is decided by `kernel.lifecycle.semantics`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CALL = -7
"""A step's place: a call. Its duration is the index of the call in `Program.calls`."""

MAY_WAIT = frozenset(
    {"join", "lock", "receive", "barrier", "end", "exit", "raise", "yield", "unguarded", "threads"}
    | {"send", "acquire", "set_event", "clear_event", "wait_event", "wait", "notify", "notify_all"}
    | {"abort", "reset", "task_done", "join_queue", "pipe_send", "pipe_receive", "pipe_poll"}
    | {"read", "write", "add", "work", "map", "get", "join_pool", "terminate_pool"}
    | {"shutdown"}
)
"""Kinds of calls at which a process may lose its core. The steps after it are another burst."""

ENDS = frozenset({"end", "exit", "raise", "os_exit", "unguarded"})
"""Kinds of calls with which a program ends."""


PROCESS_CALLS = frozenset(
    {"start", "restart", "join", "terminate", "kill", "interrupt", "close", "daemon", "call"}
    | {"observe", "active_children", "unguarded", "open_pool", "work"}
)
"""Kinds of calls that concern other processes, not only locks, queues and barriers."""

WORDS = {
    "restart": "start",
    "unguarded": "import",
    "pipe_send": "send",
    "pipe_receive": "receive",
    "pipe_poll": "poll",
    "pipe_close": "close_end",
}
"""The word for a kind of call in the name of an observation, if it is not the kind itself."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `name` is the process, lock, queue, barrier or variable that it names.

    `value` is what it takes: a timeout (ns, None: for ever), an exit code, the name of an
    exception, the text of an `atexit` or `finally`, what is sent, printed or assigned, the variable
    that gets what is received or read, how many processes are notified, by how much is added. A
    start has the index of the child's spec, and in `options` what `Process(...)` is called with:
    daemon, style, args, kwargs, group; `target`: (local or lambda, name of the program), if no
    module has the function. The call `threads` starts the threads with the indices in `value`, and
    waits for their ends; its option is `interpreter`, one of `INTERPRETERS`. Other options:
    `blocking` (False: the call never waits) of lock, acquire, send and receive; `timeout` (ns) of
    send and receive; `end` (0 or 1) of the calls of a pipe; `index` of the calls of an array;
    `from` (a variable) and `plus` of write.

    A submit or map has in `options` the numbers of its tasks in the pool (see
    `kernel.lifecycle.task_flow`), a submit as `value` the name of its result. An open_pool has in
    `options` the indices of the workers, also of those that may replace others. What a task raises
    is the call `fail`.
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
        return f"{WORDS.get(self.kind, self.kind)} {self.name}".rstrip()


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
    pool: str = ""  # of which it is a worker


@dataclass(frozen=True, slots=True)
class LockRules:
    """A lock of a scenario. `protocol`: see `kernel.lifecycle.priority_protocols`."""

    kind: str = "lock"  # lock | rlock | thread (threading.Lock)
    protocol: str = "none"  # none | inheritance | ceiling
    ceiling: int | None = None  # a priority


@dataclass(frozen=True, slots=True)
class SemaphoreRules:
    """A semaphore of a scenario. `bounded`: it is never released above its first value."""

    value: int = 1
    bounded: bool = False


@dataclass(frozen=True, slots=True)
class ConditionRules:
    """A condition of a scenario. `lock`: the name of its lock; None: an RLock of its own."""

    lock: str | None = None


@dataclass(frozen=True, slots=True)
class QueueRules:
    """A queue of a scenario: SimpleQueue, Queue or JoinableQueue. `maxsize` 0: not limited."""

    kind: str = "simple"  # simple | queue | joinable
    maxsize: int = 0


@dataclass(frozen=True, slots=True)
class PipeRules:
    """A pipe of a scenario. Not duplex: end 0 only receives, end 1 only sends."""

    duplex: bool = True


@dataclass(frozen=True, slots=True)
class ValueRules:
    """A Value of a scenario: one C `long long`. `lock`: it has an RLock of its own."""

    value: int = 0
    lock: bool = True


@dataclass(frozen=True, slots=True)
class ArrayRules:
    """An Array of a scenario: C `long long`s. `lock`: it has an RLock of its own."""

    values: tuple[int, ...] = ()
    lock: bool = True


@dataclass(frozen=True, slots=True)
class PoolRules:
    """A Pool, or a ProcessPoolExecutor, of a scenario, which has so many workers."""

    workers: int = 1
    kind: str = "pool"  # pool | executor


@dataclass(frozen=True, slots=True)
class LifecycleRules:
    """The rules of a scenario in which processes start, or wait for, other processes.

    Locks, events and queues need not be here: they are made at their first use, a lock as a Lock, a
    queue as a SimpleQueue. The last two fields are what students believe and no system does:
    grading runs the model under them, to see whether an answer follows from them. No scenario can
    set them.
    """

    start_method: str = "fork"  # fork | spawn | forkserver
    by_default: bool = False  # the program chooses none: it is that of `python`
    variables: Mapping[str, Any] = field(default_factory=dict)  # globals at a program's import
    barriers: Mapping[str, int] = field(default_factory=dict)  # parties of each
    stall_timeout: int = 5_000_000_000  # ns without progress after which a real run is deadlocked
    locks: Mapping[str, LockRules] = field(default_factory=dict)
    semaphores: Mapping[str, SemaphoreRules] = field(default_factory=dict)
    conditions: Mapping[str, ConditionRules] = field(default_factory=dict)
    queues: Mapping[str, QueueRules] = field(default_factory=dict)
    pipes: Mapping[str, PipeRules] = field(default_factory=dict)
    values: Mapping[str, ValueRules] = field(default_factory=dict)
    arrays: Mapping[str, ArrayRules] = field(default_factory=dict)
    pools: Mapping[str, PoolRules] = field(default_factory=dict)
    python: tuple[int, int] = (sys.version_info[0], sys.version_info[1])  # whose rules hold
    shared_variables: bool = False  # a started process has its parent's variables, and no copy
    zombies_hold_memory: bool = False  # until they are reaped
