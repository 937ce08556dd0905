"""A picture for a paper or a slide: the Gantt charts of a run, or of two runs on one time axis.

The same run gives the same bytes: nothing in the file depends on the time or the machine.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from matplotlib.textpath import TextPath

from kernel.errors import UsageError
from kernel.files.writing import save
from report.base.axis import unit_for
from report.base.chart import Chart, shared_labels, span_of
from report.base.screen import UNICODE, clean, wrap
from report.base.style import AGREED, MISSED, OVERHEAD, STATE_STYLES, colour
from report.base.tables import cut
from report.files.fonts import FONT, families
from report.files.panels import HEADING, UNUSED, Scale, draw_cores, draw_memory, draw_states
from report.sections.run_titles import titles
from report.sections.sentences import machine_words, policy_words
from timeline.comparison.criteria import AGREE, AGREE_BUT_TIMES, DISAGREE
from timeline.record.run import Run
from translation import tr, tr_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from timeline.comparison.model import Comparison

WIDTH = 9.0  # inches
LEFT, RIGHT = 1.05, 0.75  # inches beside the charts
HEAD = 0.55  # inches for the title
DPI = 200  # of a PNG: 1800 dots wide
MOST_STATE_LANES = 40  # programs; with more, no lanes of states are drawn
LANE, HALF = 0.24, 0.17  # inches high: a lane of one run, and each half of a lane of two runs
GAP = 0.34  # inches between panels
AXIS, LEGEND = 0.52, 0.42  # inches for the labels of the time axis, and for the legend
MEMORY = 1.3  # inches of the panel of memory
LINE = 0.17  # inches of a line of text
LEGEND_LOOK: Any = {"fontsize": 7.5, "handlelength": 1.6, "columnspacing": 1.4}
METADATA: dict[str, Any] = {
    "png": {"Software": "Multiprog"},
    "svg": {"Date": None, "Creator": "Multiprog"},
}
STYLE: Any = {
    "font.family": [FONT],
    "font.size": 8.5,
    "hatch.linewidth": 0.5,
    "svg.hashsalt": "multiprog",
    "axes.linewidth": 0.7,
}


def save_picture(runs: Sequence[Run], comparison: Comparison | None, path: Path, kind: str) -> None:
    """Draw the runs, and save them as `png` or `svg`.

    Raises UsageError if no run took any time, or the file cannot be written.
    """
    if not max(map(span_of, runs), default=0):
        raise UsageError(
            tr("{path}: nothing took any time, so there is nothing to draw", path=path)
        )
    save_figure(lambda: draw(runs, comparison), path, kind)


def save_figure(make: Callable[[], Figure], path: Path, kind: str) -> None:
    """Make a figure in the style of all pictures, and save it as `png` or `svg`.

    Raises UsageError if the file cannot be written.
    """
    picture = BytesIO()
    with mpl.rc_context(STYLE), _few_words(path):
        styled(make).savefig(picture, format=kind, dpi=DPI, metadata=METADATA[kind])
    save(path, lambda stream: stream.buffer.write(picture.getvalue()))


def styled(make: Callable[[], Figure]) -> Figure:
    """Make a figure in the style of all pictures. Return it."""
    with mpl.rc_context(STYLE):
        figure = make()
        _make_writable(figure.findobj(Text))
    return figure


def _make_writable(texts: Sequence[Text]) -> None:
    """Set the fonts that all the texts need, and replace control characters, which XML forbids."""
    for text in texts:
        text.set_text(clean(text.get_text()))
    needed = families(c for text in texts for c in text.get_text() if c != "\n")
    for text in texts:
        text.set_fontfamily(needed)


_NO_GLYPH = re.compile(r"^Glyph .* missing from")
"""matplotlib's warning about a character that no font has, in versions 3.8 to 3.11."""


@contextmanager
def _few_words(path: Path) -> Iterator[None]:
    """Print one remark for all characters that no font has, instead of a warning for each."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        yield
    missing = [each for each in said if _NO_GLYPH.search(str(each.message))]
    if missing:
        words = tr("{path}: no font has some of the characters: they are boxes", path=path)
        print(words, file=sys.stderr)
    for each in said:
        if each not in missing:
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)


def draw(runs: Sequence[Run], comparison: Comparison | None = None) -> Figure:
    """Return the picture of one run, of two compared runs, or of several runs."""
    span = max(map(span_of, runs))
    labels = shared_labels(runs)
    charts = [Chart(run, labels) for run in runs]
    scale = Scale(span, unit_for(span), WIDTH - LEFT - RIGHT, labels)
    together = charts if comparison is not None else charts[:1]
    panels: list[tuple[float, str, Any]] = [
        (
            max(0.3, LANE * 1.25 * len(chart.run.cores)),
            heading,
            partial(draw_cores, chart=chart, scale=scale),
        )
        for chart, heading in zip(charts, _headings(runs, comparison), strict=True)
    ]
    detailed = len(labels.names) <= MOST_STATE_LANES and (comparison is not None or len(runs) == 1)
    if detailed:
        height = (HALF * 2 if len(together) > 1 else LANE) * len(labels.names)
        panels.append((height, tr("Programs"), lambda axes: draw_states(axes, together, scale)))
        if runs[-1].memory_events:
            panels.append((MEMORY, "", lambda axes: draw_memory(axes, charts[-1], scale)))
    words = _verdict_lines(comparison)
    handles = _handles([chart.run for chart in together]) if detailed else []
    columns = _columns([handle.get_label() for handle in handles], scale.width)
    rows = -(-len(handles) // columns)
    legend = LEGEND + LINE * (rows - 1) if detailed else 0
    foot = AXIS + legend + LINE * len(words)
    total = HEAD + sum(height + GAP for height, _, _ in panels) + foot
    figure = Figure(figsize=(WIDTH, total))
    top = total - HEAD
    for height, heading, paint in panels:
        top -= height + GAP
        axes = figure.add_axes((LEFT / WIDTH, top / total, scale.width / WIDTH, height / total))
        _prepare(axes, scale, heading)
        paint(axes)
        axes.tick_params(axis="x", labelbottom=top == min(_floors(panels, total)))
    figure.axes[-1].set_xlabel(tr("time, {unit}", unit=scale.unit.replace("us", "µs")), labelpad=2)
    _title(figure, runs, total)
    if detailed:
        _legend(figure, handles, columns, (foot - AXIS) / total)
    for number, (text, look) in enumerate(words):
        at = (LINE * (len(words) - number) - 0.05) / total
        figure.text(LEFT / WIDTH, at, text, va="bottom", parse_math=False, **look)
    return figure


def _floors(panels: Sequence[tuple[float, str, Any]], total: float) -> list[float]:
    """Return the lower edges of the panels, in inches. The floats must equal the ones in `draw`."""
    top, floors = total - HEAD, []
    for height, _, _ in panels:
        top -= height + GAP
        floors.append(top)
    return floors


def _prepare(axes: Axes, scale: Scale, heading: str) -> None:
    axes.set_xlim(0, scale.at(scale.span))
    axes.xaxis.grid(visible=True, color="0.88", linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    if heading:
        axes.set_title(heading, parse_math=False, **HEADING)


def _headings(runs: Sequence[Run], comparison: Comparison | None) -> list[str]:
    if len(runs) == 1:
        return [tr("Cores")]
    if comparison is None:
        return [policy_words(run.scheduler) for run in runs]
    return [f"{name[:1].upper()}{name[1:]}" for name in titles(*runs)]


def _title(figure: Figure, runs: Sequence[Run], total: float) -> None:
    scenario, x = runs[0].scenario, LEFT / WIDTH
    title = str(scenario.get("title") or scenario.get("file") or tr("Untitled"))
    title = cut(tr_text(title), 84, UNICODE.ellipsis)
    figure.text(
        x, 1 - 0.14 / total, title, va="top", fontsize=12, fontweight="bold", parse_math=False
    )
    words = machine_words(runs[0])[1:] if len(runs) > 1 else machine_words(runs[0])
    if len({policy_words(run.scheduler) for run in runs}) == 1:
        words = [*words, policy_words(runs[0].scheduler)]
    text = cut(" · ".join(words), 110, UNICODE.ellipsis)
    figure.text(x, 1 - 0.42 / total, text, va="top", color="0.35", parse_math=False)


def _handles(runs: Sequence[Run]) -> list[Any]:
    """Return the entries of the legend: each state that occurs, in the first process's colour."""
    hue = colour(0)
    there = {state for run in runs for state in set(run.intervals.state)}
    handles: list[Any] = []
    for state, look in STATE_STYLES.items():
        if int(state) not in there:
            continue
        if look.height < 0.2:
            handles.append(Line2D([], [], color=hue, lw=2.5, label=tr(look.words)))
        else:
            handles.append(_patch(hue, look.opacity, look.hatch, tr(look.words)))
    if _wastes(runs[-1]):
        handles.append(_patch(hue, *UNUSED, tr("memory given, but not asked for")))
    if any(run.overheads for run in runs):
        handles.append(Patch(facecolor=OVERHEAD, label=tr("a core is switching")))
    return handles


def _patch(hue: str, opacity: float, hatch: str, label: str) -> Patch:
    face = to_rgba(hue, opacity)
    return Patch(facecolor=face, edgecolor=hue, hatch=3 * hatch, lw=0.5, label=label)


def _columns(labels: Sequence[str], width: float) -> int:
    """Return the most columns, at least 1, with which a legend fits into `width` inches.

    matplotlib fills column after column. A column is as wide as its longest label plus a handle.
    """
    size = LEGEND_LOOK["fontsize"]
    gap = size * (LEGEND_LOOK["handlelength"] + LEGEND_LOOK["columnspacing"] + 0.8)
    font = FontProperties(family=families("".join(labels)))
    wide = [TextPath((0, 0), label, size, font).get_extents().width + gap for label in labels]
    for columns in range(len(labels), 1, -1):
        rows = -(-len(labels) // columns)
        if sum(max(wide[at : at + rows]) for at in range(0, len(wide), rows)) <= 72 * width:
            return columns
    return 1


def _legend(figure: Figure, handles: Sequence[Any], columns: int, y: float) -> None:
    """Draw the legend below the charts. Its upper edge is at `y`, 0 to 1 of the figure's height."""
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(LEFT / WIDTH, y),
        borderaxespad=0,
        ncols=columns,
        frameon=False,
        **LEGEND_LOOK,
    )


def _wastes(run: Run) -> bool:
    """Return whether a program was given more memory than it asked for."""
    return any(row.memory and row.memory.size > row.memory.requested for row in run.processes)


def _verdict_lines(comparison: Comparison | None) -> list[tuple[str, dict[str, Any]]]:
    """Return the lines below a comparison, each with its style."""
    if comparison is None:
        return []
    tones = {AGREE: AGREED, AGREE_BUT_TIMES: AGREED, DISAGREE: MISSED}
    tone = tones.get(comparison.verdict, "0.25")
    lines = [
        (line, {"fontsize": 8.5, "color": "0.15"}) for line in wrap(tr(comparison.sentence), 108)
    ]
    verdict = {"fontsize": 9, "color": tone, "fontweight": "bold"}
    return [*lines, (tr("Verdict: {verdict}", verdict=tr(comparison.verdict)), verdict), ("", {})]
