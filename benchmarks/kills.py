"""Runs that are killed at random moments: does anything outlive them, and what do they say?

    python -m benchmarks.kills [RUNS] [--seed N] [--only KIND]

Six kinds of runs (ordinary, with steps of life, forked, spawned and by fork servers, with swapping,
left to Linux's own scheduler), each with three ends: SIGKILL of the supervisor, SIGTERM of it,
SIGKILL of any of its processes. Each run gets a session, a folder and an environment variable of
its own. After the kill whatever still carries one of them is left over: processes (stopped ones and
zombies too), files in the folder or in /dev/shm. Clean-up after a SIGKILL is the guardian's work
and takes a moment; it is timed. A command that could still speak must end with a status of its own,
in lines without a traceback.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from real import linux

ROOT = Path(__file__).parent.parent
MARK = "MULTIPROG_KILLED_RUN"
PATIENCE = 60.0  # seconds for what is left to disappear before it counts: a real leak stays
POLICIES = {os.SCHED_OTHER: "ordinary", os.SCHED_IDLE: "idle time only", os.SCHED_FIFO: "fifo"}

# stopped workers (more of them than cores), blocked ones, memory, a queue for it, two cores
ORDINARY = """
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
# children and grandchildren, one of them an orphan, somebody who waits for them
LIFE = """
machine: {{cores: {cores}}}
scheduler: {{policy: rr, quantum: 5ms}}
programs:
  hog: {{program: [{{cpu: 100ms}}]}}
  early: {{program: [{{start: {{program: hog, name: orphan}}}}, {{cpu: 10ms}}, {{os_exit: 3}}]}}
processes:
  - name: main
    program:
      - start: {{program: early}}
      - start: {{program: hog}}
      - {{cpu: 50ms}}
      - {{join: early}}
      - {{join: hog}}
  - {{name: other, cpu: 100ms}}
"""
# somebody is being written to the file, or read back, most of the time
SWAPPING = """
machine: {{memory: 320KiB, cores: {cores}, devices: {{disk: {{}}}}}}
memory: {{scheme: variable, swap: {{out: blocked, device: disk, rate: 10000KiB/s}}}}
scheduler: {{policy: rr, quantum: 5ms}}
processes:
  - name: A
    memory: 200KiB
    program: &some [{{repeat: {{times: 3, do: [{{cpu: 20ms}}, {{io: 60ms}}]}}}}]
  - {{name: B, memory: 100KiB, program: *some}}
  - {{name: C, memory: 180KiB, program: *some}}
"""
LINUX = """
machine: {{cores: {cores}, devices: {{disk: {{}}}}}}
scheduler: {{policy: linux}}
processes:
  - {{name: hog, count: 3, cpu: 100ms}}
  - name: mixed
    program: [{{repeat: {{times: 10, do: [{{cpu: 5ms}}, {{io: {{disk: 10ms}}}}]}}}}]
  - {{name: nice, nice: 5, cpu: 50ms}}
"""
LOCKED = LIFE.replace("- {{cpu: 50ms}}", "- lock: l\n      - {{cpu: 50ms}}")
SCENARIOS = {
    "ordinary": ORDINARY,
    "life": LIFE,
    "spawned": "start_method: spawn" + LOCKED,
    "served": "start_method: forkserver" + LOCKED,
    "swapping": SWAPPING,
    "linux": LINUX,
}
KILL, TERM, WORKER = "SIGKILL of the supervisor", "SIGTERM of it", "SIGKILL of a process of it"
FAULTS = (KILL, TERM, WORKER)
BEFORE, DURING, AFTER = "before and after the workers", "while workers live", "after the end"
RESULT = "run.json"
TRACKER = "multiprocessing.resource_tracker"
"""Of a spawned or served run. It is not hit: CPython starts another, and prints what it thinks."""


@dataclass(frozen=True)
class Kill:
    """One run and its end."""

    kind: str
    fault: str
    moment: float  # seconds after its start
    phase: str
    leftovers: list[str]
    cleanup: float  # seconds until nothing was left
    wrong: str  # about what it said, or how it ended; nothing if all is well


def become_subreaper() -> None:
    """Orphans of a killed run come to us, not to an init that may not care for them."""
    linux.set_subreaper(True)


def write_scenario(folder: Path, kind: str = "ordinary") -> Path:
    """The scenario, for as many cores as there are, at most two."""
    file = folder / f"{kind}.yaml"
    file.write_text(SCENARIOS[kind].format(cores=min(2, len(os.sched_getaffinity(0)))))
    return file


def start(
    scenario: Path, folder: Path, mark: str, said: IO[bytes] | int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    """`run-real` in a session of its own, with `folder` as its current and temporary folder."""
    return subprocess.Popen(
        [
            sys.executable,
            str(ROOT / "cli.py"),
            "run-real",
            "--no-wait",
            str(scenario),
            "--out",
            RESULT,
        ],
        cwd=folder,
        env={**os.environ, MARK: mark, "TMPDIR": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=said,
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
    """Those of `names`, in /dev/shm, that no living process uses: the others are somebody's.

    By inode, as a semaphore is mapped under the name that it had before its own.
    """
    inodes = {}
    for name in names:
        with contextlib.suppress(OSError):
            inodes[str(Path(name).stat().st_ino)] = name
    used: set[str] = set()
    for entry in linux.processes() if inodes else ():
        with contextlib.suppress(OSError):
            lines = (entry / "maps").read_text().splitlines()
            used |= {line.split()[4] for line in lines if "/dev/shm/" in line}
        with contextlib.suppress(OSError):
            used |= {str(fd.stat().st_ino) for fd in (entry / "fd").iterdir() if fd.exists()}
    return {name for inode, name in inodes.items() if inode not in used and Path(name).exists()}


def kill_once(scenario: Path, fault: str, moment: float, chance: float, mark: str) -> Kill:
    """Run the scenario, let the fault happen after `moment` seconds, and look around.

    `chance`, from 0 to 1, says which of its processes is hit.
    """
    with tempfile.TemporaryDirectory(prefix="kills-") as name, tempfile.TemporaryFile() as said:
        folder = Path(name)
        shm = shared_memory()
        began = time.monotonic()
        run = start(scenario, folder, mark, said)
        time.sleep(max(0.0, began + moment - time.monotonic()))
        hit = False
        if run.poll() is not None:
            phase = AFTER
        else:
            own = [pid for pid in pids_of(run.pid, mark, but=TRACKER) if pid != run.pid]
            phase = DURING if own else BEFORE
            hit = fault != WORKER or bool(own)
            if fault == WORKER and own:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(own[int(chance * len(own))], signal.SIGKILL)
            elif hit:
                run.send_signal(signal.SIGKILL if fault == KILL else signal.SIGTERM)
        killed = time.monotonic()
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(PATIENCE)
        ended = time.monotonic() if fault == WORKER else killed
        while True:
            reap_orphans(run.pid)
            left = list(processes_of(run.pid, mark))
            if not left or time.monotonic() > ended + PATIENCE:
                break
            time.sleep(0.001)
        cleanup = time.monotonic() - ended
        left += [str(file) for file in folder.iterdir() if not is_result(file)]
        left += unowned(shared_memory() - shm)
        said.seek(0)
        wrong = complaint(fault if hit else None, run.returncode, said.read().decode())
        return Kill(scenario.stem, fault, moment, phase, left, cleanup, wrong)


def pids_of(session: int, mark: str, but: str | None = None) -> list[int]:
    """The processes of a run, ascending; without those in whose command line `but` stands."""
    found = [each for each in processes_of(session, mark) if but is None or but not in each]
    return sorted(int(each.split()[0]) for each in found)


def complaint(fault: str | None, status: int | None, said: str) -> str:
    """What is wrong with the end of a command that was hit so, or not at all."""
    allowed = {0} if fault is None else {KILL: {-9, 0}, TERM: {-15, 130, 0}, WORKER: {0, 1}}[fault]
    if status is None:
        return "it did not end"
    if status not in allowed:
        return f"exit status {status}: {said.strip()[-300:]}"
    return said if "Traceback" in said or (status == 1 and not said.strip()) else ""


def is_result(file: Path) -> bool:
    """The document that was asked for, whole."""
    try:
        return file.name == RESULT and "processes" in json.loads(file.read_text())
    except ValueError:
        return False


def duration_of(scenario: Path) -> float:
    """How long the command takes when it is left alone, seconds."""
    times = []
    with tempfile.TemporaryDirectory(prefix="kills-") as name, tempfile.TemporaryFile() as said:
        for _ in range(3):
            began = time.monotonic()
            if start(scenario, Path(name), "undisturbed", said).wait() != 0:
                said.seek(0)
                what = said.read().decode().strip()
                raise SystemExit(f"the undisturbed run has failed: nothing can be measured: {what}")
            times.append(time.monotonic() - began)
    return statistics.median(times)


def report(kills: list[Kill], durations: dict[str, float], seed: int) -> None:
    """The tables."""
    print(f"{len(kills)} runs, seed {seed}")
    print("undisturbed: " + ", ".join(f"{kind} {s * 1000:.0f} ms" for kind, s in durations.items()))
    print(
        f"{'fault':27}{'run':10}{'runs':>5}{'workers lived':>15}{'left':>6}{'bad end':>9}", end=""
    )
    print(f"{'clean-up, median, slowest':>28}")
    for fault in FAULTS:
        for kind in durations:
            rows = [kill for kill in kills if (kill.fault, kill.kind) == (fault, kind)]
            if rows:
                print(f"{fault:27}{kind:10}{_row(rows)}")
    print(f"{'all':37}{_row(kills)}")
    for kill in kills:
        where = f"  {kill.kind}, {kill.fault} after {kill.moment * 1000:.1f} ms"
        for what in kill.leftovers:
            print(f"{where}, left: {what}")
        if kill.wrong:
            print(f"{where}, ended badly: {kill.wrong}")


def _row(kills: list[Kill]) -> str:
    during = sum(kill.phase == DURING for kill in kills)
    left = sum(bool(kill.leftovers) for kill in kills)
    bad = sum(bool(kill.wrong) for kill in kills)
    cleanups = sorted(kill.cleanup * 1000 for kill in kills)
    times = f"{statistics.median(cleanups):.0f}, {cleanups[-1]:.0f} ms"
    return f"{len(kills):5}{during:15}{left:6}{bad:9}{times:>28}"


def main(arguments: list[str] | None = None) -> int:
    """Exit status 1 if anything was left, or a command ended badly."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("runs", nargs="?", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=SCENARIOS)
    given = parser.parse_args(arguments)
    become_subreaper()
    draw = random.Random(given.seed)
    kinds = [given.only] if given.only else list(SCENARIOS)
    kills = []
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        files = {kind: write_scenario(Path(folder), kind) for kind in kinds}
        durations = {kind: duration_of(file) for kind, file in files.items()}
        rounds = itertools.cycle(itertools.product(kinds, FAULTS))
        for number, (kind, fault) in enumerate(itertools.islice(rounds, given.runs)):
            moment, chance = draw.uniform(0, 1.1 * durations[kind]), draw.random()
            mark = f"{os.getpid()}-{number}"
            kills.append(kill_once(files[kind], fault, moment, chance, mark))
    report(kills, durations, given.seed)
    return int(any(kill.leftovers or kill.wrong for kill in kills))


if __name__ == "__main__":
    sys.exit(main())
