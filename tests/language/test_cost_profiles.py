"""Profiles of machines: saved, read again, and turned into what the model charges."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kernel.dispatch_price import PROFILE_FORMAT, USUAL, Circumstances
from kernel.errors import UsageError
from kernel.hardware import Costs
from kernel.workload import Workload
from language import cost_profiles as profiles
from language import load

PROFILE = {
    "format": PROFILE_FORMAT,
    "costs": {"dispatch": 10_000, "switch": 20_000, "migration": 0},
    "free_costs": {"dispatch": 0, "switch": 3_000, "migration": 0},
}


@pytest.fixture
def workload(tmp_path: Path) -> Workload:
    file = tmp_path / "a.yaml"
    file.write_text("machine: {costs: {switch: 1ms}}\nprocesses: [{name: A, cpu: 1ms}]\n")
    return load(file).workload


@pytest.fixture
def saved(tmp_path: Path) -> str:
    file = tmp_path / "deep" / "profile.json"
    profiles.save(PROFILE, file)
    return str(file)


def test_what_is_saved_can_be_read(saved: str) -> None:
    assert profiles.read(Path(saved)) == PROFILE
    assert [file.name for file in Path(saved).parent.iterdir()] == ["profile.json"]


def test_a_profile_is_what_the_model_charges(workload: Workload, saved: str) -> None:
    assert profiles.with_costs(workload, saved).costs == Costs(
        10_000, 20_000, 0, in_virtual_time=True
    )


def test_the_kernels_own_switches_cost_less(workload: Workload, saved: str) -> None:
    free = replace(workload, scheduler=replace(workload.scheduler, dispatch="none"))
    assert profiles.with_costs(free, saved).costs == Costs(0, 3_000, 0)


def test_ideal_is_nothing_at_all(workload: Workload) -> None:
    assert profiles.with_costs(workload, "ideal").costs == Costs()


def test_without_the_option_the_scenario_says(workload: Workload) -> None:
    assert profiles.with_costs(workload, None) is workload


def test_measured_is_the_profile_of_this_machine(
    workload: Workload, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(UsageError, match="there is no profile here"):
        profiles.with_costs(workload, "measured")
    profiles.save(PROFILE, profiles.own_path())
    assert profiles.with_costs(workload, "measured").costs == Costs(
        10_000, 20_000, 0, in_virtual_time=True
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("nonsense", "is no profile"),
        ("[]", "is no profile"),
        ('{"format": "other"}', "is no profile"),
        (json.dumps({**PROFILE, "costs": {"dispatch": -1}}), "costs must have dispatch, switch"),
        (json.dumps({**PROFILE, "free_costs": None}), "free_costs must have"),
    ],
)
def test_what_is_no_profile_is_told(content: Any, told: str, tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text(content)
    with pytest.raises(UsageError, match=told):
        profiles.read(file)


# -- what a dispatch costs by its circumstances --------------------------------------------------

PRICES = {
    **PROFILE,
    "machine": {"available_cpus": 2},
    "prices": {"spare": USUAL[True].to_json(), "shared": USUAL[False].to_json()},
}


def test_the_price_depends_on_whether_a_core_is_left_over(
    workload: Workload, tmp_path: Path
) -> None:
    profiles.save(PRICES, tmp_path / "p.json")
    for cores, price in ((1, USUAL[True]), (2, USUAL[False])):
        charged = profiles.with_costs(replace(workload, cores=cores), str(tmp_path / "p.json"))
        assert charged.costs.price == price


def test_a_profile_of_old_has_one_cost_of_each(workload: Workload, saved: str) -> None:
    assert profiles.with_costs(workload, saved).costs.price is None


def test_what_the_kernel_dispatches_has_no_price(workload: Workload, tmp_path: Path) -> None:
    profiles.save(PRICES, tmp_path / "p.json")
    free = replace(workload, scheduler=replace(workload.scheduler, dispatch="none"))
    assert profiles.with_costs(free, str(tmp_path / "p.json")).costs.price is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"prices": []}, "prices must be an object"),
        ({"prices": {"spare": {"kinds": []}}}, "not every dispatch has a kind"),
        ({"machine": 3}, "machine must be an object"),
        ({"machine": {"available_cpus": "2"}}, "available_cpus must be a whole number"),
    ],
)
def test_what_are_no_prices_is_told(change: Any, told: str, tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text(json.dumps({**PRICES, **change}))
    with pytest.raises(UsageError, match=told):
        profiles.read(file)


def test_where_dispatches_cannot_be_told_apart_each_costs_as_much_as_a_short_one(
    workload: Workload,
) -> None:
    priced = profiles.with_price(workload, USUAL[True])
    assert priced.costs.price == USUAL[True]
    assert priced.costs.dispatch == USUAL[True].charge(Circumstances(False, 0, 0, 0))
