"""Give the command thousands of damaged and hostile files: `make fuzz`, docs/reliability.md.

Most inputs are a shipped scenario, or a saved run of one, with a few mutations. The others are
hostile as a whole: compressed bombs, very long lines, endless brackets (`benchmarks.hostile`). The
exit status of the command must be 0, 1 or 2. Each line of an error must name the file and what is
wrong. The command may take at most two seconds of CPU time and half a gigabyte; both are measured
for each input. A scenario that can still be simulated must keep the laws.

Workers share the inputs. Each input depends only on the seed and its number, so the inputs can be
divided over several runs of this program: --first 40000 --inputs 20000.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import io
import json
import multiprocessing
import random
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, NamedTuple

import cli
from benchmarks import hostile
from kernel.errors import MultiprogError
from language import Options, load
from sim import simulate
from timeline.files.document import write_run
from timeline.laws.check import check

ROOT = Path(__file__).parent.parent / "scenarios"
HANG = 2  # seconds of CPU time, as other programs may use this machine
SLEEP = 60  # seconds of wall clock
MEMORY = 500 << 20  # bytes
MUTATED = 2_000_000  # characters of an input that is changed further
MOST_MEMORY = 2 << 30  # bytes; the kernel refuses a worker more, to protect the machine
LIMITS = {"processes": 2_000, "steps": 20_000}
"""Limits given to the command. There are many inputs, and each should be small."""
ERROR = re.compile(r"\S*fuzz\.(yaml|json|jsonl|jsonl\.gz)(:\d+){0,2}: \S")
NUMBERS = [
    "0",
    "1",
    "-1",
    "2",
    "1e400",
    "4611686018427387904",
    "9" * 30,
    "0.5",
    "1e-9",
    ".nan",
    "inf",
]
WORDS = [
    *("null", "true", "none", "''", "[]", "{}", "[1, 2]", "{a: 1}", "*x", "&x", "!!int", "|", "~"),
    *(
        "20ms",
        "-5ms",
        "1h",
        "64MiB",
        "0B",
        "5MiB/s",
        "A",
        "P-1",
        "é",
        "\u2028",
        "\x00",
        "\t",
        "cpu",
    ),
]


# -- mutations ----------------------------------------------------------------------------------

Mutation = Callable[[random.Random, str], str]
_TOKEN = re.compile(r"[\w.%/-]+|[^\w\s]")


def _token(draw: random.Random, text: str, with_what: Callable[[str], str]) -> str:
    tokens = list(_TOKEN.finditer(text))
    if not tokens:
        return text
    token = draw.choice(tokens)
    return text[: token.start()] + with_what(token.group()) + text[token.end() :]


def _number(draw: random.Random, text: str) -> str:
    """Return the text with one number replaced by another. Its unit is kept."""
    numbers = list(re.finditer(r"\d+(\.\d+)?", text))
    if not numbers:
        return text
    found = draw.choice(numbers)
    return text[: found.start()] + draw.choice(NUMBERS) + text[found.end() :]


def _lines(draw: random.Random, text: str) -> str:
    """Return the text with a line removed, repeated, exchanged with another, or indented anew."""
    lines = text.split("\n")
    at, other = draw.randrange(len(lines)), draw.randrange(len(lines))
    match draw.randrange(4):
        case 0:
            del lines[at]
        case 1:
            lines.insert(other, lines[at])
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case _:
            lines[at] = " " * draw.randrange(5) + lines[at].lstrip()
    return "\n".join(lines)


def _characters(draw: random.Random, text: str) -> str:
    at = draw.randrange(len(text) + 1)
    return (
        text[:at]
        + chr(draw.choice([*range(32, 127), 9, 10, 0, 233, 0x2028]))
        + text[at + draw.randrange(3) :]
    )


def _cut(draw: random.Random, text: str) -> str:
    return text[: draw.randrange(len(text) + 1)]


MUTATIONS: list[Mutation] = [
    _number,
    _number,
    _lines,
    _lines,
    _characters,
    _cut,
    lambda draw, text: _token(draw, text, lambda _: draw.choice(WORDS)),
    lambda draw, text: _token(draw, text, lambda _: draw.choice(_TOKEN.findall(text))),
    lambda draw, text: _token(draw, text, lambda token: f"{token} {draw.choice(WORDS)}"),
    lambda draw, text: _token(draw, text, lambda _: ""),
    lambda draw, text: _token(draw, text, lambda _: hostile.large_value(draw)),
]


def _in_json(draw: random.Random, document: Any) -> None:
    """Remove or change one value somewhere in a saved run."""
    while isinstance(document, (dict, list)) and document:
        keys = list(document) if isinstance(document, dict) else range(len(document))
        key = draw.choice(keys)
        inner = document[key]
        if not isinstance(inner, (dict, list)) or not inner or draw.random() < 0.2:
            match draw.randrange(3):
                case 0:
                    del document[key]
                case 1:
                    document[key] = draw.choice(
                        [None, -1, 0, 2**63, 1e400, "", "x", [], {}, True, 0.5]
                    )
                case _:
                    document[key] = (
                        inner + draw.choice([-1, 1, 10**9]) if type(inner) is int else None
                    )
            return
        document = inner


# -- one input ----------------------------------------------------------------------------------


class Hang(Exception):  # noqa: N818 - it says what was found
    """The command took too long."""


def _alarm(*_: object) -> None:
    raise Hang


def complaint(arguments: list[str], file: Path) -> tuple[str, str]:
    """Run the command on the file. Return what is wrong ("": nothing), and how it ended."""
    out, err = io.StringIO(), io.StringIO()
    signal.setitimer(signal.ITIMER_PROF, HANG)
    signal.setitimer(signal.ITIMER_REAL, SLEEP)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = cli.main(arguments)
    except Hang:
        return f"took longer than {HANG} s of CPU time, or {SLEEP} s", "hang"
    except BaseException:
        return traceback.format_exc(), "traceback"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
    if status not in (0, 1, 2):
        return f"exit status {status}", "status"
    said = [line for line in err.getvalue().splitlines() if line.strip()]
    if status == 2 and not (said and all(ERROR.match(line) for line in said)):
        return f"an error without file and reason: {said[:3]}", "message"
    if "Traceback" in err.getvalue():
        return err.getvalue(), "traceback"
    if status == 0 and file.suffix == ".yaml":
        return broken_laws(file), "simulated"
    return "", f"status {status}"


def broken_laws(file: Path) -> str:
    """Simulate the scenario. Return in words the laws that its run breaks, or ""."""
    try:
        run = simulate(load(file, Options(limits=LIMITS)).workload)
    except MultiprogError as error:
        return f"was simulated, and then not: {error}"
    return "; ".join(violation.message for violation in check(run)[:3])


class Input(NamedTuple):
    """One file, and the command that reads it."""

    suffix: str
    content: bytes

    def arguments(self, file: Path) -> list[str]:
        """Return the command line that reads the file."""
        if self.suffix == ".yaml":
            limits = [
                word for name, most in LIMITS.items() for word in ("--limit", f"{name}={most}")
            ]
            return ["simulate", str(file), *limits]
        return ["compare", str(file), str(file)]


class Seeds:
    """The files that are mutated: the shipped scenarios, and saved runs of the lessons."""

    def __init__(self) -> None:
        self.texts = [path.read_text() for path in sorted(ROOT.rglob("*.yaml"))]
        self.documents = []
        for path in sorted((ROOT / "lessons").rglob("*.yaml")):
            write_run(simulate(load(path).workload, explain=True), written := io.StringIO())
            self.documents.append(written.getvalue())
        hostile.bombs()  # made once, before workers are forked

    def input(self, seed: int, number: int) -> Input:
        """Return the input of this number. It is the same each time."""
        draw = random.Random(f"{seed} {number}")
        match number % 8:
            case 3 | 6:
                return self._run(draw)
            case 7:
                return self._stream(draw)
            case 5 if draw.random() < 0.3:
                return draw.choice([_hostile_run, _hostile_scenario])(draw)
        text = draw.choice(self.texts)
        for _ in range(draw.choice([1, 1, 2, 3, 6])):
            if len(text) < MUTATED:  # a larger one is refused for its size; changing it takes long
                text = draw.choice(MUTATIONS)(draw, text)
        return Input(".yaml", hostile.encoded(draw, text))

    def _run(self, draw: random.Random) -> Input:
        return Input(
            ".json", hostile.encoded(draw, self._damaged(draw, draw.choice(self.documents)))
        )

    def _stream(self, draw: random.Random) -> Input:
        lines = hostile.to_json_lines(draw.choice(self.documents)).splitlines(keepends=True)
        at = draw.randrange(len(lines))
        lines[at] = self._damaged(draw, lines[at]).rstrip("\n") + "\n"
        raw = hostile.encoded(draw, "".join(lines))
        if draw.random() < 0.5:
            return Input(".jsonl", raw)
        packed = bytearray(gzip.compress(raw, 1, mtime=0))
        if draw.random() < 0.3:
            packed[draw.randrange(len(packed))] ^= 1 << draw.randrange(8)
        return Input(".jsonl.gz", bytes(packed))

    def _damaged(self, draw: random.Random, text: str) -> str:
        if draw.random() < 0.7:
            document = json.loads(text)
            for _ in range(draw.choice([1, 1, 2, 4])):
                _in_json(draw, document)
            return json.dumps(document)
        return draw.choice(MUTATIONS)(draw, text)


def _hostile_run(draw: random.Random) -> Input:
    kind: Callable[[random.Random], bytes] = draw.choice(
        [hostile.bomb, hostile.wide_run, hostile.nested]
    )
    suffix = ".jsonl.gz" if kind is hostile.bomb else draw.choice([".json", ".jsonl"])
    return Input(suffix, kind(draw))


def _hostile_scenario(draw: random.Random) -> Input:
    return Input(".yaml", draw.choice([hostile.wide_scenario, hostile.nested])(draw))


# -- many inputs --------------------------------------------------------------------------------


class Found(NamedTuple):
    """The result of one input."""

    number: int
    suffix: str
    wrong: str  # "": nothing
    end: str
    seconds: float  # of CPU time
    memory: int  # bytes, peak of the whole worker during the command


@dataclass
class Tally:
    """The counts of all inputs."""

    ends: Counter[str] = field(default_factory=Counter)
    bad: int = 0
    many: int = 0
    slowest: tuple[float, int] = (0.0, -1)  # seconds, and number of the input
    largest: tuple[int, int] = (0, -1)  # bytes, and number of the input

    def add(self, found: Found) -> None:
        """Count the input. Print it if something is wrong."""
        wrong = found.wrong
        if not wrong and found.seconds > HANG:
            wrong = f"took {found.seconds:.1f} s of CPU time"
        if not wrong and found.memory > MEMORY:
            wrong = f"took {found.memory >> 20} MiB"
        self.many += 1
        self.ends[found.end] += 1
        self.slowest = max(self.slowest, (found.seconds, found.number))
        self.largest = max(self.largest, (found.memory, found.number))
        if wrong:
            self.bad += 1
            print(f"input {found.number} ({found.suffix[1:]}): {wrong}", flush=True)
        if self.many % 1000 == 0:
            print(f"{self.many:,} inputs, {self.bad} taken badly", file=sys.stderr, flush=True)


def taken(seeds: Seeds, seed: int, number: int, folder: Path) -> Found:
    """Give one input to the command, and measure its CPU time and memory."""
    given = seeds.input(seed, number)
    file = folder / f"fuzz{given.suffix}"
    file.write_bytes(given.content)
    _forget_peak()
    began = time.process_time()
    wrong, end = complaint(given.arguments(file), file)
    return Found(number, given.suffix, wrong, end, time.process_time() - began, _peak())


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    """Return the peak memory (bytes) of this program since `_forget_peak`."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) << 10


def _work(seeds: Seeds, seed: int, numbers: range, results: Connection) -> None:
    """Take the inputs of one worker in order. Send each result at once."""
    signal.signal(signal.SIGALRM, _alarm)
    signal.signal(signal.SIGPROF, _alarm)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    with tempfile.TemporaryDirectory() as name:
        for number in numbers:
            results.send(taken(seeds, seed, number, Path(name)))
    results.close()


@dataclass
class Worker:
    """A process that takes its share of the inputs, watched by this one."""

    seeds: Seeds
    seed: int
    left: range
    process: Any = None
    results: Any = None
    heard: float = 0.0

    def start(self) -> None:
        """Start the process, or start it again after an input that ended it."""
        self.results, theirs = multiprocessing.Pipe(duplex=False)
        fork = multiprocessing.get_context("fork")
        self.process = fork.Process(target=_work, args=(self.seeds, self.seed, self.left, theirs))
        self.process.start()
        theirs.close()
        self.heard = time.monotonic()

    def hear(self) -> Found | None:
        """Return the next result, or None if the process has ended."""
        try:
            found: Found = self.results.recv()
        except EOFError:
            return None
        self.left, self.heard = self.left[1:], time.monotonic()
        return found

    def lost(self, why: str) -> Found:
        """Kill the process. Return the result of the input that ended it; `left` is the rest."""
        self.process.kill()
        self.process.join()
        number, self.left = self.left[0], self.left[1:]
        return Found(number, self.seeds.input(self.seed, number).suffix, why, "died", 0.0, 0)


def run_all(seeds: Seeds, seed: int, numbers: range, workers: int) -> Tally:
    """Give all inputs to the command, in so many processes. Return the counts."""
    tally = Tally()
    busy = [Worker(seeds, seed, numbers[first::workers]) for first in range(workers)]
    busy = [worker for worker in busy if worker.left]
    for worker in busy:
        worker.start()
    while busy:
        ready = wait([worker.results for worker in busy], timeout=1)
        for worker in list(busy):
            late = time.monotonic() - worker.heard > SLEEP + 10
            found = worker.hear() if worker.results in ready else None
            if worker.results in ready and found is None and not worker.left:
                worker.process.join()
                busy.remove(worker)
            elif found is not None:
                tally.add(found)
            elif worker.results in ready or late:
                tally.add(worker.lost("did not end" if late else "ended the whole process"))
                worker.start()
    return tally


def main() -> int:
    """Give all inputs to the command, and print the counts. Return exit status 1 if any is bad."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", "--count", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first input")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="processes that share the inputs")
    parser.add_argument("--only", type=int, help="this one, and show what the command says")
    arguments = parser.parse_args()
    seeds = Seeds()
    if arguments.only is not None:
        return _show(seeds.input(arguments.seed, arguments.only))
    numbers = range(arguments.first, arguments.first + arguments.inputs)
    tally = run_all(seeds, arguments.seed, numbers, arguments.workers)
    of = f"of seed {arguments.seed}, from {arguments.first:,}"
    print(f"{tally.many:,} inputs {of}: {tally.bad} taken badly; {dict(tally.ends)}")
    print(
        f"slowest {tally.slowest[0]:.2f} s (input {tally.slowest[1]}), "
        f"most memory {tally.largest[0] >> 20} MiB (input {tally.largest[1]}), "
        f"at most {HANG} s and {MEMORY >> 20} MiB"
    )
    return int(tally.bad > 0)


def _show(given: Input) -> int:
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / f"fuzz{given.suffix}"
        file.write_bytes(given.content)
        print(given.content[:2000], len(given.content), cli.main(given.arguments(file)), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
