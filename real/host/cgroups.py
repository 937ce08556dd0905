"""Control groups for the time of one run: made, given weights and limits, and removed.

All workers are in one group of the run, `multiprog-PID`, and the scenario's groups lie in it, as
`g0`, `g1`, ...: no name or path of a scenario reaches the file system. The run's own group has the
largest weight, so that programs outside the run take little. The guardian removes the groups when
the run ends, also if the supervisor is killed; the next run removes what is left nevertheless.

With cgroup v1 the files are cpu.shares, cpu.cfs_quota_us and cpu.cfs_period_us, with v2 cpu.weight
and cpu.max. In v2 a group has processes or groups, not both.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kernel.errors import UsageError
from kernel.linux.group_tree import shares_of
from kernel.process.linux_attributes import Group
from kernel.workload import Workload
from real.host import syscalls
from translation import mark, tr

PREFIX = "multiprog-"
MOST_SHARES, MOST_WEIGHT = 262_144, 10_000  # of cpu.shares and cpu.weight
REMOVING = 2.0  # seconds to try to remove a group
AHEAD = mark("the run's control group ahead of others")


@dataclass(frozen=True, slots=True)
class Place:
    """Where this process may make groups of the `cpu` controller, and the version of cgroups."""

    folder: Path
    version: int  # 1 or 2


def groups_in(workload: Workload) -> list[Group]:
    """Return the groups of the workload's processes and those around them, the outer ones first."""
    found: dict[Group, None] = {}
    for spec in workload.processes:
        line, group = [], spec.linux.group
        while group is not None:
            line.append(group)
            group = group.parent
        found.update(dict.fromkeys(reversed(line)))
    return list(found)


def find_place(mounts: str | None = None, own: str | None = None) -> Place:
    """Return where groups can be made. Raises UsageError if there is no such place.

    `mounts` and `own` are the texts of /proc/self/mountinfo and /proc/self/cgroup.
    """
    mounts = Path("/proc/self/mountinfo").read_text() if mounts is None else mounts
    own = Path("/proc/self/cgroup").read_text() if own is None else own
    paths = dict(_own_paths(own))
    for root, mounted, controllers in _mounted(mounts):
        if controllers is not None and "cpu" in controllers and "cpu" in paths:
            folder = _within(mounted, root, paths["cpu"])
            if os.access(folder, os.W_OK):
                return Place(folder, 1)
            raise UsageError(_refused(tr("{folder} may not be written", folder=folder)))
    for root, mounted, controllers in _mounted(mounts):
        if controllers is None and "" in paths:
            folder = _within(mounted, root, paths[""])
            for above in (folder, *folder.parents):
                if _hands_out_cpu(above) and os.access(above, os.W_OK):
                    return Place(above, 2)
                if above == mounted:
                    break
            why = tr("no group above this process hands the cpu controller on")
            raise UsageError(_refused(why))
    raise UsageError(_refused(tr("the cpu controller is not mounted")))


def _refused(why: str) -> str:
    return tr(
        "groups need root, or a delegated cgroup ({why}): leave groups out, or simulate", why=why
    )


def _own_paths(own: str) -> Iterator[tuple[str, str]]:
    """Yield each controller and the path of this process's group; the name of v2 is empty."""
    for line in own.splitlines():
        _, _, rest = line.partition(":")
        names, _, path = rest.partition(":")
        for name in names.split(","):
            yield name, path


def _mounted(mounts: str) -> Iterator[tuple[str, Path, list[str] | None]]:
    """Yield root, mount point and controllers of each mount of cgroups; v2 has None."""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields, kind = before.split(), after.split()
        if len(fields) > 4 and len(kind) > 2 and kind[0] in ("cgroup", "cgroup2"):
            controllers = kind[2].split(",") if kind[0] == "cgroup" else None
            yield fields[3], Path(fields[4]), controllers


def _within(mounted: Path, root: str, path: str) -> Path:
    """Return the folder of the group `path` under a mount that shows the group `root`."""
    inside = path.removeprefix(root.rstrip("/")) if path.startswith(root.rstrip("/")) else ""
    return mounted / inside.strip("/")


def _hands_out_cpu(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        return "cpu" in (folder / "cgroup.subtree_control").read_text().split()
    return False


def require(workload: Workload) -> None:
    """Raise UsageError if the workload has groups that cannot be made here."""
    groups = groups_in(workload)
    if not groups:
        return
    if find_place().version == 2:
        check_for_v2(workload, groups)


def check_for_v2(workload: Workload, groups: Sequence[Group]) -> None:
    """Raise UsageError if a group would have processes beside groups, which cgroup v2 refuses."""
    parents = {group.parent for group in groups}
    for spec in workload.processes:
        group = spec.linux.group
        if group not in parents:
            continue
        if group is None:
            raise UsageError(
                tr(
                    "{process} is in no group: with cgroup v2 processes do not stand beside "
                    "groups; give it a group of its own, or simulate",
                    process=spec.name,
                )
            )
        raise UsageError(
            tr(
                "{process} is in {group}, in which there are groups: with cgroup v2 processes do "
                "not stand beside groups; give it a group of its own, or simulate",
                process=spec.name,
                group=group.name,
            )
        )


class RunCgroups:
    """The groups of one run. Its folders are chosen when it is made, for the guardian to know."""

    def __init__(self, groups: Sequence[Group], place: Place) -> None:
        self.version = place.version
        self._folder = place.folder / f"{PREFIX}{os.getpid()}"
        self._folders: dict[Group | None, Path] = {None: self._folder}
        for number, group in enumerate(groups):
            self._folders[group] = self._folders[group.parent] / f"g{number}"

    def make(self) -> None:
        """Make all groups. Raises UsageError if the system refuses a weight or limit."""
        remove_stale(self._folder.parent)
        for group, folder in self._folders.items():
            folder.mkdir()
            try:
                self._set(group, folder)
            except OSError as error:
                raise UsageError(
                    tr(
                        "{group}: this machine refuses its weight or limit ({reason}); change it, "
                        "or simulate",
                        group=_words(group),
                        reason=error.strerror,
                    )
                ) from None

    def _set(self, group: Group | None, folder: Path) -> None:
        """Write the weight and the limit of a group; None: the run's own."""
        if self.version == 1:
            shares = MOST_SHARES if group is None else shares_of(group)
            _write(folder / "cpu.shares", str(shares))
            if group is not None and group.quota is not None:
                _write(folder / "cpu.cfs_period_us", str(group.period // 1000))
                _write(folder / "cpu.cfs_quota_us", str(group.quota // 1000))
            return
        _write(folder / "cpu.weight", str(MOST_WEIGHT if group is None else group.weight))
        if group is not None and group.quota is not None:
            _write(folder / "cpu.max", f"{group.quota // 1000} {group.period // 1000}")
        if group is None or any(each.parent == group for each in self._folders if each):
            _write(folder / "cgroup.subtree_control", "+cpu")

    def enter(self, pid: int, group: Group | None) -> None:
        """Put process `pid`, with all its threads, into a group; None: the run's own.

        Raises UsageError if the system refuses it.
        """
        try:
            _write(self._folders[group] / "cgroup.procs", str(pid))
        except ProcessLookupError:
            return  # it was killed; the supervisor will see its death
        except OSError as error:
            raise UsageError(
                tr(
                    "this machine refuses a process in a control group ({reason}); leave groups "
                    "out, or simulate",
                    reason=error.strerror,
                )
            ) from None

    def remove(self) -> None:
        """Remove the groups that exist."""
        remove_tree(self._folder)


def _words(group: Group | None) -> str:
    if group is None:
        return tr("the run's control group")
    return tr("group {name}", name=group.name)


def _write(file: Path, text: str) -> None:
    file.write_text(text)


def remove_tree(folder: Path) -> None:
    """Remove a group and those in it. It takes a moment if processes of it were just killed."""
    until = time.monotonic() + REMOVING
    while _is_there(folder):
        for inner, _, _ in os.walk(folder, topdown=False):
            with contextlib.suppress(OSError):
                Path(inner).rmdir()
        if time.monotonic() > until:
            return
        time.sleep(0.01 if _is_there(folder) else 0)


def _is_there(folder: Path) -> bool:
    return os.path.isdir(folder)  # noqa: PTH112 - Path.is_dir may raise PermissionError


def remove_stale(parent: Path) -> None:
    """Remove the groups of runs that were killed."""
    living = {entry.name for entry in syscalls.processes()}
    for folder in parent.glob(f"{PREFIX}*"):
        if folder.name.removeprefix(PREFIX) not in living:
            remove_tree(folder)
