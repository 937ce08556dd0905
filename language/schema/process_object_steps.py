"""The steps by which a process uses Process objects: to start, join, end and watch processes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator
from typing_extensions import override

from kernel.process.calls import Call
from language.schema.distributions import Model
from language.schema.lifecycle_base import LifecycleStep, mapping_or_name
from language.schema.lifecycle_values import Attributes, Plain, ProgramName, Truth, Variables, Yes
from language.schema.quantities import Name, ProcessName, Timeout, word
from translation import mark, tr


class Start(Model):
    """A new process, made by `Process(target=..., name=..., daemon=..., args=..., kwargs=...)`."""

    program: ProgramName
    name: Name | None = Field(
        default=None, description=mark("The name of the process. Default: the program's name.")
    )
    daemon: Truth | None = Field(
        default=None, description=mark("Whether the process is a daemon. Default: as its parent.")
    )
    style: Annotated[Literal["function", "subclass"], word("function", "subclass")] = Field(
        default="function",
        description=mark("Whether it is made by Process(target=...), or by a subclass with run()."),
    )
    target: Annotated[Literal["module", "local", "lambda"], word("module", "local", "lambda")] = (
        Field(
            default="module",
            description=mark(
                "Where the target is defined: in the module, in a function, or as a lambda."
            ),
        )
    )
    args: Plain = Field(
        default=None,
        description=mark("The positional arguments, a list; another value shows Python's error."),
    )
    kwargs: Variables = Field(default={}, description=mark("The keyword arguments."))
    attributes: Attributes = Field(
        default={}, description=mark("Attributes of the object; only with style: subclass.")
    )
    group: Plain = Field(
        default=None, description=mark("Must be nothing; another value shows Python's error.")
    )

    @model_validator(mode="after")
    def _can_be_made(self) -> Self:
        if self.attributes and self.style != "subclass":
            raise ValueError(tr("has attributes, which a subclass has; write style: subclass"))
        if self.target != "module" and self.style == "subclass":
            raise ValueError(
                tr(
                    "has target: {target}, which a process with style: subclass does not have; "
                    "leave one of them out",
                    target=self.target,
                )
            )
        if self.attributes and (self.group is not None or not isinstance(self.args, list | None)):
            raise ValueError(tr("has attributes, but Python does not make such an object"))
        return self

    @property
    def handle(self) -> str:
        """The name of the Process object."""
        return self.name or self.program

    def options(self) -> Mapping[str, Any]:
        """Return the arguments of `Process`."""
        given: dict[str, Any] = {"style": self.style, "kwargs": self.kwargs}
        given |= {"target": (self.target, self.program)} if self.target != "module" else {}
        given |= {"args": self.args} if self.args is not None else {}
        given |= {"daemon": self.daemon} if self.daemon is not None else {}
        return given | ({"group": self.group} if self.group is not None else {})


class StartStep(LifecycleStep):
    """Start a new process. With only a name: start the same Process object once more."""

    kind: ClassVar[str] = "start"
    start: Annotated[
        Annotated[Start, Tag("<mapping>")] | Annotated[ProcessName, Tag("<name>")],
        Discriminator(mapping_or_name),
    ]

    @override
    def to_call(self) -> Call:
        if isinstance(self.start, str):
            return Call("restart", self.start)
        return Call("start", self.start.handle, options=self.start.options())


class Join(Model):
    """A join with a timeout."""

    process: ProcessName
    timeout: Timeout


class JoinStep(LifecycleStep):
    """Wait until the process has ended, or until the timeout."""

    kind: ClassVar[str] = "join"
    join: Annotated[
        Annotated[Join, Tag("<mapping>")] | Annotated[ProcessName, Tag("<name>")],
        Discriminator(mapping_or_name),
    ]

    @override
    def to_call(self) -> Call:
        if isinstance(self.join, str):
            return Call("join", self.join)
        return Call("join", self.join.process, self.join.timeout)


class TerminateStep(LifecycleStep):
    """Send SIGTERM to the process."""

    kind: ClassVar[str] = "terminate"
    terminate: ProcessName


class KillStep(LifecycleStep):
    """Send SIGKILL to the process."""

    kind: ClassVar[str] = "kill"
    kill: ProcessName


class InterruptStep(LifecycleStep):
    """Send SIGINT to the process, in which it raises KeyboardInterrupt (Ctrl-C)."""

    kind: ClassVar[str] = "interrupt"
    interrupt: ProcessName


class CloseStep(LifecycleStep):
    """Release the resources of the Process object."""

    kind: ClassVar[str] = "close"
    close: ProcessName


class DaemonStep(LifecycleStep):
    """Set the attribute `daemon` of a Process object: {c1: true}."""

    kind: ClassVar[str] = "daemon"
    daemon: Annotated[dict[ProcessName, Truth], Field(min_length=1, max_length=1)]

    @override
    def to_call(self) -> Call:
        [(name, value)] = self.daemon.items()
        return Call("daemon", name, value)


class Called(Model):
    """A Process object whose run() is called."""

    program: ProgramName
    name: Name


class CallStep(LifecycleStep):
    """Call run() of a Process object. The program runs in the process of the caller."""

    kind: ClassVar[str] = "call"
    call: Annotated[
        Annotated[Called, Tag("<mapping>")] | Annotated[ProgramName, Tag("<name>")],
        Discriminator(mapping_or_name),
    ]

    @property
    def program(self) -> str:
        """The program that runs."""
        return self.call if isinstance(self.call, str) else self.call.program

    @override
    def to_call(self) -> Call:
        return Call("call", self.call if isinstance(self.call, str) else self.call.name)


class Observe(Model):
    """An observation of only what the operating system knows of a process."""

    process: ProcessName
    only: Annotated[Literal["system"], word("system")]


class ObserveStep(LifecycleStep):
    """Observe a process: its Process object, and what the operating system knows of it."""

    kind: ClassVar[str] = "observe"
    observe: Annotated[
        Annotated[Observe, Tag("<mapping>")] | Annotated[ProcessName, Tag("<name>")],
        Discriminator(mapping_or_name),
    ]

    @override
    def to_call(self) -> Call:
        if isinstance(self.observe, str):
            return Call("observe", self.observe)
        return Call("observe", self.observe.process, options={"only": self.observe.only})


class ActiveChildrenStep(LifecycleStep):
    """Call multiprocessing.active_children(), which lists living children and reaps zombies."""

    kind: ClassVar[str] = "active_children"
    active_children: Yes

    @override
    def to_call(self) -> Call:
        return Call("active_children")
