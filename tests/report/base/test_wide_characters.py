"""Chinese and other wide characters take two columns of a terminal: nothing beside them shifts."""

from __future__ import annotations

import re
from io import StringIO

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from report.base.printing import print_facts
from report.base.screen import wrap
from report.base.tables import Group, Sheet, cut, names_column, times_column
from tests.effort import cases


def lines_of(facts: list[tuple[str, str]], width: int = 60) -> list[str]:
    """The facts as printed, without their title."""
    out = StringIO()
    print_facts(Console(file=out, width=width), "facts", facts)
    return out.getvalue().splitlines()[1:-1]


def columns_before(line: str, word: str) -> int:
    return cell_len(line[: line.index(word)])


def test_what_is_said_of_wide_labels_is_aligned() -> None:
    lines = lines_of([("parent", "said"), ("├─ 编译程序", "said"), ("编辑器 at 5", "said")])

    assert len({columns_before(line, "said") for line in lines}) == 1


def test_a_wrapped_text_goes_on_where_it_began() -> None:
    first, second, *_ = lines_of([("编译程序", "word " * 30)])

    assert columns_before(first, "word") == columns_before(second, "word")


def test_a_wide_name_is_cut_to_the_columns_it_may_have() -> None:
    assert cut("编译程序", 8, "…") == "编译程序"
    assert cut("编译程序", 7, "…") == "编译程…"
    assert cut("编译程序", 6, "…") == "编译…"


HAN = "进程调度内存"
CLOSING = "，。；：！？）”、"
WORDS = st.text(alphabet=[*HAN, *CLOSING, *"（“ab 1,", "\N{EM DASH}"], max_size=120)


@settings(max_examples=cases(200), deadline=None)
@given(WORDS, st.integers(min_value=8, max_value=40))
def test_chinese_is_wrapped_to_the_width_and_nothing_is_lost(text: str, width: int) -> None:
    lines = wrap(text, width)

    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@settings(max_examples=cases(200), deadline=None)
@given(st.text(alphabet=[*HAN, *CLOSING], max_size=200), st.integers(min_value=8, max_value=40))
def test_no_line_begins_with_closing_punctuation(text: str, width: int) -> None:
    text = re.sub(f"[{CLOSING}]+", lambda found: found.group()[0], text.strip(CLOSING))

    assert not any(line.startswith(tuple(CLOSING)) for line in wrap(text, width))


def test_a_line_ends_before_opening_punctuation_and_after_closing() -> None:
    assert wrap("进程等待（内存）。", 10) == ["进程等待", "（内存）。"]
    assert wrap("“进程”到达，运行。", 7) == ["“进程”", "到达，", "运行。"]


@settings(max_examples=cases(60), deadline=None)
@given(
    st.lists(st.text(alphabet=[*HAN, *"abc"], min_size=1, max_size=12), min_size=1, max_size=5),
    st.integers(min_value=40, max_value=90),
)
def test_columns_of_a_table_begin_at_the_same_cell(names: list[str], width: int) -> None:
    sheet = Sheet(
        names_column("进程", names, width // 4, "…"),
        [
            Group(
                [times_column("周转\n时间", [at * 1_000_000 for at in range(len(names))], "ms", 2)]
            )
            for _ in range(6)
        ],
    )

    for table in sheet.tables(width):
        lines = [line.plain for line in table]
        assert all(cell_len(line) <= width for line in lines)
        assert len({cell_len(line) for line in lines if line.strip() != lines[0].strip()}) == 1
