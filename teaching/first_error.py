"""Why the first thing that is wrong in a chart is wrong: the decision at that moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from kernel.scheduling.explain import Decision
from report.sections.decisions import key_text
from sim import simulate
from teaching.posed import Posed
from teaching.wording import sentences
from timeline.record.core_chart import Lane, core_chart
from translation import tr


def first_error(posed: Posed, lanes: Mapping[int, Lane]) -> str | None:
    """Return what happens where a student's chart first differs; None if it never does."""
    found = [
        (at, core, mine, right)
        for core, right_lane in enumerate(core_chart(posed.run))
        for at, mine, right in _differences(lanes.get(core, []), right_lane)
    ]
    if not found:
        return None
    at, core, mine, right = min(found, key=lambda each: each[:2])
    time = posed.times.shown(at)
    several = len(posed.run.cores) > 1
    when = (
        tr("At {time} on core {core}", time=time, core=core)
        if several
        else tr("At {time}", time=time)
    )
    sentence = _difference(when, right, mine)
    decision = _decision(posed, at, core)
    if decision is None:
        return sentence if right else sentences(sentence, tr("No process is ready then."))
    ready = "; ".join(
        f"{name} ({', '.join(key_text(key, value) for key, value in keys.items())})"
        for name, keys in decision.ready
    )
    rule = tr("The rule: {rule}.", rule=tr(decision.rule))
    return sentences(sentence, rule, tr("Ready then: {processes}.", processes=ready))


def _difference(when: str, right: str | None, mine: str | None) -> str:
    """Return what runs, and what the student has in its place."""
    if right is None:
        return tr("{when} no process runs, and not {other}.", when=when, other=mine or "")
    if mine is None:
        return tr("{when} {process} runs; the core is not idle.", when=when, process=right)
    return tr("{when} {process} runs, not {other}.", when=when, process=right, other=mine)


def _differences(mine: Lane, right: Lane) -> Iterator[tuple[int, str | None, str | None]]:
    """Yield (ns, the student's process, the right process) of the first difference of a lane."""
    edges = sorted({edge for lane in (mine, right) for _, *ends in lane for edge in ends} | {0})
    for at in edges:
        names = _at(mine, at), _at(right, at)
        if names[0] != names[1]:
            yield at, *names
            return


def _at(lane: Lane, at: int) -> str | None:
    return next((name for name, start, end in lane if start <= at < end), None)


def _decision(posed: Posed, at: int, core: int) -> Decision | None:
    """Return the last decision on a core up to a moment, if it is of that moment or explains it."""
    run = simulate(replace(posed.right.workload, expect=None), explain=True)
    before = [d for d in run.decisions or () if d.at_ns <= at and d.core == core]
    picked = [decision for decision in before if decision.event == "picked"]
    return picked[-1] if picked and _at(core_chart(posed.run)[core], at) else None
