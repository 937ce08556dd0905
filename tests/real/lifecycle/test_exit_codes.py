"""The exit code of a zombie, read by its parent and by others of an ordinary user."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest

from kernel.errors import MultiprogError
from real.host import syscalls
from real.host.process_table import exit_code_of, state_of

pytestmark = [pytest.mark.real, pytest.mark.apart]

NOBODY = 65534


def told_by(answer: Callable[[], str]) -> str:
    """What a forked process of an ordinary user answers. It and its children are gone then."""
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            if os.geteuid() == 0:
                os.setresuid(NOBODY, NOBODY, NOBODY)
            syscalls.set_subreaper(True)
            os.write(writes, answer().encode())
        finally:
            os._exit(0)
    os.close(writes)
    with os.fdopen(reads) as pipe:
        told = pipe.read()
    os.waitpid(pid, 0)
    return told


def zombie(at_first: Callable[[], None], code: int = 3) -> int:
    """The pid of a process that ends with that exit code, and stays a zombie."""
    pid = os.fork()
    if pid == 0:
        at_first()
        os._exit(code)
    while state_of(pid) != "Z":
        time.sleep(0.001)
    return pid


def hide() -> None:
    syscalls._prctl(syscalls._PR_SET_DUMPABLE, 0)


def of_a_grandchild(at_first: Callable[[], None]) -> str:
    """What a process reads of a zombie whose parent is its child."""
    reads, writes = os.pipe()
    parent = os.fork()
    if parent == 0:
        os.write(writes, str(zombie(at_first)).encode())
        time.sleep(30)
    pid = int(os.read(reads, 20))
    try:
        return str(exit_code_of(pid))
    except MultiprogError as error:
        return str(error).replace(str(pid), "PID")
    finally:
        os.kill(parent, 9)
        os.waitpid(parent, 0)
        os.waitpid(pid, 0)


def test_a_parent_reads_it_even_if_it_is_hidden() -> None:
    assert told_by(lambda: str(exit_code_of(zombie(hide)))) == "3"


def test_one_that_is_hidden_is_not_taken_for_0() -> None:
    told = told_by(lambda: of_a_grandchild(hide))
    assert told.startswith("the exit code of process PID is hidden from this user")


def test_the_exit_code_of_a_shown_process_is_read_by_another_than_its_parent() -> None:
    assert told_by(lambda: of_a_grandchild(syscalls.show_in_proc)) == "3"


def test_a_death_by_a_signal_is_negative() -> None:
    assert told_by(lambda: str(exit_code_of(zombie(lambda: os.kill(os.getpid(), 9))))) == "-9"


def test_a_process_that_lives_has_none() -> None:
    assert exit_code_of(os.getpid()) is None
    assert exit_code_of(os.getppid()) is None
