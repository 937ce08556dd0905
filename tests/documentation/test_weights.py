"""The weights of the search: a page that is most about a word comes first."""

from __future__ import annotations

import json
from pathlib import Path

from tools.documentation.weights import weights


def weighed(folder: Path, **pages: str) -> dict[str, dict[str, float]]:
    for name, text in pages.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    script = weights(folder, lambda word: word.removesuffix("s"))
    found: dict[str, dict[str, float]] = json.loads(script.removeprefix("var WEIGHTS = ")[:-2])
    return found


def test_a_word_of_a_title_weighs_more_than_one_of_the_text(tmp_path: Path) -> None:
    found = weighed(tmp_path, life="# Zombies\n\nText.\n", other="# Other\n\n" + "a zombie, " * 9)
    assert found["zombie"]["life"] == 1
    assert found["zombie"]["other"] < 1


def test_a_record_of_the_project_weighs_less_than_a_page_that_explains(tmp_path: Path) -> None:
    found = weighed(tmp_path, decisions="# A\n\nquantum quantum\n", policies="# A\n\nquantum\n")
    assert found["quantum"]["policies"] == 1
    assert found["quantum"]["decisions"] < 1


def test_a_page_that_hardly_has_a_word_is_left_out(tmp_path: Path) -> None:
    found = weighed(tmp_path, a="# Disk\n\n" + "disk " * 40, b="# B\n\ndisk " + "word " * 60)
    assert list(found["disk"]) == ["a"]
