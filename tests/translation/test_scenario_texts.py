"""Texts of scenarios: all that a student reads is extracted, and keeps its facts in Chinese."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.paths import ROOT
from tools.translation.catalogues import languages, read
from tools.translation.scenario_texts import texts_in
from translation import in_every_language, paragraphs, speaking, tr_text

SCENARIOS = sorted((ROOT / "scenarios").rglob("*.yaml"))
READ = ("title", "topic", "level", "about", "task", "text", "because")
"""The keys of the head and of `exercise` whose values are sentences."""
NUMBER = re.compile(r"\d+(?:[.,/]\d+)*")
EXACT = re.compile(
    r"`[^`]+`"  # in backquotes
    r"|--[a-z-]+"  # an option
    r"|[\w-]+\.(?:yaml|md|py)\b"  # a file
    r"|\d+ ?(?:ms|KiB|MiB|KB|MB|%)(?!\w)"  # a number with its unit
    r"|\w+\(\)"  # a call
    r"|\w+[._=]\w+(?:[._=]\w+)*"  # a key of the language, with its value
)


@pytest.mark.parametrize("folder", ["lessons", "exercises", "experiments", "workloads", "textbook"])
def test_each_sentence_of_a_file_is_extracted(folder: str) -> None:
    for file in SCENARIOS:
        if file.relative_to(ROOT / "scenarios").parts[0] == folder:
            found = {each.text for each in texts_in(file)}
            assert found == set(_sentences(file)), file


def _sentences(file: Path) -> Iterator[str]:
    """Yield the paragraphs of all values of READ, found by another way than the extraction."""
    scenario = YAML(typ="safe").load(file)
    head = {key: scenario[key] for key in READ if key in scenario}
    for value in (*head.values(), *_values(scenario.get("exercise"))):
        yield from (" ".join(part.split()) for part in value.strip().split("\n\n"))


def _values(section: Any) -> Iterator[str]:
    if isinstance(section, dict):
        for key, value in section.items():
            if key in READ and isinstance(value, str):
                yield value
            else:
                yield from _values(value)
    elif isinstance(section, list):
        for value in section:
            yield from _values(value)


def test_a_text_is_found_at_the_line_of_its_key(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text("title: one\nabout: |\n  a\n  b\n\n  c\nprocesses: [{cpu: 1}]\n")
    assert [tuple(each) for each in texts_in(file)] == [("one", 1), ("a b", 2), ("c", 2)]


@pytest.mark.parametrize("language", languages())
def test_numbers_units_options_files_and_code_are_those_of_the_english_text(language: str) -> None:
    for english, translated in _translations(language):
        wanted = {*NUMBER.findall(english), *EXACT.findall(english)}
        lost = [part for part in sorted(wanted) if part not in translated]
        assert lost == [], english


def test_chinese_has_its_own_punctuation_and_a_space_beside_latin_words() -> None:
    for _, said in _translations("zh_CN"):
        assert not re.search(r"[\u4e00-\u9fff][,;:?!.]|\uff01", said), said
        assert not re.search(r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]", said), said


def _translations(language: str) -> Iterator[tuple[str, str]]:
    for message in read(language, "scenarios"):
        if message.id:
            yield str(message.id), str(message.string)


ABOUT = "A {b}\nof one's own.\n\n\n  Two.\n"


def test_a_text_of_no_catalogue_stays_as_it_is() -> None:
    with speaking("zh"):
        assert [tr_text(ABOUT), tr_text("")] == [ABOUT, ""]
    assert paragraphs(ABOUT) == ["A {b} of one's own.", "Two."]


def test_other_line_breaks_do_not_lose_a_translation() -> None:
    title = "The convoy effect of first come, first served"
    again = title.replace(" ", "\n  ")
    assert tr_text(again) == again
    with speaking("zh"):
        assert tr_text(title) == "先来先服务的护航效应"
        assert tr_text(f"{again}\n\nTwo.") == "先来先服务的护航效应\n\nTwo."
    assert in_every_language(title) == f"{title}\n先来先服务的护航效应"
