"""A policy that breaks a rule is told which, in one line with the place; and the run ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import Any

import pytest

from cli import main
from kernel.errors import Interrupted, UsageError
from kernel.process.states import State
from language import Options, load
from sim import simulate
from tests.paths import ROOT
from timeline.laws.check import check
from timeline.record.run import Run

LAB = """
processes:
  - {name: A, cpu: 6ms}
  - {name: B, arrival: 1ms, program: [{cpu: 2ms}, {io: 2ms}, {cpu: 4ms}]}
  - {name: C, arrival: 3ms, cpu: 6ms}
"""
MINE = ["--policy", "mine.py:Mine"]
GOOD = """\
from collections import deque
from kernel.scheduling import Duration, LeastFirst, Policy, ms
class Good(Policy):
    def setup(self):
        self.queue, self.seen = deque(), []
    def ready(self, process, why):
        self.queue.append(process)
        self.seen.append(process)
    def pick(self, core):
        if self.queue:
            return self.queue.popleft(), ms(2)
"""
AT = len(GOOD.splitlines()) + 2  # the first line of a class Mine(Good)
BLOCKED, DEAD = "state.name == 'BLOCKED'", "state.name == 'DEAD'"


def write_mine(folder: Path, body: str, extends: str = "Good") -> None:
    """mine.py, with the class Mine of that body."""
    source = f"{GOOD}class Mine({extends}):\n{textwrap.indent(textwrap.dedent(body), '    ')}"
    (folder / "mine.py").write_text(source, encoding="utf-8")


def run(folder: Path, body: str, extends: str = "Good", lab: str = LAB, **how: object) -> Run:
    """A run under the class Mine of that body."""
    write_mine(folder, body, extends)
    (folder / "lab.yaml").write_text(lab, encoding="utf-8")
    options = Options(sets=(f"scheduler.policy={folder}/mine.py:Mine",), **how)  # type: ignore[arg-type]
    return simulate(load(folder / "lab.yaml", options).workload)


def told(folder: Path, body: str, extends: str = "Good", lab: str = LAB, **how: object) -> str:
    """What is said of it, without the folder and what is before the file."""
    with pytest.raises(UsageError) as error:
        run(folder, body, extends, lab, **how)
    line = str(error.value)
    assert "\n" not in line and error.value.exit_status == 2
    return line.rpartition(f"{folder}/")[2]


def pick(answer: str) -> str:
    return f"def pick(self, core):\n    return {answer}\n"


def pick_one(condition: str) -> str:
    """Whoever is in that state, else as it should be."""
    return (
        "def pick(self, core):\n"
        f"    found = [p for p in self.seen if p.{condition}]\n"
        "    return (found[0], None) if found else super().pick(core)\n"
    )


def method(head: str, answer: str) -> str:
    return f"def {head}:\n    {answer}\n"


NEXT = "self.queue.popleft()"
NOT_READY = "which is not ready: a process that is picked must be taken off the queue"
SHAPE = "pick() must return (process, length)"
WHOLE = "ns; a slice is a whole number of ns, at least 1, or None"
LOSER = (
    "which is not running; it must be one of the processes that loses() was called with, or None"
)
LATER = "it must be a whole number of ns later than now, or None"
FORGOT = "every process that ready() is called with must be picked"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (pick("7"), f"{SHAPE}, not 7"),
        (pick(NEXT), f"{SHAPE}, not <A ready left=6000000>"),
        (pick("('A', None)"), f"{SHAPE}, and 'A' is no process"),
        (pick("(object(), None)"), f"{SHAPE}, and something of type object is no process"),
        (pick_one(BLOCKED), f"pick() chose <B blocked left=0>, {NOT_READY}"),
        (pick_one(DEAD), f"pick() chose <A dead left=0>, {NOT_READY}"),
        (pick("(self.queue[0], None)"), f"pick() chose <A dead left=0>, {NOT_READY}"),
        (pick("None"), 'pick() returned None at 0, but A has been ready since 0, "arrived"'),
        (pick("[self.queue.popleft(), None]"), f"{SHAPE}, not [<A ready"),
        (pick(f"{NEXT}, 0"), f"pick() gave A 0 {WHOLE}"),
        (pick(f"{NEXT}, -1"), f"pick() gave A -1 {WHOLE}"),
        (pick(f"{NEXT}, 2e6"), f"pick() gave A 2000000.0 {WHOLE}"),
        (pick(f"{NEXT}, True"), f"pick() gave A True {WHOLE}"),
        (pick(f"{NEXT}, '2ms'"), f"pick() gave A '2ms' {WHOLE}"),
        (pick(f"{NEXT}, 5"), "pick() gave 10,000 slices in a row of less than 1us, A 5 ns"),
        (method("loses(self, running)", "return 'A'"), f"loses() named 'A', {LOSER}"),
        (method("loses(self, running)", "return True"), f"loses() named True, {LOSER}"),
        (
            method("loses(self, running)", "return self.queue[0]"),
            "loses() named <B ready left=2000",
        ),
        (
            method("next_review(self)", "return self.now"),
            f"next_review() returned 0 at 0 ns; {LATER}",
        ),
        (
            method("next_review(self)", "return True"),
            f"next_review() returned True at 0 ns; {LATER}",
        ),
        (
            method("next_review(self)", "return 1e6"),
            f"next_review() returned 1000000.0 at 0 ns; {LATER}",
        ),
        (
            method("next_review(self)", "return self.now + 1"),
            "next_review() wanted to look again 10,000 times in a row within less than 1us",
        ),
    ],
)
def test_a_wrong_answer(body: str, says: str, tmp_path: Path) -> None:
    assert told(tmp_path, body).startswith(f"mine.py:{AT}: {says}")


@pytest.mark.parametrize(
    ("unless", "when"),
    [
        (
            "process.name == 'B'",
            'pick() returned None at 12ms, but B has been ready since 1ms, "arrived"',
        ),
        ("why == 'woke'", 'pick() returned None at 14ms, but B has been ready since 6ms, "woke"'),
        (
            "why == 'expired'",
            'pick() returned None at 8ms, but A has been ready since 2ms, "expired"',
        ),
    ],
)
def test_a_policy_that_forgets_a_process(unless: str, when: str, tmp_path: Path) -> None:
    body = f"def ready(self, process, why):\n    if not {unless}: super().ready(process, why)\n"
    assert when in told(tmp_path, body) and FORGOT in told(tmp_path, body)


@pytest.mark.parametrize(
    ("head", "failure", "says"),
    [
        ("setup(self)", "1 / 0", "ZeroDivisionError: division by zero"),
        ("ready(self, process, why)", "{}[why]", "KeyError: 'arrived'"),
        ("pick(self, core)", "raise SystemExit(3)", "SystemExit: 3"),
        ("pick(self, core)", "raise GeneratorExit", "GeneratorExit"),
        ("pick(self, core)", "next(iter([]))", "StopIteration"),
        ("ran(self, process, duration, why)", "1 / 0", "ZeroDivisionError: division by zero"),
        ("loses(self, running)", "1 / 0", "ZeroDivisionError: division by zero"),
        ("next_review(self)", "1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
def test_a_method_that_fails(head: str, failure: str, says: str, tmp_path: Path) -> None:
    name = head.partition("(")[0]
    expected = f"mine.py:{AT + 1}: {name}() raised {says}"
    assert told(tmp_path, method(head, failure)).startswith(expected)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("def pick(self):\n    return None\n", "pick() is called as pick(self, core)"),
        ("def ready(self, process):\n    pass\n", "ready() is called as ready(self, process, why)"),
        (
            "async def pick(self, core):\n    return None\n",
            "pick() must be a plain def, not async def",
        ),
        ("def pick(self, core):\n    yield None\n", "pick() must return what it decides"),
        (
            "def losses(self, running):\n    return None\n",
            "losses() is never called; did you mean loses()?",
        ),
        ("def Ran(self, process):\n    pass\n", "Ran() is never called; did you mean ran()?"),
    ],
)
def test_a_method_that_cannot_be_called(body: str, says: str, tmp_path: Path) -> None:
    assert told(tmp_path, body).startswith(f"mine.py:{AT}: {says}")


def test_a_method_that_only_its_own_call_may_be_called_nearly_the_same(tmp_path: Path) -> None:
    body = method("pick(self, core)", "return self.picks()")
    body += "def picks(self):\n    return 1 / 0\n"
    assert "picks() raised ZeroDivisionError" in told(tmp_path, body)


@pytest.mark.parametrize(
    ("extends", "body", "says"),
    [
        ("Policy", "x = 1\n", "Mine must have a method ready(self, process, why)"),
        (
            "Policy",
            "def ready(self, process, why):\n    pass\n",
            "Mine must have a method pick(self, core)",
        ),
        ("LeastFirst", "x = 1\n", "Mine must have a method key(self, process)"),
        (
            "LeastFirst",
            "def setup(self):\n    pass\ndef key(self, process):\n    return 0\n",
            "ready() raised AttributeError: 'Mine' object has no attribute '_plain'; "
            "setup() must call super().setup()",
        ),
        (
            "LeastFirst",
            "def key(self, process):\n    return 1 if process.name == 'B' else None\n",
            "ready() raised TypeError: '<' not supported between instances of 'NoneType' and "
            "'int'; what key() returns must be comparable",
        ),
    ],
)
def test_what_a_class_lacks(extends: str, body: str, says: str, tmp_path: Path) -> None:
    assert told(tmp_path, body, extends) == f"mine.py:{AT - 1}: {says}"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (
            "def ready(self, process, why):\n    process.left = 0\n",
            "ready() found left of A changed",
        ),
        (
            "def pick(self, core):\n    self.queue[0].state = 2\n    return super().pick(core)\n",
            "pick() found state of A changed",
        ),
        ("def loses(self, running):\n    running[0].cpu_used = 0\n", "loses() found cpu_used of A"),
        ("def ran(self, process, duration, why):\n    process.core = 5\n", "ran() found core of A"),
    ],
)
def test_a_policy_must_not_write_to_a_process(body: str, says: str, tmp_path: Path) -> None:
    assert told(tmp_path, body).startswith(f"mine.py:{AT}: {says}")


def test_a_policy_that_takes_cores_from_those_that_have_not_run(tmp_path: Path) -> None:
    body = """\
        def next_review(self):
            return self.now + ms(1)
        def loses(self, running):
            return running[0]
    """
    said = told(tmp_path, body, lab=f"machine: {{costs: {{switch: 2ms}}}}{LAB}")
    assert said.startswith(f"mine.py:{AT + 2}: loses() took cores 1,000 times in a row")


def test_the_policies_of_queues_per_core_are_held_to_the_rules_too(tmp_path: Path) -> None:
    how: Any = {"cores": 2}
    lab = f"{LAB}scheduler: {{queues: per-core}}"
    assert f"mine.py:{AT}: {SHAPE}, not 7" in told(tmp_path, pick("7"), lab=lab, **how)


PINNED = """machine: {cores: 2}
scheduler: {queues: global}
processes:
- {name: A, cores: 0, cpu: 6ms}
- {name: B, cores: 0, cpu: 6ms}
- {name: C, cpu: 6ms}
"""


def test_a_core_is_not_given_to_a_process_that_may_not_use_it(tmp_path: Path) -> None:
    said = told(tmp_path, "pass", lab=PINNED)
    assert said.startswith("mine.py:")
    assert said.endswith("pick() gave core 1 to B, which may use only 0")


def test_a_policy_over_least_first_heeds_the_cores_of_processes(tmp_path: Path) -> None:
    body = "def key(self, process):\n    return process.index\n"
    done = run(tmp_path, body, "LeastFirst", PINNED)
    assert [row.completion_ns for row in done.processes] == [6_000_000, 12_000_000, 6_000_000]


@pytest.mark.parametrize(
    "body",
    [
        pick(f"{NEXT}, 10**30"),
        method("loses(self, running)", "return running[0]"),
        method("next_review(self)", "return self.now + 1000"),
        method("ran(self, process, duration, why)", "process.account = why"),
    ],
)
def test_what_is_odd_and_allowed(body: str, tmp_path: Path) -> None:
    assert all(row.completion_ns for row in run(tmp_path, body).processes)


@pytest.mark.parametrize(
    ("policy", "key"), [("mlfq", "boost"), ("priority", "aging"), ("llf", "tick")]
)
def test_what_happens_again_and_again_does_so_each_us_at_most(
    policy: str, key: str, tmp_path: Path
) -> None:
    file = tmp_path / "f.yaml"
    file.write_text(f"scheduler: {{policy: {policy}, {key}: 1us}}{LAB}")
    simulate(load(file, Options()).workload)
    file.write_text(f"scheduler: {{policy: {policy}, {key}: 999ns}}{LAB}")
    with pytest.raises(UsageError, match=rf"f\.yaml:1:\d+: scheduler\.{key}: .*at least 1us"):
        load(file, Options())


SEEKING = """
machine: {{cores: 2}}
scheduler: {{queues: per-core, balance: {balance}}}
processes:
  - {{name: A, cores: [0], cpu: 20ms}}
  - {{name: B, cpu: 2500us}}
  - {{name: C, program: [{{cpu: 1ms}}, {{io: 3ms}}, {{cpu: 1ms}}]}}
"""
SEEKER = """\
    def seeks_idle_core(self, process):
        return process.name == {name!r}
    def removed(self, process):
        raise RuntimeError(f"{{process.name}} is moved")
"""


@pytest.mark.parametrize(("balance", "core"), [("steal", 1), ("none", 0)])  # none: a closed queue
def test_who_wakes_seeks_an_idle_core_by_itself(tmp_path: Path, balance: str, core: int) -> None:
    record = run(tmp_path, SEEKER.format(name="C"), lab=SEEKING.format(balance=balance))
    last = [row for row in record.intervals if row.process == 2 and row.state == State.RUNNING][-1]
    assert check(record) == [] and last.core == core


def test_who_does_not_seek_an_idle_core_is_fetched_by_it(tmp_path: Path) -> None:
    line = told(tmp_path, SEEKER.format(name="A"), lab=SEEKING.format(balance="steal"))
    assert line.endswith("removed() raised RuntimeError: C is moved")


def test_ctrl_c_in_an_endless_loop_says_where(tmp_path: Path) -> None:
    body = """\
        def pick(self, core):
            import os, signal
            os.kill(os.getpid(), signal.SIGINT)
            while True:
                pass
    """
    assert threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(Interrupted) as error:
            run(tmp_path, body)
    finally:
        signal.signal(signal.SIGINT, before)
    place = str(error.value).removeprefix(f"interrupted in {tmp_path}/")
    assert place in [f"mine.py:{AT + at}: pick()" for at in (2, 3, 4)]
    assert error.value.exit_status == 130


@pytest.mark.parametrize("command", ["simulate", pytest.param("run-real", marks=pytest.mark.real)])
def test_a_policy_that_never_answers_is_told_without_anybodys_doing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write_mine(
        tmp_path,
        """\
        def pick(self, core):
            while True:
                try:
                    self.seen.append(None)
                except Exception:
                    pass
        """,
    )
    (tmp_path / "lab.yaml").write_text(LAB)
    assert main([command, "lab.yaml", "--limit", "policy=150ms", *MINE]) == 2
    told = capsys.readouterr().err.splitlines()[-1]
    at, _, what = told.removeprefix("mine.py:").partition(": ")
    assert int(at) in range(AT + 1, AT + 5)
    assert (
        what
        == "pick() has not answered for 150ms (the limit policy): a decision must come to an end"
    )
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_what_a_policy_prints_is_on_stderr(tmp_path: Path) -> None:
    write_mine(tmp_path, 'def ran(self, process, duration, why):\n    print("hm")\n')
    (tmp_path / "lab.yaml").write_text(LAB)
    done = subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), "simulate", "lab.yaml", "--json", *MINE],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["scheduler"]["policy"] == "mine.py:Mine"
    assert done.stderr.startswith("hm\nhm\n")
