"""The values of lifecycle steps: names of programs and shared objects, variables, exit codes."""

from __future__ import annotations

import builtins
import keyword
from typing import Annotated, Any

from pydantic import Field, ValidationInfo

from language.schema.context import CheckContext, context_of
from language.schema.quantities import Read, name_of, whole
from language.source.wording import NOTHING, got, got_word, shown, unknown
from translation import tr

LONGEST_VALUE = 1000
"""Most characters of a value that is sent, assigned or passed. A pipe takes so many at once."""
C_INT = -(2**31), 2**31 - 1
"""The least and the greatest exit code that CPython can hand to the system."""

OF_PROCESS = frozenset(
    {"authkey", "close", "daemon", "exitcode", "ident", "interrupt", "is_alive", "join", "kill"}
    | {"name", "pid", "run", "sentinel", "start", "terminate"}
)
"""The attributes that every Process object has."""


def _program(value: Any, context: CheckContext) -> str:
    if not isinstance(value, str):
        raise ValueError(got(tr("the name of one of programs"), value))
    if value not in context.programs:
        if not context.programs:
            raise ValueError(
                tr(
                    "unknown program {program}; write it under programs: {{{name}: {{cpu: 20ms}}}}",
                    program=shown(value),
                    name=value,
                )
            )
        raise ValueError(unknown(tr("program"), value, context.programs))
    return value


def _shared(*kinds: str) -> Read:
    """Return the reader of the name of a shared object of one of these kinds."""

    def convert(value: Any, context: CheckContext) -> str:
        name = name_of(value, context)
        context.shared.use(name, *kinds)
        return name

    return Read(convert, {"type": "string"})


def _condition(value: Any, context: CheckContext) -> str:
    """Return the name of a condition. A duration is a mistake that the message explains."""
    name = name_of(value, context)
    try:
        context.shared.use(name, "condition")
    except ValueError as error:
        if name[:1].isdigit():
            raise ValueError(
                tr("{mistake}; to wait for some time, write io: {time}", mistake=error, time=name)
            ) from None
        raise
    return name


def _lock(value: Any, context: CheckContext) -> str:
    """Return the name of a lock, or of an object that has one."""
    name = name_of(value, context)
    kind = context.shared.use(name, "lock", "condition", "value", "array")
    if name in context.shared.lockless:
        raise ValueError(
            tr("{name} is an array without a lock", name=shown(name))
            if kind == "array"
            else tr("{name} is a value without a lock", name=shown(name))
        )
    return name


def _plain(value: Any, _context: CheckContext) -> Any:
    """Return a number, text, truth value or list of them, of at most LONGEST_VALUE characters."""
    if not _is_plain(value) or len(repr(value)) > LONGEST_VALUE:
        wanted = tr(
            "a number, a text, true, false or a list of them, of at most {most:,} characters",
            most=LONGEST_VALUE,
        )
        raise ValueError(got(wanted, value))
    return value


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return isinstance(value, (bool, int, float, str))


def _identifier(value: Any, _context: CheckContext) -> str:
    if not isinstance(value, str) or not value.isidentifier() or len(value) > 100:
        raise ValueError(got(tr("the name of a variable, like a"), value))
    return value


def _variable(value: Any, context: CheckContext) -> str:
    """Return the name of a variable, or of an attribute of a Process object, like self.limit."""
    of, dot, attribute = value.partition(".") if isinstance(value, str) else ("", "", "")
    if not dot:
        return _identifier(value, context)
    if not (of.isidentifier() and attribute.isidentifier()) or len(value) > 200:
        raise ValueError(
            got(tr("the name of a variable, like a, or of an attribute, like c1.a"), value)
        )
    return str(value)


def _attribute(value: Any, context: CheckContext) -> str:
    name = _identifier(value, context)
    if name in OF_PROCESS or name.startswith("_") or keyword.iskeyword(name):
        raise ValueError(
            tr("{name} is Python's own; choose another name, like limit", name=shown(name))
        )
    return name


def _exception(value: Any, _context: CheckContext) -> str:
    kind = getattr(builtins, value, None) if isinstance(value, str) else None
    uncaught = isinstance(kind, type) and issubclass(kind, Exception)
    if not uncaught and kind not in (SystemExit, KeyboardInterrupt):
        raise ValueError(got(tr("one of Python's exceptions, like ValueError"), value))
    return str(value)


def _code(value: Any, _context: CheckContext) -> int | str | bool | None:
    """Return what sys.exit() is called with: None for a key without a value."""
    if value is NOTHING or value is None:
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and C_INT[0] <= value <= C_INT[1]:
        return value
    if isinstance(value, str) and len(value) <= LONGEST_VALUE:
        return value
    if isinstance(value, int):
        raise ValueError(
            got(tr("a whole number of 32 bits, from -2147483648 to 2147483647"), value)
        )
    raise ValueError(got(tr("an exit code like 3, a text, true, false or nothing"), value))


def _false(value: Any, _context: CheckContext) -> bool:
    if value is not False:
        raise ValueError(
            tr("must be false (got {value}); leave it out to wait", value=shown(value))
        )
    return False


def _true(value: Any, _context: CheckContext) -> bool:
    if value is not True:
        raise ValueError(got_word("true", value))
    return True


def _truth(value: Any, _context: CheckContext) -> bool:
    if not isinstance(value, bool):
        raise ValueError(got(tr("true or false"), value))
    return value


ProgramName = Annotated[str, Read(_program, {"type": "string"})]
LockName = Annotated[str, _shared("lock")]
LockedName = Annotated[str, Read(_lock, {"type": "string"})]
"""The name of a lock, or of a condition, value or array, which have one."""
SemaphoreName = Annotated[str, _shared("semaphore")]
EventName = Annotated[str, _shared("event")]
ConditionName = Annotated[str, Read(_condition, {"type": "string"})]
BarrierName = Annotated[str, _shared("barrier")]
QueueName = Annotated[str, _shared("queue")]
PoolName = Annotated[str, _shared("pool")]
PipeName = Annotated[str, _shared("pipe")]
ValueName = Annotated[str, _shared("value")]
ArrayName = Annotated[str, _shared("array")]
Plain = Annotated[Any, Read(_plain, {"type": ["string", "number", "integer", "boolean", "array"]})]
Identifier = Annotated[str, Read(_identifier, {"type": "string"})]
ExceptionName = Annotated[str, Read(_exception, {"type": "string"})]
Variable = Annotated[str, Read(_variable, {"type": "string"})]
"""The name of a variable; or NAME.ATTRIBUTE, an attribute of a Process object."""
Attribute = Annotated[str, Read(_attribute, {"type": "string"})]
Yes = Annotated[bool, Read(_true, {"const": True})]
Truth = Annotated[bool, Read(_truth, {"type": "boolean"})]
Variables = Annotated[dict[Identifier, Plain], Field(max_length=100)]
Attributes = Annotated[dict[Attribute, Plain], Field(max_length=100)]
No = Annotated[bool, Read(_false, {"const": False})]
ExitValue = Annotated[
    int | str | None,
    Read(
        _code,
        {
            "type": ["integer", "string", "boolean", "null"],
            "minimum": C_INT[0],
            "maximum": C_INT[1],
            "maxLength": LONGEST_VALUE,
        },
    ),
]
Code = Annotated[int, whole(*C_INT)]
INTEGER = whole(-(2**63), 2**63 - 1)
"""The reader of a number that fits a C long long, as values and arrays have them."""


def learn_programs(written: Any, info: ValidationInfo) -> Any:
    """Note the names of all programs before one is checked, as programs may start each other."""
    context_of(info).programs = tuple(map(str, written)) if isinstance(written, dict) else ()
    return written
