"""Compare what a scenario says must come out (`expect`) with what came out.

    expect:
      completion: {A: 30ms, B: 50ms}     # also turnaround, waiting, response, first_run
      mean: {waiting: 17ms}              # also turnaround, response
      makespan: 50ms
      order: [A, B]                      # of completion
      dispatched: [A, B, A]              # the processes that get a core, from the start
      preemptions: {A: 1, B: 0}          # how often each loses its core to another
      missed: {A: 0}                     # jobs not completed by their deadline
      exitcode: {A: -11}                 # with which it ends
      placed: {A: {hole: 8, base: 0}}    # bytes; the hole (or partition) chosen, its address
      waits: [B]                         # for memory: these and no others
      prints: [hello, a = 1]             # all lines, in order
      observed:                          # the first, second, ... of that process and name
        - {process: A, name: observe c1, value: {state: zombie, exitcode: 3}}
      deadlock: [A, B]                   # these wait for ever, and no others
      swaps: {A: 1}                      # how often each is swapped out
      utilization: {cpu: 89.4%}          # of cores and devices: a share of the makespan, or a time
      idle: {core 0: 5ms, disk: 10.6%}
      tolerance: 0.02                    # real runs only

On the simulator everything is exact, but a mean: books print two decimals, some rounded and some
cut off (17/3 as 5.67 or 5.66), so a mean holds when it is less than a hundredth of the scenario's
time unit off. On the real machine a time may be off
by `tolerance` times the makespan and what was measured as the machine's own price, and programs
that complete within that of each other may do so in either order; so may a job and its deadline.
What is off by more, and by no more than the noise that was measured besides, is left undecided; so
is anything else that did not come out of a run with much noise.

A share holds when it is the one written, rounded or cut off to the decimals that are written.

A slice that goes on is one slice, so `dispatched: [C, C]` is the same as `[C]`: a book that writes
down who has each quantum may be copied as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeVar

from kernel.errors import UsageError
from timeline.comparison.observations import PRINTS, observed
from timeline.memory.occupancy import Placement, placements, waiters
from timeline.number_formats import size_words
from timeline.record.run import SIMULATED, Averages, Expectation, ProcessRow, Run
from timeline.record.tracks import by_process, slices
from timeline.record.usage import Usage, usage_of

TOLERANCE = 0.02
"""Share of the makespan that a real time may be off, where the scenario does not say."""
MEAN_PARTS = 100
"""A mean may be off by less than the time unit over this."""

_OF_PROCESS: dict[str, Callable[[ProcessRow], int | None]] = {
    name: attrgetter(f"{name}_ns")
    for name in ("completion", "turnaround", "waiting", "response", "first_run")
}
_MEANS: dict[str, Callable[[Averages], int | None]] = {
    name: attrgetter(f"{name}_ns") for name in ("turnaround", "waiting", "response")
}


def check(expect: Mapping[str, Any], run: Run, *, time_unit: int = 1_000_000) -> list[Expectation]:
    """One line for each thing expected, in the order written. Times and `time_unit` are ns.

    Raises UsageError for a name that is neither a metric nor a process of the run. A run that was
    stopped may have ended before somebody was born.
    """
    allowed = _allowed(expect, run)
    lines = list(_all(expect, run, allowed, time_unit))
    if run.backend == SIMULATED or all(line.holds for line in lines):
        return lines
    from timeline.comparison.noise import Forgiven  # it takes a while to load, and few need it

    forgiven = Forgiven(run)
    priced = _all(expect, run, allowed + forgiven.price_ns, time_unit)
    hidden = _all(expect, run, allowed + forgiven.price_ns + forgiven.noise_ns, time_unit)
    return [
        line if line.holds else replace(line, holds=None if late.holds or forgiven.noisy else False)
        for line, late in zip(priced, hidden, strict=True)
    ]


def _all(
    expect: Mapping[str, Any], run: Run, allowed: int, time_unit: int
) -> Iterator[Expectation]:
    """All lines, where a time may be `allowed` ns off."""
    for key, wanted in expect.items():
        if key != "tolerance":
            yield from _lines(key, wanted, run, allowed, time_unit)


def _allowed(expect: Mapping[str, Any], run: Run) -> int:
    """How far (ns) a time of this run may be off."""
    if run.backend == SIMULATED:
        return 0
    return int(float(expect.get("tolerance", TOLERANCE)) * run.makespan_ns)


def _lines(key: str, wanted: Any, run: Run, allowed: int, time_unit: int) -> Iterator[Expectation]:
    if key in _OF_PROCESS:
        for name, time in wanted.items():
            got = _OF_PROCESS[key](_process(run, name))
            yield Expectation(f"{key} of {name}", time, got, _close(got, time, allowed))
    elif key == "mean":
        for name, time in wanted.items():
            got = _known(_MEANS, name, "mean")(run.averages)
            near = max(allowed, (time_unit - 1) // MEAN_PARTS)
            yield Expectation(f"mean {name}", time, got, _close(got, time, near))
    elif key == "makespan":
        got = run.makespan_ns
        yield Expectation("makespan", wanted, got, _close(got, wanted, allowed))
    elif key in _WHOLE:
        yield _WHOLE[key](list(wanted), run, allowed)
    elif key in _COUNTS:
        for name, count in wanted.items():
            yield _COUNTS[key](name, count, _process(run, name), allowed)
    elif key == "observed":
        yield from observed(wanted, run)
    elif key == "placed":
        found = {placement.process: placement for placement in reversed(placements(run))}
        for name, place in wanted.items():
            yield _placed(name, place, found.get(_process(run, name).name))
    elif key in _USES:
        found_use = usage_of(run)
        for name, part in wanted.items():
            yield _use(key, name, part, _known(found_use, name, key), run, allowed)
    elif key == "swaps":
        times_out = Counter(e.process for e in run.memory_events if e.event == "swapped-out")
        for name, count in wanted.items():
            times = times_out[_process(run, name).name]
            yield Expectation(f"swaps of {name}", str(count), str(times), times == count)
    else:
        known = (*_OF_PROCESS, "mean", "makespan", "placed", "observed", "swaps", *_USES)
        known += (*_WHOLE, *_COUNTS)
        _known(dict.fromkeys(known), key, "expect")


def _close(got: int | None, wanted: int | None, allowed: int) -> bool:
    if got is None or wanted is None:
        return got is wanted
    return abs(got - wanted) <= allowed


_USES: dict[str, Callable[[Usage], int]] = {
    "utilization": attrgetter("busy"),
    "idle": attrgetter("idle"),
}


def _use(
    key: str, name: str, wanted: int | str, usage: Usage, run: Run, allowed: int
) -> Expectation:
    """A time, or a share of the makespan like `89.4%`."""
    got, what = _USES[key](usage), f"{key} of {name}"
    if isinstance(wanted, int):
        several = usage.span // run.makespan_ns if run.makespan_ns else 1
        return Expectation(what, wanted, got, _close(got, wanted, allowed * several))
    share = Fraction(100 * got, usage.span) if usage.span else Fraction(0)
    near = Fraction(100 * allowed, run.makespan_ns) if run.makespan_ns else Fraction(0)
    decimals = len(wanted.rstrip("%").partition(".")[2])
    text = f"{float(share):.{max(2, decimals)}f}%"
    return Expectation(what, wanted, text, _same_share(share, wanted, decimals, near))


def _same_share(got: Fraction, wanted: str, decimals: int, near: Fraction) -> bool:
    """Is `wanted` (per cent) `got`, rounded or cut off, or nearer to it than `near`?"""
    last = Fraction(1, 10**decimals)
    off = got - Fraction(wanted.rstrip("%"))
    return -last / 2 - near <= off < last + near


def _order(wanted: Sequence[str], run: Run, allowed: int) -> Expectation:
    """Completion order of the processes named; those within `allowed` ns have no order."""
    times = {name: _process(run, name).completion_ns for name in wanted}
    done = [name for name in times if times[name] is not None]
    got = sorted(done, key=lambda name: times[name] or 0)  # stable: ties as wanted
    return Expectation("order of completion", list(wanted), got, _in_order(wanted, times, allowed))


def _in_order(wanted: Sequence[str], times: Mapping[str, int | None], allowed: int) -> bool:
    latest = 0
    for name in wanted:
        time = times[name]
        if time is None or time < latest - allowed:
            return False
        latest = max(latest, time)
    return True


def _dispatched(wanted: Sequence[str], run: Run, allowed: int) -> Expectation:
    """The first slices of the run, as many as are written; those of a process in a row are one."""
    for name in wanted:
        _process(run, name)
    turns = slices(by_process(run))
    wanted = _once_in_a_row(wanted)
    got = _once_in_a_row(run.process_names[turn.process] for turn in turns)[: len(wanted)]
    return Expectation("order of dispatch", wanted, got, got == wanted)


def _once_in_a_row(names: Iterable[str]) -> list[str]:
    return [name for name, _ in groupby(names)]


def _preemptions(name: str, wanted: int, row: ProcessRow, allowed: int) -> Expectation:
    # counts are told as text: a whole number is a time
    got = row.preemptions
    return Expectation(f"preemptions of {name}", str(wanted), str(got), got == wanted)


def _missed(name: str, wanted: int, row: ProcessRow, allowed: int) -> Expectation:
    """How many of its jobs were late. Those within `allowed` ns of their deadline may count."""
    least, got, most = (_late(row, slack) for slack in (allowed, 0, -allowed))
    holds = least <= wanted <= most
    return Expectation(f"missed deadlines of {name}", str(wanted), str(got), holds)


def _exitcode(name: str, wanted: int, row: ProcessRow, allowed: int) -> Expectation:
    got = row.exitcode
    return Expectation(f"exit code of {name}", str(wanted), str(got), got == wanted)


def _late(row: ProcessRow, slack: int) -> int:
    """Jobs completed more than `slack` ns after their deadline, or never."""
    ends = [(job["completion_ns"], job["deadline_ns"]) for job in row.jobs or ()]
    return sum(end is None or end > deadline + slack for end, deadline in ends)


def _placed(name: str, wanted: Mapping[str, int], found: Placement | None) -> Expectation:
    """The first place that it got, as far as it is written: of a hole, an address, or both."""
    got = {part: getattr(found, part) for part in wanted} if found else None
    text = "nowhere" if got is None else _place(got)
    return Expectation(f"place of {name}", _place(wanted), text, got == wanted)


def _place(place: Mapping[str, int]) -> str:
    """`500KiB@64KiB`, as a scenario writes it."""
    sizes = {part: size_words(size) for part, size in place.items()}
    return sizes.get("hole", "") + (f"@{sizes['base']}" if "base" in sizes else "")


def _waits(wanted: Sequence[str], run: Run, allowed: int) -> Expectation:
    """Those who had to wait for memory, in any order."""
    for name in wanted:
        _process(run, name)
    got = waiters(run)
    return Expectation("who waits for memory", list(wanted), got, set(got) == set(wanted))


def _prints(wanted: Sequence[str], run: Run, allowed: int) -> Expectation:
    got = [row.value for row in run.observations if row.name == PRINTS]
    return Expectation("printed lines", list(wanted), got, got == list(wanted))


def _deadlock(wanted: Sequence[str], run: Run, allowed: int) -> Expectation:
    """Who waits for ever, in any order."""
    for name in wanted:
        _process(run, name)
    return Expectation("deadlock of", list(wanted), run.stuck, set(run.stuck) == set(wanted))


_WHOLE: dict[str, Callable[[Sequence[str], Run, int], Expectation]] = {
    "order": _order,
    "dispatched": _dispatched,
    "waits": _waits,
    "prints": _prints,
    "deadlock": _deadlock,
}
_COUNTS: dict[str, Callable[[str, int, ProcessRow, int], Expectation]] = {
    "preemptions": _preemptions,
    "missed": _missed,
    "exitcode": _exitcode,
}


def _process(run: Run, name: str) -> ProcessRow:
    rows = {row.name: row for row in run.processes}
    if run.stopped is not None and name not in rows:  # before anybody had started it
        return _unborn(name)
    return _known(rows, name, "expect: process")


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


_Value = TypeVar("_Value")


def _known(table: Mapping[str, _Value], name: str, what: str) -> _Value:
    if name not in table:
        raise UsageError(f"{what}: must be one of {', '.join(table)} (got {name!r})")
    return table[name]
