"""Run every command of the pages that can be run here: `python -m tests.docs.run_commands`.

`make check-docs` does that. The commands of a page run in their order, in a folder with the page's
files and with the inputs that the pages speak of. What needs a terminal gets one, and what goes on
until it is interrupted is interrupted. A command must end with status 0.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.docs.pages import PAGES, blocks, write_files
from tests.docs.shell import arguments, lines, why_not_here
from tests.paths import ROOT
from tests.terminal import Terminal

SCENARIO = """\
title: A scenario of one's own
scheduler: {policy: rr, quantum: 20ms}
processes:
  - {name: A, count: 2, cpu: {exponential: 20ms}}
  - {name: B, cpu: 30ms}
"""
POLICY = """\
from kernel.scheduling import Policy


class Mine(Policy):
    def setup(self):
        self.queue = []

    def ready(self, process, why):
        self.queue.append(process)

    def pick(self, core):
        if self.queue:
            return self.queue.pop(0), None
"""
TABLE = "Process,Arrival,Burst\nP1,0,8\nP2,1,4\n"
SWITCHES = (
    "  cc1-101  [000] d..2. {:.6f}: sched_switch: prev_comm=cc1 prev_pid=101 prev_prio=120 "
    "prev_state=S ==> next_comm=as next_pid=102 next_prio=120\n"
    "  as-102  [000] d..2. {:.6f}: sched_switch: prev_comm=as prev_pid=102 prev_prio=120 "
    "prev_state=S ==> next_comm=cc1 next_pid=101 next_prio=120\n"
)
BUILD = """\
all: one two three four
one two three four:
\t@python3 -c 'sum(range(2_000_000))'
"""
LONGEST = 600  # seconds
IN_A_TERMINAL = re.compile(r"--live|--step|cli\.py answer ")
UNTIL_INTERRUPTED = re.compile(r"cli\.py playground")
STARTED = "10s"  # after which such a command is interrupted
MAY_DIFFER = re.compile(r"recorded\.json$|one-core")
"""A comparison of a recording may say that the runs differ; this depends on the machine."""
ELSEWHERE = {"XDG_CACHE_HOME": "cache", "XDG_CONFIG_HOME": "config"}
"""The profile of this machine stays as it is."""


def prepare(folder: Path) -> None:
    """Write the inputs that the pages speak of."""
    (folder / "lab").mkdir()
    for name in ("FILE", "make.yaml", "lab/scenario.yaml"):
        (folder / name).write_text(SCENARIO, encoding="utf-8")
    (folder / "mine.py").write_text(POLICY, encoding="utf-8")
    (folder / "table.csv").write_text(TABLE, encoding="utf-8")
    (folder / "class.txt").write_text("li-na\nmax\n", encoding="utf-8")
    (folder / "Makefile").write_text(BUILD, encoding="utf-8")
    moments = (7 + each / 1000 for each in range(3000))
    trace = "".join(SWITCHES.format(moment, moment + 0.0004) for moment in moments)
    (folder / "trace.txt").write_text(f"# tracer: nop\n{trace}", encoding="utf-8")
    exercise = ROOT / "scenarios" / "exercises" / "rr.yaml"
    shutil.copy(exercise, folder / "mine.yaml")
    (folder / "answers").mkdir()
    (folder / "submissions").mkdir()
    shutil.copy(folder / "mine.py", folder / "submissions" / "li-na.py")
    command = [sys.executable, "cli.py", "exercise", str(exercise), "--student", "li-na"]
    template = folder / "answers" / "li-na.yaml"
    subprocess.run([*command, "--template", str(template)], cwd=ROOT, check=True)


def tried(line: str, folder: Path) -> tuple[int, str]:
    """Run a command in the folder; return its exit status and what it said of a mistake."""
    if IN_A_TERMINAL.search(line):
        keys = "q" if "--step" in line else "\n"
        with Terminal(*arguments(line)) as terminal:
            return terminal.wait(keys, LONGEST), terminal.text
    typed = line.replace("--pid 812", "--pid $$")  # the shell itself, which waits
    typed = typed.replace("python cli.py", f"{sys.executable} {ROOT / 'cli.py'}")
    if UNTIL_INTERRUPTED.search(line):
        typed = f"timeout --preserve-status --signal INT {STARTED} {typed}"
    elsewhere = {name: str(folder / place) for name, place in ELSEWHERE.items()}
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", typed],
        cwd=folder,
        env={**os.environ, **elsewhere, "BROWSER": "true"},
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    return done.returncode, done.stderr


def failed(page: Path) -> list[str]:
    """Run the commands of a page; return a line for each that went wrong."""
    wrong = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        write_files(page, folder)
        shell = [block for block in blocks(page) if block.language == "sh"]
        for line in (line for block in shell for line in lines(block)):
            if (why := why_not_here(line)) is not None:
                print(f"  not run, {why}: {line}")
                continue
            status, said = tried(line, folder)
            print(f"  {status}: {line}", flush=True)
            allowed = {0, 1} if MAY_DIFFER.search(line) else {0}
            if status not in allowed and "| head" not in line:
                wrong.append(f"{page.relative_to(ROOT)}: {line}: {said.strip()[-300:]}")
    return wrong


def main() -> int:
    """Run all; return 1 if one went wrong."""
    given = [Path(name).absolute() for name in sys.argv[1:]] or list(PAGES)
    wrong = []
    for page in given:
        print(page.relative_to(ROOT))
        wrong += failed(page)
    print("\n".join(wrong) or "all went well")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
