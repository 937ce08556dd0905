"""What happened, in words: the events between two instants, and the decisions of an instant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

from kernel.scheduling.explain import Decision
from timeline.record.intervals import NO_DEVICE, Interval
from timeline.record.run import Run

MOST = 6  # events that are told in words; the others are only counted
SILENT = ("dispatched", "preempted", "interrupted", "resumed", "suspended")
"""Ends of intervals that are not told: decisions or memory events tell them, or nothing decided
them."""
WORDS = {
    "expired": "{}'s quantum expires",
    "yielded": "{} gives up the core",
    "woke": "{}'s wait is over",
    "admitted": "{} gets its memory",
    "continued": "{}'s next wait begins",
    "released": "{}'s next job is due",
    "ended": "{} ends",
    "killed": "{} is killed",
    "reaped": "{} is reaped",
    "aborted": "{}'s job is dropped at its deadline",
    "stopped": "{} is stopped with the run",
}

IN_MEMORY = {
    "moved": "{} is moved in memory",
    "swapped-out": "{} is swapped out",
    "swapped-in": "{} is swapped in",
    "fault": "{} touches memory that is not its own",
    "refused": "{} asks for more memory than it can have",
    "misfreed": "{} gives back memory that it has not allocated",
}
"""The memory events that neither an interval nor a decision shows."""

ARRIVES = "arrives"
AT_ONE_INSTANT = (
    ("blocked", "yielded", "fault", "refused", "misfreed", "ended", "killed"),
    ("moved", "swapped-out", "swapped-in", "admitted"),
    ("woke", "continued", "reaped"),
    ("aborted",),
    ("released",),
    (ARRIVES,),
    ("expired",),
    ("stopped",),
)
"""The order of events at one instant: a cause comes before its effect. So a process's end comes
before the admission for which it frees memory. Under `ties: expiry-first`, quanta expire before
waits end; under `completed_io: after-arrivals`, waits end after arrivals."""


class Happening(NamedTuple):
    """An event at an instant (ns), as a sentence without its full stop."""

    at: int
    words: str
    rank: int  # the order among events of one instant, by AT_ONE_INSTANT


def _ranks(run: Run) -> dict[str, int]:
    ranks = {what: 2 * at for at, group in enumerate(AT_ONE_INSTANT) for what in group}
    if run.scheduler.get("ties") == "expiry-first":
        ranks["expired"] = ranks["woke"] - 1
    if run.scheduler.get("completed_io") == "after-arrivals":
        ranks["woke"] = ranks["continued"] = ranks[ARRIVES] + 1
    return ranks


def happenings(run: Run, tracks: Sequence[Sequence[Interval]]) -> list[Happening]:
    """Return all events of a run that are shown, by time. `tracks` has each process's intervals."""
    ranks = _ranks(run)
    found = [
        Happening(row.arrival_ns, f"{row.name} arrives", ranks[ARRIVES]) for row in run.processes
    ]
    found += [
        Happening(each.at_ns, IN_MEMORY[each.event].format(each.process), ranks[each.event])
        for each in run.memory_events
        if each.event in IN_MEMORY
    ]
    devices = run.device_names
    for row, track in zip(run.processes, tracks, strict=True):
        found += _of_process(row.name, track, devices, ranks)
    found.sort(key=lambda event: (event.at, event.rank))
    return found


def _of_process(
    name: str, track: Sequence[Interval], devices: Sequence[str], ranks: Mapping[str, int]
) -> Iterator[Happening]:
    for row, following in zip_longest(track, track[1:]):
        if row.why in SILENT:
            continue
        rank = ranks.get(row.why, 0)
        if row.why == "blocked":
            device = NO_DEVICE if following is None else following.device
            what = "" if device == NO_DEVICE else f" for {devices[device]}"
            yield Happening(row.end, f"{name} begins to wait{what}", rank)
        else:
            yield Happening(row.end, WORDS.get(row.why, f"{{}}: {row.why}").format(name), rank)


def happening_words(happened: Iterable[Happening]) -> str:
    """Return the first MOST events as sentences, and the number of the others."""
    words = [event.words for event in happened]
    shown = [f"{each}." for each in words[:MOST]]
    if len(words) > MOST:
        shown.append(f"And {len(words) - MOST} more events.")
    return " ".join(shown)


def decision_words(made: Sequence[Decision], cores: int) -> str:
    """Return the decisions of one instant as sentences."""
    return " ".join(_decision(decision, cores > 1) for decision in made)


def _decision(decision: Decision, several: bool) -> str:
    core = f" on core {decision.core}" if several else ""
    if decision.event == "preempted":
        return f"{decision.process} is preempted{core} ({decision.rule})."
    alone = len(decision.ready) == 1
    reason = "no other process is ready" if alone else decision.rule
    return f"{runs_words(decision.process, decision.core, several)} ({reason})."


def runs_words(name: str, core: int, several: bool) -> str:
    """Return `A runs`, or `A runs on core 1`."""
    return f"{name} runs on core {core}" if several else f"{name} runs"
