"""The steps with which processes start, join, end and watch each other."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, ValidationInfo

from kernel.process.calls import Call
from language.schema.context import Facts, facts_of
from language.schema.distributions import Model
from language.schema.quantities import Moment, Name, ProcessName, Read, Text, whole, word
from language.source.wording import got, shown, unknown

LONGEST_VALUE = 1000
"""Characters of a value that is sent, assigned or handed over: a pipe takes it at once."""


def _program(value: Any, facts: Facts) -> str:
    if not isinstance(value, str):
        raise ValueError(got("the name of one of programs", value))
    if value not in facts.programs:
        if not facts.programs:
            written = f"programs: {{{value}: {{cpu: 20ms}}}}"
            raise ValueError(f"unknown program {shown(value)}; write it under {written}")
        raise ValueError(unknown("program", value, facts.programs))
    return value


def _barrier(value: Any, facts: Facts) -> str:
    if not isinstance(value, str):
        raise ValueError(got("the name of one of barriers", value))
    if value not in facts.barriers:
        if not facts.barriers:
            raise ValueError(f"unknown barrier {shown(value)}; write barriers: {{{value}: 2}}")
        raise ValueError(unknown("barrier", value, facts.barriers))
    return value


def _plain(value: Any, _facts: Facts) -> Any:
    """A value that a program can hold: what YAML writes, without dates and the like."""
    if not _is_plain(value) or len(repr(value)) > LONGEST_VALUE:
        wanted = f"a number, a text, true, false or a list of them, of at most {LONGEST_VALUE:,}"
        raise ValueError(got(f"{wanted} characters", value))
    return value


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return isinstance(value, (bool, int, float, str))


def _identifier(value: Any, _facts: Facts) -> str:
    if not isinstance(value, str) or not value.isidentifier() or len(value) > 100:
        raise ValueError(got("the name of a variable, like a", value))
    return value


def _exception(value: Any, _facts: Facts) -> str:
    kind = getattr(builtins, value, None) if isinstance(value, str) else None
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        raise ValueError(got("one of Python's exceptions, like ValueError", value))
    return str(value)


def _true(value: Any, _facts: Facts) -> bool:
    if value is not True:
        raise ValueError(got("true", value))
    return True


def _truth(value: Any, _facts: Facts) -> bool:
    if not isinstance(value, bool):
        raise ValueError(got("true or false", value))
    return value


ProgramName = Annotated[str, Read(_program, {"type": "string"})]
BarrierName = Annotated[str, Read(_barrier, {"type": "string"})]
Plain = Annotated[Any, Read(_plain, {"type": ["string", "number", "integer", "boolean", "array"]})]
Identifier = Annotated[str, Read(_identifier, {"type": "string"})]
Yes = Annotated[bool, Read(_true, {"const": True})]
Truth = Annotated[bool, Read(_truth, {"type": "boolean"})]
Variables = Annotated[dict[Identifier, Plain], Field(max_length=100)]
Code = Annotated[int, whole(0, 255)]


class LifeStep(Model):
    """A step that takes no time and needs a core."""

    kind: ClassVar[str] = ""

    def count(self) -> int:
        return 1

    def to_call(self) -> Call:
        """What the kernel is told. Of a start without the child's index."""
        return Call(self.kind, getattr(self, self.kind))


class Start(Model):
    """A new process, as `Process(target=..., name=..., daemon=..., args=..., kwargs=...)`."""

    program: ProgramName
    name: Name | None = Field(default=None, description="Default: the program's name.")
    daemon: Truth | None = Field(default=None, description="Default: as its parent is.")
    style: Annotated[Literal["function", "subclass"], word("function", "subclass")] = Field(
        default="function", description="Process(target=...), or a subclass with run()."
    )
    args: Plain = Field(default=None, description="A list; anything else is Python's mistake.")
    kwargs: Variables = Field(default={}, description="Keyword arguments.")
    group: Plain = Field(default=None, description="Anything but nothing is Python's mistake.")

    @property
    def handle(self) -> str:
        """What the Process object is called."""
        return self.name or self.program

    def options(self) -> Mapping[str, Any]:
        """What is handed to Process."""
        given: dict[str, Any] = {"style": self.style, "kwargs": self.kwargs}
        given |= {"args": self.args} if self.args is not None else {}
        given |= {"daemon": self.daemon} if self.daemon is not None else {}
        return given | ({"group": self.group} if self.group is not None else {})


def _mapping_or_name(value: Any) -> str:
    return "<mapping>" if isinstance(value, dict) else "<name>"


class StartStep(LifeStep):
    """Start a new process; with a name alone the same Process object once more."""

    kind: ClassVar[str] = "start"
    start: Annotated[
        Annotated[Start, Tag("<mapping>")] | Annotated[ProcessName, Tag("<name>")],
        Discriminator(_mapping_or_name),
    ]

    def to_call(self) -> Call:
        if isinstance(self.start, str):
            return Call("restart", self.start)
        return Call("start", self.start.handle, options=self.start.options())


class Join(Model):
    """With a timeout."""

    process: ProcessName
    timeout: Moment


class JoinStep(LifeStep):
    """Wait until it has ended, or at most so long."""

    kind: ClassVar[str] = "join"
    join: Annotated[
        Annotated[Join, Tag("<mapping>")] | Annotated[ProcessName, Tag("<name>")],
        Discriminator(_mapping_or_name),
    ]

    def to_call(self) -> Call:
        if isinstance(self.join, str):
            return Call("join", self.join)
        return Call("join", self.join.process, self.join.timeout)


class TerminateStep(LifeStep):
    """Send it SIGTERM."""

    kind: ClassVar[str] = "terminate"
    terminate: ProcessName


class KillStep(LifeStep):
    """Send it SIGKILL."""

    kind: ClassVar[str] = "kill"
    kill: ProcessName


class CloseStep(LifeStep):
    """Release what the Process object holds."""

    kind: ClassVar[str] = "close"
    close: ProcessName


class DaemonStep(LifeStep):
    """Set the attribute `daemon` of a Process object: {c1: true}."""

    kind: ClassVar[str] = "daemon"
    daemon: Annotated[dict[ProcessName, Truth], Field(min_length=1, max_length=1)]

    def to_call(self) -> Call:
        [(name, value)] = self.daemon.items()
        return Call("daemon", name, value)


class ExitStep(LifeStep):
    """sys.exit(n)."""

    kind: ClassVar[str] = "exit"
    exit: Code

    def to_call(self) -> Call:
        return Call("exit", "", self.exit)


class RaiseStep(LifeStep):
    """Raise an exception that nobody catches."""

    kind: ClassVar[str] = "raise"
    raise_: Annotated[str, Read(_exception, {"type": "string"})] = Field(alias="raise")

    def to_call(self) -> Call:
        return Call("raise", "", self.raise_)


class OsExitStep(LifeStep):
    """os._exit(n): without any clean-up."""

    kind: ClassVar[str] = "os_exit"
    os_exit: Code

    def to_call(self) -> Call:
        return Call("os_exit", "", self.os_exit)


class Called(Model):
    """A Process object whose run() is called."""

    program: ProgramName
    name: Name


class CallStep(LifeStep):
    """Call run() of a Process object: the program runs in the caller's own process."""

    kind: ClassVar[str] = "call"
    call: Annotated[
        Annotated[Called, Tag("<mapping>")] | Annotated[ProgramName, Tag("<name>")],
        Discriminator(_mapping_or_name),
    ]

    @property
    def program(self) -> str:
        """Which program runs."""
        return self.call if isinstance(self.call, str) else self.call.program

    def to_call(self) -> Call:
        return Call("call", self.call if isinstance(self.call, str) else self.call.name)


class Observe(Model):
    """What to look at: everything, or what the system knows."""

    process: ProcessName
    only: Annotated[Literal["system"], word("system")]


class ObserveStep(LifeStep):
    """Look at a process: its Process object, and what the system says of it."""

    kind: ClassVar[str] = "observe"
    observe: Annotated[
        Annotated[Observe, Tag("<mapping>")] | Annotated[ProcessName, Tag("<name>")],
        Discriminator(_mapping_or_name),
    ]

    def to_call(self) -> Call:
        if isinstance(self.observe, str):
            return Call("observe", self.observe)
        return Call("observe", self.observe.process, options={"only": self.observe.only})


class ActiveChildrenStep(LifeStep):
    """multiprocessing.active_children(): who lives; zombies are reaped by the way."""

    kind: ClassVar[str] = "active_children"
    active_children: Yes

    def to_call(self) -> Call:
        return Call("active_children")


class SetStep(LifeStep):
    """Assign global variables: {a: 1}."""

    kind: ClassVar[str] = "set"
    set: Annotated[Variables, Field(min_length=1)]

    def to_call(self) -> Call:
        return Call("set", "", self.set)


class ShowStep(LifeStep):
    """Print a global variable: a = 1."""

    kind: ClassVar[str] = "show"
    show: Identifier


class PrintStep(LifeStep):
    """Print a line."""

    kind: ClassVar[str] = "print"
    print: Text

    def to_call(self) -> Call:
        return Call("print", "", self.print)


class LockStep(LifeStep):
    """Acquire a lock; wait while another process has it."""

    kind: ClassVar[str] = "lock"
    lock: Name


class UnlockStep(LifeStep):
    """Release a lock."""

    kind: ClassVar[str] = "unlock"
    unlock: Name


class Send(Model):
    """What goes into which queue."""

    queue: Name
    value: Plain


class SendStep(LifeStep):
    """Put a value into a queue; it never waits."""

    kind: ClassVar[str] = "send"
    send: Send

    def to_call(self) -> Call:
        return Call("send", self.send.queue, self.send.value)


class Receive(Model):
    """From which queue into which variable."""

    queue: Name
    into: Identifier


class ReceiveStep(LifeStep):
    """Take the first value out of a queue; wait until there is one."""

    kind: ClassVar[str] = "receive"
    receive: Annotated[
        Annotated[Receive, Tag("<mapping>")] | Annotated[Name, Tag("<name>")],
        Discriminator(_mapping_or_name),
    ]

    def to_call(self) -> Call:
        if isinstance(self.receive, str):
            return Call("receive", self.receive)
        return Call("receive", self.receive.queue, self.receive.into)


class BarrierStep(LifeStep):
    """Wait at a barrier until all of its parties have come."""

    kind: ClassVar[str] = "barrier"
    barrier: BarrierName


class YieldStep(LifeStep):
    """Give up the core, and be ready again behind the others."""

    kind: ClassVar[str] = "yield"
    yield_: Yes = Field(alias="yield")

    def to_call(self) -> Call:
        return Call("yield")


LIFE_STEPS: Mapping[str, type[LifeStep]] = {
    kind.kind: kind
    for kind in (
        StartStep,
        JoinStep,
        TerminateStep,
        KillStep,
        CloseStep,
        DaemonStep,
        ExitStep,
        RaiseStep,
        OsExitStep,
        CallStep,
        ObserveStep,
        ActiveChildrenStep,
        SetStep,
        ShowStep,
        PrintStep,
        LockStep,
        UnlockStep,
        SendStep,
        ReceiveStep,
        BarrierStep,
        YieldStep,
    )
}
"""By the key with which a program writes it."""


def learn_programs(written: Any, info: ValidationInfo) -> Any:
    """Before they are checked: programs may start each other."""
    facts_of(info).programs = tuple(map(str, written)) if isinstance(written, dict) else ()
    return written


def learn_barriers(barriers: dict[str, int], info: ValidationInfo) -> dict[str, int]:
    facts_of(info).barriers = tuple(barriers)
    return barriers


Barriers = Annotated[
    dict[Name, Annotated[int, whole(1, 10_000)]],
    Field(max_length=100),
    AfterValidator(learn_barriers),
]
