"""Kill or stop a part of real runs, and check that nothing is left over and nothing hangs.

    python -m benchmarks.kills [--count N] [--seed N] [--only KIND] [--victim V] [--signal S]

There are runs of all kinds, from ordinary ones to a calibration. In each run a part is hit by a
signal: the supervisor, the guardian, the leader of the workers' group, a worker, a fork server, the
painter of `--live`, or two of them. The signal is SIGKILL or SIGSTOP. The supervisor also gets
SIGTERM, SIGINT, SIGHUP, and SIGTSTP, after which it is continued. The moments of the signals are
spread evenly over the first second and over the whole run. A part that does not exist yet is hit as
soon as it does.

Each run has a session, a folder and an environment variable of its own. After the hit, nothing of
these may be left over: processes (also stopped ones and zombies), files in the folder or in
/dev/shm, instances of tracefs, a changed niceness of the session, a terminal that shows the
alternate screen, has no cursor, or has another mode. All must be gone within ten seconds. A command
that was not killed must end with one of its own exit statuses, and without a traceback.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import itertools
import json
import os
import pty
import signal
import statistics
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from real.host import syscalls
from real.host.ftrace import PREFIX, ROOTS, instances

ROOT = Path(__file__).parent.parent
MARK = "MULTIPROG_KILLED_RUN"
LIMIT = 10.0  # seconds in which all must be gone
PATIENCE = 60.0  # seconds after which the program stops waiting for that
STOOD = 1.0  # seconds until a stopped or suspended command is continued
POLICIES = {os.SCHED_OTHER: "ordinary", os.SCHED_IDLE: "idle time only", os.SCHED_FIFO: "fifo"}

# more stopped workers than cores, blocked workers, memory with an admission queue, two cores
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
# children and grandchildren, one of them an orphan, and a parent that waits for its children
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
# whenever a program ends, another program is moved in memory
COMPACTION = """
machine: {{memory: 320KiB, cores: {cores}}}
memory: {{scheme: variable, fit: first, compaction: when-needed}}
scheduler: {{policy: rr, quantum: 5ms}}
processes:
  - {{name: A, memory: 80KiB, cpu: 40ms}}
  - {{name: B, memory: 80KiB, program: [{{cpu: 20ms}}, {{io: 120ms}}, {{cpu: 20ms}}]}}
  - {{name: C, memory: 80KiB, cpu: 40ms}}
  - {{name: D, memory: 80KiB, program: [{{cpu: 20ms}}, {{io: 150ms}}, {{cpu: 20ms}}]}}
  - {{name: E, count: 3, arrival: 10ms, memory: 120KiB, cpu: 40ms}}
"""
# most of the time a program is being swapped out or in
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
REALTIME = """
machine: {{cores: {cores}}}
scheduler: {{policy: linux}}
processes:
  - {{name: greedy, class: fifo, rt_priority: 1, cpu: 200ms}}
  - {{name: turn, count: 2, class: rr, rt_priority: 5, cpu: 60ms}}
  - {{name: ordinary, count: 2, cpu: 60ms}}
  - {{name: last, class: idle, cpu: 20ms}}
"""
THREADS = """
machine: {{cores: {cores}}}
scheduler: {{policy: fair, dispatch: none}}
programs:
  worker: {{program: [{{repeat: {{times: 2, do: [{{cpu: 20ms}}, {{io: 60ms}}]}}}}]}}
processes:
  - name: threads
    threads: [worker, worker, [{{cpu: 100ms}}]]
  - {{name: process, cpu: 100ms}}
"""
LOCKED = LIFE.replace("- {{cpu: 50ms}}", "- lock: l\n      - {{cpu: 50ms}}")
SCENARIOS = {
    "ordinary": ORDINARY,
    "life": LIFE,
    "spawned": "start_method: spawn" + LOCKED,
    "served": "start_method: forkserver" + LOCKED,
    "compaction": COMPACTION,
    "swapping": SWAPPING,
    "linux": LINUX,
    "realtime": REALTIME,
    "threads": THREADS,
}


class Kind(NamedTuple):
    """A kind of run: the scenario, the command and its options."""

    scenario: str
    options: tuple[str, ...] = ()
    terminal: bool = False
    command: str = "run-real"


KINDS = {name: Kind(name) for name in SCENARIOS} | {
    "live": Kind("ordinary", ("--live",), terminal=True),
    "live life": Kind("life", ("--live",), terminal=True),
    "traced": Kind("ordinary", ("--trace", "kernel")),
    "calibrate": Kind("ordinary", command="calibrate"),
}
SUPERVISOR, GUARDIAN, LEADER, WORKER = "supervisor", "guardian", "leader", "worker"
SERVER, PAINTER, SWAPPER, TRACKER = "fork server", "painter", "swapper", "tracker"
KILL, STOP, SUSPEND = "SIGKILL", "SIGSTOP", "SIGTSTP"
SIGNALS = {
    SUPERVISOR: (KILL, "SIGTERM", "SIGINT", "SIGHUP", STOP, SUSPEND),
    f"{SUPERVISOR}, {GUARDIAN}": (KILL,),
    f"{GUARDIAN}, {SUPERVISOR}": (KILL,),
    f"{LEADER}, {SUPERVISOR}": (KILL,),
    TRACKER: (STOP,),  # CPython starts a killed tracker again, with a warning, so it is not killed
}
"""The signals that each victim gets. Other victims get SIGKILL and SIGSTOP."""
PAIRS = (f"{SUPERVISOR}, {GUARDIAN}", f"{GUARDIAN}, {SUPERVISOR}", f"{LEADER}, {SUPERVISOR}")
EVERYWHERE = (SUPERVISOR, GUARDIAN, LEADER, WORKER, *PAIRS)
ALSO = {
    "spawned": (TRACKER,),
    "served": (SERVER, TRACKER),
    "swapping": (SWAPPER,),
    "live": (PAINTER,),
    "live life": (PAINTER,),
    "calibrate": (SERVER, TRACKER),
}
CONTINUED = ((SUPERVISOR, STOP), (SUPERVISOR, SUSPEND))
ALLOWED = {KILL: {-9, 0}, "SIGTERM": {-15, 130, 0}, "SIGINT": {-2, 130, 0}, "SIGHUP": {-1, 130, 0}}
"""Exit statuses of a command whose supervisor was hit, by the signal."""
OTHERS = {0, 1, 130}
"""Exit statuses of a command of which another part was hit."""
RESULT = "run.json"
GOLDEN = 0.618033988749895
"""The golden ratio less 1. Its multiples, modulo 1, are spread evenly, however many there are."""


def victims_of(kind: str) -> Sequence[str]:
    """Return the parts that can be hit in a run of that kind."""
    return (*EVERYWHERE, *ALSO.get(kind, ()))


@dataclass(frozen=True)
class Plan:
    """Which part of which run is hit, by which signal, and when."""

    kind: str
    victim: str
    signal: str
    moment: float  # from 0 to 1, of the first second or of the whole run
    chance: float  # from 0 to 1: chooses one of several processes
    first_second: bool = True


@dataclass
class Hit:
    """The result of a run of which a part was hit."""

    plan: Plan
    hit: str = "nothing"  # the parts that were hit
    left: list[str] = field(default_factory=list)  # in words, what was left over
    gone: float = 0.0  # seconds until nothing was left
    wrong: str = ""  # in words, what is wrong with its output or its end; empty if nothing


def become_subreaper() -> None:
    """Make this process the reaper of orphans of a killed run, as init may not reap them."""
    syscalls.set_subreaper(True)


def write_scenario(folder: Path, kind: str = "ordinary") -> Path:
    """Write the scenario of that kind, for at most two cores, and return its path."""
    file = folder / f"{kind}.yaml"
    file.write_text(SCENARIOS[kind].format(cores=min(2, len(os.sched_getaffinity(0)))))
    return file


# -- the command, and what is around it ----------------------------------------------------------


class Session:
    """The command in a process group of a session of its own, as a shell would start it.

    The leader of the session starts the command and tells how it ended. It lives until `close`, so
    that changes of the session can be seen. `pid` is the process of the command.
    """

    def __init__(self, arguments: Sequence[str], folder: Path, mark: str, *, terminal: bool):
        self.said = tempfile.TemporaryFile()  # noqa: SIM115
        self.screen = bytearray()
        master, slave = pty.openpty() if terminal else (-1, -1)
        self._modes = termios.tcgetattr(slave) if terminal else None
        self._slave = slave
        told, tell = os.pipe()
        here = os.getpid()
        self.leader = os.fork()
        if self.leader == 0:
            syscalls.die_with(here)
            os.close(told)
            _lead_session(arguments, folder, mark, slave, self.said.fileno(), tell)
        os.close(tell)
        self._told = told
        self.pid = int(os.read(told, 16))
        self.status: int | None = None
        if terminal:
            threading.Thread(target=self._read, args=(master,), daemon=True).start()

    def _read(self, master: int) -> None:
        with contextlib.suppress(OSError):
            while piece := os.read(master, 1 << 16):
                self.screen += piece
        os.close(master)

    def poll(self) -> int | None:
        """Return the command's exit status, or None while it runs."""
        if self.status is None:
            os.set_blocking(self._told, False)
            with contextlib.suppress(BlockingIOError):
                self.status = int(os.read(self._told, 16))
        return self.status

    def left(self) -> list[str]:
        """Return in words which settings of session and terminal the command has left changed."""
        found = []
        with contextlib.suppress(OSError):
            group = Path(f"/proc/{self.leader}/autogroup").read_text().split()
            if group[-1] != "0":
                found.append(f"the session's niceness is {group[-1]}")
        if self._modes is not None:
            if termios.tcgetattr(self._slave) != self._modes:
                found.append("the terminal has another mode")
            for shown, hidden, what in (
                (b"\x1b[?1049l", b"\x1b[?1049h", "the terminal shows the alternate screen"),
                (b"\x1b[?25h", b"\x1b[?25l", "the terminal shows no cursor"),
            ):
                if self.screen.rfind(hidden) > self.screen.rfind(shown):
                    found.append(what)
        return found

    def close(self) -> str:
        """End the leader of the session. Return what the command wrote on stderr."""
        os.kill(self.leader, signal.SIGKILL)
        os.waitpid(self.leader, 0)
        os.close(self._told)
        if self._slave >= 0:
            os.close(self._slave)
        with self.said:
            self.said.seek(0)
            return self.said.read().decode(errors="replace")


def _lead_session(
    arguments: Sequence[str], folder: Path, mark: str, terminal: int, said: int, tell: int
) -> None:
    """Lead a session: start the command in it, tell how it ended, and end."""
    try:
        os.setsid()
        if terminal >= 0:
            fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        pid = os.fork()
        if pid == 0:
            os.setpgid(0, 0)
            if terminal >= 0:
                os.tcsetpgrp(terminal, os.getpid())
            for number in (signal.SIGTTOU, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            null = os.open(os.devnull, os.O_RDWR)
            for fd, to in ((terminal, 0), (terminal, 1), (said, 2)):
                os.dup2(null if fd < 0 else fd, to)
            os.chdir(folder)
            environment = {MARK: mark, "TMPDIR": str(folder), "TERM": "xterm", "COLUMNS": "100"}
            environment["XDG_CACHE_HOME"] = str(folder / "cache")
            os.execve(sys.executable, list(arguments), {**os.environ, **environment})
        os.write(tell, str(pid).encode().ljust(16))
        _, status = os.waitpid(pid, 0)
        os.write(tell, str(os.waitstatus_to_exitcode(status)).encode().ljust(16))
        while True:
            signal.pause()
    finally:
        os._exit(0)


def command_of(kind: Kind, scenario: Path) -> list[str]:
    """Return the command line of that kind."""
    command = [sys.executable, str(ROOT / "cli.py"), kind.command]
    if kind.command == "calibrate":
        return [*command, "--no-wait", "--out", RESULT]
    return [*command, "--no-wait", str(scenario), "--out", RESULT, *kind.options]


class Process(NamedTuple):
    """One process of a run, as /proc shows it."""

    pid: int
    state: str
    parent: int
    group: int
    name: str
    command: str
    fields: list[str]

    def __str__(self) -> str:
        """Return in words what helps to find out why the process is left over."""
        return (
            f"{self.pid} {self.state} {_how_scheduled(self.pid)} {_age(self.fields)} "
            f"{self.name} (parent {self.parent}): {self.command}"
        )


def look(session: int, mark: str) -> Iterator[Process]:
    """Yield all processes of the session or with the mark in their environment."""
    wanted = f"{MARK}={mark}".encode()
    for entry in syscalls.processes():
        with contextlib.suppress(OSError):
            before, _, after = (entry / "stat").read_bytes().rpartition(b")")
            fields = after.decode().split()
            state, parent, group, of_session, *_ = fields
            if (state, parent) == ("Z", "1"):
                continue  # a zombie that init will reap
            ours = int(of_session) == session
            if not ours and wanted not in (entry / "environ").read_bytes().split(b"\0"):
                continue
            name = before.partition(b"(")[2].decode(errors="replace")
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            pid = int(entry.name)
            yield Process(pid, state, int(parent), int(group), name, command, fields)


def processes_of(session: int, mark: str) -> Iterator[str]:
    """Yield each process of the session in words: `pid state class age name command`."""
    return map(str, look(session, mark))


def _how_scheduled(pid: int) -> str:
    try:
        policy = os.sched_getscheduler(pid) & ~os.SCHED_RESET_ON_FORK
        nice = os.getpriority(os.PRIO_PROCESS, pid)
    except ProcessLookupError:
        return "gone meanwhile,"
    return f"{POLICIES.get(policy, policy)}, nice {nice},"


def _age(fields: list[str]) -> str:
    started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return f"{time.clock_gettime(time.CLOCK_BOOTTIME) - started:.2f} s old:"


def reap_orphans(but: int) -> None:
    """Reap orphans that have ended, as init does, but not the child `but`."""
    with contextlib.suppress(ChildProcessError):
        while True:
            found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if found is None or found.si_pid == but:
                return
            os.waitpid(found.si_pid, 0)


def shared_memory() -> set[str]:
    """Return the paths of all files in /dev/shm."""
    folder = Path("/dev/shm")
    return {str(file) for file in folder.iterdir()} if folder.is_dir() else set()


def unowned(names: set[str]) -> set[str]:
    """Return the files of `names`, in /dev/shm, that no living process uses.

    Files are compared by inode, because a semaphore is mapped under the name that it had first.
    """
    inodes = {}
    for name in names:
        with contextlib.suppress(OSError):
            inodes[str(Path(name).stat().st_ino)] = name
    used: set[str] = set()
    for entry in syscalls.processes() if inodes else ():
        with contextlib.suppress(OSError):
            lines = (entry / "maps").read_text().splitlines()
            used |= {line.split()[4] for line in lines if "/dev/shm/" in line}
        with contextlib.suppress(OSError):
            used |= {str(fd.stat().st_ino) for fd in (entry / "fd").iterdir() if fd.exists()}
    return {name for inode, name in inodes.items() if inode not in used and Path(name).exists()}


def traced(pid: int) -> list[str]:
    """Return the instances of tracefs that the command made."""
    folders = (root / "instances" / f"{PREFIX}{pid}" for root in ROOTS)
    return [str(folder) for folder in folders if os.path.isdir(folder)]  # noqa: PTH112 - see instances


# -- one hit -------------------------------------------------------------------------------------


def find(victim: str, processes: Sequence[Process], supervisor: int) -> list[int]:
    """Return the pids of the processes that are `victim`, sorted."""
    leaders = {each.pid for each in processes if each.name == "leader"}
    workers = (each for each in processes if each.group in leaders and each.pid not in leaders)
    found: list[int]
    match victim:
        case "supervisor":
            found = [supervisor]
        case "worker":
            found = [each.pid for each in workers if each.name not in (SWAPPER, PAINTER)]
        case "tracker":
            found = [each.pid for each in processes if "resource_tracker" in each.command]
        case "fork server":
            served = {each.pid for each in processes if "forkserver" in each.command}
            found = [each.pid for each in processes if each.pid in served - {each.parent}]
            found = [pid for pid in found if _parent(pid, processes) not in served]
        case _:
            found = [each.pid for each in processes if each.name == victim]
    return sorted(found)


def _parent(pid: int, processes: Sequence[Process]) -> int:
    return next((each.parent for each in processes if each.pid == pid), 0)


def kill_once(plan: Plan, scenario: Path, span: float, mark: str) -> Hit:
    """Run the scenario, hit it at the planned share of `span` seconds, and find what is left."""
    kind, hit = KINDS[plan.kind], Hit(plan)
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        folder, shm = Path(name), shared_memory()
        began = time.monotonic()
        session = Session(command_of(kind, scenario), folder, mark, terminal=kind.terminal)
        time.sleep(max(0.0, began + plan.moment * span - time.monotonic()))
        hit.hit = _hit(plan, session, mark)
        happened = time.monotonic()
        while True:
            reap_orphans(session.leader)
            ended = session.poll() is not None
            hit.left = _left(session, mark, folder, shm) if ended else ["the command itself"]
            hit.gone = time.monotonic() - happened
            if not hit.left or hit.gone > PATIENCE * slowness():
                break
            time.sleep(0.002)
        hit.left += _left(session, mark, folder, shm) if not ended else []
        for each in look(session.leader, mark):
            if each.pid != session.leader:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(each.pid, signal.SIGKILL)
        said = session.close()
        hit.wrong = complaint(hit, session.status, said)
    return hit


def _left(session: Session, mark: str, folder: Path, shm: set[str]) -> list[str]:
    left = [str(each) for each in look(session.leader, mark) if each.pid != session.leader]
    if not left:  # files and settings count only when no process is left
        left += [str(file) for file in folder.iterdir() if not is_result(file)]
        left += unowned(shared_memory() - shm)
        left += traced(session.pid)
        left += session.left()
    return left


def _hit(plan: Plan, session: Session, mark: str) -> str:
    """Send the signal to each part of the victim, one after the other, as soon as it exists.

    Return the parts that were hit.
    """
    hit = []
    for part in plan.victim.split(", "):
        while session.poll() is None:
            processes = list(look(session.leader, mark))
            found = find(part, processes, session.pid)
            if found:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(found[int(plan.chance * len(found))], signal.Signals[plan.signal])
                    hit.append(part)
                break
            time.sleep(0.001)
    if (plan.victim, plan.signal) in CONTINUED and hit:
        time.sleep(STOOD)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(session.pid, signal.SIGCONT)
    return ", ".join(hit) or "nothing"


def complaint(hit: Hit, status: int | None, said: str) -> str:
    """Return in words what is wrong with the end of the command; empty if nothing is."""
    plan = hit.plan
    if hit.hit == "nothing":
        allowed = {0}
    elif (plan.victim, plan.signal) in CONTINUED:
        allowed = {0, 1}
    elif SUPERVISOR in hit.hit:
        allowed = ALLOWED[plan.signal] | (OTHERS if hit.hit != SUPERVISOR else set())
    else:
        allowed = OTHERS
    if status is None:
        return "it did not end"
    early = f"{ROOT / 'cli.py'}" not in said or "import signal" in said
    starting = ("Traceback" in said and early) or said.strip() == "KeyboardInterrupt"
    if SUPERVISOR in hit.hit and plan.signal == "SIGINT" and starting:
        return ""  # Python itself was starting and had not reached our first line
    if status not in allowed:
        return f"exit status {status}: {said.strip()[-300:]}"
    unharmed = status == 0 and SUPERVISOR not in hit.hit  # the run came to its own end
    goes_on = unharmed or (plan.victim, plan.signal) in CONTINUED
    if hit.gone > LIMIT * slowness() and not hit.left and not goes_on:
        return f"all was gone only after {hit.gone:.1f} s: {said.strip()[-300:]}"
    return said if "Traceback" in said or (status == 1 and not said.strip()) else ""


def slowness() -> float:
    """Return by which factor the load of the machine makes everything slower; 1 if it is quiet."""
    return max(1.0, os.getloadavg()[0] / len(os.sched_getaffinity(0)))


def is_result(file: Path) -> bool:
    """Return whether the file may stay: a whole result (run document or profile), or the cache."""
    if file.name == "cache":
        return True
    try:
        return file.name == RESULT and bool(json.loads(file.read_text())["format"])
    except (ValueError, KeyError):
        return False


# -- all of them ---------------------------------------------------------------------------------


def duration_of(kind: str, scenario: Path) -> float:
    """Return how long (seconds) the command takes when nothing is hit.

    Raises SystemExit if it fails.
    """
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        began = time.monotonic()
        mark = f"{os.getpid()}-undisturbed"
        wanted = KINDS[kind]
        arguments = command_of(wanted, scenario)
        session = Session(arguments, Path(name), mark, terminal=wanted.terminal)
        while session.poll() is None:
            time.sleep(0.01)
        took = time.monotonic() - began
        said = session.close()
        if session.status != 0:
            raise SystemExit(f"{kind}: the undisturbed run has failed: {said.strip()}")
    return took


def plans(kinds: Sequence[str], seed: int, wanted: Callable[[Plan], bool]) -> Iterator[Plan]:
    """Yield endless plans: all kinds, victims and signals in turn, at evenly spread moments.

    In every second turn the moments are in the first second, in the others in the whole run.
    """
    columns = [
        [
            (kind, victim, number)
            for victim in victims_of(kind)
            for number in SIGNALS.get(victim, (KILL, STOP))
            if wanted(Plan(kind, victim, number, 0, 0))
        ]
        for kind in kinds
    ]
    columns = [column for column in columns if column]
    for turn in itertools.count(seed):  # kinds alternate, so that a few hits cover all kinds
        for place, column in enumerate(columns):
            kind, victim, number = column[(turn + place) % len(column)]
            share = (GOLDEN * (turn + turn // len(column) + 1)) % 1
            chance = (GOLDEN * 7 * (turn + 1)) % 1
            yield Plan(kind, victim, number, share, chance, first_second=turn % 2 == 0)


def report(hits: list[Hit], durations: dict[str, float], seed: int) -> None:
    """Print the tables of all hits, by victim and signal and by kind."""
    print(f"{len(hits)} runs, seed {seed}")
    print("undisturbed: " + ", ".join(f"{kind} {s:.1f} s" for kind, s in durations.items()))
    head = f"{'runs':>6}{'hit':>6}{'left':>6}{'bad end':>9}{'gone, median, slowest':>26}"
    for title, key in (
        ("victim, signal", lambda hit: f"{hit.plan.victim}: {hit.plan.signal}"),
        ("kind", lambda hit: hit.plan.kind),
    ):
        print(f"{title:34}{head}")
        for name in dict.fromkeys(map(key, hits)):
            print(f"{name:34}{_row([hit for hit in hits if key(hit) == name])}")
    print(f"{'all':34}{_row(hits)}")


def tell(hit: Hit) -> None:
    """Print what the run left over and what is wrong with its end, if anything."""
    plan = hit.plan
    of = "of the first second" if plan.first_second else "of the run"
    where = f"  {plan.kind}, {plan.signal} of {hit.hit} ({plan.victim}) at {plan.moment:.4f} {of}"
    for what in hit.left:
        print(f"{where}, left: {what}", flush=True)
    if hit.wrong:
        print(f"{where}, ended badly: {hit.wrong}", flush=True)


def _row(hits: list[Hit]) -> str:
    there = sum(hit.hit != "nothing" for hit in hits)
    left = sum(bool(hit.left) for hit in hits)
    bad = sum(bool(hit.wrong) for hit in hits)
    gone = sorted(hit.gone for hit in hits if hit.hit != "nothing") or [0.0]
    times = f"{statistics.median(gone):.2f}, {gone[-1]:.2f} s"
    return f"{len(hits):6}{there:6}{left:6}{bad:9}{times:>26}"


def _can(kind: str) -> bool:
    """Return whether this user can run that kind on this machine."""
    if kind in ("realtime", "traced") and os.geteuid() != 0:
        return False
    if kind == "traced":
        with contextlib.suppress(OSError):
            return instances().is_dir()
        return False
    return True


def main(arguments: list[str] | None = None) -> int:
    """Return exit status 1 if anything was left over, or a command ended wrongly."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=1000, help="of runs")
    parser.add_argument("--seed", type=int, default=0, help="the first hit of each kind, by number")
    parser.add_argument("--only", choices=KINDS, action="append")
    parser.add_argument("--victim", action="append")
    parser.add_argument("--signal", action="append")
    parser.add_argument("--whole", type=float, help="seconds of a run, instead of measuring it")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="no run begins later")
    given = parser.parse_args(arguments)
    # a shell starts a background job with SIGINT ignored, and the commands would inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)
    become_subreaper()
    kinds = given.only or [kind for kind in KINDS if _can(kind)]

    def wanted(plan: Plan) -> bool:
        victims, signals = given.victim or [plan.victim], given.signal or [plan.signal]
        return plan.victim in victims and plan.signal in signals

    hits: list[Hit] = []
    until = time.monotonic() + given.seconds
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        files = {kind: write_scenario(Path(folder), KINDS[kind].scenario) for kind in kinds}
        durations: dict[str, float] = {}
        planned = plans(kinds, given.seed, wanted)
        for number, plan in enumerate(itertools.islice(planned, given.count)):
            if time.monotonic() > until:
                break
            file, span = files[plan.kind], 1.0
            if not plan.first_second:
                if given.whole is not None:
                    durations[plan.kind] = given.whole
                elif plan.kind not in durations:
                    durations[plan.kind] = duration_of(plan.kind, file)
                span = 1.05 * durations[plan.kind]
            hits.append(kill_once(plan, file, span, f"{os.getpid()}-{number}"))
            tell(hits[-1])
    report(hits, durations, given.seed)
    return int(any(hit.left or hit.wrong for hit in hits))


if __name__ == "__main__":
    sys.exit(main())
