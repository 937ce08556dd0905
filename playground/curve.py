"""A curve over one number: a small sweep, while the user waits."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from experiments.design.axes import axis_of
from experiments.design.plan import Plan, plan_of
from experiments.measures.names import METRICS, USUAL
from experiments.results.answer import Answer
from experiments.results.rows import Rows
from experiments.running.bench import Bench
from experiments.running.check import checked_points
from experiments.running.setup import Setup
from experiments.shown.numbers import scale_of
from experiments.shown.page_text import findings, heading
from experiments.shown.panels import Drawing, Form, drawing_of, estimates_of
from experiments.shown.words import plan_words
from kernel.errors import UsageError
from language.schema.experiment import Experiment, flow
from language.source.conditions import typed
from language.source.options import Options
from language.source.tree import Node
from language.variants import ScenarioText
from playground.limits import ALL, LIMITS
from report.base.screen import clean
from translation import tr

ENOUGH = 4.0  # seconds after which no replication is begun
USUAL_REPLICATIONS, MOST_REPLICATIONS = 20, 1_000
MOST_KEYS = 60
ASIDE = ("title", "about", "expect", "experiment", "exercise", "limits")
"""Sections of a scenario whose numbers do not change a run."""
FACTORS = ("0.25", "0.5", "1", "2", "4")


def numbers_of(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers that can be varied, with values to begin with, and what can be measured.

    `own` tells whether the scenario has an experiment of its own. Raises ScenarioError.
    """
    scenario = _scenario(asked)
    keys: list[dict[str, str]] = []
    times: dict[str, int] = {}  # that a label has come
    for path, words, value in islice(_numbers(scenario.whole.root), MOST_KEYS):
        times[words] = times.get(words, 0) + 1
        label = clean(words) + (f" ({times[words]})" if times[words] > 1 else "")
        keys.append({"key": path, "label": label, "values": ",".join(_around(value))})
    own = scenario.whole.scenario.experiment is not None
    return {"keys": keys, "own": own, "measures": list(METRICS), "usual": list(USUAL)}


def curve(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the means of each measure at each value, with intervals, as charts and as a table.

    `key` is varied over `values`; without it, the experiment of the file is run. Replications are
    made in turn at all points for ENOUGH seconds. Raises ScenarioError and UsageError.
    """
    scenario = _scenario(asked)
    plan = _plan(scenario, asked)
    checked = checked_points(scenario, plan.points, plan.measures, lambda _: None)
    setup = Setup(
        *(scenario.file, scenario.text, _options(asked), *plan.points),
        *(plan.measures, plan.windows, None, tuple(checked.own), checked.files),
    )
    rows = Rows(len(plan.points.rows), len(plan.measures), plan.rows_each)
    whole = _replicated(Bench(setup), plan, rows)
    known = scenario.whole.scenario
    answer = Answer(plan, rows, known.title or "", "", scenario.file, scenario.text, "", known.seed)
    drawing = drawing_of(answer)
    said = " · ".join(plan_words(answer))
    if not whole:
        said = tr(
            "{plan} · stopped after {limit:g} s; sweep on the command line makes more",
            plan=said,
            limit=ENOUGH,
        )
    return {
        "said": said,
        "charts": [_chart(answer, drawing, at) for at in range(len(answer.measures))],
        "table": findings(answer, drawing),
    }


def _scenario(asked: Mapping[str, Any]) -> ScenarioText:
    return ScenarioText.read(Path(str(asked["file"])), _options(asked))


def _options(asked: Mapping[str, Any]) -> Options:
    policy = next(iter(asked.get("policies") or ()), None)
    return Options(policy=policy, limits=LIMITS)


def _numbers(node: Node, path: str = "", label: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield key, label and value of every number of a scenario, in the order of the file."""
    if isinstance(node.value, dict):
        name = node.child("name")
        head = f"{name.value} " if name is not None else label
        for key, child in node.value.items():
            if path or key not in ASIDE:
                words = head if key in ("processes", "program", "repeat", "do") else f"{head}{key} "
                yield from _numbers(child, f"{path}.{key}".lstrip("."), words)
    elif isinstance(node.value, list):
        for at, child in enumerate(node.value):
            yield from _numbers(child, f"{path}.{at}", label)
    elif node.value is not None and not isinstance(node.value, bool):
        written = flow(node.value)
        if typed(written).kind in ("number", "duration", "size"):
            yield path, label.strip(), written


def _around(written: str) -> list[str]:
    """Return values below and above a written one, in its unit."""
    digits = written.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZµ ")
    unit = written[len(digits) :]
    value = Decimal(digits)
    if not value:
        return [f"{number}{unit}" for number in ("0", "1", "2", "5", "10")]
    found = [value * Decimal(factor) for factor in FACTORS]
    if unit == "" and value == value.to_integral():
        found = [max(Decimal(1), each.to_integral()) for each in found]
    return list(dict.fromkeys(f"{each.normalize():f}{unit}" for each in found))


def _plan(scenario: ScenarioText, asked: Mapping[str, Any]) -> Plan:
    """Return the plan of what was asked, in place of the experiment of the file. UsageError."""
    key, measure = str(asked.get("key") or ""), str(asked.get("measure") or "")
    limits = {**ALL, "points": 200, "replications": 200 * MOST_REPLICATIONS}
    written = scenario.experiment()
    if not key:
        if not written.vary:
            raise UsageError(
                tr("choose the number that is varied: this scenario has no experiment")
            )
        return plan_of(written, {}, None, scenario.whole.scenario.seed, limits)
    repeat = asked.get("repeat")
    if not isinstance(repeat, int) or not 1 <= repeat <= MOST_REPLICATIONS:
        repeat = USUAL_REPLICATIONS
    experiment = Experiment().model_copy(
        update={"repeat": repeat, "measure": [measure] if measure else list(USUAL)}
    )
    axis = dict([axis_of(f"{key}={asked.get('values') or ''}", limits["points"])])
    return plan_of(experiment, axis, None, scenario.whole.scenario.seed, limits)


def _replicated(bench: Bench, plan: Plan, rows: Rows) -> bool:
    """Make the replications of all points in turn. Return whether there was time for all.

    If two replications of each point are equal, nothing is drawn at random, and no more are made.
    """
    until = time.monotonic() + ENOUGH
    for replication in range(1, plan.repeat + 1):
        for point in range(len(plan.points.rows)):
            if time.monotonic() > until and replication > 1:
                return False
            rows.put(point, replication, bench.replication(point, replication))
        if replication == 2 and _all_equal(rows, len(plan.points.rows)):
            return True
    return True


def _all_equal(rows: Rows, points: int) -> bool:
    return all(
        len({tuple(map(repr, values)) for values in rows.replications(point).values()}) == 1
        for point in range(points)
    )


def _chart(answer: Answer, drawing: Drawing | None, at: int) -> dict[str, Any]:
    """Return what is drawn of a measure. Without `x` there is nothing to draw but the table."""
    found: dict[str, Any] = {"heading": heading(answer, at)}
    if drawing is None or drawing.x is None or drawing.form is Form.HEAT:
        return found
    scale = scale_of(answer.measures[at], answer.estimates[at])
    found["x"] = {"title": clean(drawing.x.title), "logarithmic": drawing.x.logarithmic}
    found["lines"] = drawing.form is Form.CURVES
    found["series"] = [
        {
            "name": clean(series.name),
            "points": _points(drawing.x.at, series.points, estimates_of(answer, at, series), scale),
        }
        for series in drawing.series
    ]
    return found


def _points(
    where: Sequence[float], points: Sequence[int], estimates: Sequence[Any], scale: Any
) -> list[list[float]]:
    """Return [x, mean, least, most] of each point that has a value."""
    return [
        [where[point], *(value / scale.per for value in (each.mean, each.low, each.high))]
        for point, each in zip(points, estimates, strict=True)
        if each is not None
    ]
