"""How long it takes to grade a hundred answers, and whether a Dask cluster gives the same marks.

python -m benchmarks.grading [--answers 100] [--no-dask] [EXERCISE...]

Each answer is that of a variant of its own. One in five is right; the others have the numbers of a
misconception, numbers that follow no rule (for which all misconceptions are tried), or damage.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from language.exercises import ExerciseFile, read_exercise, seed_of
from language.schema.random_draws import stream
from teaching.answer_files import answer_key, answers
from teaching.proof import damaged
from teaching.variants import pose
from teaching.yaml_text import block

ROOT = Path(__file__).parent.parent
EXERCISES = ROOT / "scenarios" / "exercises"
USUAL = [EXERCISES / f"{name}.yaml" for name in ("srtf", "rr", "srtf-io")]
MOST_SECONDS = 20.0


def main() -> int:
    """Measure each exercise. Return the exit status: 1 if one takes too long, or differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--answers", type=int, default=100)
    parser.add_argument("--no-dask", action="store_true", help="do not start a cluster")
    asked = parser.parse_args()
    dask = not asked.no_dask and find_spec("distributed") is not None
    good = [measured(path, asked.answers, dask=dask) for path in asked.files or USUAL]
    return int(not all(good))


def measured(path: Path, many: int, *, dask: bool) -> bool:
    """Grade so many answers. Print the times, and return whether all is as it should be."""
    with TemporaryDirectory() as folder:
        write_answers(read_exercise(path), many, Path(folder))
        began, used = time.monotonic(), children()
        here = graded(path, folder)
        seconds, cpu = time.monotonic() - began, children() - used
        words = f"{path.stem}: {many} answers in {seconds:.1f} s, {cpu:.1f} s of CPU time"
        good = seconds <= MOST_SECONDS
        if dask:
            same = graded(path, folder, "--dask", "local", "--jobs", "2") == here
            words += "; a Dask cluster of two workers gives " + (
                "the same marks" if same else "OTHER MARKS"
            )
            good = good and same
    print(words, flush=True)
    return good


def graded(path: Path, folder: str, *options: str) -> str:
    """Return what the command prints."""
    command = [sys.executable, str(ROOT / "cli.py"), "grade", str(path), folder]
    command += ["--seed-from", "name", "--format", "json", *options]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return done.stdout


def write_answers(file: ExerciseFile, many: int, folder: Path) -> None:
    """Write the answers of so many students."""
    turn = count()
    for number in range(many):
        name = f"student-{number:04}"
        posed = pose(file, seed_of(name))
        key = answer_key(posed, None)
        text = key
        if number % 5 in (1, 2) and posed.outcomes:
            wrong = list(posed.outcomes.values())
            text = block(answers(posed, wrong[next(turn) % len(wrong)]))
        elif number % 5 == 3:
            text = without_rule(key, number)
        elif number % 5 == 4:
            text = damaged(key, number)
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def without_rule(key: str, seed: int) -> str:
    """Return the key with one digit replaced in each line."""
    uniform01, lines = stream(seed, "digits"), []
    for line in key.splitlines():
        places = [at for at, letter in enumerate(line) if letter.isdigit() and ":" in line]
        at = places[int(uniform01() * len(places))] if places else len(line)
        digit = str(int(uniform01() * 9) + 1) if places else ""
        lines.append(f"{line[:at]}{digit}{line[at + 1 :]}")
    return "\n".join(lines) + "\n"


def children() -> float:
    """Return the CPU time of all children that have ended, in seconds."""
    times = os.times()
    return times.children_user + times.children_system


if __name__ == "__main__":
    sys.exit(main())
