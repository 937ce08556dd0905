"""The record of a run as the page's scripts read it: columns of small numbers, compressed.

Times are ns, sizes bytes. Intervals are sorted by process and start. A row has its distance from
the end of the row before it, and its length: mostly zeros and repeated numbers, which compress
well.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

from kernel.memory import layout
from kernel.process.states import WHYS, State
from kernel.scheduling.explain import Decision
from report.base import style
from report.base.chart import Chart, span_of
from report.base.memory_spans import memory_spans
from report.page.observed import observed
from report.replay.steps import steps
from report.sections.memory import memory_words
from timeline.files.decisions import plain
from timeline.memory.occupancy import requests
from timeline.record.intervals import Interval
from timeline.record.run import Run
from timeline.record.tracks import by_process
from translation import tr

MOST_LANES = 100
"""How many processes have a lane. Further processes appear on the lanes of the cores only."""
MOST_ENTRIES = 400_000  # entries of the ready queues of all decisions together


def hatches(runs: Iterable[Run]) -> list[str]:
    """Return the patterns that occur. The plain one is last, so it is drawn over the others."""
    states = {State(code) for run in runs for code in set(run.intervals.state)}
    found = [drawn.hatch for state, drawn in style.STATE_STYLES.items() if state in states]
    return [*dict.fromkeys(["/", *filter(None, found)]), ""]


def packed(document: Mapping[str, Any]) -> str:
    """Return `document` as JSON, deflated, in base64."""
    text = json.dumps(document, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 6)).decode("ascii")


def record(chart: Chart, title: str) -> dict[str, Any]:
    """Return all that the page shows of one run."""
    run = chart.run
    tracks = by_process(run)
    stepped = steps(run, tracks)
    return {
        "title": title,
        "backend": run.backend,
        "span": span_of(run),
        "cores": len(run.cores),
        "processes": run.process_names,
        "colours": chart.labels.places,
        "devices": run.device_names,
        "intervals": _intervals(tracks),
        "overheads": _overheads(run),
        "memory": _memory(run),
        "missed": [list(each) for each in sorted(chart.missed())],
        "steps": {
            "at": _distances([step.at_ns for step in stepped]),
            "shown": _distances([step.shown_ns for step in stepped]),
            "words": [step.words for step in stepped],
            "last": [step.last for step in stepped],
            "observed": observed(run, stepped),
        },
        "decisions": _decisions(run, stepped[-1].last if stepped else 0),
    }


def _intervals(tracks: Sequence[Sequence[Interval]]) -> dict[str, list[int]]:
    """Return the columns of all intervals. `count` has the number of rows of each process."""
    rows = [row for track in tracks for row in track]
    before = [end for track in tracks for end in (0, *(row.end for row in track[:-1]))]
    codes = {why: code for code, why in enumerate(WHYS)}
    return {
        "count": [len(track) for track in tracks],
        "gap": [row.start - end for row, end in zip(rows, before, strict=False)],
        "length": [row.end - row.start for row in rows],
        "state": [int(row.state) for row in rows],
        "core": [row.core for row in rows],
        "device": [row.device for row in rows],
        "why": [codes[row.why] for row in rows],
    }


def _overheads(run: Run) -> dict[str, Any]:
    """Return the columns of the cores' overheads, sorted by core and start."""
    rows = sorted(run.overheads)
    whys = list(dict.fromkeys(row.why for row in rows))
    return {
        "whys": [tr(why) for why in whys],
        "core": [row.core for row in rows],
        "start": _distances([row.start_ns for row in rows]),
        "length": [row.end_ns - row.start_ns for row in rows],
        "why": [whys.index(row.why) for row in rows],
    }


def _memory(run: Run) -> dict[str, Any] | None:
    """Return the places of memory and the programs in them; None if memory is not modelled."""
    about = run.machine.get("memory")
    if not isinstance(about, Mapping):
        return None
    place = {name: index for index, name in enumerate(run.process_names)}
    asked = requests(run)
    held = [
        [place[s.process], s.base, s.size, asked.get(s.process, s.size), s.since, s.until]
        for s in memory_spans(run.memory_events)
    ]
    return {
        "size": about["size"],
        "words": memory_words(about),
        "places": _places(about),
        "stays": held,
    }


def _places(about: Mapping[str, Any]) -> list[list[int]]:
    """Return [base, size] of each partition, or of each hole at the start of the run."""
    if about.get("scheme") != "fixed":
        return [list(region) for region in layout(about.get("holes") or [about["size"]])]
    sizes = about.get("partitions") or []
    return [list(place) for place in zip(accumulate(sizes, initial=0), sizes, strict=False)]


def _decisions(run: Run, steps_end: int) -> dict[str, Any] | None:
    """Return the columns of the decisions that the steps use, each with its ready queue.

    A row of `ready` has for each process: its place, the place of its keys' names in `keys`, and
    the values of its keys. Only the first `most` processes of a long queue are kept; `waiting` has
    the length of the whole queue.
    """
    if run.decisions is None:
        return None
    decisions = run.decisions[:steps_end]
    most = _most_ready(decisions)
    place = {name: index for index, name in enumerate(run.process_names)}
    keys: dict[tuple[str, ...], int] = {}
    return {
        "most": most,
        "core": [decision.core for decision in decisions],
        "picked": [int(decision.event == "picked") for decision in decisions],
        "process": [place[decision.process] for decision in decisions],
        "waiting": [len(decision.ready) for decision in decisions],
        "ready": [_entries(decision.ready[:most], place, keys) for decision in decisions],
        "keys": [list(names) for names in keys],
    }


def _entries(
    ready: Iterable[tuple[str, Mapping[str, Any]]],
    place: Mapping[str, int],
    keys: dict[tuple[str, ...], int],
) -> list[Any]:
    """Return one row of `ready`. Names of keys that are not in `keys` are added to it."""
    row: list[Any] = []
    for name, values in ready:
        names = tuple(values)
        if names not in keys:
            keys[names] = len(keys)
        row += (place[name], keys[names], *values.values())
    return row if set(map(type, row)) <= {int} else [*map(plain, row)]


def _most_ready(decisions: Sequence[Decision]) -> int:
    """Return how many entries of each ready queue are kept: all, or if too many at least eight."""
    longest = max((len(decision.ready) for decision in decisions), default=0)
    if sum(len(decision.ready) for decision in decisions) <= MOST_ENTRIES:
        return longest
    return max(8, MOST_ENTRIES // len(decisions))


def _distances(times: Sequence[int]) -> list[int]:
    """Return each time less the one before it."""
    return [time - before for before, time in pairwise([0, *times])]
