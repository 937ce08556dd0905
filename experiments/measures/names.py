"""The names of measures: `turnaround`, `turnaround.p95`, `waiting of A`, `utilization of disk`.

    measure   metric [ "." statistic ] [ " of " part ]

The part is a process, an entry with a count (all of its processes), a core like `core 0`, or a
device. The statistic is over processes (or over wake-ups); without it, times are means and counts
are totals.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from kernel.errors import UsageError
from translation import mark, tr


class Kind(Enum):
    """What the numbers of a measure are."""

    TIME = "time"  # ns
    COUNT = "count"
    SHARE = "share"  # of 1
    RATE = "rate"  # per second


class Metric(NamedTuple):
    """What can be measured."""

    kind: Kind
    words: str
    better: int = 0  # -1: less is better; 1: more is better; 0: neither
    each: bool = False  # there is a value for each process or wake-up, so it has statistics
    part: str = ""  # which parts `of` may name: process | use; "": none
    whole: bool = False  # only of the whole run, without a window
    total: bool = False  # the usual statistic is the total


METRICS: dict[str, Metric] = {
    "turnaround": Metric(Kind.TIME, mark("from arrival to completion"), -1, True, "process"),
    "response": Metric(Kind.TIME, mark("from arrival to the first run"), -1, True, "process"),
    "waiting": Metric(Kind.TIME, mark("ready, but not running"), -1, True, "process"),
    "blocked": Metric(Kind.TIME, mark("waiting for I/O or another process"), 0, True, "process"),
    "suspended": Metric(Kind.TIME, mark("swapped out or being moved"), -1, True, "process"),
    "admission": Metric(
        Kind.TIME, mark("from arrival until it has its memory"), -1, True, "process"
    ),
    "wakeup": Metric(
        Kind.TIME, mark("from the end of a wait until the process runs"), -1, True, "process"
    ),
    "cpu": Metric(Kind.TIME, mark("CPU time received"), 0, True, "process"),
    "slices": Metric(Kind.COUNT, mark("dispatches"), 0, True, "process", total=True),
    "preemptions": Metric(
        Kind.COUNT,
        mark("how often a process loses its core to another"),
        -1,
        True,
        "process",
        total=True,
    ),
    "migrations": Metric(Kind.COUNT, mark("changes of the core"), -1, True, "process", total=True),
    "share": Metric(
        Kind.SHARE,
        mark("the part of all CPU time that these processes received"),
        0,
        False,
        "process",
    ),
    "utilization": Metric(
        Kind.SHARE,
        mark("the part of the time in which cores (or a device) are busy"),
        1,
        False,
        "use",
    ),
    "busy": Metric(Kind.SHARE, mark("the part of the time in which at least one core is busy"), 1),
    "overhead": Metric(
        Kind.SHARE, mark("the part of the core time that switches and other costs take"), -1
    ),
    "throughput": Metric(Kind.RATE, mark("completions per second"), 1),
    "switches": Metric(Kind.COUNT, mark("how often a core goes to another process"), -1),
    "missed": Metric(Kind.COUNT, mark("jobs that miss their deadline"), -1),
    "missrate": Metric(Kind.SHARE, mark("the part of all jobs with a deadline that miss it"), -1),
    "fairness": Metric(Kind.SHARE, mark("Jain's index of the processes' shares"), 1),
    "makespan": Metric(Kind.TIME, mark("the time until the last program ends"), -1, whole=True),
    "internal": Metric(
        Kind.SHARE,
        mark("the part of the allocated memory that no program asked for"),
        -1,
        whole=True,
    ),
    "external": Metric(
        Kind.SHARE,
        mark("the part of the free memory that is outside the largest hole"),
        -1,
        whole=True,
    ),
    "memory": Metric(
        Kind.SHARE,
        mark("the part of the memory that programs have asked for and got"),
        1,
        whole=True,
    ),
    "degree": Metric(Kind.COUNT, mark("programs in memory, the mean over time"), 0, whole=True),
    "swaps": Metric(Kind.COUNT, mark("programs swapped out or in"), -1, whole=True),
}
"""Every metric by its name."""

USUAL = (
    "turnaround",
    "turnaround.p95",
    "response",
    "waiting",
    "utilization",
    "throughput",
    "switches",
)
"""What is measured if nothing is asked."""

_WORDS = ("mean", "total", "min", "max")
_FORM = re.compile(r"([a-z]+)(?:\.([a-z0-9]+))?(?: of (.+))?")


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure, as a user names it."""

    name: str
    metric: str
    statistic: str  # mean | total | min | max | p1 to p99; "": the metric is one number
    part: str | None

    @property
    def about(self) -> Metric:
        """What the metric is."""
        return METRICS[self.metric]

    @property
    def kind(self) -> Kind:
        """What the numbers are."""
        return self.about.kind

    @property
    def column(self) -> str:
        """The heading in a file of rows, like `turnaround_p95_ns`."""
        stem = re.sub(r"\W+", "_", self.name).strip("_")
        return f"{stem}_ns" if self.kind is Kind.TIME else stem


def measures_of(names: Iterable[str]) -> tuple[Measure, ...]:
    """Return the measures of these names, each once. Raises UsageError."""
    found = tuple(dict.fromkeys(map(measure_of, names)))
    columns = [measure.column for measure in found]
    for at, column in enumerate(columns):
        if column in columns[:at]:
            other = found[columns.index(column)].name
            raise UsageError(
                tr(
                    "measure {measure}: would have the same column, {column}, as {other}",
                    measure=found[at].name,
                    column=column,
                    other=other,
                )
            )
    return found


def measure_of(name: str) -> Measure:
    """Return the measure of this name. Raises UsageError, which says what would be right."""
    match = _FORM.fullmatch(" ".join(name.split()))
    if match is None:
        raise UsageError(
            tr(
                "measure {name!r}: must be like turnaround, turnaround.p95 or waiting of A",
                name=name,
            )
        )
    metric, statistic, part = match.groups()
    about = METRICS.get(metric)
    if about is None:
        raise UsageError(_unknown(name, metric))
    if statistic and not about.each:
        raise UsageError(
            tr(
                "measure {name}: {metric} is one number; leave .{statistic} out",
                name=name,
                metric=metric,
                statistic=statistic,
            )
        )
    if statistic and statistic not in _WORDS and not re.fullmatch(r"p[1-9][0-9]?", statistic):
        raise UsageError(
            tr("measure {name}: must end in .mean, .total, .min, .max or .p1 to .p99", name=name)
        )
    if part and not about.part:
        raise UsageError(
            tr(
                "measure {name}: {metric} is about the whole run; leave 'of {part}' out",
                name=name,
                metric=metric,
                part=part,
            )
        )
    if metric == "share" and not part:
        raise UsageError(tr("measure {name}: say whose share, like share of A", name=name))
    usual = ("total" if about.total else "mean") if about.each else ""
    return Measure(match[0], metric, statistic or usual, part)


def _unknown(name: str, metric: str) -> str:
    from difflib import get_close_matches

    known, close = ", ".join(METRICS), get_close_matches(metric, METRICS, n=1)
    if not close:
        return tr("measure {name}: unknown (known: {known})", name=name, known=known)
    return tr(
        "measure {name}: unknown (did you mean {meant!r}? known: {known})",
        name=name,
        meant=close[0],
        known=known,
    )
