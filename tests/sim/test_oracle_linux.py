"""EEVDF on the simulated machine against the slow oracle, and what its accounts promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.linux.eevdf import Eevdf
from kernel.linux.task import Task
from kernel.linux.waiting import WaitingTasks
from kernel.policies import POLICIES
from kernel.process.linux_attributes import Attributes
from kernel.process.program import CPU, WAIT, Program
from kernel.process.spec import ProcessSpec
from kernel.process.states import State
from kernel.workload import SchedulerSpec, Workload
from sim import simulate
from tests.effort import cases
from tests.sim.oracle.linux import Clock, Job
from timeline.laws.check import check
from timeline.record.run import Run

TICK = 4  # ns; so a second has 250,000,000
HZ = 1_000_000_000 // TICK


def workload(
    jobs: Sequence[Job], policy: str = "linux", *, cores: int = 1, **given: object
) -> Workload:
    """The jobs as a workload; their times are ns."""
    kind = POLICIES[policy]
    parameters = {**kind.parameters(), "hz": HZ, "fair_server": 0, **given}
    scheduler = SchedulerSpec(policy, kind, parameters)
    if cores > 1:
        scheduler = replace(scheduler, queues="per-core", balance="steal")
    specs = [
        ProcessSpec(
            index,
            f"P{index}",
            job.arrival,
            Program.of((WAIT if at % 2 else CPU, ns) for at, ns in enumerate(job.steps)),
            nice=job.nice,
            linux=Attributes(job.kind, slice=job.slice),
        )
        for index, job in enumerate(jobs)
    ]
    source: dict[str, Any] = {
        "title": "t",
        "about": None,
        "file": "",
        "text": "",
        "overrides": [],
        "seed": 0,
    }
    source["sha256"] = ""
    return Workload(source, cores, (), None, scheduler, tuple(specs))


def runs_of(run: Run, process: int) -> list[tuple[int, int]]:
    """When it ran; what follows without a gap is one."""
    found: list[tuple[int, int]] = []
    for row in run.intervals:
        if row.process == process and row.state == State.RUNNING:
            if found and found[-1][1] == row.start:
                found[-1] = found[-1][0], row.end
            else:
                found.append((row.start, row.end))
    return found


def programs(longest: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(1, longest), min_size=1, max_size=5).filter(lambda s: len(s) % 2)


JOBS = st.lists(
    st.builds(
        Job,
        arrival=st.integers(0, 30),
        steps=programs(30),
        nice=st.sampled_from([-20, -5, 0, 0, 0, 1, 5, 10, 19]),
        kind=st.sampled_from(["other", "other", "other", "batch", "idle"]),
        slice=st.sampled_from([None, None, 1, 2, 6, 12]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=cases(200), suppress_health_check=[HealthCheck.too_slow])
@given(
    jobs=JOBS,
    phase=st.integers(0, TICK - 1),
    base=st.integers(1, 9),
    forked=st.booleans(),
)
def test_the_model_schedules_as_the_slow_oracle(
    jobs: list[Job], phase: int, base: int, forked: bool
) -> None:
    arrivals = "forked" if forked else "woken"
    run = simulate(workload(jobs, phase=phase, base_slice=base, arrivals=arrivals))
    Clock(jobs, tick=TICK, phase=phase, base=base, forked=forked).run(until=20_000)
    assert [runs_of(run, at) for at in range(len(jobs))] == [job.runs for job in jobs]


@settings(max_examples=cases(200))
@given(
    jobs=JOBS,
    cores=st.integers(1, 4),
    policy=st.sampled_from(["linux", "cfs"]),
    phase=st.integers(0, TICK - 1),
    base=st.integers(1, 9),
    forked=st.booleans(),
)
def test_records_keep_the_laws(
    jobs: list[Job], cores: int, policy: str, phase: int, base: int, forked: bool
) -> None:
    arrivals = "forked" if forked else "woken"
    run = simulate(
        workload(jobs, policy, cores=cores, phase=phase, base_slice=base, arrivals=arrivals)
    )
    assert check(run) == []


@settings(max_examples=cases(200))
@given(
    jobs=JOBS,
    phase=st.integers(0, TICK - 1),
    base=st.integers(1, 9),
)
def test_who_is_looked_at_no_more_than_need_be_runs_as_if_it_were_always(
    jobs: list[Job], phase: int, base: int
) -> None:
    wanted = workload(jobs, phase=phase, base_slice=base, high_resolution=True)
    sparing = simulate(wanted)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Eevdf, "over_in", lambda queue: 1 if len(queue) > 1 else None)
        always = simulate(wanted)
    for at in range(len(jobs)):
        assert runs_of(sparing, at) == runs_of(always, at)


def served(runs: Sequence[tuple[int, int]], until: int) -> int:
    """CPU time that it had by then."""
    return sum(max(0, min(end, until) - start) for start, end in runs)


@settings(max_examples=cases(25))
@given(
    nices=st.lists(st.sampled_from([0, 0, 1, 5, 10]), min_size=2, max_size=5),
    base=st.integers(1, 9),
    phase=st.integers(0, TICK - 1),
)
def test_hogs_are_never_further_from_their_shares_than_a_slice_and_a_tick(
    nices: list[int], base: int, phase: int
) -> None:
    # Lag stays within what a whole slice and a tick are worth to the one that has them.
    jobs = [Job(0, [3000], nice=nice) for nice in nices]
    run = simulate(workload(jobs, base_slice=base, phase=phase))
    weights = [{0: 1024, 1: 820, 5: 335, 10: 110}[nice] for nice in nices]
    all_runs = [runs_of(run, at) for at in range(len(jobs))]
    bound = 2 * (base + TICK)
    for until in range(0, min(runs[-1][1] for runs in all_runs), 97):
        for runs, weight in zip(all_runs, weights, strict=True):
            due = until * weight / sum(weights)
            assert abs(served(runs, until) - due) <= bound


class Ledger:
    """What each task in an EEVDF queue is owed, each time that the running one is charged, ns."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.tasks: set[Task] = set()
        self.furthest: list[tuple[int, int]] = []  # most that one is ahead, and the bound
        add, charge = WaitingTasks.add, Eevdf.charge

        def seen(queue: WaitingTasks[Task], task: Task) -> None:
            self.tasks.add(task)
            add(queue, task)

        def charged(queue: Eevdf[Task], since: int, now: int) -> bool:
            again = charge(queue, since, now)
            ahead = [
                -((queue.average - task.v) // task.pace)
                for task in self.tasks
                if task.place or task is queue.current
            ]
            self.furthest.append((max(ahead), max(queue._all_slices()) + TICK))
            return again

        patch.setattr(WaitingTasks, "add", seen)
        patch.setattr(Eevdf, "charge", charged)


HOGS = st.lists(
    st.builds(
        Job,
        arrival=st.integers(0, 30),
        steps=st.lists(st.integers(1, 60), min_size=1, max_size=1),
        nice=st.sampled_from([-20, -5, 0, 0, 1, 5, 10, 19]),
        slice=st.sampled_from([None, None, 1, 2, 6, 12]),
    ),
    min_size=2,
    max_size=6,
)


@settings(max_examples=cases(150))
@given(jobs=HOGS, base=st.integers(1, 9), phase=st.integers(0, TICK - 1))
def test_lag_is_bounded(jobs: list[Job], base: int, phase: int) -> None:
    # No task is ahead of its share by more than a slice and a tick. All leads and lags add up to
    # nothing, so this also bounds how far a task is behind. (A task that sleeps brings back what it
    # is owed, and the others are ahead by as much more.)
    with pytest.MonkeyPatch.context() as patch:
        ledger = Ledger(patch)
        simulate(workload(jobs, base_slice=base, phase=phase))
    assert ledger.furthest
    assert all(ahead <= bound for ahead, bound in ledger.furthest)


@settings(max_examples=cases(30))
@given(nices=st.lists(st.sampled_from([-5, 0, 5, 10]), min_size=2, max_size=4))
def test_no_task_starves(nices: list[int]) -> None:
    jobs = [Job(0, [2_000], nice=nice) for nice in nices]
    run = simulate(workload(jobs, base_slice=3))
    weights = [{-5: 3121, 0: 1024, 5: 335, 10: 110}[nice] for nice in nices]
    longest = 2 * (3 + TICK) * sum(weights) / min(weights)
    for at in range(len(jobs)):
        runs = [(0, 0), *runs_of(run, at)]
        assert max(start - end for (_, end), (start, _) in pairwise(runs)) <= longest


@pytest.mark.parametrize("cores", [1, 2])
@pytest.mark.parametrize("policy", ["linux", "cfs"])
def test_equal_hogs_get_equal_shares(policy: str, cores: int) -> None:
    jobs = [Job(0, [4000]) for _ in range(4)]
    run = simulate(workload(jobs, policy, cores=cores, base_slice=2))
    half = run.makespan_ns // 2
    had = [served(runs_of(run, at), half) for at in range(4)]
    slack = 40 if policy == "linux" else 4000  # a period of cfs is longer than this run
    assert max(had) - min(had) <= slack
