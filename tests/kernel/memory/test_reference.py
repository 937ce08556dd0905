"""Each scheme against a slow one: random sequences of allocations and frees must come out equal.

The cases are the same in every run; `make oracles` tries thirteen times as many.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Protocol

import pytest

from kernel.hardware import Region
from kernel.memory import (
    FITS,
    Allocator,
    BuddySystem,
    CompactingAdmission,
    FixedPartitions,
    PartitionQueues,
    VariablePartitions,
)
from kernel.memory.fits import FirstFit
from kernel.memory.sorted_keys import SortedKeys
from kernel.process.control_block import Process
from tests.effort import cases
from tests.kernel.hand import process
from tests.kernel.memory import reference as slow

CASES = cases(1500)
EVENTS = 20  # allocations and frees of a sequence


class Slow(Protocol):
    def allocate(self, size: int) -> slow.Place | None: ...
    def free(self, place: slow.Place) -> None: ...
    def holes(self) -> list[slow.Place]: ...


def drawn(name: str, patch: pytest.MonkeyPatch) -> Iterator[random.Random]:
    """A generator for each case. Some cases have lists that are halved all the time."""
    for case in range(CASES):
        draw = random.Random(f"{name} {case}")
        patch.setattr(FirstFit, "LIMIT", draw.choice([1, 2, 4, 100]))
        patch.setattr(SortedKeys, "LIMIT", draw.choice([1, 2, 4, 100]))
        yield draw


def play(draw: random.Random, memory: Allocator, reference: Slow, largest: int) -> None:
    """One sequence, compared after every event."""
    asked: dict[Region, int] = {}  # what is allocated, and how much of it was asked for
    for _ in range(EVENTS):
        if asked and draw.random() < 0.4:
            region = draw.choice(list(asked))
            memory.free(region)
            reference.free(region)
            del asked[region]
        else:
            size = draw.randint(1, largest)
            found = memory.allocate(size)
            assert found == reference.allocate(size)
            if found is not None:
                asked[found] = size
        holes = reference.holes()
        assert memory.holes() == holes
        assert memory.free_bytes == sum(size for _, size in holes)
        assert memory.largest_hole == max((size for _, size in holes), default=0)
        assert memory.wasted_bytes == sum(region.size - size for region, size in asked.items())
    leaving = [region for region in asked if draw.random() < 0.5]
    foretold = memory.largest_without(leaving)
    compacted = 0
    if isinstance(memory, VariablePartitions):
        compacted = memory.largest_compacted(leaving)
    for region in leaving:
        reference.free(region)
    assert foretold == max((size for _, size in reference.holes()), default=0)
    if isinstance(reference, slow.Variable):
        reference.compact()
        assert compacted == max((size for _, size in reference.holes()), default=0)


def few(draw: random.Random, count: int, largest: int) -> list[int]:
    return [draw.randint(1, largest) for _ in range(draw.randint(1, count))]


@pytest.mark.parametrize("fit", FITS)
def test_fixed_partitions(fit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for draw in drawn(f"fixed {fit}", monkeypatch):
        sizes = few(draw, 8, draw.choice([2, 9]))
        play(draw, FixedPartitions(sizes, fit), slow.Fixed(sizes, fit), max(sizes) + 1)


@pytest.mark.parametrize("fit", FITS)
def test_variable_partitions(fit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for draw in drawn(f"variable {fit}", monkeypatch):
        holes = draw.choice([[draw.randint(8, 40)], few(draw, 5, 12)])
        largest = draw.randint(2, 9)
        play(draw, VariablePartitions(holes, fit), slow.Variable(holes, fit), largest)


def test_buddy_system(monkeypatch: pytest.MonkeyPatch) -> None:
    for draw in drawn("buddy", monkeypatch):
        min_block = draw.choice([1, 2, 4])
        memory = min_block << draw.randint(0, 4)
        largest = draw.choice([min_block, memory, memory // 2 + 1])
        play(draw, BuddySystem(memory, min_block), slow.Buddy(memory, min_block), largest)


def test_a_queue_per_partition(monkeypatch: pytest.MonkeyPatch) -> None:
    for draw in drawn("queues", monkeypatch):
        sizes = few(draw, 5, draw.choice([3, 9]))
        play_queues(draw, PartitionQueues(FixedPartitions(sizes)), slow.PerPartition(sizes))


def play_queues(draw: random.Random, queues: PartitionQueues, reference: slow.PerPartition) -> None:
    """Arrivals, and instants at which up to three programs end."""
    here: list[slow.Place] = []
    for number in range(EVENTS):
        if draw.random() < 0.5:
            size = draw.randint(1, max(size for _, size in reference.partitions))
            region = queues.request(process(number), size)
            reference.line.append((number, size))
            got = [(number, region)] if region else []
        else:
            for place in draw.sample(here, draw.randint(0, min(3, len(here)))):
                queues.release(Region(*place))
                reference.free(place)
                here.remove(place)
            got = [(who.index, region) for who, region in queues.admit()]
        assert got == reference.admit()
        here += [place for _, place in got]


@pytest.mark.parametrize("fit", FITS)
def test_compaction_when_needed(fit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for draw in drawn(f"compaction {fit}", monkeypatch):
        holes = draw.choice([[draw.randint(8, 40)], few(draw, 4, 12)])
        admission = draw.choice(["fifo", "skip"])
        reference = slow.Compacting(holes, fit, admission)
        play_compaction(draw, VariablePartitions(holes, fit), reference, max(holes))


def play_compaction(
    draw: random.Random, memory: VariablePartitions, reference: slow.Compacting, most: int
) -> None:
    """Arrivals, and instants at which up to three programs end; who is moved, too."""
    moves, place_of = [], {}

    def moved(who: Process, region: Region) -> None:
        moves.append((who.index, region))
        place_of[who.index] = region

    line = CompactingAdmission(memory, "skip" if reference.skips else "fifo", moved)
    for number in range(EVENTS):
        if draw.random() < 0.6:
            size = draw.randint(1, draw.choice([most, most // 4 + 1]))
            region = line.request(process(number), size)
            reference.line.append((number, size))
            got = [(number, region)] if region else []
            place_of.update(got)
        else:
            for gone in draw.sample(sorted(place_of), draw.randint(0, min(3, len(place_of)))):
                line.release(place_of.pop(gone))
                reference.leave(gone)
            got = []
            for who, region in line.admit():
                got.append((who.index, region))
                place_of[who.index] = region
        assert got == reference.admit()
        assert moves == reference.moves
        assert memory.holes() == reference.holes()
