"""A result in words: the rules, the totals, and what the record says of the real machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from inspect import get_annotations
from pathlib import Path
from typing import Any, get_args

from kernel.policies import POLICIES
from kernel.scheduling.conventions import COMPLETED_IO, READY_ORDER
from kernel.scheduling.policy import Policy
from kernel.units import format_duration, format_size
from report.base.axis import brief
from report.base.printing import Fact
from report.base.screen import Glyphs
from report.sections.deadlines import missed_words
from report.sections.python_words import python_lines
from timeline.comparison.causes.steal import stolen_ns
from timeline.memory.occupancy import is_refused
from timeline.number_formats import digits, duration, size_words
from timeline.record.run import REAL, SIMULATED, Run
from translation import mark, tr, tr_n

TIES = {
    "arrival-first": mark("at one instant, arrivals come before quantum expiries (arrival-first)"),
    "expiry-first": mark("at one instant, quantum expiries come before arrivals (expiry-first)"),
}
DRAWN = {
    "arrival": mark(
        "of equal processes, and at one instant, the process that arrived first is ahead"
    ),
    "name": mark(
        "of equal processes, and at one instant, the process whose name comes first is ahead"
    ),
    "pid": mark(
        "of equal processes, and at one instant, the process that stands first in the file is ahead"
    ),
}
SWITCHES = {
    "leaving": mark("a switch is charged when a process leaves its core (switch_at: leaving)"),
    "half": mark("half of a switch is charged when a process leaves its core (switch_at: half)"),
}
DECIDES = mark("in virtual time")
"""How a machine may decide, as a record has it."""
NOT_PARAMETERS = (
    *("policy", "ties", "tie_rule", "draws", "completed_io", "queues", "balance", "dispatch"),
    "longest_slice_ns",
)


MOST_OTHERS = 3
"""Programs that are named, of those that used the cores during a real run."""


def machine_words(run: Run) -> list[str]:
    """Return the backend, the number of cores, the memory, each device and the seed in words."""
    words = [tr(run.backend), tr_n("{n:,} core", "{n:,} cores", len(run.cores))]
    size = _memory(run).get("size")
    if size:
        words.append(tr("{size} of memory", size=format_size(int(size))))
    words += [_device(name, about) for name, about in run.machine.get("devices", {}).items()]
    return [*words, tr("seed {seed}", seed=run.scenario.get("seed", 0))]


def _memory(run: Run) -> Mapping[str, Any]:
    memory = run.machine.get("memory")
    return memory if isinstance(memory, Mapping) else {"size": memory}


def _device(name: str, about: object) -> str:
    units = about.get("units", 1) if isinstance(about, Mapping) else about
    queue = about.get("queue", "fifo") if isinstance(about, Mapping) else "fifo"
    words = name if units == 1 else f"{name} x{units}"
    if units is None:
        words = tr("{device} (unlimited)", device=name)
    if isinstance(about, Mapping) and about.get("changes"):
        later = ", ".join(str(units) for _, units in about["changes"])
        words = tr("{device}, then {units}", device=words, units=later)
    return words if queue == "fifo" else f"{words} ({queue})"


def policy_words(scheduler: Mapping[str, Any]) -> str:
    """Return the policy with its parameters, like `rr, quantum 20ms`."""
    policy = str(scheduler.get("policy", "?"))
    known = POLICIES.get(policy) or _loaded(policy)
    words = [
        f"{name.replace('_', ' ')} {parameter(value, _is_duration(known, name, value))}"
        for name, value in scheduler.items()
        if name not in NOT_PARAMETERS
    ]
    if scheduler.get("queues", "global") != "global":
        words.append(f"queues {scheduler['queues']}, balance {scheduler.get('balance', 'none')}")
    return ", ".join([policy, *words])


def _is_duration(policy: type[Policy] | None, name: str, value: object) -> bool:
    """Return whether a parameter is a duration in ns.

    If the policy's class is not loaded, only the value is known; then an integer from 1000 up is
    taken for a duration.
    """
    if policy is None:
        return isinstance(value, int) and value >= 1000
    return "Duration" in annotation(policy, name)


def _loaded(written: str) -> type[Policy] | None:
    """Return the class `file.py:Name`; None if its file is not loaded, as for a saved run."""
    file, _, name = written.rpartition(":")
    for kind in reversed(list(_extending(Policy))):  # the class that was loaded last comes first
        at = getattr(sys.modules.get(kind.__module__), "__file__", None)
        if kind.__name__ == name and at and Path(at).name == Path(file).name:
            return kind
    return None


def _extending(policy: type[Policy]) -> Iterator[type[Policy]]:
    for kind in policy.__subclasses__():
        yield kind
        yield from _extending(kind)


def annotation(policy: type[Policy], name: str) -> str:
    """Return the annotation of `name` in the policy's class; "" if there is none."""
    kinds = [get_annotations(base).get(name) for base in policy.__mro__]
    kind = next((kind for kind in kinds if kind is not None), "")
    return kind if isinstance(kind, str) else _bare(kind)


def _bare(kind: object) -> str:
    return str(kind) if get_args(kind) else getattr(kind, "__name__", str(kind))


def parameter(value: object, is_duration: bool) -> str:
    """Return a parameter's value as a scenario would write it."""
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if is_duration and isinstance(value, int):
        return format_duration(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(parameter(item, is_duration) for item in value) + "]"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} ({_inner(inner)})" for key, inner in value.items())
    return tr("none") if value is None else str(value)


def _inner(value: object) -> str:
    """Return the keys of a parameter's mapping, like `alpha 0.5, initial 10ms`."""
    if not isinstance(value, Mapping):
        return parameter(value, isinstance(value, int) and value >= 1000)
    return ", ".join(f"{key} {_inner(inner)}" for key, inner in value.items())


def ties_words(scheduler: Mapping[str, Any]) -> str:
    """Return the rule for events at one instant, and the rule for processes with equal keys."""
    return tr(
        "{instant}; {equals}", instant=instant_words(scheduler), equals=equals_words(scheduler)
    )


def instant_words(scheduler: Mapping[str, Any]) -> str:
    """Return the rule for the order of events at one instant."""
    rule = str(scheduler.get("ties", "arrival-first"))
    words = tr(TIES.get(rule, rule))
    if scheduler.get("completed_io", COMPLETED_IO[0]) == COMPLETED_IO[0]:
        return words
    return tr(
        "{ties}, and arrivals before I/O that is over (completed_io: after-arrivals)", ties=words
    )


def equals_words(scheduler: Mapping[str, Any]) -> str:
    """Return the policy's rule for equal keys, and if each core has a queue, for equal cores."""
    known = POLICIES.get(str(scheduler.get("policy")), Policy)
    words = tr(str(scheduler.get("tie_rule", known.tie_rule)))
    draws = scheduler.get("draws", READY_ORDER)
    if draws != READY_ORDER:
        rule = tr(DRAWN.get(str(draws), str(draws)))
        words = tr("{rule} (draws: {draws})", rule=rule, draws=draws)
    if scheduler.get("queues", "global") == "global":
        return words
    return tr("{rule}; of cores with equal loads the lowest", rule=words)


def costs_words(run: Run) -> str:
    """Return the costs that the model charges to cores; "" if it charges none."""
    costs = run.machine.get("costs")
    given = costs if isinstance(costs, Mapping) else {}
    words = ", ".join(f"{name} {format_duration(ns)}" for name, ns in given.items() if ns)
    if words and (when := SWITCHES.get(str(run.machine.get("switch_at")))):
        words = tr("; ").join([words, tr(when)])
    if run.backend == SIMULATED and run.machine.get("price") is not None:
        words = ", ".join(
            filter(
                None,
                [
                    tr("each dispatch costs what it was measured to cost in its circumstances"),
                    words,
                ],
            )
        )
    decides = run.machine.get("decides")
    if not (words and decides):
        return words
    return tr("{costs}; it decides {how}", costs=words, how=tr(str(decides)))


def rules(runs: Sequence[Run]) -> Iterator[str]:
    """Yield policy, ties, costs and Python of all runs. An equal rule of two runs comes once."""
    for lines in (
        [tr("Policy: {policy}", policy=policy_words(run.scheduler)) for run in runs],
        [tr("Ties: {rules}", rules=ties_words(run.scheduler)) for run in runs],
        [
            tr("Costs of the model: {costs}", costs=words)
            for run in runs
            if (words := costs_words(run))
        ],
        [line for run in runs for line in python_lines(run)],
    ):
        yield from dict.fromkeys(lines)


def totals(run: Run, unit: str) -> list[str]:
    """Return makespan, utilisation, throughput, and, where they occur, overhead and misses."""
    averages = run.averages
    words = [
        tr("makespan {time} {unit}", time=brief(run.makespan_ns, unit), unit=unit),
        tr("CPU busy {percent:.1f} %", percent=100 * averages.cpu_utilization),
        tr("throughput {rate} programs/s", rate=digits(averages.throughput_per_s, 4)),
    ]
    overhead = sum(core.overhead_ns for core in run.cores)
    if overhead or run.overheads:
        parts = _overhead_parts(run, unit)
        words.append(
            tr("overhead {time} {unit}{parts}", time=brief(overhead, unit), unit=unit, parts=parts)
        )
    words += missed_words(run)
    unfinished = sum(row.completion_ns is None for row in run.processes)
    refused = sum(is_refused(row, run) for row in run.processes)
    if refused:
        unfinished -= refused
        words.append(tr_n("{n:,} program refused", "{n:,} programs refused", refused))
    if unfinished:
        words.append(tr("{n} of {all} programs not finished", n=unfinished, all=len(run.processes)))
    return words


def _overhead_parts(run: Run, unit: str) -> str:
    """Return the parts of a simulated run's overhead in parentheses, if it has several."""
    parts: dict[str, int] = {}
    for lost in run.overheads if run.backend == SIMULATED else ():
        parts[lost.why] = parts.get(lost.why, 0) + lost.end_ns - lost.start_ns
    if len(parts) < 2:
        return ""
    named = ", ".join(f"{tr(why)} {brief(ns, unit)}" for why, ns in parts.items())
    return f" ({named})"


def expectations(run: Run, glyphs: Glyphs) -> Iterator[Fact]:
    """Yield how many lines of the scenario's `expect` came out, then each line that did not.

    A line is marked ? if noise in a real run hides whether it would have come out.
    """
    came = sum(expectation.holds is True for expectation in run.expectations)
    if came:
        words = tr("{n} of {all}", n=came, all=len(run.expectations))
        yield f"{glyphs.yes} {tr('came out')}", words
    for expectation in run.expectations:
        if not expectation.holds:
            wanted, got = _values(expectation.wanted, expectation.got)
            words = tr("{wanted} expected, got {got}", wanted=wanted, got=got)
            if expectation.holds is None:
                words = tr("{difference}, which noise may have made", difference=words)
            sign = glyphs.no if expectation.holds is False else "?"
            yield f"{sign} {tr(expectation.what)}", words


def _values(wanted: object, got: object) -> tuple[str, str]:
    """Return both values in words. Times are rounded, unless they would be printed alike."""
    if isinstance(wanted, int) and isinstance(got, int) and duration(wanted) == duration(got):
        return format_duration(wanted), format_duration(got)
    return _value(wanted), _value(got)


def _value(value: object) -> str:
    """Return a value in words: a time as a duration, an order as names with commas."""
    if isinstance(value, int):
        return duration(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or tr("none")
    return tr("nothing") if value is None else tr(str(value))


def _calls(calls: Mapping[str, Any]) -> Iterator[Fact]:
    """Yield how long real calls took, and for how long processes ran out of their turns."""
    if not calls:
        return
    start = calls.get("start_p50_ns")
    words = tr("{n:,} took {time}", n=calls["count"], time=duration(calls["took_ns"]))
    if start:
        each = tr_n(
            "{n:,} start of {time} (median)",
            "{n:,} starts of {time} (median)",
            calls["starts"],
            time=duration(start),
        )
        words = tr("; ").join([words, each])
    yield tr("calls"), words
    turn = calls.get("out_of_turn") or {}
    if turn.get("stops"):
        words = tr_n(
            "processes ran for {time} in {n:,} wait, at most {longest} in each",
            "processes ran for {time} in {n:,} waits, at most {longest} in each",
            turn["stops"],
            time=duration(turn["ran_ns"]),
            longest=duration(turn["longest_ns"]),
        )
        yield tr("out of turn"), words


def real_facts(run: Run) -> Iterator[Fact]:
    """Yield what a real run's record says of the real machine; nothing for a simulated run."""
    if run.backend != REAL:
        return
    machine = run.machine
    dispatch = machine.get("dispatch") or {}
    if dispatch.get("count"):
        yield tr("dispatch dead time"), _dispatch(dispatch)
    corrections = machine.get("corrections")
    if corrections is not None:
        lag = machine.get("lag_max_ns")
        words = tr_n("{n:,} time", "{n:,} times", corrections)
        if lag is not None:
            words = tr("{times}; largest lag {lag}", times=words, lag=duration(lag))
        yield tr("clock corrections"), words
    steal = machine.get("steal_ns")
    if steal is not None:
        yield tr("stolen"), tr("{time} by the hypervisor", time=_share_of(stolen_ns(run), run))
    yield from _others(machine.get("others") or [])
    if beside := machine.get("beside"):
        pids = ", ".join(str(row["pid"]) for row in beside)
        yield tr("another real run"), tr("ran at the same time (pid {pids})", pids=pids)
    yield from _copies(machine)
    yield from _calls(machine.get("calls") or {})
    if machine.get("privilege"):
        granted = str(machine["privilege"]).split(", ")
        yield tr("privilege"), tr(", ").join(map(tr, granted))
    scale = machine.get("memory_scale") or _memory(run).get("scale") or 1
    if scale != 1:
        words = tr("{scale}, so that every partition is whole pages", scale=scale)
        yield tr("memory scale"), words


def _copies(machine: Mapping[str, Any]) -> Iterator[Fact]:
    """Yield how much memory a real run swapped and moved, and how long that took."""
    if swapped := machine.get("swapping"):
        words = tr_n(
            "{n:,} transfer, {size}, {time} in a real file",
            "{n:,} transfers, {size}, {time} in a real file",
            swapped["transfers"],
            size=size_words(swapped["bytes"]),
            time=duration(swapped["took_ns"]),
        )
        yield tr("swapping"), words
    if copied := machine.get("compaction"):
        words = tr_n(
            "{n:,} move, {size} copied, {time}",
            "{n:,} moves, {size} copied, {time}",
            copied["moves"],
            size=size_words(copied["bytes"]),
            time=duration(copied["took_ns"]),
        )
        yield tr("compaction"), words


def _others(rows: Sequence[Mapping[str, Any]]) -> Iterator[Fact]:
    """Yield the programs, and the threads of the kernel, that used the cores during the run."""
    for heading, kernel in ((mark("other programs"), False), (mark("kernel threads"), True)):
        named = [
            f"{row['name']} {duration(row['cpu_ns'])}"
            for row in rows
            if bool(row.get("kernel")) == kernel
        ]
        if named:
            words = tr("{programs} of CPU time", programs=", ".join(named[:MOST_OTHERS]))
            yield tr(heading), words


def _dispatch(dispatch: Mapping[str, Any]) -> str:
    """Return the dead times, like `p50 65 µs, p99 140 µs, max 300 µs (31 dispatches)`."""
    known = {word: dispatch.get(f"dead_{word}_ns") for word in ("p50", "p99", "max")}
    figures = ", ".join(f"{word} {duration(ns)}" for word, ns in known.items() if ns is not None)
    return tr_n(
        "{times} ({n:,} dispatch)", "{times} ({n:,} dispatches)", dispatch["count"], times=figures
    )


def _share_of(ns: int, run: Run) -> str:
    whole = run.makespan_ns * len(run.cores)
    share = f" ({100 * ns / whole:.1f} %)" if whole else ""
    return f"{duration(ns)}{share}"
