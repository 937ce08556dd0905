"""Memory in the record: what is free when, its measures, and the laws of places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.hardware import MemorySpec, Region, SwapSpec
from kernel.memory import layout, make_allocator
from kernel.units import ms
from sim import simulate
from tests.effort import cases
from tests.sim.cases import workload
from tests.sim.oracle.system import Job
from timeline.laws.check import check
from timeline.memory.free_space import free_space_of, memory_spec
from timeline.memory.occupancy import (
    Placement,
    arrangement,
    memory_states,
    moves,
    occupancy,
    placements,
    to_json,
    waiters,
)
from timeline.record.description import describe_memory
from timeline.record.run import MemoryEvent, Run

CPU = "cpu"


def jobs(*sizes: int, length: int = 10) -> list[Job]:
    """Programs of these sizes, all there from the start; under fcfs each runs 10 ms."""
    return [Job(0, ((CPU, length),), memory=size) for size in sizes]


def run_of(spec: MemorySpec, *given: Job) -> Run:
    return simulate(replace(workload("fcfs", given, tick=ms(1)), memory=spec))


def variable(size: int, fit: str = "first", **more: Any) -> MemorySpec:
    return MemorySpec(size, fit=fit, scheme="variable", **more)


SPECS = st.one_of(
    st.builds(
        lambda sizes, fit, admission: MemorySpec(sum(sizes), tuple(sizes), fit, admission),
        st.lists(st.integers(2, 8), min_size=1, max_size=5),
        st.sampled_from(["first", "next", "best", "worst"]),
        st.sampled_from(["fifo", "skip"]),
    ),
    st.builds(
        lambda sizes: MemorySpec(sum(sizes), tuple(sizes), queues="per-partition"),
        st.lists(st.integers(2, 8), min_size=1, max_size=5),
    ),
    st.builds(
        lambda holes, fit, admission, compaction: MemorySpec(
            layout(holes)[-1].end,
            (),
            fit,
            admission,
            "variable",
            tuple(holes),
            compaction=compaction,
        ),
        st.lists(st.integers(2, 16), max_size=4).map(lambda holes: holes or [20]),
        st.sampled_from(["first", "next", "best", "worst"]),
        st.sampled_from(["fifo", "skip"]),
        st.sampled_from(["never", "when-needed"]),
    ),
    st.builds(
        lambda order, least, admission: MemorySpec(
            1 << order, admission=admission, scheme="buddy", min_block=1 << min(order, least)
        ),
        st.integers(2, 5),
        st.integers(0, 3),
        st.sampled_from(["fifo", "skip"]),
    ),
)
PROGRAMS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(1, 5), st.integers(0, 16)), min_size=1, max_size=12
)


def random_run(spec: MemorySpec, programs: list[tuple[int, int, int]]) -> Run:
    most = make_allocator(spec).largest_program
    given = [Job(at, ((CPU, length),), memory=min(size, most)) for at, length, size in programs]
    return simulate(replace(workload("rr", given, {"quantum": 2}), memory=spec))


@settings(max_examples=cases(300))
@given(spec=SPECS, programs=PROGRAMS)
def test_random_programs_under_every_scheme_break_no_law(
    spec: MemorySpec, programs: list[tuple[int, int, int]]
) -> None:
    assert check(random_run(spec, programs)) == []


@settings(max_examples=cases(300))
@given(spec=SPECS, programs=PROGRAMS)
def test_what_is_free_is_what_the_allocator_has_free(
    spec: MemorySpec, programs: list[tuple[int, int, int]]
) -> None:
    allocator, free_space = make_allocator(spec), free_space_of(describe_memory(spec))
    assert free_space is not None
    lies: dict[str, Region] = {}
    for event in random_run(spec, programs).memory_events:
        where = Region(event.base, event.size)
        before = {hole.base: hole for hole in allocator.holes()}
        hole = free_space.see(event)
        if event.event == "placed":
            if spec.scheme == "variable":
                assert hole == before[event.base].size
            else:
                assert hole == event.size
            follow(allocator, where)
        elif event.event == "moved":
            allocator.move(lies[event.process], event.base)  # type: ignore[attr-defined]
        elif event.event == "freed":
            allocator.free(where)
        lies[event.process] = where
        assert (free_space.free, free_space.largest) == (
            allocator.free_bytes,
            allocator.largest_hole,
        )


def follow(allocator: Any, where: Region) -> None:
    """Take that very place, however the scheme chose it."""
    found = []
    while (region := allocator.allocate(where.size)) != where:
        assert region is not None
        found.append(region)
    for region in found:
        allocator.free(region)


@given(spec=SPECS)
def test_the_record_says_all_of_the_scheme(spec: MemorySpec) -> None:
    assert memory_spec(describe_memory(spec)) == spec


def test_placements_know_the_hole_that_was_chosen() -> None:
    run = run_of(variable(64, "best", holes=(10, 30, 20)), *jobs(12, 10, 18))
    assert placements(run) == [
        Placement("P1", 44, 12, 20),
        Placement("P2", 0, 10, 10),
        Placement("P3", 12, 18, 30),
    ]
    assert waiters(run) == []


def test_memory_over_time() -> None:
    run = run_of(variable(10), *jobs(4, 3, 5))
    assert [state[1:] for state in memory_states(run)] == [
        # allocated, requested, free, largest hole, programs, waiting, swapped out
        (7, 7, 3, 3, 2, 1, 0),
        (3, 3, 7, 4, 1, 1, 0),
        (5, 5, 5, 5, 1, 0, 0),
        (0, 0, 10, 10, 0, 0, 0),
    ]


def test_the_means_are_over_time() -> None:
    found = occupancy(run_of(variable(10), *jobs(4, 3, 5)))  # three times 10 ms: 7, 3, 5 bytes
    assert found is not None
    assert found.utilization == pytest.approx(15 / 30)
    assert found.external == pytest.approx((0 + 3 + 0) / 3)
    assert found.external_share == pytest.approx(3 / 15)
    assert (found.internal, found.internal_share) == (0, 0)
    assert found.largest_hole == pytest.approx((3 + 4 + 5) / 3)
    assert found.programs == pytest.approx(4 / 3)
    assert found.waiting == pytest.approx(2 / 3)


def test_what_a_partition_is_too_large_is_internal_fragmentation() -> None:
    found = occupancy(run_of(MemorySpec(12, (8, 4)), *jobs(6, 4)))  # 20 ms
    assert found is not None
    assert found.internal == pytest.approx((2 + 0) / 2)
    assert found.internal_share == pytest.approx(2 / 16)


def test_without_memory_there_is_nothing_to_measure() -> None:
    run = simulate(workload("fcfs", jobs(4)))
    assert occupancy(run) is None and memory_states(run) == [] and placements(run) == []


# -- records that break the laws ------------------------------------------------------------------


def broken(run: Run) -> set[str]:
    return {violation.law for violation in check(run)}


def changed(run: Run, change: Callable[[MemoryEvent], MemoryEvent]) -> Run:
    return replace(run, memory_events=[change(event) for event in run.memory_events])


def moved(run: Run, name: str, base: int) -> Run:
    """The same run, if `name` had lain at `base`."""
    return changed(run, lambda e: e._replace(base=base) if e.process == name and e.base >= 0 else e)


@pytest.mark.parametrize(
    ("spec", "base"),
    [
        (variable(20), 7),  # into the middle of the hole
        (MemorySpec(20, (8, 8, 4)), 8),  # into the second partition that fits
        (MemorySpec(32, scheme="buddy", min_block=4), 8),  # into the upper half
        (MemorySpec(32, scheme="buddy", min_block=4), 2),  # not at a multiple of its size
    ],
)
def test_a_program_that_lies_elsewhere_than_its_scheme_says(spec: MemorySpec, base: int) -> None:
    run = run_of(spec, *jobs(5))
    assert check(run) == []
    assert broken(moved(run, "P1", base)) == {"placed by the scheme"}


def test_a_program_that_waits_though_there_is_a_place() -> None:
    run = run_of(variable(10), *jobs(4, 5))
    late = MemoryEvent(0, "waits", "P2", -1, -1)
    first, second, *rest = run.memory_events
    waits = [first, late, second._replace(at_ns=ms(4)), *rest]
    [violation] = [
        found
        for found in check(replace(run, memory_events=waits))
        if found.law == "a waiting program has no place"
    ]
    assert violation.message == "P2 (5B) waits for memory at 0, though there is a place for it"


def test_under_fifo_only_the_head_of_the_line_is_asked() -> None:
    given = (*jobs(6, 8, 2),)
    fifo = run_of(variable(10), *given)
    assert waiters(fifo) == ["P2", "P3"] and check(fifo) == []
    skipping = {**fifo.machine["memory"], "admission": "skip"}
    run = replace(fifo, machine={**fifo.machine, "memory": skipping})
    assert broken(run) == {"a waiting program has no place"}


def test_in_a_queue_per_partition_the_others_may_be_free() -> None:
    spec = MemorySpec(12, (4, 8), queues="per-partition")
    run = run_of(spec, *jobs(4, 3))
    assert waiters(run) == ["P2"] and check(run) == []
    single = {**run.machine["memory"], "queues": "single", "fit": "first", "admission": "fifo"}
    run = replace(run, machine={**run.machine, "memory": single})
    assert "a waiting program has no place" in broken(run)


def test_what_is_freed_and_was_not_held_stops_no_law() -> None:
    run = run_of(variable(10), *jobs(4, 5))
    freed = [e for e in run.memory_events if e.event == "freed"]
    assert "partitions apart" in broken(replace(run, memory_events=[*freed, *run.memory_events]))


# -- memory steps ---------------------------------------------------------------------------------


def steps_run(*marks: tuple[int, int, str, int]) -> Run:
    """A program of 4 bytes and 10 ticks in a partition of 8, with these marks."""
    return run_of(MemorySpec(16, (8, 8)), Job(0, ((CPU, 10),), memory=4, marks=marks))


def test_memory_steps_change_no_measure_of_memory() -> None:
    plain = steps_run()
    marked = steps_run((0, 2, "alloc", 3), (0, 4, "touch", 7), (0, 6, "free", 1))
    assert len(marked.memory_events) == len(plain.memory_events) + 3
    assert memory_states(marked) == memory_states(plain) and occupancy(marked) == occupancy(plain)
    assert check(marked) == []


@pytest.mark.parametrize(
    ("mark", "change"),
    [
        ((0, 4, "touch", 7), {"base": 8}),
        ((0, 4, "alloc", 4), {"size": 5}),
        ((0, 4, "touch", 8), {"base": 7}),
        ((0, 4, "touch", 8), {"event": "refused"}),
        ((0, 4, "alloc", 5), {"event": "fault", "base": 9}),
    ],
)
def test_a_memory_step_that_its_partition_does_not_allow(
    mark: tuple[int, int, str, int], change: dict[str, Any]
) -> None:
    run = steps_run(mark)
    assert check(run) == []
    lying = changed(run, lambda e: e if e.event in ("placed", "freed") else e._replace(**change))
    assert broken(lying) == {"kept in its partition"}


# -- compaction -----------------------------------------------------------------------------------


def compacted(**more: Any) -> Run:
    """P1 and P3 end; P2 is moved at 20 ms, and P4 lies behind it."""
    spec = variable(12, compaction="when-needed", **more)
    given = [Job(0, ((CPU, length),), memory=4) for length in (10, 30, 10)]
    given.append(Job(1, ((CPU, 10),), memory=7))
    given[1] = Job(0, (("wait", 45), (CPU, 10)), memory=4)
    return run_of(spec, *given)


def test_a_move_is_an_event_between_a_leaving_and_a_placement() -> None:
    run = compacted()
    assert [(e.at_ns // ms(1), e.event, e.process, e.base) for e in run.memory_events] == [
        (0, "placed", "P1", 0),
        (0, "placed", "P2", 4),
        (0, "placed", "P3", 8),
        (1, "waits", "P4", -1),
        (10, "freed", "P1", 0),
        (20, "freed", "P3", 8),
        (20, "moved", "P2", 0),
        (20, "placed", "P4", 4),
        (30, "freed", "P4", 4),
        (55, "freed", "P2", 0),
    ]
    assert check(run) == []


def test_a_move_changes_nobodys_schedule() -> None:
    row = compacted().processes[1]
    assert (row.blocked_ns, row.waiting_ns, row.cpu_ns) == (ms(45), 0, ms(10))
    assert row.memory is not None and row.memory.base == 4  # where it was placed


def test_moves_and_what_was_copied_are_told() -> None:
    run = compacted()
    [move] = moves(run)
    assert move[1:] == ("moved", "P2", 0, 4)
    assert [event[1:] for event in arrangement(run)][3:] == [
        ("moved", "P2", 0, 4),
        ("placed", "P4", 4, 7),
    ]
    about = to_json(run)
    assert about is not None and (about["moves"], about["moved_bytes"]) == (1, 4)


def test_after_a_move_the_free_memory_is_one_hole() -> None:
    assert [
        (m.free, m.largest_hole, m.programs, m.waiting) for m in memory_states(compacted())
    ] == [
        (0, 0, 3, 0),
        (0, 0, 3, 1),
        (4, 4, 2, 1),
        (1, 1, 2, 0),
        (8, 8, 1, 0),
        (12, 12, 0, 0),
    ]


def test_a_move_to_elsewhere_than_compaction_slides_it() -> None:
    run = changed(compacted(), lambda e: e._replace(base=1) if e.event == "moved" else e)
    assert "placed by the scheme" in broken(run)


def test_a_compaction_that_leaves_a_program_out() -> None:
    run = compacted()
    left = [event for event in run.memory_events if event.event != "moved"]
    assert {"partitions apart", "placed by the scheme"} <= broken(replace(run, memory_events=left))


def test_a_move_that_no_program_needs() -> None:
    run = compacted()
    first, second, third, waits, freed, *rest = run.memory_events
    moved = MemoryEvent(ms(10), "moved", "P2", 0, 4)
    early = [first, second, third, waits, freed, moved, *(e for e in rest if e.event != "moved")]
    # the program that is placed next would have a place after 20 ms, but not yet
    assert "placed by the scheme" in broken(replace(run, memory_events=early))


def test_moves_where_nothing_is_compacted() -> None:
    run = compacted()
    never = {**run.machine["memory"], "compaction": "never"}
    run = replace(run, machine={**run.machine, "memory": never})
    assert broken(run) == {"placed by the scheme"}


def test_a_waiting_program_would_have_no_place_after_compaction_either() -> None:
    spec = variable(12)
    given = [Job(0, ((CPU, 10),), memory=4), Job(0, (("wait", 45),), memory=4)]
    given += [Job(0, ((CPU, 10),), memory=4), Job(1, ((CPU, 10),), memory=7)]
    run = run_of(spec, *given)
    assert check(run) == []
    needed = {**run.machine["memory"], "compaction": "when-needed"}
    run = replace(run, machine={**run.machine, "memory": needed})
    assert "a waiting program has no place" in broken(run)


def test_a_program_is_moved_onto_another() -> None:
    run = compacted(fit="best")
    events = [e._replace(base=2) if e.event == "moved" else e for e in run.memory_events]
    assert "partitions apart" in broken(replace(run, memory_events=events))


# -- swapping and the degree of multiprogramming --------------------------------------------------


def swapped(**more: Any) -> Run:
    """P1 waits from 10 to 60 ms, P3 comes at 15 and needs its 6 bytes; a byte takes 1 ms of disk.

    P1 is out at 21, P3 in; P1 wants to come back at 60, has its place again and is read until 66.
    """
    given = [
        Job(0, ((CPU, 10), ("wait", 50), (CPU, 10)), memory=6),
        Job(0, ((CPU, 40),), memory=4),
        Job(15, ((CPU, 5),), memory=5),
    ]
    spec = variable(10, swap=SwapSpec("blocked", 0, 1000), **more)
    return simulate(replace(workload("fcfs", given, tick=ms(1), devices={"disk": 1}), memory=spec))


def test_a_program_that_is_swapped_leaves_its_place_and_gets_one_again() -> None:
    run = swapped()
    assert [(e.at_ns // ms(1), e.event, e.process, e.base) for e in run.memory_events] == [
        (0, "placed", "P1", 0),
        (0, "placed", "P2", 6),
        (15, "waits", "P3", -1),
        (21, "swapped-out", "P1", 0),
        (21, "placed", "P3", 0),
        (50, "freed", "P2", 6),
        (55, "freed", "P3", 0),
        (60, "swapped-in", "P1", 0),
        (76, "freed", "P1", 0),
    ]
    assert check(run) == []
    assert (run.processes[0].blocked_ns, run.processes[0].suspended_ns) == (ms(5), ms(51))


def test_swaps_and_the_programs_that_are_out_are_told() -> None:
    run = swapped()
    about = to_json(run)
    assert about is not None and (about["swaps"], about["swapped_bytes"]) == (2, 12)
    assert [(m.programs, m.waiting, m.swapped_out) for m in memory_states(run)] == [
        *((2, 0, 0), (2, 1, 0), (2, 0, 1), (1, 0, 1), (0, 0, 1), (1, 0, 0), (0, 0, 0))
    ]
    assert waiters(run) == ["P3"]


def test_a_program_that_comes_back_and_has_to_wait_did_not_have_to_wait_to_be_let_in() -> None:
    run = swapped()
    again = MemoryEvent(ms(60), "waits", "P1", -1, -1)
    at = next(i for i, e in enumerate(run.memory_events) if e.event == "swapped-in")
    events = [*run.memory_events[:at], again, *run.memory_events[at:]]
    run = replace(run, memory_events=events)
    assert waiters(run) == ["P3"] and check(run) == []


@pytest.mark.parametrize(
    ("event", "change", "laws"),
    [
        ("swapped-out", {"base": 1}, {"partitions apart"}),
        ("swapped-out", {"at_ns": ms(16)}, {"a waiting program has no place"}),
        ("swapped-in", {"base": 2}, {"partitions apart", "placed by the scheme"}),
        ("swapped-in", {"process": "P2"}, {"swapped out, not running"}),
    ],
)
def test_a_swap_that_cannot_have_been(event: str, change: dict[str, Any], laws: set[str]) -> None:
    run = changed(swapped(), lambda e: e._replace(**change) if e.event == event else e)
    assert laws <= broken(run)


def test_a_program_that_runs_while_it_is_swapped_out() -> None:
    run = swapped()
    events = [e._replace(at_ns=ms(70)) if e.event == "swapped-in" else e for e in run.memory_events]
    assert broken(replace(run, memory_events=events)) == {"swapped out, not running"}


def limited(most: int | None) -> Run:
    return run_of(variable(30, max_resident=most), *jobs(4, 4, 4))


def test_no_more_are_let_in_than_the_degree_of_multiprogramming() -> None:
    run = limited(2)
    assert max(state.programs for state in memory_states(run)) == 2
    assert waiters(run) == ["P3"] and check(run) == []


def test_more_programs_than_the_degree_allows_break_the_law() -> None:
    run = limited(None)
    memory = {**run.machine["memory"], "max_resident": 2}
    run = replace(run, machine={**run.machine, "memory": memory})
    assert broken(run) == {"degree within its bound"}


def test_a_program_held_for_the_degree_of_multiprogramming_is_not_neglected() -> None:
    run = limited(2)
    memory = {**run.machine["memory"], "max_resident": 3}
    assert broken(replace(run, machine={**run.machine, "memory": memory})) == {
        "a waiting program has no place"
    }
