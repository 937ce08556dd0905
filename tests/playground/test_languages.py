"""The playground in its reader's language: answers of the model, files of texts, the page."""

# ruff: noqa: RUF001 - Chinese punctuation is meant

from __future__ import annotations

import json
from typing import Any

import pytest

from playground import languages
from playground.answers import answer
from playground.catalogue import catalogue
from playground.site import WEB
from translation import chosen
from translation.languages import ENGLISH

TWO = "processes:\n  - {name: A, cpu: 30ms}\n  - {name: B, arrival: 5ms, cpu: 10ms}\n"
NOTHING = "machine: {cores: 1}\nprocesses:\n  - {name: A, program: [{io: 5ms}]}\n"


def asked(do: str, language: object, text: str = TWO, **more: Any) -> dict[str, Any]:
    question = {"do": do, "file": "a.yaml", "files": {"a.yaml": text}, "language": language, **more}
    found: dict[str, Any] = json.loads(answer(json.dumps(question)))
    return found


def test_a_chart_is_judged_in_the_language_of_the_page() -> None:
    lanes = [[["B", 0, 10_000_000], ["A", 10_000_000, 40_000_000]]]
    assert "At 0 A runs, not B." in asked("grade", "en", lanes=lanes)["why"]
    assert "在时刻 0，应当运行 A，你写的是 B。" in asked("grade", "zh_CN", lanes=lanes)["why"]


def test_a_refusal_is_in_the_language_of_the_page() -> None:
    [problem] = asked("predict", "zh_CN", NOTHING)["problems"]
    assert problem["message"] == "这个场景中没有进程运行：没有图可画"


@pytest.mark.parametrize("language", [None, "tlh", "zh", 7, ["zh_CN"], "../zh_CN"])
def test_a_language_that_is_none_is_that_of_the_program(language: object) -> None:
    [problem] = asked("predict", language, NOTHING)["problems"]
    assert problem["message"].startswith("nothing runs in this scenario")


def test_the_saved_run_is_the_same_in_each_language() -> None:
    path = "scenarios/lessons/overlap.yaml"
    text = next(entry.text for entry in catalogue() if entry.path == path)
    found = [
        json.loads(
            answer(json.dumps({"do": "document", "file": path, "files": {path: text}, **language}))
        )
        for language in ({"language": "en"}, {"language": "zh_CN"}, {})
    ]
    assert found[0] == found[1] == found[2]
    assert chosen() == ENGLISH


def test_each_scenario_has_its_group_and_title_in_each_language() -> None:
    entries = list(catalogue())
    for language in languages.others():
        said = json.loads(languages.scenarios(language, entries))
        assert len(said) == len(entries)
        assert not any(title.isascii() for _, title in said)
        assert {group for group, _ in said} >= {"课例", "习题", "进程的一生"}


def test_the_files_of_texts_have_a_name_for_each_language_and_texts_of_page_and_scripts() -> None:
    files = {name: json.loads(content) for name, content in languages.texts()}
    assert files["languages.json"] == {"en": "English", "zh_CN": "中文"}
    texts = files["texts.zh_CN.json"]
    assert texts["Predict"] == "预测"
    assert texts["The model is being loaded …"] == "正在载入模型 …"


def test_all_that_the_page_says_stands_in_elements_of_its_own() -> None:
    """A sentence that a tag cuts in two could not be translated as one."""
    page = (WEB / "index.html").read_text(encoding="utf-8")
    assert "<kbd>" not in page
    assert "<em>" not in page
