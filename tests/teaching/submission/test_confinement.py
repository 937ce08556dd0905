"""A confined process can make only the system calls of a submission."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from kernel.errors import UsageError
from teaching.submission import seccomp
from teaching.submission.account import account_of

needs_filters = pytest.mark.skipif(not seccomp.is_offered(), reason="no seccomp filters here")


def in_a_filter(act: Callable[[], object]) -> int:
    """Return the exit status of a process that restricts itself and acts; 9: it was refused."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            seccomp.restrict()
            act()
            status = 0
        except ValueError:
            status = 9  # so Python says that a limit may not be raised
        except OSError as error:
            status = 9 if error.errno == errno.EPERM else 1
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@needs_filters
def test_it_may_compute_and_write() -> None:
    reading, writing = os.pipe()
    assert in_a_filter(lambda: os.write(writing, str(sum(range(1000))).encode())) == 0
    assert os.read(reading, 100) == b"499500"
    os.close(reading)
    os.close(writing)


@needs_filters
@pytest.mark.parametrize(
    "act",
    [
        lambda: os.open("/dev/null", os.O_RDONLY),
        Path("/").stat,
        lambda: os.scandir("/"),
        lambda: os.kill(os.getppid(), 0),
        lambda: os.kill(os.getpid(), 9),
        os.fork,
        lambda: os.execv("/bin/true", ["true"]),
        lambda: os.memfd_create("a"),
        lambda: os.dup(0),
        os.pipe,
        os.setsid,
        lambda: os.setpriority(os.PRIO_PROCESS, 0, 1),
        lambda: os.sched_setaffinity(0, {0}),
        socket.socketpair,
        lambda: resource.setrlimit(resource.RLIMIT_CPU, (1, 1)),
        lambda: fcntl.fcntl(0, fcntl.F_SETOWN, os.getppid()),
        lambda: signal.setitimer(signal.ITIMER_REAL, 1),
    ],
)
def test_all_else_is_refused(act: Callable[[], object]) -> None:
    assert in_a_filter(act) == 9


def test_a_user_must_exist_and_not_be_root() -> None:
    with pytest.raises(UsageError, match="this machine has no such user"):
        account_of("no-such-user-here")
    with pytest.raises(UsageError, match="cannot be asked as root"):
        account_of("root")


def test_root_asks_as_another_user_and_a_user_as_oneself() -> None:
    account = account_of(None)
    assert (account is None) == (os.geteuid() != 0)
    assert account is None or account[0] != 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may take any user")
def test_only_root_takes_another_user() -> None:
    with pytest.raises(UsageError, match="only root can ask submissions as another user"):
        account_of("nobody")
