"""The limits of a scenario and its run, the places where they are set, and which one holds.

`--limit` on the command line comes before MULTIPROG_LIMITS in the environment, that before the
lab's file, and that before the built-in value. But `--limit` and the environment cannot set a
higher limit than the lab's file.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kernel.errors import UsageError
from kernel.units import format_duration, format_size, parse_duration, parse_size
from language.source.errors import Problem, ScenarioError
from language.source.syntax import DEEPEST
from language.source.wording import got, unknown
from translation import mark, tr

if TYPE_CHECKING:
    from language.source.tree import Node

LAB = Path("/etc/multiprog.yaml")
"""The file in which the administrator of a machine sets limits for all its users."""

VARIABLE = "MULTIPROG_LIMITS"
_LARGEST_FILE = 100_000  # bytes of the lab's file
_LONGEST = 32  # characters of a value
_SECOND = 1_000_000_000


class LimitKind(NamedTuple):
    """How a limit is written."""

    wanted: str
    parse: Callable[[str], int]
    show: Callable[[int], str]


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise ValueError
    return int(text)


def _duration(text: str) -> int:
    return parse_duration(text, _SECOND)


NUMBER = LimitKind(mark("a whole number above 0, like 1000"), _count, "{:,}".format)
DURATION = LimitKind(mark("a duration above 0, like 30s or 10min"), _duration, format_duration)
BYTES = LimitKind(mark("a size above 0, like 64MiB"), parse_size, format_size)


class Limit(NamedTuple):
    """A bound, which holds if no other value is set: a count, bytes, or ns.

    `most` is the largest value that can be set; None: any.
    """

    value: int
    of: str
    kind: LimitKind = NUMBER
    most: int | None = None


KNOWN: dict[str, Limit] = {
    "file_size": Limit(1_000_000, "bytes of the file", BYTES),
    "nesting": Limit(100, "levels of lists and mappings; it can be raised up to 200", most=DEEPEST),
    "nodes": Limit(20_000, "values in the file, aliases written out"),
    "processes": Limit(1_000_000, "processes after every `count`"),
    "children": Limit(
        256, "processes that others start, and programs that are called, all of them together"
    ),
    "steps": Limit(
        10_000_000, "steps after every `count`, `repeat` and `jobs`; a release is one too"
    ),
    "points": Limit(10_000, "points of an experiment"),
    "replications": Limit(1_000_000, "replications of all points of an experiment together"),
    "run_size": Limit(4_000_000, "bytes of a saved run, unpacked", BYTES),
    "rows": Limit(25_000, "rows of a saved run, those of all its tables together"),
    "workers": Limit(4_000, "processes of a real run"),
    "memory": Limit(
        4 << 30, "memory of a real run's machine, and of what the command itself takes", BYTES
    ),
    "cpu": Limit(
        3600 * _SECOND, "CPU time that the programs of a real run ask for, all together", DURATION
    ),
    "wall": Limit(3600 * _SECOND, "time that a run takes, simulated or real", DURATION),
    "policy": Limit(
        10 * _SECOND,
        "time that an own policy takes for one answer, and CPU time that its file takes to be read",
        DURATION,
    ),
}
"""Every limit with its built-in value."""

LIMITS: dict[str, int] = {name: limit.value for name, limit in KNOWN.items()}


def shown(name: str, value: int) -> str:
    """Return the value of limit `name` as a user would write it."""
    return KNOWN[name].kind.show(value)


def in_force(options: Iterable[str], environment: Mapping[str, str] = os.environ) -> dict[str, int]:
    """Return all limits, from the `NAME=VALUE` of `--limit`, the environment and the lab's file.

    Raises UsageError, which names the limit that is wrong and where it is set.
    """
    lab = of_the_lab(LAB)
    found = LIMITS | lab
    for where, texts in (
        (VARIABLE, environment.get(VARIABLE, "").split(",")),
        ("--limit", options),
    ):
        for text in texts:
            if where == VARIABLE and not text.strip():
                continue
            name, value = _pair(where, text)
            if value > lab.get(name, value):
                most = shown(name, lab[name])
                raise UsageError(
                    tr(
                        "{option} {text}: {file} allows at most {most} here",
                        option=where,
                        text=text.strip(),
                        file=LAB,
                        most=most,
                    )
                )
            found[name] = value
    return found


def _pair(where: str, text: str) -> tuple[str, int]:
    name, equals, value = (part.strip() for part in text.partition("="))
    if name not in KNOWN or not equals:
        raise UsageError(
            tr(
                "{option} {text}: must be NAME=VALUE with a name of {names}",
                option=where,
                text=text.strip(),
                names=", ".join(KNOWN),
            )
        )
    try:
        return name, _value(name, value)
    except ValueError as error:
        raise UsageError(f"{where} {text.strip()}: {name} {error}") from None


def _value(name: str, text: str) -> int:
    """Return the value of a limit. Raises ValueError, which says what would be right."""
    kind = KNOWN[name].kind
    try:
        value = kind.parse(text) if len(text) <= _LONGEST else 0
    except ValueError:
        value = 0
    if value <= 0:
        raise ValueError(got(tr(kind.wanted), text[:_LONGEST]))
    most = KNOWN[name].most
    if most is not None and value > most:
        raise ValueError(got(tr("at most {most}", most=kind.show(most)), text[:_LONGEST]))
    return value


def of_the_lab(path: Path) -> dict[str, int]:
    """Return the limits of the lab's file; none if the file does not exist.

    Raises UsageError if the file cannot be read or has a mistake.
    """
    try:
        with path.open("rb") as stream:
            text = stream.read(_LARGEST_FILE + 1).decode("utf-8")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UsageError(
            tr(
                "{file}: cannot be read: {reason}; {whose}",
                file=path,
                reason=error.strerror,
                whose=tr(_WHOSE),
            )
        ) from None
    except UnicodeDecodeError:
        raise UsageError(
            tr("{file}: is not UTF-8 text; {whose}", file=path, whose=tr(_WHOSE))
        ) from None
    if len(text) > _LARGEST_FILE:
        raise UsageError(
            tr(
                "{file}: is larger than {most:,} bytes; {whose}",
                file=path,
                most=_LARGEST_FILE,
                whose=tr(_WHOSE),
            )
        )
    from language.source.tree import parse  # ruamel.yaml is imported when needed

    root, problems = parse(str(path), text, LIMITS)
    found: dict[str, int] = {}
    if root is not None and root.value is not None:
        problems += _read(str(path), root, found)
    if problems:
        raise ScenarioError(tuple(sorted(problems, key=lambda problem: problem.order)))
    return found


_WHOSE = mark("it holds this machine's limits: tell its administrator")


def _read(file: str, root: Node, found: dict[str, int]) -> Iterable[Problem]:
    """Put the limits of the file into `found`. Yield the file's problems."""
    if not isinstance(root.value, dict):
        yield root.problem(file, (), tr("must be a mapping with the key limits"))
        return
    for key, section in root.value.items():
        if key != "limits":
            yield root.key_problem(file, (key,), unknown(tr("key"), key, ["limits"]))
        elif not isinstance(section.value, dict):
            yield section.problem(file, (key,), tr("must be a mapping, like {processes: 1000}"))
        else:
            yield from _read_limits(file, section, found)


def _read_limits(file: str, section: Node, found: dict[str, int]) -> Iterable[Problem]:
    assert isinstance(section.value, dict)
    for name, node in section.value.items():
        path = ("limits", name)
        if name not in KNOWN:
            yield section.key_problem(file, path, unknown(tr("limit"), name, KNOWN))
            continue
        try:
            found[name] = _value(name, _text(node.value))
        except ValueError as error:
            yield node.problem(file, path, str(error))


def _text(value: object) -> str:
    if isinstance(value, (list, dict)):
        return tr("a list") if isinstance(value, list) else tr("a mapping")
    return "" if value is None else str(value)


def bound_memory(size: int) -> None:
    """Bound the memory (RLIMIT_DATA) of this process, and of each that it starts, to `size` bytes.

    Above the bound Python raises MemoryError. If the process has a lower bound, that one is kept.
    """
    if sys.platform == "win32" or sys.platform == "emscripten":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    given = [each for each in (soft, hard, size) if each != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(given), hard))
