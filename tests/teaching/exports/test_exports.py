"""What is exported is read as the course systems read it: the right answers earn full marks."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import types
import zipfile
from collections.abc import Iterator
from fractions import Fraction
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from cli import main
from language.exercises import read_exercise, seed_of
from teaching.answer_files import answer_key
from teaching.exports.fields import CHOICE, NUMBER, Field, fields
from teaching.exports.gift import gift
from teaching.exports.gradescope import gradescope
from teaching.exports.moodle import moodle
from teaching.exports.prairielearn import prairielearn
from teaching.posed import Posed
from teaching.variants import pose
from tests.paths import SCENARIOS
from tests.teaching.assignment.test_grading import LAB, QUEUE
from tests.teaching.test_formats import mistakes

EXERCISES = SCENARIOS / "exercises"
SOME = ("rr", "srtf-io", "which-quantum", "zombie", "holes-best", "two-programs-two-devices")


@pytest.fixture(scope="module", params=SOME)
def variants(request: pytest.FixtureRequest) -> list[Posed]:
    exercise = read_exercise(EXERCISES / f"{request.param}.yaml")
    return [pose(exercise, seed) for seed in (1, 2)]


# -- Moodle, read by the rules of its documentation ------------------------------------------------

CLOZE = re.compile(r"\{(\d+):(NUMERICAL|SHORTANSWER|MULTICHOICE_V):((?:\\.|[^}\\])*)\}", re.DOTALL)


def pieces(text: str, at: str) -> list[str]:
    """Split at a character that no backslash escapes."""
    return re.split(rf"(?<!\\){re.escape(at)}", text)


def plain(text: str) -> str:
    return unescape(re.sub(r"\\(.)", r"\1", text))


def cloze(html: str) -> Iterator[tuple[int, str, list[tuple[bool, str, str]]]]:
    """Yield weight, type and answers (right, text, feedback) of each embedded answer."""
    for weight, kind, body in CLOZE.findall(html):
        answers = []
        for piece in pieces(body, "~"):
            text, feedback = pieces(piece, "#")
            right = text.startswith("=")
            text = re.sub(r"^(=|%0%)", "", text)
            if kind == "NUMERICAL":
                text = text.rpartition(":")[0]
            answers.append((right, plain(text), plain(feedback)))
        yield int(weight), kind, answers


def rights(field: Field) -> list[str]:
    if field.kind == CHOICE:
        return [" ".join(each.text.split()) for each in field.alternatives if each.right]
    return [" ".join(text.split()) for text in field.accepted]


def test_moodle_has_a_question_for_each_variant_with_the_right_answers(
    variants: list[Posed],
) -> None:
    category, *questions = ET.fromstring(moodle(variants))
    assert category.get("type") == "category"
    assert [question.get("type") for question in questions] == ["cloze"] * 2
    for posed, question in zip(variants, questions, strict=True):
        found = list(cloze(question.findtext("questiontext/text") or ""))
        mine = fields(posed)
        assert len(found) == len(mine)
        for (weight, kind, answers), field in zip(found, mine, strict=True):
            assert [text for right, text, _ in answers if right] == rights(field)
            assert (kind == "NUMERICAL") == (field.kind == NUMBER)
            assert Fraction(weight, sum(each[0] for each in found)) == Fraction(
                field.points, sum(each.points for each in mine)
            )
            wrong = [(text, said) for right, text, said in answers if not right]
            if field.kind != CHOICE:
                assert all(said.startswith("This is the answer of ") for _, said in wrong)


def test_every_picture_of_moodle_is_in_the_file(variants: list[Posed]) -> None:
    for question in list(ET.fromstring(moodle(variants)))[1:]:
        for part in ("questiontext", "generalfeedback"):
            element = question.find(part)
            assert element is not None
            shown = re.findall(r"@@PLUGINFILE@@/([\w.-]+)", element.findtext("text") or "")
            assert shown == [file.get("name") for file in element.iterfind("file")]


# -- GIFT ------------------------------------------------------------------------------------------


def test_gift_has_a_question_for_each_answer(variants: list[Posed]) -> None:
    category, *questions = gift(variants).strip().split("\n\n")
    mine = [field for posed in variants for field in fields(posed)]
    assert category.startswith("$CATEGORY: $course$/top/")
    assert len(questions) == len(mine)
    for text, field in zip(questions, mine, strict=True):
        name, answers = re.fullmatch(
            r"::((?:\\.|[^:\\])*)::\[html\](?:\\.|[^{}\\])*\{((?:\\.|[^{}\\])*)\}", text, re.DOTALL
        ).groups()  # type: ignore[union-attr]
        assert f", {field.number}" in plain(name)
        right = [
            plain(
                pieces(line[1:], "#")[0].rpartition(":")[0]
                if field.kind == NUMBER
                else pieces(line[1:], "#")[0]
            )
            for line in answers.splitlines()
            if line.startswith("=") and not line.startswith("=%0%")
        ]
        assert [" ".join(each.split()) for each in right] == rights(field)


# -- PrairieLearn ----------------------------------------------------------------------------------


def server_of(folder: Path) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location("server", folder / "server.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def placed(folder: Path, variants: list[Posed]) -> types.ModuleType:
    for name, text in prairielearn(variants).items():
        (folder / name).write_text(text, encoding="utf-8")
    return server_of(folder)


def generated(server: types.ModuleType, seed: int) -> dict[str, Any]:
    data: dict[str, Any] = {"variant_seed": seed, "params": {}, "correct_answers": {}}
    server.generate(data)
    data.update(submitted_answers={}, partial_scores={}, feedback={})
    return data


def test_prairielearn_picks_a_variant_by_its_seed(variants: list[Posed], tmp_path: Path) -> None:
    server = placed(tmp_path, variants)
    for seed, posed in ((0, variants[0]), (1, variants[1]), (2, variants[0])):
        data = generated(server, seed)
        shown = [field["name"] for q in data["params"]["questions"] for field in q["fields"]]
        mine = fields(posed)
        assert shown == [field.name for field in mine]
        numbers = {f.name: float(f.accepted[0]) for f in mine if f.kind == NUMBER}
        assert {name: data["correct_answers"][name] for name in numbers} == numbers
        assert "accepted" not in json.dumps(data["params"]["questions"])


def test_prairielearn_says_which_rule_a_wrong_answer_follows(tmp_path: Path) -> None:
    exercise = read_exercise(EXERCISES / "rr.yaml")
    posed = pose(exercise, 1)
    server = placed(tmp_path, [posed])
    data = generated(server, 0)
    field = next(each for each in fields(posed) if each.kind == NUMBER and each.wrong)
    text = next(each for each in fields(posed) if each.kind == "text")
    data["submitted_answers"] = {
        field.name: float(field.wrong[0].text),
        text.name: text.accepted[0].replace(" ", ""),
    }
    data["partial_scores"] = {name: {"score": 0, "weight": 1} for name in data["submitted_answers"]}
    server.grade(data)
    assert data["feedback"]["words"] == [field.wrong[0].feedback]
    assert data["score"] == 0.5


def test_the_template_of_prairielearn_is_balanced(tmp_path: Path) -> None:
    placed(tmp_path, [pose(read_exercise(EXERCISES / "rr.yaml"), 1)])
    html = (tmp_path / "question.html").read_text(encoding="utf-8")
    for opening in re.findall(r"\{\{#([\w.]+)\}\}", html):
        assert html.count("{{#" + opening + "}}") == html.count("{{/" + opening + "}}")
    for tag in set(re.findall(r"<(pl-[\w-]+)", html)):
        assert html.count(f"<{tag} ") + html.count(f"<{tag}>") == html.count(f"</{tag}>")
    info = json.loads((tmp_path / "info.json").read_text(encoding="utf-8"))
    assert mistakes(json.dumps(info), "prairielearn-question") == []


# -- Gradescope: the zip at work, in a folder that stands for /autograder --------------------------


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the grader, as it is in each zip."""
    folder = tmp_path_factory.mktemp("source")
    content = gradescope(EXERCISES / "rr.yaml", [], is_assignment=False, seed=None)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        archive.extractall(folder)
    return folder


def autograder(folder: Path, unpacked: Path, task: Path, *, is_assignment: bool) -> dict[str, Any]:
    """Execute the autograder of a task, and return its results."""
    content = gradescope(task, [], is_assignment=is_assignment, seed=7 if is_assignment else None)
    (folder / "source").symlink_to(unpacked)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        archive.extract(f"task/{task.name}", unpacked)
        script = archive.read("run_autograder").decode().replace("/autograder", str(folder))
    (folder / "run_autograder").write_text(script, encoding="utf-8")
    subprocess.run([sys.executable, folder / "run_autograder"], check=True, cwd=folder)
    found: dict[str, Any] = json.loads((folder / "results" / "results.json").read_text())
    return found


def test_gradescope_grades_the_variant_of_the_student(tmp_path: Path, unpacked: Path) -> None:
    student = "li.na@example.org"
    about = {"users": [{"email": student}]}
    (tmp_path / "submission_metadata.json").write_text(json.dumps(about), encoding="utf-8")
    (tmp_path / "submission").mkdir()
    posed = pose(read_exercise(EXERCISES / "rr.yaml"), seed_of(student))
    key = answer_key(posed, None)
    (tmp_path / "submission" / "answer.yaml").write_text(key, encoding="utf-8")
    results = autograder(tmp_path, unpacked, EXERCISES / "rr.yaml", is_assignment=False)
    assert results["score"] == sum(asked.points for asked in posed.asked)
    assert {test["status"] for test in results["tests"]} == {"passed"}


def test_gradescope_says_what_is_to_be_handed_in(tmp_path: Path, unpacked: Path) -> None:
    about = {"users": [{"email": "a@b.c"}]}
    (tmp_path / "submission_metadata.json").write_text(json.dumps(about), encoding="utf-8")
    (tmp_path / "submission").mkdir()
    results = autograder(tmp_path, unpacked, EXERCISES / "rr.yaml", is_assignment=False)
    assert results == {
        "score": 0,
        "output": "hand in one file, answer.yaml (there are 0 .yaml files)",
    }


def test_gradescope_grades_a_policy(tmp_path: Path, unpacked: Path) -> None:
    (tmp_path / "submission").mkdir()
    (tmp_path / "submission" / "mine.py").write_text(QUEUE, encoding="utf-8")
    task = tmp_path / "lab.yaml"
    task.write_text(LAB, encoding="utf-8")
    results = autograder(tmp_path, unpacked, task, is_assignment=True)
    assert results["score"] == 10
    assert len(results["leaderboard"]) == 3


def test_the_same_exercise_gives_the_same_zip() -> None:
    task = EXERCISES / "rr.yaml"
    one, two = (gradescope(task, [], is_assignment=False, seed=1) for _ in range(2))
    assert one == two


# -- the command -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--variants", "3"], "--variants and --out belong to --export"),
        (["--export", "prairielearn"], "exercise --export prairielearn: say where: --out PATH"),
        (["--export", "gradescope"], "exercise --export gradescope: say where: --out PATH"),
        (["--export", "gift", "--solution"], "--export writes one thing; leave out the other"),
        (["--export", "gift", "--student", "a"], "--export writes one thing; leave out the other"),
        (["--export", "gift", "--out", "no/such/folder/a.txt"], "no/such/folder"),
    ],
)
def test_a_wrong_option_is_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(["exercise", str(EXERCISES / "rr.yaml"), *arguments]) == 2
    output, error = capsys.readouterr()
    assert output == ""
    assert said in error
    assert error.count("\n") == 1


def test_the_command_writes_a_folder_for_prairielearn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "question"
    command = [
        "exercise",
        str(EXERCISES / "rr.yaml"),
        "--export",
        "prairielearn",
        "--out",
        str(out),
    ]
    assert main([*command, "--variants", "2"]) == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "info.json",
        "question.html",
        "server.py",
        "variants.json",
    ]
    assert capsys.readouterr().out == ""
