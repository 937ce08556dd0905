"""How the price of a dispatch is measured: never how much it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.kills import ROOT
from kernel.dispatch_price import USUAL, Price
from kernel.errors import Interrupted
from kernel.process.program import CPU
from kernel.workload import Workload
from real.calibration import dispatch_price
from sim import simulate
from timeline.record.run import REAL, Run


def record(slower: float) -> Callable[[Workload], Run]:
    """Return what stands for a real run: of a machine so many times as slow as a usual one."""
    from language.cost_profiles import with_price

    def run(workload: Workload) -> Run:
        found = simulate(with_price(workload, USUAL[True].times(slower)))
        overheads = [row._replace(why="switch") for row in found.overheads]
        return replace(found, backend=REAL, overheads=overheads)

    return run


@pytest.mark.parametrize("cores", [1, 2])
def test_the_look_before_a_comparison_is_short(cores: int) -> None:
    work = sum(
        duration
        for workload in dispatch_price._short(cores)
        for spec in workload.processes
        for place, duration in zip(spec.program.places, spec.program.durations, strict=True)
        if place == CPU
    )
    last = [simulate(workload).makespan_ns for workload in dispatch_price._short(cores)]
    assert work <= cores * 250_000_000
    assert sum(last) <= 350_000_000


def test_all_circumstances_that_are_told_apart_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch_price, "measured_run", record(1))
    found = dispatch_price.price(1, lambda _what: None)
    assert {kind.first for kind in found.kinds} == {True, False}
    for name in ("from_away_ns", "from_idle_ns", "from_slice_ns"):
        assert any(getattr(kind, name) for kind in found.kinds)
    assert found.loading_ns and found.loading_per_mib_ns


@pytest.mark.parametrize(("slower", "at_least", "at_most"), [(1, 0.9, 1.1), (2, 1.4, 2), (9, 3, 3)])
def test_the_price_is_adapted_to_what_is_needed_now(
    slower: float, at_least: float, at_most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch_price, "measured_run", record(slower))
    known = USUAL[True]
    now = dispatch_price.adapted(known, 1)
    grown = now.kinds[0].mean_ns / known.kinds[0].mean_ns
    assert at_least <= grown <= at_most


def test_afterwards_all_processors_may_be_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_workload: Workload) -> Run:
        raise Interrupted("Ctrl-C")

    monkeypatch.setattr(dispatch_price, "measured_run", interrupted)
    before = os.sched_getaffinity(0)
    with pytest.raises(Interrupted):
        dispatch_price.adapted(USUAL[True], 1)
    assert os.sched_getaffinity(0) == before


@pytest.mark.real
def test_a_real_look_gives_a_price() -> None:
    found = dispatch_price.adapted(USUAL[True], 1)
    assert Price.from_json(found.to_json()) == found


def compared(tmp_path: Path, *options: str) -> dict[str, Any]:
    file = tmp_path / "two.yaml"
    file.write_text("processes: [{name: A, cpu: 10ms}, {name: B, cpu: 10ms}]\n")
    command = [sys.executable, "cli.py", "compare", str(file), "--json", *options]
    how: dict[str, Any] = {"cwd": ROOT, "env": {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}}
    found: dict[str, Any] = json.loads(subprocess.check_output(command, **how))
    return found


@pytest.mark.real
def test_a_comparison_has_the_charged_model_and_its_record_the_price(tmp_path: Path) -> None:
    found = compared(tmp_path)
    assert found["comparison"]["charged"]["makespan"]["first"] > 20_000_000
    assert Price.from_json(found["runs"][1]["machine"]["price"]).kinds


@pytest.mark.real
def test_without_costs_there_is_no_charged_model_beside(tmp_path: Path) -> None:
    assert compared(tmp_path, "--costs", "ideal")["comparison"]["charged"] is None
