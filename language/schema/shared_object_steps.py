"""The steps by which processes wait for each other: locks, queues and barriers."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Discriminator, Tag
from typing_extensions import override

from kernel.process.calls import Call
from language.schema.distributions import Model
from language.schema.lifecycle_base import LifecycleStep, mapping_or_name
from language.schema.lifecycle_values import BarrierName, Identifier, Plain
from language.schema.quantities import Name


class LockStep(LifecycleStep):
    """Acquire a lock; wait while another process has it."""

    kind: ClassVar[str] = "lock"
    lock: Name


class UnlockStep(LifecycleStep):
    """Release a lock."""

    kind: ClassVar[str] = "unlock"
    unlock: Name


class Send(Model):
    """A value, and the queue into which it is put."""

    queue: Name
    value: Plain


class SendStep(LifecycleStep):
    """Put a value into a queue, without waiting."""

    kind: ClassVar[str] = "send"
    send: Send

    @override
    def to_call(self) -> Call:
        return Call("send", self.send.queue, self.send.value)


class Receive(Model):
    """The queue, and the variable that gets the value."""

    queue: Name
    into: Identifier


class ReceiveStep(LifecycleStep):
    """Take the first value out of a queue; wait until there is one."""

    kind: ClassVar[str] = "receive"
    receive: Annotated[
        Annotated[Receive, Tag("<mapping>")] | Annotated[Name, Tag("<name>")],
        Discriminator(mapping_or_name),
    ]

    @override
    def to_call(self) -> Call:
        if isinstance(self.receive, str):
            return Call("receive", self.receive)
        return Call("receive", self.receive.queue, self.receive.into)


class BarrierStep(LifecycleStep):
    """Wait at a barrier until all of its processes wait there."""

    kind: ClassVar[str] = "barrier"
    barrier: BarrierName
