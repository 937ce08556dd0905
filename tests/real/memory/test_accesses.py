"""Memory steps on real processes: accesses are real, and so is the death by one of them."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from kernel.hardware import MemorySpec
from kernel.process.memory_steps import ALLOC, FREE, TOUCH
from kernel.units import ms
from kernel.workload import Workload
from real import run_real
from real.host import syscalls
from real.memory.partition import Partition
from sim import simulate
from tests.real.workloads import cpu, io, process, run_undisturbed, workload
from timeline.laws.check import check
from timeline.record.run import Run

pytestmark = pytest.mark.real
PAGE = syscalls.PAGE
SPEC = MemorySpec(3 * PAGE, (PAGE, PAGE, PAGE))


def of(*steps: tuple[int, int], spec: MemorySpec = SPEC) -> Workload:
    """A program of these steps in half a page, between two others with a page each."""
    others = cpu(10), io(10), (TOUCH, 0), (TOUCH, PAGE - 1), cpu(10)
    return workload(
        process("before", *others, memory=PAGE),
        process("it", cpu(5), *steps, cpu(5), io(5), cpu(5), memory=PAGE // 2),
        process("behind", *others, memory=PAGE),
        memory=spec,
    )


def exitcodes(run: Run) -> list[int | None]:
    return [row.exitcode for row in run.processes]


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ([(TOUCH, 0), (TOUCH, PAGE - 1)], 0),
        ([(ALLOC, PAGE // 2), (FREE, 8), (ALLOC, 8)], 0),
        ([(TOUCH, PAGE)], -11),
        ([(TOUCH, 3 * PAGE - 1)], -11),
        ([(ALLOC, PAGE // 2 + 1)], 1),
        ([(FREE, 1)], 1),
    ],
)
def test_a_program_ends_as_in_the_model_and_the_others_are_unharmed(
    steps: list[tuple[int, int]], code: int
) -> None:
    given = of(*steps)
    run = run_real(given)
    assert run.stopped is None
    assert exitcodes(run) == exitcodes(simulate(given)) == [0, code, 0]
    assert check(run) == []


def test_what_happened_in_memory_is_what_happens_in_the_model() -> None:
    given = of((TOUCH, 7), (ALLOC, 8), cpu(5), (TOUCH, 2 * PAGE))
    simulated, real = simulate(given), run_undisturbed(given)
    assert [event[1:] for event in real.memory_events] == [e[1:] for e in simulated.memory_events]
    [fault] = [event for event in real.memory_events if event.event == "fault"]
    assert fault.at_ns == real.processes[1].completion_ns


@pytest.mark.parametrize(
    "spec",
    [
        MemorySpec(3000, (1000, 1000, 1000)),
        MemorySpec(4096, scheme="buddy", min_block=1024),
        MemorySpec(4096, scheme="variable"),
    ],
    ids=["fixed", "buddy", "variable"],
)
def test_limits_of_scaled_regions_are_exact(spec: MemorySpec) -> None:
    limit = 1024 if spec.scheme == "buddy" else 1000 if spec.partitions else 900
    for address, code in [(limit - 1, 0), (limit, -11)]:
        given = workload(process("A", cpu(2), (TOUCH, address), cpu(2), memory=900), memory=spec)
        assert exitcodes(run_real(given)) == exitcodes(simulate(given)) == [code]


def test_the_farthest_address_from_the_highest_base_is_still_reserved() -> None:
    spec = MemorySpec(1 << 20, (PAGE, PAGE))  # most of the machine is in no partition
    far = process("far", cpu(5), (TOUCH, (1 << 20) - 1), cpu(5), memory=1)
    given = workload(process("near", cpu(5), memory=1), far, memory=spec)
    assert exitcodes(run_real(given)) == [0, -11]


def test_the_systems_view_of_each_worker_is_recorded_even_if_it_dies_of_itself() -> None:
    run = run_real(of((TOUCH, PAGE)))
    views = {seen.process: seen.value for seen in run.observations if seen.name == "psutil"}
    assert sorted(views) == ["before", "behind", "it"]
    assert all(view["rss"] >= view["shared"] >= PAGE for view in views.values())


def test_a_fault_in_the_middle_of_io_and_one_at_the_very_start() -> None:
    first = process("A", (TOUCH, PAGE), cpu(5), memory=1)
    second = process("B", io(5), (TOUCH, PAGE), io(5), memory=1)
    run = run_real(workload(first, second, memory=SPEC))
    assert exitcodes(run) == [-11, -11]
    assert check(run) == []


def test_the_partition_of_a_dead_process_goes_to_one_that_waits_for_it() -> None:
    bad = process("A", cpu(5), (TOUCH, PAGE), cpu(5), memory=1)
    run = run_real(workload(bad, process("B", cpu(5), memory=1), memory=MemorySpec(PAGE, (PAGE,))))
    assert exitcodes(run) == [-11, 0]
    assert [e.event for e in run.memory_events] == [
        *("placed", "waits", "fault", "freed", "placed", "freed")
    ]
    assert check(run) == []


@pytest.fixture
def core_files_allowed() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, before)


@pytest.mark.usefixtures("core_files_allowed")
def test_a_fault_leaves_no_core_file_no_words_and_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    before = {child.pid for child in psutil.Process().children()}
    was_on = faulthandler.is_enabled()
    faulthandler.enable()
    try:
        run = run_real(of((TOUCH, PAGE)))
    finally:
        if not was_on:
            faulthandler.disable()
    assert exitcodes(run) == [0, -11, 0]
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")
    assert {child.pid for child in psutil.Process().children()} == before


def test_a_death_by_that_signal_elsewhere_stops_the_run() -> None:
    """Only its own memory step may kill a program, not a signal that comes earlier."""
    before = {child.pid for child in psutil.Process().children()}
    killed: list[int] = []

    def kill_the_last_worker(_done: int) -> None:
        if not killed:
            workers = [c.pid for c in psutil.Process().children() if c.pid not in before]
            killed.append(max(workers))
            os.kill(killed[0], signal.SIGSEGV)

    long = process("A", cpu(60_000), (TOUCH, PAGE), memory=1)
    run = run_real(workload(long, memory=SPEC), ms(20_000), kill_the_last_worker)
    assert run.stopped == "A was killed by signal 11 in the middle of its program"


# -- isolation ------------------------------------------------------------------------------------


def test_a_program_that_finds_a_foreign_byte_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    load = Partition.load

    def spoiled(its: Partition) -> None:
        load(its)
        with its.access() as start:
            ctypes.memset(start + its.size - 1, 0, 1)

    monkeypatch.setattr(Partition, "load", spoiled)
    run = run_real(workload(process("A", cpu(5), memory=1), memory=SPEC))
    assert (
        run.stopped == "isolation is broken: A found bytes that are not its own at 0 from its base"
    )


def test_an_access_outside_that_does_not_kill_its_process_stops_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write = Partition.write

    def spoiled(its: Partition, offset: int) -> None:
        with its.access() as start:
            syscalls.protect(start, 2 * its.size, accessible=True)
        write(its, offset)

    monkeypatch.setattr(Partition, "write", spoiled)
    bad = process("A", cpu(5), (TOUCH, PAGE), cpu(5), memory=1)
    run = run_real(workload(bad, memory=SPEC))
    assert run.stopped == "isolation is broken: A should have ended with -11, and ended with 0"


def test_memory_steps_follow_their_partition() -> None:
    """B is moved while it waits, and touches all of its partition before and after that."""
    ends = [(TOUCH, 0), (TOUCH, 3 * PAGE - 1)]
    given = workload(
        process("A", cpu(10), memory=2 * PAGE),
        process("B", *ends, cpu(10), io(60), *ends, cpu(10), (TOUCH, 3 * PAGE), memory=3 * PAGE),
        process("C", cpu(10), memory=2 * PAGE),
        process("D", cpu(10), memory=4 * PAGE, arrival=5),
        policy="fcfs",
        memory=MemorySpec(7 * PAGE, scheme="variable", compaction="when-needed"),
    )
    simulated, real = simulate(given), run_undisturbed(given)
    assert exitcodes(real) == exitcodes(simulated) == [0, -11, 0, 0]
    assert check(simulated) == check(real) == []
    steps = [event[1:] for event in real.memory_events if event.process == "B"]
    assert steps == [e[1:] for e in simulated.memory_events if e.process == "B"]
    assert [base // PAGE for event, _, base, _ in steps if event == "touch"] == [2, 4, 0, 2]
