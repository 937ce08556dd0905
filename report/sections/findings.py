"""The results of a comparison as facts, each with a label and a text."""

from __future__ import annotations

from collections.abc import Iterator

from report.base.printing import Fact
from report.base.screen import Glyphs
from timeline.comparison.causes.makespan_causes import CALLS
from timeline.comparison.criteria import AGREE, AGREE_BUT_TIMES, DISAGREE, INCONCLUSIVE
from timeline.comparison.model import Comparison
from timeline.comparison.pair import signed
from timeline.comparison.schedule.dispatch_order import Difference, Order, OrderEntry
from timeline.number_formats import digits, duration, share

MEANINGS = {
    AGREE: "both runs decided the same, and their times differ by little",
    AGREE_BUT_TIMES: "both runs decided the same; noise hides how far their times differ",
    INCONCLUSIVE: "noise or chance may have changed what was decided; this run shows nothing",
    DISAGREE: "the runs differ, and neither noise nor the machine's own price explains it",
}
"""What a verdict says, in plain words."""
MOST_BROKEN = 5  # broken laws that are listed
MOST_ATTRIBUTED = 20  # processes that are listed
MOST_ADVICE = 2  # pieces of advice; the most useful one is the first
WORTH_TELLING = 100_000  # ns; smaller differences are left out


def conditions(comparison: Comparison, glyphs: Glyphs) -> Iterator[Fact]:
    """Yield each condition of agreement: whether it holds, the wanted and the measured value."""
    marks = {True: glyphs.yes, False: glyphs.no, None: "?"}
    for criterion in comparison.criteria:
        label = f"{marks[criterion.holds]} {criterion.what}"
        yield label, f"{criterion.wanted}: {criterion.got}"
    for broken in comparison.broken[:MOST_BROKEN]:
        yield f"{glyphs.no} law broken", f"in {broken.run}: {broken.violation.message}"
    if len(comparison.broken) > MOST_BROKEN:
        yield "", f"and {len(comparison.broken) - MOST_BROKEN:,} more"
    tolerances = comparison.tolerances
    near = duration(comparison.near_tie_ns)
    yield "  tolerated", f"noise up to {share(tolerances.noise)}; a near tie is within {near}"


def parts(comparison: Comparison) -> Iterator[Fact]:
    """Yield the two parts of the verdict with their reasons, what it means, and what to do."""
    for name, part in (("Schedule", comparison.schedule), ("Times", comparison.times)):
        yield name, f"{part.verdict}: {part.reason}"
    if comparison.verdict in MEANINGS:
        yield "Meaning", MEANINGS[comparison.verdict]
    if comparison.advice:
        yield "To do", "; ".join(comparison.advice[:MOST_ADVICE])


def distances(comparison: Comparison) -> Iterator[Fact]:
    """Yield the differences between the two runs as wholes: makespan, orders, noise, and so on."""
    yield "makespan", signed(comparison.makespan)
    yield from _turnaround(comparison)
    charged = comparison.charged
    if charged is not None and charged.turnaround_errors.median_percent is not None:
        yield (
            "the model charged",
            f"makespan {signed(charged.makespan)}; turnaround error median "
            f"{charged.turnaround_errors.median_percent:.2f} %",
        )
    yield from _order("dispatch order", "slice", comparison.dispatch)
    yield from _order("completion order", "completion", comparison.completion)
    occupancy = comparison.occupancy
    if (
        occupancy.overall is not None and comparison.native is None
    ):  # in a native run the phase of the tick decides the occupancy
        start = ""
        if occupancy.first_slices is not None and comparison.dispatch.first > occupancy.slices:
            start = f"; {occupancy.first_slices:.3f} over the first {occupancy.slices} slices"
        same = f"{occupancy.overall:.3f} of the core time both had the same process on it"
        yield "occupancy agreement", f"{same}{start}"
    yield from _service(comparison)
    if comparison.jobs:
        missed, jobs = comparison.missed, comparison.jobs
        yield "missed deadlines", f"{missed.first} against {missed.second}, of {jobs:,}"
    noise = comparison.noise
    yield (
        "noise",
        f"steal {share(noise.steal)}, other programs {share(noise.outsiders)}, "
        f"late dispatches {share(noise.late)}",
    )


def turnaround_causes(comparison: Comparison) -> Iterator[Fact]:
    """Yield for each process the three largest causes of its difference in turnaround."""
    calls = any(part.name == CALLS for part in comparison.causes.parts)
    bursts = "bursts and calls" if calls else "bursts"
    for row in comparison.attributions[:MOST_ATTRIBUTED]:
        if abs(row.difference_ns) < WORTH_TELLING:
            continue
        parts = {
            "switching": row.switching_ns,
            "programs outside the scenario": row.foreign_ns,
            "the hypervisor": row.stolen_ns,
            "late dispatch": row.late_ns,
            f"its own {bursts} longer": row.overshoot_ns,
            f"others' {bursts} longer": row.others_overshoot_ns,
            "late I/O": row.io_ns,
            "loading": row.loading_ns,
            "not explained": row.unexplained_ns,
        }
        large = sorted(parts.items(), key=lambda part: -abs(part[1]))[:3]
        text = ", ".join(f"{name} {_plus(ns)}" for name, ns in large if ns)
        yield f"{row.name} {_plus(row.difference_ns)}", text


def kernel_trace(comparison: Comparison) -> Iterator[Fact]:
    """Yield how much the workers' log differs from the kernel's trace, and which programs ran."""
    trace = comparison.kernel_trace
    if trace is None:
        return
    yield "intervals", f"{trace.intervals:,}"
    yield (
        "edges",
        f"half within {duration(trace.edge_p50_ns)}, 99 of 100 within "
        f"{duration(trace.edge_p99_ns)} (starts {duration(trace.start_p50_ns)}, "
        f"ends {duration(trace.end_p50_ns)})",
    )
    missed = f", {duration(trace.missed_ns)}" if trace.missed else ""
    yield "not seen", f"{trace.missed:,} of more than 200 µs{missed}"
    if trace.lost:
        yield "lost", f"{trace.lost:,} events had no room in the kernel's buffer"
    named = [f"{name} {duration(ns)}" for name, ns in trace.others[:5]]
    yield "other programs", ", ".join(named) or "none"


def over_all_runs(comparison: Comparison) -> Iterator[Fact]:
    """Yield the verdicts, and each median with its interval, if there were several runs."""
    found = comparison.repeats
    if found is None:
        return
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in found.verdicts)
    yield "verdicts", verdicts
    between = "95 %:" if found.sure else "seen:"
    for row in found.spreads:
        low, high = digits(row.low, 3), digits(row.high, 3)
        yield row.what, f"median {digits(row.median, 3)}, {between} {low} to {high}"


def _plus(ns: int) -> str:
    return f"{'+' if ns > 0 else ''}{duration(ns)}"


def phase_envelopes(comparison: Comparison) -> Iterator[Fact]:
    """Yield each process's range of turnarounds over the phases of the tick, and the real one."""
    native = comparison.native
    if native is None or native.phases < 2:
        return
    for row in native.envelope[:MOST_ATTRIBUTED]:
        where = "not measured" if row.real_ns is None else duration(row.real_ns)
        if row.outside_ns:
            where += f", {duration(abs(row.outside_ns))} outside"
        yield row.name, f"{duration(row.least_ns)} to {duration(row.most_ns)}; real {where}"


def _turnaround(comparison: Comparison) -> Iterator[Fact]:
    errors = comparison.turnaround_errors
    if errors.median_percent is not None and errors.mean_percent is not None:
        yield (
            "turnaround error",
            f"median {errors.median_percent:.2f} %, largest {errors.largest_percent:.2f} %, "
            f"mean {errors.mean_percent:+.2f} %",
        )


def _order(label: str, unit: str, order: Order) -> Iterator[Fact]:
    text = order.outcome
    if order.first == order.second:
        text += f" ({order.first:,} {unit}{'s' if order.first != 1 else ''})"
    else:
        text += f" ({order.first:,} against {order.second:,} {unit}s)"
    if order.edits:
        text += f"; {share(order.edits)} of them edited"
    if order.tau is not None and order.tau < 1:
        text += f"; Kendall's tau {order.tau:.2f}"
    if order.moved:
        text += f"; {order.moved:,} on another core"
    yield label, text
    if order.first_difference is not None:
        yield "", _first_difference(unit, order.first_difference)


def _first_difference(unit: str, difference: Difference) -> str:
    near = ", a near tie" if difference.near_tie else ""
    turns = " against ".join(map(_turn, (difference.first, difference.second)))
    return f"first at {unit} {difference.index + 1}: {turns}{near}"


def _turn(turn: OrderEntry | None) -> str:
    return "nothing" if turn is None else f"{turn.process} at {duration(turn.at_ns)}"


def _service(comparison: Comparison) -> Iterator[Fact]:
    """Yield the process whose service curves are furthest apart, and the mean over all."""
    known = [(row.service, row.name) for row in comparison.processes if row.service is not None]
    if not known:
        return
    worst, name = max(known, key=lambda pair: pair[0].largest_ns)
    quanta = "" if worst.largest_quanta is None else f" ({worst.largest_quanta:.2f} quanta)"
    mean = sum(service.mean_ns for service, _ in known) // len(known)
    yield (
        "service curves",
        f"the CPU time received up to a time: at most {duration(worst.largest_ns)}{quanta} "
        f"apart, for {name}; {duration(mean)} on average",
    )


def makespan_causes(comparison: Comparison) -> Iterator[Fact]:
    """Yield the parts of the makespan difference on the core that was busy last."""
    causes = comparison.causes
    if not causes.difference_ns:
        return
    longer = "longer" if causes.difference_ns > 0 else "shorter"
    core = f" (seen on core {causes.core})" if len(causes.cores) > 1 else ""
    yield duration(abs(causes.difference_ns)), f"{longer}{core}, of which"
    for part in causes.parts:
        if part.ns:
            yield f"  {duration(part.ns)}", part.name
