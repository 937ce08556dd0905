"""Give `import` damaged and hostile files of each kind, and a trace of a gigabyte: `make imports`.

A damaged file is a sample of its kind with a few mutations: bytes changed, lines moved, numbers
replaced, pieces repeated or cut. What comes out must be a scenario that the language accepts, or
one line for each mistake that begins with the file's name. The CPU time and memory of a kind are
measured. The large trace is written into a pipe while it is read, so it needs no disk.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.import_samples import SAMPLES
from kernel.errors import UsageError
from language import load
from language.convert.imports.importing import import_file
from language.convert.imports.options import ImportOptions
from language.source.options import Options

HANG = 2.0  # seconds of CPU time for one file
NUMBERS = [b"0", b"-1", b"1e400", b"9" * 30, b"4611686018427387904", b"0.5", b"nan", b"", b"1:2"]
SIGNS = [*(bytes([each]) for each in b'{}[",;\t\n\0\xff-:'), b"\xe8\xbf\x9b"]
ROOM = {"file_size": 20_000_000, "nodes": 2_000_000}
"""Limits for reading back what was printed: a repeated piece may make it large."""


def damaged(draw: random.Random, sample: bytes) -> bytes:
    """Return the sample with one to six mutations."""
    content = bytearray(sample)
    for _ in range(draw.choice([1, 1, 2, 3, 6])):
        at = draw.randrange(len(content) + 1)
        match draw.randrange(6):
            case 0:
                content[at:at] = draw.choice(SIGNS)
            case 1:
                del content[at : at + draw.choice([1, 1, 5, 40])]
            case 2 if content:
                content[at % len(content)] = draw.randrange(256)
            case 3:
                start = draw.randrange(len(content) + 1)
                content[at:at] = content[start : start + draw.choice([3, 20, 200])]
            case 4:
                digits = [i for i in range(len(content)) if chr(content[i]).isdigit()]
                if digits:
                    where = draw.choice(digits)
                    content[where : where + 1] = draw.choice(NUMBERS)
            case _:
                lines = bytes(content).split(b"\n")
                draw.shuffle(lines)
                content = bytearray(b"\n".join(lines))
    return bytes(content)


def outcome(path: Path, kind: str | None) -> tuple[str, float]:
    """Return `read` or `refused`, and the seconds of CPU time that importing the file took.

    The scenario is read back, too, which is not counted: it may be above the language's limits,
    within which each scenario is read in two seconds. Raises AssertionError for anything else.
    """
    begun = time.process_time()
    try:
        text = import_file(path, kind, ImportOptions()).text
    except UsageError as error:
        took = time.process_time() - begun
        lines = str(error).split("\n")
        assert all(line.startswith(str(path)) or "has further mistakes" in line for line in lines)
        return "refused", took
    took = time.process_time() - begun
    scenario = path.with_suffix(".yaml")
    scenario.write_text(text, encoding="utf-8")
    load(scenario, Options(limits=ROOM))
    return "read", took


def fuzz(kind: str, inputs: int, seed: int, folder: Path) -> bool:
    """Try `inputs` damaged files of a kind. Print what came out; return whether all was well."""
    draw, found, longest, well = random.Random(f"{seed} {kind}"), Counter[str](), 0.0, True
    path = folder / "damaged"
    for number in range(inputs):
        path.write_bytes(damaged(draw, draw.choice(SAMPLES[kind])))
        try:
            what, took = outcome(path, draw.choice([None, kind]))
        except Exception as error:
            well = _keep(path, f"{kind}-{seed}-{number}", f"{type(error).__name__}: {error}")
            continue
        found[what] += 1
        if took > HANG:
            well = _keep(path, f"{kind}-{seed}-{number}", f"{took:.2f} s of CPU time")
        longest = max(longest, took)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(
        f"{kind:7} {inputs:,} files: {found['read']:,} read, {found['refused']:,} refused; at most "
        f"{longest:.2f} s of CPU time, {most} MiB so far",
        flush=True,
    )
    return well


def _keep(path: Path, name: str, why: str) -> bool:
    """Keep a file that was not taken well in the current folder, say why, and return False."""
    kept = Path.cwd() / f"import-{name}"
    kept.write_bytes(path.read_bytes())
    print(f"{name}: {why}: kept in {kept}", flush=True)
    return False


def trace_lines(size: int) -> Iterator[str]:
    """Yield the lines of a trace of about `size` bytes."""
    draw, at, running, written = random.Random(0), 0, 0, 0
    while written < size:
        at += draw.randrange(20, 900)
        following = draw.randrange(1, 40)
        line = (
            f"           T{running}-{running}     [000] d..2.  {at // 10**6}.{at % 10**6:06d}: "
            f"sched_switch: prev_comm=T{running} prev_pid={running} prev_prio=120 "
            f"prev_state={draw.choice('RS')} ==> next_comm=T{following} next_pid={following} "
            f"next_prio=120\n"
        )
        running = following
        written += len(line)
        yield line


def stream(size: int) -> bool:
    """Import a large trace through a pipe, as a command. Print its time and memory."""
    command = [sys.executable, "cli.py", "import", "/dev/stdin", "--only", "T3"]
    begun = time.monotonic()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as importing:
        assert importing.stdin is not None
        assert importing.stderr is not None
        importing.stdin.write("# tracer: nop\n")
        piece: list[str] = []
        for line in trace_lines(size):
            piece.append(line)
            if len(piece) == 5_000:
                importing.stdin.write("".join(piece))
                piece.clear()
        importing.stdin.close()
        said = importing.stderr.read()
        _, status, usage = os.wait4(importing.pid, 0)
        importing.returncode = os.waitstatus_to_exitcode(status)
    took = time.monotonic() - begun
    print(
        f"a trace of {size / 1e9:.2f} GB: exit status {importing.returncode}, {took:.0f} s, "
        f"{usage.ru_utime + usage.ru_stime:.0f} s of CPU time, {usage.ru_maxrss >> 10} MiB"
    )
    print(said, end="")
    return importing.returncode == 0 and usage.ru_maxrss < 500 << 10


def main() -> int:
    """Return 0 if all files were read or refused in a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000, help="damaged files of each kind")
    parser.add_argument("--kinds", nargs="*", default=list(SAMPLES), choices=list(SAMPLES))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=float, default=1e9, help="bytes of the large trace; 0: none")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        well = [fuzz(kind, asked.inputs, asked.seed, Path(folder)) for kind in asked.kinds]
    if asked.size:
        well.append(stream(int(asked.size)))
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
