"""Random programs of the life of processes, each as model, as exported program, and as real run.

    python -m benchmarks.life --first 0 --count 5000 --seed 1 --real --log life.log

A program is made by the seed and its number, so a batch can be gone on with by --first. What the
numbers are:

- 0, 2, 6 of ten: scenes (`benchmarks.life_scenes`), and 4: with pools (`benchmarks.life_pools`).
  What their processes print and observe must be the same on the model, in the exported plain
  program and, with --real, on real processes: no schedule changes it.
- The odd ones: tangles (`benchmarks.life_tangles`), in which timing decides. The rules must allow
  what a witness says (`kernel.lifecycle.outcomes`).
- 8 of ten, in turns: threads (`benchmarks.life_threads`); pools whose workers are sent signals; and
  locks under priorities (`benchmarks.life_priorities`). No plain program can do the last two.

Several programs go on at once, but only one real run on the host.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple, TextIO

from benchmarks.jobs import in_order
from benchmarks.life_witnesses import (
    SAME,
    Answer,
    exported,
    kind_of,
    program,
    real,
    wrong_with_model,
)

ORDERS = 300, 300, 2_000
"""How often a witness may differ, and how many orders of events are tried each time before it is
not judged. Time decides nothing in most of these programs on a quiet machine; on a busy one a
process may not come to its call in the time that it is given."""


class Asked(NamedTuple):
    """Which witnesses of each program are asked for."""

    seed: int
    exported: bool
    real: bool


class Tried(NamedTuple):
    """What came out of one program."""

    number: int
    counts: Counter[str]
    wrong: list[str]  # in words; empty: all witnesses are allowed
    remarks: list[str]  # what witnesses said before they were asked again


def one(asked: Asked, number: int) -> Tried:
    """Run the program of that number in all ways that are asked for."""
    kind = kind_of(number)
    tried = Tried(number, Counter({kind.name: 1}), [], [])
    with tempfile.TemporaryDirectory(prefix="multiprog-life-") as name:
        folder = Path(name)
        try:
            written = program(asked.seed, number, folder)
            tried.wrong.extend(wrong_with_model(written))
            if asked.exported and kind.exports:
                _ask(tried, "exported", lambda orders: exported(written, folder, orders))
            if asked.real:
                _ask(tried, "real", lambda orders: real(written, orders))
        except Exception as error:  # it is one of the program's, and the batch goes on
            tried.wrong.append(f"{type(error).__name__}: {error}")
    tried.counts["bad"] += bool(tried.wrong)
    return tried


def _ask(tried: Tried, name: str, witness: Callable[[int], Answer]) -> None:
    """Ask a witness until the rules allow what it says, at most once for each of ORDERS."""
    answer, counts = SAME, tried.counts
    for attempt, orders in enumerate(ORDERS):
        answer = witness(orders)
        if not answer.differs or answer.allowed:
            counts[f"{name}, the same" if not answer.differs else f"{name}, allowed"] += 1
            counts[f"{name}, again"] += bool(attempt)
            return
        what = "not judged" if answer.allowed is None else "not allowed"
        tried.remarks.append(f"try {attempt + 1}, {what}: {'; '.join(answer.differs)}")
    counts[f"{name}, {'not judged' if answer.allowed is None else 'not allowed'}"] += 1
    if answer.allowed is not None:
        tried.wrong.extend(answer.differs)


class Summary:
    """What has come out so far: one line for people on stderr, and all of it at the end."""

    def __init__(self, asked: Asked, numbers: range, log: TextIO | None) -> None:
        self.counts: Counter[str] = Counter()
        self.next = numbers.start
        self._asked, self._numbers, self._log = asked, numbers, log
        self._began = self._told = time.monotonic()

    def add(self, tried: Tried) -> None:
        """Count one program, and print what is wrong with it."""
        self.counts += tried.counts
        self.next = tried.number + 1
        for line in tried.wrong:
            self._say(f"{tried.number}: WRONG: {line}", sys.stdout)
        for line in tried.remarks:
            self._say(f"{tried.number}: {line}", None)
        if time.monotonic() - self._told > 10 or self.next == self._numbers.stop:
            self._told = time.monotonic()
            self._tell()

    def _tell(self) -> None:
        done = self.next - self._numbers.start
        minutes = (time.monotonic() - self._began) / 60
        left = (self._numbers.stop - self.next) * minutes / done
        print(
            f"before {self.next}: {done} done, {self.counts['bad']} wrong, "
            f"{done / minutes:.0f} a minute, {left:.0f} min left",
            file=sys.stderr,
            flush=True,
        )

    def _say(self, line: str, stream: TextIO | None) -> None:
        for each in filter(None, (stream, self._log)):
            print(line, file=each, flush=True)

    def end(self) -> None:
        """Print the seed, the numbers, the Python, and how often each thing came out."""
        made = f"numbers {self._numbers.start} to {self.next - 1}"
        who = "root" if os.geteuid() == 0 else "an ordinary user"
        python = platform.python_version()
        minutes = (time.monotonic() - self._began) / 60
        self._say(
            f"seed {self._asked.seed}, {made}, Python {python}, {who}, {minutes:.1f} min",
            sys.stdout,
        )
        for name, count in sorted(self.counts.items()):
            self._say(f"  {name}: {count}", sys.stdout)
        if self.next < self._numbers.stop:
            self._say(f"go on with --first {self.next}", sys.stdout)


def main() -> int:
    """Return exit status 1 if a program came out otherwise than the rules say."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", action="store_true", help="only the model, and the export")
    parser.add_argument("--real", action="store_true", help="real processes, too")
    parser.add_argument("--jobs", type=int, default=3, help="programs at once (default 3)")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--log", type=Path, help="append all that differed to this file")
    given = parser.parse_args()
    asked = Asked(given.seed, not given.model, given.real)
    numbers = range(given.first, given.first + given.count)
    stop = time.monotonic() + given.seconds
    with contextlib.ExitStack() as left:
        log = left.enter_context(given.log.open("a", encoding="utf-8")) if given.log else None
        summary = Summary(asked, numbers, log)
        batch = in_order(partial(one, asked), numbers, given.jobs)
        with contextlib.suppress(KeyboardInterrupt):
            for tried in left.enter_context(contextlib.closing(batch)):
                summary.add(tried)
                if time.monotonic() > stop:
                    break
        summary.end()
    return int(summary.counts["bad"] > 0)


if __name__ == "__main__":
    sys.exit(main())
