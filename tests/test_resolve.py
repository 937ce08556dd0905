"""Which workload runs: as written, charged with costs, as on this machine."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from commands.resolve import Host, kernel_of_all, other_kernel, resolve
from kernel.dispatch_price import USUAL, Price
from kernel.errors import UsageError
from kernel.hardware import Costs
from kernel.linux.policy import USUAL as LINUX
from kernel.linux.policy import USUAL_HZ, USUAL_SLICE
from kernel.workload import Workload
from language import load
from real.host import kernel_defaults
from tests.paths import LESSONS

PRICE: Price = USUAL[True]


@pytest.fixture
def ours() -> Workload:
    """Return a workload of which our own dispatcher decides."""
    return load(LESSONS / "overlap.yaml").workload


@pytest.fixture
def left(tmp_path: Path) -> Workload:
    """Return a workload that is left to Linux, and expects what the usual kernel does."""
    file = tmp_path / "left.yaml"
    file.write_text(
        "scheduler: {policy: linux}\nprocesses: [{name: A, cpu: 5ms}]\n"
        "expect: {completion: {A: 5}}\n"
    )
    return load(file).workload


def test_without_options_it_is_the_workload_as_written(ours: Workload) -> None:
    assert resolve(ours, None, Host.USUAL) == ours
    assert resolve(ours, None, Host.THIS) == ours


def test_ideal_costs_are_none(ours: Workload) -> None:
    dear = replace(ours, costs=Costs(dispatch=5))
    assert resolve(dear, None, Host.USUAL).costs == Costs(dispatch=5)
    assert resolve(dear, "ideal", Host.USUAL).costs == Costs()


def test_a_profile_that_is_not_there_is_told(ours: Workload, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no profile here"):
        resolve(ours, str(tmp_path / "no.json"), Host.USUAL)


def test_a_price_is_charged_in_virtual_time(ours: Workload) -> None:
    costs = resolve(ours, PRICE, Host.THIS).costs
    assert (costs.in_virtual_time, costs.price) == (True, PRICE)


def test_usual_values_are_assumed_and_told(
    left: Workload, capsys: pytest.CaptureFixture[str]
) -> None:
    parameters = resolve(left, None, Host.USUAL).scheduler.parameters
    assert (parameters["hz"], parameters["base_slice"]) == (USUAL_HZ, USUAL_SLICE)
    assert "the model assumes" in capsys.readouterr().err


@pytest.mark.parametrize(("costs", "host"), [(None, Host.THIS), ("measured", Host.USUAL)])
def test_this_machine_gives_what_is_left_open(
    left: Workload,
    costs: str | None,
    host: Host,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def with_kernel_defaults(workload: Workload) -> Workload:
        parameters: dict[str, Any] = {**workload.scheduler.parameters, "hz": 1000}
        return replace(
            workload, scheduler=replace(workload.scheduler, parameters=parameters), expect=None
        )

    monkeypatch.setattr(kernel_defaults, "with_kernel_defaults", with_kernel_defaults)
    monkeypatch.setattr("language.cost_profiles.with_costs", lambda workload, _costs: workload)
    assert resolve(left, costs, host).scheduler.parameters["hz"] == 1000
    assert "expect is not checked: it was written for the usual tick" in capsys.readouterr().err


@pytest.mark.parametrize(("costs", "host"), [(None, Host.THIS), ("measured", Host.USUAL)])
def test_a_system_that_is_not_linux_gives_the_usual_values(
    left: Workload, costs: str | None, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr("language.cost_profiles.with_costs", lambda workload, _costs: workload)
    assert resolve(left, costs, host).scheduler.parameters.items() >= LINUX.items()
    assert kernel_of_all(_points(left), costs, host) == LINUX


def test_the_kernel_of_another_machine_comes_from_its_profile(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    costs = {"dispatch": 1, "switch": 1, "migration": 0}
    told = {"hz": 1000, "base_slice_ns": 3_000_000}
    profile = tmp_path / "other.json"
    profile.write_text(json.dumps(
        {"format": "multiprog-profile/1", "costs": costs, "free_costs": costs, "scheduler": told}
    ))  # fmt: skip
    scenario = tmp_path / "s.yaml"
    scenario.write_text("scheduler: {policy: linux}\nprocesses: [{name: A, cpu: 5ms}]\n")
    found = resolve(load(scenario).workload, None, other_kernel(profile)).scheduler.parameters
    assert (found["hz"], found["base_slice"]) == (1000, 3_000_000)
    assert "as on the machine of" in capsys.readouterr().err


@pytest.mark.parametrize("told", [None, {}, {"hz": -1}, {"hz": "x"}, {"base_slice_ns": 1.5}, []])
def test_a_profile_that_tells_no_kernel_is_refused(tmp_path: Path, told: object) -> None:
    costs = {"dispatch": 1, "switch": 1, "migration": 0}
    profile = tmp_path / "other.json"
    profile.write_text(json.dumps(
        {"format": "multiprog-profile/1", "costs": costs, "free_costs": costs, "scheduler": told}
    ))  # fmt: skip
    with pytest.raises(UsageError, match=r"other\.json: (scheduler\.|has no tick)"):
        other_kernel(profile)


def _points(left: Workload, *others: Workload) -> list[Any]:
    return [workload.scheduler for workload in (left, left, *others)]


def test_the_points_of_a_sweep_take_the_usual_kernel_and_one_remark(
    left: Workload, ours: Workload, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kernel_of_all(_points(left, ours), None, Host.USUAL) == LINUX
    assert capsys.readouterr().err.count("the model assumes") == 1


@pytest.mark.parametrize(("costs", "host"), [(None, Host.THIS), ("measured", Host.USUAL)])
def test_the_points_of_a_sweep_take_the_kernel_that_resolve_takes(
    left: Workload, costs: str | None, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"hz": 1000, "base_slice": 1_400_000, "high_resolution": False}
    monkeypatch.setattr(kernel_defaults, "kernel_settings", lambda: settings)
    monkeypatch.setattr("language.cost_profiles.with_costs", lambda workload, _costs: workload)
    found = kernel_of_all(_points(left), costs, host)
    single = resolve(left, costs, host).scheduler.parameters
    assert found == settings
    assert found.items() <= single.items()


def test_points_that_leave_nothing_open_take_no_kernel(
    ours: Workload, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kernel_of_all([ours.scheduler], "measured", Host.THIS) == LINUX
    assert capsys.readouterr().err == ""
