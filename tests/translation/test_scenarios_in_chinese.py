"""Titles, advice and questions in Chinese wherever they are shown; documents keep the English."""

# ruff: noqa: RUF001 - Chinese punctuation is meant

import json
from pathlib import Path

import pytest

from cli import main
from commands.shipped import found_by, scenarios
from language.loading import load
from language.source.options import Options
from playground.catalogue import entry
from report.base.html import text
from report.page.sections import opening
from report.result import Result
from sim import simulate
from tests.paths import EXERCISES, LESSONS
from translation import speaking

TITLE = "内存中有几个程序，一个的 I/O 就与另一个的计算重叠"
ENGLISH = "Several programs in memory overlap their I/O with each other's computing"


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["--lang", "zh", *arguments]) == 0
    return capsys.readouterr().out


def test_a_run_begins_with_title_and_advice(capsys: pytest.CaptureFixture[str]) -> None:
    shown = said(capsys, "simulate", "overlap")
    assert shown.startswith(f"{TITLE}\n还是 one-at-a-time.yaml 的三个程序")


def test_a_saved_run_is_english_and_shown_in_chinese(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "run.json"
    said(capsys, "simulate", "overlap", "--out", str(saved))
    assert json.loads(saved.read_text(encoding="utf-8"))["scenario"]["title"] == ENGLISH
    assert said(capsys, "compare", str(saved), str(saved)).startswith(TITLE)


def test_the_page_has_title_and_advice() -> None:
    run = simulate(load(LESSONS / "overlap.yaml", Options()).workload)
    with speaking("zh"):
        shown = opening(Result([run]))
    assert shown.title == text(TITLE)
    assert "<p>还是 one-at-a-time.yaml 的三个程序" in shown.html


def test_an_exercise_asks_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    shown = said(capsys, "exercise", str(EXERCISES / "zombie.yaml"))
    for part in (
        "已经结束、还没有 join 的子进程",
        "第一次观察只询问操作系统",
        "僵尸进程在进程表中留多久？",
    ):
        assert part in shown


@pytest.mark.parametrize("form", ["moodle", "gift", "prairielearn"])
def test_an_export_is_in_chinese(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    said(capsys, "exercise", "zombie", "--export", form, "--variants", "1", "--out", str(out))
    files = [out] if out.is_file() else [file for file in out.rglob("*") if file.is_file()]
    written = "".join(file.read_text(encoding="utf-8") for file in files)
    assert "直到父进程等待（回收）了它" in written
    assert "僵尸进程没有内存：它只是进程表中的一项" in written


@pytest.mark.parametrize("topic", ["memory", "内存"])
def test_lessons_are_listed_under_topics_and_with_levels(
    topic: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = said(capsys, "lessons", "--topic", topic)
    assert shown.startswith("内存\n  external-fragmentation (初级)\n    空闲内存足够")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("words", [["zombie"], ["僵尸"], ["僵尸", "内存"], ["zombie", "内存"]])
def test_words_of_both_languages_find_a_lesson(language: str, words: list[str]) -> None:
    with speaking(language):
        assert "zombie" in [each.name for each in found_by(words, scenarios(["lessons"]))]


def test_the_playground_offers_and_finds_it() -> None:
    with speaking("zh"):
        offered = entry("Lessons", LESSONS / "overlap.yaml")
    assert offered.title == TITLE
    assert ENGLISH in offered.words and TITLE in offered.words


def test_a_level_is_named_as_the_list_shows_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lessons", "--level", "初级", "--lang", "zh"]) == 0
    chinese = capsys.readouterr().out
    assert main(["lessons", "--level", "beginner", "--lang", "zh"]) == 0
    assert chinese == capsys.readouterr().out
