"""The command in a process of its own, and what is left of it in the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from benchmarks.kills import MARK, ROOT, processes_of, shared_memory, unowned

PATIENCE = 60.0  # seconds: others may keep all cores busy; a real leak stays


def take_signals() -> None:
    """Let the signals that end a command end this child, before its program begins."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


LONG = """
machine: {cores: 1}
memory: {scheme: fixed, partitions: [64KiB, 64KiB, 64KiB]}
scheduler: {policy: rr, quantum: 5ms}
processes:
  - {name: A, memory: 8KiB, cpu: 60s}
  - {name: B, memory: 8KiB, program: [{cpu: 5ms}, {io: 60s}]}
  - {name: C, memory: 8KiB, cpu: 60s}
  - {name: D, memory: 8KiB, cpu: 60s}
"""


def until(condition: Any, what: str | Callable[[], str]) -> None:
    """Wait until `condition` holds, at most PATIENCE seconds. `what` says for what."""
    end = time.monotonic() + PATIENCE
    while not condition():
        late = time.monotonic() > end
        assert not late, f"waited for {what if isinstance(what, str) else what()} in vain"
        time.sleep(0.01)


class Command:
    """`python cli.py run-real` of a scenario of a minute, with the workers that it has.

    It waits for no other run, as several tests may be under way, and how the tests themselves were
    started to take signals does not reach it.
    """

    def __init__(self, folder: Path, *options: str, text: str = LONG, **how: Any) -> None:
        self.mark = str(folder)  # the same tests may run elsewhere, in folders of the same name
        self.folder = folder
        self.shm = shared_memory()
        (folder / "long.yaml").write_text(text)
        self.popen = subprocess.Popen(
            [sys.executable, str(ROOT / "cli.py"), "run-real", "--no-wait", "long.yaml", *options],
            cwd=folder,
            env={**os.environ, MARK: self.mark, "TMPDIR": str(folder)},
            **{
                "stdin": subprocess.DEVNULL,
                "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE,
                "text": True,
                "start_new_session": True,
                "preexec_fn": take_signals,
                **how,
            },
        )

    def await_running(self) -> None:
        """Wait until a worker has used CPU time: then the run has begun."""
        until(lambda: any(self._cpu(pid) > 0.05 for pid in self.workers()), "the run to begin")

    def workers(self) -> list[int]:
        """Return the pids of its descendants, the guardian and its group's leader among them."""
        try:
            return [child.pid for child in psutil.Process(self.popen.pid).children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _cpu(self, pid: int) -> float:
        try:
            return psutil.Process(pid).cpu_times().user
        except psutil.NoSuchProcess:
            return 0.0

    def end(self) -> tuple[int, str, str]:
        """Wait for its end. Return exit status, stdout, stderr; nothing of it is left."""
        out, err = self.popen.communicate(timeout=PATIENCE)
        until(lambda: not self.left(), lambda: f"{self.left()} to disappear")
        assert [file.name for file in self.folder.iterdir()] == ["long.yaml"]
        # a thing that another program makes or removes has no owner for a moment: a leak stays
        until(lambda: not self.leaked(), lambda: f"{self.leaked()} to be given back")
        return self.popen.returncode, out, err

    def left(self) -> list[str]:
        """Return its processes that are left, stopped ones and zombies too."""
        return list(processes_of(self.popen.pid, self.mark))

    def leaked(self) -> set[str]:
        """Return the shared memory and the semaphores that are new, and owned by no process."""
        return unowned(shared_memory() - self.shm)

    def worker(
        self, wanted: Callable[[psutil.Process], bool], used: float = 0.05
    ) -> psutil.Process:
        """Return one of its workers that is as `wanted`, and has used so many seconds of CPU time.

        The guardian and the leader of its group are no workers, and use no CPU time.
        """
        found: list[psutil.Process] = []

        def look() -> bool:
            for pid in self.workers():
                try:
                    process = psutil.Process(pid)
                    if sum(process.cpu_times()[:2]) >= used and wanted(process):
                        found.append(process)
                        return True
                except psutil.NoSuchProcess:
                    continue
            return False

        until(look, "such a worker")
        return found[0]


LIFE = """
machine: {cores: 1}
scheduler: {policy: rr, quantum: 5ms}
programs:
  hog: {program: [{cpu: 60s}]}
  grandchild: {program: [{cpu: 60s}]}
  parent: {program: [{start: {program: grandchild}}, {cpu: 60s}]}
processes:
  - name: main
    program: [{start: {program: parent}}, {start: {program: hog}}, {cpu: 10ms}, {join: parent}]
"""
SWAPPING = """
machine: {memory: 320KiB, devices: {disk: {}}}
memory: {scheme: variable, swap: {out: blocked, device: disk, rate: 10000KiB/s}}
scheduler: {policy: rr, quantum: 20ms}
processes:
  - name: A
    memory: 200KiB
    program: &some [{repeat: {times: 300, do: [{cpu: 20ms}, {io: 60ms}]}}]
  - {name: B, memory: 100KiB, program: [{cpu: 60s}]}
  - {name: C, memory: 180KiB, program: *some}
"""
LINUX = """
machine: {cores: 1, devices: {disk: {}}}
scheduler: {policy: linux}
processes:
  - {name: A, cpu: 60s}
  - {name: B, program: [{repeat: {times: 2000, do: [{cpu: 5ms}, {io: {disk: 20ms}}]}}]}
  - {name: C, nice: 5, cpu: 60s}
"""
KINDS = {"ordinary": LONG, "life": LIFE, "swapping": SWAPPING, "linux": LINUX}
