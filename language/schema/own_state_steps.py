"""The steps that concern only their own process: its end, its variables, its output."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field
from typing_extensions import override

from kernel.process.calls import Call
from language.schema.lifecycle_base import LifecycleStep
from language.schema.lifecycle_values import (
    Code,
    ExceptionName,
    ExitValue,
    Plain,
    Variable,
    Yes,
)
from language.schema.quantities import Text


class ExitStep(LifecycleStep):
    """End the process by sys.exit(...): a number, or a text that is printed and means 1."""

    kind: ClassVar[str] = "exit"
    exit: ExitValue

    @override
    def to_call(self) -> Call:
        return Call("exit", "", self.exit)


class RaiseStep(LifecycleStep):
    """Raise an exception that nothing catches."""

    kind: ClassVar[str] = "raise"
    raise_: ExceptionName = Field(alias="raise")

    @override
    def to_call(self) -> Call:
        return Call("raise", "", self.raise_)


class OsExitStep(LifecycleStep):
    """End the process by os._exit(n), without any clean-up."""

    kind: ClassVar[str] = "os_exit"
    os_exit: Code

    @override
    def to_call(self) -> Call:
        return Call("os_exit", "", self.os_exit)


class SetStep(LifecycleStep):
    """Assign global variables: {a: 1}."""

    kind: ClassVar[str] = "set"
    set: Annotated[dict[Variable, Plain], Field(min_length=1, max_length=100)]

    @override
    def to_call(self) -> Call:
        return Call("set", "", self.set)


class ShowStep(LifecycleStep):
    """Print a global variable, like a = 1."""

    kind: ClassVar[str] = "show"
    show: Variable


class PrintStep(LifecycleStep):
    """Print a line."""

    kind: ClassVar[str] = "print"
    print: Text

    @override
    def to_call(self) -> Call:
        return Call("print", "", self.print)


class AtexitStep(LifecycleStep):
    """Register a line that is printed when the interpreter ends normally (module atexit)."""

    kind: ClassVar[str] = "atexit"
    atexit: Text

    @override
    def to_call(self) -> Call:
        return Call("atexit", "", self.atexit)


class FinallyStep(LifecycleStep):
    """Put the rest of the program into a try statement whose finally prints a line."""

    kind: ClassVar[str] = "finally"
    finally_: Text = Field(alias="finally")

    @override
    def to_call(self) -> Call:
        return Call("finally", "", self.finally_)


class YieldStep(LifecycleStep):
    """Give up the core, and go to the end of the ready queue."""

    kind: ClassVar[str] = "yield"
    yield_: Yes = Field(alias="yield")

    @override
    def to_call(self) -> Call:
        return Call("yield")
