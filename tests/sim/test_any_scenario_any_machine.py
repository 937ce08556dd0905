"""Every shipped scenario under any policy, on any number of cores, keeps the laws, and soon."""

from __future__ import annotations

from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kernel.policies import POLICIES
from kernel.units import seconds
from language import Options, ScenarioError, load
from sim import simulate
from sim.time_limits import within
from tests.effort import cases
from tests.paths import SCENARIOS
from timeline.laws.check import check

SHIPPED = sorted((SCENARIOS).rglob("*.yaml"))
LIMITS = {"steps": 20_000, "processes": 2_000}
PATIENCE = seconds(20)
CHANCES = {
    "scheduler.queues": ["per-core", "global"],
    "scheduler.balance": ["none", "steal", "push"],
    "machine.costs": ["{switch: 20us, dispatch: 5us, migration: 50us}"],
}
LINUX = {
    "scheduler.high_resolution": ["true", "false"],
    "scheduler.watching": ["true", "false"],
    "scheduler.arrivals": ["woken", "forked"],
    "scheduler.phase": ["0", "1ms", "1234567ns"],
    "scheduler.hz": ["100", "250", "300", "1000"],
    "scheduler.fair_server": ["0", "20ms"],
    "scheduler.base_slice": ["700us", "2.8ms", "3ms"],
}


@st.composite
def settings_of(draw: st.DrawFn, policy: str) -> tuple[str, ...]:
    """What `--set` changes."""
    keys = CHANCES | (LINUX if POLICIES[policy].left_to_the_machine else {})
    chosen = draw(st.lists(st.sampled_from(sorted(keys)), unique=True, max_size=6))
    return tuple(f"{key}={draw(st.sampled_from(keys[key]))}" for key in chosen)


@settings(max_examples=cases(250))
@given(
    data=st.data(),
    file=st.sampled_from(SHIPPED),
    policy=st.sampled_from([*POLICIES, "linux", "linux", "cfs", "cfs"]),
    cores=st.sampled_from([None, 1, 2, 3, 4]),
)
def test_any_scenario_on_any_machine_keeps_the_laws(
    data: st.DataObject, file: Path, policy: str, cores: int | None
) -> None:
    sets = data.draw(settings_of(policy))
    try:
        workload = load(
            file, Options(policy=policy, cores=cores, sets=sets, limits=LIMITS)
        ).workload
    except ScenarioError:  # what does not go together
        assume(False)
    run = simulate(workload, within(PATIENCE, lambda _: None))
    assert check(run) == []
