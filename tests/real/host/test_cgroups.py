"""Control groups of a run: where they are made, what is written into them, and their removal."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from kernel.errors import UsageError
from kernel.process.linux_attributes import Attributes, Group
from kernel.units import ms
from kernel.workload import Workload
from real.host import cgroups
from real.host.cgroups import Place, RunCgroups, find_place, groups_in
from tests.real.workloads import cpu, process, workload

V1 = "{line} 0 0:30 {root} {mount} rw - cgroup cgroup rw,cpu,cpuacct\n"
V2 = "31 0 0:31 {root} {mount} rw - cgroup2 cgroup2 rw\n"
OUTER = Group("../outer 外", weight=200)
INNER = Group("inner", quota=ms(20), parent=OUTER)
LONE = Group("lone", weight=1, quota=ms(5), period=ms(10))


def in_groups(*groups: Group | None) -> Workload:
    return workload(
        *(
            process(f"P{number}", cpu(10), linux=Attributes(group=group))
            for number, group in enumerate(groups)
        ),
        policy="linux",
    )


def test_the_groups_of_a_workload_are_told_outer_ones_first() -> None:
    assert groups_in(in_groups(INNER, None, LONE)) == [OUTER, INNER, LONE]


class TestPlace:
    def test_under_v1_it_is_the_own_group_of_the_cpu_controller(self, tmp_path: Path) -> None:
        (tmp_path / "mine").mkdir()
        mounts = V1.format(line=30, root="/", mount=tmp_path)
        own = "5:cpu,cpuacct:/mine\n0::/\n"
        assert find_place(mounts, own) == Place(tmp_path / "mine", 1)

    def test_a_mount_may_show_a_part_of_the_hierarchy(self, tmp_path: Path) -> None:
        mounts = V1.format(line=30, root="/box", mount=tmp_path)
        assert find_place(mounts, "5:cpu,cpuacct:/box\n") == Place(tmp_path, 1)

    def test_under_v2_it_is_the_nearest_group_that_hands_cpu_on(self, tmp_path: Path) -> None:
        (tmp_path / "user" / "shell").mkdir(parents=True)
        (tmp_path / "user" / "cgroup.subtree_control").write_text("memory cpu\n")
        mounts = V2.format(root="/", mount=tmp_path)
        assert find_place(mounts, "0::/user/shell\n") == Place(tmp_path / "user", 2)

    def test_without_one_a_sentence_says_what_to_do(self, tmp_path: Path) -> None:
        mounts = V2.format(root="/", mount=tmp_path)
        with pytest.raises(UsageError, match=r"hands the cpu controller on.*or simulate"):
            find_place(mounts, "0::/user\n")
        with pytest.raises(UsageError, match="is not mounted"):
            find_place("", "")


class TestStandIn:
    """A folder that looks like cgroups: files are made by writing, and do not keep a folder."""

    @pytest.fixture(autouse=True)
    def _removable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Path, "rmdir", shutil.rmtree)

    def made(self, folder: Path, version: int) -> RunCgroups:
        groups = RunCgroups([OUTER, INNER, LONE], Place(folder, version))
        groups.make()
        return groups

    def files(self, folder: Path) -> dict[str, str]:
        top = folder / f"multiprog-{os.getpid()}"
        return {
            str(file.relative_to(top)): file.read_text()
            for file in sorted(top.rglob("*"))
            if file.is_file()
        }

    def test_v1(self, tmp_path: Path) -> None:
        groups = self.made(tmp_path, 1)
        groups.enter(17, INNER)
        groups.enter(18, None)
        assert self.files(tmp_path) == {
            "cpu.shares": "262144",
            "cgroup.procs": "18",
            "g0/cpu.shares": "2048",
            "g0/g1/cpu.shares": "1024",
            "g0/g1/cpu.cfs_period_us": "100000",
            "g0/g1/cpu.cfs_quota_us": "20000",
            "g0/g1/cgroup.procs": "17",
            "g2/cpu.shares": "10",
            "g2/cpu.cfs_period_us": "10000",
            "g2/cpu.cfs_quota_us": "5000",
        }
        groups.remove()
        assert list(tmp_path.iterdir()) == []

    def test_v2(self, tmp_path: Path) -> None:
        groups = self.made(tmp_path, 2)
        assert self.files(tmp_path) == {
            "cpu.weight": "10000",
            "cgroup.subtree_control": "+cpu",
            "g0/cpu.weight": "200",
            "g0/cgroup.subtree_control": "+cpu",
            "g0/g1/cpu.weight": "100",
            "g0/g1/cpu.max": "20000 100000",
            "g2/cpu.weight": "1",
            "g2/cpu.max": "5000 10000",
        }
        groups.remove()
        groups.remove()
        assert list(tmp_path.iterdir()) == []

    def test_what_a_killed_run_left_is_removed_by_the_next(self, tmp_path: Path) -> None:
        left, other = tmp_path / "multiprog-999999999" / "g0", tmp_path / "user.slice"
        for folder in (left, other):
            folder.mkdir(parents=True)
        self.made(tmp_path, 1)
        assert not left.parent.exists()
        assert other.exists()

    def test_a_refused_limit_names_the_group(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(file: Path, _text: str) -> None:
            if file.name == "cpu.cfs_quota_us":
                raise OSError(22, "Invalid argument")

        monkeypatch.setattr(cgroups, "_write", refuse)
        with pytest.raises(UsageError, match="group inner: this machine refuses its weight"):
            self.made(tmp_path, 1)


def test_under_v2_no_process_stands_beside_groups() -> None:
    for groups, where in (((LONE, None), "no group"), ((OUTER, INNER), "in which there are")):
        made = in_groups(*groups)
        with pytest.raises(UsageError, match=where):
            cgroups.check_for_v2(made, groups_in(made))
    made = in_groups(INNER, LONE)
    cgroups.check_for_v2(made, groups_in(made))


def test_without_a_place_a_run_with_groups_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> Place:
        raise UsageError("groups need root")

    monkeypatch.setattr(cgroups, "find_place", nowhere)
    cgroups.require(replace(in_groups(None)))
    with pytest.raises(UsageError, match="groups need root"):
        cgroups.require(in_groups(LONE))
