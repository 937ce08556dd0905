"""A live view of a real run shows what its record will say, and does not disturb the run."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from kernel.hardware import DeviceSpec, MemorySpec
from kernel.process.states import READY, RUNNING
from kernel.units import ms
from language import Options, load
from real import run_real
from tests.real.workloads import cpu, io, process, workload
from timeline.record.assembly import blank_run
from timeline.record.intervals import Interval
from timeline.record.live import LiveUpdate, RunSoFar
from timeline.record.run import REAL, Run
from timeline.record.tracks import by_process

pytestmark = pytest.mark.real

WORKLOAD = workload(
    process("A", *[step for _ in range(6) for step in (cpu(40), io(50, 0))], memory=1 << 20),
    process("B", cpu(300), memory=2 << 20),
    process("C", cpu(60), arrival=150, memory=2 << 20),
    quantum=40,
    devices=[DeviceSpec("disk", 1)],
    memory=MemorySpec(4 << 20, (2 << 20, 2 << 20)),
)


@pytest.fixture(scope="module")
def watched() -> tuple[list[LiveUpdate], Run]:
    """A run, and every update of it."""
    updates: list[LiveUpdate] = []
    run = run_real(WORKLOAD, watcher=lambda look: updates.append(look()))
    assert updates, "the supervisor had no time for a look in more than half a second"
    return updates, run


def states(track: list[Interval]) -> list[int]:
    """The states one after the other, but for ready: a real worker is so before every dispatch."""
    found: list[int] = []
    for row in track:
        if row.state != READY and (not found or found[-1] != row.state):
            found.append(row.state)
    return found


def test_what_was_seen_is_the_beginning_of_what_is_recorded(
    watched: tuple[list[LiveUpdate], Run],
) -> None:
    updates, run = watched
    so_far = RunSoFar(blank_run(REAL, WORKLOAD))
    for update in updates:
        so_far.add(update)
        for mine, whole in zip(by_process(so_far.run()), by_process(run), strict=True):
            seen, recorded = states(mine), states(whole)
            assert seen == recorded[: len(seen)]


def test_no_process_is_in_two_states_or_none(watched: tuple[list[LiveUpdate], Run]) -> None:
    so_far = RunSoFar(blank_run(REAL, WORKLOAD))
    for update in watched[0]:
        so_far.add(update)
        for track in by_process(so_far.run()):
            for row, following in itertools.pairwise(track):
                assert row.end == following.start


def test_nothing_is_seen_twice(watched: tuple[list[LiveUpdate], Run]) -> None:
    closed = [row for update in watched[0] for row in update.closed]
    events = [event for update in watched[0] for event in update.memory]

    assert len({(row.process, row.start) for row in closed}) == len(closed)
    assert events == watched[1].memory_events[: len(events)]


def test_a_process_is_on_a_core_exactly_while_it_runs(
    watched: tuple[list[LiveUpdate], Run],
) -> None:
    for update in watched[0]:
        for row in (*update.closed, *update.open):
            assert (row.core == 0) == (row.state == RUNNING)


def test_looks_are_at_least_a_tenth_of_a_second_apart(
    watched: tuple[list[LiveUpdate], Run],
) -> None:
    times = [update.at_ns for update in watched[0]]

    assert all(b - a >= ms(100) for a, b in itertools.pairwise(times))


def test_processes_that_start_each_other_are_seen_as_they_are_recorded() -> None:
    lesson = load(Path("scenarios/lessons/life/zombie.yaml"), Options()).workload
    updates: list[LiveUpdate] = []
    run = run_real(lesson, watcher=lambda look: updates.append(look()))
    so_far = RunSoFar(blank_run(REAL, lesson))
    for update in updates:
        so_far.add(update)
        seen = so_far.run()
        tracks = dict(zip(run.process_names, by_process(run), strict=True))
        for name, mine in zip(seen.process_names, by_process(seen), strict=True):
            assert states(mine) == states(tracks[name])[: len(states(mine))]
    assert any(row.process > 1 for row in so_far.run().intervals), "no child was ever seen"
