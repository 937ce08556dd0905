"""Fixed partitions, and the line of those who wait for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.memory import Admission, FixedPartitions, Region
from kernel.process import Process
from tests.kernel.hand import process


def test_partitions_lie_one_after_another_from_address_0() -> None:
    memory = FixedPartitions([8, 16, 40])
    assert [memory.allocate(1) for _ in range(3)] == [(0, 8), (8, 16), (24, 40)]


def test_first_fit_takes_the_lowest_address_that_is_large_enough() -> None:
    assert FixedPartitions([4, 40, 10]).allocate(9) == Region(4, 40)


def test_best_fit_takes_the_smallest_that_is_large_enough() -> None:
    assert FixedPartitions([4, 40, 10], "best").allocate(9) == Region(44, 10)


def test_best_fit_takes_the_lowest_address_among_equals() -> None:
    assert FixedPartitions([20, 10, 10], "best").allocate(9) == Region(20, 10)


def test_a_program_may_fill_its_partition_to_the_last_byte() -> None:
    assert FixedPartitions([8]).allocate(8) == Region(0, 8)


def test_nothing_is_given_when_nothing_is_large_enough() -> None:
    assert FixedPartitions([8, 16]).allocate(17) is None


def test_a_partition_holds_one_program() -> None:
    memory = FixedPartitions([8])
    memory.allocate(1)
    assert memory.allocate(1) is None


def test_a_partition_that_was_freed_is_found_at_its_address_again() -> None:
    memory = FixedPartitions([8, 8])
    first, _ = memory.allocate(1), memory.allocate(1)
    assert first is not None
    memory.free(first)
    assert memory.allocate(1) == first


@given(st.lists(st.integers(1, 9), min_size=1), st.data())
def test_no_two_programs_share_a_partition(sizes: list[int], data: st.DataObject) -> None:
    memory = FixedPartitions(sizes, data.draw(st.sampled_from(["first", "best"])))
    held: list[Region] = []
    for size in data.draw(st.lists(st.integers(-3, 9))):
        if size > 0:
            region = memory.allocate(size)
            assert region is None or (region.size >= size and region not in held)
            held += [region] if region else []
        elif held:
            memory.free(held.pop(size % len(held)))


A, B, C, D = (process(index) for index in range(4))


def waiting(rule: str) -> Admission:
    """One partition of 4 and one of 8, both taken; B waits for 8, then C and D for 4."""
    line = Admission(FixedPartitions([4, 8]), rule)
    line.request(A, 4)
    line.request(A, 8)
    for who, size in ((B, 8), (C, 4), (D, 4)):
        assert line.request(who, size) is None
    return line


def admitted(line: Admission, region: Region) -> list[Process]:
    line.release(region)
    return [who for who, _ in line.admit()]


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [("fifo", []), ("skip", [C])],
    ids=["fifo: the head of the line blocks those behind it", "skip: the first that fits goes"],
)
def test_who_goes_when_the_head_of_the_line_does_not_fit(rule: str, wanted: list[Process]) -> None:
    assert admitted(waiting(rule), Region(0, 4)) == wanted


@pytest.mark.parametrize("rule", ["fifo", "skip"])
def test_those_who_did_not_go_keep_their_places_in_the_line(rule: str) -> None:
    line = waiting(rule)
    first = admitted(line, Region(0, 4))
    rest = admitted(line, Region(4, 8))
    assert rest == [who for who in (B, C, D) if who not in first][: len(rest)]
    assert rest[0] is B


def test_several_go_at_once_in_the_order_of_the_line() -> None:
    line = Admission(FixedPartitions([4, 8]), "fifo")
    line.request(A, 4)
    line.request(B, 8)
    for who in (C, D):
        line.request(who, 3)
    line.release(Region(4, 8))
    line.release(Region(0, 4))
    assert [(who, region.base) for who, region in line.admit()] == [(C, 0), (D, 4)]


def test_fifo_puts_a_newcomer_that_would_fit_behind_the_line() -> None:
    line = Admission(FixedPartitions([4, 8]), "fifo")
    line.request(A, 8)
    line.request(B, 8)
    assert line.request(C, 4) is None


def test_skip_lets_a_newcomer_pass_the_line() -> None:
    line = Admission(FixedPartitions([4, 8]), "skip")
    line.request(A, 8)
    line.request(B, 8)
    assert line.request(C, 4) == Region(0, 4)
