"""Control groups on the simulated machine against the slow oracle, and what they promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.linux import bandwidth
from kernel.linux.group_tree import shares_of
from kernel.process.linux_attributes import Group
from kernel.workload import Workload
from sim import simulate
from tests.effort import cases
from tests.sim.oracle.groups import Box, Member, Tree
from tests.sim.test_oracle_linux import runs_of, workload
from timeline.laws.check import check
from timeline.record.run import Run

TICK = 4  # ns
FETCHED, KEPT = 10, 2  # ns, instead of 5 ms and 1 ms
MANY = settings(max_examples=cases(500), suppress_health_check=list(HealthCheck))

JOBS = st.builds(
    Member,
    arrival=st.integers(0, 30),
    steps=st.lists(st.integers(1, 30), min_size=1, max_size=5).filter(lambda found: len(found) % 2),
    nice=st.sampled_from([-5, 0, 0, 5]),
    kind=st.sampled_from(["other", "other", "batch", "idle"]),
    slice=st.sampled_from([None, None, 2, 6]),
)


@st.composite
def forests(draw: st.DrawFn) -> tuple[list[Member], list[Group]]:
    """Jobs and groups; `box` of a job is set later, by `places`."""
    groups: list[Group] = []
    for number in range(draw(st.integers(1, 4))):
        parent = draw(st.sampled_from([None, *groups]))
        period = draw(st.integers(20, 50))
        quota = draw(st.one_of(st.none(), st.integers(5, 30)))
        weight = draw(st.sampled_from([1, 30, 100, 100, 333, 10_000]))
        groups.append(Group(f"g{number}", weight, quota, period, parent))
    return draw(st.lists(JOBS, min_size=1, max_size=6)), groups


def in_groups(made: Workload, places: Sequence[Group | None]) -> Workload:
    specs = [
        replace(spec, linux=replace(spec.linux, group=group))
        for spec, group in zip(made.processes, places, strict=True)
    ]
    return replace(made, processes=tuple(specs))


@pytest.fixture
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bandwidth, "SLICE", FETCHED)
    monkeypatch.setattr(bandwidth, "KEPT", KEPT)


@MANY
@given(forest=forests(), data=st.data(), phase=st.integers(0, TICK - 1), base=st.integers(1, 9))
@pytest.mark.usefixtures("_small_parts")
def test_groups_are_scheduled_as_by_the_slow_oracle(
    forest: tuple[list[Member], list[Group]], data: st.DataObject, phase: int, base: int
) -> None:
    jobs, groups = forest
    places = [data.draw(st.sampled_from([None, *groups])) for _ in jobs]
    run = simulate(in_groups(workload(jobs, phase=phase, base_slice=base), places))
    boxes: dict[Group | None, Box | None] = {None: None}
    for group in groups:
        boxes[group] = Box(
            0,
            (),
            around=boxes[group.parent],
            shares=shares_of(group),
            quota=group.quota,
            period=group.period,
        )
    for job, place in zip(jobs, places, strict=True):
        job.box = boxes[place]
    found = [box for box in boxes.values() if box is not None]
    tree = Tree(jobs, found, tick=TICK, phase=phase, base=base, fetched=FETCHED, kept=KEPT)
    tree.run(until=50_000)
    assert [runs_of(run, at) for at in range(len(jobs))] == [job.runs for job in jobs]
    assert list(check(run)) == []


HOGS = [Member(0, [400]) for _ in range(3)]


def had(run: Run, process: int, until: int) -> int:
    """The CPU time of a process up to then, ns."""
    return sum(min(end, until) - start for start, end in runs_of(run, process) if start < until)


@pytest.mark.parametrize(("weights", "share"), [((100, 100), 0.5), ((300, 100), 0.75)])
def test_two_groups_share_by_weight_however_many_are_in_them(
    weights: tuple[int, int], share: float
) -> None:
    one, other = (Group(name, weight) for name, weight in zip("ab", weights, strict=True))
    run = simulate(in_groups(workload(HOGS, phase=0, base_slice=4), [one, other, other]))
    assert had(run, 0, 400) == pytest.approx(400 * share, abs=8)
    assert had(run, 1, 400) == pytest.approx(had(run, 2, 400), abs=8)


@pytest.mark.usefixtures("_small_parts")
def test_a_limited_group_gets_its_quota_and_waits_beside_an_idle_core() -> None:
    limited = Group("a", quota=20, period=100)
    run = simulate(in_groups(workload(HOGS[:1], phase=0, base_slice=4), [limited]))
    assert runs_of(run, 0)[:3] == [(0, 20), (100, 120), (200, 220)]
    assert list(check(run)) == []


@pytest.mark.usefixtures("_small_parts")
def test_what_it_ran_too_much_is_taken_off_the_next_period() -> None:
    limited = Group("a", quota=22, period=100)
    run = simulate(in_groups(workload(HOGS[:1], phase=0, base_slice=4), [limited]))
    assert runs_of(run, 0)[:3] == [(0, 24), (100, 120), (200, 224)]


@pytest.mark.usefixtures("_small_parts")
def test_the_cores_share_one_quota() -> None:
    limited = Group("a", quota=40, period=100)
    made = in_groups(workload(HOGS[:2], cores=2, phase=0, base_slice=4), [limited, limited])
    run = simulate(made)
    assert had(run, 0, 400) + had(run, 1, 400) == pytest.approx(160, abs=8)


def test_a_group_splits_its_weight_by_its_load_on_each_core() -> None:
    spread, alone = Group("a"), Group("b")
    made = in_groups(workload(HOGS, cores=2, phase=0, base_slice=4), [spread, spread, alone])
    pinned = [
        replace(spec, cores=(core,)) for spec, core in zip(made.processes, (0, 1, 1), strict=True)
    ]
    run = simulate(replace(made, processes=tuple(pinned)))
    assert had(run, 1, 300) == pytest.approx(100, abs=16)  # 512 beside 1024


def test_a_process_in_a_group_does_not_preempt_by_its_own_weight() -> None:
    small = Group("a", weight=1)
    hogs = [Member(0, [200], nice=-5), Member(0, [200], nice=5)]
    run = simulate(in_groups(workload(hogs, phase=0, base_slice=4), [small, None]))
    assert had(run, 1, 200) > 180
