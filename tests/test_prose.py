"""The rules for words: what a sentence may not be, and what is a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.prose.check import mistakes
from tools.prose.rules import broken
from tools.prose.sentences import of_page, of_program


@pytest.mark.parametrize(
    ("sentence", "rule"),
    [
        ("Who waits for its child need not be in memory.", "person"),
        ("Whoever comes first runs.", "person"),
        ("Somebody has to wait.", "person"),
        ("A process runs for a stint of 20 ms.", "old word"),
        ("A mistake is told with its line.", "told"),
        ("What cannot be read is refused.", "riddle"),
        ("Of equal processes the first one runs.", "inversion"),
        ("Whose turn it is says the admission.", "inversion"),
        (f"A process {'and another process ' * 16}wait.", "length"),
        (f"A process {'and a core ' * 13}wait; the others run.", "length"),
    ],
)
def test_a_bad_sentence_is_found(sentence: str, rule: str) -> None:
    assert rule in [each.partition(":")[0] for each in broken(sentence)]


@pytest.mark.parametrize(
    "sentence",
    [
        "A process that waits for its child need not be in memory.",
        "Who has the core next?",
        "The colours can be told apart.",
        "A file that cannot be read is refused, and the message names its line.",
        "Of course the first one runs.",
    ],
)
def test_a_plain_sentence_is_not(sentence: str) -> None:
    assert list(broken(sentence)) == []


def test_a_page_is_read_without_code_headings_and_tables() -> None:
    code, table = "```text\nWho x.\n```", "| Who |\n|---|"
    page = f"# Who?\n\nOne `a. B` here. Two\nthere.\n\n{code}\n\n{table}\n\n- Three."
    assert [(each.line, each.text) for each in of_page(page)] == [
        (3, "One X here."),
        (3, "Two there."),
        (13, "Three."),
    ]


def test_a_program_is_read_by_docstrings_and_messages() -> None:
    source = '"""Return the run."""\nprint(f"no such {name} in the file")\nx = "two words"\n'
    assert [(each.line, each.text) for each in of_program(source)] == [
        (1, "Return the run."),
        (2, "no such X in the file"),
    ]


def test_a_scenario_is_read_by_its_title_and_advice(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    text = "title: Who waits?\nabout: |\n  One waits.\n  Who runs?\nprocesses:\n  - {name: who}\n"
    (tmp_path / "scenarios" / "a.yaml").write_text(text, encoding="utf-8")
    places = [line.rpartition(": ")[2] for line in mistakes(tmp_path)]
    assert places == ["Who waits?", "Who runs?"]


def test_a_sentence_that_breaks_a_rule_is_named_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("Good.\n\nWhoever comes.\n", encoding="utf-8")
    (line,) = mistakes(tmp_path)
    assert line.startswith("README.md:3: person: ")
    assert line.endswith(": Whoever comes.")
