"""The text of the page: title, verdict, the headings of charts, tables and facts."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from report.base import style
from report.base.html import ELLIPSIS, LONGEST_NAME, facts, paragraphs, table, text
from report.base.printing import Fact
from report.base.screen import UNICODE
from report.base.version import version
from report.sections.differences import difference_table
from report.sections.findings import findings, parts
from report.sections.latencies import kinds_of_latency
from report.sections.memory import endings, memory_facts, placement_table
from report.sections.policy_table import BEST, WORST, policy_table
from report.sections.process_tree import (
    has_process_tree,
    observation_facts,
    printed_lines,
    tree_facts,
)
from report.sections.processes import cut_words, process_table
from report.sections.run_titles import titles, titles_of
from report.sections.sentences import (
    expectations,
    machine_words,
    policy_words,
    real_facts,
    rules,
    totals,
)
from report.sections.witness import witness_facts
from timeline.record.run import REAL, Run
from translation import mark, tr, tr_text

if TYPE_CHECKING:
    from report.result import Result
    from timeline.comparison.model import Comparison

CURVES = {
    "ready": mark("ready queue"),
    "programs": mark("programs in memory"),
    "busy": mark("CPU busy, %"),
}
"""The heading of each curve, by its name."""
SEPARATOR = " · "
LONGEST_POLICY = 100  # characters; the name of an own policy contains the path of its file


class Opening(NamedTuple):
    """The page's title, as HTML, and the beginning of its body."""

    title: str
    html: str


def opening(result: Result) -> Opening:
    """Return the title, the verdict, and what the scenario says about itself."""
    scenario = result.runs[0].scenario
    title = text(tr_text(str(scenario.get("title") or scenario.get("file") or tr("Untitled"))))
    about = paragraphs(tr_text(str(scenario.get("about") or "")))
    return Opening(
        title,
        f'<h1>{title}</h1>{_verdict(result.comparison)}<div class="about">{about}</div>',
    )


def _rules(runs: Sequence[Run]) -> Iterator[str]:
    """Yield the rules of all runs, and why those that were stopped were."""
    yield from rules(runs)
    stopped = [tr("The run was stopped: {why}", why=tr(run.stopped)) for run in runs if run.stopped]
    yield from dict.fromkeys(stopped)


def _verdict(comparison: Comparison | None) -> str:
    if comparison is None:
        return ""
    sentence = text(tr(comparison.sentence)).replace(" %", "&nbsp;%")
    return (
        f'<p id="verdict" class="{text(comparison.verdict)}">'
        f"<strong>{text(tr(comparison.verdict))}</strong> {sentence}</p>"
    )


def charts(result: Result, unit: str) -> str:
    """Return the elements of the charts. The current step's facts are beside them."""
    parts = []
    for at, (run, title) in enumerate(zip(result.runs, titles_of(result), strict=True)):
        words = SEPARATOR.join(
            [title.upper(), *machine_words(run)[1:], policy_words(run.scheduler)]
        )
        heading = f"{text(words)} <small>{text(tr('time in {unit}', unit=unit))}</small>"
        label = text(tr("{run}, this step", run=title))
        panel = f'<aside class="panel" id="panel-{at}" aria-label="{label}"></aside>'
        parts.append(_row("run", heading, f"lanes-{at}", panel))
    legend = _legend(result.runs)
    parts.append(f'<div class="legend">{legend}<p id="aggregated" role="status"></p></div>')
    for name, caption in CURVES.items():
        value = f'<aside class="value" id="value-{name}"></aside>'
        parts.append(_row("curve", text(tr(caption)), f"curve-{name}", value))
    for at, (run, title) in enumerate(zip(result.runs, titles_of(result), strict=True)):
        if run.machine.get("memory"):
            heading = text(tr("memory over time, {run}", run=title))
            note = f'<aside class="value" id="memory-note-{at}"></aside>'
            parts.append(_row("memory", heading, f"memory-{at}", note))
    return "".join(parts)


def _row(kind: str, heading: str, chart: str, beside: str) -> str:
    return (
        f'<section class="row {kind}"><div class="chart"><h2>{heading}</h2>'
        f'<div data-chart="{chart}"></div></div>'
        f"{beside}</section>"
    )


def _legend(runs: Sequence[Run]) -> str:
    """Return a small drawing of each state and of the marks, without any colour."""
    drawn = [
        (_swatch(d.height, d.hatch, d.opacity), tr(d.words)) for d in style.STATE_STYLES.values()
    ]
    words = tr("no process has the core: a switch, a program outside")
    drawn.append((_swatch(0.84, "", 0.45), words))
    drawn.append((MARK, tr("missed a deadline")))
    if any(run.machine.get("memory") for run in runs):
        words = tr("in memory: given beyond what was asked for")
        drawn.append((_swatch(1, "/", 0.25), words))
    if any(run.backend == REAL for run in runs) and len(runs) > 1:
        drawn.append((DASHES, tr("the real run")))
    items = "".join(f"<li>{swatch} {text(words)}</li>" for swatch, words in drawn)
    return (
        f'<ul aria-label="{text(tr("what the bars mean"))}">{items}</ul>'
        f'<ul id="labels" aria-label="{text(tr("what the labels in the bars mean"))}"></ul>'
    )


DASHES = (
    '<svg width="24" height="12" viewBox="0 0 24 12" aria-hidden="true">'
    '<path d="M0 6h24" stroke="currentColor" stroke-width="2" stroke-dasharray="5 3"/></svg>'
)
MARK = (
    '<svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">'
    f'<path d="M1 1h10L6 11z" fill="{style.MISSED}"/></svg>'
)
LINES = {
    "/": "M-2 6l8-8M2 16L18 0M10 18l12-12M-2 14L14-2",
    "x": "M0 0l16 16M16 0L0 16M0 8l8 8M8 0l8 8M16 8l-8 8M8 0L0 8",
    ".": "M3 4h1.6M9 4h1.6M15 4h1.6M21 4h1.6M3 10h1.6M9 10h1.6M15 10h1.6M21 10h1.6",
    "|": "M4 0v16M10 0v16M16 0v16M22 0v16",
}
"""The paths that draw Bokeh's patterns in the legend."""


def _swatch(height: float, hatch: str, opacity: float) -> str:
    tall = 16 * height
    pattern = f'<path d="{LINES[hatch]}" stroke="currentColor" fill="none"/>' if hatch else ""
    return (
        f'<svg width="24" height="16" viewBox="0 0 24 16" aria-hidden="true">'
        f'<svg y="{16 - tall:g}" width="24" height="{tall:g}" overflow="hidden">'
        f'<rect width="24" height="16" fill="currentColor" fill-opacity="{opacity}" '
        f'stroke="currentColor"/>{pattern}</svg></svg>'
    )


def closing(result: Result, unit: str) -> str:
    """Return the tables and facts of the terminal, the scenario's text, and the command."""
    parts = [*_tables(result, unit), *_findings(result)]
    for run, title in zip(result.runs, titles_of(result), strict=True):
        parts += [facts(heading, found) for heading, found in _facts_of(run, title, unit)]
    rules = "".join(f"<p>{text(words)}</p>" for words in _rules(result.runs))
    parts.append(f"<section><h3>{text(tr('The rules'))}</h3>{rules}</section>")
    return f"{''.join(parts)}{_source(result.runs[0])}{_again(result)}"


def _facts_of(run: Run, name: str, unit: str) -> Iterator[tuple[str, Iterable[Fact]]]:
    """Yield the headings of the facts of one run, each with its facts."""
    named = {"name": name, "unit": unit}
    yield tr("What the scenario expects of {name}", name=name), expectations(run, UNICODE)
    yield tr("Memory over time, {name} (means)", name=name), memory_facts(run)
    yield tr("Ended by what they did in memory, {name}", name=name), endings(run, unit)
    if has_process_tree(run):
        yield tr("Process tree, {name} ({unit})", **named), tree_facts(run, unit, UNICODE)
        yield tr("Printed lines, {name}", name=name), printed_lines(run, unit)
        yield tr("Observations, {name} ({unit})", **named), observation_facts(run, unit)
    yield tr("The real machine"), real_facts(run)


def _tables(result: Result, unit: str) -> Iterator[str]:
    comparison, runs, names = result.comparison, result.runs, titles_of(result)
    named = {"unit": unit, "best": BEST, "worst": WORST}
    if comparison is not None and comparison.processes:
        both = titles(runs[0], runs[1])
        sheet = difference_table(comparison, both, unit, LONGEST_NAME, ELLIPSIS)
        yield table(
            sheet, tr("Processes, and how far the runs are apart (times in {unit})", **named)
        )
    if len(runs) > 1 and comparison is None:
        sheet = policy_table(runs, names, unit, LONGEST_POLICY, ELLIPSIS)
        caption = tr(
            "Policies (times in {unit}); {best} marks the best, {worst} the worst", **named
        )
        yield table(sheet, caption)
    for run, title in zip(runs, names, strict=True):
        if run.processes:
            sheet = process_table(run, unit, LONGEST_NAME, ELLIPSIS)
            sheet.names.foot = tr("mean")
            yield table(sheet, tr("Processes, {name} (times in {unit})", name=title, unit=unit))
            yield f"<p>{text(SEPARATOR.join(totals(run, unit)))}</p>"
            yield f"<p>{text(cut_words(run, unit))}</p>"
        if run.memory_events:
            sheet = placement_table(run, unit, LONGEST_NAME, ELLIPSIS)
            caption = tr("Places in memory, {name} (times in {unit})", name=title, unit=unit)
            yield table(sheet, caption)
        yield _latencies(run, title)


def _latencies(run: Run, title: str) -> str:
    """Return the latencies of a run, folded: tables and histograms."""
    parts = [
        table(kind.sheet, tr("{title} (times in {unit})", title=kind.title, unit=kind.unit))
        + facts("", kind.bars)
        for kind in kinds_of_latency(run, LONGEST_NAME, ELLIPSIS, UNICODE.running)
    ]
    if not parts:
        return ""
    summary = text(tr("Latencies, {name}", name=title))
    return f"<details><summary>{summary}</summary>{''.join(parts)}</details>"


def _findings(result: Result) -> Iterator[str]:
    comparison = result.comparison
    if comparison is not None:
        if comparison.witness is not None:
            both = titles(result.runs[0], result.runs[1])
            said = witness_facts(comparison.witness, both, UNICODE, full=True)
            yield facts(tr("The plain program"), said)
        yield facts(tr("Schedule and times"), parts(comparison))
        for title, found in findings(comparison, UNICODE):
            yield facts(title, found)


def _source(run: Run) -> str:
    source = run.scenario.get("text")
    if not source:
        return ""
    file = run.scenario.get("file") or tr("the scenario")
    body = "\n".join(map(text, str(source).splitlines()))
    summary = f"<summary>{text(tr('The scenario: {file}', file=file))}</summary>"
    return f'<details>{summary}<pre tabindex="0">{body}</pre></details>'


def _again(result: Result) -> str:
    command = text(command_of(result))
    scenario = result.runs[0].scenario
    words = tr(
        "Multiprog {version}, seed {seed}, scenario {digest}",
        version=version(),
        seed=scenario.get("seed", 0),
        digest=str(scenario.get("sha256", ""))[:12],
    )
    return (
        f'<section><h3>{text(tr("How to do it again"))}</h3><pre tabindex="0">{command}</pre>'
        f"<p>{text(words)}</p></section>"
    )


def command_of(result: Result) -> str:
    """Return the command line that makes a page like this one."""
    run = result.runs[0]
    word = "run-real" if run.backend == REAL else "simulate"
    if result.comparison is not None:
        word = "compare"
    parts = ["python", "cli.py", word, shlex.quote(str(run.scenario.get("file") or "FILE"))]
    for given in run.scenario.get("overrides") or ():
        option, _, value = str(given).partition(" ")
        if option != "--policy" or len(result.runs) == 1 or result.comparison is not None:
            parts += [option, shlex.quote(value)]
    if len(result.runs) > 1 and result.comparison is None:
        names = ",".join(str(run.scheduler.get("policy")) for run in result.runs)
        parts += ["--policy", shlex.quote(names)]
    return " ".join([*parts, "--html", "report.html"])
