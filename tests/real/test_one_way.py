"""Every real run goes the same way, whatever its kind, and gives back what it held."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from kernel.units import ms
from kernel.workload import Workload
from real.dispatched.run import DispatchedRun
from real.lifecycle.run import LifecycleRun
from real.native.run import NativeRun
from real.run import run_real
from tests.real.workloads import cpu, process, workload

pytestmark = pytest.mark.real

PARTS = ("make_warm_up", "start", "execute", "close", "record", "free")


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the parts that a run calls, in order."""
    names: list[str] = []

    def noted(kind: type, name: str) -> Any:
        part = getattr(kind, name)

        def call(run: Any, *arguments: Any) -> Any:
            names.append(name)
            return part(run, *arguments)

        return call

    for kind in (DispatchedRun, NativeRun):
        for name in PARTS:
            monkeypatch.setattr(kind, name, noted(kind, name))
    return names


@pytest.mark.parametrize("policy", ["fcfs", "linux"])
def test_a_run_is_opened_started_executed_closed_and_recorded(
    called: list[str], policy: str
) -> None:
    run_real(workload(process("A", cpu(5)), policy=policy))
    assert called == list(PARTS)


def test_a_lifecycle_run_is_a_dispatched_run_with_other_parts() -> None:
    others = {name for name in vars(LifecycleRun) if not name.startswith("__")}
    assert others & {"start", "privileges", "execute", "close", "free"} == set()


@pytest.mark.parametrize("part", ["start", "execute"])
def test_what_a_run_held_is_given_back_if_a_part_of_it_fails(
    called: list[str], monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    def fails(_run: Any, *_arguments: Any) -> Any:
        raise RuntimeError(part)

    monkeypatch.setattr(DispatchedRun, part, fails)
    with pytest.raises(RuntimeError, match=part):
        run_real(workload(process("A", cpu(5))))
    assert called[-2:] == ["close", "free"]


def test_privileges_last_until_the_run_has_ended(
    called: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    privileges = DispatchedRun.privileges

    @contextlib.contextmanager
    def noted(run: DispatchedRun) -> Iterator[list[str]]:
        with privileges(run) as granted:
            yield granted
        called.append("privileges end")

    monkeypatch.setattr(DispatchedRun, "privileges", noted)
    wanted: Workload = workload(process("A", cpu(5)))
    assert run_real(wanted, ms(60_000)).stopped is None
    assert called.index("execute") < called.index("privileges end") < called.index("close")
