"""Curves of textbooks lie in the intervals of the sweeps that the scenarios ship."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from experiments.results.rows import Rows
from experiments.running.bench import Bench
from experiments.running.executor import Local
from experiments.running.sweep import Sweep
from experiments.statistics.intervals import Estimate, estimate
from language.source.options import Options
from language.variants import ScenarioText
from tests.experiments.scenarios import planned, set_up
from tests.paths import SCENARIOS

EXPERIMENTS = sorted((SCENARIOS / "experiments").glob("*.yaml"))
WAITS = 0.8  # p: 40 ms of waiting for 10 ms of computing


def estimates(text: str, values: dict[str, list[str]], **asked: Any) -> list[Estimate]:
    """The estimate of the only measure at each point, with an interval of 99 %."""
    plan = planned(values, **asked)
    rows = Rows(len(plan.points.rows), 1)
    Sweep(plan, rows, lambda *_: None, lambda *_: None).run(Local(Bench(set_up(text, plan))))
    found = [estimate(rows.column(at, 0).values(), 0.99) for at in range(len(plan.points.rows))]
    return [each for each in found if each is not None]


def busy(cores: int) -> list[Estimate]:
    """How long at least one core is busy with 1 to 8 programs, by the shipped scenario."""
    text = (
        (SCENARIOS / "experiments" / "degree.yaml").read_text().replace("times: 1400", "times: 180")
    )
    values = {"machine.cores": [str(cores)], "processes.0.count": list(map(str, range(1, 9)))}
    return estimates(text, values, repeat=8, measure=["busy"], warmup="500ms", until="6s")


def test_with_a_core_for_each_program_it_is_1_minus_p_to_the_n() -> None:
    for degree, found in enumerate(busy(8), start=1):
        assert found.low <= 1 - WAITS**degree <= found.high, degree


def test_on_one_core_it_is_what_the_machine_repair_model_says() -> None:
    for degree, found in enumerate(busy(1), start=1):
        terms = [
            math.factorial(degree) / math.factorial(degree - k) * 0.25**k for k in range(degree + 1)
        ]
        assert found.low <= 1 - 1 / sum(terms) <= found.high, degree


def test_the_time_in_an_mm1_queue_is_what_theory_says() -> None:
    text = """
processes: [{name: P, count: 400, arrival: {every: {exponential: 20ms}}, cpu: {exponential: 10ms}}]
"""
    key = "processes.0.arrival.every.exponential"
    gaps = {key: ["40ms", "20ms"]}
    found = estimates(text, gaps, repeat=15, measure=["turnaround"], warmup="2s")
    for gap, each in zip((40, 20), found, strict=True):
        assert each.low <= 1e6 / (1 / 10 - 1 / gap) <= each.high, gap


@pytest.mark.parametrize("file", EXPERIMENTS, ids=lambda file: file.stem)
def test_each_point_of_a_shipped_experiment_is_correct(file: Path) -> None:
    text = ScenarioText.read(file, Options())
    asked = text.experiment()
    if file.stem == "utilization":  # of make utilization
        return
    assert asked.vary
    assert asked.measure
    for values in asked.vary.values():
        assert isinstance(values, list)
    changes = [f"{key}={values[-1]}" for key, values in asked.vary.items()]
    assert text.at(changes).workload().processes
