"""The results of a comparison as facts, each with a label and a text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from report.base.printing import Fact
from report.base.screen import Glyphs
from timeline.comparison.causes.makespan_causes import CALLS
from timeline.comparison.criteria import AGREE, AGREE_BUT_TIMES, DISAGREE, INCONCLUSIVE
from timeline.comparison.model import Comparison
from timeline.comparison.pair import signed
from timeline.comparison.schedule.dispatch_order import Difference, Order, OrderEntry
from timeline.number_formats import digits, duration, share
from translation import mark, tr

MEANINGS = {
    AGREE: mark("both runs made the same decisions, and their times differ by little"),
    AGREE_BUT_TIMES: mark("both runs made the same decisions; noise hides the difference of times"),
    INCONCLUSIVE: mark("noise or chance may have changed the decisions; this run shows nothing"),
    DISAGREE: mark("the runs differ, and neither noise nor the machine's costs explain it"),
}
"""What a verdict says, in plain words."""
MOST_BROKEN = 5  # broken laws that are listed
MOST_ATTRIBUTED = 20  # processes that are listed
MOST_ADVICE = 2  # pieces of advice; the most useful one is the first
WORTH_TELLING = 100_000  # ns; smaller differences are left out


def findings(comparison: Comparison, glyphs: Glyphs) -> Iterator[tuple[str, Iterator[Fact]]]:
    """Yield the titles of all findings beside the verdict, each with its facts."""
    yield tr("How far apart"), distances(comparison)
    yield (
        tr("Turnaround for each phase of the timer tick at the start"),
        phase_envelopes(comparison),
    )
    yield tr("Where the time went"), makespan_causes(comparison)
    yield tr("Why each took longer or shorter"), turnaround_causes(comparison)
    yield tr("The workers' log against the kernel's trace"), kernel_trace(comparison)
    yield tr("What must hold, and what came out"), conditions(comparison, glyphs)


def conditions(comparison: Comparison, glyphs: Glyphs) -> Iterator[Fact]:
    """Yield each condition of agreement: whether it holds, the wanted and the measured value."""
    marks = {True: glyphs.yes, False: glyphs.no, None: "?"}
    for criterion in comparison.criteria:
        label = f"{marks[criterion.holds]} {tr(criterion.what)}"
        words = tr("{wanted}: {got}", wanted=tr(criterion.wanted), got=tr(criterion.got))
        yield label, words
    for broken in comparison.broken[:MOST_BROKEN]:
        words = tr("in {run}: {law}", run=tr(broken.run), law=broken.violation.message)
        yield f"{glyphs.no} {tr('law broken')}", words
    if len(comparison.broken) > MOST_BROKEN:
        yield "", tr("and {n:,} more", n=len(comparison.broken) - MOST_BROKEN)
    tolerances = comparison.tolerances
    words = tr(
        "noise can explain up to {noise}; events less than {near} apart are a near tie",
        noise=share(tolerances.noise),
        near=duration(comparison.near_tie_ns),
    )
    yield f"  {tr('tolerated')}", words


def parts(comparison: Comparison) -> Iterator[Fact]:
    """Yield the two parts of the verdict with their reasons, what it means, and what to do."""
    for name, part in ((tr("Schedule"), comparison.schedule), (tr("Times"), comparison.times)):
        yield name, tr("{verdict}: {reason}", verdict=tr(part.verdict), reason=tr(part.reason))
    if comparison.verdict in MEANINGS:
        yield tr("Meaning"), tr(MEANINGS[comparison.verdict])
    if comparison.advice:
        yield tr("To do"), tr("; ").join(map(tr, comparison.advice[:MOST_ADVICE]))


def distances(comparison: Comparison) -> Iterator[Fact]:
    """Yield the differences between the two runs as wholes: makespan, orders, noise, and so on."""
    yield tr("makespan"), tr(signed(comparison.makespan))
    yield from _turnaround(comparison)
    charged = comparison.charged
    if charged is not None and charged.turnaround_errors.median_percent is not None:
        words = tr(
            "makespan {makespan}; turnaround error median {median:.2f} %",
            makespan=tr(signed(charged.makespan)),
            median=charged.turnaround_errors.median_percent,
        )
        yield tr("the model charged"), words
    yield from _order(SLICES, comparison.dispatch)
    yield from _order(COMPLETIONS, comparison.completion)
    yield from _occupancy(comparison)
    yield from _service(comparison)
    if comparison.jobs:
        missed = comparison.missed
        words = tr(
            "{first} against {second}, of {jobs:,}",
            first=missed.first,
            second=missed.second,
            jobs=comparison.jobs,
        )
        yield tr("missed deadlines"), words
    noise = comparison.noise
    words = tr(
        "steal {steal}, other programs {others}, late dispatches {late}",
        steal=share(noise.steal),
        others=share(noise.outsiders),
        late=share(noise.late),
    )
    yield tr("noise"), words


def _occupancy(comparison: Comparison) -> Iterator[Fact]:
    """Yield how much of the time the cores had the same process in both runs."""
    occupancy = comparison.occupancy
    if occupancy.overall is None or comparison.native is not None:
        return  # in a native run the phase of the tick decides the occupancy
    words = tr(
        "in {overall:.3f} of the core time, both runs had the same process on the core",
        overall=occupancy.overall,
    )
    if occupancy.first_slices is not None and comparison.dispatch.first > occupancy.slices:
        words = tr(
            "{whole}; {share:.3f} over the first {slices} slices",
            whole=words,
            share=occupancy.first_slices,
            slices=occupancy.slices,
        )
    yield tr("occupancy agreement"), words


_LONGER = mark("its own bursts longer"), mark("others' bursts longer")
_LONGER_WITH_CALLS = (
    mark("its own bursts and calls longer"),
    mark("others' bursts and calls longer"),
)


def turnaround_causes(comparison: Comparison) -> Iterator[Fact]:
    """Yield for each process the three largest causes of its difference in turnaround."""
    calls = any(part.name == CALLS for part in comparison.causes.parts)
    own, others = _LONGER_WITH_CALLS if calls else _LONGER
    for row in comparison.attributions[:MOST_ATTRIBUTED]:
        if abs(row.difference_ns) < WORTH_TELLING:
            continue
        parts = {
            tr("switching"): row.switching_ns,
            tr("programs outside the scenario"): row.foreign_ns,
            tr("the hypervisor"): row.stolen_ns,
            tr("late dispatch"): row.late_ns,
            tr(own): row.overshoot_ns,
            tr(others): row.others_overshoot_ns,
            tr("late I/O"): row.io_ns,
            tr("loading"): row.loading_ns,
            tr("not explained"): row.unexplained_ns,
        }
        large = sorted(parts.items(), key=lambda part: -abs(part[1]))[:3]
        text = tr(", ").join(f"{name} {_plus(ns)}" for name, ns in large if ns)
        yield f"{row.name} {_plus(row.difference_ns)}", text


def kernel_trace(comparison: Comparison) -> Iterator[Fact]:
    """Yield how much the workers' log differs from the kernel's trace, and which programs ran."""
    trace = comparison.kernel_trace
    if trace is None:
        return
    yield tr("intervals"), f"{trace.intervals:,}"
    words = tr(
        "median {half}, 99 of 100 at most {most} (starts {starts}, ends {ends})",
        half=duration(trace.edge_p50_ns),
        most=duration(trace.edge_p99_ns),
        starts=duration(trace.start_p50_ns),
        ends=duration(trace.end_p50_ns),
    )
    yield tr("edges"), words
    missed = f", {duration(trace.missed_ns)}" if trace.missed else ""
    words = tr("{n:,} of more than 200 µs{time}", n=trace.missed, time=missed)
    yield tr("not seen"), words
    if trace.lost:
        words = tr("{n:,} events had no room in the kernel's buffer", n=trace.lost)
        yield tr("lost"), words
    named = [f"{name} {duration(ns)}" for name, ns in trace.others[:5]]
    yield tr("other threads"), ", ".join(named) or tr("none")


def over_all_runs(comparison: Comparison) -> Iterator[Fact]:
    """Yield the verdicts, and each median with its interval, if there were several runs."""
    found = comparison.repeats
    if found is None:
        return
    counts = (
        tr("{n} {verdict}", n=count, verdict=tr(verdict)) for verdict, count in found.verdicts
    )
    yield tr("verdicts"), tr(", ").join(counts)
    sure = mark("median {median}, 95 %: {low} to {high}")
    seen = mark("median {median}, seen: {low} to {high}")
    for row in found.spreads:
        words = tr(
            sure if found.sure else seen,
            median=digits(row.median, 3),
            low=digits(row.low, 3),
            high=digits(row.high, 3),
        )
        yield tr(row.what), words


def _plus(ns: int) -> str:
    return f"{'+' if ns > 0 else ''}{duration(ns)}"


def phase_envelopes(comparison: Comparison) -> Iterator[Fact]:
    """Yield each process's range of turnarounds over the phases of the tick, and the real one."""
    native = comparison.native
    if native is None or native.phases < 2:
        return
    for row in native.envelope[:MOST_ATTRIBUTED]:
        where = tr("not measured") if row.real_ns is None else duration(row.real_ns)
        if row.outside_ns:
            outside = duration(abs(row.outside_ns))
            where = tr("{time}, {outside} outside", time=where, outside=outside)
        words = tr(
            "{least} to {most}; real {time}",
            least=duration(row.least_ns),
            most=duration(row.most_ns),
            time=where,
        )
        yield row.name, words


def _turnaround(comparison: Comparison) -> Iterator[Fact]:
    errors = comparison.turnaround_errors
    if errors.median_percent is not None and errors.mean_percent is not None:
        words = tr(
            "median {median:.2f} %, largest {largest:.2f} %, mean {mean:+.2f} %",
            median=errors.median_percent,
            largest=errors.largest_percent,
            mean=errors.mean_percent,
        )
        yield tr("turnaround error"), words


class OrderWords(NamedTuple):
    """The texts about one kind of order: its label, the numbers of events, the difference."""

    label: str
    one: str
    many: str
    different: str
    first: str  # where the first difference is
    near: str  # the same, if it is a near tie


SLICES = OrderWords(
    mark("dispatch order"),
    mark("{outcome} ({n:,} slice)"),
    mark("{outcome} ({n:,} slices)"),
    mark("{outcome} ({first:,} against {second:,} slices)"),
    mark("first at slice {place}: {first} against {second}"),
    mark("first at slice {place}: {first} against {second}, a near tie"),
)
COMPLETIONS = OrderWords(
    mark("completion order"),
    mark("{outcome} ({n:,} completion)"),
    mark("{outcome} ({n:,} completions)"),
    mark("{outcome} ({first:,} against {second:,} completions)"),
    mark("first at completion {place}: {first} against {second}"),
    mark("first at completion {place}: {first} against {second}, a near tie"),
)


def _order(words: OrderWords, order: Order) -> Iterator[Fact]:
    outcome = tr(order.outcome)
    if order.first == order.second:
        text = words.one if order.first == 1 else words.many
        parts = [tr(text, outcome=outcome, n=order.first)]
    else:
        both = {"first": order.first, "second": order.second}
        parts = [tr(words.different, outcome=outcome, **both)]
    if order.edits:
        parts.append(tr("{share} of them edited", share=share(order.edits)))
    if order.tau is not None and order.tau < 1:
        parts.append(tr("Kendall's tau {tau:.2f}", tau=order.tau))
    if order.moved:
        parts.append(tr("{n:,} on another core", n=order.moved))
    yield tr(words.label), tr("; ").join(parts)
    if order.first_difference is not None:
        yield "", _first_difference(words, order.first_difference)


def _first_difference(words: OrderWords, difference: Difference) -> str:
    return tr(
        words.near if difference.near_tie else words.first,
        place=difference.index + 1,
        first=_turn(difference.first),
        second=_turn(difference.second),
    )


def _turn(turn: OrderEntry | None) -> str:
    if turn is None:
        return tr("nothing")
    return tr("{process} at {time}", process=turn.process, time=duration(turn.at_ns))


def _service(comparison: Comparison) -> Iterator[Fact]:
    """Yield the process whose service curves are furthest apart, and the mean over all."""
    known = [(row.service, row.name) for row in comparison.processes if row.service is not None]
    if not known:
        return
    worst, name = max(known, key=lambda pair: pair[0].largest_ns)
    mean = sum(service.mean_ns for service, _ in known) // len(known)
    most = duration(worst.largest_ns)
    if worst.largest_quanta is not None:
        most = tr("{time} ({quanta:.2f} quanta)", time=most, quanta=worst.largest_quanta)
    words = tr(
        "the CPU time that a process has received up to any time differs by at most "
        "{most}, for {process}; by {mean} on average",
        most=most,
        process=name,
        mean=duration(mean),
    )
    yield tr("service curves"), words


def makespan_causes(comparison: Comparison) -> Iterator[Fact]:
    """Yield the parts of the makespan difference on the core that was busy last."""
    causes = comparison.causes
    if not causes.difference_ns:
        return
    if len(causes.cores) > 1:
        longer = mark("it took longer (seen on core {core}), of which")
        shorter = mark("it took shorter (seen on core {core}), of which")
    else:
        longer, shorter = mark("it took longer, of which"), mark("it took shorter, of which")
    words = longer if causes.difference_ns > 0 else shorter
    yield duration(abs(causes.difference_ns)), tr(words, core=causes.core)
    for part in causes.parts:
        if part.ns:
            yield f"  {duration(part.ns)}", tr(part.name)
