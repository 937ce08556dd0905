"""All of Linux's classes on the simulated machine against the slow oracle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kernel.linux.policy
import kernel.linux.realtime
from kernel.policies import POLICIES
from kernel.process.linux_attributes import Attributes
from kernel.process.program import CPU, WAIT, Program
from kernel.process.spec import ProcessSpec
from kernel.workload import SchedulerSpec, Workload
from sim import simulate
from tests.effort import cases
from tests.sim.oracle.classes import Cfs, Client, Fair, Machine, Server
from tests.sim.test_oracle_linux import runs_of
from timeline.laws.check import check

TICK = 4  # ns
SERVER_PERIOD, LEAST_MOVE = 120, 2  # ns, instead of 1 s and 1 ms
QUARTER = 250_000  # ns: all times of CFS are multiples
UNTIL = 20_000  # steps


@pytest.fixture(autouse=True, scope="module")
def small_periods() -> object:
    """The fair server with periods that an oracle can step through."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel.linux.policy, "SERVER_PERIOD", SERVER_PERIOD)
        patch.setattr(kernel.linux.realtime, "LEAST_MOVE", LEAST_MOVE)
        yield


def workload(jobs: Sequence[Client], policy: str, *, cores: int = 1, **given: object) -> Workload:
    kind = POLICIES[policy]
    scheduler = SchedulerSpec(policy, kind, {**kind.parameters(), **given})
    if cores > 1:
        scheduler = replace(scheduler, queues="per-core", balance="steal")
    specs = [
        ProcessSpec(
            index,
            f"P{index}",
            job.arrival,
            Program.of((WAIT if at % 2 else CPU, ns) for at, ns in enumerate(job.steps)),
            nice=job.nice,
            period=job.period or None,
            deadline=job.relative or None,
            linux=Attributes(job.kind, job.rt_priority, job.slice, job.runtime or None),
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


def programs(longest: int, unit: int = 1) -> st.SearchStrategy[list[int]]:
    steps = st.lists(st.integers(1, longest).map(lambda n: n * unit), min_size=1, max_size=5)
    return steps.filter(lambda found: len(found) % 2 == 1)


ARRIVALS = st.integers(0, 30)
FAIR = st.builds(
    Client,
    arrival=ARRIVALS,
    steps=programs(40),
    nice=st.sampled_from([-5, 0, 0, 5]),
    kind=st.sampled_from(["other", "other", "batch", "idle"]),
    slice=st.sampled_from([None, None, 2, 6]),
)
REAL_TIME = st.builds(
    Client,
    arrival=ARRIVALS,
    steps=programs(200),
    kind=st.sampled_from(["fifo", "rr", "rr"]),
    rt_priority=st.integers(1, 2),
)


@st.composite
def dated(draw: st.DrawFn) -> Client:
    runtime = draw(st.integers(1, 12))
    relative = runtime + draw(st.integers(0, 20))
    period = relative + draw(st.integers(0, 20))
    steps = draw(programs(30))
    arrival = draw(ARRIVALS)
    return Client(
        arrival, steps, kind="deadline", runtime=runtime, relative=relative, period=period
    )


def agree(jobs: Sequence[Client], policy: str, **given: Any) -> Machine:
    """The model and the oracle, which has run."""
    run = simulate(workload(jobs, policy, **given))
    phase, forked = int(str(given["phase"])), given["arrivals"] == "forked"
    if policy == "linux":
        tick, step = TICK, 1
        base = int(str(given["base_slice"]))
        fair: Fair | Cfs = Fair(list(jobs), tick=tick, phase=phase, base=base, forked=forked)
    else:
        tick, step = int(1e9) // int(str(given["hz"])), QUARTER
        fair = Cfs(jobs, tick=tick, phase=phase, factor=1)
        Fair(list(jobs), tick=tick, phase=phase, base=1, forked=forked)  # for the weights
    server = Server(int(str(given["fair_server"])), SERVER_PERIOD, LEAST_MOVE)
    rr_ticks = int(str(given["rr_slice"])) // tick
    machine = Machine(
        jobs,
        fair,
        server,
        tick=tick,
        phase=phase,
        rr_ticks=rr_ticks,
        forked=forked,
        step=step,
    )
    machine.run(until=UNTIL * step)
    assert [runs_of(run, at) for at in range(len(jobs))] == [job.runs for job in jobs]
    return machine


MANY = settings(max_examples=cases(500), suppress_health_check=list(HealthCheck))
HZ = 1_000_000_000 // TICK
ANY = {
    "phase": st.integers(0, TICK - 1),
    "base": st.integers(1, 9),
    "arrivals": st.sampled_from(["woken", "forked"]),
}


@MANY
@given(
    jobs=st.lists(st.one_of(FAIR, REAL_TIME), min_size=1, max_size=5),
    server=st.sampled_from([0, 0, 10, 25]),
    rr=st.integers(1, 4),
    **ANY,
)
def test_real_time_and_its_fair_server_as_the_slow_oracle(
    jobs: list[Client], phase: int, base: int, arrivals: str, server: int, rr: int
) -> None:
    agree(
        jobs,
        "linux",
        hz=HZ,
        phase=phase,
        base_slice=base,
        arrivals=arrivals,
        fair_server=server,
        rr_slice=rr * TICK,
    )


@MANY
@given(
    jobs=st.lists(st.one_of(dated(), dated(), FAIR, REAL_TIME), min_size=1, max_size=5),
    server=st.sampled_from([0, 10]),
    **ANY,
)
def test_deadlines_as_the_slow_oracle(
    jobs: list[Client], phase: int, base: int, arrivals: str, server: int
) -> None:
    agree(
        jobs,
        "linux",
        hz=HZ,
        phase=phase,
        base_slice=base,
        arrivals=arrivals,
        fair_server=server,
        rr_slice=8,
    )


@MANY
@given(
    jobs=st.lists(
        st.builds(
            Client,
            arrival=ARRIVALS.map(lambda n: n * QUARTER),
            steps=programs(60, QUARTER),
            nice=st.sampled_from([-20, -5, 0, 0, 1, 5, 19]),
            kind=st.sampled_from(["other", "other", "other", "batch", "idle"]),
        ),
        min_size=1,
        max_size=10,
    ),
    hz=st.sampled_from([250, 1000]),
    phase=st.integers(0, 3),
    arrivals=ANY["arrivals"],
)
def test_cfs_as_the_slow_oracle(jobs: list[Client], hz: int, phase: int, arrivals: str) -> None:
    agree(
        jobs,
        "cfs",
        hz=hz,
        phase=phase * QUARTER,
        base_slice=700_000,
        arrivals=arrivals,
        fair_server=0,
        rr_slice=100_000_000,
    )


@MANY
@given(
    jobs=st.lists(st.one_of(dated(), FAIR, REAL_TIME), min_size=1, max_size=7),
    policy=st.sampled_from(["linux", "cfs"]),
    cores=st.integers(2, 4),
    server=st.sampled_from([0, 10]),
    **ANY,
)
def test_on_several_cores_all_classes_keep_the_laws(
    jobs: list[Client],
    policy: str,
    cores: int,
    phase: int,
    base: int,
    arrivals: str,
    server: int,
) -> None:
    run = simulate(
        workload(
            jobs,
            policy,
            cores=cores,
            hz=HZ,
            phase=phase,
            base_slice=base,
            arrivals=arrivals,
            fair_server=server,
            rr_slice=8,
        )
    )
    assert check(run) == []
