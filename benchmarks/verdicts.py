"""Count the verdicts of comparisons: without faults, under noise, and of runs that must not agree.

    python -m benchmarks.verdicts [--runs N] [--loaded N] [--ordinary N] [--controls N]

Each run is `python cli.py compare` in a process of its own. The lesson of `make run` is compared on
the machine as it is, with a busy loop on each processor, and as an ordinary user (needs root). In
the negative controls, the real machine runs another scenario than the model, and its record says
that it was the same. In the last situation the dispatcher takes ten times the price of a dispatch.
The table goes into docs/fidelity.md. The intervals are those of Wilson, 95 %.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import io
import json
import os
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import sqrt
from pathlib import Path
from typing import Any

import cli
import commands.machines
import real.dispatched.supervisor
from kernel.units import ms
from language import load
from real.host.probe import available_cpus
from sim import simulate
from timeline.comparison.criteria import AGREE, AGREE_BUT_TIMES, DISAGREE, INCONCLUSIVE
from timeline.record.run import Run

LESSON = Path(__file__).parent.parent / "scenarios" / "lessons" / "overlap.yaml"
ORDINARY_USER = 65534
SLOWED = 10  # times the price of a dispatch
PRICE = ms(1) // 10  # ns, if the machine was not calibrated; as in comparison/causes/dead_time.py
LEAST = 0.95  # share of the negative controls that must disagree: 19 of 20

SCENARIO = """
machine: {{cores: 1, devices: {{disk: {{units: 1}}}}}}
scheduler: {{policy: {policy}}}
processes:
  - {{name: A, cpu: {cpu}}}
  - {{name: B, program: [{{cpu: {bursts[0]}}}, {{io: 20ms}}, {{cpu: {bursts[1]}}}]}}
  - {{name: C, program: [{{repeat: {{times: 5, do: [{{cpu: 5ms}}, {{io: {{disk: {disk}}}}}]}}}}]}}
"""
GIVEN: dict[str, Any] = {
    "policy": "rr, quantum: 20ms",
    "cpu": "160ms",
    "bursts": ("40ms", "100ms"),
    "disk": "30ms",
}
CONTROLS: dict[str, dict[str, Any]] = {
    "another policy": {"policy": "fcfs"},
    "another quantum": {"policy": "rr, quantum: 15ms"},
    "20 % more CPU in one process": {"cpu": "192ms"},
    "a device twice as slow": {"disk": "60ms"},
    "two bursts exchanged": {"bursts": ("100ms", "40ms")},
}
VERDICTS = (AGREE, AGREE_BUT_TIMES, INCONCLUSIVE, DISAGREE)
HEADER = ("situation", "runs", *VERDICTS, "status 1", "wanted", "came out", "holds")


@dataclass(slots=True)
class Row:
    """All runs of one situation."""

    situation: str
    wanted: str
    good: Callable[[str, int], bool]  # whether this verdict, with this exit status, is right
    never: tuple[str, ...]  # verdicts that no run may have
    least: float = 1.0  # share of the runs that must be right
    verdicts: Counter[str] = field(default_factory=Counter)
    failed: int = 0  # runs with exit status 1
    well: int = 0  # runs that are right

    def add(self, verdict: str, status: int, sentence: str) -> None:
        """Count one more run. If it is not right, print it on stderr."""
        self.verdicts[verdict] += 1
        self.failed += status == 1
        self.well += self.good(verdict, status)
        if not self.good(verdict, status):
            print(f"{self.situation}: {verdict}, status {status}: {sentence}", file=sys.stderr)

    @property
    def runs(self) -> int:
        """How many runs were judged."""
        return self.verdicts.total()

    @property
    def holds(self) -> bool:
        """Whether enough runs are right, and no run has a verdict that no run may have."""
        enough = self.well >= self.least * self.runs
        return enough and not any(self.verdicts[verdict] for verdict in self.never)

    def cells(self) -> list[str]:
        """Return the cells of the row in the table."""
        low, high = wilson(self.well, self.runs)
        return [
            self.situation,
            str(self.runs),
            *(str(self.verdicts[verdict]) for verdict in VERDICTS),
            str(self.failed),
            self.wanted,
            f"{self.well} of {self.runs} ({100 * low:.0f} to {100 * high:.0f} %)",
            "yes" if self.holds else "**no**",
        ]


def wilson(good: int, runs: int) -> tuple[float, float]:
    """Return the 95 % interval of a share.

    E. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
    """
    if not runs:
        return 0.0, 1.0
    z, share = 1.96, good / runs
    middle = share + z * z / (2 * runs)
    half = z * sqrt(share * (1 - share) / runs + z * z / (4 * runs * runs))
    return max(0.0, (middle - half) / (1 + z * z / runs)), (middle + half) / (1 + z * z / runs)


def compared(arguments: Sequence[str], prepare: Callable[[], None]) -> tuple[str, int, str]:
    """Return the verdict, exit status and sentence of a `compare` in a process of its own."""
    out, into = os.pipe()
    child = os.fork()
    if not child:
        os.close(out)
        os._exit(_compare(arguments, prepare, into))
    os.close(into)
    with os.fdopen(out, "rb") as pipe:
        text = pipe.read()
    _, waited = os.waitpid(child, 0)
    status = os.waitstatus_to_exitcode(waited)
    try:
        found = json.loads(text)["comparison"]
    except (ValueError, KeyError):
        return "no verdict", status, text.decode()[-2000:]
    return found["verdict"], status, found["sentence"]


def _compare(arguments: Sequence[str], prepare: Callable[[], None], into: int) -> int:
    try:
        os.dup2(into, 1)
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 2)
        os.close(into)
        prepare()
        return cli.main(["compare", *arguments, "--json"])
    except BaseException:
        traceback.print_exc(file=sys.__stdout__)
        return 70


def as_it_is() -> None:
    """Change nothing before the run."""


def as_ordinary_user() -> None:
    """Become an ordinary user.

    The kernel makes a process that changes its user not dumpable, so that others may not read its
    memory. A process that an ordinary user starts is dumpable, so this process is made dumpable.
    """
    os.setgroups([])
    os.setresgid(ORDINARY_USER, ORDINARY_USER, ORDINARY_USER)
    os.setresuid(ORDINARY_USER, ORDINARY_USER, ORDINARY_USER)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE
    os.environ["HOME"] = os.environ["XDG_CONFIG_HOME"] = tempfile.gettempdir()


def another(file: Path) -> Callable[[], None]:
    """Return a function that makes the real machine run the scenario of `file` instead.

    The record says that it is of the scenario that was given.
    """

    def prepare() -> None:
        really_run, workload = commands.machines.really_run, load(file).workload

        def presented(given: Any, *arguments: Any, **more: Any) -> Run:
            run = really_run(workload, *arguments, **more)
            model = simulate(given)
            rows = [
                replace(row, demand_ns=asked.demand_ns)
                for row, asked in zip(run.processes, model.processes, strict=True)
            ]
            return replace(run, processes=rows, scenario=model.scenario, scheduler=model.scheduler)

        commands.machines.really_run = presented  # type: ignore[assignment]

    return prepare


def slowed() -> None:
    """Delay each decision of the dispatcher by nine times the price of a dispatch.

    The price was measured directly before the run.
    """
    really_run, switch = commands.machines.really_run, real.dispatched.supervisor.Supervisor._switch

    def slow(*arguments: Any, **more: Any) -> Run:
        price = more.get("price")
        needed = max(PRICE, *(kind.p50_ns for kind in price.kinds)) if price else PRICE

        def late(self: real.dispatched.supervisor.Supervisor) -> None:
            until = time.monotonic_ns() + (SLOWED - 1) * needed
            while time.monotonic_ns() < until:
                pass
            switch(self)

        real.dispatched.supervisor.Supervisor._switch = late  # type: ignore[method-assign]
        return really_run(*arguments, **more)

    commands.machines.really_run = slow


@contextlib.contextmanager
def busy() -> Iterator[None]:
    """Keep each processor busy with a loop at nice 0."""
    children = []
    try:
        for cpu in available_cpus():
            child = os.fork()
            if not child:
                os.sched_setaffinity(0, {cpu})
                os.setsid()
                parent = os.getppid()
                while os.getppid() == parent:
                    for _ in range(100_000):
                        pass
                os._exit(0)
            children.append(child)
        yield
    finally:
        for child in children:
            os.kill(child, 9)
            os.waitpid(child, 0)


def never_disagrees(situation: str) -> Row:
    """Return the row of a situation in which no comparison may disagree."""
    wanted = "never disagree, status 0"
    return Row(situation, wanted, lambda v, s: v in VERDICTS[:3] and s == 0, (DISAGREE,))


def rows(arguments: argparse.Namespace, folder: Path) -> Iterator[Row]:
    """Measure one situation after the other, and yield its row."""
    given = folder / LESSON.name  # in a folder that an ordinary user may read
    given.write_text(LESSON.read_text())
    lesson = [str(given)]
    yield _measured(never_disagrees("as it is"), arguments.runs, lesson, as_it_is)
    with busy():
        row = never_disagrees("a busy loop on each processor")
        yield _measured(row, arguments.loaded, lesson, as_it_is)
    if os.geteuid() == 0:
        row = never_disagrees("as an ordinary user")
        yield _measured(row, arguments.ordinary, lesson, as_ordinary_user)
        with busy():
            row = never_disagrees("as an ordinary user, a busy loop on each processor")
            yield _measured(row, arguments.ordinary // 2, lesson, as_ordinary_user)
    given = _written(folder, "given", {})
    row = never_disagrees("nothing wrong (the scenario of the controls)")
    yield _measured(row, arguments.controls, [str(given)], as_it_is)
    for name, change in CONTROLS.items():
        row = Row(
            f"control: {name}",
            "disagree in 19 of 20, never agree",
            lambda v, _: v == DISAGREE,
            (AGREE,),
            LEAST,
        )
        other = another(_written(folder, name.replace(" ", "-"), change))
        yield _measured(row, arguments.controls, [str(given)], other)
    row = Row(
        f"a dispatcher {SLOWED} times as slow",
        "agree only with times inconclusive",
        lambda v, _: v in (AGREE_BUT_TIMES, INCONCLUSIVE),
        (AGREE, DISAGREE),
    )
    yield _measured(row, arguments.controls, [str(given)], slowed)


def _written(folder: Path, name: str, change: dict[str, Any]) -> Path:
    file = folder / f"{name}.yaml"
    file.write_text(SCENARIO.format(**{**GIVEN, **change}))
    return file


def _measured(row: Row, runs: int, arguments: Sequence[str], prepare: Callable[[], None]) -> Row:
    for _ in range(runs):
        row.add(*compared(arguments, prepare))
    return row


def _import_everything() -> None:
    """Import all modules of a comparison: an ordinary user may not be allowed to read them."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        cli.main(["compare", str(LESSON), "--json"])


def main() -> int:
    """Measure and print the table. Return exit status 0 if all rows hold, otherwise 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100, help="of the lesson, as it is (100)")
    parser.add_argument("--loaded", type=int, default=50, help="with busy loops (50)")
    parser.add_argument("--ordinary", type=int, default=50, help="without root (50)")
    parser.add_argument("--controls", type=int, default=20, help="of each control (20)")
    arguments = parser.parse_args()
    good = True
    print(f"| {' | '.join(HEADER)} |\n|{'---|' * len(HEADER)}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        _import_everything()
        for row in rows(arguments, Path(folder)):
            if row.runs:
                print(f"| {' | '.join(row.cells())} |", flush=True)
                good &= row.holds
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
