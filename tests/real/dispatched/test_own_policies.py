"""A wrong policy ends a real run with the model's words, and leaves no process."""

from __future__ import annotations

import signal
from pathlib import Path

import psutil
import pytest

from kernel.errors import Interrupted, MultiprogError
from kernel.workload import Workload
from language import Options, load
from real import run_real
from sim import simulate
from tests.kernel.scheduling.test_checked import GOOD

pytestmark = pytest.mark.real
LAB = """
scheduler: {policy: mine.py:Mine}
processes:
  - {name: A, cpu: 4ms}
  - {name: B, program: [{cpu: 2ms}, {io: 2ms}, {cpu: 4ms}]}
"""
FAILS = "def ran(self, process, duration, why):\n        return 1 // (self.now - ms(2))\n"
FORGETS = "def ready(self, process, why):\n        why == 'woke' or super().ready(process, why)\n"
NEVER_PICKS = "def pick(self, core):\n        return None\n"
KEEPS = "def pick(self, core):\n        return self.queue[0], ms(2)\n"
LOOKS_EACH_NS = "def next_review(self):\n        return self.now + 1\n"
LEAVES = "def pick(self, core):\n        raise SystemExit\n"


def workload(folder: Path, body: str) -> Workload:
    (folder / "mine.py").write_text(f"{GOOD}class Mine(Good):\n    {body}")
    (folder / "lab.yaml").write_text(LAB)
    return load(folder / "lab.yaml", Options()).workload


@pytest.mark.parametrize("body", [FAILS, FORGETS, NEVER_PICKS, KEEPS, LOOKS_EACH_NS, LEAVES])
def test_it_says_what_the_model_says_and_leaves_nothing(body: str, tmp_path: Path) -> None:
    wanted = workload(tmp_path, body)
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    said = []
    for machine in (simulate, run_real):
        with pytest.raises(MultiprogError) as error:
            machine(wanted)
        said.append((error.value.exit_status, str(error.value)))
    assert said[0] == said[1]
    assert said[0][0] == 2 and said[0][1].startswith(f"{tmp_path}/mine.py:")
    assert {child.pid for child in psutil.Process().children(recursive=True)} == before


def test_ctrl_c_in_an_endless_loop_says_where_and_leaves_nothing(tmp_path: Path) -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    wanted = workload(
        tmp_path,
        "def ran(self, process, duration, why):\n"
        "        import os, signal\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "        while True: pass\n",
    )
    with pytest.raises(Interrupted, match=r"^interrupted in .*mine\.py:16: ran\(\)$"):
        run_real(wanted)
    assert {child.pid for child in psutil.Process().children(recursive=True)} == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
