"""The law of the process tree: a process is born, perhaps adopted, ends, and is reaped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from kernel.lifecycle.priority_protocols import INHERITS, RESTORED
from timeline.record.run import LifecycleEvent, ProcessRow
from timeline.record.sorted_run import Breach, SortedRun, text_of

REAPER = "supervisor"
SERVER = "forkserver"
_ORDER = ("born", "exited", "reaped")
_BETWEEN = ("adopted", INHERITS, RESTORED)


def process_tree_in_order(sorted_run: SortedRun) -> Iterator[Breach]:
    """Yield processes whose birth, end and reaping do not come in this order, each at most once.

    A process is reaped by its parent, by a fork server, or by the reaper, which is the supervisor.
    The reaper adopts or reaps a process only when the parent has ended.
    """
    if not sorted_run.has_lifecycle:
        return
    events: dict[str, list[LifecycleEvent]] = defaultdict(list)
    for event in sorted_run.run.lifecycle:
        events[event.process].append(event)
    ends = {
        event.process: event.at_ns for event in sorted_run.run.lifecycle if event.event == "exited"
    }
    for row in sorted_run.run.processes:
        for breach in _of_one(row, events[row.name], ends):
            yield breach, row.arrival_ns, row.name, None


def _of_one(
    row: ProcessRow, events: Sequence[LifecycleEvent], ends: dict[str, int]
) -> Iterator[str]:
    seen = [event.event for event in events if event.event not in _BETWEEN]
    if seen != list(_ORDER[: len(seen)]) or not seen:
        yield f"{row.name} is {', then '.join(seen) or 'never born'}"
        return
    if ("exited" in seen) != (row.completion_ns is not None):
        yield f"{row.name} has {'no ' if row.completion_ns is None else 'a '}completion, but {seen}"
    for event in events:
        orphaned = row.parent is not None and event.by == REAPER
        if orphaned and event.at_ns < ends.get(row.parent or "", event.at_ns + 1):
            at = text_of(event.at_ns)
            yield f"{row.name} is {event.event} by the {REAPER} at {at}, while {row.parent} lives"
        if event.event == "reaped" and event.by not in (REAPER, SERVER, row.parent):
            yield f"{row.name} is reaped by {event.by}, which is not its parent"
    adopted = sum(event.event == "adopted" for event in events)
    if adopted > 1:
        yield f"{row.name} is adopted {adopted} times"
