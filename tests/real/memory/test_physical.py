"""Main memory on the real machine: a partition is real, and the MMU keeps its program in."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
from collections.abc import Iterator

import psutil
import pytest

from kernel.errors import UsageError
from kernel.hardware import MemorySpec, Region
from real import run_real
from real.cells import BASE, SIZE, SharedCells
from real.host import syscalls
from real.memory.partition import Partition
from real.memory.physical import PhysicalMemory
from sim import simulate
from tests.real.memory.maps import rights
from tests.real.workloads import cpu, io, process, run_undisturbed, workload
from timeline.laws.check import check

pytestmark = pytest.mark.real
PAGE = syscalls.PAGE


def touch(address: int) -> int:
    """Read and write a byte there in a child; its wait status."""
    pid = os.fork()
    if pid == 0:
        faulthandler.disable()
        ctypes.memset(address, 7, 1)
        os._exit(0)
    return os.waitpid(pid, 0)[1]


@pytest.fixture
def memory() -> Iterator[PhysicalMemory]:
    """Three partitions: 2, 1 and 4 pages."""
    physical = PhysicalMemory(MemorySpec(7 * PAGE, (2 * PAGE, PAGE, 4 * PAGE)))
    yield physical
    physical.close()


def loaded(memory: PhysicalMemory, region: Region) -> int:
    """A program in that partition, in this process; the address of the machine's memory."""
    address, shared = memory.prepare(1), SharedCells(1)
    shared.cells[BASE], shared.cells[SIZE] = region
    Partition(shared, 0, address).load()
    return address


def test_a_program_maps_its_own_partition_and_nothing_else(memory: PhysicalMemory) -> None:
    address = loaded(memory, Region(2 * PAGE, PAGE))
    assert rights(address, 7) == "--w----"


@pytest.mark.parametrize(
    ("offset", "kills"), [(-1, True), (0, False), (PAGE - 1, False), (PAGE, True)]
)
def test_access_outside_its_partition_kills_a_program(
    memory: PhysicalMemory, offset: int, kills: bool
) -> None:
    address = loaded(memory, Region(2 * PAGE, PAGE))
    status = touch(address + 2 * PAGE + offset)
    assert os.WIFSIGNALED(status) is kills
    assert not kills or os.WTERMSIG(status) == signal.SIGSEGV


def test_partitions_of_one_machine_are_the_same_memory(memory: PhysicalMemory) -> None:
    other = memory.prepare(1)
    loaded(memory, Region(0, 2 * PAGE))
    syscalls.protect(other, PAGE, accessible=True)
    assert ctypes.string_at(other, 1) == b"\x01"


@pytest.mark.parametrize(
    ("sizes", "scale"),
    [
        ((PAGE, 4 * PAGE), 1),
        ((PAGE // 2, PAGE), 2),
        ((3 * PAGE // 4,), 4),
        ((1000, 3000), PAGE // 8),
    ],
)
def test_sizes_that_are_no_whole_pages_are_scaled_until_they_are(
    sizes: tuple[int, ...], scale: int
) -> None:
    memory = PhysicalMemory(MemorySpec(sum(sizes), sizes))
    try:
        assert memory.scale == scale
        assert memory.size == scale * sum(sizes)
        assert memory.place(Region(sizes[0], 1000)) == Region(sizes[0] * scale, 1000 * scale)
    finally:
        memory.close()


def test_the_scale_is_in_the_record_and_the_sizes_are_the_scenarios() -> None:
    memory = MemorySpec(4000, (1000, 3000))
    run = run_real(
        workload(process("A", cpu(5), memory=900), process("B", cpu(5), memory=900), memory=memory)
    )
    assert run.machine["memory_scale"] == PAGE // 8
    regions = [row.memory for row in run.processes]
    assert [(each.base, each.size, each.requested) for each in regions if each] == [
        (0, 1000, 900),
        (1000, 3000, 900),
    ]
    assert check(run) == []


@pytest.mark.parametrize(
    ("spec", "programs", "scale", "size"),
    [
        (MemorySpec(1 << 20, scheme="variable"), [PAGE, 3 * PAGE, 0], 1, 1 << 20),
        (MemorySpec(1 << 20, scheme="variable"), [PAGE, 3 * PAGE // 2], 2, 2 << 20),
        (MemorySpec(1001, scheme="variable"), [8, 24], PAGE // 8, PAGE * 126),
        (MemorySpec(5000, scheme="variable", holes=(2000, 2000)), [2000], PAGE // 16, 4016 * 256),
        (MemorySpec(1 << 20, scheme="buddy", min_block=PAGE), [3], 1, 1 << 20),
        (MemorySpec(64, scheme="buddy", min_block=16), [3], PAGE // 16, 4 * PAGE),
    ],
)
def test_every_place_that_a_scheme_can_give_is_whole_pages(
    spec: MemorySpec, programs: list[int], scale: int, size: int
) -> None:
    memory = PhysicalMemory(spec, programs)
    try:
        assert memory.scale == scale
        assert memory.size == -(-size // PAGE) * PAGE
    finally:
        memory.close()


@pytest.mark.parametrize(
    "spec",
    [
        MemorySpec(2 * PAGE, scheme="variable", fit="next"),
        MemorySpec(3 * PAGE, scheme="variable", holes=(PAGE, PAGE), fit="worst"),
        MemorySpec(2 * PAGE, scheme="buddy", min_block=PAGE // 4),
        MemorySpec(2 * PAGE, (PAGE, PAGE), queues="per-partition"),
    ],
    ids=["variable", "holes", "buddy", "queues"],
)
def test_every_scheme_places_real_processes_as_it_places_simulated_ones(spec: MemorySpec) -> None:
    programs = [
        process(name, cpu(5), io(10), cpu(5), memory=size)
        for name, size in zip("ABCD", (PAGE, PAGE // 2, PAGE // 4, PAGE), strict=True)
    ]
    given = workload(*programs, policy="fcfs", memory=spec)
    simulated, real = simulate(given), run_undisturbed(given)
    assert [event[1:] for event in real.memory_events] == [
        event[1:] for event in simulated.memory_events
    ]
    assert check(simulated) == [] and check(real) == []


def test_more_memory_than_is_free_is_refused() -> None:
    free = psutil.virtual_memory().available // PAGE * PAGE
    with pytest.raises(UsageError, match=r"would not leave a quarter of the .* free: use less"):
        PhysicalMemory(MemorySpec(free, (free,)))


def test_a_program_waits_for_a_partition_and_gets_the_one_that_is_freed() -> None:
    one = MemorySpec(PAGE, (PAGE,))
    run = run_real(
        workload(
            process("A", cpu(5), io(20), cpu(5), memory=PAGE),
            process("B", cpu(5), memory=10),
            policy="fcfs",
            memory=one,
        )
    )
    first, second = run.processes
    assert first.completion_ns and second.admitted_ns
    assert second.admitted_ns >= first.completion_ns - 1_000_000
    moves = [(event.process, event.event) for event in run.memory_events if event.base >= 0]
    assert moves == [("A", "placed"), ("A", "freed"), ("B", "placed"), ("B", "freed")]
    assert check(run) == []


def test_a_process_without_memory_needs_no_partition() -> None:
    one = MemorySpec(PAGE, (PAGE,))
    run = run_real(workload(process("A", cpu(5), memory=PAGE), process("B", cpu(5)), memory=one))
    assert run.processes[1].memory is None and run.processes[1].admitted_ns == 0
    assert check(run) == []
