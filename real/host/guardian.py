"""The guardian: whatever happens to the supervisor, nothing of its run outlives it.

All workers are in one process group, led by a process that runs nothing of the scenario. The
guardian, which is not in the group, and the leader hold the reading end of a pipe; the writing end
is the supervisor's alone. When that closes, by `close` or by any death, the guardian kills the
processes of the run until none lives, and undoes what the run has changed on the machine. If the
guardian was killed, or does not get on with it, the leader does the same; if both are gone, so does
the supervisor at its end.

What is to be undone is one list, made before the guardian, and so before anything of it is done:
each entry may be called when there is nothing to undo, and more than once. Each of the three waits
for the pipe's end or a process descriptor, never for a number that may become another process's.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import select
import signal
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from types import TracebackType
from typing import NoReturn, Self

from kernel.errors import MultiprogError
from kernel.scheduling import current_call
from real.host import syscalls
from real.host.leftovers import DYING, MARK, Leftovers, end, hasten, is_dead, kill, wait_readable
from real.host.time_limits import ExpectedProcess

__all__ = ["Guardian", "hasten"]

PATIENCE = 4.0  # seconds for the guardian to do its duty, before another does it
STARTING = 8.0  # seconds for the guardian to begin
AHEAD = -20  # the niceness of a guardian, where it is allowed: others may keep all cores busy
HIGHEST_DESCRIPTOR = 1 << 30  # the kernel has no more
DONE = 0  # the guardian's exit code when its duty is done

Undo = Callable[[], None]
"""Undoes one change of the machine. It may be called when there is nothing to undo, and again."""

IGNORED = (
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGPIPE,
    signal.SIGTSTP,
    signal.SIGTTIN,
    signal.SIGTTOU,
)
"""Signals of terminals, or meant for the supervisor. A guardian ignores them."""


class Guardian:
    """Started before the first worker. `group` is the process group that workers join.

    Use it as a context, or call `close`.
    """

    def __init__(
        self, undo: Sequence[Undo] = (), *, executes: bool = False, keep: Collection[int] = ()
    ) -> None:
        """`undo` is what it does last of all, when no process of the run lives.

        `executes`: the run executes programs that are not in the group, in the context `marking`.
        `keep`: the descriptors that `undo` needs. Raises OSError, and MultiprogError if the
        guardian is killed at once.
        """
        self._undo, self._keep = tuple(undo), tuple(keep)
        self._mark = secrets.token_hex(8) if executes else None
        self.supervisor = os.getpid()
        self.group = 0
        with contextlib.ExitStack() as failed:
            self._reading, self._pipe = os.pipe()
            failed.callback(self._close_ends)
            self._inode = os.fstat(self._pipe).st_ino
            self._me = os.pidfd_open(self.supervisor)
            failed.callback(os.close, self._me)
            self._reserve = failed.enter_context(_Reserve())
            self.group = self._start()
            for pid in (self.pid, self.group):
                current_call.spare(pid)
            self._expected = [ExpectedProcess(name, pid) for name, pid in self.servants()]
            failed.pop_all()
        os.close(self._reading)
        os.close(self._me)
        self._reading = -1

    def _close_ends(self) -> None:
        os.close(self._reading)
        os.close(self._pipe)

    def _start(self) -> int:
        """Fork the guardian. Returns the number of the group's leader, which it has forked."""
        told, tell = os.pipe()
        try:
            with _unsignalled():
                self.pid = os.fork()
                if self.pid == 0:
                    os.close(self._pipe)
                    os.close(told)
                    self._guard(tell)
            os.close(tell)
            tell = -1
            return self._await_leader(told)
        finally:
            os.close(told)
            if tell >= 0:
                os.close(tell)

    def _await_leader(self, told: int) -> int:
        """Wait for the leader's number, which the guardian sends. Open descriptors of both."""
        opened: list[int] = []
        try:
            opened.append(os.pidfd_open(self.pid))
            answer = os.read(told, 8) if wait_readable([told], STARTING) else b""
            number = int.from_bytes(answer, "little", signed=True)
            if number < 0:
                raise OSError(-number, os.strerror(-number))
            if number == 0:
                raise MultiprogError("the guardian was killed, or stopped, at its start")
            opened.append(os.pidfd_open(number))
        except BaseException:
            os.kill(self.pid, signal.SIGKILL)  # the leader ends when the pipe closes
            os.waitpid(self.pid, 0)
            for fd in opened:
                os.close(fd)
            raise
        self._death, self._leaders_death = opened
        return number

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- in a process of the run

    def join(self) -> None:
        """Join the group, then give up the inherited end of the pipe: for a child of ours.

        In the other order there would be a moment in which no sign shows that the child belongs to
        the run. The child dies with the supervisor, even if this died before the child could ask
        for that.
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
        """Programs that are executed in this context are known to the guardian."""
        before = os.environ.get(MARK)
        if self._mark is not None:
            os.environ[MARK] = self._mark
        try:
            yield
        finally:
            if before is not None:
                os.environ[MARK] = before
            elif self._mark is not None:
                os.environ.pop(MARK, None)

    def trouble(self) -> str | None:
        """Why the run should not go on, if one of the two was killed."""
        for name, death in (
            ("guardian", self._death),
            ("leader of the group", self._leaders_death),
        ):
            if is_dead(death):
                return f"the {name} was killed, which ends this run's processes if the command dies"
        return None

    def look(self) -> str | None:
        """For a caller without a interference, now and then: `trouble`, or that one was stopped."""
        stand = (expected.trouble() for expected in self._expected)
        return next(filter(None, stand), None) or self.trouble()

    def servants(self) -> list[tuple[str, int]]:
        """Return name and pid of the guardian and of the leader."""
        return [("the guardian", self.pid), ("the leader of the group", self.group)]

    def members(self) -> list[int]:
        """The numbers of the run's processes that live, without the guardian and the leader."""
        return self._leftovers().living()

    def kill(self) -> None:
        """Kill what is left of the group, and wait until none of it lives.

        The helpers of `multiprocessing` end by themselves: see `end_helpers`.
        """
        self._reserve.close()
        replace(self._leftovers(), mark=None).kill(DYING)

    def close(self) -> None:
        """Kill what is left, undo what is to be undone, and wait until that is done."""
        if self._pipe < 0:
            return
        with contextlib.suppress(OSError):  # both may be dead
            os.write(self._pipe, b"!")  # a process that is not ours may have inherited this end
        os.close(self._pipe)
        self._pipe = -1
        self._reserve.close()
        end(self._death, PATIENCE)
        _, status = os.waitpid(self.pid, 0)
        if os.waitstatus_to_exitcode(status) != DONE:
            self._clear()
        kill(self._leaders_death)
        with contextlib.suppress(ChildProcessError):  # without a guardian it may be ours
            os.waitpid(self.group, 0)
        os.close(self._death)
        os.close(self._leaders_death)
        for pid in (self.pid, self.group):
            current_call.spare_no_more(pid)

    # -- the duty of all three

    def _leftovers(self) -> Leftovers:
        """The run's processes, but for the caller, and the leader that may be needed still."""
        return Leftovers(self.group, self._inode, self._mark, frozenset((self.group, os.getpid())))

    def _clear(self) -> None:
        """Kill the run's processes until none lives, and undo what is to be undone."""
        self._leftovers().kill(DYING, unjoined=self._may_be_unjoined)
        for undo in self._undo:
            with contextlib.suppress(Exception):  # the others are to be undone all the same
                undo()

    def _may_be_unjoined(self) -> bool:
        """Whether the supervisor is dead, and a child that has not joined the group lives."""
        return self._reading >= 0 and is_dead(self._me) and not is_dead(self._reading)

    # -- the guardian, and the leader

    def _guard(self, tell: int) -> NoReturn:
        """The guardian's whole life."""
        code = 1
        try:
            os.setpgid(0, 0)
            self._withdraw(tell)
            syscalls.call_oneself("guardian")
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, 0, AHEAD)
            leaders_death = self._fork_leader(tell)
            self._await_end()
            self._clear()
            code = DONE
            if leaders_death is not None:
                kill(leaders_death)
                os.waitpid(self.group, 0)
        finally:
            os._exit(code)

    def _fork_leader(self, tell: int) -> int | None:
        """Fork the leader, and tell the supervisor. Return a descriptor; None: the fork failed."""
        guardian = os.pidfd_open(os.getpid())
        try:
            leader = os.fork()
        except OSError as error:
            _say(tell, -(error.errno or errno.EIO))
            return None
        if leader == 0:
            os.close(tell)
            self._lead(guardian)
        self.group = leader
        with contextlib.suppress(PermissionError):  # it has done so itself
            os.setpgid(leader, leader)
        _say(tell, leader)
        os.close(tell)
        return os.pidfd_open(leader)

    def _lead(self, guardian: int) -> NoReturn:
        """The leader's whole life. The group exists as long as it does."""
        try:
            os.setpgid(0, 0)
            self.group = os.getpid()
            syscalls.call_oneself("leader")
            self._await_end()
            if not is_dead(guardian, PATIENCE):
                kill(guardian)
            self._clear()
        finally:
            os._exit(0)

    def _await_end(self) -> None:
        """Wait until the supervisor says that the run is over, closes its pipe, or is dead."""
        poll = select.poll()
        for fd in (self._reading, self._me):
            poll.register(fd, select.POLLIN)
        poll.poll()

    def _withdraw(self, *needed: int) -> None:
        """Ignore all signals but SIGKILL and SIGSTOP, and keep no terminal or other pipe open."""
        for number in IGNORED:
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        kept = sorted({self._reading, self._me, *needed, *self._keep} - {0, 1, 2})
        null = os.open(os.devnull, os.O_RDWR)
        for fd in {0, 1, 2} - {self._reading, self._me, *needed, null}:
            os.dup2(null, fd)
        for before, after in pairwise([2, *kept, HIGHEST_DESCRIPTOR]):
            os.closerange(before + 1, after)


class _Reserve:
    """Descriptors kept free to look for processes and kill them, if all others are in use."""

    def __init__(self) -> None:
        self._held = [os.open(os.devnull, os.O_RDONLY) for _ in range(2)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the two descriptors free."""
        while self._held:
            os.close(self._held.pop())


def _say(tell: int, number: int) -> None:
    """Send a number to the supervisor, which may be dead by now."""
    with contextlib.suppress(OSError):
        os.write(tell, number.to_bytes(8, "little", signed=True))


@contextlib.contextmanager
def _unsignalled() -> Iterator[None]:
    """Block signals in this context, so that a forked child gets them when it is ready."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, IGNORED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
