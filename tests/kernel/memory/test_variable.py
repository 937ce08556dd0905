"""Variable partitions: which hole is chosen, what becomes of holes, and compaction."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvariantError
from kernel.hardware import Region
from kernel.memory import FITS, VariablePartitions, layout
from tests.kernel.memory.test_fixed import PARTITIONS, PROGRAMS

TANENBAUM = [10, 4, 20, 18, 7, 9, 12, 15]  # Modern Operating Systems, ch. 3, a problem


def chosen(memory: VariablePartitions, *requests: int) -> list[int | None]:
    """The size, at that moment, of the hole from which each request is served."""
    sizes: list[int | None] = []
    for request in requests:
        holes = dict(memory.holes())
        region = memory.allocate(request)
        sizes.append(None if region is None else holes[region.base])
    return sizes


def placed(memory: VariablePartitions, *sizes: int) -> list[Region]:
    """All of them find a place."""
    regions = [memory.allocate(size) for size in sizes]
    return [region for region in regions if region is not None]


def test_without_holes_given_the_first_program_lies_at_address_0() -> None:
    assert VariablePartitions([64]).allocate(10) == Region(0, 10)


@pytest.mark.parametrize(
    ("fit", "wanted"),
    [
        ("first", [500, 600, 288, None]),
        ("best", [300, 500, 200, 600]),
        ("worst", [600, 500, 388, None]),
    ],
)
def test_the_textbook_s_holes_of_100_500_200_300_600(fit: str, wanted: list[int | None]) -> None:
    assert chosen(VariablePartitions(PARTITIONS, fit), *PROGRAMS) == wanted


@pytest.mark.parametrize(
    ("fit", "wanted"),
    [
        ("first", [20, 10, 18]),
        ("best", [12, 10, 9]),
        ("worst", [20, 18, 15]),
        ("next", [20, 18, 9]),
    ],
)
def test_tanenbaum_s_holes(fit: str, wanted: list[int]) -> None:
    assert chosen(VariablePartitions(TANENBAUM, fit), 12, 10, 9) == wanted


@pytest.mark.parametrize("fit", ["best", "worst"])
def test_the_lowest_address_is_taken_among_equal_holes(fit: str) -> None:
    small = {"best": 9, "worst": 5}[fit]
    memory = VariablePartitions([small, 6, 6], fit)
    assert memory.allocate(6) == Region(small + 1, 6)


# -- next fit -------------------------------------------------------------------------------------


def test_next_fit_starts_with_the_rest_of_the_hole_it_used_last() -> None:
    assert placed(VariablePartitions([10, 10], "next"), 4, 4) == [(0, 4), (4, 4)]


def test_next_fit_goes_round_to_the_lowest_hole() -> None:
    memory = VariablePartitions([10, 10], "next")
    assert placed(memory, 8, 8, 2, 2) == [(0, 8), (12, 8), (20, 2), (8, 2)]


def test_next_fit_takes_a_hole_that_has_grown_around_its_place_from_the_start() -> None:
    memory = VariablePartitions([20, 20], "next")
    first, second = placed(memory, 4, 4)
    memory.free(first)
    memory.free(second)  # the place, 8, now lies inside the hole 0-20
    assert memory.allocate(1) == Region(0, 1)


def test_a_hole_that_ends_just_at_its_place_lies_behind_next_fit() -> None:
    memory = VariablePartitions([12], "next")
    first, _, third = placed(memory, 4, 4, 4)
    memory.free(third)
    memory.free(first)
    assert memory.allocate(4) == Region(0, 4)


def test_a_request_that_fails_does_not_move_the_place_of_next_fit() -> None:
    memory = VariablePartitions([10, 10], "next")
    assert placed(memory, 2, 99, 2) == [(0, 2), (2, 2)]


# -- holes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [0, 2, 1], [1, 0, 2]])
def test_neighbouring_holes_become_one(order: list[int]) -> None:
    memory = VariablePartitions([12])
    regions = placed(memory, 4, 4, 4)
    for at in order:
        memory.free(regions[at])
    assert memory.holes() == [(0, 12)]


def test_a_partition_that_was_freed_between_two_others_is_a_hole() -> None:
    memory = VariablePartitions([12])
    memory.free(placed(memory, 4, 4, 4)[1])
    assert (memory.holes(), memory.free_bytes, memory.largest_hole) == ([(4, 4)], 4, 4)


@pytest.mark.parametrize(
    ("holes", "bases"),
    [
        ([10, 4, 20], [0, 12, 18]),  # 2 reserved bytes: all that the sizes have in common
        ([7, 9], [0, 8]),
        ([3 * 4096, 2 * 4096, 4096], [0, 4 * 4096, 7 * 4096]),  # a page
        ([1 << 30, 1 << 30], [0, (1 << 30) + 4096]),  # never more than a page
    ],
)
def test_initial_holes_lie_apart_by_what_a_page_and_they_have_in_common(
    holes: list[int], bases: list[int]
) -> None:
    assert layout(holes) == list(zip(bases, holes, strict=True))


def test_holes_on_both_sides_of_reserved_memory_stay_two() -> None:
    memory = VariablePartitions([4, 4])
    for region in placed(memory, 4, 4):
        memory.free(region)
    assert memory.holes() == [(0, 4), (8, 4)]
    assert (memory.total, memory.extent, memory.largest_program) == (8, 12, 4)


@pytest.mark.parametrize("holes", [[], [0], [5, -1]])
def test_a_hole_has_at_least_one_byte(holes: list[int]) -> None:
    with pytest.raises(ValueError, match="holes must be one or more sizes of at least 1 byte"):
        VariablePartitions(holes)


def test_an_unknown_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="fit must be one of"):
        VariablePartitions([8], "tight")


# -- compaction -----------------------------------------------------------------------------------


def test_compaction_slides_the_regions_down_in_order() -> None:
    memory = VariablePartitions([20])
    regions = placed(memory, 4, 4, 4, 4)
    memory.free(regions[0])
    memory.free(regions[2])
    assert memory.moves() == [((4, 4), 0), ((12, 4), 4)]


def test_what_lies_lowest_already_is_not_moved() -> None:
    memory = VariablePartitions([20])
    memory.free(placed(memory, 4, 4)[1])
    assert memory.moves() == []


def test_compaction_does_not_cross_reserved_memory() -> None:
    memory = VariablePartitions([4, 8])
    low, *high = placed(memory, 4, 4, 4)
    memory.free(low)
    memory.free(high[0])
    assert memory.moves() == [((12, 4), 8)]


def test_after_a_move_the_region_is_at_its_new_place_and_the_holes_have_joined() -> None:
    memory = VariablePartitions([20])
    first, second, _ = placed(memory, 4, 4, 4)
    memory.free(first)
    assert memory.move(second, 0) == Region(0, 4)
    assert memory.allocated() == [(0, 4), (8, 4)]
    assert memory.holes() == [(4, 4), (12, 8)]


@pytest.mark.parametrize(
    ("region", "to"), [((8, 4), 4), ((8, 4), 0), ((4, 4), 4), ((4, 4), 2), ((9, 4), 0)]
)
def test_a_region_moves_only_down_into_the_hole_below_it(region: tuple[int, int], to: int) -> None:
    memory = VariablePartitions([20])
    memory.free(placed(memory, 4, 4, 4)[0])
    with pytest.raises(InvariantError, match="cannot be moved down"):
        memory.move(Region(*region), to)


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=4),
    st.sampled_from(sorted(FITS)),
    st.lists(st.integers(-20, 8), max_size=60),
)
def test_compaction_keeps_the_bytes_and_leaves_one_hole_in_each_stretch(
    holes: list[int], fit: str, events: list[int]
) -> None:
    memory = VariablePartitions(holes, fit)
    for event in events:
        if event > 0:
            memory.allocate(event)
        elif memory.allocated():
            memory.free(memory.allocated()[event % len(memory.allocated())])
    largest, before = memory.largest_hole, memory.allocated()
    cells = bytearray(memory.extent)
    for number, (base, size) in enumerate(before, 1):
        cells[base : base + size] = bytes([number]) * size
    for (base, size), to in memory.moves():
        cells[to : to + size] = cells[base : base + size]
        memory.move(Region(base, size), to)
    after = memory.allocated()
    assert [region.size for region in after] == [region.size for region in before]
    for number, (base, size) in enumerate(after, 1):
        assert cells[base : base + size] == bytes([number]) * size
    assert {hole.end for hole in memory.holes()} <= {stretch.end for stretch in layout(holes)}
    assert memory.largest_hole >= largest
    assert memory.moves() == []
