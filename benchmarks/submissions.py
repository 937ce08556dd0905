"""Grade hostile submissions: none gets a mark, none stops the others, nothing is left.

    python -m benchmarks.submissions [NAME…]
    python -m benchmarks.submissions --hundred

Each submission of HOSTILE decides wrongly, and does something more to get a mark all the same or to
harm the grader. It is graded between two honest ones. It must get no mark, the honest ones all of
theirs, and each in time. No process may be left over, and no file in the current folder, in that of
the submissions, in /tmp or /dev/shm. With --hundred, a hundred honest policies, right and wrong
ones, are graded on ten hidden workloads each, and the time is measured.

As root, submissions are asked as the user nobody; otherwise as the caller.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from language import Options
from language.assignments import read_assignment
from real.host import syscalls
from teaching.assignment.crew import grade
from teaching.assignment.grading import GradingOptions
from teaching.marks import Marks
from teaching.submission.account import account_of

SLOWEST = 60.0  # seconds for a hostile submission, on a busy machine
TRACE = "left-by-a-submission"  # the name of the files that hostile submissions try to leave
ASSIGNMENT = """
title: Write round robin
scheduler: {policy: rr, quantum: 20ms}
processes: [{name: A, cpu: 60ms}, {name: B, arrival: 10ms, cpu: 40ms}]
assignment:
  workloads: {ties: 1, io: 1, cores: 1}
  checks: [{same_schedule: true, points: 10}]
  leaderboard: [turnaround]
  limits: {cpu: 1s, time: 6s}
"""
HUNDRED = """
title: Write round robin
scheduler: {policy: rr, quantum: 20ms}
processes: [{name: A, cpu: 60ms}, {name: B, arrival: 10ms, cpu: 40ms}]
assignment:
  workloads: {plain: 2, ties: 2, io: 2, cores: 2, many: 1, starvation: 1}
  checks: [{same_schedule: true, points: 8}, {longest_wait: 2s, points: 2}]
"""
RIGHT = """\
import gc, json, os, re, sys, threading, time
from collections import deque
from kernel.scheduling import Duration, Policy, ms

class Right(Policy):
    quantum: Duration = ms(20)
    def setup(self):
        self.queue = deque()
    def ready(self, process, why):
        self.queue.append(process)
    def pick(self, core):
        if self.queue:
            return self.queue.popleft(), self.quantum
    def removed(self, process):
        self.queue.remove(process)

class Wrong(Right):
    def ready(self, process, why):
        self.queue.appendleft(process)
"""
HONEST = f"{RIGHT}\nclass Mine(Right):\n    pass\n"
LIE = '{"answer": [0, null], "points": 10, "score": 10, "passed": true}'


def method(head: str, what: str) -> str:
    """Return a file whose policy does `what` in a method, and then decides wrongly."""
    body = textwrap.indent(what, " " * 8)
    return f"{RIGHT}\nclass Mine(Wrong):\n    def {head}:\n{body}\n"


def pick(what: str) -> str:
    """Return a file whose policy does `what` at each decision, and then decides wrongly."""
    return method("pick(self, core)", f"{what}\nreturn super().pick(core)")


def setup(what: str) -> str:
    """Return a file whose policy does `what` when a run begins, and then decides wrongly."""
    return method("setup(self)", f"super().setup()\n{what}")


def reading(what: str) -> str:
    """Return a file that does `what` when it is read, and whose policy decides wrongly."""
    return f"{RIGHT}\nclass Mine(Wrong):\n    pass\n\n{what}\n"


def tried(what: str) -> str:
    """Return code that does `what`, and goes on whatever comes of it."""
    return f"try:\n{textwrap.indent(what, '    ')}\nexcept BaseException:\n    pass"


FOREVER = "while True: pass"
STUBBORN = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
IN_C = "sum(range(10**13))"
FORKS = "while True:\n    os.fork()"
CALM = "import signal\n[signal.signal(n, signal.SIG_IGN) for n in (1, 2, 14, 15, 24)]\n"
CRASH = "eval((lambda: 0).__code__.replace(co_code=bytes([100, 255] * 9), co_stacksize=0))"
SEARCH = """\
for found in gc.get_objects():
    if type(found).__name__ in ("Solution", "Case", "Marks", "Workload", "Grader"):
        self.queue = deque(sorted(self.queue, key=lambda process: process.ready_since))
        raise SystemExit(type(found).__name__)
"""
FILES: Mapping[str, str] = {
    # -- it ends, or never does
    "exit at reading": reading("sys.exit(0)"),
    "exit in pick": pick("sys.exit(0)"),
    "os._exit at reading": reading("os._exit(0)"),
    "os._exit in pick": pick("os._exit(0)"),
    "crash": pick(CRASH),
    "loop": pick(FOREVER),
    "loop that catches all": pick(CALM + STUBBORN),
    "loop in C": pick(IN_C),
    "loop in C that ignores signals": pick(CALM + IN_C),
    "loop at reading": reading(FOREVER),
    "regular expression without end": pick('re.match("(a|aa)+$", "a" * 60 + "b")'),
    "sleep": pick("time.sleep(600)"),
    "lock": pick("a = threading.Lock(); a.acquire(); a.acquire()"),
    "recursion without end": pick("self.pick(core)"),
    # -- processes, threads, signals
    "fork": pick(tried(FORKS)),
    "fork at reading": reading("if os.fork() == 0: time.sleep(600)"),
    "fork and answer twice": pick("os.fork()"),
    "program": pick(tried("os.execv('/bin/sleep', ['sleep', '600'])")),
    "spawn": pick(tried("os.posix_spawn('/bin/sleep', ['sleep', '600'], {})")),
    "shell": pick("os.system('sleep 600 &')"),
    "thread": pick("threading.Thread(target=time.sleep, args=(600,)).start()"),
    "daemon thread": reading(tried("threading.Thread(target=time.sleep, args=(6,)).start()")),
    "kill the grader": pick(tried("os.kill(os.getppid(), 9)")),
    "kill all": pick(tried("os.kill(-1, 9)")),
    "kill the group": pick(tried("os.killpg(0, 9)")),
    "stop itself": pick("os.kill(os.getpid(), 19)"),
    # -- files, memory, network
    "read the assignment": pick(tried("open(os.environ['ASSIGNMENT']).read()")),
    "read the reference": reading(
        "import kernel\n"
        + tried(
            "path = kernel.__path__[0] + '/scheduling/policies/round_robin.py'\n"
            "exec(open(path).read(), globals())\nMine = RoundRobin"
        )
    ),
    "import the reference": reading(
        tried("from kernel.scheduling.policies.round_robin import RoundRobin as Mine")
    ),
    "import the grader": reading(tried("import teaching.assignment.grading as g; g.wrong = str")),
    "list of policies": reading(
        tried("from kernel.policies import POLICIES; Mine = POLICIES['rr']")
    ),
    "read the grader's memory": pick(tried("open(f'/proc/{os.getppid()}/mem', 'rb').read()")),
    "read the grader's arguments": pick(tried("open(f'/proc/{os.getppid()}/cmdline').read()")),
    "look for the grader's objects": pick(SEARCH),
    "write a result": pick(
        tried(f"open('{TRACE}', 'w').write('{{}}')")
        + "\n"
        + tried(f"open('/tmp/{TRACE}', 'w').write('{{}}')")
    ),
    "write the others' files": pick(tried("open(__file__, 'w').write('')")),
    "remove files": pick(tried("os.remove('honest.py')") + "\n" + tried("os.rmdir('/tmp')")),
    "shared memory": pick(tried(f"open('/dev/shm/{TRACE}', 'w').write('x' * 10**6)")),
    "memory file": pick(tried("os.ftruncate(os.memfd_create('a'), 1 << 30)")),
    "socket": pick(tried("import _socket; _socket.socket().connect(('127.0.0.1', 22))")),
    "much memory": pick("self.kept = [bytearray(1 << 28) for _ in range(100)]"),
    "memory in small pieces": pick("self.kept = [str(n) for n in range(10**9)]"),
    "raise the limits": pick(tried("import resource; resource.setrlimit(0, (600, 600))")),
    # -- what it says
    "print a result": pick(f"print('{LIE}')"),
    "print 1 GB": pick("for _ in range(1000): print('x' * 10**6)"),
    "write 1 GB past Python": pick("for _ in range(1000): os.write(1, b'x' * 10**6)"),
    "write 1 GB as an answer": pick("for _ in range(1000): os.write(4, b'x' * 10**6)"),
    "forge answers": pick(f"os.write(4, b'{LIE}\\n')"),
    "forge many answers": reading(f"os.write(4, b'{LIE}\\n' * 100)"),
    "deep answer": pick("os.write(4, b'[' * 60000 + b'\\n')"),
    "pickle as an answer": pick("import pickle; os.write(4, pickle.dumps(print) + b'\\n')"),
    "bytes as an answer": pick("os.write(4, bytes(range(256)) + b'\\n')"),
    "huge number": pick("return self.queue.popleft(), 10**5000"),
    "not a number": pick("return self.queue.popleft(), float('nan')"),
    "odd number": pick(
        "class Odd(int):\n    def __lt__(self, other): os._exit(0)\n"
        "return self.queue.popleft(), Odd(5)"
    ),
    "another process": pick("return 'A', 5"),
    "no process": pick("return None"),
    "close the pipes": pick("os.close(3); os.close(4)"),
    "escape codes": pick("raise ValueError('\\x1b[2J\\x1b]0;10/10\\x07 ' + '9' * 10**6)"),
    # -- what it changes in its own process
    "monkey-patch the checks": reading(
        "from kernel.scheduling import checked\n"
        "for name in dir(checked.CheckedPolicy):\n"
        "    if name[0] != '_': setattr(checked.CheckedPolicy, name, lambda *a: None)\n"
    ),
    "monkey-patch the interface": reading(
        "Policy.ready = Policy.pick = lambda *a: None\n"
        "from teaching.submission import answering, protocol\n"
        f"protocol.line = lambda value: b'{LIE}\\n'\n"
    ),
    "monkey-patch json": reading("json.dumps = json.loads = lambda *a, **k: {'score': 10}"),
    "overrides that lie": method(
        "overrides(self)", "return ['pick', 'points', 'teaching']"
    ).replace("    def overrides", "    @property\n    def overrides"),
    # -- runs without end
    "slices of 1 ns": pick("return self.queue.popleft(), 1"),
    "reviews without end": method("next_review(self)", "return self.now + 1"),
    "preemptions without end": method("loses(self, running)", "return running[0]"),
}


@dataclass(frozen=True)
class Tried:
    """What came of a hostile submission."""

    name: str
    marks: Marks
    honest: list[Marks]
    took: float  # seconds
    left: list[str]

    @property
    def wrong(self) -> list[str]:
        """Return what should not be, in words."""
        found = [f"left {each}" for each in self.left]
        if self.marks.points or self.marks.most != 10:
            found.append(f"got {self.marks.points} of {self.marks.most} points")
        if [each.points for each in self.honest] != [10, 10]:
            found.append(f"the honest ones got {[str(each.points) for each in self.honest]}")
        if self.took > SLOWEST:
            found.append(f"took {self.took:.0f} s")
        said = [*self.marks.problems, *(part.feedback for part in self.marks.parts)]
        if any(not (c.isprintable() or c == "\n") for text in said for c in text):
            found.append("unprintable characters in what is said of it")
        return found

    @property
    def said(self) -> str:
        """Return the first line that says what is wrong with it."""
        if self.marks.problems:
            return self.marks.problems[0]
        lines = self.marks.parts[0].feedback.splitlines()
        return next((line for line in lines if "()" in line or " yours " in line), lines[-1])


def place_hostile(folder: Path, name: str) -> Path:
    """Return the path of the hostile submission, which is written into the folder."""
    if name in FILES:
        path = folder / "hostile.py"
        path.write_text(FILES[name], encoding="utf-8")
        return path
    return _ODD[name](folder)


def _link(folder: Path) -> Path:
    """Hand in a link to a file of the teacher's."""
    (folder / "hostile.py").symlink_to(folder / "honest.py")
    return folder / "hostile.py"


def _folder_of_links(folder: Path) -> Path:
    inner = folder / "hostile"
    inner.mkdir()
    (inner / "mine.py").write_text(reading("import secret"), encoding="utf-8")
    (inner / "secret.py").symlink_to(folder / "assignment.yaml")
    return inner


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "hostile.py")
    return folder / "hostile.py"


def _large(folder: Path) -> Path:
    with (folder / "hostile.py").open("wb") as file:
        file.truncate(1 << 32)
    return folder / "hostile.py"


def _many(folder: Path) -> Path:
    inner = folder / "hostile"
    inner.mkdir()
    for number in range(1000):
        (inner / f"a{number}.py").touch()
    (inner / "mine.py").write_text(HONEST, encoding="utf-8")
    return inner


def _binary(folder: Path) -> Path:
    (folder / "hostile.py").write_bytes(bytes(range(256)) * 10)
    return folder / "hostile.py"


_ODD: Mapping[str, Callable[[Path], Path]] = {
    "a link": _link,
    "a folder with a link": _folder_of_links,
    "a named pipe": _pipe,
    "4 GB": _large,
    "a thousand files": _many,
    "no text": _binary,
}
HOSTILE = (*FILES, *_ODD)


@contextmanager
def placed() -> Iterator[Path]:
    """Yield a folder with the assignment and two honest submissions."""
    with tempfile.TemporaryDirectory(prefix="multiprog-submissions-") as name:
        folder = Path(name)
        (folder / "assignment.yaml").write_text(ASSIGNMENT, encoding="utf-8")
        (folder / "honest.py").write_text(HONEST, encoding="utf-8")
        yield folder


def attempt(name: str, jobs: int = 1) -> Tried:
    """Grade the hostile submission of that name between two honest ones."""
    with placed() as folder:
        path = place_hostile(folder, name)
        os.environ["ASSIGNMENT"] = str(folder / "assignment.yaml")
        before = _traces(folder)
        began = time.monotonic()
        assignment = read_assignment(folder / "assignment.yaml", Options())
        honest = folder / "honest.py"
        options = GradingOptions(user=account_of(None), jobs=jobs)
        first, hostile, last = grade(assignment, [honest, path, honest], options)
        took = time.monotonic() - began
        left = sorted(_traces(folder) - before)
    return Tried(name, hostile, [first, last], took, [*left, *_processes()])


def _traces(folder: Path) -> set[str]:
    """Return what a submission could have left in folders, each with its size."""
    found = {f"{path} {path.lstat().st_size}" for path in folder.rglob("*")}
    for other in (Path(), Path("/tmp"), Path("/dev/shm")):
        found |= {str(path) for path in other.glob(f"*{TRACE}*")}
    return found


def _processes() -> list[str]:
    """Return the living processes of submissions, or of what starts them."""
    left = []
    for entry in syscalls.processes():
        try:
            arguments = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if b"teaching.submission.zygote" in arguments and str(os.getpid()).encode() in arguments:
            left.append(f"process {entry.name}")
    return left


def hundred() -> int:
    """Grade a hundred policies on ten hidden workloads each, on two cores. Return the status."""
    bodies = {
        "right": "pass",
        "last first": "def ready(self, process, why): self.queue.appendleft(process)",
        "woken first": (
            "def ready(self, process, why):\n"
            "        (self.queue.appendleft if why == 'woke' else self.queue.append)(process)"
        ),
        "half a quantum": "def pick(self, core):\n        return self.queue.popleft(), ms(10)",
    }
    with tempfile.TemporaryDirectory(prefix="multiprog-submissions-") as name:
        folder = Path(name)
        (folder / "assignment.yaml").write_text(HUNDRED, encoding="utf-8")
        paths = []
        for number in range(100):
            paths.append(folder / f"student-{number:03d}.py")
            body = list(bodies.values())[number % len(bodies)]
            paths[-1].write_text(f"{RIGHT}\nclass Mine(Right):\n    {body}\n", encoding="utf-8")
        began = time.monotonic()
        assignment = read_assignment(folder / "assignment.yaml", Options())
        options = GradingOptions(user=account_of(None), jobs=2)
        marks = list(grade(assignment, paths, options))
        took = time.monotonic() - began
    points = [float(each.points) for each in marks]
    full = sum(each == 10 for each in points)
    print(
        f"100 policies of 10 hidden workloads: {took:.1f} s on two cores; {full} with full marks, "
        f"mean {statistics.fmean(points):.2f} of 10"
    )
    return int(full != 25 or took > 180)


def main() -> int:
    """Try all hostile submissions, or the named ones. Return 1 if one does what it must not."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="; ".join(HOSTILE))
    parser.add_argument("--hundred", action="store_true", help="measure a hundred honest ones")
    arguments = parser.parse_args()
    if arguments.hundred:
        return hundred()
    unknown = set(arguments.names) - set(HOSTILE)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    failed = 0
    for name in arguments.names or HOSTILE:
        tried_one = attempt(name)
        wrong = tried_one.wrong
        failed += bool(wrong)
        told = f"WRONG: {'; '.join(wrong)}: " if wrong else ""
        print(f"{name:32} {tried_one.took:5.1f} s  {told}{tried_one.said[:120]}", flush=True)
    print(f"{len(arguments.names or HOSTILE)} hostile submissions, {failed} with a mistake of ours")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
