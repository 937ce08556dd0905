"""Tables: split before anything is cut, decimals only as needed."""

from __future__ import annotations

from report.base.tables import (
    Column,
    Group,
    Sheet,
    counts_column,
    cut,
    first_and_worst,
    names_column,
    times_column,
)


def sheet(columns: int, width: int = 8) -> Sheet:
    groups = [Group([Column("h" * width, ["1", "2"])]) for _ in range(columns)]
    return Sheet(names_column("process", ["A", "B"], 20, "…"), groups)


def test_one_table_if_it_fits() -> None:
    assert len(sheet(7).tables(80)) == 1


def test_a_table_that_does_not_fit_is_split_evenly_and_names_are_repeated() -> None:
    tables = sheet(10).tables(80)

    assert len(tables) == 2
    assert [len(lines[0].plain.split()) for lines in tables] == [6, 6]


def test_columns_of_a_group_stay_together() -> None:
    group = Group([Column("h" * 10, ["1"]), Column("h" * 10, ["1"])])
    tables = Sheet(names_column("p", ["A"], 20, "…"), [group, group]).tables(40)

    assert len(tables) == 2


def test_times_have_as_many_decimals_as_they_need_and_no_more() -> None:
    assert times_column("t", [1_000_000, 2_500_000, None], "ms", 3).cells == ["1.0", "2.5", ""]
    assert times_column("t", [1_000_000], "ms", 3).cells == ["1"]
    assert times_column("t", [1_234_567], "ms", 2).cells == ["1.23"]


def test_a_mean_does_not_give_the_others_three_decimals() -> None:
    column = times_column("t", [1_000_000, 2_000_000], "ms", 3, foot=1_333_333)

    assert (column.cells, column.foot) == (["1.0", "2.0"], "1.3")


def test_what_there_is_not_is_left_blank() -> None:
    assert counts_column("exit", [0, None, -9]).cells == ["0", "", "-9"]


def test_wide_characters_are_cut_by_what_they_take_on_the_screen() -> None:
    assert cut("編集者", 6, "…") == "編集者"
    assert cut("編集者", 5, "…") == "編集…"


def test_the_worst_never_ended_or_took_longest() -> None:
    costs: list[int | None] = [*range(100)]
    costs[40] = None

    first, worst = first_and_worst(costs)

    assert first == list(range(10))
    assert worst[:3] == [40, 99, 98]
