"""Fixed partitions, and the admission queue in front of them."""

from __future__ import annotations

import pytest

from kernel.errors import InvariantError
from kernel.hardware import Region
from kernel.memory import Admission, FixedPartitions, PartitionQueues
from kernel.process.control_block import Process
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


def test_worst_fit_takes_the_largest_and_the_lowest_address_among_equals() -> None:
    assert FixedPartitions([4, 40, 40], "worst").allocate(1) == Region(4, 40)


def test_next_fit_goes_on_behind_the_partition_taken_last_and_round() -> None:
    memory = FixedPartitions([8, 8, 4], "next")
    first = memory.allocate(1)
    assert first is not None
    memory.free(first)
    assert [memory.allocate(5), memory.allocate(5)] == [(8, 8), (0, 8)]


PARTITIONS = [100, 500, 200, 300, 600]  # Silberschatz, Operating System Concepts
PROGRAMS = [212, 417, 112, 426]


@pytest.mark.parametrize(
    ("fit", "wanted"),
    [
        ("first", [500, 600, 200, None]),
        ("best", [300, 500, 200, 600]),
        ("worst", [600, 500, 300, None]),
    ],
)
def test_the_textbook_s_partitions_of_100_500_200_300_600(
    fit: str, wanted: list[int | None]
) -> None:
    memory = FixedPartitions(PARTITIONS, fit)
    placed = [memory.allocate(size) for size in PROGRAMS]
    assert [region and region.size for region in placed] == wanted


def test_what_a_program_does_not_use_of_its_partition_is_wasted_while_it_stays() -> None:
    memory = FixedPartitions([8, 16])
    region = memory.allocate(5)
    assert region is not None
    assert (memory.wasted_bytes, memory.free_bytes, memory.largest_hole) == (3, 16, 16)
    memory.free(region)
    assert (memory.wasted_bytes, memory.free_bytes, memory.holes()) == (0, 24, [(0, 8), (8, 16)])


@pytest.mark.parametrize("sizes", [[], [8, 0], [-1]])
def test_a_partition_has_at_least_one_byte(sizes: list[int]) -> None:
    with pytest.raises(ValueError, match="partitions must be one or more sizes of at least 1 byte"):
        FixedPartitions(sizes)


def test_an_unknown_fit_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="must be one of first, next, best, worst"):
        FixedPartitions([8], "tight")


def test_memory_beyond_the_largest_address_is_refused() -> None:
    with pytest.raises(ValueError, match="memory must be at most"):
        FixedPartitions([2**62, 1])


@pytest.mark.parametrize("size", [0, -1])
def test_a_program_needs_at_least_one_byte(size: int) -> None:
    with pytest.raises(ValueError, match="at least 1 byte of memory"):
        FixedPartitions([8]).allocate(size)


@pytest.mark.parametrize("region", [Region(0, 8), Region(8, 4), Region(9, 8)])
def test_what_is_not_allocated_cannot_be_freed(region: Region) -> None:
    memory = FixedPartitions([8, 8], "next")
    first = memory.allocate(1)
    assert first is not None
    memory.allocate(1)
    memory.free(first)
    with pytest.raises(InvariantError, match="is not allocated"):
        memory.free(region)


# -- the queue ------------------------------------------------------------------------------------

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


# -- a queue per partition ------------------------------------------------------------------------


def queues(*sizes: int) -> PartitionQueues:
    return PartitionQueues(FixedPartitions(sizes))


def test_a_program_waits_for_the_smallest_partition_that_holds_it_though_others_are_free() -> None:
    line = queues(16, 4, 8)
    assert line.request(A, 5) == Region(20, 8)
    assert line.request(B, 5) is None


def test_of_equal_partitions_it_waits_for_the_lowest() -> None:
    line = queues(8, 8)
    assert line.request(A, 5) == Region(0, 8)
    assert line.request(B, 5) is None


def test_no_queue_holds_up_another() -> None:
    line = queues(4, 8)
    line.request(A, 8)
    assert line.request(B, 8) is None
    assert line.request(C, 4) == Region(0, 4)


def test_each_partition_that_was_freed_takes_the_head_of_its_queue_who_came_first_first() -> None:
    line = queues(4, 8)
    line.request(A, 4)
    line.request(A, 8)
    for who, size in ((B, 7), (C, 3), (D, 8)):
        assert line.request(who, size) is None
    line.release(Region(0, 4))
    line.release(Region(4, 8))
    assert list(line.admit()) == [(B, (4, 8)), (C, (0, 4))]
    assert list(line.admit()) == []


def test_a_newcomer_does_not_pass_its_queue() -> None:
    line = queues(8)
    line.request(A, 8)
    line.request(B, 8)
    line.release(Region(0, 8))
    assert line.request(C, 8) is None
    assert list(line.admit()) == [(B, (0, 8))]


def test_a_program_that_no_partition_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="no partition holds 9 bytes"):
        queues(4, 8).request(A, 9)
