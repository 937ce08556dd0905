"""Runs that were left to the machine: what is asked of them, and where differences come from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import kernel.lifecycle.threads
from kernel.units import ms
from kernel.workload import Workload
from language import load
from sim import other_phases, simulate
from timeline.comparison.causes.noise import Noise
from timeline.comparison.causes.turnaround_causes import attributions
from timeline.comparison.compare import compare
from timeline.comparison.criteria import TOLERANCES, Criterion, VerdictPart, decide, promise
from timeline.comparison.judge import in_doubt
from timeline.comparison.model import Comparison
from timeline.comparison.native.criteria import native_criteria
from timeline.comparison.native.measure import compare_native, shares
from timeline.comparison.pair import Pair
from timeline.comparison.schedule.criteria import schedule_part
from timeline.record.run import Run
from timeline.record.sorted_run import SortedRun

TICK = ms(4)

HOGS = """
title: hogs
scheduler: {policy: linux, base_slice: 1.4ms}
processes:
  - {name: A, cpu: 1s}
  - {name: B, cpu: 1s}
  - {name: C, cpu: 400ms, nice: 5}
  - {name: S, program: [{repeat: {times: 50, do: [{cpu: 1ms}, {io: 9ms}]}}]}
"""


@pytest.fixture
def hogs(tmp_path: Path) -> Workload:
    file = tmp_path / "hogs.yaml"
    file.write_text(HOGS)
    return load(file).workload


def changed(hogs: Workload, **parameters: object) -> Run:
    """The model of another machine, recorded as if it were of this one."""
    given = {**hogs.scheduler.parameters, **parameters}
    run = simulate(replace(hogs, scheduler=replace(hogs.scheduler, parameters=given)))
    return replace(run, scheduler=simulate(hogs).scheduler)


def against(hogs: Workload, other: Run) -> Comparison:
    return compare(simulate(hogs), other, other_phases(hogs))


def test_another_phase_of_the_tick_agrees(hogs: Workload) -> None:
    found = against(hogs, changed(hogs, phase=ms(1)))
    assert found.verdict == "agree"
    assert found.native is not None
    assert found.native.phases == 8
    assert "as predicted" in found.sentence


def test_the_order_of_slices_is_not_asked_for(hogs: Workload) -> None:
    found = against(hogs, changed(hogs, phase=ms(1)))
    assert not found.dispatch.same
    assert "dispatch order" not in [criterion.what for criterion in found.criteria]


def test_the_wrong_policy_disagrees(hogs: Workload) -> None:
    cfs = simulate(replace(hogs, scheduler=replace(hogs.scheduler, policy=_cfs())))
    other = replace(cfs, scheduler=simulate(hogs).scheduler)
    assert against(hogs, other).verdict == "disagree"


def _cfs() -> type:
    from kernel.policies import POLICIES

    return POLICIES["cfs"]


def test_the_wrong_slice_disagrees(hogs: Workload) -> None:
    assert against(hogs, changed(hogs, base_slice=ms(12))).verdict == "disagree"


def test_a_process_with_a_fifth_more_cpu_disagrees(hogs: Workload, tmp_path: Path) -> None:
    file = tmp_path / "more.yaml"
    file.write_text(HOGS.replace("A, cpu: 1s", "A, cpu: 1.2s"))
    other = simulate(load(file).workload)
    mine = simulate(hogs)
    rows = [
        replace(row, demand_ns=was.demand_ns)
        for row, was in zip(other.processes, mine.processes, strict=True)
    ]
    assert compare(mine, replace(other, processes=rows, scenario=mine.scenario)).verdict == (
        "disagree"
    )


def test_the_parts_of_a_difference_add_up_to_it(hogs: Workload) -> None:
    costly = simulate(replace(hogs, costs=replace(hogs.costs, switch=20_000)))
    for row in attributions(SortedRun(simulate(hogs)), SortedRun(costly)):
        parts = (row.overshoot_ns, row.io_ns, row.switching_ns, row.foreign_ns, row.late_ns)
        total = sum(parts) + row.others_overshoot_ns + row.unexplained_ns
        assert total == row.difference_ns


def test_switches_are_named_as_the_cause_of_what_they_cost(tmp_path: Path) -> None:
    file = tmp_path / "rr.yaml"
    file.write_text(
        "scheduler: {policy: rr, quantum: 10ms}\n"
        "processes: [{name: A, cpu: 100ms}, {name: B, cpu: 100ms}, {name: C, cpu: 100ms}]\n"
    )
    cheap = load(file).workload
    costly = replace(cheap, costs=replace(cheap.costs, switch=100_000))
    found = attributions(SortedRun(simulate(cheap)), SortedRun(simulate(costly)))
    assert all(row.switching_ns == row.difference_ns for row in found)
    assert [row.explained for row in found] == [1.0, 1.0, 1.0]


def test_what_agreement_will_mean_can_be_told_before_a_run() -> None:
    assert "shares differ by at most 2 points" in promise(native=True)
    assert "service curves by 4 ticks" in promise(native=True)
    assert "dispatches and completions have the same order" in promise(native=False)


def test_interruptions_however_short_leave_it_undecided() -> None:
    noise = Noise(steal=0, outsiders=0.001, broken=0.2)
    assert noise.doubt() is None
    assert noise.doubt(TICK) == "other programs interrupted 20 % as often as there are slices"


def test_a_core_that_was_lost_for_as_long_as_service_curves_may_differ_leaves_it_undecided() -> (
    None
):
    assert Noise(steal=0, outsiders=0.005, lost_ns=4 * TICK).doubt(TICK) is None
    assert Noise(steal=0, outsiders=0.005, lost_ns=4 * TICK + 1).doubt(TICK) == (
        "other programs had one of the cores for 16 ms"
    )


def test_shares_are_of_half_the_run_at_least_however_soon_the_first_program_ends(
    tmp_path: Path,
) -> None:
    file = tmp_path / "short.yaml"
    file.write_text(
        "scheduler: {policy: linux}\n"
        "processes: [{name: A, cpu: 300ms}, {name: B, cpu: 295ms}, {name: brief, cpu: 5ms}]\n"
    )
    run = simulate(load(file).workload)
    found = shares(SortedRun(run), SortedRun(run))
    assert found.until_ns == ms(300)
    assert sum(found.first) == pytest.approx(1)


def test_programs_that_ask_for_a_slice_may_get_it_in_another_order(tmp_path: Path) -> None:
    file = tmp_path / "slices.yaml"
    file.write_text(
        "scheduler: {policy: linux}\n"
        "processes: [{name: A, slice: 18ms, cpu: 200ms}, {name: B, slice: 18ms, cpu: 200ms}]\n"
    )
    run = simulate(load(file).workload)
    found = compare_native(SortedRun(run), SortedRun(run), [])
    assert found.turn_ns == ms(24)
    wanted = {each.what: each.wanted for each in native_criteria(found, Pair.of(1, 1), TOLERANCES)}
    assert wanted["service curves"] == "within 6 ticks, 24 ms"


def test_a_failed_criterion_decides_unless_something_leaves_it_in_doubt() -> None:
    failed = [Criterion("share of the CPU", "", "", False)]
    certain, doubtful = failed, in_doubt(failed, "other programs took 5 % of the cores' time")
    small = VerdictPart("small", "")
    for told, verdict in ((certain, "disagree"), (doubtful, "inconclusive")):
        schedule = schedule_part(told, "", chance_only=False)
        assert decide(schedule, small, faithful=True, lawful=True, complete=True) == verdict


THREADS = """
machine: {cores: 2}
scheduler: {policy: fair, dispatch: none}
processes: [{name: P, threads: [[{cpu: 300ms}], [{cpu: 300ms}]]}]
"""


@pytest.fixture
def threads(tmp_path: Path) -> Workload:
    file = tmp_path / "threads.yaml"
    file.write_text(THREADS)
    return load(file).workload


@pytest.mark.parametrize(
    ("turn", "verdict"), [(ms(5), "agree"), (ms(12), "agree"), (ms(20), "disagree")]
)
def test_turns_of_threads_may_be_two_ticks_longer(
    threads: Workload, turn: int, verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = simulate(threads)
    monkeypatch.setattr(kernel.lifecycle.threads, "SWITCH_INTERVAL", turn)
    found = compare(model, simulate(threads))
    assert found.verdict == verdict
    if verdict == "disagree":
        assert next(c.what for c in found.criteria if not c.holds) == "slices a second"


def test_a_time_may_be_a_few_ticks_off_where_programs_wait_for_each_other(
    threads: Workload,
) -> None:
    wanted = {c.what: c.wanted for c in compare(simulate(threads), simulate(threads)).criteria}
    assert wanted["makespan"] == "within 2 % or 16 ms"
    assert wanted["turnaround, median error"] == "within 3 % or 16 ms"
