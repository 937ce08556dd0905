"""SIGKILLs of the supervisor at random moments of a run: does anything outlive it?

    python -m benchmarks.kills [KILLS] [--seed N]

Each run gets a session, a folder and an environment variable of its own. After the kill whatever
still carries one of them is left over: processes (stopped ones and zombies too), files in the
folder or in /dev/shm. Clean-up is the guardian's work and takes a moment; it is timed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from real import linux

ROOT = Path(__file__).parent.parent
MARK = "MULTIPROG_KILLED_RUN"
PATIENCE = 60.0  # seconds for what is left to disappear before it counts: a real leak stays
POLICIES = {os.SCHED_OTHER: "ordinary", os.SCHED_IDLE: "idle time only", os.SCHED_FIFO: "fifo"}

# stopped workers (more of them than cores), blocked ones, memory, a queue for it, two cores
SCENARIO = """
machine: {{cores: {cores}, devices: {{disk: {{units: 1}}}}}}
memory: {{scheme: fixed, partitions: [512KiB, 512KiB, 1MiB, 1MiB, 2048]}}
scheduler: {{policy: rr, quantum: 5ms}}
processes:
  - name: hog
    count: 4
    memory: 400KiB
    cpu: 150ms
  - name: mixed
    count: 3
    arrival: 20ms
    memory: 1000
    program: [{{repeat: {{times: 3, do: [{{cpu: 10ms}}, {{io: {{disk: 10ms}}}}]}}}}]
"""
BEFORE, DURING, AFTER = "before and after the workers", "while workers live", "after the end"
RESULT = "run.json"


@dataclass(frozen=True)
class Kill:
    """One run and its end."""

    moment: float  # seconds after its start
    phase: str
    leftovers: list[str]
    cleanup: float  # seconds until nothing was left


def become_subreaper() -> None:
    """Orphans of a killed run come to us, not to an init that may not care for them."""
    linux.set_subreaper(True)


def write_scenario(folder: Path) -> Path:
    """The scenario, for as many cores as there are, at most two."""
    file = folder / "killed.yaml"
    file.write_text(SCENARIO.format(cores=min(2, len(os.sched_getaffinity(0)))))
    return file


def start(scenario: Path, folder: Path, mark: str) -> subprocess.Popen[bytes]:
    """`run-real` in a session of its own, with `folder` as its current and temporary folder."""
    return subprocess.Popen(
        [sys.executable, str(ROOT / "cli.py"), "run-real", str(scenario), "--out", RESULT],
        cwd=folder,
        env={**os.environ, MARK: mark, "TMPDIR": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def processes_of(session: int, mark: str) -> Iterator[str]:
    """All processes of a session or with the mark in their environment.

    Each with all that helps to find out why it is there: `pid state class age command`.
    """
    wanted = f"{MARK}={mark}".encode()
    for entry in linux.processes():
        with contextlib.suppress(OSError):
            fields = (entry / "stat").read_bytes().rpartition(b")")[2].decode().split()
            state, parent, _, of_session, *_ = fields
            if (state, parent) == ("Z", "1"):
                continue  # dead, and init's to bury
            marked = int(of_session) == session
            if not marked:
                marked = wanted in (entry / "environ").read_bytes().split(b"\0")
            if marked:
                yield f"{entry.name} {state} {_how_scheduled(int(entry.name))} {_age(fields)} " + (
                    (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                )


def _how_scheduled(pid: int) -> str:
    policy = os.sched_getscheduler(pid) & ~os.SCHED_RESET_ON_FORK
    nice = os.getpriority(os.PRIO_PROCESS, pid)
    return f"{POLICIES.get(policy, policy)}, nice {nice},"


def _age(fields: list[str]) -> str:
    started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return f"{time.clock_gettime(time.CLOCK_BOOTTIME) - started:.2f} s old:"


def reap_orphans(but: int) -> None:
    """What init does: take the exit status of orphans. Not of our own child `but`."""
    with contextlib.suppress(ChildProcessError):
        while True:
            found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if found is None or found.si_pid == but:
                return
            os.waitpid(found.si_pid, 0)


def shared_memory() -> set[str]:
    """Names in /dev/shm."""
    folder = Path("/dev/shm")
    return {str(file) for file in folder.iterdir()} if folder.is_dir() else set()


def unowned(names: set[str]) -> set[str]:
    """Those of `names`, in /dev/shm, that no living process uses: the others are somebody's."""
    if not names:
        return names
    used = set()
    for entry in linux.processes():
        with contextlib.suppress(OSError):
            used |= {name for name in names if name in (entry / "maps").read_text()}
        with contextlib.suppress(OSError):
            used |= names & {str(fd.readlink()) for fd in (entry / "fd").iterdir()}
    return {name for name in names - used if Path(name).exists()}


def kill_once(scenario: Path, moment: float, mark: str) -> Kill:
    """Run the scenario, kill its supervisor after `moment` seconds, and look around."""
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        folder = Path(name)
        shm = shared_memory()
        began = time.monotonic()
        run = start(scenario, folder, mark)
        time.sleep(max(0.0, began + moment - time.monotonic()))
        if run.poll() is not None:
            phase = AFTER
        else:
            phase = DURING if len(list(processes_of(run.pid, mark))) > 1 else BEFORE
            run.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        run.wait()
        while True:
            reap_orphans(run.pid)
            left = list(processes_of(run.pid, mark))
            if not left or time.monotonic() > killed + PATIENCE:
                break
            time.sleep(0.001)
        cleanup = time.monotonic() - killed
        left += [str(file) for file in folder.iterdir() if not is_result(file)]
        left += unowned(shared_memory() - shm)
        return Kill(moment, phase, left, cleanup)


def is_result(file: Path) -> bool:
    """The document that was asked for, whole."""
    try:
        return file.name == RESULT and "processes" in json.loads(file.read_text())
    except ValueError:
        return False


def duration_of(scenario: Path) -> float:
    """How long the command takes when it is left alone, seconds."""
    times = []
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        for _ in range(3):
            began = time.monotonic()
            if start(scenario, Path(name), "undisturbed").wait() != 0:
                raise SystemExit("the undisturbed run has failed: nothing can be measured")
            times.append(time.monotonic() - began)
    return statistics.median(times)


def report(kills: list[Kill], duration: float, seed: int) -> None:
    """The table."""
    phases = Counter(kill.phase for kill in kills)
    moments = sorted(kill.moment * 1000 for kill in kills)
    quartiles = statistics.quantiles(moments, n=4) if len(moments) > 1 else moments * 3
    spread = ", ".join(f"{each:.0f}" for each in (moments[0], *quartiles, moments[-1]))
    cleanups = sorted(kill.cleanup * 1000 for kill in kills)
    left = sum(bool(kill.leftovers) for kill in kills)
    print(f"{'kills':36}{len(kills)}  (seed {seed})")
    print(f"{'an undisturbed command takes':36}{duration * 1000:.0f} ms")
    print(f"{'moments: least, quartiles, most':36}{spread} ms")
    for phase in (BEFORE, DURING, AFTER):
        print(f"{'  ' + phase:36}{phases[phase]}")
    print(f"{'runs that left something':36}{left}  {'✗' if left else '✓'}")
    print(
        f"{'clean-up: median, slowest':36}{statistics.median(cleanups):.0f}, {cleanups[-1]:.0f} ms"
    )
    for kill in kills:
        for what in kill.leftovers:
            print(f"  killed after {kill.moment * 1000:.1f} ms, left: {what}")


def main(arguments: list[str] | None = None) -> int:
    """Exit status 1 if anything was left."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("kills", nargs="?", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    become_subreaper()
    moments = random.Random(given.seed)
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        scenario = write_scenario(Path(folder))
        duration = duration_of(scenario)
        kills = [
            kill_once(scenario, moments.uniform(0, 1.1 * duration), f"{os.getpid()}-{number}")
            for number in range(given.kills)
        ]
    report(kills, duration, given.seed)
    return int(any(kill.leftovers for kill in kills))


if __name__ == "__main__":
    sys.exit(main())
