"""The rules of the Chrome trace format, as far as Perfetto's importer counts a breach as an error.

Written from the format's description ("Trace Event Format") and not from our writer.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

METADATA = {
    "process_name": ("name", str),
    "process_sort_index": ("sort_index", int),
    "thread_name": ("name", str),
    "thread_sort_index": ("sort_index", int),
}


def breaches(text: str) -> Iterator[str]:
    """What a reader of the format would stumble over; nothing if all is well."""
    if not text.startswith('{"traceEvents"'):
        yield "the file does not begin with traceEvents, by which its format is known"
    events = json.loads(text, parse_float=Decimal)["traceEvents"]
    for event in events:
        yield from _event(event)
    yield from _tracks(events)


def _event(event: dict[str, Any]) -> Iterator[str]:
    phase = event.get("ph")
    if phase not in ("X", "M", "C", "i"):
        yield f"phase {phase!r}: {event}"
    if not isinstance(event.get("name"), str) or not event["name"]:
        yield f"no name: {event}"
    if type(event.get("pid")) is not int or type(event.get("tid")) is not int:
        yield f"no whole number as pid and tid: {event}"
    if phase == "M":
        key, kind = METADATA.get(event.get("name", ""), ("", object))
        if not isinstance(event.get("args", {}).get(key), kind):
            yield f"metadata without {key}: {event}"
        return
    if not isinstance(event.get("ts"), (int, Decimal)) or event["ts"] < 0:
        yield f"no time: {event}"
    if phase == "X" and not (isinstance(event.get("dur"), (int, Decimal)) and event["dur"] > 0):
        yield f"no duration: {event}"
    if phase == "i" and event.get("s") not in ("g", "p", "t"):
        yield f"an instant without a scope: {event}"
    if phase == "C":
        values = event.get("args", {}).values()
        if not values or not all(type(value) in (int, Decimal) for value in values):
            yield f"a counter that is no number: {event}"


def _tracks(events: list[dict[str, Any]]) -> Iterator[str]:
    """A thread belongs to one process and has a name; its slices nest or follow one another."""
    owner: dict[int, int] = {}
    named: set[int] = set()
    slices = defaultdict(list)
    for event in events:
        if owner.setdefault(event["tid"], event["pid"]) != event["pid"]:
            yield f"thread {event['tid']} is of two processes"
        if event["name"] == "thread_name":
            named.add(event["tid"])
        if event["ph"] == "X":
            slices[event["tid"]].append((event["ts"], event["ts"] + event["dur"]))
    for tid, spans in slices.items():
        if tid not in named:
            yield f"thread {tid} has no name"
        ends: list[Decimal] = []
        for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
            while ends and ends[-1] <= start:
                ends.pop()
            if ends and end > ends[-1]:
                yield f"slices of thread {tid} overlap at {start}"
            ends.append(end)
