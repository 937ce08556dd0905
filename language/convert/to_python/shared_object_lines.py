"""The lines of an exported function that use locks, queues and other shared objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kernel.process.calls import Call
from language.convert.to_python.assigned_globals import AssignedGlobals
from language.convert.to_python.code import Code, code, joined
from language.convert.to_python.durations import seconds
from language.convert.to_python.program_context import (
    LONGEST_TIMEOUT,
    NotExportableError,
    ProgramContext,
)
from language.source.wording import KeyPath
from translation import tr

METHODS = {
    "lock": "acquire",
    "unlock": "release",
    "acquire": "acquire",
    "release": "release",
    "set_event": "set",
    "clear_event": "clear",
    "wait_event": "wait",
    "wait": "wait",
    "notify": "notify",
    "notify_all": "notify_all",
    "barrier": "wait",
    "abort": "abort",
    "reset": "reset",
    "send": "put",
    "receive": "get",
    "task_done": "task_done",
    "join_queue": "join",
    "pipe_send": "send",
    "pipe_receive": "recv",
    "pipe_poll": "poll",
    "pipe_close": "close",
}
"""The method of the object that each kind of call is."""

KINDS = {
    **dict.fromkeys(("acquire", "release"), "semaphore"),
    **dict.fromkeys(("set_event", "clear_event", "wait_event"), "event"),
    **dict.fromkeys(("wait", "notify", "notify_all"), "condition"),
    **dict.fromkeys(("barrier", "abort", "reset"), "barrier"),
    **dict.fromkeys(("send", "receive", "task_done", "join_queue"), "queue"),
    **dict.fromkeys(("pipe_send", "pipe_receive", "pipe_poll", "pipe_close"), "pipe"),
}
"""The kind of object that each kind of call uses. The rules say which of the others it is."""

SHARED_CALLS = frozenset({*METHODS, "read", "write", "add"})
"""The kinds of calls that use a shared object."""

REPORTS = frozenset({"wait_event", "pipe_poll"})
"""Calls whose answer is always observed. Others are answered only if they may fail."""


def kind_of_object(context: ProgramContext, call: Call) -> str:
    """Return the kind of the shared object that the call uses."""
    if call.kind in KINDS:
        return KINDS[call.kind]
    rules = context.rules
    for kind, names in (
        ("condition", rules.conditions),
        ("value", rules.values),
        ("array", rules.arrays),
    ):
        if call.name in names:
            return kind
    return "lock"


class SharedObjectLines:
    """Makes the lines of one entry's function that use shared objects."""

    def __init__(
        self,
        context: ProgramContext,
        assigned: AssignedGlobals,
        variable: Callable[[str], Code],
    ) -> None:
        """`variable` returns the expression of a variable by its name in the scenario."""
        self._context, self._globals, self._variable = context, assigned, variable

    def of(self, call: Call, path: KeyPath) -> Iterator[Code]:
        """Yield the lines of a call in SHARED_CALLS. Raises NotExportableError."""
        timeout = call.options.get("timeout", call.value if call.kind in _TIMED else None)
        if timeout is not None and timeout > LONGEST_TIMEOUT:
            raise NotExportableError(
                tr("a timeout of more than 24 days is not exported: CPython refuses it"), path
            )
        match call.kind:
            case "receive" | "pipe_receive":
                yield from self._received(call)
            case "read":
                yield from self._assigned(call, self._number(call))
            case "write":
                yield from self._written(call)
            case "add":
                yield code("{} += {}", self._number(call), call.value)
            case "send" if not call.options:
                yield self._made(call)
            case "set_event" | "clear_event":
                yield self._made(call)
            case _:
                how = "report" if self._is_answered(call) else "attempt"
                yield code("{}({}, lambda: {})", Code(how), call.words, self._made(call))

    def _is_answered(self, call: Call) -> bool:
        if call.kind in ("lock", "acquire", "wait"):
            return call.value is not None or bool(call.options)
        return call.kind in REPORTS

    def _made(self, call: Call) -> Code:
        """Return the call itself."""
        return code(
            "{}.{}({})",
            self._object(call),
            Code(METHODS[call.kind]),
            joined(self._arguments(call)),
        )

    def _arguments(self, call: Call) -> Iterator[Code]:
        if call.kind in ("send", "pipe_send"):
            yield code("{}", call.value)
        if call.kind == "notify" and call.value != 1:
            yield code("{}", call.value)
        if call.options.get("blocking") is False:
            yield Code("block=False")
        timeout = call.options.get("timeout", call.value if call.kind in _TIMED else None)
        if timeout is not None and not (call.kind == "pipe_poll" and timeout == 0):
            yield code("timeout={}", seconds(timeout))

    def _object(self, call: Call) -> Code:
        names, kind = self._context.names, kind_of_object(self._context, call)
        one = names.of(kind, call.name)
        if kind == "pipe":
            return code("{}[{}]", one, call.options["end"])
        if kind in ("value", "array") and call.kind in ("lock", "unlock"):
            return code("{}.get_lock()", one)
        return one

    def _number(self, call: Call) -> Code:
        """Return the expression of a number in shared memory."""
        one = self._object(call)
        if "index" in call.options:
            return code("{}[{}]", one, call.options["index"])
        return code("{}.value", one)

    def _received(self, call: Call) -> Iterator[Code]:
        if call.kind == "receive" and not call.options:
            yield from self._assigned(call, self._made(call))
            return
        yield Code("try:")
        yield from (code("    {}", line) for line in self._assigned(call, self._made(call)))
        yield from _or_complain(call)

    def _assigned(self, call: Call, value: Code) -> Iterator[Code]:
        """Yield the lines that give a variable its value and print it."""
        into = Code("value")
        if call.value is not None:
            into = self._globals.assign("variable", call.value)
        yield code("{} = {}", into, value)
        yield code("say({} + repr({}))", f"? {call.words}: ", into)

    def _written(self, call: Call) -> Iterator[Code]:
        number = self._number(call)
        if "from" not in call.options:
            yield code("{} = {}", number, call.value)
            return
        source = self._variable(call.options["from"])
        if "plus" in call.options:
            source = code("{} + {}", source, call.options["plus"])
        yield Code("try:")
        yield code("    {} = {}", number, source)
        yield from _or_complain(call)


_TIMED = frozenset({"lock", "acquire", "wait_event", "wait", "barrier", "pipe_poll"})
"""Calls whose value is a timeout."""


def _or_complain(call: Call) -> Iterator[Code]:
    yield Code("except Exception as error:")
    yield code("    complain({}, error)", call.words)
