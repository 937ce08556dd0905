"""Replications: common random numbers, a scenario read once, the runs that `simulate` shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from experiments.design.seeds import seed_of
from experiments.running.bench import Bench, Span
from experiments.running.setup import Setup
from kernel.errors import MultiprogError
from language import Options, load
from sim import simulate
from tests.experiments.scenarios import OVERLAP, planned, set_up

TWO_POLICIES = {"scheduler.policy": ["rr", "srtf"]}


def bench(text: str = OVERLAP, **asked: Any) -> Bench:
    """A bench over two policies."""
    plan = planned(TWO_POLICIES, **asked)
    return Bench(set_up(text, plan))


def test_a_replication_is_what_simulate_shows_with_its_seed(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_text(OVERLAP)
    for replication in (1, 2, 9):
        options = Options(policy="srtf", seed=seed_of(7, replication))
        alone = simulate(load(file, options).workload)
        run = bench().run(1, replication)
        assert run.processes == alone.processes
        assert list(run.intervals) == list(alone.intervals)


def test_all_points_have_the_same_draws() -> None:
    made = bench()
    for replication in (1, 2, 3):
        one, other = made.run(0, replication), made.run(1, replication)
        assert [row.demand_ns for row in one.processes] == [
            row.demand_ns for row in other.processes
        ]
    assert made.run(0, 1).makespan_ns != made.run(0, 2).makespan_ns


def test_a_chunk_ends_after_its_budget_with_at_least_one_replication() -> None:
    made = bench(measure=["turnaround", "switches"])
    done = made.make([Span(0, 1, 50), Span(1, 1, 50)], budget=0.0)
    assert done.many == 1
    assert len(done.values) == 2 * 8
    assert made.make([Span(0, 1, 3), Span(1, 1, 2)], budget=60).many == 5


def test_a_point_is_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = bench()
    checked: list[Any] = []
    text = made._text
    at = text.at

    def noted(changes: list[str]) -> Any:
        checked.append(changes)
        return at(changes)

    monkeypatch.setattr(text, "at", noted)
    for replication in range(1, 6):
        made.replication(0, replication)
        made.replication(1, replication)
    assert checked == [["scheduler.policy=rr"], ["scheduler.policy=srtf"]]


def test_an_error_names_point_and_replication() -> None:
    plan = planned(TWO_POLICIES)
    long = "processes: [{name: P, count: 600, arrival: {every: 20ms}, cpu: 5ms}]"
    made = Bench(set_up(long, plan, limits={"wall": 1}))
    with pytest.raises(
        MultiprogError,
        match=r"^point 2 of 2 \(scheduler.policy=srtf\), replication 4: .*limit wall",
    ):
        made.run(1, 4)


def test_an_experiment_of_another_text_has_another_identity() -> None:
    plan = planned(TWO_POLICIES)
    one = set_up(OVERLAP, plan)
    more = planned({"scheduler.policy": ["rr", "srtf", "fcfs"]}, repeat=9)
    assert set_up(OVERLAP, more).identity == one.identity  # more points and replications: the same
    assert set_up(OVERLAP + "\n", plan).identity != one.identity
    assert set_up(OVERLAP, plan, seed=5).identity != one.identity
    assert set_up(OVERLAP, planned(TWO_POLICIES, measure=["switches"])).identity != one.identity
    assert isinstance(one, Setup)
