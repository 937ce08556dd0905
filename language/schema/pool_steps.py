"""The steps by which a process has tasks done by a pool of workers, and what a task returns."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Discriminator, Field, Tag
from typing_extensions import override

from kernel.process.calls import Call
from language.schema.distributions import Model
from language.schema.lifecycle_base import LifecycleStep, mapping_or_name
from language.schema.lifecycle_values import Identifier, Plain, PoolName, ProgramName
from language.schema.quantities import Timeout
from translation import mark

MOST_TASKS = 100
"""How many tasks one step hands in at most."""


class OpenPoolStep(LifecycleStep):
    """Make a pool, which starts its workers: multiprocessing.Pool(n)."""

    kind: ClassVar[str] = "open_pool"
    open_pool: PoolName


class Submitted(Model):
    """A task for a pool, and the name of its result."""

    pool: PoolName
    task: ProgramName
    as_: Identifier | None = Field(
        default=None,
        alias="as",
        description=mark("The name of the result. Default: the task's name."),
    )


class SubmitStep(LifecycleStep):
    """Hand in a task: pool.apply_async(task). Its result is waited for by get."""

    kind: ClassVar[str] = "submit"
    submit: Submitted

    @override
    def to_call(self) -> Call:
        given = self.submit
        return Call("submit", given.pool, given.as_ or given.task)


class Mapped(Model):
    """Tasks for a pool."""

    pool: PoolName
    tasks: Annotated[list[ProgramName], Field(min_length=1, max_length=MOST_TASKS)]


class MapStep(LifecycleStep):
    """Hand in tasks, wait for all, and observe their results in the order of the tasks: map."""

    kind: ClassVar[str] = "map"
    map: Mapped

    @override
    def to_call(self) -> Call:
        return Call("map", self.map.pool)


class Got(Model):
    """The name of a result, and how long to wait for it."""

    result: Identifier
    timeout: Timeout


class GetStep(LifecycleStep):
    """Wait for the result of a task, and observe it; what the task raised is raised here."""

    kind: ClassVar[str] = "get"
    get: Annotated[
        Annotated[Got, Tag("<mapping>")] | Annotated[Identifier, Tag("<name>")],
        Discriminator(mapping_or_name),
    ]

    @override
    def to_call(self) -> Call:
        if isinstance(self.get, str):
            return Call("get", self.get)
        return Call("get", self.get.result, self.get.timeout)


class ClosePoolStep(LifecycleStep):
    """Let the pool take no more tasks; its workers end when all are done."""

    kind: ClassVar[str] = "close_pool"
    close_pool: PoolName


class JoinPoolStep(LifecycleStep):
    """Wait for the ends of all workers of a pool that was closed or terminated."""

    kind: ClassVar[str] = "join_pool"
    join_pool: PoolName


class TerminatePoolStep(LifecycleStep):
    """End all workers of the pool, whatever they do. The end of a `with` statement does it."""

    kind: ClassVar[str] = "terminate_pool"
    terminate_pool: PoolName


class ShutdownStep(LifecycleStep):
    """Let an executor take no more tasks, and wait for the ends of its workers."""

    kind: ClassVar[str] = "shutdown"
    shutdown: PoolName


class ReturnStep(LifecycleStep):
    """End a task: the value is its result. A task without this returns None."""

    kind: ClassVar[str] = "return"
    return_: Plain = Field(alias="return")

    @override
    def to_call(self) -> Call:
        return Call("return", "", self.return_)
