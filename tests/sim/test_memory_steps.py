"""Memory steps on the simulated machine: when they happen, and what ends with them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.hardware import MemorySpec
from kernel.process.memory_steps import ALLOC, EXITCODES, FREE, TOUCH
from kernel.process.program import CPU, WAIT
from kernel.units import ms
from kernel.workload import Workload
from sim import simulate
from tests.effort import cases
from tests.real.workloads import cpu, io, process, workload
from timeline.laws.check import check
from timeline.record.run import Run

PARTITIONS = MemorySpec(200, (100, 100))
BAD = (TOUCH, 100)


def of(*processes: dict[str, Any], **others: Any) -> Workload:
    return workload(*processes, **{"memory": PARTITIONS, **others})


def program_events(run: Run) -> list[tuple[int, str, str, int, int]]:
    """Those that are not of partitions, in ms."""
    return [
        (row.at_ns // ms(1), row.event, *row[2:])
        for row in run.memory_events
        if row.event not in ("placed", "freed", "waits")
    ]


def test_a_mark_happens_when_its_burst_has_had_so_much_of_the_cpu() -> None:
    steps = [cpu(15), (ALLOC, 30), (TOUCH, 99), cpu(10), io(5), (FREE, 10), cpu(1)]
    run = simulate(of(process("A", cpu(40), memory=100), process("B", *steps, memory=60)))
    # A 0-10, B 10-20, A 20-30, B 30-40 (marks at 35), A 40-50, B 50-55, A 55-65, B: the third
    assert program_events(run) == [
        (35, "alloc", "B", 160, 30),
        (35, "touch", "B", 199, 1),
        (65, "free", "B", 180, 10),
    ]
    assert [row.exitcode for row in run.processes] == [0, 0]
    assert check(run) == []


@pytest.mark.parametrize(
    ("step", "event", "code", "why"),
    [(BAD, "fault", -11, "killed"), ((ALLOC, 41), "refused", 1, "ended")],
)
def test_a_program_ends_where_its_memory_does(
    step: tuple[int, int], event: str, code: int, why: str
) -> None:
    run = simulate(of(process("A", cpu(5), step, cpu(10), io(5), memory=60)))
    row = run.processes[0]
    assert (row.exitcode, row.completion_ns, row.cpu_ns, row.demand_ns) == (code, *[ms(5)] * 3)
    assert [each.event for each in run.memory_events] == ["placed", event, "freed"]
    assert [interval.why for interval in run.intervals] == [why]
    assert check(run) == []


def test_what_it_held_goes_to_who_waits_for_it() -> None:
    bad = process("A", cpu(5), BAD, cpu(10), memory=60)
    run = simulate(of(bad, process("B", cpu(5), memory=60), memory=MemorySpec(100, (100,))))
    assert [row.admitted_ns for row in run.processes] == [0, ms(5)]
    assert check(run) == []


def test_the_job_in_which_it_is_killed_is_not_completed() -> None:
    job = cpu(5), (ALLOC, 30), io(1)
    run = simulate(
        of(
            process(
                "A", *job, (-3, 0), *job, (-3, 0), *job, memory=60, period=ms(20), deadline=ms(9)
            )
        )
    )
    assert run.processes[0].exitcode == 1
    assert [job["completion_ns"] for job in run.processes[0].jobs or ()] == [ms(6), None, None]
    assert check(run) == []


def test_a_policy_that_knows_bursts_knows_the_one_that_is_cut() -> None:
    short = process("short", cpu(5), memory=10)
    long = process("long", cpu(2), BAD, cpu(50), memory=10)
    run = simulate(of(short, long, policy="sjf"))
    assert [row.completion_ns for row in run.processes] == [ms(7), ms(2)]


def test_a_program_with_no_partition_is_not_concerned() -> None:
    run = simulate(of(process("A", cpu(5), BAD, memory=60), memory=None))
    assert run.processes[0].exitcode == 0 and run.memory_events == []


STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from([CPU, CPU, WAIT]), st.integers(1, 9)),
        st.tuples(st.sampled_from([ALLOC, FREE]), st.integers(1, 4)),
        st.tuples(st.just(TOUCH), st.integers(0, 12)),
    ),
    min_size=1,
    max_size=8,
)
SPECS = st.sampled_from(
    [
        MemorySpec(10, (10,)),
        MemorySpec(20, (10, 10), queues="per-partition"),
        MemorySpec(16, scheme="buddy", min_block=2),
        MemorySpec(14, scheme="variable", fit="best"),
    ]
)


@settings(max_examples=cases(200))
@given(
    programs=st.lists(st.tuples(STEPS, st.integers(0, 10), st.integers(0, 20)), max_size=6),
    spec=SPECS,
    policy=st.sampled_from(["rr", "srtf", "mlfq"]),
    cores=st.integers(1, 2),
)
def test_programs_with_memory_steps_at_random_break_no_law(
    programs: list[tuple[list[tuple[int, int]], int, int]],
    spec: MemorySpec,
    policy: str,
    cores: int,
) -> None:
    processes = [
        process(f"P{number}", *steps, memory=memory) | {"arrival": arrival}
        for number, (steps, memory, arrival) in enumerate([*programs, ([cpu(1)], 1, 0)])
    ]
    run = simulate(workload(*processes, policy=policy, cores=cores, memory=spec))
    assert check(run) == []
    ended = {e.process for e in run.memory_events if e.event in EXITCODES}
    assert ended == {row.name for row in run.processes if row.exitcode}
    assert [e.at_ns for e in run.memory_events] == sorted(e.at_ns for e in run.memory_events)
