"""What happened, in words: the events between two instants, and the decisions of an instant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

from kernel.scheduling.explain import Decision
from timeline.record.intervals import NO_DEVICE, Interval
from timeline.record.run import Run
from translation import mark, tr

MOST = 6  # events that are told in words; the others are only counted
SILENT = ("dispatched", "preempted", "interrupted", "resumed", "suspended")
"""Ends of intervals that are not told: decisions or memory events tell them, or nothing decided
them."""
WORDS = {
    "expired": mark("{process}'s quantum expires"),
    "yielded": mark("{process} gives up the core"),
    "woke": mark("{process}'s wait is over"),
    "admitted": mark("{process} gets its memory"),
    "continued": mark("{process}'s next wait begins"),
    "released": mark("{process}'s next job is due"),
    "ended": mark("{process} ends"),
    "killed": mark("{process} is killed"),
    "reaped": mark("{process} is reaped"),
    "aborted": mark("{process}'s job is dropped at its deadline"),
    "stopped": mark("{process} is stopped with the run"),
}

IN_MEMORY = {
    "moved": mark("{process} is moved in memory"),
    "swapped-out": mark("{process} is swapped out"),
    "swapped-in": mark("{process} is swapped in"),
    "fault": mark("{process} touches memory that is not its own"),
    "refused": mark("{process} asks for more memory than it can have"),
    "misfreed": mark("{process} gives back memory that it has not allocated"),
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
    arrives = tr("{process} arrives")  # translated once, and not for each event
    found = [
        Happening(row.arrival_ns, arrives.format(process=row.name), ranks[ARRIVES])
        for row in run.processes
    ]
    found += [
        Happening(each.at_ns, tr(IN_MEMORY[each.event], process=each.process), ranks[each.event])
        for each in run.memory_events
        if each.event in IN_MEMORY
    ]
    texts = {why: tr(text) for why, text in WORDS.items()}
    waits = tr("{process} begins to wait"), tr("{process} begins to wait for {device}")
    devices = run.device_names
    for row, track in zip(run.processes, tracks, strict=True):
        found += _of_process(row.name, track, devices, ranks, texts, waits)
    found.sort(key=lambda event: (event.at, event.rank))
    return found


def _of_process(
    name: str,
    track: Sequence[Interval],
    devices: Sequence[str],
    ranks: Mapping[str, int],
    texts: Mapping[str, str],
    waits: tuple[str, str],
) -> Iterator[Happening]:
    """Yield what happened to a process. `texts` are WORDS in the language in use.

    `waits` say that it begins to wait, and that it begins to wait for a device.
    """
    for row, following in zip_longest(track, track[1:]):
        if row.why in SILENT:
            continue
        rank = ranks.get(row.why, 0)
        if row.why == "blocked":
            device = NO_DEVICE if following is None else following.device
            if device == NO_DEVICE:
                words = waits[0].format(process=name)
            else:
                words = waits[1].format(process=name, device=devices[device])
            yield Happening(row.end, words, rank)
        elif row.why in texts:
            yield Happening(row.end, texts[row.why].format(process=name), rank)
        else:
            yield Happening(row.end, f"{name}: {row.why}", rank)


def happening_words(happened: Iterable[Happening]) -> str:
    """Return the first MOST events as sentences, and the number of the others."""
    words = [event.words for event in happened]
    shown = [tr("{sentence}.", sentence=each) for each in words[:MOST]]
    if len(words) > MOST:
        shown.append(tr("And {n} more events.", n=len(words) - MOST))
    return joined(shown)


def joined(sentences: Iterable[str]) -> str:
    """Return sentences one after the other, with what the language has between two."""
    return tr("{first} {next}", first="", next="").join(sentences)


def decision_words(made: Sequence[Decision], cores: int) -> str:
    """Return the decisions of one instant as sentences."""
    return joined(_decision(decision, cores > 1) for decision in made)


def _decision(decision: Decision, several: bool) -> str:
    named = {"process": decision.process, "core": decision.core, "rule": tr(decision.rule)}
    if decision.event == "preempted":
        if several:
            return tr("{process} is preempted on core {core} ({rule}).", **named)
        return tr("{process} is preempted ({rule}).", **named)
    alone = len(decision.ready) == 1
    reason = tr("no other process is ready") if alone else tr(decision.rule)
    runs = runs_words(decision.process, decision.core, several)
    return tr("{runs} ({reason}).", runs=runs, reason=reason)


def runs_words(name: str, core: int, several: bool) -> str:
    """Return `A runs`, or `A runs on core 1`."""
    if several:
        return tr("{process} runs on core {core}", process=name, core=core)
    return tr("{process} runs", process=name)
