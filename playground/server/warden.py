"""The warden: it starts one child, and ends all that it leaves, also if the server is killed.

    warden LIFELINE MODULE

The server holds the other end of the pipe LIFELINE, and nothing else does. A byte in it is Ctrl-C
for the child. Its end is the end of the child: the server wants that, or has died. The child's
streams are those that the server has given to the warden. Its temporary files lie in a folder of
the warden, which is removed last.

A real run clears up after itself, even if its supervisor is killed (`real.host.guardian`), so the
warden first asks the child to end, then kills it, and only then ends what is left.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from types import FrameType

from commands.keeper.descendants import clear_up, has_descendants
from playground.server.watched import python
from real.host import syscalls

INTERRUPT = b"i"
ASKED = 5.0  # seconds in which a child that was asked to end may end
GUARDED = 10.0  # seconds in which what watches over a real run may clear up
LOOK = 0.02  # seconds between two looks


class Warden:
    """One child and what it starts. `lifeline` is the descriptor of the reading end of the pipe."""

    def __init__(self, lifeline: int, child: subprocess.Popen[bytes]) -> None:
        self._lifeline, self._child = lifeline, child
        self._end = os.pidfd_open(child.pid)

    def watch(self) -> None:
        """Hand on Ctrl-C until the child has ended, or must end."""
        while True:
            ready, _, _ = select.select([self._lifeline, self._end], [], [])
            if self._end in ready:
                return
            if os.read(self._lifeline, 1) != INTERRUPT:
                return
            self._child.send_signal(signal.SIGINT)

    def end(self) -> int:
        """End the child, and all that is left of it. Return its exit status."""
        for how, seconds in ((self._child.terminate, ASKED), (self._child.kill, None)):
            if self._child.poll() is None:
                how()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._child.wait(seconds)
        until = time.monotonic() + GUARDED
        while has_descendants() and time.monotonic() < until:
            time.sleep(LOOK)
        clear_up(set())
        return int(self._child.returncode)


def main() -> None:
    """Start the child, watch it, and clear up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _take_no_notice)  # the child would inherit SIG_IGN, and not stop
    lifeline, module = int(sys.argv[1]), sys.argv[2]
    os.set_inheritable(lifeline, False)
    syscalls.set_subreaper(True)
    if select.select([lifeline], [], [], 0)[0]:  # the server has died already
        return
    with tempfile.TemporaryDirectory(prefix="multiprog-playground-") as folder:
        child = subprocess.Popen(
            python(module, str(os.getpid())),
            cwd=folder,
            env={**os.environ, "TMPDIR": folder},
            start_new_session=True,
            restore_signals=True,
        )
        _close_streams()
        warden = Warden(lifeline, child)
        try:
            warden.watch()
        finally:
            status = warden.end()
    sys.exit(status if status >= 0 else 128 - status)


def _take_no_notice(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: the lifeline tells the warden what to do."""


def _close_streams() -> None:
    """Leave the child's streams to the child: their other ends must see when it closes them."""
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    os.close(null)
