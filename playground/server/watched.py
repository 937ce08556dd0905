"""A child process with a warden, as the server sees it."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
LONGEST = 1 << 28  # bytes of one answer
_BEGIN = "import sys; sys.path.insert(0, {root!r}); from {module} import main; main()"


def python(module: str, *arguments: str) -> list[str]:
    """Return the command line that calls `main` of a module of ours, whatever the current folder.

    With -m or a file's name, Python would look for modules in the current folder first, too.
    """
    begin = _BEGIN.format(root=str(ROOT), module=module)
    return [sys.executable, "-P", "-c", begin, *arguments]


class Watched:
    """A child that its warden ends with the server, at the latest. `start` makes one."""

    def __init__(self, warden: Process, lifeline: int) -> None:
        self._warden, self._lifeline = warden, lifeline

    @classmethod
    async def start(cls, module: str, stderr: int = PIPE) -> Watched:
        """Start `main` of a module as the child of a warden. Raises OSError.

        `stderr` is a descriptor, or a pipe is made. The server must call `end` at some time.
        """
        theirs, ours = os.pipe()
        try:
            warden = await asyncio.create_subprocess_exec(
                *python("playground.server.warden", str(theirs), module),
                stdin=PIPE,
                stdout=PIPE,
                stderr=stderr,
                pass_fds=(theirs,),
                start_new_session=True,
                limit=LONGEST,
            )
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        return cls(warden, ours)

    @property
    def stdin(self) -> asyncio.StreamWriter:
        """The child's stdin."""
        assert self._warden.stdin is not None
        return self._warden.stdin

    @property
    def stdout(self) -> asyncio.StreamReader:
        """The child's stdout."""
        assert self._warden.stdout is not None
        return self._warden.stdout

    @property
    def stderr(self) -> asyncio.StreamReader:
        """The child's stderr, if `start` has made a pipe for it."""
        assert self._warden.stderr is not None
        return self._warden.stderr

    def interrupt(self) -> None:
        """Send the child what Ctrl-C sends. Nothing happens if it has ended."""
        if self._lifeline >= 0:
            with suppress(BrokenPipeError):
                os.write(self._lifeline, b"i")

    def let_go(self) -> None:
        """Tell the warden to end the child, if it has not ended."""
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1

    async def end(self) -> int:
        """End the child, wait until nothing is left of it, and return its exit status."""
        self.let_go()
        return await asyncio.shield(self._warden.wait())
