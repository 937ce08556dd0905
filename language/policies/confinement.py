"""Confine an own policy: it may print a little, and must not change the command that executes it.

If a policy changes something of the process, the change is undone if possible, and reported. This
guards against mistakes, not against attacks: a policy has all rights of the user. What it does to
files, or inside Python, is not prevented.
"""

from __future__ import annotations

import builtins
import io
import locale
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from operator import eq
from typing import Any, NamedTuple, TextIO

from kernel.errors import MultiprogError, PolicyError, RuleBroken
from translation import mark, tr

MOST_SAID = 1_000_000
"""How many characters a policy may print while its file is read, and again during a run."""


class Said(io.TextIOBase):
    """A stream that writes the text of `policy` to `stream`, up to MOST_SAID characters.

    A remark says that the rest is left out. `isatty` is False.
    """

    def __init__(self, policy: str, stream: TextIO) -> None:
        self._policy, self._stream, self._left = policy, stream, MOST_SAID

    def write(self, text: str) -> int:
        """Write what the limit allows. Return the length of the text."""
        if self._left > 0:
            self._stream.write(text[: self._left])
            self._left -= len(text)
            if self._left <= 0:
                self._stream.write(f"\n{left_out(self._policy)}\n")
        return len(text)

    def flush(self) -> None:
        """Flush the stream."""
        self._stream.flush()

    def fileno(self) -> int:
        """Return the descriptor of the stream."""
        return self._stream.fileno()

    def writable(self) -> bool:
        """Return True."""
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the stream."""
        return self._stream.encoding


def left_out(policy: str) -> str:
    """Return the remark that the rest of a policy's output is left out."""
    return tr(
        "{policy} printed more than {most} MB: the rest is left out",
        policy=policy,
        most=MOST_SAID // 1_000_000,
    )


@contextmanager
def confined(
    policy: str, *, own: bool = True, reads: bool = False, stream: TextIO | None = None
) -> Iterator[None]:
    """Execute code of `policy` in the block. An `own` policy prints to `stream`, or to stderr.

    With `reads` the block reads the policy's file; a module that the file imports may change some
    more things. Raises PolicyError, which names what was changed. If code in the block forks, the
    new process is ended at the end of the block.
    """
    if not own:
        yield
        return
    pid, before = os.getpid(), _State.now()
    said = Said(policy, sys.stderr if stream is None else stream)
    changed: list[str] = []
    try:
        with redirect_stdout(said), redirect_stderr(said):  # stdout is for the run
            yield
            if sys.stdout is not said or sys.stderr is not said:
                changed.append(mark("sys.stdout or sys.stderr"))
    except BaseException as error:
        if before.restore(changed, reads, pid) and not _is_told(error):
            raise _blamed(policy, changed) from None  # the change may have caused `error`
        raise
    if before.restore(changed, reads, pid):
        raise _blamed(policy, changed)


def _is_told(error: BaseException) -> bool:
    """Return whether the error must be reported itself, instead of the policy's changes."""
    return isinstance(error, (MultiprogError, RuleBroken)) or not isinstance(error, Exception)


def _blamed(policy: str, changed: list[str]) -> PolicyError:
    return PolicyError(
        tr(
            "{policy} changed {parts}: a policy only makes decisions; it must not change "
            "the command's process",
            policy=policy,
            parts=", ".join(map(tr, changed)),
        )
    )


class _Part(NamedTuple):
    """Something of this process that a policy must not change."""

    name: str
    now: Callable[[], Any]
    put: Callable[[Any], object] | None  # None: a change cannot be undone
    same: Callable[[Any, Any], bool] = eq  # of what was kept and what there is now


def _none_more(kept: list[threading.Thread], now: list[threading.Thread]) -> bool:
    """Return whether no thread was started. One that was there before may have ended by itself."""
    return set(now) <= set(kept)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _folder() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109 - as text, to be compared
    except FileNotFoundError:
        return None


def _handlers() -> dict[int, Any]:
    return {number: signal.getsignal(number) for number in signal.valid_signals()}


def _handle(handlers: dict[int, Any]) -> None:
    for number, handler in handlers.items():
        if signal.getsignal(number) is not handler and handler is not None:
            signal.signal(number, handler)


def _replace(kept: dict[Any, Any], into: Any) -> None:
    for key in [key for key in into if key not in kept]:
        del into[key]
    for key, value in kept.items():
        if into.get(key) is not value:
            into[key] = value


def _trace(kept: tuple[Any, Any]) -> None:
    sys.settrace(kept[0])
    sys.setprofile(kept[1])


def _nice() -> int:
    if sys.platform == "win32":
        return 0
    return os.getpriority(os.PRIO_PROCESS, 0)


_AT_READING = (
    _Part(mark("the current folder"), _folder, os.chdir),
    _Part(mark("the umask"), _umask, os.umask),
    _Part(mark("how signals are handled"), _handlers, _handle),
    _Part(mark("the threads (one is running)"), threading.enumerate, None, _none_more),
)
_STATE = (
    _Part(
        mark("Python's builtins"),
        lambda: dict(vars(builtins)),
        lambda kept: _replace(kept, vars(builtins)),
    ),
    *_AT_READING,
    _Part(
        mark("the locale"),
        lambda: locale.setlocale(locale.LC_ALL),
        lambda name: locale.setlocale(locale.LC_ALL, name),
    ),
    _Part(
        mark("the environment"), lambda: dict(os.environ), lambda kept: _replace(kept, os.environ)
    ),
    _Part(mark("the limit of recursion"), sys.getrecursionlimit, sys.setrecursionlimit),
    _Part(mark("how Python is traced"), lambda: (sys.gettrace(), sys.getprofile()), _trace),
    _Part(mark("its priority (nice)"), _nice, None),
)


class _State(NamedTuple):
    """The parts of this process before code of a policy was executed."""

    kept: dict[str, Any]
    path: list[str]

    @classmethod
    def now(cls) -> _State:
        return cls({part.name: part.now() for part in _STATE}, list(sys.path))

    def restore(self, changed: list[str], reads: bool, pid: int) -> list[str]:
        """Undo all changes, add the names of the changed parts to `changed`, and return it.

        A process other than `pid` is a copy, made by a policy's fork: end it.
        """
        if os.getpid() != pid:
            os._exit(1)
        sys.path[:] = self.path  # with a new entry, a file beside the policy could hide a module
        for part in _AT_READING if reads else _STATE:
            was = self.kept[part.name]
            if not part.same(was, part.now()):
                changed.append(part.name)
                if part.put is not None:
                    part.put(was)
        return changed
