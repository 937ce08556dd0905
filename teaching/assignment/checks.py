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
from timeline.record.run import Run


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
            return f"the schedule of {scheduler.name}"
        case "longest_wait":
            return f"no process is ready for more than {format_duration(check.longest_wait or 0)}"
        case "priorities":
            when = "while it runs" if check.priorities == "always" else "when it is picked"
            return f"no more important process is ready {when}"
        case "shares":
            return f"CPU time by tickets, at most {100 * (check.shares or 0):g} % off"
        case measure:
            return f"mean {measure} at most {getattr(check, measure):g} times that of {check.of}"


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
    mine, theirs = named(found.mine), named(found.other)
    at = format_duration(found.at)
    return f"At {at} yours runs {mine}; {held.scheduler.name} runs {theirs}."


def _longest_wait(check: Check, held: Held) -> str:
    wait = longest_wait(held.run)
    if wait is None or check.longest_wait is None or wait.end - wait.start <= check.longest_wait:
        return ""
    times = [format_duration(ns) for ns in (wait.start, wait.end, wait.end - wait.start)]
    return f"{wait.process} is ready from {times[0]} to {times[1]} and does not run: {times[2]}."


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
            at = format_duration(moment.start)
            return (
                f"At {at} {least} runs (priority {held.priorities[least]}), and {best} is ready "
                f"(priority {held.priorities[best]})."
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
            return (
                f"{name} has {held.tickets[name]} of {tickets} tickets, {_percent(due)} %, and got "
                f"{_percent(share)} % of the CPU time until {format_duration(until)}."
            )
    return ""


def _mean(check: Check, held: Held) -> str:
    most, measure = Fraction(str(getattr(check, check.rule))), check.rule
    mine, theirs = (mean_of(run, measure) for run in (held.run, held.others(str(check.of))))
    if mine is None or theirs is None or mine <= most * theirs:
        return ""
    shown = [format_duration(_to_us(ns)) for ns in (mine, theirs, int(most * theirs))]
    return (
        f"The mean {measure} is {shown[0]}; {check.of} has {shown[1]}, and {float(most):g} times "
        f"that is {shown[2]}."
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
    return " and ".join(sorted(names)) or "nothing"
