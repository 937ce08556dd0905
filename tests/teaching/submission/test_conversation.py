"""A submission decides in its own process as it would in the grader's, and is told no more."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.errors import PolicyError
from sim import simulate
from teaching.submission.confinement import Bounds
from teaching.submission.conversation import LateError, UnconfinedError, UnreadError
from teaching.submission.host import Host
from tests.teaching.submission.handed_in import (
    HEAD,
    conversation,
    host,
    submitted_run,
    workload,
)

QUEUE = """
class Mine(Policy):
    def setup(self):
        self.queue = deque()
    def ready(self, process, why):
        self.queue.append(process)
    def pick(self, core):
        if self.queue:
            return self.queue.popleft(), ms(10)
"""
SHORTEST = """
class Mine(LeastFirst):
    takes_cores = True
    def key(self, process):
        return process.left
"""
LIFTED = """
class Mine(LeastFirst):
    takes_cores = True
    def key(self, process):
        return process.account or 0
    def ran(self, process, duration, why):
        if why == "expired":
            process.account = self.key(process) + 1
    def pick(self, core):
        picked = super().pick(core)
        if picked:
            return picked[0], ms(10)
    def next_review(self):
        return (self.now // ms(40) + 1) * ms(40)
    def review(self):
        for process in self.in_order():
            self.removed(process)
            process.account = 0
            self.ready(process, "lifted")
"""
DRAWN = """
class Mine(Policy):
    def setup(self):
        self.waiting = []
    def ready(self, process, why):
        self.waiting.append(process)
    def pick(self, core):
        if self.waiting:
            return self.waiting.pop(int(self.random.random() * len(self.waiting))), ms(5)
    def removed(self, process):
        self.waiting.remove(process)
"""
LAB = """
seed: 7
machine: {cores: CORES, devices: {disk: {}}}
scheduler: {QUEUES}
processes:
  - {name: A, cpu: 60ms, priority: 3}
  - {name: B, arrival: 5ms, program: [{cpu: 20ms}, {io: {disk: 20ms}}, {cpu: 40ms}], priority: 1}
  - {name: C, arrival: 5ms, program: [{cpu: 10ms}, {io: {disk: 10ms}}, {cpu: 30ms}]}
  - {name: D, arrival: 10ms, cpu: 45ms}
  - {name: E, arrival: 200ms, cpu: 5ms}
"""


@pytest.fixture(scope="module")
def asked() -> Iterator[Host]:
    with host() as started:
        yield started


@pytest.mark.parametrize("queues", ["ties: arrival-first", "queues: per-core, balance: steal"])
@pytest.mark.parametrize("cores", [1, 2])
@pytest.mark.parametrize("text", [QUEUE, SHORTEST, LIFTED, DRAWN])
def test_it_decides_as_in_the_process_of_the_simulator(
    asked: Host, tmp_path: Path, text: str, cores: int, queues: str
) -> None:
    if "steal" in queues and "removed" not in text and "LeastFirst" not in text:
        text += "    def removed(self, process):\n        self.queue.remove(process)\n"
    (tmp_path / "mine.py").write_text(HEAD + text, encoding="utf-8")
    lab = LAB.replace("CORES", str(cores)).replace("QUEUES", queues)
    work = workload(tmp_path, lab, policy=str(tmp_path / "mine.py:Mine"))
    with conversation(asked, text) as submitted:
        runs = [submitted_run(work, submitted) for _ in range(2)]
    here = simulate(work)
    for run in runs:
        assert run.intervals.columns() == here.intervals.columns()


def error_of(asked: Host, tmp_path: Path, text: str, bounds: Bounds | None = None) -> str:
    work = workload(tmp_path, LAB.replace("CORES", "1").replace("QUEUES", "policy: fcfs"))
    with pytest.raises(PolicyError) as raised, conversation(asked, text, bounds) as submitted:
        submitted_run(work, submitted)
    return f"{type(raised.value).__name__}: {raised.value}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (QUEUE.replace("popleft()", "pop(0)"), "mine.py:11: pick() raised TypeError"),
        (QUEUE.replace("ms(10)", "2.5"), "mine.py:9: pick() gave A 2.5 ns"),
        (QUEUE.replace("popleft()", "popleft().name"), "and 'A' is no process"),
        (QUEUE.replace(".popleft()", "[0]"), "which is not ready"),
        (QUEUE.replace("if self.queue", "if len(self.queue) > 1"), "pick() returned None at 0"),
        (QUEUE.replace("return", "yield"), "must return what it decides, not yield it"),
        (QUEUE.replace("def pick", "def picks"), "is never called; did you mean pick()?"),
        (QUEUE.replace("class Mine", "class Main"), "mine.py must have a class Mine"),
        (QUEUE.replace("(Policy)", ""), "must have a class Mine that extends Policy"),
        (QUEUE.replace(":\n    def setup", "\n    def setup"), "mine.py:4: SyntaxError"),
        ("import numpy" + QUEUE, "ModuleNotFoundError: No module named 'numpy'; a submission may"),
        ("from kernel.scheduling import RoundRobin" + QUEUE, "kernel.scheduling has Policy, Leas"),
        ("from sim import simulate" + QUEUE, "No module named 'sim'"),
        ("open('/etc/passwd')" + QUEUE, "a submission only makes decisions: it may not use files"),
        (QUEUE.replace("self.queue = ", "open('a', 'w'); self.queue = "), "it may not use files"),
        (
            QUEUE.replace("self.queue = ", "import os; os._exit(0); self.queue = "),
            "ended its proce",
        ),
        (QUEUE.replace("append(process)", "append(process); process.left = 1"), "must not write"),
    ],
)
def test_a_mistake_is_told_with_its_line(asked: Host, tmp_path: Path, text: str, said: str) -> None:
    assert said in error_of(asked, tmp_path, text)


def test_an_endless_loop_is_told_with_its_line(asked: Host, tmp_path: Path) -> None:
    text = QUEUE.replace("if self.queue:", "while True: pass\n        if self.queue:")
    said = error_of(asked, tmp_path, text, Bounds(cpu=1, wall=60))
    assert said.startswith("LateError: mine.py:10: pick() used more than 1s of CPU time")


def test_an_endless_loop_in_c_is_told_with_its_method(asked: Host, tmp_path: Path) -> None:
    text = QUEUE.replace("if self.queue:", "sum(range(10**13))\n        if self.queue:")
    said = error_of(asked, tmp_path, text, Bounds(cpu=1, wall=60))
    assert said == "LateError: pick() used more than 1s of CPU time"


def test_an_answer_that_does_not_come_ends_the_run(asked: Host, tmp_path: Path) -> None:
    text = QUEUE.replace("if self.queue", "__import__('time').sleep(60)\n        if self.queue")
    said = error_of(asked, tmp_path, text, Bounds(cpu=1, wall=1))
    assert said == "LateError: pick() has not answered: all answers may take 1s"


def test_a_submission_may_import_what_it_hands_in(asked: Host, tmp_path: Path) -> None:
    work = workload(tmp_path, LAB.replace("CORES", "1").replace("QUEUES", "policy: fcfs"))
    text = "from lengths import SLICE" + QUEUE.replace("ms(10)", "SLICE")
    with conversation(asked, text, lengths="SLICE = 5_000_000") as submitted:
        assert submitted_run(work, submitted).process_names == list("ABCDE")


def test_hidden_values_are_not_sent(asked: Host, tmp_path: Path) -> None:
    work = workload(tmp_path, LAB.replace("CORES", "1").replace("QUEUES", "policy: fcfs"))
    text = QUEUE.replace("append(process)", "append(process); assert process.left is None")
    with conversation(asked, text, hidden=("left", "burst")) as submitted:
        submitted_run(work, submitted, ("left", "burst"))


def test_the_first_line_says_nothing_of_the_workload(asked: Host) -> None:
    search = "[x for x in gc.get_objects() if type(x) is dict and 'seed' in x]"
    text = f"{QUEUE}import gc\nraise ValueError({search})"
    with pytest.raises(UnreadError) as raised, conversation(asked, text):
        pass
    assert "ValueError: []" in str(raised.value)


def test_what_a_submission_prints_is_dropped(
    asked: Host, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    work = workload(tmp_path, LAB.replace("CORES", "1").replace("QUEUES", "policy: fcfs"))
    with conversation(
        asked, QUEUE.replace("if self", "print('10 points')\n        if self")
    ) as mine:
        submitted_run(work, mine)
    assert capfd.readouterr() == ("", "")


def test_too_many_questions_end_the_run(asked: Host, tmp_path: Path) -> None:
    text = QUEUE.replace("ms(10)", "1_000_000")
    assert "was asked 20 times" in error_of(asked, tmp_path, text, Bounds(decisions=20))


def test_a_process_that_was_late_is_not_asked_again(asked: Host) -> None:
    text = QUEUE.replace("self.queue = ", "__import__('time').sleep(60); self.queue = ")
    with conversation(asked, text, Bounds(wall=1)) as submitted:
        with pytest.raises(LateError):
            submitted.ask([["begin", 0, 0, [], [1, 0]], ["setup", 0, 0, [], []]])
        assert not submitted.is_open


def test_no_submission_is_asked_if_its_process_cannot_give_up_its_rights() -> None:
    nobody_has = 1, 1
    no_number = 10**12, 10**12
    with (
        Host(nobody_has if os.geteuid() else no_number) as other,
        pytest.raises(UnconfinedError, match="does not let a process give up its rights"),
        conversation(other, QUEUE),
    ):
        pass
