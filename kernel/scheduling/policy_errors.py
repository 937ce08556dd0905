"""Errors of policies: an exception in a user's own policy becomes one line with file and line."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from traceback import walk_tb
from types import FrameType

from kernel.errors import Interrupted, MultiprogError, PolicyError, RuleBroken
from kernel.scheduling.policy import Policy
from translation import tr

LONGEST = 120  # characters of the text of a value or exception
OWN = "multiprog_policy_"
"""The prefix of the name of each module that is an own policy, or was imported from its folder."""


def is_own(frame: FrameType) -> bool:
    """Return whether the frame executes a file of own policies, or a module of its folder."""
    return str(frame.f_globals.get("__name__", "")).startswith(OWN)


@contextmanager
def policy_errors_of(policy: Policy | type[Policy]) -> Iterator[None]:
    """Turn an exception that came from `policy` into a PolicyError that names file and line.

    The line is the last one that was running in the policy's own file, otherwise in the file of a
    policy that it extends. Ctrl-C while the policy was running becomes Interrupted, with the place.
    """
    try:
        yield
    except MultiprogError:
        raise
    except BaseException as error:
        found = policy_error(policy, error)
        if found is None:
            raise
        raise found from None


def policy_error(
    policy: Policy | type[Policy], error: BaseException, asked: str = ""
) -> MultiprogError | None:
    """Return the error for an exception that came from `policy`; None if it came from elsewhere.

    With `asked`, the method that was called, it did come from the policy. If none of the policy's
    own lines was running then, the place is that of the method.
    """
    kind = policy if isinstance(policy, type) else type(policy)
    if isinstance(error, MultiprogError):  # raised by a class of this package that it extends
        return PolicyError(f"{place(kind)}: {error}") if asked else error
    walked = list(walk_tb(error.__traceback__))
    frames = [(frame.f_code, line) for frame, line in walked]
    own = [(frame.f_code, line) for frame, line in walked if is_own(frame)]
    if own and not _is_ours(kind):
        code, line = own[-1]
        return _raised(f"{code.co_filename}:{line}: {code.co_name}()", error)
    for base in kind.__mro__:
        if not issubclass(base, Policy):
            continue
        ours = asked and _is_ours(base) and not _is_ours(kind)
        for code, line in reversed(frames):
            if code.co_filename == _file_of(base):
                if ours:
                    return _raised(f"{place(kind, asked)}: {asked}()", error, _hint(kind, error))
                return _raised(f"{code.co_filename}:{line}: {code.co_name}()", error)
    return _raised(f"{place(kind, asked)}: {asked}()", error) if asked else None


def place(kind: type[Policy], method: str = "") -> str:
    """Return file:line of a method of `kind` or of an own base class, otherwise of `kind`."""
    for base in kind.__mro__:
        if method in vars(base) and not _is_ours(base):
            code = getattr(inspect.unwrap(getattr(base, method)), "__code__", None)
            if code is not None:
                return f"{code.co_filename}:{code.co_firstlineno}"
    file = _file_of(kind)
    try:
        return f"{file}:{_line_of(kind)}"
    except (OSError, TypeError):  # the file is gone, or was never one
        return file


def _file_of(kind: type) -> str:
    """Return the file of a class; of one that was typed in, the class's name."""
    try:
        return inspect.getfile(kind)
    except (OSError, TypeError):  # a notebook, or Python's prompt
        return f"class {kind.__qualname__}"


def _line_of(kind: type) -> int:
    """Return the line at which a class begins.

    If several classes of a file have one name, `inspect` gives the first of them.
    """
    lines, _ = inspect.findsource(kind)
    head = re.compile(rf"\s*class\s+{re.escape(kind.__name__)}\b")
    begins = [number for number, line in enumerate(lines, 1) if head.match(line)]
    if len(begins) < 2:
        return inspect.getsourcelines(kind)[1]
    codes = [value.__code__ for value in vars(kind).values() if inspect.isfunction(value)]
    inside = [c.co_firstlineno for c in codes if c.co_filename == inspect.getfile(kind)]
    return max((n for n in begins if n < min(inside, default=len(lines) + 1)), default=begins[0])


def said_of(value: object) -> str:
    """Return `repr` in one line, for messages. The `repr` of an own class may fail, or be long."""
    words = tr("something of type {type}", type=type(value).__name__)
    if type(value).__repr__ is not object.__repr__:  # which tells only an address
        with suppress(Exception):
            words = " ".join(repr(value).split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 3]}..."


def _is_ours(kind: type) -> bool:
    return kind.__module__.startswith("kernel.")


def _raised(where: str, error: BaseException, hint: str = "") -> MultiprogError:
    if isinstance(error, KeyboardInterrupt):
        return Interrupted(tr("interrupted in {place}", place=where))
    if isinstance(error, RuleBroken):
        return PolicyError(f"{where} {error}")
    words = ""
    with suppress(Exception):  # the `str` of an own exception may fail
        words = " ".join(str(error).split())
    kind = type(error).__name__
    if not words:
        return PolicyError(tr("{place} raised {error}", place=where, error=kind))
    said = tr("{place} raised {error}: {text}", place=where, error=kind, text=words)
    return PolicyError(f"{said}{hint}")


def _hint(kind: type[Policy], error: BaseException) -> str:
    """Return what is probably wrong when a base class of `kind` in the kernel has raised."""
    if isinstance(error, AttributeError) and not _is_ours_method(kind, "setup"):
        return tr("; setup() must call super().setup()")
    if isinstance(error, TypeError) and hasattr(kind, "key"):
        return tr("; what key() returns must be comparable")
    return ""


def _is_ours_method(kind: type[Policy], name: str) -> bool:
    return next(_is_ours(base) for base in kind.__mro__ if name in vars(base))
