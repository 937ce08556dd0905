"""A file by which students check themselves: one slow salted hash over the whole answer, no value.

The file has what is needed to read an answer (names, cores, devices, the time unit) and which
values are asked. Whether an answer is right is all that it tells. A guess costs one scrypt with the
parameters below: a quarter of a second and 64 MiB on an ordinary machine. See docs/teaching.md.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from kernel.errors import UsageError
from language.answers import AnswerFile, Written, read_answer
from language.schema.context import CheckContext, Names
from teaching.kinds.kind import Asked
from teaching.kinds.numbers import Use
from teaching.posed import Posed
from translation import tr

FORMAT = "multiprog-check/1"
N, R, P = 2**16, 8, 1
MOST_MEMORY = 256 * 1024 * 1024
LARGEST = 1_000_000  # bytes of a check file


def check_file(posed: Posed) -> str:
    """Return the check file of a variant. Raises UsageError if an answer is not unique."""
    salt = secrets.token_bytes(16)
    values = {asked.number: asked.kind.truth(asked, posed.right) for asked in posed.asked}
    text = _canonical(
        [(asked.question.kind, asked.labels, values[asked.number]) for asked in posed.asked],
        posed.right.time_unit,
    )
    context = posed.variant.context
    names = context.names
    document = {
        "format": FORMAT,
        "title": posed.file.title,
        "seed": posed.seed,
        "asked": [_asked(asked) for asked in posed.asked],
        "time_unit_ns": context.time_unit,
        "cores": context.cores,
        "devices": list(context.devices or ()),
        "names": sorted({*names.plain, *names.started, *posed.run.process_names}),
        "scrypt": {"n": N, "r": R, "p": P, "salt": salt.hex()},
        "hash": _hash(text, salt, N, R, P).hex(),
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _asked(asked: Asked) -> dict[str, Any]:
    entry: dict[str, Any] = {"kind": asked.question.kind, "labels": list(asked.labels)}
    if asked.question.kind == "choice":
        entry["number"] = asked.number
    if asked.question.kind == "observed":
        entry["seen"] = [[each.process, each.name] for each in asked.question.asked]
    return entry


class CheckFile:
    """A check file that has been read."""

    def __init__(self, path: Path) -> None:
        """Read the file. Raises UsageError if it is not one."""
        try:
            raw = path.read_bytes()[: LARGEST + 1]
            document = json.loads(raw.decode()) if len(raw) <= LARGEST else None
        except (OSError, ValueError) as error:
            raise UsageError(
                tr("{file}: cannot be read: {error}", file=path, error=error)
            ) from None
        if not isinstance(document, Mapping) or document.get("format") != FORMAT:
            raise UsageError(
                tr("{file}: is not a check file (exercise --check-file writes one)", file=path)
            )
        try:
            self._asked = [(a["kind"], list(a["labels"]), a) for a in document["asked"]]
            scrypt = document["scrypt"]
            self._numbers = int(scrypt["n"]), int(scrypt["r"]), int(scrypt["p"])
            self._salt, self._wanted = (
                bytes.fromhex(scrypt["salt"]),
                bytes.fromhex(document["hash"]),
            )
            unit, cores = int(document["time_unit_ns"]), int(document["cores"])
            devices, names = tuple(map(str, document["devices"])), set(map(str, document["names"]))
        except (KeyError, TypeError, ValueError):
            raise UsageError(tr("{file}: is a damaged check file", file=path)) from None
        if self._numbers != (N, R, P):
            expected = f"{N}, {R}, {P}"
            raise UsageError(
                tr(
                    "{file}: has other scrypt parameters than {expected}",
                    file=path,
                    expected=expected,
                )
            )
        self.context = CheckContext(0, 0, unit, cores, devices, names=Names(plain=names))

    def read(self, answer: AnswerFile) -> Written:
        """Return the values of an answer file."""
        return read_answer(answer, self.context)

    def missing(self, written: Written) -> list[str]:
        """Return the questions that are not completely filled in."""
        return [
            f"{number}. {kind}"
            for number, (kind, labels, entry) in enumerate(self._asked, 1)
            if set(_given(kind, labels, entry, written.values)) < set(labels)
        ]

    def holds(self, written: Written) -> bool:
        """Return whether the whole answer is right."""
        parts = [
            (kind, labels, _given(kind, labels, entry, written.values))
            for kind, labels, entry in self._asked
        ]
        text = _canonical(parts, self.context.time_unit)
        return hmac.compare_digest(_hash(text, self._salt, *self._numbers), self._wanted)


def _given(
    kind: str, labels: list[str], entry: Mapping[str, Any], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the values of a question as an answer file has them, by label."""
    found = values.get(kind)
    if found is None:
        return {}
    if kind == "choice":
        letter = found.get(entry.get("number"))
        return {} if letter is None else {labels[0]: letter}
    if kind == "gantt":
        return {label: found.get(int(label), []) for label in labels}
    if kind == "observed":
        seen = [(process, name) for process, name in entry.get("seen", ())]
        given = {(process, name): [] for process, name, _ in found}  # type: dict[Any, list[Any]]
        for process, name, value in found:
            given[process, name].append(value)
        taken = [given[pair].pop(0) if given.get(pair) else None for pair in seen]
        return {
            label: value for label, value in zip(labels, taken, strict=False) if value is not None
        }
    if labels == [""]:
        return {"": found}
    return {label: found[label] for label in labels if label in found}


def _hash(text: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(text.encode(), salt=salt, n=n, r=r, p=p, maxmem=MOST_MEMORY, dklen=32)


# -- one text for all ways to write an answer ------------------------------------------------------


def _canonical(parts: Sequence[tuple[str, Any, Mapping[str, Any]]], unit: int) -> str:
    """Return one text for all ways to write the same values."""
    rows = [
        [kind, [[label, _plain(kind, values.get(label), unit)] for label in labels]]
        for kind, labels, values in parts
    ]
    return json.dumps(rows, ensure_ascii=False, sort_keys=True)


def _plain(kind: str, value: Any, unit: int) -> Any:
    """Return a value, given or right, in the one form that is hashed.

    Means are rounded half up to hundredths of the time unit, shares to tenths of a per cent.
    """
    if kind == "mean" and isinstance(value, int):
        return (200 * value + unit) // (2 * unit)
    if kind in ("utilization", "idle"):
        return _tenths(value)
    return _LISTS[kind](value or ()) if kind in _LISTS else value


def _flat(groups: Any) -> list[str]:
    """Return an order of ends as one list of names."""
    return [name for group in groups for name in ([group] if isinstance(group, str) else group)]


_LISTS: dict[str, Callable[[Any], list[Any]]] = {
    "gantt": lambda lane: [list(stretch) for stretch in lane],
    "waits": sorted,
    "deadlock": sorted,
    "order": _flat,
    "prints": lambda lines: [" ".join(str(line).split()) for line in lines],
}
"""How values that are lists become one form, by kind."""


def _tenths(value: Any) -> int | None:
    """Return a share in tenths of a per cent; None for a time, which is not hashed."""
    if isinstance(value, Use):
        share = Fraction(1000 * value.ns, value.span) if value.span else Fraction(0)
    elif isinstance(value, str):
        share = Fraction(value.rstrip("%")) * 10
    else:
        return None
    return (2 * share.numerator + share.denominator) // (2 * share.denominator)
