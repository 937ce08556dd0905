"""A plain program is run by itself, within limits, and leaves nothing."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil
import pytest

from real.plain import program
from real.plain.program import run_program

pytestmark = [pytest.mark.real, pytest.mark.apart]

MARKED = "MULTIPROG_RUN"


def test_what_it_prints_and_how_it_ends() -> None:
    ran = run_program("import sys; print('进程'); sys.exit(3)", 60)
    assert (ran.printed, ran.exit_code, ran.stopped) == ("进程\n", 3, None)


def test_its_orphans_belong_to_it() -> None:
    text = "import os, time\nif not os.fork():\n    time.sleep(0.3)\n    print('the orphan')\n"
    assert run_program(text, 60).printed == "the orphan\n"


def test_it_is_killed_after_its_time_with_all_that_it_has_started() -> None:
    text = (
        "import os\n"
        "for _ in range(3):\n    if not os.fork():\n        os.setsid()\n        break\n"
        "print(os.getpid(), flush=True)\n"
        "while True: pass\n"
    )
    ran = run_program(text, 1)
    assert ran.stopped == "it did not end in 1 s"
    pids = list(map(int, ran.printed.split()))
    assert len(pids) == 4
    until = time.monotonic() + 10
    while any(map(psutil.pid_exists, pids)) and time.monotonic() < until:
        time.sleep(0.01)
    assert [pid for pid in pids if psutil.pid_exists(pid)] == []


def test_it_is_killed_when_it_prints_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "MOST_OUTPUT", 1000)
    ran = run_program("while True: print('more')", 60)
    assert ran.stopped == "it printed more than 1,000 bytes"
    assert len(ran.printed) == 1000


def test_it_hangs_when_all_its_processes_sleep() -> None:
    text = "import os, signal\nos.fork()\nprint('here', flush=True)\nsignal.pause()\n"
    ran = run_program(text, 60, quiet=0.5)
    assert ran.hangs
    assert ran.printed == "here\nhere\n"


def test_it_does_not_hang_while_it_computes() -> None:
    text = "import time\nend = time.process_time() + 0.6\nwhile time.process_time() < end: pass\n"
    assert run_program(text, 60, quiet=0.3).stopped is None


def test_it_knows_nothing_of_multiprog(tmp_path: Path) -> None:
    text = (
        "import os, sys\nprint(os.getcwd())\nprint('kernel' in sys.modules, sys.flags.isolated)\n"
    )
    ran = run_program(text, 60, folder=tmp_path)
    assert ran.printed == f"{tmp_path}\nFalse 1\n"
    assert MARKED not in os.environ
