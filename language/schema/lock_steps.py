"""The steps with which processes take and give back locks and semaphores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import Discriminator, Tag, model_validator
from typing_extensions import override

from kernel.process.calls import Call
from language.schema.distributions import Model
from language.schema.lifecycle_base import LifecycleStep, mapping_or_name
from language.schema.lifecycle_values import LockedName, No, SemaphoreName
from language.schema.quantities import Timeout
from translation import tr


class Attempt(Model):
    """What all waits have in common that may end without what they wait for."""

    timeout: Timeout | None = None
    blocking: No | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.timeout is not None and self.blocking is not None:
            raise ValueError(
                tr("has both timeout and blocking: false, which never waits; leave one of them out")
            )
        return self

    def blocking_option(self) -> Mapping[str, Any]:
        """Return the call's options, of which `blocking` is False or missing."""
        return {} if self.blocking is None else {"blocking": False}


class Acquired(Attempt):
    """An attempt to take a lock."""

    lock: LockedName


class LockStep(LifecycleStep):
    """Acquire a lock; wait while another process has it. With a timeout it may fail."""

    kind: ClassVar[str] = "lock"
    lock: Annotated[
        Annotated[Acquired, Tag("<mapping>")] | Annotated[LockedName, Tag("<name>")],
        Discriminator(mapping_or_name),
    ]

    @override
    def to_call(self) -> Call:
        if isinstance(self.lock, str):
            return Call("lock", self.lock)
        tried = self.lock
        return Call("lock", tried.lock, tried.timeout, options=tried.blocking_option())


class UnlockStep(LifecycleStep):
    """Release a lock."""

    kind: ClassVar[str] = "unlock"
    unlock: LockedName


class Counted(Attempt):
    """An attempt to acquire a semaphore."""

    semaphore: SemaphoreName


class AcquireStep(LifecycleStep):
    """Acquire a semaphore; wait while it is 0. With a timeout it may fail."""

    kind: ClassVar[str] = "acquire"
    acquire: Annotated[
        Annotated[Counted, Tag("<mapping>")] | Annotated[SemaphoreName, Tag("<name>")],
        Discriminator(mapping_or_name),
    ]

    @override
    def to_call(self) -> Call:
        if isinstance(self.acquire, str):
            return Call("acquire", self.acquire)
        tried = self.acquire
        return Call("acquire", tried.semaphore, tried.timeout, options=tried.blocking_option())


class ReleaseStep(LifecycleStep):
    """Release a semaphore."""

    kind: ClassVar[str] = "release"
    release: SemaphoreName
