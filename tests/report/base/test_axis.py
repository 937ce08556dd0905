"""The time axis: sensible units, rising ticks, labels that do not touch."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.units import LARGEST
from report.base.axis import Axis, brief, in_unit, unit_for

spans = st.integers(1, LARGEST)
widths = st.integers(8, 200)


@given(spans, widths)
def test_an_axis_covers_its_span_and_fits_its_width(span: int, width: int) -> None:
    axis = Axis.fit(span, width)

    assert axis.width <= width
    assert axis.column(span - 1) < axis.width
    assert axis.width * axis.per >= span * axis.cells


@given(spans, widths)
def test_tick_labels_rise_and_start_at_zero(span: int, width: int) -> None:
    ticks = Axis.fit(span, width).ticks()
    columns = [column for column, _ in ticks]
    values = [float(label) for _, label in ticks]

    assert ticks[0] == (0, "0")
    assert columns == sorted(set(columns))
    assert values == sorted(set(values))


@given(spans, widths)
def test_labels_stay_in_their_room(span: int, width: int) -> None:
    axis = Axis.fit(span, width)

    assert len(axis.labels(axis.width + 1)) <= axis.width + 1


@given(st.integers(1, 60), st.integers(60, 70))
def test_slices_of_twenty_milliseconds_are_equally_long(slices: int, width: int) -> None:
    axis = Axis.fit(slices * 20_000_000, width)
    columns = [axis.column(i * 20_000_000) for i in range(slices + 1)]

    if axis.per == 20_000_000:
        assert {after - before for before, after in pairwise(columns)} == {axis.cells}


@pytest.mark.parametrize(
    ("span", "unit"), [(12, "ns"), (12_000, "us"), (160_000_000, "ms"), (90_000_000_000, "s")]
)
def test_the_unit_fits_the_span(span: int, unit: str) -> None:
    assert unit_for(span) == unit


def test_times_are_rounded_not_cut() -> None:
    assert in_unit(1_999_600, "ms", 3) == "2.000"
    assert in_unit(-1_500_000, "ms", 0) == "-2"
    assert brief(1_500_000, "ms") == "1.5"
    assert brief(100_000_000, "ms") == "100"
