"""One real run at a time on a host: the second waits, or says that it does not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks.kills import ROOT
from real.host import run_lock
from real.host.run_lock import alone_on_host
from tests.real.commands import PATIENCE, take_signals, until

pytestmark = [pytest.mark.real, pytest.mark.apart]

SHORT = "processes: [{name: A, cpu: 5ms}]"
COMMAND = """
import sys, cli, real.host.run_lock
real.host.run_lock.NAME = chr(0) + sys.argv.pop(1)
sys.exit(cli.main())
"""
NOBODY = 65534


@pytest.fixture(autouse=True)
def name(monkeypatch: pytest.MonkeyPatch) -> str:
    """A lock for this test only, whatever else runs on this host."""
    name = f"multiprog-test-{os.getpid()}"
    monkeypatch.setattr(run_lock, "NAME", f"\0{name}")
    return name


def command(name: str, folder: Path, *options: str) -> subprocess.Popen[str]:
    """`python cli.py run-real` of a few milliseconds, with the lock of this test."""
    file = str(folder / "short.yaml")
    Path(file).write_text(SHORT)
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, name, "run-real", file, "--json", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=take_signals,  # noqa: PLW1509 - no test starts a thread before
    )


def held(remarks: list[str], *, wait: bool = True) -> None:
    """Take the lock and give it back."""
    with alone_on_host(wait, remarks.append):
        pass


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    return process.stderr.readline()


def test_the_second_waits_for_the_first_and_says_so_once() -> None:
    remarks: list[str] = []
    second = threading.Thread(target=held, args=(remarks,))
    with alone_on_host(True, remarks.append):
        assert remarks == []
        second.start()
        until(lambda: remarks, "the remark")
        second.join(0.1)
        assert second.is_alive()
    second.join(PATIENCE)
    assert not second.is_alive()
    (said,) = remarks
    assert said.startswith(f"another real run is going on (pid {os.getpid()}, since ")
    assert said.endswith("): waiting for its end; --no-wait runs at once")


def test_each_of_many_gets_its_turn() -> None:
    remarks: list[str] = []
    others = [threading.Thread(target=held, args=(remarks,)) for _ in range(8)]
    with alone_on_host(True, remarks.append):
        for other in others:
            other.start()
        until(lambda: len(remarks) == len(others), "all of them to wait")
    for other in others:
        other.join(PATIENCE)
    assert not any(other.is_alive() for other in others)
    assert len(remarks) == len(others)


def test_a_holder_that_is_killed_holds_it_no_longer() -> None:
    reads, writes = os.pipe()
    holder = os.fork()
    if holder == 0:
        with alone_on_host(True, lambda _text: None):
            os.write(writes, b"!")
            signal.pause()
    os.read(reads, 1)
    os.kill(holder, signal.SIGKILL)
    os.waitpid(holder, 0)
    remarks: list[str] = []
    held(remarks)
    assert remarks == []


def test_a_run_that_waited_was_not_there_at_the_same_time() -> None:
    remarks: list[str] = []
    second = threading.Thread(target=held, args=(remarks,))
    with alone_on_host(True, remarks.append) as host:
        second.start()
        until(lambda: remarks, "the remark")
        assert host.beside == [] and host.remarks() == []
    second.join(PATIENCE)


def test_both_know_of_a_run_that_does_not_wait() -> None:
    remarks: list[str] = []
    with ExitStack() as stack:
        first = stack.enter_context(alone_on_host(True, remarks.append))
        second = stack.enter_context(alone_on_host(False, remarks.append))
        assert first.pids_beside() == [os.getpid()]
        assert second.beside == [os.getpid()]
    assert "the two will disturb each other" in remarks[0]


def test_a_run_that_did_not_wait_is_known_after_its_end_too() -> None:
    with alone_on_host(True, lambda _text: None) as first:
        held([], wait=False)
        assert first.pids_beside() == [os.getpid()]


def test_a_run_that_was_alone_says_nothing_of_others() -> None:
    with alone_on_host(True, lambda _text: None) as host:
        assert host.pids_beside() == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_root_and_users_share_it() -> None:
    reads, writes = os.pipe()

    def tell(text: str) -> None:
        os.write(writes, text.encode())

    with alone_on_host(True, lambda _text: None) as host:
        child = os.fork()
        if child == 0:
            host.release()  # its copy, which would keep the lock
            os.setresuid(NOBODY, NOBODY, NOBODY)
            with alone_on_host(True, tell):
                os._exit(7)
        assert b"waiting for its end" in os.read(reads, 200)
        assert os.waitpid(child, os.WNOHANG) == (0, 0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_waiting_is_interrupted_in_order(number: signal.Signals, name: str, tmp_path: Path) -> None:
    with alone_on_host(True, lambda _text: None):
        waits = command(name, tmp_path)
        assert "waiting for its end" in first_line(waits)
        waits.send_signal(number)
        out, err = waits.communicate(timeout=PATIENCE)
    assert (waits.returncode, out, err) == (130, "", f"interrupted by {number.name}\n")


def test_a_command_waits_and_then_runs(name: str, tmp_path: Path) -> None:
    with alone_on_host(True, lambda _text: None):
        waits = command(name, tmp_path)
        assert "waiting for its end" in first_line(waits)
        assert waits.poll() is None
    out, err = waits.communicate(timeout=PATIENCE)
    assert waits.returncode == 0, err
    assert "beside" not in json.loads(out)["machine"]


def test_a_command_that_does_not_wait_records_the_other(name: str, tmp_path: Path) -> None:
    with alone_on_host(True, lambda _text: None):
        out, err = command(name, tmp_path, "--no-wait").communicate(timeout=PATIENCE)
    assert "another real run is going on" in err
    assert json.loads(out)["machine"]["beside"] == [{"pid": os.getpid()}]


def test_a_host_without_such_sockets_is_told_and_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("socket.socket", refuse)
    remarks: list[str] = []
    held(remarks)
    assert remarks == [
        "whether another real run is going on cannot be known here: Permission denied"
    ]
