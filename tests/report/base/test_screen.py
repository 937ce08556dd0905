"""Where output goes: width, colour, encoding."""

from __future__ import annotations

import pytest

from report.base.screen import clean, console, wrap


@pytest.mark.usefixtures("capsys")
def test_a_pipe_is_eighty_columns_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)

    assert console().width == 80


def test_columns_decides_if_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")

    assert console().width == 100


def test_no_color_means_no_escape_codes_even_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    console().print("bold", style="bold red")

    assert capsys.readouterr().out == "bold\n"


def test_lines_are_wrapped_between_words_and_keep_their_indent() -> None:
    assert wrap("  one two three", 9) == ["  one two", "  three"]
    assert wrap("a  b", 9) == ["a  b"]
    assert wrap("", 9) == [""]


def test_a_number_and_its_unit_stay_together() -> None:
    assert wrap("it took 12 ms more", 10) == ["it took", "12 ms more"]
    assert wrap("only 2 % of it", 6) == ["only", "2 % of", "it"]


def test_a_word_that_is_too_long_is_broken() -> None:
    assert wrap("abcdefghij k", 4) == ["abcd", "efgh", "ij k"]


def test_control_characters_become_spaces() -> None:
    assert clean("a\x1b[1mb\tc\nd") == "a [1mb c\nd"


def test_a_word_as_long_as_a_book_is_broken_at_the_width() -> None:
    lines = wrap("x" * 100_003, 100)

    assert [len(line) for line in lines] == [100] * 1000 + [3]


def test_wide_characters_are_never_broken_in_two() -> None:
    assert wrap("  " + "你" * 7, 7) == ["  你你", "  你你", "  你你", "  你"]
