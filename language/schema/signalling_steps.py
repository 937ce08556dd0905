"""The steps with which processes wait for a word of others: events, conditions, barriers."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Discriminator, Field, Tag
from typing_extensions import override

from kernel.process.calls import Call
from language.schema.distributions import Model
from language.schema.lifecycle_base import LifecycleStep, mapping_or_name
from language.schema.lifecycle_values import BarrierName, ConditionName, EventName
from language.schema.quantities import Timeout, whole


class SetEventStep(LifecycleStep):
    """Set an event: every process that waits for it goes on."""

    kind: ClassVar[str] = "set_event"
    set_event: EventName


class ClearEventStep(LifecycleStep):
    """Clear an event: from now on processes wait for it again."""

    kind: ClassVar[str] = "clear_event"
    clear_event: EventName


class AwaitedEvent(Model):
    """An event, and how long to wait for it."""

    event: EventName
    timeout: Timeout | None = None


class WaitEventStep(LifecycleStep):
    """Wait until an event is set, or until the timeout; observe which of the two."""

    kind: ClassVar[str] = "wait_event"
    wait_event: Annotated[
        Annotated[AwaitedEvent, Tag("<mapping>")] | Annotated[EventName, Tag("<name>")],
        Discriminator(mapping_or_name),
    ]

    @override
    def to_call(self) -> Call:
        if isinstance(self.wait_event, str):
            return Call("wait_event", self.wait_event)
        return Call("wait_event", self.wait_event.event, self.wait_event.timeout)


class Waited(Model):
    """A condition, and how long to wait for a notification."""

    condition: ConditionName
    timeout: Timeout | None = None


class WaitStep(LifecycleStep):
    """Release the lock of a condition, wait to be notified, and take the lock again."""

    kind: ClassVar[str] = "wait"
    wait: Annotated[
        Annotated[Waited, Tag("<mapping>")] | Annotated[ConditionName, Tag("<name>")],
        Discriminator(mapping_or_name),
    ]

    @override
    def to_call(self) -> Call:
        if isinstance(self.wait, str):
            return Call("wait", self.wait)
        return Call("wait", self.wait.condition, self.wait.timeout)


class Notified(Model):
    """A condition, and how many of the processes that wait for it are notified."""

    condition: ConditionName
    count: Annotated[int, whole(1, 1_000_000)] = Field(default=1)


class NotifyStep(LifecycleStep):
    """Notify one process that waits for a condition, or `count`; later waits do not see it."""

    kind: ClassVar[str] = "notify"
    notify: Annotated[
        Annotated[Notified, Tag("<mapping>")] | Annotated[ConditionName, Tag("<name>")],
        Discriminator(mapping_or_name),
    ]

    @override
    def to_call(self) -> Call:
        if isinstance(self.notify, str):
            return Call("notify", self.notify, 1)
        return Call("notify", self.notify.condition, self.notify.count)


class NotifyAllStep(LifecycleStep):
    """Notify every process that waits for a condition."""

    kind: ClassVar[str] = "notify_all"
    notify_all: ConditionName


class Met(Model):
    """A barrier, and how long to wait at it."""

    barrier: BarrierName
    timeout: Timeout | None = None


class BarrierStep(LifecycleStep):
    """Wait at a barrier until all of its processes wait there; a timeout breaks it."""

    kind: ClassVar[str] = "barrier"
    barrier: Annotated[
        Annotated[Met, Tag("<mapping>")] | Annotated[BarrierName, Tag("<name>")],
        Discriminator(mapping_or_name),
    ]

    @override
    def to_call(self) -> Call:
        if isinstance(self.barrier, str):
            return Call("barrier", self.barrier)
        return Call("barrier", self.barrier.barrier, self.barrier.timeout)


class AbortStep(LifecycleStep):
    """Break a barrier: each process that waits there raises BrokenBarrierError."""

    kind: ClassVar[str] = "abort"
    abort: BarrierName


class ResetStep(LifecycleStep):
    """Make a barrier as it was at first; a process that waits there raises BrokenBarrierError."""

    kind: ClassVar[str] = "reset"
    reset: BarrierName
