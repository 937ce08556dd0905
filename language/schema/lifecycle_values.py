"""The values of lifecycle steps: names of programs and barriers, variables, exit codes."""

from __future__ import annotations

import builtins
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo

from language.schema.context import CheckContext, context_of
from language.schema.quantities import Name, Read, whole
from language.source.wording import got, shown, unknown

LONGEST_VALUE = 1000
"""Most characters of a value that is sent, assigned or passed. A pipe takes so many at once."""


def _program(value: Any, context: CheckContext) -> str:
    if not isinstance(value, str):
        raise ValueError(got("the name of one of programs", value))
    if value not in context.programs:
        if not context.programs:
            written = f"programs: {{{value}: {{cpu: 20ms}}}}"
            raise ValueError(f"unknown program {shown(value)}; write it under {written}")
        raise ValueError(unknown("program", value, context.programs))
    return value


def _barrier(value: Any, context: CheckContext) -> str:
    if not isinstance(value, str):
        raise ValueError(got("the name of one of barriers", value))
    if value not in context.barriers:
        if not context.barriers:
            raise ValueError(f"unknown barrier {shown(value)}; write barriers: {{{value}: 2}}")
        raise ValueError(unknown("barrier", value, context.barriers))
    return value


def _plain(value: Any, _context: CheckContext) -> Any:
    """Return a number, text, truth value or list of them, of at most LONGEST_VALUE characters."""
    if not _is_plain(value) or len(repr(value)) > LONGEST_VALUE:
        wanted = f"a number, a text, true, false or a list of them, of at most {LONGEST_VALUE:,}"
        raise ValueError(got(f"{wanted} characters", value))
    return value


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return isinstance(value, (bool, int, float, str))


def _identifier(value: Any, _context: CheckContext) -> str:
    if not isinstance(value, str) or not value.isidentifier() or len(value) > 100:
        raise ValueError(got("the name of a variable, like a", value))
    return value


def _exception(value: Any, _context: CheckContext) -> str:
    kind = getattr(builtins, value, None) if isinstance(value, str) else None
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        raise ValueError(got("one of Python's exceptions, like ValueError", value))
    return str(value)


def _true(value: Any, _context: CheckContext) -> bool:
    if value is not True:
        raise ValueError(got("true", value))
    return True


def _truth(value: Any, _context: CheckContext) -> bool:
    if not isinstance(value, bool):
        raise ValueError(got("true or false", value))
    return value


ProgramName = Annotated[str, Read(_program, {"type": "string"})]
BarrierName = Annotated[str, Read(_barrier, {"type": "string"})]
Plain = Annotated[Any, Read(_plain, {"type": ["string", "number", "integer", "boolean", "array"]})]
Identifier = Annotated[str, Read(_identifier, {"type": "string"})]
ExceptionName = Annotated[str, Read(_exception, {"type": "string"})]
Yes = Annotated[bool, Read(_true, {"const": True})]
Truth = Annotated[bool, Read(_truth, {"type": "boolean"})]
Variables = Annotated[dict[Identifier, Plain], Field(max_length=100)]
Code = Annotated[int, whole(0, 255)]


def learn_programs(written: Any, info: ValidationInfo) -> Any:
    """Note the names of all programs before one is checked, as programs may start each other."""
    context_of(info).programs = tuple(map(str, written)) if isinstance(written, dict) else ()
    return written


def learn_barriers(barriers: dict[str, int], info: ValidationInfo) -> dict[str, int]:
    """Note the names of the barriers in the context."""
    context_of(info).barriers = tuple(barriers)
    return barriers


Barriers = Annotated[
    dict[Name, Annotated[int, whole(1, 10_000)]],
    Field(max_length=100),
    AfterValidator(learn_barriers),
]
