"""The system refuses what a run needs, in its middle: one line says what, and nothing is left."""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from benchmarks.kills import ROOT, SCENARIOS
from kernel.errors import MultiprogError
from kernel.hardware import MemorySpec
from kernel.units import ms
from language import load
from real import run_real
from real.host import syscalls
from real.memory.physical import PhysicalMemory
from tests.real.commands import PATIENCE
from tests.real.workloads import cpu, process, workload
from timeline.files.document import read_run
from timeline.laws.check import check

pytestmark = [pytest.mark.real, pytest.mark.apart]
MANY = "processes: [{name: P, count: 30, cpu: 1ms}]"
SHORT = "processes: [{name: A, cpu: 20ms}, {name: B, program: [{cpu: 5ms}, {io: 20ms}]}]"


def run_command(
    folder: Path,
    text: str,
    *options: str,
    command: str = "run-real",
    limits: Callable[[], None] | None = None,
    **how: Any,
) -> subprocess.CompletedProcess[str]:
    """The command on a scenario, with what the system is to refuse set before it begins."""
    if command == "run-real":
        options = "--no-wait", *options
    (folder / "refused.yaml").write_text(text)
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), command, "refused.yaml", *options],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder)},
        check=False,
        timeout=PATIENCE,
        text=True,
        preexec_fn=limits,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how},
    )


def said(done: subprocess.CompletedProcess[str]) -> str:
    """The last line; there is no traceback."""
    assert "Traceback" not in done.stderr, done.stderr
    return done.stderr.splitlines()[-1]


@pytest.mark.parametrize("kind", ["ordinary", "life", "spawned", "swapping", "linux"])
def test_too_few_descriptors(tmp_path: Path, kind: str) -> None:
    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (26, 26))

    done = run_command(tmp_path, SCENARIOS[kind].format(cores=1), "--json", limits=few)
    if done.returncode == 0:  # they were enough
        assert check(read_run(json.loads(done.stdout))) == []
        return
    assert done.returncode == 1
    assert "too many open files" in said(done).lower()
    assert [file.name for file in tmp_path.iterdir()] == ["refused.yaml"]


def test_more_descriptors_than_allowed_says_what_would_help(tmp_path: Path) -> None:
    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))

    done = run_command(tmp_path, MANY, limits=few)
    assert done.returncode == 1
    assert said(done) == (
        "this machine refused: too many open files: this user may have 40, and a run needs some 40 "
        "and three for each process: use fewer processes, or raise ulimit -n"
    )


AS_NOBODY = """
import os, resource, sys
import multiprocessing.popen_fork, multiprocessing.synchronize, multiprocessing.queues
import cli, psutil, real.lifecycle.machine, real.lifecycle.pool, real.native.run  # as root still
import report.terminal.run, report.base.screen, sim, timeline.expect
from language.loading import load
from report.terminal.delivery import deliver_run
os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid({uid}, {uid}, {uid})
resource.setrlimit(resource.RLIMIT_NPROC, ({most}, {most}))
sys.exit(cli.main(["run-real", "--no-wait", sys.argv[1], "--json"]))
"""


THREADS = (ROOT / "scenarios/lessons/life/threads-that-wait.yaml").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="root may become a user with no other processes")
@pytest.mark.parametrize(("most", "scenario"), [(1, MANY), (9, MANY), (3, THREADS), (4, THREADS)])
def test_the_process_limit_is_reached_half_way_through_the_start(most: int, scenario: str) -> None:
    uid = 61_000 + os.getpid() % 4_000  # no process runs under it
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        file = Path(name) / "many.yaml"
        file.write_text(scenario)
        done = subprocess.run(
            [sys.executable, "-c", AS_NOBODY.format(uid=uid, most=most), str(file)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    if "Permission denied" in done.stderr:
        pytest.skip("another user may not read this repository or its Python")
    assert done.returncode == 1, done.stderr
    assert "may start no more processes" in said(done)
    assert not [p for p in psutil.process_iter() if uid in p.uids()]


@pytest.mark.parametrize("kind", ["ordinary", "life", "swapping", "linux"])
@pytest.mark.parametrize("nth", [1, 3])
def test_a_fork_that_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, nth: int
) -> None:
    """The nth fork of the supervisor: of the guardian, the swapper, or a worker."""
    file = tmp_path / "forks.yaml"
    file.write_text(SCENARIOS[kind].format(cores=1))
    wanted = load(file).workload
    fork, me, forks = os.fork, os.getpid(), []

    def failing() -> int:
        if os.getpid() == me:
            forks.append(nth)
            if len(forks) == nth:
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return fork()

    before = psutil.Process().children(recursive=True)
    monkeypatch.setattr(os, "fork", failing)
    try:
        run = run_real(wanted, ms(30_000))
    except MultiprogError as refused:
        message = str(refused)
        assert "may start no more processes" in message
    else:
        assert len(forks) < nth and run.stopped is None
    assert psutil.Process().children(recursive=True) == before


def test_a_worker_without_memory_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_memory: PhysicalMemory, _workers: int) -> int:
        raise OSError(errno.ENOMEM, "mapping")

    monkeypatch.setattr(PhysicalMemory, "prepare", refuse)
    memory = MemorySpec(syscalls.PAGE, scheme="fixed", partitions=(syscalls.PAGE,))
    with pytest.raises(MultiprogError, match=r"A died at its start.*: cannot allocate memory: use"):
        run_real(workload(process("A", cpu(5), memory=syscalls.PAGE), memory=memory))


# -- where the result goes ------------------------------------------------------------------------

FILES = ["--out", "--perfetto", "--csv"]


@pytest.mark.parametrize("option", FILES)
def test_a_file_that_grows_too_large_is_not_there_at_all(tmp_path: Path, option: str) -> None:
    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    done = run_command(tmp_path, SHORT, option, "result", command="simulate", limits=small)
    assert done.returncode == 2
    assert said(done).endswith("cannot be written: File too large")
    assert "turn-" in done.stdout  # the result is shown all the same
    whole = [file.stat().st_size <= 100 for file in tmp_path.glob("result/*")]
    assert not (tmp_path / "result").is_file() and all(whole)


@pytest.mark.skipif(shutil.which("mount") is None, reason="needs mount")
@pytest.mark.parametrize("option", ["--out", "--html", "--csv"])
def test_a_full_disk(tmp_path: Path, option: str) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        (disk / "filled").write_bytes(bytes(4096))
        done = run_command(tmp_path, MANY, option, "disk/result")
        left = [
            file for file in disk.rglob("*") if file.is_file() and not file.name.endswith("csv")
        ]
        assert left == [disk / "filled"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    assert done.returncode == 2
    assert said(done).endswith("cannot be written: No space left on device")
    assert "turn-" in done.stdout


def test_standard_output_on_a_full_disk(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = run_command(tmp_path, SHORT, stdout=full)
    assert done.returncode == 1
    assert said(done) == "the output could not be written: No space left on device"


def test_a_reader_that_ends_before_the_output_does(tmp_path: Path) -> None:
    (tmp_path / "refused.yaml").write_text(MANY)
    command = f"{sys.executable} {ROOT / 'cli.py'} run-real refused.yaml --json | head -c 100"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert len(done.stdout) == 100 and "Traceback" not in done.stderr
    assert done.returncode in (0, 1)  # what was left fitted into the pipe, or it did not
    assert done.stderr == ""  # the reader that ended knows it


def test_a_full_pipe_is_waited_for_with_all_processes_gone(tmp_path: Path) -> None:
    (tmp_path / "refused.yaml").write_text("processes: [{name: P, count: 300, cpu: 1us}]")
    command = subprocess.Popen(
        [sys.executable, str(ROOT / "cli.py"), "simulate", "refused.yaml", "--json"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    time.sleep(3)  # 64 KiB fit into a pipe
    assert command.poll() is None and psutil.Process(command.pid).children() == []
    out, _ = command.communicate(timeout=PATIENCE)
    assert command.returncode == 0 and len(json.loads(out)["processes"]) == 300


# -- the clock ------------------------------------------------------------------------------------

STEPPING = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>
static long step(void) { static long calls; return (++calls % 2 ? 1 : -1) * calls * 3600; }
int clock_gettime(clockid_t id, struct timespec *at) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int found = real(id, at);
    if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE) at->tv_sec += step();
    return found;
}
time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}
int gettimeofday(struct timeval *at, void *zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec; at->tv_usec = now.tv_nsec / 1000;
    return 0;
}
"""


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
@pytest.mark.parametrize("kind", ["ordinary", "linux"])
def test_a_wall_clock_that_jumps_by_hours_at_every_look_changes_nothing(
    tmp_path: Path, kind: str
) -> None:
    (tmp_path / "step.c").write_text(STEPPING)
    library = tmp_path / "step.so"
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-o", str(library), str(tmp_path / "step.c"), "-ldl"], check=True
    )
    file = tmp_path / "clock.yaml"
    file.write_text(SCENARIOS[kind].format(cores=1))

    def under_it(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**os.environ, "LD_PRELOAD": str(library)},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    look = "import time; a = time.time(); b = time.time(); print(abs(a - b) > 1800)"
    assert under_it("-c", look) == "True\n"  # it does jump
    run = read_run(json.loads(under_it("cli.py", "run-real", "--no-wait", str(file), "--json")))
    assert check(run) == [] and run.stopped is None
    assert 0 < run.makespan_ns < ms(60_000)
