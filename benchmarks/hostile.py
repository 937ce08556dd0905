"""Hostile files for `benchmarks.fuzz`.

They unpack to a quarter of a gigabyte, are nested deeply, repeat something often, or are no text.
"""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections.abc import Callable
from functools import cache

MIB = 1 << 20
Kind = Callable[[random.Random], bytes]


# -- how a text is encoded ------------------------------------------------------------------------


def encoded(draw: random.Random, text: str) -> bytes:
    """Return the text as UTF-8, or now and then in another or a damaged encoding."""
    raw = text.encode("utf-8", "surrogatepass")
    match draw.randrange(60):
        case 0:
            return b"\xef\xbb\xbf" + raw
        case 1:
            return text.encode("utf-16", "replace")
        case 2:
            return raw.replace(b"\n", b"\r")
        case 3:
            return raw.replace(b"\n", b"\r\n")
        case 4:
            return text.encode("latin-1", "replace")
        case 5:
            at = draw.randrange(len(raw) + 1)
            return raw[:at] + b"\0" * draw.choice([1, 1000]) + raw[at:]
        case 6:
            at = draw.randrange(len(raw) + 1)
            return raw[:at] + draw.randbytes(draw.choice([1, 4, 1000])) + raw[at:]
    return raw


# -- pieces that take the place of a value --------------------------------------------------------


def large_value(draw: random.Random) -> str:
    """Return the text of a value for YAML and JSON: very large, deeply nested, or invalid."""
    many = draw.choice([100, 5_000, 100_000, 1_000_000])
    match draw.randrange(14):
        case 0:
            return "9" * many
        case 1:
            return "1e" + "9" * draw.choice([3, 6, many])
        case 2:
            return "-" + "1" * many + "ms"
        case 3:
            return "0." + "0" * many + "1"
        case 4:
            return '"' + "x" * many + '"'
        case 5:
            return '"' + "x " * (many // 2) + '"'
        case 6:
            return '"' + "\\ud800" * (many // 10) + '"'
        case 7:
            return "[" * many
        case 8:
            return "[" * many + "]" * many
        case 9:
            return '{"a":' * many + "1" + "}" * many
        case 10:
            return "[" + ",".join(["[]"] * min(many, 100_000)) + "]"
        case 11:
            return "{" + ",".join(['"a": 1'] * min(many, 100_000)) + "}"
        case 12:
            return "{" + ",".join(f'"k{n}": {n}' for n in range(min(many, 100_000))) + "}"
    return draw.choice(
        ["NaN", "Infinity", "-Infinity", "1e400s", "1e999ms", '"\\u0000"', "0x" + "f" * 9000]
    )


# -- whole files ----------------------------------------------------------------------------------


def _packed(piece: bytes, times: int) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return b"".join([*(packer.compress(piece) for _ in range(times)), packer.flush()])


@cache
def bombs() -> list[bytes]:
    """Return compressed files. Each unpacks to a quarter of a gigabyte, or is damaged."""
    head = b'{"format":"multiprog-stream/1","backend":"simulated",'
    spaces = _packed(b" " * MIB, 256)
    return [
        spaces,
        gzip.compress(spaces),
        _packed(b"\n" * MIB, 256),
        gzip.compress(head) + _packed(b'"a":[1,2],' * (MIB // 10), 256),
        _packed(head + b'"scenario":{},"scheduler":{},"machine":{}}\n', 1)
        + _packed(b'{"overheads":{"core":[],"start_ns":[],"end_ns":[],"why":[]}}\n' * 17_000, 250),
        _packed(b"[" * MIB, 256),
        spaces[: len(spaces) // 2],
        spaces[:-8] + b"\0" * 8,
    ]


def bomb(draw: random.Random) -> bytes:
    """Return one of the compressed files of `bombs`."""
    return draw.choice(bombs())


def wide_run(draw: random.Random) -> bytes:
    """Return one long line of JSON that begins like a saved run."""
    value = draw.choice(["[]", "{}", '{"":0}', '{"":{"":{}}}', "1", '"a"', "[0]", "null"])
    many = draw.choice([10_000, 100_000, 390_000])
    values = ",".join([value] * many)
    return f'{{"format":"multiprog-run/1","backend":"simulated","x":[{values}]}}'.encode()


def wide_scenario(draw: random.Random) -> bytes:
    """Return a scenario in which one part is far too long or repeated far too often."""
    many = draw.choice([1_000, 10_000, 30_000])
    good = "processes: [{name: A, cpu: 1ms}]\n"
    word = "x" * many * 100
    return draw.choice(
        [
            "processes: [" + "[]," * many + "]\n",
            "processes: [" + "{name: A, cpu: 1ms}," * many + "]\n",
            "title: a\n" * many + good,
            "".join(f"k{number}: a\n" for number in range(many)) + good,
            f"title: {word}\n{good}",
            f"about: {word}\n{good}",
            "about: |\n" + "  x\n" * many + good,
            f"{word}: 1\n{good}",
            f"processes: [{{name: {word}, cpu: 1ms}}]\n",
            f"processes: [{{name: A, program: [{{print: {word}}}]}}]\n",
            f"processes: [{{name: A, cpu: {'9' * many}}}]\n",
            f"scheduler: {{policy: {word}}}\n{good}",
            "".join(f"- &a{number} x\n" for number in range(many)),
            "a0: &a0 [1]\n" + "".join(map(_nine_aliases, range(90))),
            "#" * many + "\n" + good,
            "- " * many,
            "? " * many,
            "!!binary " + "A" * many,
            "%YAML 1.1\n---\n" + good,
        ]
    ).encode()


def _nine_aliases(number: int) -> str:
    return f"a{number + 1}: &a{number + 1} [{','.join([f'*a{number}'] * 9)}]\n"


def nested(draw: random.Random) -> bytes:
    """Return a file of opening brackets only, which are never closed."""
    return draw.choice([b"[", b'{"a":', b"[{", b'[["a",']) * draw.choice([900, 20_000, 300_000])


def to_json_lines(document: str) -> str:
    """Return the run document as the lines of a streamed run."""
    run = json.loads(document)
    head = {key: run[key] for key in ("backend", "scenario", "scheduler", "machine")}
    rows = [{"index": index, **row} for index, row in enumerate(run["processes"])]
    end = {key: run[key] for key in ("makespan_ns", "cores", "averages")}
    many = {"processes": len(rows), "intervals": len(run["intervals"]["process"])}
    lines = [
        {"format": "multiprog-stream/1", **head},
        {"intervals": run["intervals"]},
        {"processes": rows},
        *({name: run[name]} for name in ("overheads", "memory_events") if any(run[name].values())),
        {"end": {**end, "reservations": [], **many}},
    ]
    return "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
