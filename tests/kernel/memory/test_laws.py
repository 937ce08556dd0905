"""Laws of every memory scheme, whatever is asked of it."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kernel.hardware import Region
from kernel.memory import (
    FITS,
    Admission,
    Allocator,
    BuddySystem,
    FixedPartitions,
    PartitionQueues,
    VariablePartitions,
)
from kernel.memory.sorted_keys import SortedKeys
from kernel.process.control_block import Process
from tests.kernel.hand import process

SIZES = st.lists(st.integers(1, 12), min_size=1, max_size=6)
FIT = st.sampled_from(sorted(FITS))
FIXED = st.builds(FixedPartitions, SIZES, FIT)
VARIABLE = st.builds(VariablePartitions, SIZES | st.tuples(st.integers(1, 60)), FIT)
BUDDY = st.sampled_from([(1, 1), (16, 1), (32, 4), (64, 2)]).map(lambda sizes: BuddySystem(*sizes))
ANY: st.SearchStrategy[Allocator] = st.one_of(FIXED, VARIABLE, BUDDY)
EVENTS = st.lists(st.integers(-20, 12).filter(bool), max_size=50)  # above 0 a size, below: an end


def play(memory: Allocator, events: list[int]) -> Counter[Region]:
    """Allocate and free; what is allocated at the end."""
    held: list[Region] = []
    for event in events:
        if event > 0:
            region = memory.allocate(event)
            assert region is None or region.size >= event
            held += [region] if region else []
        elif held:
            memory.free(held.pop(event % len(held)))
    return Counter(held)


@given(ANY, EVENTS)
def test_the_allocated_and_the_free_never_overlap_and_nothing_is_lost(
    memory: Allocator, events: list[int]
) -> None:
    everywhere = memory.holes()
    held = play(memory, events)
    assert sorted(held.elements()) == memory.allocated()
    pieces = [*held.elements(), *memory.holes()]
    cells = Counter(cell for base, size in pieces for cell in range(base, base + size))
    assert cells == Counter(cell for base, size in everywhere for cell in range(base, base + size))


@given(ANY, EVENTS)
def test_free_and_used_add_up_to_all(memory: Allocator, events: list[int]) -> None:
    held = play(memory, events)
    assert memory.free_bytes + sum(region.size for region in held) == memory.total
    assert memory.free_bytes == sum(hole.size for hole in memory.holes())
    assert memory.largest_hole == max((hole.size for hole in memory.holes()), default=0)


@given(ANY, EVENTS)
def test_when_all_have_ended_memory_is_as_it_was(memory: Allocator, events: list[int]) -> None:
    before = memory.holes()
    for region in play(memory, events):
        memory.free(region)
    assert (memory.holes(), memory.free_bytes, memory.wasted_bytes) == (before, memory.total, 0)


@given(VARIABLE, EVENTS)
def test_no_two_holes_touch(memory: Allocator, events: list[int]) -> None:
    play(memory, events)
    holes = memory.holes()
    assert all(low.end < high.base for low, high in pairwise(holes))


@given(BUDDY, EVENTS)
def test_blocks_are_aligned_and_no_two_buddies_are_both_free(
    memory: Allocator, events: list[int]
) -> None:
    held = play(memory, events)
    holes = memory.holes()
    assert all(base % size == 0 for base, size in [*held, *holes])
    assert not {(base ^ size, size) for base, size in holes} & set(holes)


# -- the line -------------------------------------------------------------------------------------


def waiting_after(line: Admission | PartitionQueues, events: list[int]) -> dict[Process, int]:
    """Programs come, and end one by one; who waits at the end, in line order, and for how much."""
    wants: dict[Process, int] = {}
    held: dict[Process, Region] = {}
    for number, event in enumerate(events):
        if event > 0:
            newcomer = process(number)
            wants[newcomer] = event
            region = line.request(newcomer, event)
            held |= {newcomer: region} if region else {}
        elif held:
            line.release(held.pop(list(held)[event % len(held)]))
            held |= dict(line.admit())
        for admitted in wants.keys() & held.keys():
            del wants[admitted]
    return wants


@given(ANY, EVENTS)
def test_fifo_whoever_is_first_in_line_has_no_place(memory: Allocator, events: list[int]) -> None:
    waiting = waiting_after(Admission(memory, "fifo"), events)
    assert all(size > memory.largest_hole for size in list(waiting.values())[:1])


@given(ANY, EVENTS)
def test_skip_nobody_in_line_has_a_place(memory: Allocator, events: list[int]) -> None:
    waiting = waiting_after(Admission(memory, "skip"), events)
    assert all(size > memory.largest_hole for size in waiting.values())


@given(FIXED, EVENTS)
def test_queues_whoever_waits_waits_for_a_partition_that_is_taken(
    memory: FixedPartitions, events: list[int]
) -> None:
    events = [min(event, memory.largest_program) for event in events]
    for size in waiting_after(PartitionQueues(memory), events).values():
        assert memory.home(size) in memory.allocated()


# -- what best and worst fit and the buddy system stand on ----------------------------------------


@given(st.integers(1, 4), st.lists(st.integers(0, 30)))
def test_sorted_keys_are_those_that_were_added_an_odd_number_of_times(
    limit: int, toggled: list[int]
) -> None:
    keys, wanted = SortedKeys(), set[int]()
    keys.LIMIT = limit
    for key in toggled:
        (keys.remove if key in wanted else keys.add)(key)
        wanted ^= {key}
        assert bool(keys) == bool(wanted)
        if wanted:
            assert (keys.first(), keys.last()) == (min(wanted), max(wanted))
        for least in range(32):
            assert keys.at_least(least) == min((k for k in wanted if k >= least), default=None)
