"""A command that executes an own policy can be ended whatever this does, and nothing is left.

`python -m benchmarks.hostile_policies` tries more of them, each on both machines.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from benchmarks.hostile_policies import GOOD, HOSTILE, LAB, try_policy
from benchmarks.kills import MARK, ROOT, become_subreaper, processes_of
from commands.keeper.keep import keep
from kernel.errors import MultiprogError
from tests.effort import portion

LIMIT = "500ms"
LONG = ("--set", "processes.0.cpu=20s")
MINE = ("--policy", "mine.py:Mine")
TRIED = (
    "loop in C",
    "loop in C in setup",
    "loop in C in a property",
    "loop in C when the file is read",
    "loop in C at exit",
    "loop without the timer",
    "loop that hears no signal",
    "loop in C, Ctrl-C",
    "fork",
    "daemons",
    "copies of the command",
    "os._exit(0)",
    "segmentation fault",
    "stops itself",
    "kills the keeper",
    "stops the keeper",
    "1 GB past Python",
    "closes files",
)
ON_REAL_PROCESSES = ("loop in C", "daemons", "os._exit(0)", "loop in C, Ctrl-C", "kills the keeper")


@pytest.fixture(autouse=True, scope="module")
def _reaping() -> None:
    """Orphans are ours to reap: what is dead is not left."""
    become_subreaper()


@pytest.mark.parametrize("name", portion(TRIED))
def test_a_hostile_policy_is_told_and_leaves_nothing(name: str, tmp_path: Path) -> None:
    assert try_policy(HOSTILE[name], "simulate", LIMIT, str(tmp_path)).wrong == []


@pytest.mark.real
@pytest.mark.parametrize("name", ON_REAL_PROCESSES)
def test_on_real_processes_too(name: str, tmp_path: Path) -> None:
    assert try_policy(HOSTILE[name], "run-real", LIMIT, str(tmp_path)).wrong == []


class Command:
    """`python cli.py COMMAND lab.yaml --policy mine.py:Mine` in a folder of its own."""

    def __init__(self, folder: Path, mine: str, *options: str, **how: Any) -> None:
        (folder / "mine.py").write_text(f"{GOOD}class Mine(Good):\n{mine}")
        (folder / "lab.yaml").write_text(LAB)
        self.folder, self.mark = folder, str(folder)
        self.popen = subprocess.Popen(
            [sys.executable, str(ROOT / "cli.py"), *options, "lab.yaml", *MINE],
            cwd=folder,
            env={**os.environ, MARK: self.mark},
            text=True,
            start_new_session=True,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how},
        )

    def at_work(self) -> None:
        """Wait until the policy has made the file at-work."""
        end = time.monotonic() + 30
        while not (self.folder / "at-work").exists():
            assert time.monotonic() < end and self.popen.poll() is None
            time.sleep(0.01)

    def end(self) -> tuple[int, str, str]:
        """Exit status, stdout, stderr. Fails if a process is left."""
        out, err = self.popen.communicate(timeout=60)
        end = time.monotonic() + 30
        while left := list(processes_of(self.popen.pid, self.mark)):
            assert time.monotonic() < end, left
            time.sleep(0.05)
        return self.popen.returncode, out, err


SLOW = """\
    def pick(self, core):
        open("at-work", "w").close()
        time.sleep(0.3)
        return super().pick(core)
"""


def test_the_result_of_a_good_policy_is_on_stdout_and_what_it_prints_is_not(tmp_path: Path) -> None:
    says = '    def pick(self, core):\n        os.system("") if 0 else print("hm")\n'
    says += '        os.write(1, b"ho\\n")\n        return super().pick(core)\n'
    status, out, err = Command(tmp_path, says, "simulate", "--json").end()
    assert status == 0
    assert json.loads(out)["scheduler"]["policy"] == "mine.py:Mine"
    assert set(err.split()) == {"hm", "ho"}


def test_a_wrong_answer_is_told_as_without_a_keeper(tmp_path: Path) -> None:
    status, out, err = Command(tmp_path, "    def pick(self, core): return 7\n", "simulate").end()
    assert (status, out) == (2, "")
    assert err.startswith("mine.py:15: pick() must return (process, length), not 7")


def test_an_expectation_that_does_not_hold_still_ends_with_1(tmp_path: Path) -> None:
    expects = ("--set", "expect.makespan=1ms")
    status, _, _ = Command(tmp_path, "    pass\n", "simulate", *expects).end()
    assert status == 1


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, -15), (signal.SIGHUP, -1)]
)
def test_a_signal_to_the_command_ends_it_as_without_a_keeper(
    tmp_path: Path, number: int, status: int
) -> None:
    command = Command(tmp_path, SLOW, "simulate")
    command.at_work()
    command.popen.send_signal(number)
    code, _, err = command.end()
    assert code == status
    assert ("interrupted in mine.py:" in err) == (status == 130)


def test_ctrl_c_at_the_terminal_reaches_the_command_and_is_told_once(tmp_path: Path) -> None:
    command = Command(tmp_path, SLOW, "simulate")
    command.at_work()
    os.killpg(command.popen.pid, signal.SIGINT)
    code, _, err = command.end()
    assert code == 130 and err.count("interrupted") == 1 and "Traceback" not in err


def test_a_second_ctrl_c_does_not_wait(tmp_path: Path) -> None:
    deaf = SLOW.replace("time.sleep(0.3)", "signal.signal(2, signal.SIG_IGN); time.sleep(100)")
    command = Command(tmp_path, deaf, "simulate", "--limit", "policy=60s")
    command.at_work()
    for _ in range(2):
        command.popen.send_signal(signal.SIGINT)
        time.sleep(1.0)
    assert command.end()[0] == 130


def test_nothing_is_left_when_the_first_process_is_killed(tmp_path: Path) -> None:
    command = Command(tmp_path, SLOW.replace("0.3", "100"), "simulate")
    command.at_work()
    command.popen.kill()
    assert command.end()[0] == -signal.SIGKILL


def test_a_command_that_is_stopped_as_a_whole_goes_on_later(tmp_path: Path) -> None:
    command = Command(tmp_path, SLOW, "simulate", "--limit", "policy=1s")
    command.at_work()
    os.killpg(command.popen.pid, signal.SIGSTOP)
    time.sleep(4.0)
    os.killpg(command.popen.pid, signal.SIGCONT)
    assert command.end()[0] == 0


def test_a_closed_stdin_makes_no_difference(tmp_path: Path) -> None:
    command = Command(tmp_path, "    pass\n", "simulate", preexec_fn=lambda: os.close(0))
    assert command.end()[0] == 0


def test_where_no_process_can_be_started_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr("os.fork", refuse)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with pytest.raises(MultiprogError, match="an own policy is executed in a process of its own"):
        keep()
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


@pytest.mark.real
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_real_run_under_a_keeper_leaves_nothing(tmp_path: Path, number: int) -> None:
    command = Command(tmp_path, SLOW.replace("time.sleep(0.3)", "0"), "run-real", *LONG)
    command.at_work()
    command.popen.send_signal(number)
    assert command.end()[0] == (-number if number == signal.SIGKILL else 130)


def test_a_policy_of_ours_needs_no_keeper(tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text(LAB)
    code = "import sys, cli; cli.main(); sys.exit('commands.keeper' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, "simulate", "lab.yaml", "--policy", "rr"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0
