"""Try the installed distribution, from a folder that is not the project's: `make dist`.

    cd / && PYTHON -P benchmarks/installed.py

PYTHON is that of an environment in which the wheel is installed, and nothing else of the project's
can be imported (-P). Lessons, exercises and policies are found by name, the files that the packages
need are there, and the Python interface works.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

COMMANDS = (
    ("simulate", "overlap"),
    ("simulate", "exercises/zombie"),
    ("check", "convoy", "stallings-rr-q1", "short-slice"),
    ("exercise", "rr"),
    ("exercise", "rr", "--export", "gradescope", "--out", "{folder}/autograder.zip"),
    ("export", "zombie", "--python"),
    ("sweep", "quantum", "--repeat", "1", "--jobs", "1"),
    ("lessons", "zombie"),
    ("policies", "mlfq"),
    ("schema",),
    ("--show-completion", "bash"),
)
"""Commands as one types them, each with the exit status 0."""


def main() -> int:
    """Run the commands and a program. Return 1 if one of them fails."""
    import tempfile

    import multiprog

    program = Path(sys.executable).with_name("multiprog")
    print(f"{multiprog.__file__}, {program}")
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for words in COMMANDS:
            typed = [word.format(folder=folder) for word in words]
            done = subprocess.run(
                [program, *typed], cwd=folder, capture_output=True, text=True, check=False
            )
            print(f"multiprog {' '.join(typed)}: {done.returncode}")
            if done.returncode:
                failed = 1
                print(done.stdout[-500:], done.stderr, sep="\n")
    run = multiprog.simulate("overlap", policy="rr", quantum="10ms")
    print(repr(run))
    return failed


if __name__ == "__main__":
    sys.exit(main())
