"""Exercises in Chinese: the same numbers and keys, words of the class's language around them."""

# ruff: noqa: RUF001 - Chinese punctuation is meant

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from cli import cli
from language.assignments import AssignmentFile, assignment_in
from language.source.options import Options
from language.variants import ScenarioText
from teaching.answer_files import answer_key, answers, template
from teaching.asking import Asking
from teaching.assignment.grading import Grader as PolicyGrader
from teaching.assignment.grading import GradingOptions
from teaching.exports.fields import fields
from teaching.exports.gift import gift
from teaching.formats.table import WRITERS
from teaching.kinds.table import KINDS
from teaching.marks import Marks
from teaching.misconceptions.catalogue import CATALOGUE
from teaching.posed import Posed
from teaching.prediction import judged
from teaching.sheet.content import question_blocks
from teaching.sheet.markdown import markdown
from teaching.submission.files import submission_of
from teaching.submission.host import Host
from teaching.yaml_text import block
from tests.paths import ROOT
from tests.teaching.conftest import Pose
from translation import in_english, speaking, tr

TIE = ROOT / "scenarios" / "exercises" / "rr-tie.yaml"
ENGLISH = re.compile(r"[a-z]{3,}(?: [a-z]{2,})+")
"""Two words of English. A single one may be a key or a name."""

# ruff: noqa: RUF001 - Chinese punctuation is meant
LAB = """
title: Lab
scheduler: {policy: rr, quantum: 10ms}
processes: [{name: A, cpu: 10ms}]
assignment:
  submit: mine.py:Mine
  workloads: {plain: 1}
  checks: [{same_schedule: true, points: 4}]
"""
ENDLESS = """
from kernel.scheduling import Policy
class Mine(Policy):
    def setup(self): self.queue = []
    def ready(self, process, why): self.queue.append(process)
    def pick(self, core):
        if PLACE:
            while True: pass
        raise OSError("no")
"""


def marked(posed: Posed, graded: Callable[[Posed, str], Marks]) -> Marks:
    """Return the marks, in Chinese, of an answer that follows a misconception."""
    answer = block(answers(posed, posed.outcomes["waiting-until-first-run"]))
    with speaking("zh"):
        return graded(posed, answer)


def test_a_student_has_the_same_numbers_and_the_same_key(posed: Pose) -> None:
    here = posed()
    english = [answer_key(here, "张三"), template(here, "张三")]
    with speaking("zh"):
        chinese = [answer_key(here, "张三"), template(here, "张三")]
    load = YAML(typ="safe").load
    assert list(map(load, english)) == list(map(load, chinese))
    assert "# 在冒号后面填写。时间以 ms 为单位" in chinese[1]


def test_each_kind_of_question_and_each_misconception_has_no_english_left() -> None:
    with speaking("zh"):
        said = [tr(kind.title) for kind in KINDS.values()]
        said += [tr(text) for each in CATALOGUE for text in (each.words, each.rule)]
    assert [text for text in said if ENGLISH.search(text)] == []


def test_questions_are_asked_in_chinese_and_names_stay(posed: Pose) -> None:
    with speaking("zh"):
        here = posed()
        text = markdown([block for asked in here.asked for block in question_blocks(asked, here)])
    assert "**1.** 画出甘特图：核上从什么时刻到什么时刻运行哪个进程？（4 分）" in text
    assert "进程：A、B、C。" in text
    assert ENGLISH.search(text) is None


def test_feedback_and_diagnosis_are_in_chinese(
    posed: Pose, graded: Callable[[Posed, str], Marks]
) -> None:
    marks = marked(posed(), graded)
    assert marks.diagnosis.startswith("这些数值对应的想法是：")
    assert "规则：" in marks.diagnosis
    with speaking("zh"):
        lines = WRITERS["text"]([marks])
    assert "3. 等待时间" in lines
    assert ENGLISH.search(lines) is None


def test_a_table_has_english_headings_and_a_diagnosis_for_people(
    posed: Pose, graded: Callable[[Posed, str], Marks]
) -> None:
    marks = marked(posed(), graded)
    with speaking("zh"):
        [row] = csv.DictReader(io.StringIO(WRITERS["csv"]([marks])))
    assert row["status"] == "graded"
    assert row["3. waiting time"] != "3"
    assert row["diagnosis"].startswith("这些数值对应的想法是：")


def test_course_systems_show_chinese_and_keep_their_keys(
    posed: Pose, graded: Callable[[Posed, str], Marks]
) -> None:
    marks = marked(posed(), graded)
    with speaking("zh"):
        shown = json.loads(WRITERS["gradescope"]([marks]))
        variant = posed()
        questions, names = gift([variant]), [each.name for each in fields(variant)]
    assert shown["tests"][2]["name"] == "3. 等待时间"
    assert "不正确：" in shown["tests"][2]["output"]
    assert shown["tests"][2]["status"] == "failed"
    assert questions.startswith("$CATEGORY: $course$/top/")
    assert "#正确。" in questions
    assert [each.name for each in fields(variant)] == names


def test_an_empty_list_may_be_written_in_either_language(posed: Pose) -> None:
    text = "processes: [{name: A, cpu: 3}]\nexercise: {ask: [{deadlock: all}]}\n"
    with speaking("zh"):
        [field] = fields(posed(f"title: D\n{text}"))
    assert list(field.accepted) == ["无", "none"]


def test_what_is_typed_may_have_chinese_commas_and_words(posed: Pose) -> None:
    text = "processes: [{name: A, cpu: 3}, {name: B, cpu: 2}]\n"
    here = posed(f"title: D\n{text}exercise: {{ask: [{{order: all}}, {{deadlock: all}}]}}\n")
    typed = iter(["A，B", "无"])
    asking = Asking(here, lambda _prompt: next(typed), lambda _line: None)
    for asked in here.asked:
        asking.question(asked)
    assert asking.values == {"order": ["A", "B"], "deadlock": []}


def test_the_first_wrong_moment_of_a_chart_is_told_in_chinese(posed: Pose) -> None:
    ms = 1_000_000
    with speaking("zh"):
        found = judged(posed(), {0: [("B", 0, 2 * ms)]})
    assert found.first is not None
    assert found.first.startswith("在时刻 0，应当运行 A，你写的是 B。规则：")


def test_the_command_writes_json_in_english_in_any_language(tmp_path: Path) -> None:
    for name in ("a", "b"):
        text = f"student: {name}\nwaiting: {{A: 1, B: 2, C: 3}}\norder: 7\n"
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")

    def said(language: str, format: str) -> str:
        asked = ["--lang", language, "grade", str(TIE), str(tmp_path), "--format", format]
        return CliRunner().invoke(cli, asked).stdout

    assert said("zh", "json") == said("en", "json") != ""
    assert said("zh", "csv").splitlines()[0] == said("en", "csv").splitlines()[0]


def lab(tmp_path: Path) -> AssignmentFile:
    path = tmp_path / "lab.yaml"
    path.write_text(LAB, encoding="utf-8")
    return assignment_in(ScenarioText.read(path, Options()))


@pytest.mark.parametrize(
    ("place", "said"),
    [("False", "OSError：no"), ("True", "CPU 时间超过")],
)
def test_what_a_submission_did_wrong_is_told_in_chinese(
    place: str, said: str, tmp_path: Path
) -> None:
    """The process that asks a submission has no environment: it is told of the language."""
    path = tmp_path / "mine.py"
    path.write_text(ENDLESS.replace("PLACE", place), encoding="utf-8")
    with speaking("zh"), Host(None) as host:
        grader = PolicyGrader(lab(tmp_path), GradingOptions(), host)
        [part] = grader.marks(submission_of(path, "mine.py")).parts
    assert part.feedback.startswith("1 个隐藏工作负载中通过 0 个\n")
    assert said in part.feedback
    assert (part.name, part.title) == ("the schedule of rr", "与 rr 的调度相同")


def test_marks_in_english_are_wholly_english(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(ENDLESS.replace("PLACE", "False"), encoding="utf-8")
    with speaking("zh"), Host(None) as host:
        grader = PolicyGrader(lab(tmp_path), GradingOptions(language="en"), host)
        marks = grader.marks(submission_of(path, "mine.py"))
        with in_english():
            text = WRITERS["json"]([marks])
    assert re.search("[\u4e00-\u9fff]", text) is None
