"""Marks as PrairieLearn's external grader writes them: `/grade/results/results.json`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from teaching.formats.gradescope import only
from teaching.marks import Marks, number
from translation import tr

MOST_BYTES = 1_000_000
"""PrairieLearn refuses a larger document."""
LONGEST = 10_000
"""Characters of one text."""


def prairielearn(all_marks: Sequence[Marks]) -> str:
    """Return results.json. What cannot be read is not gradable, and costs no attempt."""
    document = results(only(all_marks, "prairielearn"))
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    if len(text.encode()) <= MOST_BYTES:
        return text
    for test in document["tests"]:
        test["message"] = test["message"][:200]
    return json.dumps(document, ensure_ascii=False) + "\n"


def results(marks: Marks) -> dict[str, Any]:
    """Return the document."""
    message = "\n".join(marks.said)[:LONGEST]
    document: dict[str, Any] = {"gradable": marks.gradable, "message": message}
    if not marks.gradable:
        return document | {
            "format_errors": [text[:LONGEST] for text in marks.problems],
            "tests": [],
        }
    return document | {
        "score": round(float(marks.share), 6),
        "tests": [
            {
                "name": part.title,
                "points": float(number(part.points)),
                "max_points": part.most,
                "message": "\n".join(filter(None, [tr(part.words), part.feedback]))[:LONGEST],
            }
            for part in marks.parts
        ],
    }
