"""Chinese and other wide characters take two columns of a terminal: nothing beside them shifts."""

from __future__ import annotations

from io import StringIO

from rich.cells import cell_len
from rich.console import Console

from report.base.printing import print_facts
from report.base.tables import cut


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
