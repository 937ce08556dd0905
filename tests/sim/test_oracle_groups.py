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
    are_scheduled_alike(jobs, groups, places, phase=phase, base=base)


def are_scheduled_alike(
    jobs: Sequence[Member],
    groups: Sequence[Group],
    places: Sequence[Group | None],
    *,
    phase: int,
    base: int,
) -> None:
    """Hold the model to the oracle; `places[i]` is the group of job i."""
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


@pytest.mark.usefixtures("_small_parts")
def test_of_two_groups_that_come_back_at_one_instant_the_one_used_first_is_queued_first() -> None:
    first, second = (Group(name, weight=1, quota=5, period=20) for name in ("b", "a"))
    jobs = [Member(0, [steps], nice=-5) for steps in (1, 7, 1, 9)]
    places = [None, first, None, second]
    # The groups stand in the scenario in the other order.
    are_scheduled_alike(jobs, [second, first], places, phase=0, base=1)
    run = simulate(in_groups(workload(jobs, phase=0, base_slice=1), places))
    assert runs_of(run, 1)[-1] == (20, 21)
    assert runs_of(run, 3)[-1] == (21, 22)


OTHER, LIMITED = Group("a", period=20), Group("a", quota=5, period=40)
FOUND: dict[str, tuple[list[Member], list[Group], list[int | None], tuple[int, int]]] = {
    "what a core does not need goes back when it becomes idle": (
        [Member(9, [1, 10, 13], nice=-5), Member(9, [1], nice=-5)],
        [Group("a", weight=1, quota=5, period=20)],
        [0, 0],
        (0, 1),
    ),
    "a job that leaves a group in a group shortens what both ask for": (
        [Member(24, [2]), Member(13, [1, 3, 7], kind="idle"), Member(22, [1, 3, 1], slice=2)],
        [OTHER, Group("b", parent=OTHER)],
        [None, 1, 1],
        (0, 6),
    ),
    "I/O that is over when the period begins comes before the group": (
        [Member(5, [5, 30, 1]), Member(8, [1], nice=5), Member(22, [19])],
        [LIMITED, Group("b", parent=LIMITED)],
        [1, 0, None],
        (0, 1),
    ),
    "an empty group that comes back disturbs no other": (
        [Member(0, [5]), Member(0, [6]), Member(2, [11]), Member(8, [10], slice=2)],
        [Group("a", 30), Group("b", quota=5, period=30, parent=Group("a", 30))],
        [1, None, 0, 0],
        (0, 3),
    ),
    "a throttled group with delayed jobs alone leaves when it comes back": (
        [
            Member(1, [28]),
            Member(28, [8, 27, 12]),
            Member(1, [19, 15, 7, 25, 1], slice=2),
            Member(1, [16, 21, 1], kind="idle", slice=2),
        ],
        [
            whole := Group("a", quota=30, period=42),
            Group("b", 10_000, parent=whole),
            Group("c", parent=whole),
        ],
        [2, 1, 0, 2],
        (3, 1),
    ),
}
"""Jobs, groups, the number of each job's group, and the tick's phase with the base slice."""


@pytest.mark.parametrize("name", FOUND)
@pytest.mark.usefixtures("_small_parts")
def test_what_random_cases_have_found(name: str) -> None:
    jobs, groups, numbers, (phase, base) = FOUND[name]
    places = [None if number is None else groups[number] for number in numbers]
    fresh = [replace(job, runs=[]) for job in jobs]
    are_scheduled_alike(fresh, groups, places, phase=phase, base=base)


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
