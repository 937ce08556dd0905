"""A machine that lacks what others have: a container without its files, affinity or privilege.

What is missing is made so in a process of its own: a file system without it (a mount namespace,
where root may make one), or calls that the system refuses.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.kills import ROOT, SCENARIOS
from real.dispatched.record import UNPRIVILEGED
from tests.real.commands import PATIENCE
from timeline.files.document import read_run
from timeline.laws.check import check
from timeline.record.run import Run

pytestmark = [pytest.mark.real, pytest.mark.apart]

HIDE = """
import errno, os, runpy, sys
def refuse(*given):
    raise PermissionError(errno.EPERM, "Operation not permitted")
for name in {calls!r}:
    setattr(os, name, refuse)
sys.argv = ["cli.py", *sys.argv[1:]]
runpy.run_path("cli.py", run_name="__main__")
"""


def run(*arguments: str, calls: tuple[str, ...] = (), first: tuple[str, ...] = ()) -> str:
    """The command where the system refuses these calls of `os`; its output."""
    done = subprocess.run(
        [*first, sys.executable, "-c", HIDE.format(calls=calls), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def scenario(folder: Path, kind: str) -> str:
    file = folder / "here.yaml"
    file.write_text(SCENARIOS[kind].format(cores=1))
    return str(file)


def lawful(out: str) -> Run:
    found = read_run(json.loads(out))
    assert check(found) == [] and found.stopped is None
    return found


@pytest.mark.parametrize("kind", ["ordinary", "life", "linux"])
def test_without_classes_and_priorities(tmp_path: Path, kind: str) -> None:
    file = scenario(tmp_path, kind)
    found = lawful(
        run("run-real", file, "--json", "--no-wait", calls=("sched_setscheduler", "setpriority"))
    )
    granted = found.machine["privilege"].removeprefix(UNPRIVILEGED)
    assert "real-time" not in granted


def without(*paths: str) -> tuple[str, ...]:
    """A command before the command: these files are hidden from it. Skips where that cannot be."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("only root may hide files")
    hide = "; ".join(
        f"if [ -d {path} ]; then mount -t tmpfs none {path}; "
        f"elif [ -e {path} ]; then mount --bind /dev/null {path}; fi"
        for path in paths
    )
    first = ("unshare", "--mount", "sh", "-c", f'{hide}; exec "$@"', "sh")
    if subprocess.run([*first, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount")
    return first


@pytest.mark.parametrize("kind", ["linux"])
def test_in_a_container_without_the_kernels_own_files(tmp_path: Path, kind: str) -> None:
    hidden = without(
        "/sys/kernel/debug",
        "/sys/kernel/tracing",
        "/proc/sys/kernel/sched_autogroup_enabled",
    )
    lawful(run("run-real", scenario(tmp_path, kind), "--json", "--no-wait", first=hidden))


def test_a_trace_that_cannot_be_is_said_once(tmp_path: Path) -> None:
    hidden = without("/sys/kernel/tracing", "/sys/kernel/debug")
    file = scenario(tmp_path, "ordinary")
    done = subprocess.run(
        [*hidden, sys.executable, "cli.py", "run-real", file, "--trace", "kernel"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stderr.count("--trace kernel needs root and tracefs") == 1


def test_one_processor_that_is_given_to_it(tmp_path: Path) -> None:
    if shutil.which("taskset") is None:
        pytest.skip("needs taskset")
    one = str(min(os.sched_getaffinity(0)))
    found = lawful(
        run(
            "run-real",
            scenario(tmp_path, "ordinary"),
            "--json",
            "--no-wait",
            first=("taskset", "-c", one),
        )
    )
    assert found.machine["available_cpus"] == 1


def test_a_system_without_affinity_is_told_by_name(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            HIDE.format(calls=("sched_setaffinity",)),
            "run-real",
            scenario(tmp_path, "ordinary"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == 1
    assert "this machine refused" in done.stderr.splitlines()[-1]


def test_half_a_core(tmp_path: Path) -> None:
    """A cgroup that gives it 5 ms of every 10."""
    group = Path(f"/sys/fs/cgroup/cpu/multiprog-half-{os.getpid()}")
    files = {"cpu.cfs_period_us": "10000", "cpu.cfs_quota_us": "5000"}
    if not group.parent.is_dir():
        group, files = (
            Path(f"/sys/fs/cgroup/multiprog-half-{os.getpid()}"),
            {"cpu.max": "5000 10000"},
        )
    try:
        group.mkdir()
        for name, value in files.items():
            (group / name).write_text(value)
    except OSError:
        if group.is_dir():
            group.rmdir()
        pytest.skip("no cgroup with a CPU limit can be made here")
    try:
        join = ("sh", "-c", f'echo $$ > {group}/cgroup.procs; exec "$@"', "sh")
        lawful(run("run-real", scenario(tmp_path, "ordinary"), "--json", "--no-wait", first=join))
    finally:
        group.rmdir()
