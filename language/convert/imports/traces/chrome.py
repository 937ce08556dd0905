"""Traces in Chrome's JSON, as Chrome, Perfetto's traceconv, and Multiprog's --perfetto write them.

If the trace has the scheduler's lines (`systemTraceEvents`), these are read as ftrace's. Otherwise
each thread's outermost slices are its bursts, and what lies between them are its waits. A slice
that tells its CPU time (`tdur`) is a burst of that length, and waits for the rest.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from language.convert.imports.draft import Draft
from language.convert.imports.options import ImportOptions
from language.convert.imports.source import Source
from language.convert.imports.traces.events import Event
from language.convert.imports.traces.from_trace import draft_of_events, draft_of_threads, wanted_by
from language.convert.imports.traces.json_stream import SYSTEM, JsonStream
from language.convert.imports.traces.text_lines import event_of
from language.convert.imports.traces.threads import (
    BURST,
    MOST_STEPS,
    MOST_THREADS,
    WAIT,
    Threads,
    TracedThread,
)
from translation import tr

_US = 1_000  # ns
_MOST_US = 10**14


def read_chrome(source: Source, options: ImportOptions) -> Draft:
    """Return the scenario of a trace, which is read piece by piece. Raises ScenarioError."""
    if f'"{SYSTEM}"' in source.start:
        return draft_of_events(source, _system_events(source), options, _OF_SYSTEM)
    slices = _Slices(source, options)
    system = list(slices.read())
    if system:
        return draft_of_events(source, iter(system), options, _OF_SYSTEM)
    draft = draft_of_threads(slices.threads(), "a trace in Chrome's JSON, from its slices")
    if not draft.processes:
        source.fail(None, None, tr("has no slices (events of the phase X, or B and E) to read"))
    draft.remarks.append("a thread's outermost slices are its bursts, the gaps its waits")
    return draft


_OF_SYSTEM = f"a trace in Chrome's JSON, from the scheduler's lines in {SYSTEM}"


def _system_events(source: Source) -> Iterator[Event]:
    """Yield the events of the scheduler's lines."""
    for item in JsonStream(source).items():
        if isinstance(item, str):
            event, damaged = event_of(item)
            if damaged is not None:
                source.fail(
                    None,
                    None,
                    tr("a line of {system} {mistake}", system=SYSTEM, mistake=damaged[1]),
                )
            if event is not None:
                yield event


class _Slice(NamedTuple):
    """An outermost slice of a track. Times in ns; `cpu` -1: it does not tell its CPU time."""

    start: int
    end: int
    cpu: int
    state: str  # of a track of states, as --perfetto writes them: running, ready, blocked


@dataclass(slots=True)
class _Track:
    """The slices of a thread."""

    number: int
    name: str = ""
    depth: int = 0  # open B events
    begun: int = 0  # ns, of the outermost open slice
    slices: list[_Slice] = field(default_factory=list)


class _Slices:
    """Reads the slices of all threads, and the scheduler's events if there are any."""

    def __init__(self, source: Source, options: ImportOptions) -> None:
        self._source, self._options = source, options
        self._tracks: dict[tuple[Any, Any], _Track] = {}
        self._read = 0
        self.full = False

    def read(self) -> Iterator[Event]:
        """Read all events. Yield those of the scheduler's lines."""
        stream = JsonStream(self._source)
        for item in stream.items():
            if isinstance(item, str):
                event, _ = event_of(item)
                if event is not None:
                    yield event
            elif not self.full:
                self._take(item, stream)

    def _take(self, item: dict[str, Any], stream: JsonStream) -> None:
        phase, args = item.get("ph"), item.get("args")
        if phase not in ("X", "B", "E", "M"):
            return
        track = self._track(item)
        if phase == "M":
            if item.get("name") == "thread_name" and isinstance(args, dict):
                track.name = str(args.get("name", ""))
            return
        at = _ns(item.get("ts"))
        duration = _ns(item.get("dur", 0))
        if at is None or duration is None:
            stream.fail(tr("the event before here needs ts and dur, microseconds of 0 or more"))
            return
        if phase == "X":
            cpu, state = _ns(item.get("tdur", -1)), ""
            if item.get("cat") == "state":
                state = str(item.get("name", ""))
            if not track.depth:
                self._add(track, _Slice(at, at + duration, -1 if cpu is None else cpu, state))
        elif phase == "B":
            track.begun = at if not track.depth else track.begun
            track.depth += 1
        elif track.depth:
            track.depth -= 1
            if not track.depth and at >= track.begun:
                self._add(track, _Slice(track.begun, at, -1, ""))

    def _track(self, item: dict[str, Any]) -> _Track:
        key = (str(item.get("pid", "")), str(item.get("tid", "")))
        track = self._tracks.get(key)
        if track is None:
            if len(self._tracks) >= MOST_THREADS:
                self._source.fail(
                    None, None, tr("has more than {most:,} threads", most=MOST_THREADS)
                )
            tid = key[1]
            number = int(tid) if tid.isascii() and tid.isdecimal() and len(tid) < 10 else 0
            track = self._tracks[key] = _Track(number, f"{key[0]}/{tid}")
        return track

    def _add(self, track: _Track, each: _Slice) -> None:
        track.slices.append(each)
        self._read += 1
        self.full = self._read >= MOST_STEPS

    def threads(self) -> Threads:
        """Return the threads with the steps that their slices show."""
        wanted = wanted_by(self._options.only)
        tracks = [track for track in self._tracks.values() if wanted(track.number, track.name)]
        states = any(each.state for track in tracks for each in track.slices)
        slices = [each for track in tracks for each in track.slices]
        first = min((each.start for each in slices), default=0) + (self._options.start or 0)
        length = self._options.duration
        found = Threads(lambda _number, _name: True)
        found.first = first
        found.last = max((each.end for each in slices), default=0)
        found.full = self.full
        for track in tracks:
            chosen = sorted(each for each in track.slices if bool(each.state) == states)
            within = (
                each
                for each in chosen
                if each.start >= first and (length is None or each.start < first + length)
            )
            thread = TracedThread(track.number, len(found.all), track.name, first)
            _add_steps(thread, list(within), states)
            found.all.append(thread)
        return found


def _add_steps(thread: TracedThread, slices: list[_Slice], states: bool) -> None:
    """Give a thread the bursts and waits of its slices, which are sorted by their start."""
    if not slices:
        return
    end = thread.born = slices[0].start
    for each in slices:
        if each.end <= end and each.start < end:
            continue  # it lies in the slice before
        if states:
            if each.state == "running" and each.end > each.start:
                thread.step(BURST, each.end - each.start)
            elif each.state == "blocked":
                thread.step(WAIT, each.end - each.start)
        else:
            start = max(each.start, end)
            if start > end:
                thread.step(WAIT, start - end)
            cpu = each.end - start if each.cpu < 0 else min(each.cpu, each.end - start)
            if cpu:
                thread.step(BURST, cpu)
            if each.end - start > cpu:
                thread.step(WAIT, each.end - start - cpu)
        end = max(end, each.end)


def _ns(value: Any) -> int | None:
    """Return microseconds of JSON as ns; None: they are none, or less than 0."""
    if isinstance(value, str) and len(value) < 24:  # some tools write times as text
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return round(Fraction(value).limit_denominator(_US) * _US) if 0 <= value < _MOST_US else None
