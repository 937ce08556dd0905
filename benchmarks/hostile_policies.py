"""Run hostile policies on both machines: the command must say which rule they break, and end.

    python -m benchmarks.hostile_policies [NAME…] [--limit 1s]

Each policy of HOSTILE is a file of its own. A small scenario is simulated with it, and run on real
processes. The command must end in time, with exit status 2 and without a traceback. A line of its
output must name the file and contain the words in the table. No process, shared memory or file may
be left over. Some commands are ended by a signal while the policy is called. They must end with
status 130.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.kills import (
    MARK,
    become_subreaper,
    processes_of,
    shared_memory,
    unowned,
)

ROOT = Path(__file__).parent.parent
COMMANDS = ("simulate", "run-real")
SLOWEST = 30.0  # seconds for a command, its start included, on a busy machine
FILES = ("mine.py", "lab.yaml", "at-work")
MOST_SAID = 1_200_000  # bytes on stderr
LAB = """
processes:
  - {name: A, cpu: 60ms}
  - {name: B, arrival: 5ms, program: [{cpu: 20ms}, {io: 20ms}, {cpu: 40ms}]}
"""
GOOD = """\
import atexit, builtins, ctypes, locale, os, resource, signal, subprocess, sys, threading, time
from collections import deque
from kernel.scheduling import Policy, ms

class Good(Policy):
    def setup(self):
        self.queue = deque()
    def ready(self, process, why):
        self.queue.append(process)
    def pick(self, core):
        if self.queue:
            return self.queue.popleft(), ms(10)

"""
NO_ANSWER = "has not answered for"
LONG_READ = "has not ended within"
LEFT = "behind, which w"  # was ended, were ended
ENDED = "ended the command"
STARTED = "started a process"
WROTE = "a policy must not write to a process"
FOREVER = "while True: pass"
IN_C = "sum(range(10**13))"


@dataclass(frozen=True)
class Hostile:
    """A file with a policy, and how the command must end."""

    body: str  # body of the class Mine(Good); if `whole`, all of the file after Good
    says: str  # words in the line that names the file
    whole: bool = False
    status: int = 2  # exit status
    sent: int = 0  # a signal that the command gets while the policy is called


def pick(what: str) -> str:
    """Return the body of a policy that does `what` at each decision, and then decides."""
    return method("pick(self, core)", f"{what}\nreturn super().pick(core)")


def setup(what: str) -> str:
    """Return the body of a policy that does `what` when the run begins."""
    return method("setup(self)", f"super().setup()\n{what}")


def method(head: str, what: str) -> str:
    """Return a method with that signature and the body `what`."""
    return f"def {head}:\n{textwrap.indent(what, '    ')}\n"


def at_reading(what: str) -> str:
    """Return a file that does `what` when it is read, and then defines a good policy."""
    return f"{what}\nclass Mine(Good):\n    pass\n"


STUBBORN = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
FORKED = """\
if libc.fork() == 0:
    os.setsid()
    if libc.fork() == 0: time.sleep(600)
    os._exit(0)
"""
LIBC = "libc = ctypes.CDLL(None)\n"
AT_WORK = "open('at-work', 'w').close()\n"
DEAF = "[signal.signal(n, signal.SIG_IGN) for n in (2, 15, 14, 1)]\n"

HOSTILE: dict[str, Hostile] = {
    # -- policies that never return
    "loop": Hostile(pick(FOREVER), NO_ANSWER),
    "loop in C": Hostile(pick(IN_C), NO_ANSWER),
    "loop that catches all": Hostile(pick(STUBBORN), NO_ANSWER),
    "loop in setup": Hostile(setup(FOREVER), NO_ANSWER),
    "loop in C in setup": Hostile(setup(IN_C), NO_ANSWER),
    "loop in C in ready": Hostile(method("ready(self, process, why)", IN_C), NO_ANSWER),
    "loop in C in loses": Hostile(method("loses(self, running)", IN_C), NO_ANSWER),
    "loop in C in next_review": Hostile(method("next_review(self)", IN_C), NO_ANSWER),
    "loop in C in ran": Hostile(method("ran(self, process, duration, why)", IN_C), NO_ANSWER),
    "loop in C in __init__": Hostile(method("__init__(self)", IN_C), NO_ANSWER),
    "loop in C in check": Hostile(method("check(self)", IN_C), NO_ANSWER),
    "loop in C in a property": Hostile(f"@property\n{method('rule(self)', IN_C)}", "mine.py:"),
    "loop in C in a property that is a method": Hostile(
        f"@property\n{method('pick(self)', IN_C)}", "mine.py:"
    ),
    "loop in C when its clock is set": Hostile(
        method("__setattr__(self, name, value)", f"if name == 'now': {IN_C}"), NO_ANSWER
    ),
    "loop in C in a comparison": Hostile(
        "class Odd:\n    def __eq__(self, other): sum(range(10**13))\n" + pick("Mine.Odd() == 1"),
        NO_ANSWER,
    ),
    "loop when the file is read": Hostile(at_reading(FOREVER), LONG_READ, True),
    "loop in C when the file is read": Hostile(at_reading(IN_C), LONG_READ, True),
    "loop in C in the metaclass": Hostile(
        f"class Meta(type):\n    @property\n    def left_to_the_machine(cls): {IN_C}\n"
        "class Mine(Good, metaclass=Meta):\n    pass\n",
        "mine.py:",
        True,
    ),
    "loop in C in __del__": Hostile(
        f"class Heavy:\n    def __del__(self): {IN_C}\n{pick('Mine.Heavy()')}", NO_ANSWER
    ),
    "loop in C at exit": Hostile(
        at_reading(f"atexit.register(lambda: {IN_C})"), "kept the command from ending", True
    ),
    "loop in C in a handler of a signal": Hostile(
        setup(f"signal.signal(14, lambda *a: {IN_C}); signal.setitimer(0, 0.02)")
        + pick("time.sleep(0.05)"),
        "mine.py",
    ),
    "sleep": Hostile(pick("time.sleep(1e6)"), NO_ANSWER),
    "wait for a lock that it has": Hostile(
        pick("lock = threading.Lock(); lock.acquire(); lock.acquire()"), NO_ANSWER
    ),
    "loop without the timer": Hostile(
        pick("signal.setitimer(0, 0)\nsignal.signal(14, signal.SIG_IGN)\n" + FOREVER), NO_ANSWER
    ),
    "loop that hears no signal": Hostile(
        pick(AT_WORK + DEAF + FOREVER), "interrupted in", status=130, sent=signal.SIGTERM
    ),
    "loop in C, Ctrl-C": Hostile(
        pick(AT_WORK + IN_C), "interrupted in", status=130, sent=signal.SIGINT
    ),
    "loop in C with masked signals": Hostile(
        pick("signal.pthread_sigmask(0, signal.valid_signals())\n" + IN_C), NO_ANSWER
    ),
    # -- policies that start processes or threads
    "fork": Hostile(pick("if os.fork() == 0: time.sleep(600)"), STARTED),
    "fork when the file is read": Hostile(
        at_reading("if os.fork() == 0: time.sleep(600)"), STARTED, True
    ),
    "fork bomb": Hostile(pick("while True:\n    try: os.fork()\n    except: pass"), NO_ANSWER),
    "fork in C": Hostile(pick(f"{LIBC}if libc.fork() == 0: time.sleep(600)"), LEFT),
    "daemons": Hostile(pick(f"{LIBC}{FORKED}"), LEFT),
    "another program": Hostile(pick("subprocess.Popen(['sleep', '600'])"), STARTED),
    "another program when the file is read": Hostile(
        at_reading("subprocess.Popen(['sleep', '600'])"), LEFT, True
    ),
    "copies of the command": Hostile(pick(f"{LIBC}libc.fork()"), LEFT),
    "exec": Hostile(pick("os.execv('/bin/true', ['true'])"), "executed another program"),
    "exec in C": Hostile(pick(f"{LIBC}libc.execl(b'/bin/true', b'true', None)"), ENDED),
    "thread": Hostile(setup("threading.Thread(target=lambda: time.sleep(600)).start()"), "thread"),
    "thread that computes": Hostile(
        setup(
            "def spin():\n    while True: pass\nthreading.Thread(target=spin, daemon=True).start()"
        ),
        "thread",
    ),
    # -- policies that end the process or raise
    "os._exit(0)": Hostile(pick("os._exit(0)"), ENDED),
    "os._exit(0) when the file is read": Hostile(at_reading("os._exit(0)"), ENDED, True),
    "sys.exit when the file is read": Hostile(at_reading("sys.exit(0)"), "SystemExit", True),
    "sys.exit": Hostile(pick("sys.exit(0)"), "SystemExit"),
    "KeyboardInterrupt": Hostile(pick("raise KeyboardInterrupt"), "interrupted in", status=130),
    "GeneratorExit": Hostile(pick("raise GeneratorExit"), "GeneratorExit"),
    "recursion": Hostile(method("pick(self, core)", "return self.pick(core)"), "RecursionError"),
    "recursion to death": Hostile(
        "def pick(self, core):\n    sys.setrecursionlimit(10**9)\n    return self.deep()\n"
        "def deep(self):\n    return sorted([1, 2], key=lambda each: self.deep())\n",
        "mine.py",
    ),
    "segmentation fault": Hostile(pick("ctypes.string_at(0)"), ENDED),
    "abort": Hostile(pick("os.abort()"), ENDED),
    # -- policies that send signals or change how they are handled
    "kills itself": Hostile(pick("os.kill(os.getpid(), 9)"), "sent a signal"),
    "kills itself in C": Hostile(pick(f"{LIBC}libc.kill(os.getpid(), 9)"), ENDED),
    "stops itself": Hostile(pick(f"{LIBC}libc.kill(os.getpid(), 19)"), "stopped the command"),
    "kills its group": Hostile(pick("os.kill(0, 9)"), "sent a signal"),
    "kills the keeper": Hostile(pick(f"{LIBC}libc.kill(os.getppid(), 9)"), "killed the keeper"),
    "stops the keeper": Hostile(pick(f"{LIBC}libc.kill(os.getppid(), 19)\n{IN_C}"), NO_ANSWER),
    "an alarm": Hostile(
        setup("signal.signal(14, signal.SIG_DFL); signal.alarm(1)") + pick("time.sleep(2)"),
        "mine.py",
    ),
    "handlers": Hostile(setup("signal.signal(2, lambda *a: None)"), "how signals are handled"),
    # -- policies that use too much output, memory or files
    "1 GB printed": Hostile(
        method("pick(self, core)", "for _ in range(1000): print('x' * 10**6)"),
        "printed more than 1 MB",
    ),
    "1 GB past Python": Hostile(
        method("pick(self, core)", "for _ in range(1000): os.write(1, b'x' * 10**6)"),
        "mine.py",
    ),
    "huge memory": Hostile(pick("[0] * 10**10"), "MemoryError"),
    "memory bit by bit": Hostile(
        pick("kept = []\nwhile True: kept.append(bytearray(10**7))"), "pick()"
    ),
    "shared memory": Hostile(
        pick(
            "import mmap\nkept = []\nwhile True:\n    kept.append(mmap.mmap(-1, 10**8))\n"
            "    for at in range(0, 10**8, 4096): kept[-1][at] = 1"
        ),
        "mine.py",
    ),
    "many files": Hostile(pick("kept = []\nwhile True: kept.append(open('/dev/null'))"), "pick()"),
    "closes files": Hostile(pick("os.closerange(0, 1000)"), "mine.py"),
    # -- policies that change what belongs to the command
    "folder": Hostile(setup("os.chdir('/')"), "changed the current folder"),
    "umask": Hostile(setup("os.umask(0o777)"), "changed the umask"),
    "locale": Hostile(setup("locale.setlocale(locale.LC_ALL, 'C')"), "changed the locale"),
    "priority": Hostile(setup("os.nice(3)"), "changed its priority"),
    "sys.stdout": Hostile(setup("sys.stdout = open('/dev/null', 'w')"), "changed sys.stdout"),
    "builtins": Hostile(setup("builtins.len = lambda of: 0"), "mine.py"),
    "environment": Hostile(setup("os.environ['PATH'] = ''"), "changed the environment"),
    "a process's books": Hostile(
        method("ready(self, process, why)", "process.left = 0\nsuper().ready(process, why)"), WROTE
    ),
    "what runs": Hostile(method("loses(self, running)", "running[0].cpu_used = 7"), WROTE),
    "a slice of no length": Hostile(pick("return self.queue.popleft(), 0"), "a slice is a whole"),
}
"""Policies by name. Many of them call into C, where Python handles no signals."""


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    took: float  # seconds
    wrong: list[str]  # in words; empty if nothing is wrong
    said: str  # its last line that names the file, or the end of its output


def try_policy(hostile: Hostile, command: str, limit: str, mark: str) -> Outcome:
    """Run one command with that policy, in a folder and a session of its own."""
    with tempfile.TemporaryDirectory(prefix="hostile-") as name:
        folder = Path(name)
        body = hostile.body if hostile.whole else f"class Mine(Good):\n{_indented(hostile.body)}"
        (folder / "mine.py").write_text(GOOD + body, encoding="utf-8")
        (folder / "lab.yaml").write_text(LAB, encoding="utf-8")
        how = ["--policy", "mine.py:Mine", "--limit", f"policy={limit}"]
        before, began = shared_memory(), time.monotonic()
        run = subprocess.Popen(
            [sys.executable, str(ROOT / "cli.py"), command, "lab.yaml", *how],
            cwd=folder,
            env=os.environ | {MARK: mark, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        if hostile.sent:
            _once_at_work(run, folder, hostile.sent)
        wrong = []
        try:
            _, err = run.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            _, err = run.communicate()
            wrong.append("it did not end")
        took = time.monotonic() - began
        left = [*processes_of(run.pid, mark), *unowned(shared_memory() - before)]
        left += [file.name for file in folder.iterdir() if file.name not in FILES]
        wrong += [f"left {each}" for each in left]
        for pid in (int(each.split()[0]) for each in processes_of(run.pid, mark)):
            os.kill(pid, signal.SIGKILL)
    said = err.decode(errors="replace")
    lines = [line for line in said.splitlines() if "mine.py" in line]
    if not any(hostile.says in line for line in lines):
        wrong.append("no line that names the file and the rule")
    if run.returncode != hostile.status:
        wrong.append(f"exit status {run.returncode}")
    if "Traceback" in said:
        wrong.append("a traceback")
    if len(err) > MOST_SAID:
        wrong.append(f"{len(err):,} bytes on stderr")
    if took > SLOWEST:
        wrong.append("too late")
    return Outcome(took, wrong, lines[-1] if lines else said[-300:])


def _indented(body: str) -> str:
    return textwrap.indent(body, "    ")


def _once_at_work(run: subprocess.Popen[bytes], folder: Path, number: int) -> None:
    """Send the signal when the policy has written the file `at-work`, so it is being called."""
    until = time.monotonic() + SLOWEST
    while not (folder / "at-work").exists() and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.05)
    run.send_signal(number)


def main(arguments: list[str] | None = None) -> int:
    """Return exit status 1 if anything was left over, or a command ended wrongly."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--limit", default="1s")
    parser.add_argument("--only", choices=COMMANDS)
    given = parser.parse_args(arguments)
    # a shell starts a background job with SIGINT ignored, and the commands would inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)
    become_subreaper()
    bad, slowest = 0, 0.0
    for name in given.names or HOSTILE:
        for command in [given.only] if given.only else COMMANDS:
            outcome = try_policy(HOSTILE[name], command, given.limit, f"{os.getpid()}-{name}")
            bad += bool(outcome.wrong)
            slowest = max(slowest, outcome.took)
            wrong = "; ".join(outcome.wrong) or "as it should be"
            print(f"{name}, {command}: {wrong} ({outcome.took:.1f} s)\n    {outcome.said[:200]}")
    count = len(given.names or HOSTILE)
    print(f"{count} policies, {bad} runs ended badly, the slowest took {slowest:.1f} s")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
