"""The rules that a run is held to. Each says what is wrong first, in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from kernel.process.states import RUNNING
from kernel.units import format_duration
from kernel.workload import SchedulerSpec
from language.schema.assignment import MEASURES, Check
from teaching.assignment.schedule import first_difference, longest_wait, moments
from teaching.wording import all_of
from timeline.record.run import Run
from translation import tr


class Held(NamedTuple):
    """A run that is held to a check, with what the check may need."""

    run: Run
    model: Run  # of the model solution
    others: Callable[[str], Run]  # of any policy, by its name
    scheduler: SchedulerSpec
    tickets: Mapping[str, int]
    priorities: Mapping[str, int]


def title_of(check: Check, scheduler: SchedulerSpec) -> str:
    """Return what the check demands, in a few words."""
    match check.rule:
        case "same_schedule":
            return tr("the schedule of {policy}", policy=scheduler.name)
        case "longest_wait":
            limit = format_duration(check.longest_wait or 0)
            return tr("no process is ready for more than {limit}", limit=limit)
        case "priorities":
            if check.priorities == "always":
                return tr("no more important process is ready while it runs")
            return tr("no more important process is ready when it is picked")
        case "shares":
            percent = 100 * (check.shares or 0)
            return tr("CPU time by tickets, at most {percent:g} % off", percent=percent)
        case measure:
            return tr(
                "mean {measure} at most {factor:g} times that of {policy}",
                measure=tr(measure),
                factor=getattr(check, measure),
                policy=check.of,
            )


def wrong(check: Check, held: Held) -> str:
    """Return what is wrong with the run by this check, in a sentence; "" if nothing is."""
    if check.rule in MEASURES:
        return _mean(check, held)
    rules: dict[str, Callable[[Check, Held], str]] = {
        "same_schedule": _same_schedule,
        "longest_wait": _longest_wait,
        "priorities": _priorities,
        "shares": _shares,
    }
    return rules[check.rule](check, held)


def _same_schedule(_check: Check, held: Held) -> str:
    found = first_difference(held.run, held.model)
    if found is None:
        return ""
    return tr(
        "At {time} your policy runs {processes}; {policy} runs {others}.",
        time=format_duration(found.at),
        processes=named(found.mine),
        policy=held.scheduler.name,
        others=named(found.other),
    )


def _longest_wait(check: Check, held: Held) -> str:
    wait = longest_wait(held.run)
    if wait is None or check.longest_wait is None or wait.end - wait.start <= check.longest_wait:
        return ""
    return tr(
        "{process} is ready from {start} to {end} and does not run: {length}.",
        process=wait.process,
        start=format_duration(wait.start),
        end=format_duration(wait.end),
        length=format_duration(wait.end - wait.start),
    )


def _priorities(check: Check, held: Held) -> str:
    """Compare with those who run, or only with those who are picked at that time."""
    sign = -1 if held.scheduler.parameters.get("highest") == "large" else 1
    rank = {name: sign * value for name, value in held.priorities.items()}
    before: frozenset[str] = frozenset()
    for moment in moments(held.run):
        judged = moment.running if check.priorities == "always" else moment.running - before
        before = moment.running
        if not judged or not moment.ready:
            continue
        least = max(judged, key=lambda name: (rank[name], name))
        best = min(moment.ready, key=lambda name: (rank[name], name))
        if rank[best] < rank[least]:
            return tr(
                "At {time} {process} runs (priority {priority}), and {other} is ready "
                "(priority {other_priority}).",
                time=format_duration(moment.start),
                process=least,
                priority=held.priorities[least],
                other=best,
                other_priority=held.priorities[best],
            )
    return ""


def _shares(check: Check, held: Held) -> str:
    """Compare the shares up to the first end, as all processes compute until then."""
    until = min((row.completion_ns for row in held.run.processes if row.completion_ns), default=0)
    if not until:
        return ""
    received = dict.fromkeys(held.run.process_names, 0)
    for row in held.run.intervals:
        if row.state == RUNNING:
            name = held.run.process_names[row.process]
            received[name] += max(0, min(row.end, until) - row.start)
    whole, tickets = sum(received.values()), sum(held.tickets.values())
    for name, ns in received.items():
        share, due = Fraction(ns, whole), Fraction(held.tickets[name], tickets)
        if abs(share - due) > Fraction(str(check.shares)):
            return tr(
                "{process} has {tickets} of {all} tickets, {due} %, and got {share} % of the CPU "
                "time until {time}.",
                process=name,
                tickets=held.tickets[name],
                all=tickets,
                due=_percent(due),
                share=_percent(share),
                time=format_duration(until),
            )
    return ""


def _mean(check: Check, held: Held) -> str:
    most, measure = Fraction(str(getattr(check, check.rule))), check.rule
    mine, theirs = (mean_of(run, measure) for run in (held.run, held.others(str(check.of))))
    if mine is None or theirs is None or mine <= most * theirs:
        return ""
    shown = [format_duration(_to_us(ns)) for ns in (mine, theirs, int(most * theirs))]
    return tr(
        "The mean {measure} is {mean}; {policy} has {other}, and {factor:g} times that is {limit}.",
        measure=tr(measure),
        mean=shown[0],
        policy=check.of,
        other=shown[1],
        factor=float(most),
        limit=shown[2],
    )


def _to_us(ns: int) -> int:
    """Return the time rounded to microseconds, so that it is short."""
    return (ns + 500) // 1_000 * 1_000


def mean_of(run: Run, measure: str) -> int | None:
    """Return the mean of that measure, ns."""
    mean: Any = getattr(run.averages, f"{measure}_ns")
    return None if mean is None else int(mean)


def _percent(share: Fraction) -> str:
    return f"{float(100 * share):.1f}"


def named(names: Iterable[str]) -> str:
    """Return the names in order, or `nothing`."""
    there = sorted(names)
    return all_of(there) if there else tr("nothing")
