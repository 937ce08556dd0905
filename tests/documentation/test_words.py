"""Chinese words are found without a dictionary: by all pairs of neighbouring characters."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from tools.documentation.words import SPLITTER, chinese_words, words


def test_latin_words_are_in_lower_case_and_apart() -> None:
    assert words("The `is_alive` of P1") == ["the", "is", "alive", "of", "p1"]


def test_chinese_characters_are_words_and_so_are_pairs() -> None:
    assert chinese_words("僵尸进程，I/O") == ["僵", "尸", "进", "程", "僵尸", "尸进", "进程"]


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node")
@pytest.mark.parametrize("query", ["僵尸进程", "核", "时间片 rr", "CPU利用率", "is_alive"])
def test_each_piece_of_a_query_is_a_word_of_the_text(query: str) -> None:
    script = f"{SPLITTER}\nconsole.log(JSON.stringify(splitQuery({json.dumps(query)})))"
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True)
    pieces = json.loads(done.stdout)
    assert pieces
    assert {part for piece in pieces for part in piece.lower().split("_")} <= set(words(query))
