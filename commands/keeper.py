"""The keeper: a command that executes an own policy goes on in a process that can be killed.

A policy is code of the user's. It may loop in C, where no handler of Python's is ever called, stop
or kill its own process, or leave processes behind. So before a file of policies is read for the
first time, the command becomes three processes:

    the first    the one that the shell waits for: hands signals on, and ends as the command does
    the keeper   its child, in a session of its own: watches the command, and clears up behind it
    the command  the keeper's child: goes on where the first one was, and does all the rest

The command and the first stay in the shell's process group, so that the terminal's signals reach
both. All three share the cells of `kernel.scheduling.current_call` and those below. The first and
the keeper are both subreapers: if a policy kills one of them, the other one clears up. Processes
that the command starts do not have the cells: a copy of it, made by a policy's fork, dies when it
would write there.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import mmap
import os
import resource
import select
import signal
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from commands import kept, traces
from kernel.errors import Interrupted, MultiprogError, PolicyError
from kernel.scheduling import current_call as watched
from kernel.scheduling.checked import no_answer
from kernel.units import format_duration
from language.policies.confinement import MOST_SAID, left_out
from real.host import syscalls

TICK = 0.25  # seconds between two looks; a look takes some 50 us
SLACK = 1.0  # seconds more than its limit: the policy's own timer is to speak first
GRACE = 1.5  # seconds for a policy to end after an interruption, and for a command that has failed
LONGEST_END = 10.0  # seconds for the whole command to end after an interruption
SECOND_WISH = 0.5  # seconds after which a second interruption is one
READING = 6  # times the limit, on the clock: reading a file is bounded in CPU time
LEFT_ALONE = 1.0  # seconds for what is left to end by itself
PATIENCE = 60.0  # seconds for what is left to be gone
HANDED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
MOST_AT_ONCE = 4096  # bytes; a pipe takes them whole, if it takes any
FROM_THE_TERMINAL = 0x80  # si_code of a signal that the kernel sent, to the whole group
RULE = "a policy decides, and must not start processes, nor end or stop any"


def keep() -> None:
    """Become the command that is kept; the process that called goes on as the first.

    Returns in the command only. Raises MultiprogError if no process can be started.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    page = mmap.mmap(-1, mmap.PAGESIZE)
    shared = memoryview(page)
    cells = shared[: 8 * kept.CELLS].cast("q")
    trace = _trace_file()
    mine = {n for n in HANDED_ON if signal.getsignal(n) is not signal.SIG_IGN} | {signal.SIGCHLD}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, mine)
    life, alive = map(_away, os.pipe())
    try:
        keeper = os.fork()
    except OSError as error:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        raise _refused(error) from None
    watched.share(shared[8 * kept.CELLS :])
    if keeper:
        os.close(life)
        _finally(lambda: _First(keeper, cells, mine).stand_by())
    os.close(alive)
    keeper = os.getpid()
    syscalls.set_subreaper(True)
    reading, writing = map(_away, os.pipe())
    try:
        command = os.fork()
    except OSError as error:
        cells[kept.RESULT] = kept.ENDED + _tell(_refused(error))
        os._exit(0)
    if command:
        os.close(writing)
        _finally(lambda: _Keeper(command, cells, life, reading, trace).watch())
    syscalls.die_with(keeper)
    os.close(life)
    os.close(reading)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    syscalls.keep_from_children(ctypes.addressof(ctypes.c_char.from_buffer(page)), mmap.PAGESIZE)
    kept.settle(cells, writing, trace)


def _trace_file() -> int:
    """Where the command writes which lines it executes."""
    try:
        return _away(os.memfd_create("multiprog-trace"))
    except OSError:  # not in this sandbox
        with tempfile.TemporaryFile() as file:
            return fcntl.fcntl(file.fileno(), fcntl.F_DUPFD_CLOEXEC, 10)


def _away(fd: int) -> int:
    """The same file behind the standard streams, any of which may be closed."""
    moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(fd)
    return moved


def _refused(error: OSError) -> MultiprogError:
    why = (error.strerror or str(error)).lower()
    return MultiprogError(f"{why}: an own policy is executed in a process of its own")


def _finally(live: Any) -> NoReturn:
    """The whole life of a process that is not the command: nothing of it returns to the caller."""
    try:
        live()
    except BaseException as error:
        os.write(2, f"the keeper of this command failed: {error!r}\n".encode())
    finally:
        os._exit(MultiprogError.exit_status)


def _tell(error: MultiprogError) -> int:
    """Say it on stderr, as the command would have; returns the exit status."""
    with contextlib.suppress(OSError):
        os.write(2, f"{error}\n".encode("utf-8", "backslashreplace"))
    return error.exit_status


# -- the first process -----------------------------------------------------------------------------


class _First:
    """Waits for the keeper, passes on the signals that end it, and ends as the command did."""

    def __init__(self, keeper: int, cells: memoryview[int], mine: set[signal.Signals]) -> None:
        self._keeper, self._cells, self._mine = keeper, cells, mine
        self._terminal = _terminal()
        syscalls.set_subreaper(True)

    def stand_by(self) -> None:
        while True:
            told = signal.sigwaitinfo(self._mine)
            if told.si_signo != signal.SIGCHLD:
                self._hand_on(told)
                continue
            for pid, status in _changes():
                if pid != self._keeper:
                    continue
                if os.WIFSTOPPED(status):
                    os.kill(pid, signal.SIGCONT)  # the keeper must not stand still
                else:
                    self._end()

    def _hand_on(self, told: signal.struct_siginfo) -> None:
        cells = self._cells
        cells[kept.INTERRUPTED] = told.si_signo
        cells[kept.WISHES] += 1
        if told.si_code != FROM_THE_TERMINAL and cells[kept.COMMAND]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(cells[kept.COMMAND], told.si_signo)

    def _end(self) -> None:
        result = self._cells[kept.RESULT]
        if result == 0:
            _clear(set())
            what = f"{_who()} killed the keeper of this command: {RULE}"
            result = kept.ENDED + _tell(PolicyError(what))
        if result != kept.ENDED:
            _put_back(self._terminal)
        if result >= kept.ENDED:
            os._exit(result - kept.ENDED)
        signal.signal(result, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {result})
        os.kill(os.getpid(), result)


def _terminal() -> list[Any] | None:
    """Return the attributes of the terminal at stdin, if it is a terminal."""
    try:
        return termios.tcgetattr(0)
    except termios.error:
        return None


def _put_back(mode: list[Any] | None) -> None:
    """Make the terminal as it was, unless another job has it."""
    if mode is not None:
        with contextlib.suppress(termios.error, OSError):
            if os.tcgetpgrp(0) == os.getpgrp():
                termios.tcsetattr(0, termios.TCSANOW, mode)


# -- the keeper ------------------------------------------------------------------------------------


class _Keeper:
    """Looks at the command, four times a second, until it has ended; then nothing is left of it."""

    def __init__(
        self, command: int, cells: memoryview[int], life: int, said: int, trace: int
    ) -> None:
        self._command, self._cells = command, cells
        self._first = os.getppid()
        self._life, self._said, self._trace = life, said, trace
        self._left = MOST_SAID  # bytes that the policy may still write to stdout and stderr
        self._asked = self._wishes = 0
        self._same = self._visible = self._stopped = self._finished = 0.0  # seconds
        self._unseen = self._cpu_then = 0.0
        self._wished: float | None = None  # seconds since the first interruption
        self._most = resource.getrlimit(resource.RLIMIT_DATA)[0]
        self._begun_line = False  # has the policy left a line on stderr unfinished?
        self._copies: set[int] = set()
        self._end_of_command = _pidfd(command)
        self._verdict: MultiprogError | None = None
        self._ended: int | None = None  # wait status of the command
        cells[kept.COMMAND] = command
        os.setsid()
        for number in (*HANDED_ON, signal.SIGPIPE, signal.SIGTSTP):
            signal.signal(number, signal.SIG_IGN)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(null, 1)
        os.close(null)
        os.set_blocking(said, False)

    def watch(self) -> None:
        before = time.monotonic()
        while self._ended is None:
            self._wait()
            now = time.monotonic()
            passed, before = min(now - before, 2 * TICK), now  # of a suspended laptop a little
            if self._ended is None and self._verdict is None:
                self._verdict = self._judged(passed)
                if self._verdict is not None:
                    self._kill()
        self._cells[kept.RESULT] = self._result()
        os._exit(0)

    def _wait(self) -> None:
        """Wait until the next look, or until something has happened."""
        until = time.monotonic() + TICK
        hears = True
        while self._ended is None and (timeout := until - time.monotonic()) > 0:
            fds = [self._life, self._end_of_command, self._said if hears else -1]
            ready, _, _ = select.select([fd for fd in fds if fd >= 0], [], [], timeout)
            if self._life in ready:
                self._life = -1
                self._verdict = PolicyError(f"{_who()}: the first process of this command died")
                self._kill()
            if self._said in ready:
                hears = self._copy()
            self._reap()

    def _reap(self) -> None:
        for pid, status in _changes():
            if pid == self._command:
                if os.WIFSTOPPED(status):
                    continue
                self._ended, self._cells[kept.COMMAND] = status, 0
            elif _is_copy(status):
                self._copies.add(pid)

    def _copy(self) -> bool:
        """What was written to stdout or stderr past Python goes to stderr, up to a limit.

        False: stderr takes no more for now, and the policy has to wait.
        """
        while self._left <= 0 or select.select([], [2], [], 0)[1]:
            try:
                text = os.read(self._said, MOST_AT_ONCE)
            except BlockingIOError:
                return True
            if not text:
                return False
            if self._left > 0:
                _write(text[: self._left])
                self._begun_line = not text.endswith(b"\n")
                self._left -= len(text)
                if self._left <= 0:
                    _write(f"\n{left_out(_who())}\n".encode())
                    self._begun_line = False
        return False

    # -- judging it --------------------------------------------------------------------------------

    def _judged(self, passed: float) -> MultiprogError | None:
        """Return the error to print if the command must be killed now, else None."""
        self._count(passed)
        if self._wished is not None:
            return self._not_interrupted()
        if self._stopped > self._limit + SLACK:
            return PolicyError(f"{_where(self._trace_of())} stopped the command: {RULE}")
        if self._finished > (GRACE if self._cells[kept.FINISHED] > 1 else self._patience):
            if self._cells[kept.FINISHED] > 1:  # it has said why
                self._kill()
                return None
            who = f"{_who()} kept the command from ending (a thread, or at exit)"
            return PolicyError(f"{who}: {RULE}")
        if _resident(self._command) > 2 * self._most > 0:
            return PolicyError(
                f"{_where(self._trace_of())} takes more memory than the limit memory"
            )
        if self._is_reading():
            used = _cpu(self._command) - self._cpu_then
            late = used > self._patience or self._same > READING * self._limit
        else:
            late = max(self._same if self._asked > 0 else 0, self._visible) > self._patience
        return self._too_late() if late else None

    def _too_late(self) -> PolicyError:
        limit, place = watched.cells[watched.PATIENCE], self._trace_of()
        if not self._is_reading():
            return PolicyError(f"{_where(place)} {no_answer(limit)}")
        where = f"{place.file}:{place.line}" if place else _who()
        what = f"has not come to its end in {format_duration(limit)} (the limit policy)"
        return PolicyError(f"{where}: {what}; a file of policies should only define them")

    def _count(self, passed: float) -> None:
        """Add up for how long each state of the command has lasted."""
        cells, asked = self._cells, watched.cells[watched.ASKED]
        if asked != self._asked:
            self._asked, self._same, self._visible, self._unseen = asked, 0.0, 0.0, 0.0
            self._cpu_then = _cpu(self._command)
        state = _state(self._command)
        halted = state in "tT" and _state(self._first) not in "tT"
        self._stopped = self._stopped + passed if halted else 0.0
        if state in "tT":
            return
        self._same += passed
        self._finished += passed if cells[kept.FINISHED] else 0.0
        self._look_from_outside(passed)
        if cells[kept.WISHES]:
            wish = self._wished is None
            self._wished = 0.0 if wish else (self._wished or 0.0) + passed

    def _look_from_outside(self, passed: float) -> None:
        """Look whether code of the policy runs outside any call of the guard.

        The look interrupts the command by a signal.
        """
        self._unseen += passed
        often = self._wished is not None or self._visible
        if self._asked > 0 or self._cells[kept.FINISHED] or self._unseen < (0 if often else 1.0):
            return
        seen = self._trace_of() is not None
        self._visible = self._visible + self._unseen if seen else 0.0
        self._unseen = 0.0

    def _not_interrupted(self) -> MultiprogError | None:
        assert self._wished is not None
        again = self._cells[kept.WISHES] > 1 and self._wished > SECOND_WISH
        where = self._trace_of() if self._asked > 0 or self._visible else None
        going_on = self._same if self._asked > 0 else self._visible
        if again or min(self._wished, going_on) > GRACE:
            return Interrupted(f"interrupted in {_where(where)}")
        if self._wished > LONGEST_END:
            return Interrupted(f"interrupted; {_who()} kept the command from ending")
        return None

    def _is_reading(self) -> bool:
        return self._asked > 0 and self._asked % watched.CALL == watched.READING

    @property
    def _limit(self) -> float:
        """The limit for one answer, in seconds."""
        return watched.cells[watched.PATIENCE] / 1e9

    @property
    def _patience(self) -> float:
        return 1.1 * self._limit + SLACK

    def _trace_of(self) -> traces.Place | None:
        """Return the line of the policy that the command executes, if it executes one."""
        return traces.place(self._command, self._trace)

    # -- its end -----------------------------------------------------------------------------------

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._command, signal.SIGKILL)

    def _result(self) -> int:
        """Clear up. Return how the first process must end."""
        assert self._ended is not None
        self._copy()
        left = _clear(self._copies)
        self._copy()
        if self._begun_line:
            _write(b"\n")
        status, cells = self._ended, self._cells
        finished = cells[kept.FINISHED] - 1
        error = self._verdict
        if error is None and os.WIFSIGNALED(status) and finished < 1:
            number = os.WTERMSIG(status)
            if number == cells[kept.INTERRUPTED]:
                return number
            known = number in signal.Signals.__members__.values()
            name = signal.Signals(number).name if known else f"signal {number}"
            error = PolicyError(f"{_asked_place()} ended the command ({name}): {RULE}")
        if error is None and finished < 0:
            error = PolicyError(f"{_asked_place()} ended the command (os._exit): {RULE}")
        if error is None and cells[kept.BROKEN]:
            error = PolicyError(f"{_who()} closed files of the command: a policy must not")
        if error is None and left and finished == 0:
            many = f"{left} process{'es' * (left > 1)}"
            error = PolicyError(f"{_who()} left {many}, ended by now: {RULE}")
        return kept.ENDED + (finished if error is None else _tell(error))


def _write(text: bytes) -> None:
    with contextlib.suppress(OSError):
        os.write(2, text)


def _who() -> str:
    """Return the name of the policy that was asked last."""
    return watched.called(bytes(watched.name)) or "the policy"


def _asked_place() -> str:
    """The policy, and its method, that was asked last."""
    asked = watched.cells[watched.ASKED]
    what = watched.what_of(asked)
    if not what or abs(asked) % watched.CALL == watched.READING:
        return _who()
    return f"{_who()}: {what}()" if asked > 0 else f"{_who()}, after {what}(),"


def _where(place: traces.Place | None) -> str:
    """The line of the policy, as `kernel.scheduling.policy_errors` says it."""
    return f"{place.file}:{place.line}: {place.function}()" if place else _asked_place()


# -- other processes -------------------------------------------------------------------------------


def _changes() -> Iterator[tuple[int, int]]:
    """Each child that ended or was stopped since the last time: its number, and how."""
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
            if pid == 0:
                return
            yield pid, status


def _pidfd(pid: int) -> int:
    """Return a descriptor that is readable when the process has ended; -1: Linux before 5.3."""
    try:
        return os.pidfd_open(pid)
    except OSError:
        return -1


def _resident(pid: int) -> int:
    """Bytes of memory that it has."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * mmap.PAGESIZE
    except (OSError, IndexError):
        return 0


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; none if it is gone."""
    try:
        about = Path(f"/proc/{pid}/stat").read_bytes()  # the name in it may be any bytes
        return about.rpartition(b")")[2].decode("ascii").split()
    except OSError:
        return []


def _state(pid: int) -> str:
    return (_stat(pid) or ["X"])[0]


def _cpu(pid: int) -> float:
    """Seconds of CPU time that it has used."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _clear(ended: set[int]) -> int:
    """End all descendants of the caller. Return how many did not end as they should.

    The number includes those that have `ended` already. Processes that are spared clear up
    themselves; the caller waits for them.
    """
    began, spared = time.monotonic(), watched.spared()
    pause, most = 0.005, 50
    while (there := _descendants(ended)) and (passed := time.monotonic() - began) < PATIENCE:
        if passed > LEFT_ALONE or len(there) > most:
            for pid in there - spared:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
                    ended.add(pid)
        if not there - spared - ended:
            time.sleep(pause)
        elif passed <= LEFT_ALONE:
            time.sleep(pause)
            pause = min(2 * pause, 0.05)
    for pid in _descendants(ended):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    return len(ended)


def _is_copy(status: int) -> bool:
    """Return whether a process with that wait status was a copy of the command.

    A copy does not have the cells, so it dies when it writes to them.
    """
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGSEGV


def _descendants(copies: set[int]) -> set[int]:
    """Return all living descendants of the caller, and reap its dead children.

    Children that were copies of the command are added to `copies`.
    """
    for pid, status in _changes():
        if _is_copy(status):
            copies.add(pid)
    parents: dict[int, int] = {}
    for entry in syscalls.processes():
        fields = _stat(int(entry.name))
        if fields:
            parents[int(entry.name)] = int(fields[1])
    found, new = set(), {os.getpid()}
    while new:
        new = {pid for pid, parent in parents.items() if parent in new and pid not in found}
        found |= new
    return found
