"""Control groups of real processes: the kernel shares by them, and nothing of them is left."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kernel.errors import UsageError
from kernel.process.linux_attributes import Attributes, Group
from kernel.process.states import RUNNING
from kernel.units import ms
from kernel.workload import Workload
from real.host.cgroups import PREFIX, find_place
from tests.real.commands import Command, until
from tests.real.native.test_run import native
from tests.real.workloads import cpu, process, run_undisturbed
from timeline.laws.check import check


def refusal() -> str | None:
    try:
        find_place()
    except UsageError as error:
        return str(error)
    return None


pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(refusal() is not None, reason=str(refusal())),
]


def is_left(supervisor: int) -> bool:
    """Whether the groups of a run are there."""
    return (find_place().folder / f"{PREFIX}{supervisor}").exists()


def in_groups(*groups: Group) -> Workload:
    return native(
        *(
            process(f"P{number}", cpu(150), linux=Attributes(group=group))
            for number, group in enumerate(groups)
        )
    )


def test_groups_share_by_their_weights() -> None:
    run = run_undisturbed(in_groups(Group("a", 300), Group("b", 100), Group("b", 100)))
    end = run.processes[0].completion_ns or 0
    had = sum(
        min(row.end, end) - row.start
        for row in run.intervals
        if row.process == 0 and row.state == RUNNING and row.start < end
    )
    assert had / end == pytest.approx(0.75, abs=0.08)
    assert run.machine["linux"]["cgroups"] in ("v1", "v2")
    assert not is_left(os.getpid())


def test_a_limited_group_waits_beside_an_idle_core_and_disturbs_nobody() -> None:
    run = run_undisturbed(in_groups(Group("a", quota=ms(20))))
    assert 520 <= (run.processes[0].completion_ns or 0) / 1e6 <= 760  # 150 ms, 20 in each 100
    assert [row.why for row in run.overheads if row.why == "interrupted"] == []
    assert check(run) == []
    assert not is_left(os.getpid())


@pytest.mark.apart
def test_a_supervisor_that_is_killed_leaves_no_group(tmp_path: Path) -> None:
    command = Command(tmp_path, "--json", text=LONG)
    try:
        command.await_running()
        assert is_left(command.popen.pid)
        command.popen.kill()
        command.end()
        until(lambda: not is_left(command.popen.pid), "the groups to be removed")
    finally:
        command.popen.kill()


LONG = """\
scheduler: {policy: linux}
groups: {a: {weight: 50}, b: {within: a, quota: 50ms}}
processes:
- {name: A, group: a, cpu: 20s}
- {name: B, group: b, cpu: 20s}
"""
