"""The laws of memory on real processes, for workloads at random: every scheme, every rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.hardware import DeviceSpec, MemorySpec, SwapSpec
from kernel.process.memory_steps import ALLOC, TOUCH
from kernel.workload import Workload
from real import run_real
from real.host import syscalls
from sim import simulate
from tests.effort import cases
from tests.real.workloads import cpu, io, process, workload
from timeline.laws.check import check
from timeline.record.run import Run

pytestmark = pytest.mark.real
PAGE = syscalls.PAGE
EXAMPLES = cases(15)

FITS = st.sampled_from(["first", "next", "best", "worst"])
ADMISSIONS = st.sampled_from(["fifo", "skip"])
SIZES = st.lists(st.integers(2, 8).map(lambda pages: pages * PAGE), min_size=1, max_size=4)
SCHEMES = st.one_of(
    st.builds(
        lambda sizes, *rules: MemorySpec(sum(sizes), tuple(sizes), *rules), SIZES, FITS, ADMISSIONS
    ),
    st.builds(lambda sizes: MemorySpec(sum(sizes), tuple(sizes), queues="per-partition"), SIZES),
    st.builds(
        lambda pages, fit, admission, compaction: MemorySpec(
            pages * PAGE, (), fit, admission, "variable", compaction=compaction
        ),
        st.integers(4, 14),
        FITS,
        ADMISSIONS,
        st.sampled_from(["never", "when-needed"]),
    ),
    st.builds(
        lambda order, admission: MemorySpec(
            PAGE << order, admission=admission, scheme="buddy", min_block=PAGE
        ),
        st.integers(2, 4),
        ADMISSIONS,
    ),
)
SWAPS = st.one_of(
    st.none(),
    st.builds(
        SwapSpec,
        st.sampled_from(["blocked", "lowest-priority", "longest-resident"]),
        st.just(0),
        st.just(1000 * PAGE),
    ),
)


def largest(memory: MemorySpec) -> int:
    """Bytes that a program may ask for."""
    return max(memory.partitions) if memory.partitions else memory.size


@st.composite
def workloads(draw: Any) -> Workload:
    """A handful of short programs that come and go."""
    memory = draw(SCHEMES)
    most = draw(st.one_of(st.none(), st.integers(1, 3)))
    memory = replace(memory, swap=draw(SWAPS), max_resident=most)
    programs = []
    for name in "ABCDEF"[: draw(st.integers(2, 6))]:
        steps = [cpu(draw(st.integers(1, 5)))]
        for _ in range(draw(st.integers(0, 2))):
            mark = draw(st.sampled_from([[], [(TOUCH, 0)], [(ALLOC, 1)], [(TOUCH, 3 * PAGE)]]))
            steps += [io(draw(st.integers(1, 12))), *mark, cpu(draw(st.integers(1, 4)))]
        programs.append(
            process(
                name,
                *steps,
                memory=draw(st.integers(1, largest(memory) // PAGE)) * PAGE,
                arrival=draw(st.integers(0, 10)),
                priority=draw(st.integers(0, 3)),
            )
        )
    return workload(*programs, policy="fcfs", devices=(DeviceSpec("disk"),), memory=memory)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
)
@given(workloads())
def test_the_laws_hold_on_both_machines(wanted: Workload) -> None:
    simulated, real = simulate(wanted), run_real(wanted)
    assert real.stopped is None
    assert check(simulated) == [] and check(real) == []
    if regions(real) == regions(simulated):  # else a limit may be another, and so may the end
        ends = [row.exitcode for row in simulated.processes]
        assert [row.exitcode for row in real.processes] == ends


def regions(run: Run) -> list[int | None]:
    """Return the limit of each program, bytes."""
    return [None if row.memory is None else row.memory.size for row in run.processes]
