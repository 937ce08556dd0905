"""Run every command of the pages that can be run here: `python -m tests.docs.run_commands`.

`make check-docs` does that. The commands of a page run in their order, in a folder with the page's
files and with the inputs that the pages speak of. A command must end with status 0.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.docs.pages import PAGES, blocks, write_files
from tests.docs.shell import lines, why_not_here
from tests.paths import ROOT

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
LONGEST = 600  # seconds


def prepare(folder: Path) -> None:
    """Write the inputs that the pages speak of."""
    for name in ("FILE", "make.yaml"):
        (folder / name).write_text(SCENARIO, encoding="utf-8")
    (folder / "mine.py").write_text(POLICY, encoding="utf-8")
    (folder / "table.csv").write_text(TABLE, encoding="utf-8")
    exercise = ROOT / "scenarios" / "exercises" / "rr.yaml"
    shutil.copy(exercise, folder / "mine.yaml")
    (folder / "answers").mkdir()
    (folder / "submissions").mkdir()
    shutil.copy(folder / "mine.py", folder / "submissions" / "li-na.py")
    command = [sys.executable, "cli.py", "exercise", str(exercise), "--student", "li-na"]
    template = folder / "answers" / "li-na.yaml"
    subprocess.run([*command, "--template", str(template)], cwd=ROOT, check=True)


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
            typed = line.replace("python cli.py", f"{sys.executable} {ROOT / 'cli.py'}")
            done = subprocess.run(
                ["bash", "-o", "pipefail", "-c", typed],
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=LONGEST,
                check=False,
            )
            print(f"  {done.returncode}: {line}", flush=True)
            if done.returncode != 0 and "| head" not in line:
                wrong.append(f"{page.relative_to(ROOT)}: {line}: {done.stderr.strip()[-300:]}")
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
