"""What an own policy must not do to its process while it answers: refused, with its line."""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

from kernel import current_call
from kernel.errors import RuleBroken
from translation import mark, tr

_FORBIDDEN = {
    "os.fork": mark("started a process"),
    "os.forkpty": mark("started a process"),
    "os.exec": mark("executed another program"),
    "os.kill": mark("sent a signal"),
    "os.killpg": mark("sent a signal"),
    "signal.pthread_kill": mark("sent a signal"),
}
"""Audit events that are refused while a policy answers a call and while its file is read."""
_IN_A_CALL = _FORBIDDEN | {
    "os.posix_spawn": mark("started a process"),
    "os.system": mark("started a process"),
    "subprocess.Popen": mark("started a process"),
    "_thread.start_new_thread": mark("started a thread"),
    "_thread.start_joinable_thread": mark("started a thread"),
    "os.chdir": mark("changed the current folder"),
}
"""Audit events that are refused in a call. While the file is read, a library that it imports may
run another program."""

_pid = 0  # of the process in which it is forbidden; a process that it has forked is another


def forbid() -> None:
    """Refuse these events in this process from now on. Multiprog itself may do them."""
    global _pid  # noqa: PLW0603 - an audit hook is of the process, and stays
    if _pid != os.getpid():
        _pid = os.getpid()
        sys.addaudithook(_audit)


def _audit(event: str, _arguments: tuple[Any, ...]) -> None:
    """Raise RuleBroken if a policy does what it must not do. The command itself may do it."""
    what = _IN_A_CALL.get(event)
    if what is None or os.getpid() != _pid or not current_call.is_asked():
        return
    if threading.current_thread() is not threading.main_thread():
        return
    reading = current_call.cells[current_call.ASKED] % current_call.PER_CALL == current_call.READING
    if reading and event not in _FORBIDDEN:
        return
    raise RuleBroken(
        tr("{what}: a policy only makes decisions; it must do nothing else", what=tr(what))
    )
