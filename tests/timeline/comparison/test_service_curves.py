"""Service curves and occupancy, against a walk from millisecond to millisecond."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.units import ms
from tests.timeline.gantt import gantt
from timeline.comparison.service_curves import occupancy_agreement, service_distance
from timeline.record.sorted_run import SortedRun

LINE = st.text("0.-", min_size=10, max_size=10)


def distance(first: str, second: str, quantum: int | None = None) -> tuple[int, int]:
    mine, yours = (SortedRun(gantt(f"A {line}")).tracks[0] for line in (first, second))
    found = service_distance(mine, yours, quantum)
    assert found is not None
    return found.largest_ns, found.mean_ns


def test_the_same_service_has_no_distance() -> None:
    assert distance("00.00", "00.00") == (0, 0)


def test_a_process_that_is_late_by_two_stays_two_behind() -> None:
    assert distance("000000", "..0000")[0] == ms(2)


def test_the_mean_is_the_area_between_the_curves_over_the_time() -> None:
    assert distance("00..", "..00") == (ms(2), ms(1))  # a triangle of 4 ms by 2 ms


def test_the_mean_counts_both_sides_where_the_curves_cross() -> None:
    assert distance("0..0", ".00.") == (ms(1), ms(1) // 2)


@given(LINE, LINE)
def test_the_largest_distance_is_found_at_a_corner(first: str, second: str) -> None:
    received = [0, 0]
    largest = 0
    for mine, yours in zip(first, second, strict=True):
        received[0] += mine == "0"
        received[1] += yours == "0"
        largest = max(largest, abs(received[0] - received[1]))
    assert distance(first, second)[0] == ms(largest)


def test_a_process_that_took_no_part_has_no_distance() -> None:
    assert service_distance([], SortedRun(gantt("A 0")).tracks[0]) is None


def agreement(first: str, second: str, end: int, cores: int = 1) -> float | None:
    sorted_runs = [SortedRun(gantt(text, machine={"cores": cores})) for text in (first, second)]
    return occupancy_agreement(sorted_runs[0].lanes, sorted_runs[1].lanes, end)


def test_no_process_on_the_core_in_both_is_agreement_too() -> None:
    assert agreement("A 0--0", "A 0--0", ms(4)) == 1.0


def test_half_the_time_another_process() -> None:
    assert agreement("A 00\nB ..00", "A 0..0\nB .00.", ms(4)) == 0.5


def test_an_idle_core_counts_as_much_as_a_busy_one() -> None:
    assert agreement("A 00", "A 11", ms(2), cores=2) == 0.0
    assert agreement("A 00", "A 00", ms(2), cores=2) == 1.0


def test_no_time_has_no_agreement() -> None:
    assert agreement("A 0", "A 0", 0) is None


@given(st.text("AB-", min_size=8, max_size=8), st.text("AB-", min_size=8, max_size=8))
def test_agreement_is_the_share_of_milliseconds_that_are_alike(one: str, other: str) -> None:
    def drawn(cells: str) -> str:
        return "\n".join(
            f"{name} {''.join('0' if cell == name else '.' for cell in cells)}" for name in "AB"
        )

    alike = sum(mine == yours for mine, yours in zip(one, other, strict=True))
    assert agreement(drawn(one), drawn(other), ms(8)) == pytest.approx(alike / 8)
