"""The steps with which processes send each other values: by queues, and by the ends of pipes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, Discriminator, Tag, ValidationInfo, model_validator
from typing_extensions import override

from kernel.process.calls import Call
from language.schema.context import CheckContext, context_of
from language.schema.distributions import Model
from language.schema.lifecycle_base import LifecycleStep
from language.schema.lifecycle_values import Identifier, PipeName, Plain, QueueName
from language.schema.lock_steps import Attempt
from language.schema.quantities import Read, Timeout, whole
from language.source.wording import shown
from translation import tr

End = Annotated[int, whole(0, 1)]


def _message_form(value: Any) -> str:
    """Return the tag of a value: only a name (of a queue), or a mapping with a queue or a pipe."""
    if not isinstance(value, dict):
        return "<name>"
    if "pipe" in value:
        return "<both>" if "queue" in value else "<pipe>"
    return "<queue>"


def _refuse_both(_value: Any, _context: CheckContext) -> Any:
    raise ValueError(tr("has queue and pipe; write one of them"))


class _AtQueue(Attempt):
    """A queue, and how long to wait at it. A simple queue has no timeouts."""

    queue: QueueName

    @model_validator(mode="after")
    def _may_fail(self, info: ValidationInfo) -> Self:
        kind = context_of(info).shared.queue_kinds.get(self.queue, "simple")
        if kind == "simple" and (self.timeout is not None or self.blocking is not None):
            key = "timeout" if self.timeout is not None else "blocking"
            raise ValueError(
                tr(
                    "has {key}, which the simple queue {queue} has not; declare it: queues: "
                    "{{{name}: queue}}",
                    key=key,
                    queue=shown(self.queue),
                    name=self.queue,
                )
            )
        return self

    def options(self) -> Mapping[str, Any]:
        """Return the call's options: `timeout` (ns), or `blocking`, which is False, or neither."""
        timeout = {} if self.timeout is None else {"timeout": self.timeout}
        return {**timeout, **self.blocking_option()}


class Send(_AtQueue):
    """A value, and the queue into which it is put."""

    value: Plain


class PipeSend(Model):
    """A value, and the end of a pipe into which it is sent."""

    pipe: PipeName
    end: End
    value: Plain


class SendStep(LifecycleStep):
    """Put a value into a queue, or send it into an end of a pipe; wait while there is no room."""

    kind: ClassVar[str] = "send"
    send: Annotated[
        Annotated[Send, Tag("<queue>")]
        | Annotated[PipeSend, Tag("<pipe>")]
        | Annotated[Any, Read(_refuse_both), Tag("<both>")],
        Discriminator(lambda value: _message_form(value).replace("<name>", "<queue>")),
    ]

    @override
    def to_call(self) -> Call:
        sent = self.send
        if isinstance(sent, PipeSend):
            return Call("pipe_send", sent.pipe, sent.value, options={"end": sent.end})
        return Call("send", sent.queue, sent.value, options=sent.options())


class Receive(_AtQueue):
    """The queue, and the variable that gets the value."""

    into: Identifier | None = None


class PipeReceive(Model):
    """The end of a pipe from which a value is received, and the variable that gets it."""

    pipe: PipeName
    end: End
    into: Identifier | None = None


class ReceiveStep(LifecycleStep):
    """Take the first value out of a queue or an end of a pipe; wait until there is one."""

    kind: ClassVar[str] = "receive"
    receive: Annotated[
        Annotated[Receive, Tag("<queue>")]
        | Annotated[PipeReceive, Tag("<pipe>")]
        | Annotated[QueueName, Tag("<name>")]
        | Annotated[Any, Read(_refuse_both), Tag("<both>")],
        Discriminator(_message_form),
    ]

    @override
    def to_call(self) -> Call:
        got = self.receive
        if isinstance(got, str):
            return Call("receive", got)
        if isinstance(got, PipeReceive):
            return Call("pipe_receive", got.pipe, got.into, options={"end": got.end})
        return Call("receive", got.queue, got.into, options=got.options())


class PipePoll(Model):
    """The end of a pipe, and how long to wait until something can be received from it."""

    pipe: PipeName
    end: End
    timeout: Timeout = 0


class PollStep(LifecycleStep):
    """Observe whether something can be received from an end of a pipe; wait at most `timeout`."""

    kind: ClassVar[str] = "poll"
    poll: PipePoll

    @override
    def to_call(self) -> Call:
        polled = self.poll
        return Call("pipe_poll", polled.pipe, polled.timeout, options={"end": polled.end})


class PipeEnd(Model):
    """An end of a pipe."""

    pipe: PipeName
    end: End


class CloseEndStep(LifecycleStep):
    """Close an end of a pipe in this process; other processes still have it."""

    kind: ClassVar[str] = "close_end"
    close_end: PipeEnd

    @override
    def to_call(self) -> Call:
        return Call("pipe_close", self.close_end.pipe, options={"end": self.close_end.end})


def _joinable(queue: str, info: ValidationInfo) -> str:
    if context_of(info).shared.queue_kinds.get(queue) != "joinable":
        raise ValueError(
            tr(
                "{queue} is not joinable; write queues: {{{name}: joinable}}",
                queue=shown(queue),
                name=queue,
            )
        )
    return queue


JoinableQueueName = Annotated[QueueName, AfterValidator(_joinable)]


class TaskDoneStep(LifecycleStep):
    """Tell a joinable queue that a value that was received from it has been dealt with."""

    kind: ClassVar[str] = "task_done"
    task_done: JoinableQueueName


class JoinQueueStep(LifecycleStep):
    """Wait until all values that were sent into a joinable queue have been dealt with."""

    kind: ClassVar[str] = "join_queue"
    join_queue: JoinableQueueName
