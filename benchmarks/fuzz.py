"""Damaged scenarios and saved runs by the thousand: `make fuzz`, kept in docs/reliability.md.

Each input is a shipped scenario, or a run saved of one, with a few mutations. The command must not
fail in any way but its own: a status of 0, 1 or 2, an error in lines that each name the file and
what is wrong, within two seconds and half a gigabyte. What can still be simulated keeps the laws.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import random
import re
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cli
from kernel.errors import MultiprogError
from scenarios import Options, load
from sim import simulate
from timeline.document import write_run
from timeline.laws import check

ROOT = Path(__file__).parent.parent / "scenarios"
HANG = 2  # seconds of CPU time: others may use this machine, too
SLEEP = 60  # seconds
MEMORY = 500 << 20  # bytes
LIMITS = {"processes": 2_000, "steps": 20_000}
"""What is larger is refused: these inputs are many, and not meant to be large."""
ERROR = re.compile(r"\S*fuzz\.(yaml|json)(:\d+:\d+)?: \S")
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
    """Another number in place of one, its unit kept."""
    numbers = list(re.finditer(r"\d+(\.\d+)?", text))
    if not numbers:
        return text
    found = draw.choice(numbers)
    return text[: found.start()] + draw.choice(NUMBERS) + text[found.end() :]


def _lines(draw: random.Random, text: str) -> str:
    """A line is dropped, doubled, swapped with another, or indented otherwise."""
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
]


def _in_json(draw: random.Random, document: Any) -> None:
    """One value somewhere in a saved run is dropped or becomes another."""
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
    """It took too long."""


def _alarm(*_: object) -> None:
    raise Hang


def complaint(arguments: list[str], file: Path) -> tuple[str, str]:
    """What is wrong with how the command took it ("": nothing), and how it ended."""
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
    """The laws that the simulated run breaks."""
    try:
        run = simulate(load(file, Options(limits=LIMITS)).workload)
    except MultiprogError as error:
        return f"was simulated, and then not: {error}"
    return "; ".join(violation.message for violation in check(run)[:3])


def inputs(seed: int, folder: Path) -> Iterator[tuple[int, Path, list[str]]]:
    """Number, file and command, without end."""
    texts = [path.read_text() for path in sorted(ROOT.rglob("*.yaml"))]
    documents = []
    for path in sorted((ROOT / "lessons").rglob("*.yaml")):
        write_run(simulate(load(path).workload, explain=True), written := io.StringIO())
        documents.append(written.getvalue())
    limits = [word for name, most in LIMITS.items() for word in ("--limit", f"{name}={most}")]
    number = 0
    while True:
        draw = random.Random(f"{seed} {number}")
        if number % 4 == 3:
            file, text = folder / "fuzz.json", draw.choice(documents)
            if draw.random() < 0.7:
                document = json.loads(text)
                for _ in range(draw.choice([1, 1, 2, 4])):
                    _in_json(draw, document)
                text = json.dumps(document)
            else:
                text = draw.choice(MUTATIONS)(draw, text)
            arguments = ["compare", str(file), str(file)]
        else:
            file, text = folder / "fuzz.yaml", draw.choice(texts)
            for _ in range(draw.choice([1, 1, 2, 3, 6])):
                text = draw.choice(MUTATIONS)(draw, text)
            arguments = ["simulate", str(file), *limits]
        file.write_bytes(text.encode("utf-8", "surrogatepass"))
        yield number, file, arguments
        number += 1


def peak() -> int:
    """The most memory (bytes) of this program; `ru_maxrss` may be that of who started it."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) << 10


def main() -> int:
    """Feed, count, and keep what was taken badly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="this one, and show what the command says")
    arguments = parser.parse_args()
    signal.signal(signal.SIGALRM, _alarm)
    signal.signal(signal.SIGPROF, _alarm)
    ends: Counter[str] = Counter()
    bad, slowest = 0, 0.0
    with tempfile.TemporaryDirectory() as name:
        for number, file, command in inputs(arguments.seed, Path(name)):
            if arguments.only is not None:
                if number == arguments.only:
                    print(file.read_text(), cli.main(command), sep="\n")
                    return 0
                continue
            if number == arguments.inputs:
                break
            began = time.process_time()
            wrong, end = complaint(command, file)
            slowest = max(slowest, time.process_time() - began)
            ends[end] += 1
            if wrong:
                bad += 1
                print(f"input {number} ({file.suffix[1:]}): {wrong}", flush=True)
            if number % 1000 == 999:
                print(f"{number + 1:,} inputs, {bad} taken badly", file=sys.stderr)
    most = peak()
    print(f"{arguments.inputs:,} inputs of seed {arguments.seed}: {bad} taken badly; {dict(ends)}")
    print(f"slowest {slowest:.2f} s, most memory {most >> 20} MiB (at most {MEMORY >> 20})")
    return int(bad > 0 or most > MEMORY)


if __name__ == "__main__":
    sys.exit(main())
