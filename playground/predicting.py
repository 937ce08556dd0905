"""Predict: an empty chart to draw into, and what a chart that was drawn earns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kernel.errors import UsageError
from language.source.options import Options
from playground.limits import LIMITS
from report.base.chart import shared_labels
from report.base.html import text
from teaching.posed import Posed
from teaching.prediction import grid_of, judged, predicted
from timeline.record.core_chart import Lane, core_chart
from translation import tr

MOST_STRETCHES = 5_000


def empty_chart(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is given, and the cells of the empty chart. Raises ScenarioError, UsageError."""
    from teaching.sheet.html import fragment
    from teaching.sheet.system import given

    posed = _posed(asked)
    grid = grid_of(posed)
    labels = shared_labels([posed.run])
    blocks = list(given(posed, hides_policy=False))[1:]  # without the heading
    return {
        "given": "".join(map(fragment, blocks)),
        "processes": [
            {"name": name, "colour": labels.colour(place), "ink": labels.ink(place)}
            for place, name in enumerate(posed.run.process_names)
        ],
        "cores": len(posed.run.cores),
        "cells": grid.cells,
        "step": grid.step,
        "unit": posed.times.name,
        "scale": posed.times.unit,
    }


def graded_chart(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the chart in `lanes` earns, and the right one. Raises UsageError."""
    lanes = _lanes(asked.get("lanes"))
    posed = _posed(asked)
    found = judged(posed, lanes)
    words = [found.marks.diagnosis, found.first or ""]
    return {
        "share": float(found.marks.share),
        "points": f"{int(100 * found.marks.share)} %",
        "right": core_chart(posed.run),
        "why": "".join(f"<p>{text(sentence)}</p>" for sentence in words if sentence),
    }


def _posed(asked: Mapping[str, Any]) -> Posed:
    policy = next(iter(asked.get("policies") or ()), None)
    return predicted(str(asked["file"]), Options(policy=policy, limits=LIMITS))


def _lanes(given: object) -> dict[int, Lane]:
    """Return the lanes of a question. Raises UsageError for anything that is no list of them."""
    try:
        if not isinstance(given, list):
            raise TypeError
        lanes = {
            core: [(str(name), int(start), int(end)) for name, start, end in lane]
            for core, lane in enumerate(given)
        }
    except (TypeError, ValueError, OverflowError):
        what = json.dumps(given)[:60]
        raise UsageError(
            tr("lanes: must be lists of [process, from, until] (got {value})", value=what)
        ) from None
    if sum(map(len, lanes.values())) > MOST_STRETCHES:
        raise UsageError(tr("your chart has more than {limit:,} stretches", limit=MOST_STRETCHES))
    return lanes
