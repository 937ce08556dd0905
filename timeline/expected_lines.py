"""The lines of `expect`: for each key what was wanted, what came out, and whether it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeVar

from kernel.errors import UsageError
from kernel.units import NS_PER, format_duration
from timeline.comparison.observations import PRINTS, observed
from timeline.memory.occupancy import Placement, placements, waiters
from timeline.number_formats import size_words
from timeline.record.core_chart import Lane, chart_words, core_chart, joined
from timeline.record.latencies import AT_LEAST, KINDS, latencies, summary
from timeline.record.run import Averages, Expectation, ProcessRow, Run
from timeline.record.tracks import by_process, slices
from timeline.record.usage import Usage, usage_of
from translation import mark, recorded, tr

MEAN_PARTS = 100
"""The error of a mean must be less than the scenario's time unit divided by this."""

_MEANS: dict[str, Callable[[Averages], int | None]] = {
    name: attrgetter(f"{name}_ns") for name in ("turnaround", "waiting", "response")
}
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Judging:
    """A run that is judged, and the error that its times may have."""

    run: Run
    allowed: int  # ns
    time_unit: int  # ns, of the scenario
    tolerated: int = 0  # ns of `allowed` that come from the tolerance, a share of the makespan

    def with_more(self, allowed: int) -> Judging:
        """Return a copy in which times may be off by `allowed` ns more."""
        return replace(self, allowed=self.allowed + allowed)

    def row(self, name: str) -> ProcessRow:
        """Return the row of a process. Raises UsageError if the run has no such process.

        If the run was stopped, an unknown process gets an empty row.
        """
        rows = {row.name: row for row in self.run.processes}
        if self.run.stopped is not None and name not in rows:  # it may not have been started yet
            return _unborn(name)
        return known(rows, name, "expect: process")

    def is_close(self, got: int | None, wanted: int | None, allowed: int | None = None) -> bool:
        """Return whether two times differ by at most `allowed` ns (by default the run's)."""
        if got is None or wanted is None:
            return got is wanted
        return abs(got - wanted) <= (self.allowed if allowed is None else allowed)


Line = Callable[[Any, Judging], Iterator[Expectation]]
"""A function that makes the lines of one key of `expect` from what is written under the key."""


def known(table: Mapping[str, _Value], name: str, what: str) -> _Value:
    """Return the value of `name` in `table`. Raises UsageError, which begins with `what`."""
    if name not in table:
        raise UsageError(
            tr(
                "{key}: must be one of {names} (got {name!r})",
                key=what,
                names=", ".join(table),
                name=name,
            )
        )
    return table[name]


MEASURES = (
    mark("completion"),
    mark("turnaround"),
    mark("waiting"),
    mark("response"),
    mark("first_run"),
    mark("utilization"),
    mark("idle"),
    mark("preemptions"),
    mark("missed deadlines"),
    mark("exit code"),
    mark("swaps"),
    mark("place"),
    mark("wakeup"),
    mark("dispatch"),
    mark("burst"),
    mark("slack"),
)
"""What a line can be about, in the words in which it is recorded."""


def _of(measure: str, name: str) -> str:
    """Return what a line is about: a measure of a process, a core or a device."""
    return recorded("{measure} of {name}", measure=recorded(measure), name=name)


# -- times and shares ----------------------------------------------------------------------------


def _time_of_processes(
    key: str, wanted: Mapping[str, int | None], judging: Judging
) -> Iterator[Expectation]:
    for name, time in wanted.items():
        got: int | None = getattr(judging.row(name), f"{key}_ns")
        yield Expectation(_of(key, name), time, got, judging.is_close(got, time))


def _mean(wanted: Mapping[str, int], judging: Judging) -> Iterator[Expectation]:
    for name, time in wanted.items():
        got = known(_MEANS, name, "mean")(judging.run.averages)
        near = max(judging.allowed, (judging.time_unit - 1) // MEAN_PARTS)
        yield Expectation(
            recorded("mean {measure}", measure=recorded(name)),
            time,
            got,
            judging.is_close(got, time, near),
        )


def _makespan(wanted: int, judging: Judging) -> Iterator[Expectation]:
    got = judging.run.makespan_ns
    yield Expectation(recorded("makespan"), wanted, got, judging.is_close(got, wanted))


def _usage(
    key: str, part: Callable[[Usage], int], wanted: Mapping[str, int | str], judging: Judging
) -> Iterator[Expectation]:
    found = usage_of(judging.run)
    for name, value in wanted.items():
        usage = known(found, name, key)
        yield _use(_of(key, name), value, part(usage), usage.span, judging)


def _use(what: str, wanted: int | str, got: int, span: int, judging: Judging) -> Expectation:
    """Return the line of a use that is written as a time (ns) or as a share like `89.4%`."""
    makespan = judging.run.makespan_ns
    if isinstance(wanted, int):
        several = span // makespan if makespan else 1
        holds = judging.is_close(got, wanted, judging.allowed * several)
        return Expectation(what, wanted, got, holds)
    share = Fraction(100 * got, span) if span else Fraction(0)
    near = Fraction(100 * judging.allowed, makespan) if makespan else Fraction(0)
    decimals = len(wanted.rstrip("%").partition(".")[2])
    text = f"{float(share):.{max(2, decimals)}f}%"
    return Expectation(what, wanted, text, same_share(share, wanted, decimals, near))


def same_share(got: Fraction, wanted: str, decimals: int, near: Fraction) -> bool:
    """Return whether `wanted` (percent) is `got`, rounded or cut off, give or take `near`."""
    last = Fraction(1, 10**decimals)
    off = got - Fraction(wanted.rstrip("%"))
    return -last / 2 - near <= off < last + near


def _throughput(wanted: tuple[str, int], judging: Judging) -> Iterator[Expectation]:
    """Yield the line of the programs per time. `wanted` is the number as written, and that time."""
    number, per = wanted
    run, decimals = judging.run, len(number.partition(".")[2])
    done = sum(row.completion_ns is not None for row in run.processes)
    makespan = run.makespan_ns
    got = Fraction(done * per, makespan) if makespan else Fraction(0)
    near = got * Fraction(judging.allowed, makespan) if makespan else Fraction(0)
    last = Fraction(1, 10**decimals)
    holds = -last / 2 - near <= got - Fraction(number) < last + near
    unit = {ns: name for name, ns in NS_PER.items()}.get(per, format_duration(per))
    text = f"{float(got):.{max(2, decimals)}f}/{unit}"
    yield Expectation(recorded("throughput"), f"{number}/{unit}", text, holds)


def _bounds(
    kind: str, wanted: Mapping[str, Mapping[str, int]], judging: Judging
) -> Iterator[Expectation]:
    """Yield the lines of the bounds of latencies: at most so much, of the slack at least.

    A bound has no tolerance, which is a share of the makespan; only measured noise excuses a real
    run.
    """
    found = dict(zip(judging.run.process_names, latencies(judging.run), strict=True))
    allowed = judging.allowed - judging.tolerated
    for name, bounds in wanted.items():
        of_process = found.get(judging.row(name).name)
        known_values = summary(of_process.of(kind)) if of_process is not None else None
        for statistic, bound in bounds.items():
            got = None if known_values is None else getattr(known_values, statistic)
            over = None if got is None else (bound - got if kind in AT_LEAST else got - bound)
            text = mark("{statistic} {kind} of {process}, at most")
            if kind in AT_LEAST:
                text = mark("{statistic} {kind} of {process}, at least")
            what = recorded(text, statistic=recorded(statistic), kind=recorded(kind), process=name)
            yield Expectation(what, bound, got, over is not None and over <= allowed)


# -- orders and names ----------------------------------------------------------------------------


def _order(wanted: Sequence[str], judging: Judging) -> Iterator[Expectation]:
    """Yield the line of the order of completion.

    Two processes that complete within the allowed error of each other may be in either order.
    """
    times = {name: judging.row(name).completion_ns for name in wanted}
    done = [name for name in times if times[name] is not None]
    got = sorted(done, key=lambda name: times[name] or 0)  # stable: ties in the wanted order
    holds = _in_order(wanted, times, judging.allowed)
    yield Expectation(recorded("order of completion"), list(wanted), got, holds)


def _in_order(wanted: Sequence[str], times: Mapping[str, int | None], allowed: int) -> bool:
    latest = 0
    for name in wanted:
        time = times[name]
        if time is None or time < latest - allowed:
            return False
        latest = max(latest, time)
    return True


def _gantt(wanted: Mapping[int, Lane], judging: Judging) -> Iterator[Expectation]:
    """Yield a line for each core that is written. A stretch that goes on is one stretch."""
    found = core_chart(judging.run)
    for core, lane in wanted.items():
        written, got = joined(lane), found[core] if core < len(found) else []
        same = [name for name, *_ in written] == [name for name, *_ in got]
        near = same and all(
            judging.is_close(start, begun) and judging.is_close(end, ended)
            for (_, start, end), (_, begun, ended) in zip(got, written, strict=True)
        )
        words = chart_words(written), chart_words(got)
        yield Expectation(recorded("chart of core {core}", core=core), *words, holds=near)


def _dispatched(wanted: Sequence[str], judging: Judging) -> Iterator[Expectation]:
    """Yield the line of the first slices, as many as are written.

    Consecutive slices of one process count as one.
    """
    for name in wanted:
        judging.row(name)
    run = judging.run
    wanted = _once_in_a_row(wanted)
    turns = slices(by_process(run))
    got = _once_in_a_row(run.process_names[turn.process] for turn in turns)[: len(wanted)]
    yield Expectation(recorded("order of dispatch"), wanted, got, got == wanted)


def _once_in_a_row(names: Iterable[str]) -> list[str]:
    return [name for name, _ in groupby(names)]


def _waits(wanted: Sequence[str], judging: Judging) -> Iterator[Expectation]:
    """Yield the line of the processes that had to wait for memory, in any order."""
    for name in wanted:
        judging.row(name)
    got = waiters(judging.run)
    yield Expectation(recorded("waits for memory"), list(wanted), got, set(got) == set(wanted))


def _prints(wanted: Sequence[str], judging: Judging) -> Iterator[Expectation]:
    got = [row.value for row in judging.run.observations if row.name == PRINTS]
    yield Expectation(recorded("printed lines"), list(wanted), got, got == list(wanted))


def _deadlock(wanted: Sequence[str], judging: Judging) -> Iterator[Expectation]:
    """Yield the line of the processes that wait for ever, in any order."""
    for name in wanted:
        judging.row(name)
    stuck = judging.run.stuck
    yield Expectation(recorded("deadlock of"), list(wanted), stuck, set(stuck) == set(wanted))


# -- counts: given as text, because a whole number in an Expectation is a time in ns ---------------


def _preemptions(wanted: Mapping[str, int], judging: Judging) -> Iterator[Expectation]:
    for name, count in wanted.items():
        got = judging.row(name).preemptions
        yield Expectation(_of("preemptions", name), str(count), str(got), got == count)


def _missed(wanted: Mapping[str, int], judging: Judging) -> Iterator[Expectation]:
    """Yield the lines of missed deadlines.

    A job that completes within the allowed error of its deadline may count as missed or not.
    """
    for name, count in wanted.items():
        row, allowed = judging.row(name), judging.allowed
        least, got, most = (_late(row, slack) for slack in (allowed, 0, -allowed))
        holds = least <= count <= most
        yield Expectation(_of("missed deadlines", name), str(count), str(got), holds)


def _late(row: ProcessRow, slack: int) -> int:
    """Count the jobs completed more than `slack` ns after their deadline, or never."""
    ends = [(job["completion_ns"], job["deadline_ns"]) for job in row.jobs or ()]
    return sum(end is None or end > deadline + slack for end, deadline in ends)


def _exitcode(wanted: Mapping[str, int], judging: Judging) -> Iterator[Expectation]:
    for name, code in wanted.items():
        got = judging.row(name).exitcode
        yield Expectation(_of("exit code", name), str(code), str(got), got == code)


def _swaps(wanted: Mapping[str, int], judging: Judging) -> Iterator[Expectation]:
    events = judging.run.memory_events
    swapped = Counter(event.process for event in events if event.event == "swapped-out")
    for name, count in wanted.items():
        times = swapped[judging.row(name).name]
        yield Expectation(_of("swaps", name), str(count), str(times), times == count)


# -- places and observations -----------------------------------------------------------------------


def _places(wanted: Mapping[str, Mapping[str, int]], judging: Judging) -> Iterator[Expectation]:
    found = {placement.process: placement for placement in reversed(placements(judging.run))}
    for name, place in wanted.items():
        yield _placed(name, place, found.get(judging.row(name).name))


def _placed(name: str, wanted: Mapping[str, int], found: Placement | None) -> Expectation:
    """Return the line of the first place of a process.

    It compares the hole, the address, or both, depending on which are written.
    """
    got = {part: getattr(found, part) for part in wanted} if found else None
    text = recorded("nowhere") if got is None else _place(got)
    return Expectation(_of("place", name), _place(wanted), text, got == wanted)


def _place(place: Mapping[str, int]) -> str:
    """Return a place like `500KiB@64KiB`, as a scenario writes it."""
    sizes = {part: size_words(size) for part, size in place.items()}
    return sizes.get("hole", "") + (f"@{sizes['base']}" if "base" in sizes else "")


def _observed(wanted: Sequence[tuple[str, str, Any]], judging: Judging) -> Iterator[Expectation]:
    return observed(wanted, judging.run)


LINES: dict[str, Line] = {
    **{
        name: partial(_time_of_processes, name)
        for name in ("completion", "turnaround", "waiting", "response", "first_run")
    },
    "mean": _mean,
    "makespan": _makespan,
    "placed": _places,
    "observed": _observed,
    "swaps": _swaps,
    "utilization": partial(_usage, "utilization", attrgetter("busy")),
    "idle": partial(_usage, "idle", attrgetter("idle")),
    "throughput": _throughput,
    **{kind: partial(_bounds, kind) for kind in KINDS},
    "order": _order,
    "gantt": _gantt,
    "dispatched": _dispatched,
    "waits": _waits,
    "prints": _prints,
    "deadlock": _deadlock,
    "preemptions": _preemptions,
    "missed": _missed,
    "exitcode": _exitcode,
}
"""The keys of `expect`."""


def _unborn(name: str) -> ProcessRow:
    return ProcessRow(
        name,
        pid=None,
        parent=None,
        arrival_ns=0,
        admitted_ns=None,
        first_run_ns=None,
        completion_ns=None,
        turnaround_ns=None,
        response_ns=None,
        waiting_ns=0,
        blocked_ns=0,
        cpu_ns=0,
        demand_ns=0,
        slices=0,
        preemptions=0,
        migrations=0,
        exitcode=None,
    )
