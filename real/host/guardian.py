"""The guardian: whatever happens to the supervisor, no process of its run outlives it.

All workers are in one process group. Its leader is a process that executes no program of the
scenario. The guardian is not in the group. Guardian and leader hold the reading end of a pipe. Only
the supervisor holds the writing end. The writing end closes in `close`, or when the supervisor
dies. Then the guardian kills the processes of the run until none lives, and undoes what the run has
changed on the machine. If the guardian was killed, or takes too long, the leader does the same. If
the supervisor is alive, it then does it, too.

This module is the supervisor's side. The two processes are in `real.host.guardian_process`. The
list of what is to be undone is made before the guardian is, and so before the run changes anything.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from kernel import current_call
from kernel.errors import MultiprogError
from real.host import syscalls
from real.host.cleanup import Cleanup, Undo
from real.host.guardian_process import CLEANING, DONE, IGNORED, GuardianProcess
from real.host.leftovers import DYING, MARK, end, is_dead, kill, wait_readable
from real.host.time_limits import ExpectedProcess
from translation import recorded, tr

STARTING = 8.0  # seconds for the guardian to begin


class Guardian(AbstractContextManager["Guardian"]):
    """The guardian of one run. It is started before the first worker.

    `group` is the process group that workers join. Use it as a context, or call `close`.
    """

    def __init__(
        self, undo: Sequence[Undo] = (), *, executes: bool = False, keep: Collection[int] = ()
    ) -> None:
        """Start the guardian. The functions `undo` are called when no process of the run lives.

        `executes`: in the context `marking`, the run executes programs that are not in the group.
        `keep`: the descriptors that `undo` needs. Raises OSError, and MultiprogError if the
        guardian is killed or stopped at its start.
        """
        mark = secrets.token_hex(8) if executes else None
        self.supervisor = os.getpid()
        with contextlib.ExitStack() as failed:
            reading, self._pipe = os.pipe()
            failed.callback(os.close, self._pipe)
            failed.callback(os.close, reading)
            self._cleanup = Cleanup(os.fstat(self._pipe).st_ino, mark, tuple(undo))
            supervisor = os.pidfd_open(self.supervisor)
            failed.callback(os.close, supervisor)
            self._reserve = failed.enter_context(contextlib.closing(_Reserve()))
            self._start(GuardianProcess(self._cleanup, reading, supervisor, tuple(keep)))
            for pid in (self.pid, self.group):
                current_call.spare(pid)
            self._expected = [ExpectedProcess(name, pid) for name, pid in self.servants()]
            failed.pop_all()
        os.close(reading)
        os.close(supervisor)

    @property
    def group(self) -> int:
        """Return the process group of the workers, which is the pid of its leader."""
        return self._cleanup.group

    def _start(self, guardian: GuardianProcess) -> None:
        """Fork the guardian, and wait until it has forked the leader of the group."""
        told, tell = os.pipe()
        try:
            with _unsignalled():
                self.pid = os.fork()
                if self.pid == 0:
                    os.close(self._pipe)
                    os.close(told)
                    guardian.guard(tell)
            os.close(tell)
            tell = -1
            self._cleanup.group = self._await_leader(told)
        finally:
            os.close(told)
            if tell >= 0:
                os.close(tell)

    def _await_leader(self, told: int) -> int:
        """Open pidfds of guardian and leader. Return the leader's pid, which the guardian sends."""
        opened: list[int] = []
        try:
            opened.append(os.pidfd_open(self.pid))
            answer = os.read(told, 8) if wait_readable([told], STARTING) else b""
            number = int.from_bytes(answer, "little", signed=True)
            if number < 0:
                raise OSError(-number, os.strerror(-number))
            if number == 0:
                raise MultiprogError(tr("the guardian was killed, or stopped, at its start"))
            opened.append(os.pidfd_open(number))
        except BaseException:
            os.kill(self.pid, signal.SIGKILL)  # the leader ends when the pipe closes
            os.waitpid(self.pid, 0)
            for fd in opened:
                os.close(fd)
            raise
        self._death, self._leaders_death = opened
        return number

    def __exit__(self, *exception: object) -> None:
        self.close()

    # -- in a process of the run

    def join(self) -> None:
        """Join the group, and then close the inherited writing end of the pipe.

        A child of the supervisor calls it. In the other order there would be a moment in which
        nothing shows that the child belongs to the run. From then on the child dies when the
        supervisor dies; if the supervisor is dead already, it ends at once.
        """
        os.setpgid(0, self.group)
        os.close(self._pipe)
        for fd in (self._death, self._leaders_death):
            os.close(fd)
        self._reserve.close()
        syscalls.die_with(self.supervisor)

    # -- in the supervisor

    @contextlib.contextmanager
    def marking(self) -> Iterator[None]:
        """Mark programs that are executed in this context, so that the guardian finds them."""
        before, mark = os.environ.get(MARK), self._cleanup.mark
        if mark is not None:
            os.environ[MARK] = mark
        try:
            yield
        finally:
            if before is not None:
                os.environ[MARK] = before
            elif mark is not None:
                os.environ.pop(MARK, None)

    def trouble(self) -> str | None:
        """Return why the run should not go on, if guardian or leader was killed; else None."""
        if is_dead(self._death):
            return recorded(
                "the guardian was killed, which ends this run's processes if the command dies"
            )
        if is_dead(self._leaders_death):
            return recorded(
                "the leader of the group was killed, which ends this run's processes if the "
                "command dies"
            )
        return None

    def look(self) -> str | None:
        """Return why the run should not go on, if guardian or leader was killed or stopped.

        Return None if neither was. Call it now and then.
        """
        stopped = (expected.trouble() for expected in self._expected)
        return next(filter(None, stopped), None) or self.trouble()

    def servants(self) -> list[tuple[str, int]]:
        """Return name and pid of the guardian and of the leader."""
        return [
            (recorded("the guardian"), self.pid),
            (recorded("the leader of the group"), self.group),
        ]

    def members(self) -> list[int]:
        """Return the pids of the run's living processes, without guardian and leader."""
        return self._cleanup.leftovers().living()

    def kill(self) -> None:
        """Kill the processes of the group that are left, and wait until none of them lives.

        The helpers of `multiprocessing` are not killed: `end_helpers` ends them.
        """
        self._reserve.close()
        replace(self._cleanup.leftovers(), mark=None).kill(DYING)

    def close(self) -> None:
        """Kill the processes that are left, undo the run's changes, and wait until that is done."""
        if self._pipe < 0:
            return
        with contextlib.suppress(OSError):  # guardian and leader may be dead
            os.write(self._pipe, b"!")  # to close it is not enough if another process inherited it
        os.close(self._pipe)
        self._pipe = -1
        self._reserve.close()
        end(self._death, CLEANING)
        _, status = os.waitpid(self.pid, 0)
        if os.waitstatus_to_exitcode(status) != DONE:
            self._cleanup.perform()
        kill(self._leaders_death)
        with contextlib.suppress(ChildProcessError):  # the leader is our child if the guardian died
            os.waitpid(self.group, 0)
        os.close(self._death)
        os.close(self._leaders_death)
        for pid in (self.pid, self.group):
            current_call.spare_no_more(pid)


class _Reserve:
    """Descriptors in reserve to find and kill processes when all others are in use."""

    def __init__(self) -> None:
        self._held = [os.open(os.devnull, os.O_RDONLY) for _ in range(2)]

    def close(self) -> None:
        """Close the two descriptors, so that others can be opened."""
        while self._held:
            os.close(self._held.pop())


@contextlib.contextmanager
def _unsignalled() -> Iterator[None]:
    """Block signals in this context, so that a forked child gets none before it ignores them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, IGNORED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
