"""The buddy system: the textbooks' examples, and what it refuses."""

from __future__ import annotations

import pytest

from kernel.errors import InvariantError
from kernel.hardware import Region
from kernel.memory import BuddySystem

K = 1024


def take(memory: BuddySystem, size: int) -> Region:
    region = memory.allocate(size)
    assert region is not None
    return region


def in_k(regions: list[Region]) -> list[tuple[int, int]]:
    return [(base // K, size // K) for base, size in regions]


def test_silberschatz_s_request_of_21k_halves_256k_three_times() -> None:
    memory = BuddySystem(256 * K, 4 * K)  # Operating System Concepts, kernel memory allocation
    assert take(memory, 21 * K) == Region(0, 32 * K)
    assert in_k(memory.holes()) == [(32, 32), (64, 64), (128, 128)]


def test_stallings_example_of_1_megabyte() -> None:
    memory = BuddySystem(1024 * K, 32 * K)  # Operating Systems, ch. 7, figure "buddy system"
    a, b, c, d = (take(memory, size * K) for size in (100, 240, 64, 256))
    assert in_k([a, b, c, d]) == [(0, 128), (256, 256), (128, 64), (512, 256)]
    assert in_k(memory.holes()) == [(192, 64), (768, 256)]
    memory.free(b)
    memory.free(a)
    assert in_k(memory.holes()) == [(0, 128), (192, 64), (256, 256), (768, 256)]
    e = take(memory, 75 * K)
    assert in_k([e]) == [(0, 128)]
    memory.free(c)
    assert in_k(memory.holes()) == [(128, 128), (256, 256), (768, 256)]
    memory.free(e)
    assert in_k(memory.holes()) == [(0, 512), (768, 256)]
    memory.free(d)
    assert in_k(memory.holes()) == [(0, 1024)]


def test_a_small_block_that_is_free_is_taken_before_a_large_one_is_halved() -> None:
    memory = BuddySystem(16, 1)
    low, _, _ = (take(memory, size) for size in (8, 1, 1))
    memory.free(low)  # free: 8 at 0; 2 at 10, 4 at 12
    assert take(memory, 2) == Region(10, 2)


def test_two_free_neighbours_that_are_no_buddies_stay_two() -> None:
    memory = BuddySystem(8, 1)
    regions = [take(memory, 2) for _ in range(4)]
    memory.free(regions[1])
    memory.free(regions[2])
    assert memory.holes() == [(2, 2), (4, 2)]
    assert memory.largest_hole == 2


def test_what_a_program_does_not_use_of_its_block_is_wasted() -> None:
    memory = BuddySystem(64, 4)
    region = take(memory, 33)
    assert (region.size, memory.wasted_bytes, memory.free_bytes) == (64, 31, 0)
    assert memory.largest_hole == 0
    memory.free(region)
    assert memory.wasted_bytes == 0


def test_no_block_is_smaller_than_the_least() -> None:
    assert take(BuddySystem(64, 16), 1) == Region(0, 16)


def test_more_than_the_memory_fits_nowhere() -> None:
    assert BuddySystem(64, 4).allocate(65) is None


@pytest.mark.parametrize(
    ("memory", "min_block", "why"),
    [
        (1000, 4, "the memory of a buddy system must be a power of two, .* .got 1000."),
        (0, 4, "the memory of a buddy system must be a power of two, .* .got 0."),
        (64, 3, "min_block must be a power of two, .* .got 3."),
        (64, -4, "min_block must be a power of two, .* .got -4."),
        (64, 128, "min_block must fit into memory of 64 bytes .got 128."),
    ],
)
def test_what_cannot_be_halved_evenly_is_refused(memory: int, min_block: int, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        BuddySystem(memory, min_block)


def test_half_a_block_cannot_be_freed() -> None:
    memory = BuddySystem(64, 4)
    take(memory, 64)
    with pytest.raises(InvariantError, match="is not allocated"):
        memory.free(Region(0, 32))
