"""The threads of a trace as a scenario."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from kernel.units import format_duration
from language.convert.imports.draft import Draft, DraftProcess, Names, Step, Value, usable_name
from language.convert.imports.folding import fold
from language.convert.imports.options import ImportOptions
from language.convert.imports.source import Source
from language.convert.imports.traces.events import UNKNOWN, Event
from language.convert.imports.traces.text_lines import events_of
from language.convert.imports.traces.threads import (
    BURST,
    MOST_STEPS,
    MOST_THREADS,
    RECEIVE,
    SEND,
    WAIT,
    Threads,
    TooManyThreadsError,
    TracedThread,
)
from translation import tr

_NICE_0 = 120  # the kernel's priority of nice 0; below 100 are the real-time classes
_MOST_CORES = 1024


def read_trace(source: Source, options: ImportOptions) -> Draft:
    """Return the scenario of a trace of ftrace, trace-cmd or perf script, read line by line."""
    return draft_of_events(source, events_of(source), options, "a scheduler's trace")


def draft_of_events(
    source: Source, events: Iterable[Event], options: ImportOptions, what: str
) -> Draft:
    """Return the scenario of a trace's events. Raises ScenarioError."""
    threads = Threads(wanted_by(options.only))
    try:
        threads.take(events, options.start, options.duration)
    except TooManyThreadsError:
        source.fail(
            None, None, tr("has more than {most:,} threads; give --only NAMES", most=MOST_THREADS)
        )
    draft = draft_of_threads(threads, what)
    if not draft.processes:
        source.fail(
            None,
            None,
            tr("shows no thread of those that --only names that runs (sched_switch)")
            if options.only
            else tr("shows no thread that runs (sched_switch)"),
        )
    return draft


def wanted_by(only: Sequence[str]) -> Callable[[int, str], bool]:
    """Return whether a thread, by number and name, is one of `only`; empty: all are."""
    asked = frozenset(only)
    return lambda number, name: not asked or name in asked or str(number) in asked


def draft_of_threads(threads: Threads, what: str, *, numbered: bool = False) -> Draft:
    """Return the scenario of the threads that computed.

    Where several have the same name, the thread's number is added; if `numbered`, its turn.
    """
    active = active_threads(threads)
    names = names_of(active, numbered=numbered)
    draft = Draft("", [what, "times are counted from the first event of the trace"])
    draft.sections["machine"] = {"cores": min(max(1, len(threads.cpus)), _MOST_CORES)}
    draft.sections["scheduler"] = {"policy": "linux"}
    draft.processes = [_process(thread, threads.first, names) for thread in active]
    draft.remarks += _remarks(threads, active)
    return draft


def active_threads(threads: Threads) -> list[TracedThread]:
    """Return the threads that a scenario has: those that computed."""
    return [thread for thread in threads.all if BURST in thread.kinds]


def names_of(threads: Sequence[TracedThread], *, numbered: bool = False) -> dict[int, str]:
    """Return the names by the threads' serials; see `draft_of_threads`."""
    many = Counter(thread.name for thread in threads)
    unique = Names()
    return {
        thread.serial: unique.unique(
            usable_name(
                thread.name
                if numbered or many[thread.name] == 1
                else f"{thread.name}-{thread.number}",
                f"thread {thread.number}",
            )
        )
        for thread in threads
    }


def _remarks(threads: Threads, active: Sequence[TracedThread]) -> Iterator[str]:
    sends = sum(thread.kinds.count(SEND) for thread in active)
    waits = sum(thread.kinds.count(WAIT) for thread in active)
    yield f"waits for devices, timers, or what the trace does not tell: {waits:,} (io)"
    if sends:
        yield (
            f"waits for another thread of the trace: {sends:,}; it sends a message where it woke "
            "or began the one that waits"
        )
    if idle := len(threads.all) - len(active):
        yield f"left out: {idle:,} threads that did not run"
    if threads.full:
        until = format_duration(threads.last - threads.first)
        yield f"left out: all after {until}, as {MOST_STEPS:,} steps are read; give --only, --start"
    if threads.lost:
        yield f"the tracer lost events at {threads.lost:,} places: waits and bursts there are wrong"
    if threads.backwards:
        yield f"left out: {threads.backwards:,} events that are earlier than the one before them"
    if any(0 <= thread.priority < 100 for thread in active):
        yield "real-time threads are of class fifo: a trace does not tell rr from fifo"


def _process(thread: TracedThread, first: int, names: dict[int, str]) -> DraftProcess:
    keys: dict[str, Value] = {}
    begun = bool(thread.kinds) and thread.kinds[0] == RECEIVE and thread.begun_by != UNKNOWN
    if not begun and thread.born > first:
        keys["arrival"] = format_duration(thread.born - first)
    if 0 <= thread.priority < 100:
        keys |= {"class": "fifo", "rt_priority": max(1, 99 - thread.priority)}
    elif 100 <= thread.priority < 140 and thread.priority != _NICE_0:
        keys["nice"] = thread.priority - _NICE_0
    name = names[thread.serial]
    return DraftProcess(name, keys, fold(list(_steps(thread, name, names))))


def _steps(thread: TracedThread, name: str, names: dict[int, str]) -> Iterator[Step]:
    """Yield the steps of a scenario. Messages to threads that never ran are left out."""
    burst = 0  # ns; bursts with nothing between them are one
    last = len(thread.kinds)
    while last and thread.kinds[last - 1] == WAIT:
        last -= 1
    for kind, amount in zip(thread.kinds[:last], thread.amounts[:last], strict=True):
        if kind == BURST:
            burst += amount
            continue
        if kind == SEND and amount not in names:
            continue
        if burst:
            yield {"cpu": format_duration(burst)}
            burst = 0
        if kind == WAIT:
            if amount:
                yield {"io": format_duration(amount)}
        elif kind == SEND:
            yield {"send": {"queue": names[amount], "value": 1}}
        else:
            yield {"receive": name}
    if burst:
        yield {"cpu": format_duration(burst)}
