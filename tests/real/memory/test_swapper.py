"""Swapping on the real machine: bytes go to a real file and come back; nothing is left of it."""

from __future__ import annotations

import errno
import gc
import os
import signal
import tempfile
from pathlib import Path
from typing import Any

import psutil
import pytest

from kernel.hardware import DeviceSpec, MemorySpec, Region, SwapSpec
from kernel.process.memory_steps import TOUCH
from kernel.units import ms
from kernel.workload import Workload
from real import run_real
from real.dispatched.partitions import Partitions
from real.dispatched.worker_handle import WorkerHandle
from real.host import syscalls
from real.memory.partition import Partition
from real.memory.swapper import Swapper
from sim import simulate
from tests.real.workloads import cpu, disturbed, io, process, sequence, workload
from timeline.laws.check import check
from timeline.record.run import Run

pytestmark = pytest.mark.real
PAGE = syscalls.PAGE
TRIES = 6


def swapping(pages: int, out: str = "blocked", per_page: int = 15, **more: Any) -> MemorySpec:
    """Moving a page takes `per_page` ms: time enough for a busy disk."""
    swap = SwapSpec(out, 0, PAGE * 1000 // per_page)
    return MemorySpec(pages * PAGE, scheme="variable", swap=swap, **more)


def given(memory: MemorySpec, *processes: dict[str, Any]) -> Workload:
    return workload(*processes, policy="fcfs", devices=(DeviceSpec("disk"),), memory=memory)


EDITOR = process("A", cpu(10), io(250), cpu(10), memory=2 * PAGE)
OTHERS = [
    process("B", cpu(20), io(20), cpu(20), memory=PAGE),
    process("C", cpu(50), memory=2 * PAGE, arrival=5),
]


def happened(run: Run) -> list[tuple[str, str, int]]:
    return [(e.event, e.process, e.base) for e in run.memory_events]


def agree(wanted: Workload) -> Run:
    """Both machines swap the same programs to the same places, and keep all laws.

    A busy disk may be late for the order of virtual time: then the test is skipped.
    """
    simulated = simulate(wanted)
    assert any(event.event == "swapped-in" for event in simulated.memory_events)
    assert check(simulated) == []
    for _ in range(TRIES):
        real = run_real(wanted)
        assert real.stopped is None and check(real) == []
        if not disturbed(real) and not real.machine["corrections"]:
            assert happened(real) == happened(simulated)
            assert sequence(real) == sequence(simulated)
            return real
    pytest.skip("other programs are using this machine's cores or its disk")


def test_a_process_that_waits_for_io_is_written_to_a_file_and_read_back() -> None:
    real = agree(given(swapping(3), EDITOR, *OTHERS))
    about = real.machine["swapping"]
    assert (about["transfers"], about["bytes"]) == (2, 4 * PAGE)
    assert about["took_ns"] > 0
    assert real.processes[0].suspended_ns > ms(200)


@pytest.mark.parametrize("out", ["lowest-priority", "longest-resident"])
def test_by_every_rule(out: str) -> None:
    first = process("A", cpu(10), io(300), cpu(10), memory=PAGE, priority=3)
    second = process("B", cpu(10), io(350), cpu(10), memory=PAGE, priority=9)
    third = process("C", cpu(20), memory=PAGE, arrival=60)
    real = agree(given(swapping(2, out), first, second, third))
    gone = next(e.process for e in real.memory_events if e.event == "swapped-out")
    assert gone == {"lowest-priority": "B", "longest-resident": "A"}[out]


def test_it_comes_back_to_another_place_and_its_addresses_are_as_before() -> None:
    steps = (TOUCH, 0), (TOUCH, 2 * PAGE - 1)
    first = process("A", cpu(5), *steps, io(200), *steps, cpu(5), memory=2 * PAGE)
    long = process("C", cpu(400), memory=2 * PAGE, arrival=2)
    real = agree(given(swapping(4), first, process("B", cpu(100), memory=2 * PAGE), long))
    assert [e.base // PAGE for e in real.memory_events if e.event.startswith("swapped")] == [0, 2]
    assert [e.base // PAGE for e in real.memory_events if e.event == "touch"] == [0, 1, 2, 3]


def test_a_protection_fault_after_coming_back_is_one() -> None:
    stray = process("A", cpu(10), io(150), (TOUCH, 2 * PAGE), cpu(10), memory=2 * PAGE)
    real = agree(given(swapping(3), stray, *OTHERS))
    assert [row.exitcode for row in real.processes] == [-11, 0, 0]


def test_under_fixed_partitions_and_scaled_sizes() -> None:
    memory = MemorySpec(3000, (1000, 2000), swap=SwapSpec("blocked", 0, 20_000))
    first = process("A", cpu(10), io(200), cpu(10), memory=900)
    second = process("B", cpu(20), io(20), cpu(20), memory=1500)
    agree(given(memory, first, second, process("C", cpu(30), memory=800, arrival=5)))


def test_a_process_that_compaction_has_moved_is_swapped_from_where_it_lies() -> None:
    memory = swapping(7, compaction="when-needed")
    agree(
        given(
            memory,
            process("A", cpu(10), memory=2 * PAGE),
            process("B", cpu(10), io(300), cpu(10), memory=3 * PAGE),
            process("C", cpu(10), memory=2 * PAGE),
            process("D", cpu(100), memory=4 * PAGE, arrival=5),
            process("E", cpu(10), memory=3 * PAGE, arrival=60),
        )
    )


def test_the_bytes_that_come_back_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    copy = Swapper._copy

    def lazy(its: Swapper, out: bool, base: int, slot: int, size: int) -> None:
        if out:
            copy(its, out, base, slot, size)

    monkeypatch.setattr(Swapper, "_copy", lazy)
    run = run_real(given(swapping(3), EDITOR, *OTHERS))
    assert (
        run.stopped == "isolation is broken: A found bytes that are not its own at 0 from its base"
    )


def test_a_full_disk_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_order: Any) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(Swapper, "_copy", full)
    run = run_real(given(swapping(3), EDITOR, *OTHERS))
    assert run.stopped == "a program could not be swapped: No space left on device"


def test_the_death_of_the_swapper_stops_the_run() -> None:
    def kill(_done: int) -> None:
        names = {child.pid: child.cmdline() for child in psutil.Process().children()}
        for pid in names:
            if Path(f"/proc/{pid}/comm").read_text().strip() == "swapper":
                os.kill(pid, signal.SIGKILL)

    long = process("A", cpu(60_000), memory=PAGE)
    run = run_real(given(swapping(3), long), ms(20_000), kill)
    assert run.stopped == "the process that swaps programs died"


def test_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = {child.pid for child in psutil.Process().children()}
    gc.collect()
    files = len(list(Path("/proc/self/fd").iterdir()))
    run_real(given(swapping(3), EDITOR, *OTHERS))
    assert list(tmp_path.iterdir()) == []
    assert {child.pid for child in psutil.Process().children()} == before
    gc.collect()
    assert len(list(Path("/proc/self/fd").iterdir())) == files


def test_a_worker_stands_still_while_it_is_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would load its program into what is another's by then."""
    slow = Partition.load

    def load(its: Partition) -> None:
        slow(its)
        slow(its)

    monkeypatch.setattr(Partition, "load", load)
    sleeper = process("A", io(150), cpu(10), memory=200 * PAGE)
    other = process("B", cpu(100), memory=200 * PAGE)
    run = run_real(given(swapping(300, per_page=1), sleeper, other))
    assert run.stopped is None and check(run) == []


@pytest.mark.parametrize("arrival", [5, 15])  # A is out at the end of its burst, or while it waits
def test_a_process_that_is_out_stands_still_and_may_end_when_it_is_back(
    arrival: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[bool] = []
    came_back = Partitions.come_back

    def watched(partitions: Partitions, worker: WorkerHandle, region: Region) -> None:
        stopped.append(Path(f"/proc/{worker.pid}/stat").read_text().split()[2] == "T")
        came_back(partitions, worker, region)

    monkeypatch.setattr(Partitions, "come_back", watched)
    last = process("A", cpu(10), io(60), memory=2 * PAGE)
    third = process("C", cpu(50), memory=2 * PAGE, arrival=arrival)
    run = run_real(given(swapping(3), last, OTHERS[0], third), ms(60_000))
    assert run.stopped is None and check(run) == []
    assert [row.exitcode for row in run.processes] == [0, 0, 0]
    assert stopped and all(stopped)
