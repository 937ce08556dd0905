"""Marks for a spreadsheet (CSV) and for programs (JSON)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from teaching.marks import Marks, number

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet takes for a formula."""


def csv_of(all_marks: Sequence[Marks]) -> str:
    """Return a table with a row for each answer. Without marks the points are empty."""
    titles = list(dict.fromkeys(part.name for marks in all_marks for part in marks.parts))
    measures = list(dict.fromkeys(m.name for marks in all_marks for m in marks.measures))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    head = ["student", "file", "points", "of", "status", *titles, *measures]
    writer.writerow(map(_cell, [*head, "diagnosis", "problems"]))
    for marks in all_marks:
        parts = {part.name: number(part.points) for part in marks.parts}
        values = {measure.name: f"{measure.value:g}" for measure in marks.measures}
        row = [
            marks.who,
            marks.file,
            number(marks.points) if marks.gradable else "",
            str(marks.most),
            "graded" if marks.gradable else "not gradable",
            *(parts.get(title, "") for title in titles),
            *(values.get(name, "") for name in measures),
            " ".join(marks.said),
            " | ".join(marks.problems),
        ]
        writer.writerow(map(_cell, row))
    return out.getvalue()


def _cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula, and that has no line breaks."""
    plain = " ".join(text.split("\n")) if "\n" in text else text
    return f"'{plain}" if plain.startswith(FORMULA) else plain


def json_of(all_marks: Sequence[Marks]) -> str:
    """Return the marks as one JSON document."""
    document = {"format": "multiprog-marks/1", "answers": [plain(marks) for marks in all_marks]}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def plain(marks: Marks) -> dict[str, Any]:
    """Return the marks as JSON has them; points are numbers with at most two decimals."""
    return {
        "student": marks.who,
        "file": marks.file,
        "seed": marks.seed,
        "gradable": marks.gradable,
        "points": float(number(marks.points)),
        "of": marks.most,
        "diagnosis": marks.diagnosis,
        "contradiction": marks.contradiction,
        "problems": list(marks.problems),
        "parts": [
            {
                "name": part.name,
                "points": float(number(part.points)),
                "of": part.most,
                "state": part.words,
                "feedback": part.feedback,
            }
            for part in marks.parts
        ],
        "measures": [
            {"name": m.name, "value": m.value, "order": m.order, "unit": m.unit}
            for m in marks.measures
        ],
    }
