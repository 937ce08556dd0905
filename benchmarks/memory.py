"""Measure how fast the memory schemes free and allocate partitions while many others exist.

    python -m benchmarks.memory

First, a number of partitions of random sizes is allocated. Then, again and again, one of them is
drawn at random and freed, and a partition of a new random size is allocated. This is a pair. The
measurement begins when each partition has been replaced once on average, as the mixture of holes
and partitions is stable then. The result is the median of three rounds. The exit status is 1 if a
bound is missed.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import repeat

from benchmarks.figures import Figure, show
from kernel.hardware import Region
from kernel.memory import Allocator, BuddySystem, FixedPartitions, VariablePartitions

ROUNDS = 3
PAIRS = 100_000
LIVE, MORE_LIVE = 10_000, 100_000
LARGEST_PROGRAM = 1 << 20  # bytes; sizes are drawn evenly from 1 byte up to it
MOST = 100_000  # least pairs a second of logarithmic schemes with LIVE partitions
SEARCHING = 30_000  # the same for schemes that search by address
GROWTH = 0.4  # the least part of that rate with MORE_LIVE partitions

Make = Callable[[int], Allocator]


def variable(fit: str) -> Make:
    """Return a function that makes variable partitions, so large that each program has a place.

    The memory is twice what `live` programs take on average.
    """
    return lambda live: VariablePartitions([live * LARGEST_PROGRAM], fit)


def fixed(fit: str) -> Make:
    """Return a function that makes fixed partitions: three of random sizes for each program.

    Their sizes go up to twice the largest program, so half of them fit every program.
    """

    def make(live: int) -> Allocator:
        draw = random.Random(2)
        return FixedPartitions([draw.randint(1, 2 * LARGEST_PROGRAM) for _ in range(3 * live)], fit)

    return make


def buddy(live: int) -> Allocator:
    """Return a buddy system with blocks of at least 4 KiB.

    Its memory is at least twice what `live` programs take on average.
    """
    return BuddySystem(1 << (live * LARGEST_PROGRAM).bit_length(), 4096)


def pairs_per_second(allocator: Allocator, live: int) -> float:
    """Return how many pairs a second the allocator does while `live` partitions exist."""
    draw = random.Random(1)
    sizes = (draw.randint(1, LARGEST_PROGRAM) for _ in repeat(None))
    regions = [_place(allocator, next(sizes)) for _ in range(live)]
    plan = [(draw.randrange(live), next(sizes)) for _ in range(live + PAIRS)]
    _replace(allocator, regions, plan[:live])
    began = time.perf_counter()
    _replace(allocator, regions, plan[live:])
    return PAIRS / (time.perf_counter() - began)


def _place(allocator: Allocator, size: int) -> Region:
    region = allocator.allocate(size)
    assert region is not None, "the benchmark's memory is too small"
    return region


def _replace(allocator: Allocator, regions: list[Region], plan: Sequence[tuple[int, int]]) -> None:
    for at, size in plan:
        allocator.free(regions[at])
        regions[at] = _place(allocator, size)


def memory_figures(lives: Sequence[int] = (LIVE, MORE_LIVE)) -> Iterator[Figure]:
    """Yield the pairs a second of each scheme and fit, for each number of partitions in `lives`."""
    schemes: tuple[tuple[str, Make, int], ...] = (
        ("variable, first fit", variable("first"), SEARCHING),
        ("variable, next fit", variable("next"), SEARCHING),
        ("variable, best fit", variable("best"), MOST),
        ("variable, worst fit", variable("worst"), MOST),
        ("buddy system", buddy, MOST),
        ("fixed, first fit", fixed("first"), SEARCHING),
        ("fixed, best fit", fixed("best"), MOST),
    )
    for what, make, most in schemes:
        for live in lives:
            rounds, bound = (ROUNDS, most) if live == LIVE else (1, most * GROWTH)
            rate = statistics.median(pairs_per_second(make(live), live) for _ in range(rounds))
            text = f"{rate:,.0f} pairs/s (at least {bound:,.0f})"
            yield Figure(f"{what}, {live:,} live", rate, bound, text)


def main() -> int:
    """Print all figures. Return exit status 1 if a bound is missed."""
    return int(not show(memory_figures()))


if __name__ == "__main__":
    sys.exit(main())
