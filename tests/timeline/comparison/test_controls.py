"""Negative controls: what is wrong on purpose must not agree, under our own dispatcher.

(For runs that are left to the machine they are in test_native.)
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from language import load
from sim import simulate
from tests.timeline.gantt import as_real
from timeline.comparison.compare import compare
from timeline.comparison.model import Comparison
from timeline.record.run import Run

SCENARIO = """
scheduler: {{policy: {policy}{quantum}}}
processes:
  - {{name: A, cpu: {cpu}}}
  - {{name: B, cpu: 200ms}}
  - {{name: C, program: [{{repeat: {{times: 5, do: [{{cpu: 5ms}}, {{io: {io}}}]}}}}]}}
  - {{name: D, program: [{{cpu: {bursts[0]}}}, {{io: 20ms}}, {{cpu: {bursts[1]}}}]}}
"""


def run_of(
    folder: Path,
    policy: str = "rr",
    quantum: str = ", quantum: 10ms",
    cpu: str = "200ms",
    io: str = "30ms",
    bursts: tuple[str, str] = ("20ms", "60ms"),
) -> Run:
    file = folder / "controls.yaml"
    file.write_text(SCENARIO.format(policy=policy, quantum=quantum, cpu=cpu, io=io, bursts=bursts))
    return simulate(load(file).workload)


def against(model: Run, other: Run) -> Comparison:
    """`other` as what a real machine made of the model's scenario."""
    real = as_real(other)
    rows = [
        replace(row, demand_ns=asked.demand_ns)
        for row, asked in zip(real.processes, model.processes, strict=True)
    ]
    real = replace(real, processes=rows, scenario=model.scenario, scheduler=model.scheduler)
    return compare(model, real)


def test_nothing_wrong_agrees(tmp_path: Path) -> None:
    assert against(run_of(tmp_path), run_of(tmp_path)).verdict == "agree"


@pytest.mark.parametrize(
    "wrong",
    [
        {"policy": "fcfs", "quantum": ""},
        {"policy": "srtf", "quantum": ""},
        {"quantum": ", quantum: 12ms"},
        {"quantum": ", quantum: 20ms"},
        {"cpu": "240ms"},
        {"io": "60ms"},
        {"bursts": ("60ms", "20ms")},
    ],
    ids=[
        "first come",
        "shortest",
        "a fifth more quantum",
        "twice the quantum",
        "a fifth more CPU",
        "a device twice as slow",
        "two bursts exchanged",
    ],
)
def test_what_is_wrong_disagrees(tmp_path: Path, wrong: dict[str, Any]) -> None:
    assert against(run_of(tmp_path), run_of(tmp_path, **wrong)).verdict == "disagree"
