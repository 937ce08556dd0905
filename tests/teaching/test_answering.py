"""`answer` asks, takes, and only then reveals, through a pipe, too; check files have no value."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import main
from language.exercises import read_exercise
from teaching.answer_files import answer_key, template
from teaching.asking import Asking
from teaching.check_file import check_file
from teaching.first_error import first_error
from teaching.posed import Posed
from teaching.variants import pose
from tests.paths import SCENARIOS
from tests.teaching.conftest import ROUND_ROBIN, Pose, Write

TYPED = """A 0-2, B 2-4, A 4-5
5
12
x
11

"""


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_it_asks_and_then_reveals(
    write: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, TYPED)
    assert main(["answer", str(write(ROUND_ROBIN)), "--no-real"]) == 0
    out = capsys.readouterr().out
    assert "must be a time like 18" in out and "enter it again:" in " ".join(out.split())
    asked, revealed = out.split("yours", 1)
    assert "right: A: 5" not in asked and "right: A: 2; B: 6; C: 4" in revealed
    assert "2. completion time 3/3 right" in " ".join(revealed.split())
    assert (
        "At 5 C runs; the core is not idle. The rule: the process that has been ready longest."
        in " ".join(revealed.split())
    )


def test_the_end_of_the_input_leaves_the_rest_open(
    write: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, "")
    assert main(["answer", str(write(ROUND_ROBIN)), "--no-real"]) == 0
    assert "You: 0 of 12" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["which-quantum", "zombie", "holes-best", "deadlock", "srtf-io"])
def test_every_kind_of_question_can_be_typed(name: str) -> None:
    posed = pose(read_exercise(SCENARIOS / "exercises" / f"{name}.yaml"), 4)
    lines = _lines(posed)
    asking = Asking(posed, lambda _prompt: next(lines, None), lambda _text: None)
    for asked in posed.asked:
        asking.question(asked)
    from teaching.grading import Grader

    marks = Grader(posed).judged(asking.written(), "typed")
    assert marks.points == marks.most


def _lines(posed: Posed) -> Iterator[str]:
    for asked in posed.asked:
        truth = asked.kind.truth(asked, posed.right)
        for label in asked.labels:
            value = truth[label]
            if isinstance(value, dict) and asked.question.kind == "observed":
                yield ", ".join(str(each).lower() for each in value.values())
            elif asked.question.kind in ("waits", "deadlock"):
                yield ", ".join(value) or "none"
            else:
                yield asked.kind.shown(value, posed.times)


OBSERVED = {"is_alive": False, "exitcode": 3, "state": "gone"}


@pytest.mark.parametrize(
    "text",
    [
        "False, 3, gone",
        "is_alive: False, exitcode: 3, state: gone",
        "False\uff0c\uff13\uff0cGone",
        "state\uff1agone\uff0cis_alive\uff1aFalse\uff0cexitcode\uff1a3",
        "False\u30013\u3001已消失",
    ],
)
def test_an_observation_is_typed_as_it_is_shown(text: str) -> None:
    assert _observed(["zombie", text]) == (["zombie", OBSERVED], [])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("False, 3", "enter one value for each key, with commas: is_alive, exitcode, state"),
        ("False, 3, dead", "state is one of alive, zombie, gone"),
        ("is_alive: False, 3, gone", "enter one value for each key"),
        ("is_alive: False, code: 3, state: gone", "the keys are is_alive, exitcode, state"),
    ],
)
def test_an_observation_that_cannot_be_read_is_asked_again(text: str, told: str) -> None:
    values, said = _observed(["state: zombie", text, "False, 3, gone"])
    assert values == ["zombie", OBSERVED]
    assert len(said) == 1
    assert told in said[0]


def _observed(typed_lines: list[str]) -> tuple[list[object], list[str]]:
    """Return the two observations of the exercise `zombie` as they are read, and what is said."""
    exercise = read_exercise(SCENARIOS / "exercises" / "zombie.yaml")
    posed = pose(exercise, 4)
    lines, said = iter(typed_lines), list[str]()
    asking = Asking(posed, lambda _prompt: next(lines, None), said.append)
    asking.question(next(each for each in posed.asked if each.question.kind == "observed"))
    first, second = (row["value"] for row in asking.values["observed"])
    return [first["state"], second], said


def test_the_first_error_is_explained(posed: Pose) -> None:
    found = posed()
    why = first_error(found, {0: [("A", 0, 3_000_000)]})
    assert why is not None and why.startswith("At 2 B runs, not A.")
    assert (
        first_error(found, {0: found.asked[0].kind.truth(found.asked[0], found.right)["0"]}) is None
    )


def test_a_check_file_has_no_value_and_knows_the_right_answer(
    posed: Pose, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = posed()
    check, key, wrong = (tmp_path / name for name in ("check.json", "key.yaml", "wrong.yaml"))
    check.write_text(check_file(found), encoding="utf-8")
    key.write_text(answer_key(found, None), encoding="utf-8")
    wrong.write_text(answer_key(found, None).replace("B: 12", "B: 13"), encoding="utf-8")
    document = json.loads(check.read_text(encoding="utf-8"))
    assert set(document) == {
        *("format", "title", "seed", "asked", "time_unit_ns", "cores", "devices", "names"),
        *("scrypt", "hash"),
    }
    assert main(["answer", str(key), "--check-file", str(check)]) == 0
    assert main(["answer", str(wrong), "--check-file", str(check)]) == 1
    assert capsys.readouterr().out.split("\n") == [
        "all answers are right",
        "not all answers are right",
        "",
    ]
    wrong.write_text(template(found, None), encoding="utf-8")
    assert main(["answer", str(wrong), "--check-file", str(check)]) == 1
    assert "not filled in: 1. gantt" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "{}", '{"format": "multiprog-check/1"}', "[1]", "\\xff"])
def test_what_is_no_check_file_is_told(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "check.json"
    path.write_text(text, encoding="utf-8")
    assert main(["answer", str(path), "--check-file", str(path)]) == 2
    assert str(path) in capsys.readouterr().err


def test_a_wrong_time_is_told_in_the_words_of_a_student(posed: Pose) -> None:
    made, said = posed(), list[str]()
    lines = iter(["soon", "20 parsecs", "3"])
    asking = Asking(made, lambda _prompt: next(lines, None), said.append)
    asking.question(next(each for each in made.asked if each.question.kind == "completion"))
    assert asking.values["completion"]["A"] == 3
    assert said[0].startswith("   must be a time like 18, or with a unit like 18ms (got 'soon')")
    assert "known: ns, us, µs, ms" in said[1]
    assert max(len(line) for each in said for line in each.splitlines()) <= 80
