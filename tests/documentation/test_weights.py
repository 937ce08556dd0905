"""The weights of the search: a page that is most about a word comes first."""

from __future__ import annotations

import json

from tools.documentation.weights import Passage, weights


def weighed(**pages: list[Passage]) -> dict[str, dict[str, float]]:
    script = weights(pages, lambda word: word.removesuffix("s"))
    found: dict[str, dict[str, float]] = json.loads(script.removeprefix("var WEIGHTS = ")[:-2])
    return found


def test_a_word_of_a_title_weighs_more_than_one_of_the_text() -> None:
    found = weighed(
        life=[(1, "Zombies"), (0, "Text.")], other=[(1, "Other"), (0, "a zombie, " * 9)]
    )
    assert found["zombie"]["life"] == 1
    assert found["zombie"]["other"] < 1


def test_a_record_of_the_project_weighs_less_than_a_page_that_explains() -> None:
    found = weighed(decisions=[(0, "quantum quantum")], policies=[(0, "quantum")])
    assert found["quantum"]["policies"] == 1
    assert found["quantum"]["decisions"] < 1


def test_a_page_that_hardly_has_a_word_is_left_out() -> None:
    found = weighed(a=[(1, "Disk"), (0, "disk " * 40)], b=[(1, "B"), (0, "disk " + "word " * 60)])
    assert list(found["disk"]) == ["a"]


def test_a_pair_of_chinese_characters_has_a_weight() -> None:
    found = weighed(life=[(1, "僵尸进程")], other=[(0, "进程")])
    assert found["僵尸"] == {"life": 1}
    assert found["进程"]["life"] == 1
