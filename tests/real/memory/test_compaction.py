"""Compaction on the real machine: bytes are copied, views follow, and programs notice nothing."""

from __future__ import annotations

import ctypes
import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from kernel.hardware import MemorySpec, Region
from real import run_real
from real.cells import ACCESSING, BASE, CHECKED, GENERATION, SIZE, SharedCells
from real.dispatched import compaction
from real.dispatched.compaction import Moves
from real.dispatched.worker_handle import WorkerHandle
from real.host import syscalls
from real.memory.partition import BROKEN, INTACT, PIECE, Partition
from real.memory.physical import PhysicalMemory
from sim import simulate
from tests.real.memory.maps import rights
from tests.real.workloads import cpu, io, process, run_undisturbed, sequence, workload
from timeline.laws.check import check
from timeline.record.run import Run

pytestmark = pytest.mark.real
PAGE = syscalls.PAGE


def compacting(pages: int, **more: Any) -> MemorySpec:
    return MemorySpec(pages * PAGE, scheme="variable", compaction="when-needed", **more)


# -- one partition, in this process ---------------------------------------------------------------


@pytest.fixture
def memory() -> Iterator[PhysicalMemory]:
    """Eight pages."""
    physical = PhysicalMemory(compacting(8))
    yield physical
    physical.close()


class LoadedPartition:
    """A partition of this process, and the supervisor's way to move it."""

    def __init__(self, memory: PhysicalMemory, base: int, pages: int) -> None:
        self.memory, self.place = memory, Region(base * PAGE, pages * PAGE)
        self.address, shared = memory.prepare(1), SharedCells(1)
        self.cells = shared.cells
        self.cells[BASE], self.cells[SIZE] = self.place
        self.partition = Partition(shared, 0, self.address)
        self.partition.load()

    def move(self, base: int) -> None:
        to = Region(base * PAGE, self.place.size)
        self.memory.move(self.place, to)
        self.cells[BASE] = to.base
        self.cells[GENERATION] += 1
        self.place = to

    def checked(self) -> int:
        self.partition.check()
        return self.cells[CHECKED]


def test_its_view_follows_before_its_next_access(memory: PhysicalMemory) -> None:
    loaded = LoadedPartition(memory, 3, 2)
    loaded.move(0)
    assert rights(loaded.address, 8) == "---ww---"  # it has not touched it since
    with loaded.partition.access() as start:
        assert start == loaded.address
        assert rights(loaded.address, 8) == "ww------"


def test_the_bytes_come_along_even_if_the_two_places_overlap(memory: PhysicalMemory) -> None:
    loaded = LoadedPartition(memory, 1, 6)
    with loaded.partition.access() as start:
        for page in range(6):
            ctypes.memset(start + page * PAGE, page + 65, PAGE)
    loaded.move(0)
    with loaded.partition.access() as start:
        pages = [ctypes.string_at(start + page * PAGE, PAGE) for page in range(6)]
    assert pages == [bytes([page + 65]) * PAGE for page in range(6)]
    assert rights(loaded.address, 8) == "wwwwww--"


def test_a_partition_that_was_moved_is_intact(memory: PhysicalMemory) -> None:
    loaded = LoadedPartition(memory, 2, 3)
    loaded.move(1)
    loaded.move(0)
    assert loaded.checked() == INTACT


@pytest.mark.parametrize("offset", [0, 1, PAGE - 1, 2 * PAGE, 3 * PAGE - 1])
def test_one_wrong_byte_is_found(memory: PhysicalMemory, offset: int) -> None:
    loaded = LoadedPartition(memory, 2, 3)
    with loaded.partition.access() as start:
        ctypes.memset(start + offset, 77, 1)
    assert loaded.checked() == BROKEN + offset // PAGE * PAGE


def test_another_pattern_everywhere_is_found(memory: PhysicalMemory) -> None:
    loaded = LoadedPartition(memory, 2, 3)
    with loaded.partition.access() as start:
        ctypes.memset(start, 77, 3 * PAGE)
    assert loaded.checked() == BROKEN


@pytest.mark.parametrize(("first", "pages"), [(0, 1), (290, 25), (599, 1)])
def test_of_a_large_partition_the_first_and_the_last_page_and_some_between_are_looked_at(
    first: int, pages: int
) -> None:
    memory = PhysicalMemory(compacting(600))
    try:
        loaded = LoadedPartition(memory, 0, 600)
        with loaded.partition.access() as start:
            ctypes.memset(start + first * PAGE, 77, pages * PAGE)
        assert loaded.checked() >= BROKEN
    finally:
        memory.close()


def test_a_large_partition_is_touched_in_pieces_between_which_it_may_move() -> None:
    size = 3 * PIECE
    memory = PhysicalMemory(MemorySpec(size + PAGE, scheme="variable", compaction="when-needed"))
    try:
        loaded = LoadedPartition(memory, 1, size // PAGE)
        loaded.move(0)
        assert loaded.checked() == INTACT
    finally:
        memory.close()


def test_children_do_not_inherit_the_supervisors_view(memory: PhysicalMemory) -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(memory._seen_at is not None and not rights(memory._seen_at, 8).isspace())
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


# -- stopping a worker outside of its accesses ----------------------------------------------------


def handle(pid: int, shared: SharedCells) -> WorkerHandle:
    """Of a process that is no worker."""
    worker = WorkerHandle(0, "A", shared)
    worker.pid = pid
    return worker


def test_a_worker_in_the_middle_of_an_access_finishes_it_first(memory: PhysicalMemory) -> None:
    shared = SharedCells(1)
    cells = shared.cells
    cells[ACCESSING] = 1
    pid = os.fork()
    if pid == 0:
        for _ in range(20):
            time.sleep(0.001)
        cells[ACCESSING] = 0
        signal.pause()
    worker = handle(pid, shared)
    seen = Moves()
    try:
        began = time.monotonic()
        compaction.move(worker, memory, Region(PAGE, PAGE), Region(0, PAGE), seen)
        assert time.monotonic() - began > 0.015
        assert (cells[BASE], cells[SIZE], cells[GENERATION]) == (0, PAGE, 1)
        assert (seen.count, seen.size) == (1, PAGE) and seen.took() > 0
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def test_a_worker_that_was_killed_in_the_middle_of_an_access_is_not_waited_for(
    memory: PhysicalMemory,
) -> None:
    shared = SharedCells(1)
    shared.cells[ACCESSING] = 1
    pid = os.fork()
    if pid == 0:
        signal.pause()
    os.kill(pid, signal.SIGKILL)
    worker = handle(pid, shared)
    moving = threading.Thread(
        target=compaction.move,
        args=(worker, memory, Region(PAGE, PAGE), Region(0, PAGE), Moves()),
        daemon=True,
    )
    moving.start()
    moving.join(5)
    assert not moving.is_alive()
    os.waitpid(pid, 0)


# -- whole runs -----------------------------------------------------------------------------------


def rearranged(run: Run) -> list[tuple[str, str, int]]:
    return [(e.event, e.process, e.base) for e in run.memory_events]


def agree(given: Any) -> Run:
    """Both machines move the same programs, keep all laws, and dispatch in the same order."""
    assert run_real(given).stopped is None  # however disturbed, isolation holds
    simulated, real = simulate(given), run_undisturbed(given)
    assert real.stopped is None
    assert any(event.event == "moved" for event in simulated.memory_events)
    assert rearranged(real) == rearranged(simulated)
    assert sequence(real) == sequence(simulated)
    assert check(simulated) == [] and check(real) == []
    return real


def test_a_process_that_waits_for_io_is_moved() -> None:
    real = agree(
        workload(
            process("A", cpu(10), memory=2 * PAGE),
            process("B", cpu(10), io(60), cpu(10), memory=3 * PAGE),
            process("C", cpu(10), memory=2 * PAGE),
            process("D", cpu(10), memory=4 * PAGE, arrival=5),
            policy="fcfs",
            memory=compacting(7),
        )
    )
    assert real.machine["compaction"]["moves"] == 1
    assert real.machine["compaction"]["bytes"] == 3 * PAGE
    assert real.machine["compaction"]["took_ns"] > 0


def test_a_process_in_the_middle_of_a_burst_is_moved() -> None:
    agree(
        workload(
            process("A", cpu(10), memory=200 * PAGE),
            process("B", cpu(50), memory=300 * PAGE),
            process("C", cpu(10), memory=200 * PAGE),
            process("D", cpu(30), memory=400 * PAGE, arrival=5),
            quantum=10,
            memory=compacting(700),
        )
    )


def test_a_process_on_another_core_is_moved_while_it_runs() -> None:
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("needs a machine with two cores")
    agree(
        workload(
            process("A", cpu(20), memory=2 * PAGE),
            process("B", cpu(120), memory=3 * PAGE),
            process("C", io(50), memory=2 * PAGE),
            process("D", cpu(30), memory=4 * PAGE, arrival=5),
            policy="fcfs",
            cores=2,
            memory=compacting(7),
        )
    )


def test_a_process_that_was_just_admitted_is_moved_for_the_next() -> None:
    sizes = [10, 20, 40, 30, 35, 12]
    bursts = [io(20), io(60), io(20), io(60), io(30), io(10)]
    agree(
        workload(
            *(
                process(name, cpu(1), step, cpu(1), memory=size * PAGE)
                for name, step, size in zip("ABCDEF", bursts, sizes, strict=True)
            ),
            policy="fcfs",
            memory=compacting(100, admission="skip"),
        )
    )


def test_bytes_that_are_not_copied_break_the_isolation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PhysicalMemory, "move", lambda *_places: None)
    run = run_real(
        workload(
            process("A", cpu(10), memory=2 * PAGE),
            process("B", cpu(10), io(60), cpu(10), memory=3 * PAGE),
            process("C", cpu(10), memory=2 * PAGE),
            process("D", cpu(10), memory=4 * PAGE, arrival=5),
            policy="fcfs",
            memory=compacting(7),
        )
    )
    assert (
        run.stopped == "isolation is broken: B found bytes that are not its own at 0 from its base"
    )
