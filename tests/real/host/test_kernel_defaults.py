"""What is read of this machine before a run, and what is done to its session during one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kernel.units import ms
from kernel.workload import Workload
from language import load
from real import run_real
from real.host import kernel_defaults, session
from tests.paths import LESSONS
from tests.real.native.test_run import native
from tests.real.workloads import cpu, process

LESSON = LESSONS / "linux-nice.yaml"


@pytest.fixture
def lesson() -> Workload:
    return load(LESSON).workload


def test_what_a_scenario_leaves_open_is_read_here(lesson: Workload) -> None:
    given = kernel_defaults.with_kernel_defaults(lesson).scheduler.parameters
    assert 24 <= given["hz"] <= 10_000
    assert given["base_slice"] is None or given["base_slice"] >= 100_000
    assert given["high_resolution"] in (True, False)


def test_what_it_says_itself_stays(lesson: Workload) -> None:
    written = {**lesson.scheduler.parameters, "hz": 1000, "base_slice": ms(5)}
    said = replace(lesson, scheduler=replace(lesson.scheduler, parameters=written))
    given = kernel_defaults.with_kernel_defaults(said).scheduler.parameters
    assert (given["hz"], given["base_slice"]) == (1000, ms(5))


def test_what_it_expects_is_dropped_on_a_machine_that_is_not_the_usual_one(
    lesson: Workload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("real.host.probe.tick_ns", lambda: ms(1))
    assert lesson.expect is not None
    assert kernel_defaults.with_kernel_defaults(lesson).expect is None


def test_policies_of_ours_are_left_as_they_are() -> None:
    ours = load(LESSON.with_name("overlap.yaml")).workload
    assert kernel_defaults.with_kernel_defaults(ours) is ours


def test_a_session_is_put_back_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, switch = tmp_path / "autogroup", tmp_path / "enabled"
    monkeypatch.setattr(session, "_FILE", file)
    monkeypatch.setattr(session, "_SWITCH", switch)
    switch.write_text("1\n")
    file.write_text("/autogroup-7 nice 3\n")
    was = session.niceness()
    assert session.put_ahead()
    assert file.read_text() == "-20"
    session.put_back(was)
    assert file.read_text() == "3"


def test_without_autogroup_nothing_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "_FILE", tmp_path / "autogroup")
    monkeypatch.setattr(session, "_SWITCH", tmp_path / "enabled")
    (tmp_path / "enabled").write_text("0\n")
    assert session.niceness() is None
    session.put_back(None)
    assert not (tmp_path / "autogroup").exists()


@pytest.mark.real
def test_after_a_run_the_session_is_as_nice_as_before() -> None:
    file = Path("/proc/self/autogroup")
    if not file.exists():
        pytest.skip("this kernel has no autogroup")
    before = file.read_text()
    run_real(native(process("A", cpu(5))))
    assert file.read_text() == before
