"""What a recording tells of processors: which ones the threads may use, and who had them."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kernel.units import format_duration
from translation import tr

if TYPE_CHECKING:
    from language.convert.imports.traces.threads import Threads, TracedThread, Turn
    from real.recorder.watching import Watched

Affinity = frozenset[int]
_MILLISECOND = 1_000_000


@dataclass(frozen=True)
class Processors:
    """The processors of a recording, by the kernel's numbers. Their places are the cores."""

    numbers: Sequence[int]  # in ascending order
    allowed: Mapping[int, Affinity]  # by the serial of a thread

    def cores(self, serial: int) -> list[int] | None:
        """Return the cores that a thread may use; None: all of them."""
        mine = self.allowed[serial]
        found = [core for core, number in enumerate(self.numbers) if number in mine]
        return None if len(found) == len(self.numbers) else found


def processors_of(
    threads: Threads, active: Iterable[TracedThread], seen: Watched, used: Iterable[int] = ()
) -> Processors:
    """Return the processors that the threads in `active` may use, and those in `used`.

    A thread that lived between two looks has the affinity of the thread that began it, as the
    kernel gives it at a fork.
    """
    usual = seen.affinity.get(seen.root) or frozenset(os.sched_getaffinity(0))
    allowed: dict[int, Affinity] = {}
    for thread in threads.all:
        inherited = allowed.get(thread.begun_by, usual)
        allowed[thread.serial] = seen.affinity.get(thread.number, inherited)
    together = frozenset(used).union(*(allowed[thread.serial] for thread in active))
    return Processors(sorted(together), allowed)


def used_by(turns: Iterable[Turn]) -> set[int]:
    """Return the processors on which the threads ran."""
    return {turn.cpu for turn in turns if turn.state == "running" and turn.cpu >= 0}


def outside(turns: Sequence[Turn], processors: Processors) -> int:
    """Return for how long (ns) threads were ready while programs outside had their processors.

    At each instant, these are as many ready threads as there are processors on which no recorded
    thread runs. Threads of different affinities are counted by affinity. If affinities overlap,
    the time is an upper bound.
    """
    return sum(
        _outside(turns, mask, processors)
        for mask in {processors.allowed[turn.thread.serial] for turn in turns}
    )


def _outside(turns: Sequence[Turn], mask: Affinity, processors: Processors) -> int:
    changes: dict[int, Counter[str]] = defaultdict(Counter)
    for turn in turns:
        mine = processors.allowed[turn.thread.serial] == mask
        if (turn.state == "ready" and mine) or (turn.state == "running" and turn.cpu in mask):
            changes[turn.start][turn.state] += 1
            changes[turn.end][turn.state] -= 1
    total = since = ready = running = 0
    for at in sorted(changes):
        total += (at - since) * max(0, min(ready, len(mask) - running))
        ready += changes[at]["ready"]
        running += changes[at]["running"]
        since = at
    return total


def ready_of_samples(seen: Watched, *, running_before: bool) -> int:
    """Return for how long (ns) the threads in the samples of /proc were ready, all together.

    `running_before`: the first threads ran before the watch began, and that time is left out.
    """
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for each in seen.samples:
        old = running_before and each.task in seen.roots
        first.setdefault(each.task, each.ready if old else 0)
        last[each.task] = each.ready
    return sum(last.values()) - sum(first.values())


def sentences(threads: Threads, seen: Watched, ready: int, taken: int | None) -> list[str]:
    """Return what `record` says at its end. `ready` and `taken` are ns.

    `taken` is the part of `ready` in which other programs had the processors; None: not known.
    """
    from language.convert.imports.traces.threads import BURST

    cpu = sum(
        amount
        for thread in threads.all
        for kind, amount in zip(thread.kinds, thread.amounts, strict=True)
        if kind == BURST
    )
    found = [
        tr(
            "recorded: {threads} threads, {length} of wall time, {cpu} of CPU time",
            threads=sum(bool(thread.kinds) for thread in threads.all),
            length=_rounded(seen.over - seen.begun),
            cpu=_rounded(cpu),
        )
    ]
    if taken is None:
        found.append(
            tr(
                "the threads were ready for {ready}, all together; /proc does not tell for how "
                "much of this time other programs had the processors",
                ready=_rounded(ready),
            )
        )
    else:
        found.append(
            tr(
                "the threads were ready for {ready}, all together; for {taken} of this time "
                "programs outside the recording had the processors, and the scenario does not "
                "contain these programs",
                ready=_rounded(ready),
                taken=_rounded(taken),
            )
        )
    return found


def _rounded(ns: int) -> str:
    return format_duration(round(ns / _MILLISECOND) * _MILLISECOND)
