"""Marks that workers make elsewhere are those that are made here."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli import main
from experiments.running.died import Died
from experiments.running.remote import Workplace
from kernel.errors import MultiprogError, UsageError
from language.assignments import read_assignment
from language.exercises import read_exercise
from language.source.options import Options
from teaching.assignment import crew
from teaching.assignment.grading import GradingOptions
from teaching.assignment.workplace import HandedOut, SubmissionGrading, lacking
from teaching.batch import AnswerGrading, Batch, Seeds, grade, grade_by, require_portable_exercise
from teaching.marks import Marks
from teaching.submission import seccomp
from teaching.workers import marks_by
from tests.teaching.assignment.test_grading import LAB, QUEUE
from tests.teaching.conftest import ROUND_ROBIN, Write

RIGHT = "completion: {A: 5, B: 12, C: 11}\n"
OWN_POLICY = """
from kernel.scheduling import Policy

class Mine(Policy):
    def setup(self):
        self.queue = []

    def ready(self, process, why):
        self.queue.append(process)

    def pick(self, core):
        return (self.queue.pop(0), None) if self.queue else None
"""


class Here:
    """Workers in this process. What they are given, and what they give back, is pickled."""

    slots = 2

    def __init__(self, begin: Callable[[Any], Workplace], setup: Any) -> None:
        self._workplace = begin(pickle.loads(pickle.dumps(setup)))

    def submit(self, *what: Any) -> Future[Any]:
        future: Future[Any] = Future()
        made = self._workplace.make(*pickle.loads(pickle.dumps(what)))
        future.set_result(pickle.loads(pickle.dumps(made)))
        return future

    def close(self) -> None:
        self._workplace.close()


class Ends:
    """Workers of which one dies at each thing whose name is `killer`."""

    slots = 1

    def __init__(self, *, for_good: bool) -> None:
        self._for_good = for_good

    def submit(self, *what: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if what[0] == "killer":
            future.set_exception(Died(for_good=self._for_good))
        else:
            future.set_result(Marks(what[0], "", []))
        return future

    def close(self) -> None:
        pass


@pytest.fixture
def answers(tmp_path: Path) -> list[Path]:
    texts = {
        "right": RIGHT,
        "wrong": "completion: {A: 9, B: 12, C: 11}",
        "damaged": "completion: {A: [",
    }
    paths = [tmp_path / f"{name}.yaml" for name in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(text, encoding="utf-8")
    return [*paths, tmp_path / "missing.yaml"]


def test_answers_have_the_marks_that_they_have_here(write: Write, answers: list[Path]) -> None:
    file = read_exercise(write(ROUND_ROBIN))
    batch = Batch.of(file, Seeds())
    there = list(grade_by(Here(AnswerGrading, batch), answers))
    assert there == list(grade(file, answers, batch, 1))
    assert [marks.gradable for marks in there] == [True, True, False, False]
    assert there[0].points == 3


def test_policies_have_the_marks_that_they_have_here(write: Write) -> None:
    assignment = read_assignment(write(LAB, "lab.yaml"), Options())
    handed_in = [write(QUEUE, "queue.py"), write("class Mine: pass", "no_policy.py")]
    here = list(crew.grade(assignment, handed_in, GradingOptions(seed=5, jobs=1)))
    workers = Here(SubmissionGrading, HandedOut.of(assignment, 5, None))
    try:
        there = list(crew.grade_by(workers, assignment, handed_in, 5))
    finally:
        workers.close()
    timeless = [replace(marks, measures=()) for marks in there]
    assert timeless == [replace(marks, measures=()) for marks in here]
    assert [marks.points for marks in there] == [10, 0]


def test_what_kills_its_workers_has_no_marks_and_the_others_have_theirs() -> None:
    def lost(name: str) -> Marks:
        return Marks(name, "", [], gradable=False)

    found = list(marks_by(Ends(for_good=True), ["a", "killer", "b"], lost))
    assert [(marks.who, marks.gradable) for marks in found] == [
        *(("a", True), ("killer", False), ("b", True)),
    ]
    with pytest.raises(MultiprogError, match="the cluster is gone"):
        list(marks_by(Ends(for_good=False), ["killer"], lost))


@pytest.mark.parametrize(
    "change",
    [
        ("{policy: rr, quantum: 2}", "{policy: 'mine.py:Mine'}"),
        ("exercise:\n", "exercise:\n  vary: {scheduler.policy: [rr, 'mine.py:Mine']}\n"),
    ],
)
def test_a_policy_in_a_file_of_its_own_is_graded_here(
    write: Write, change: tuple[str, str]
) -> None:
    write(OWN_POLICY, "mine.py")
    file = read_exercise(write(ROUND_ROBIN.replace(*change)))
    with pytest.raises(UsageError, match=r"--dask: .*file of its own.*leave out --dask"):
        require_portable_exercise(file)


def test_a_worker_that_cannot_confine_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lacking(None) == ""
    assert "no such user" in lacking("nobody-of-that-name")
    monkeypatch.setattr(seccomp, "is_offered", lambda: False)
    assert "cannot confine a submission" in lacking(None)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--dask", "host"], "must be local, or an address like tcp://host:8786"),
        (["--dask", "tcp://127.0.0.1:1"], "no scheduler answers there"),
        (["--dask", "local", "--seed-from", "a.txt"], "--seed-from: must be name"),
    ],
)
def test_a_wrong_address_is_one_line(
    write: Write,
    answers: list[Path],
    arguments: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("distributed")
    assert main(["grade", str(write(ROUND_ROBIN)), str(answers[0]), *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1


def test_real_runs_are_made_on_this_machine(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    lab, mine = str(write(LAB, "lab.yaml")), str(write(QUEUE, "mine.py"))
    assert main(["grade", lab, mine, "--dask", "local", "--real"]) == 2
    assert "--dask: real runs are made on this machine" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore")
def test_a_local_cluster_gives_the_marks_of_this_process(
    write: Write, answers: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("distributed")
    command = ["grade", str(write(ROUND_ROBIN)), *map(str, answers[:3]), "--format", "json"]
    assert main(command) == 0
    here = json.loads(capsys.readouterr().out)
    assert main([*command, "--dask", "local", "--jobs", "1"]) == 0
    assert json.loads(capsys.readouterr().out) == here
