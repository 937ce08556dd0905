"""The grader's end: it starts the process of a run, and ends it.

Nothing that a submission does makes the grader wait longer than the bounds say, take more memory
than an answer may have, or raise anything but a PolicyError.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from kernel.errors import MultiprogError, PolicyError
from teaching.submission import protocol, seccomp
from teaching.submission.confinement import Bounds
from teaching.submission.conversation import Conversation, LateError, UnconfinedError, UnreadError
from teaching.submission.files import Submission
from teaching.submission.zygote import LARGEST, READY
from translation import chosen, mark, tr

ROOT = Path(__file__).parents[2]
_START = (
    "import sys; sys.path.insert(0, sys.argv[3])\n"
    "from teaching.submission.zygote import main\n"
    "main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[4])"
)
_PYTHON = ("-s", "-S", "-B", "-P", "-c", _START)
"""A Python that knows no installed package, writes no byte code, and looks in no current folder."""
_ENVIRONMENT = {"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"}
"""Nothing of the grader's environment. Sets of texts have the same order in each run."""
CANNOT_CONFINE = mark(
    "this machine cannot confine a submission (it needs Linux on x86-64 or ARM64, with seccomp "
    "filters)"
)
_PATIENCE = 30.0  # seconds in which the zygote must be ready


class Host:
    """Starts processes of submissions, one at a time. The zygote is started with the first one."""

    def __init__(self, user: tuple[int, int] | None) -> None:
        """Ask submissions as the user with this uid and gid; None: as the caller.

        Raises UnconfinedError if this machine cannot confine a submission.
        """
        if not seccomp.is_offered():
            raise UnconfinedError(
                tr("{problem}; grade in a virtual machine that can", problem=tr(CANNOT_CONFINE))
            )
        self._user = user
        self._zygote: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the zygote, and with it the process of a run."""
        if self._control is not None:
            self._control.close()
        if self._zygote is not None:
            self._zygote.kill()
            self._zygote.wait()
        self._zygote = self._control = None

    @contextmanager
    def asking(
        self, submission: Submission, kind: str, facts: Mapping[str, Any], bounds: Bounds
    ) -> Iterator[Conversation]:
        """Yield a conversation with a process for one run, which is killed at the end of the block.

        `kind` is the class. `facts` are the other entries of the first line. Raises PolicyError if
        the submission cannot be read.
        """
        requests, to_process = os.pipe()
        from_process, answers = os.pipe()
        conversation = Conversation(to_process, from_process, bounds, self._end)
        try:
            try:
                self._ask({"run": bounds.to_json(), "user": self._user}, (requests, answers))
            finally:
                os.close(requests)
                os.close(answers)
            first = {"files": submission.files, "main": submission.main, "class": kind, **facts}
            try:
                conversation.begin(first)
            except LateError:
                raise
            except PolicyError as error:
                raise UnreadError(str(error)) from None
            yield conversation
        finally:
            conversation.close()

    def _end(self) -> int:
        """Kill the process of the run, and return its wait status."""
        status = self._ask({"end": True})
        return status if isinstance(status, int) else 0

    def _ask(self, request: dict[str, Any], fds: Sequence[int] = ()) -> Any:
        control = self._started()
        try:
            socket.send_fds(control, [protocol.line(request)], fds)
            answer = control.recv(LARGEST)
        except OSError:
            answer = b""
        if not answer:
            self.close()
            raise MultiprogError(tr("the process that starts submissions has died"))
        return protocol.read(answer)

    def _started(self) -> socket.socket:
        """Return the socket to the zygote, which is started if it does not live."""
        if self._control is not None:
            return self._control
        self._control, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other:
            arguments = [str(other.fileno()), str(os.getpid()), str(ROOT), chosen()]
            self._zygote = subprocess.Popen(
                [sys.executable, *_PYTHON, *arguments],
                pass_fds=[other.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_ENVIRONMENT,
                cwd="/",
                start_new_session=True,
            )
        self._control.settimeout(_PATIENCE)
        try:
            ready = self._control.recv(LARGEST)
        except OSError:
            ready = b""
        if ready != READY:
            self.close()
            raise MultiprogError(tr("the process that starts submissions cannot be started"))
        return self._control
