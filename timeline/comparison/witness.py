"""The third witness: what the exported plain program printed, held against both machines.

The program is run by itself, and the operating system schedules it. Its processes print what they
observe. The lines of each process are compared, in order, with what the process of the model
observed. Where timing decides, the rules may allow another outcome than the model's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from timeline.comparison.observations import compared, words
from timeline.record.run import Observation, Run
from translation import mark, recorded

SAME, ALLOWED = mark("same"), mark("allowed")
DIFFERENT, NOT_JUDGED = mark("different"), mark("not judged")
"""The verdicts on the program."""

ENDS, DEADLOCK = "ends", "deadlock"


class Line(Protocol):
    """One line of a program, read back."""

    @property
    def process(self) -> str:
        """The name of the Process object of the process that printed it."""

    @property
    def name(self) -> str:
        """The name of the observation, like `receive q`."""

    @property
    def text(self) -> str:
        """What was observed or printed."""

    def is_of(self, name: str, value: Any) -> bool:
        """Return whether a process prints this line when it observes `value`."""


@dataclass(frozen=True, slots=True)
class WitnessRow:
    """One observation of one process, as three witnesses have it; None: it does not have it."""

    process: str
    name: str
    model: str | None
    real: str | None
    program: str | None
    equal: bool  # whether the program says what the model says


@dataclass(frozen=True, slots=True)
class Witness:
    """What the exported program said, beside both machines."""

    verdict: str  # same | allowed | different | not judged
    sentence: str
    end: str  # how it ended, in words
    seconds: float
    rows: tuple[WitnessRow, ...]


def rows_beside(
    lines: Iterable[Line],
    model: Run,
    real: Run | None,
    given: Mapping[str, str],
    is_printed: Callable[[str, Any], bool],
) -> tuple[WitnessRow, ...]:
    """Return what the program printed beside what the processes of both machines observed.

    `given` is the name of the Process object of each process; several may have the same. An
    observation counts if `is_printed(name, value)`.
    """
    printed: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        printed[line.process].append(line)
    lanes = _observations(model, given, is_printed)
    others = {} if real is None else _observations(real, given, is_printed)
    rows: list[WitnessRow] = []
    for process in dict.fromkeys([*lanes, *printed]):
        mine = printed[process]
        expected = _in_order_of(mine, lanes.get(process, {}))
        reality = _in_order_of(mine, others.get(process, {}))
        rows += _rows(process, expected, reality, mine)
    return tuple(rows)


def _observations(
    run: Run, given: Mapping[str, str], is_printed: Callable[[str, Any], bool]
) -> dict[str, dict[str, list[Observation]]]:
    """Return the observations that are printed: by the name of the Process object, by process."""
    found: dict[str, dict[str, list[Observation]]] = {}
    for row in compared(run):
        if is_printed(row.name, row.value):
            same_name = found.setdefault(given.get(row.process, row.process), {})
            same_name.setdefault(row.process, []).append(row)
    return found


def _in_order_of(
    lines: Sequence[Line], lanes: Mapping[str, list[Observation]]
) -> list[Observation]:
    """Return the observations of processes with one name, as far as possible as they were printed.

    Each process keeps its order. Which of them printed a line the line does not say: it is the
    first in whose order it fits. What fits nowhere stands in order of time.
    """
    waiting = {name: list(rows) for name, rows in lanes.items()}
    found: list[Observation] = []
    for line in lines:
        for rows in waiting.values():
            if rows and line.is_of(rows[0].name, rows[0].value):
                found.append(rows.pop(0))
                break
        else:
            break
    return [*found, *sorted((row for rows in waiting.values() for row in rows), key=_time)]


def _time(row: Observation) -> int:
    return row.at_ns


def _rows(
    process: str,
    expected: Sequence[Observation],
    reality: Sequence[Observation],
    lines: Sequence[Line],
) -> list[WitnessRow]:
    rows = []
    for number in range(max(len(expected), len(reality), len(lines))):
        first = expected[number] if number < len(expected) else None
        second = reality[number] if number < len(reality) else None
        line = lines[number] if number < len(lines) else None
        name = next(each.name for each in (first, second, line) if each is not None)
        rows.append(
            WitnessRow(
                process,
                name,
                _said(first, name),
                _said(second, name),
                None if line is None else _labelled(line.name, line.text, name),
                line is not None and first is not None and line.is_of(first.name, first.value),
            )
        )
    return rows


def _said(row: Observation | None, name: str) -> str | None:
    return None if row is None else _labelled(row.name, words(row.value), name)


def _labelled(name: str, text: str, expected: str) -> str:
    """Return the text, with the name of the observation if that is another than expected."""
    return text if name == expected else f"{name}: {text}"


def judge_witness(
    rows: tuple[WitnessRow, ...], model: Run, ended: str | None, seconds: float
) -> Witness:
    """Return the witness, before the rules are asked what they allow.

    `ended` is why the program was killed before its end; None: it ended by itself.
    """
    wrong = [row for row in rows if not row.equal]
    expected = DEADLOCK if model.stuck else ENDS
    end = recorded("it ended") if ended is None else ended
    fits = (ended is not None) == (expected == DEADLOCK)
    if not wrong and fits:
        count = recorded("it prints nothing")
        if rows:
            count = recorded("all {n} the same", n=len(rows))
        told = recorded(
            "the plain program prints what the model prints ({count}; {end})", count=count, end=end
        )
        return Witness(SAME, told, end, seconds, rows)
    if wrong:
        row = wrong[0]
        told = recorded(
            "the plain program does not print what the model prints: {process}: {name}: "
            "{program} instead of {model}",
            process=row.process,
            name=row.name,
            program=row.program or recorded("nothing"),
            model=row.model or recorded("nothing"),
        )
    elif expected == DEADLOCK:
        told = recorded(
            "the plain program ends otherwise: {end}, where the model has a deadlock", end=end
        )
    else:
        told = recorded(
            "the plain program ends otherwise: {end}, where the model has an end", end=end
        )
    return Witness(DIFFERENT, told, end, seconds, rows)


def allowed(witness: Witness, answer: bool | None) -> Witness:
    """Return a different witness with what the rules say of it: yes, no, or None (not judged)."""
    if witness.verdict != DIFFERENT or answer is False:
        return witness
    if answer is None:
        told = recorded(
            "{difference}; whether the rules allow it was not found out",
            difference=witness.sentence,
        )
        return replace(witness, verdict=NOT_JUDGED, sentence=told)
    told = recorded(
        "the difference depends on timing, and the rules allow it ({difference})",
        difference=witness.sentence,
    )
    return replace(witness, verdict=ALLOWED, sentence=told)
