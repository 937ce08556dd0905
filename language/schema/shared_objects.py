"""The objects that processes share, as the top of a scenario declares them.

Most may be written in a short form: `semaphores: {s: 2}` for `semaphores: {s: {value: 2}}`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, ValidationInfo

from language.schema.context import CheckContext, context_of
from language.schema.distributions import Model
from language.schema.lifecycle_values import INTEGER, LockName, Truth
from language.schema.quantities import Read, name_of, whole, word
from language.source.wording import NOTHING, got
from translation import mark, tr

MOST_OBJECTS = 1000  # of one kind
MOST_VALUE = 2**31 - 1  # of a semaphore: SEM_VALUE_MAX of POSIX on Linux
MOST_ITEMS = 1000  # of an array
MOST_WORKERS = 64  # of a pool
LOCK_KINDS = ("lock", "rlock", "thread")
PROTOCOLS = ("none", "inheritance", "ceiling")  # of a lock


def _new(kind: str) -> Read:
    """Return the reader of the name with which a section declares an object of this kind."""

    def convert(value: Any, context: CheckContext) -> str:
        name = name_of(value, context)
        context.shared.add(kind, name)
        return name

    return Read(convert, {"type": "string", "minLength": 1, "maxLength": 100})


def _form(value: Any) -> str:
    """Return the tag of an object: it is written as a mapping, or in its short form."""
    return "<mapping>" if isinstance(value, dict) else "<short>"


def _of_all(value: Any) -> str:
    """Return the tag of a section: a list of names, or a mapping from each name."""
    if isinstance(value, dict):
        return "<mapping>"
    return "<list>" if isinstance(value, list) else "<bad>"


def _neither(value: Any, _context: CheckContext) -> Any:
    raise ValueError(got(tr("a list of names, like [a, b], or a mapping from each name"), value))


_Refused = Annotated[Any, Read(_neither), Tag("<bad>")]


def _with_defaults(section: Any) -> Any:
    """Replace the keys without a value in a section: such an object has the defaults."""
    if not isinstance(section, dict):
        return section
    return {name: {} if value is NOTHING else value for name, value in section.items()}


_Section = Field(max_length=MOST_OBJECTS)
_Defaults = BeforeValidator(_with_defaults)


class LockSection(Model):
    """A lock."""

    kind: Annotated[Literal["lock", "rlock", "thread"], word(*LOCK_KINDS)] = Field(
        default="lock",
        description=mark(
            "rlock: the owner may take the lock again, and only the owner frees it. "
            "thread: a threading.Lock, of which each process has its own."
        ),
    )
    protocol: Annotated[Literal["none", "inheritance", "ceiling"], word(*PROTOCOLS)] = Field(
        default="none",
        description=mark("How the holder's priority is raised; only for policies by priorities."),
    )
    ceiling: Annotated[int, whole(-(10**9), 10**9)] | None = Field(
        default=None, description=mark("With protocol: ceiling: the priority that the holder has.")
    )


def _with_ceiling(lock: LockSection | str) -> LockSection | str:
    if isinstance(lock, LockSection) and lock.kind == "thread" and lock.protocol != "none":
        raise ValueError(
            tr("has a protocol, which is for locks that processes share; leave it out")
        )
    if isinstance(lock, LockSection) and (lock.ceiling is None) == (lock.protocol == "ceiling"):
        if lock.ceiling is None:
            raise ValueError(tr("needs a priority with protocol: ceiling; write ceiling: 1"))
        raise ValueError(tr("has a ceiling, which only protocol: ceiling has"))
    return lock


_LockKind = Annotated[str, word(*LOCK_KINDS)]
_NewLock = Annotated[str, _new("lock")]
_Lock = Annotated[
    Annotated[LockSection, Tag("<mapping>")] | Annotated[_LockKind, Tag("<short>")],
    Discriminator(_form),
    AfterValidator(_with_ceiling),
]
Locks = Annotated[
    Annotated[list[_NewLock], _Section, Tag("<list>")]
    | Annotated[dict[_NewLock, _Lock], _Section, _Defaults, Tag("<mapping>")]
    | _Refused,
    Discriminator(_of_all),
]


class SemaphoreSection(Model):
    """A semaphore."""

    value: Annotated[int, whole(0, MOST_VALUE)] = Field(
        default=1,
        description=mark("How often the semaphore can be acquired before it is released."),
    )
    bounded: Truth = Field(
        default=False,
        description=mark("Whether a release above the first value raises ValueError."),
    )


_Permits = Annotated[int, whole(0, MOST_VALUE)]
_Semaphore = Annotated[
    Annotated[SemaphoreSection, Tag("<mapping>")] | Annotated[_Permits, Tag("<short>")],
    Discriminator(_form),
]
Semaphores = Annotated[dict[Annotated[str, _new("semaphore")], _Semaphore], _Section, _Defaults]


class ConditionSection(Model):
    """A condition variable."""

    lock: LockName | None = Field(
        default=None,
        description=mark("The lock that belongs to the condition. Default: an RLock of its own."),
    )


_NewCondition = Annotated[str, _new("condition")]
Conditions = Annotated[
    Annotated[list[_NewCondition], _Section, Tag("<list>")]
    | Annotated[dict[_NewCondition, ConditionSection], _Section, _Defaults, Tag("<mapping>")]
    | _Refused,
    Discriminator(_of_all),
]

Barriers = Annotated[
    dict[Annotated[str, _new("barrier")], Annotated[int, whole(1, 10_000)]],
    Field(max_length=100),
]


class QueueSection(Model):
    """A queue."""

    kind: Annotated[Literal["simple", "queue", "joinable"], word("simple", "queue", "joinable")] = (
        Field(
            default="simple",
            description=mark("The kind of queue: SimpleQueue, Queue or JoinableQueue."),
        )
    )
    maxsize: Annotated[int, whole(0, MOST_VALUE)] = Field(
        default=0,
        description=mark("The most values in the queue; 0: no bound. Not for simple queues."),
    )


_QueueKind = Annotated[str, word("simple", "queue", "joinable")]
_NewQueue = Annotated[str, _new("queue")]
_Queue = Annotated[
    Annotated[QueueSection, Tag("<mapping>")] | Annotated[_QueueKind, Tag("<short>")],
    Discriminator(_form),
]


def _bounded(queue: QueueSection | str) -> QueueSection | str:
    if isinstance(queue, QueueSection) and queue.kind == "simple" and queue.maxsize:
        raise ValueError(tr("has a maxsize, which a simple queue has not; write kind: queue"))
    return queue


def _learn_queues(section: Any, info: ValidationInfo) -> Any:
    """Note the kind of each declared queue, on which its steps depend."""
    if isinstance(section, dict):
        kinds = {
            name: queue if isinstance(queue, str) else queue.kind for name, queue in section.items()
        }
        context_of(info).shared.queue_kinds.update(kinds)
    return section


Queues = Annotated[
    Annotated[list[_NewQueue], _Section, Tag("<list>")]
    | Annotated[
        dict[_NewQueue, Annotated[_Queue, AfterValidator(_bounded)]],
        _Section,
        _Defaults,
        Tag("<mapping>"),
    ]
    | _Refused,
    Discriminator(_of_all),
    AfterValidator(_learn_queues),
]


class PipeSection(Model):
    """A pipe with two ends, 0 and 1."""

    duplex: Truth = Field(
        default=True,
        description=mark("Whether both ends send and receive; false: end 0 receives, end 1 sends."),
    )


Pipes = Annotated[dict[Annotated[str, _new("pipe")], PipeSection], _Section, _Defaults]


class PoolSection(Model):
    """A pool of worker processes."""

    workers: Annotated[int, whole(1, MOST_WORKERS)] = Field(
        description=mark("How many worker processes the pool has.")
    )
    kind: Annotated[Literal["pool", "executor"], word("pool", "executor")] = Field(
        default="pool",
        description=mark("Whether it is a multiprocessing.Pool or a ProcessPoolExecutor."),
    )


_Workers = Annotated[int, whole(1, MOST_WORKERS)]
_Pool = Annotated[
    Annotated[PoolSection, Tag("<mapping>")] | Annotated[_Workers, Tag("<short>")],
    Discriminator(_form),
]
Pools = Annotated[dict[Annotated[str, _new("pool")], _Pool], Field(max_length=100)]


class ValueSection(Model):
    """A whole number in shared memory."""

    value: Annotated[int, INTEGER] = Field(default=0, description=mark("The first value."))
    lock: Truth = Field(
        default=True, description=mark("Whether each access takes the value's lock.")
    )


_Value = Annotated[
    Annotated[ValueSection, Tag("<mapping>")] | Annotated[int, INTEGER, Tag("<short>")],
    Discriminator(_form),
]


class ArraySection(Model):
    """An array of whole numbers in shared memory."""

    values: Annotated[list[Annotated[int, INTEGER]], Field(min_length=1, max_length=MOST_ITEMS)] = (
        Field(description=mark("The first values."))
    )
    lock: Truth = Field(
        default=True, description=mark("Whether each access takes the array's lock.")
    )


_Items = Annotated[list[Annotated[int, INTEGER]], Field(min_length=1, max_length=MOST_ITEMS)]
_Array = Annotated[
    Annotated[ArraySection, Tag("<mapping>")] | Annotated[_Items, Tag("<short>")],
    Discriminator(_form),
]


def _learn_memory(section: Any, info: ValidationInfo) -> Any:
    """Note which values and arrays have no lock, and how long the arrays are."""
    shared = context_of(info).shared
    for name, each in section.items():
        if isinstance(each, ValueSection | ArraySection) and not each.lock:
            shared.lockless.add(name)
        if isinstance(each, ArraySection | list):
            shared.lengths[name] = len(each if isinstance(each, list) else each.values)
    return section


Values = Annotated[
    dict[Annotated[str, _new("value")], _Value],
    _Section,
    _Defaults,
    AfterValidator(_learn_memory),
]
Arrays = Annotated[
    dict[Annotated[str, _new("array")], _Array], _Section, AfterValidator(_learn_memory)
]
