"""The lines that an exported program prints, read back as what its processes say and observe.

Each line begins with the name of its process. Behind it stand a printed text, `? WHAT: value` for
what a call answered, or `! WHAT: error` for what a call raised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

PRINTS = "prints"
"""The name of an observation that is a printed line."""

_LOOK = re.compile(
    r"state (?P<state>not started|alive|zombie|gone)"
    r"(, name (?P<name>.*), daemon (?P<daemon>True|False), pid (?P<pid>True|False)"
    r", is_alive (?P<is_alive>.*), exitcode (?P<exitcode>None|-?[0-9]+))?",
    re.DOTALL,
)
_NAME_ERROR = re.compile(r"NameError: name '(?P<name>.*)' is not defined", re.DOTALL)
_LOCAL = re.compile(
    r"(?P<error>\w+: Can't (?:pickle|get) local object)"
    r" ['<].*\.<locals>\.(?P<name>.*?)(?: at 0x[0-9a-f]+)?['>]",
    re.DOTALL,
)
_NEVER_PRINTED = ("raise", "import", "stderr")


@dataclass(frozen=True, slots=True)
class Printed:
    """One line (or one text of several lines) that a process printed."""

    process: str  # the name of its Process object
    name: str  # of the observation, like `receive q` or PRINTS
    text: str  # what stands behind it
    raised: bool = False

    def is_of(self, name: str, value: Any) -> bool:
        """Return whether a process prints this when it makes the observation `name` of `value`."""
        if name != self.name:
            return False
        if name == PRINTS:
            return self.text == str(value)
        if self.raised:
            return _without_function(self.text) == _without_function(str(value))
        if name.startswith("observe ") and isinstance(value, Mapping):
            return self._looks_like(value)
        return self.text == repr(value)

    def _looks_like(self, value: Mapping[str, Any]) -> bool:
        """Return whether the printed attributes are those observed; more may be observed."""
        found = _LOOK.fullmatch(self.text)
        if found is None:
            return False
        seen = {key: text for key, text in found.groupdict().items() if text is not None}
        looked = {key: str(value[key]) for key in _LOOK.groupindex if key in value}
        return seen == looked


def printed_by(
    output: str, processes: Iterable[str], names: Mapping[tuple[str, str], str]
) -> Iterator[Printed]:
    """Yield what is printed in `output` by the processes of these names, in order.

    A line that begins with none of the names belongs to the line before it. `names` are the
    identifiers of the program, see `Exported`. A NameError, and an error about a local function, is
    given the scenario's name instead.
    """
    prefixes = sorted((f"{name}: " for name in processes), key=len, reverse=True)
    meant = {identifier: name for (_, name), identifier in names.items()}
    for process, text in _lines(output, prefixes):
        mark, what = text[:2], text[2:]
        if mark == "! " and ": " in what:
            name, _, error = what.partition(": ")
            yield Printed(process, name, _in_names(error, meant), raised=True)
        elif mark == "? " and ": " in what:
            name, _, answer = what.partition(": ")
            name = f"observe {name}" if _LOOK.fullmatch(answer) else name
            yield Printed(process, name, answer)
        else:
            yield Printed(process, PRINTS, text)


def _lines(output: str, prefixes: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the process and the text of each line, or of each text of several lines."""
    process, parts = "", list[str]()
    for line in output.split("\n"):
        prefix = next((each for each in prefixes if line.startswith(each)), None)
        if prefix is None:
            parts.append(line)
            continue
        if process:
            yield process, "\n".join(parts)
        process, parts = prefix[:-2], [line[len(prefix) :]]
    if process:
        yield process, "\n".join(parts[:-1] if parts[-1:] == [""] else parts)


def _in_names(error: str, meant: Mapping[str, str]) -> str:
    """Return the error with the name that the scenario gives to a thing that the error names."""
    if found := _LOCAL.fullmatch(error):
        name = found["name"]
        return error[: found.start("name")] + meant.get(name, name) + error[found.end("name") :]
    found = _NAME_ERROR.fullmatch(error)
    if found is None:  # of a RuntimeError only the first sentence is observed
        return error.removesuffix(".") if error.startswith("BrokenProcessPool: ") else error
    return f"NameError: name {meant.get(found['name'], found['name'])!r} is not defined"


def _without_function(error: str) -> str:
    """Return the error; of one about a local function, without the function around that.

    The scenario has processes where the program has functions.
    """
    found = _LOCAL.fullmatch(error)
    return error if found is None else f"{found['error']} {found['name']}"


def is_printed(name: str, value: Any) -> bool:
    """Return whether an exported program prints a line for this observation."""
    kind = name.partition(" ")[0]
    if name == PRINTS or isinstance(value, Mapping):
        return True
    answers = kind in (
        "get",
        "map",
        "receive",
        "read",
        "lock",
        "acquire",
        "wait",
        "wait_event",
        "poll",
    )
    return (answers or value is not None) and kind not in _NEVER_PRINTED


__all__ = ["PRINTS", "Printed", "is_printed", "printed_by"]
