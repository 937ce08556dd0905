"""The `groups` of a scenario: what may be written, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernel.process.linux_attributes import Group
from kernel.units import ms
from language import ScenarioError, load

TEXT = """\
scheduler: {policy: linux}
groups:
  web: {weight: 200}
  batch: {quota: 20ms}
  inner: {within: web, weight: 50, quota: 5ms, period: 20ms}
processes:
  - {name: A, group: inner, count: 2, cpu: 20ms}
  - {name: B, cpu: 20ms}
"""


def written(folder: Path, old: str = "", new: str = "") -> Path:
    assert old in TEXT
    file = folder / "s.yaml"
    file.write_text(TEXT.replace(old, new, 1) if old else TEXT)
    return file


def test_a_process_has_its_group_and_the_groups_around_it(tmp_path: Path) -> None:
    groups = [spec.linux.group for spec in load(written(tmp_path)).workload.processes]
    inner = Group("inner", 50, ms(5), ms(20), Group("web", 200))
    assert groups == [inner, inner, None]


def test_threads_and_started_processes_are_in_the_group_of_their_process(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(
        "scheduler: {policy: linux}\n"
        "groups: {g: {}}\n"
        "processes:\n"
        "- {name: T, group: g, threads: [[{cpu: 1ms}], [{cpu: 1ms}]]}\n"
    )
    assert {spec.linux.group for spec in load(file).workload.processes} == {Group("g")}
    file.write_text(
        "groups: {g: {}}\n"
        "programs: {child: {program: [{cpu: 1ms}, {start: {program: leaf}}]}, leaf: {cpu: 1ms}}\n"
        "processes:\n"
        "- {name: P, group: g, program: [{start: {program: child}}, {cpu: 1ms}]}\n"
        "- {name: Q, program: [{start: {program: child}}, {cpu: 1ms}]}\n"
    )
    found = {spec.name: spec.linux.group for spec in load(file).workload.processes}
    assert len(found) == 6
    assert [name for name, group in found.items() if group is not None] == ["P", "child", "leaf"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("weight: 200", "weight: 0", "3:17: groups.web.weight: must be a whole number from 1 to"),
        ("weight: 200", "wait: 200", "3:9: groups.web.wait: unknown key 'wait' (did you mean"),
        ("weight: 200", "quota: 20us", "groups.web.quota: must be a duration from 1ms to 1000s"),
        ("20ms}", "20ms, period: 2s}", "groups.batch.period: must be a duration from 1ms to 1s"),
        ("20ms}", "20%}", "groups.batch.quota: must be a duration like 20ms"),
        ("within: web", "within: inner", "groups.inner.within: a group does not lie in itself"),
        ("within: web", "within: wbe", "groups.inner.within: unknown group 'wbe' (did you mean"),
        (
            "weight: 200",
            "within: batch",
            "groups.web.within: unknown group 'batch'; write it above",
        ),
        (
            "group: inner",
            "group: 5",
            "processes.0.group: must be the name of one of groups (got 5)",
        ),
        ("group: inner", "group: iner", "processes.0.group: unknown group 'iner' (did you mean"),
        (
            "group: inner",
            "group: web, class: fifo",
            "is for processes of class other, batch or idle; this",
        ),
        (
            "policy: linux",
            "policy: cfs",
            "2:1: groups: are only for policy: linux; cfs does not know",
        ),
        (
            "policy: linux",
            "policy: rr, quantum: 5ms, dispatch: none",
            "rr does not know control groups",
        ),
        ("{weight: 200}", "7", "groups.web: must be a mapping (got 7)"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(written(tmp_path, old, new))
    assert message in str(caught.value)


def test_other_policies_do_not_look_at_groups(tmp_path: Path) -> None:
    assert load(written(tmp_path, "policy: linux", "policy: rr, quantum: 5ms")).workload
