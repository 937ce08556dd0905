"""Marks as Gradescope reads them: `/autograder/results/results.json`, one submission."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from kernel.errors import UsageError
from teaching.marks import Marks, Part, number
from translation import tr


def only(all_marks: Sequence[Marks], format: str) -> Marks:
    """Return the only marks. Raises UsageError: these formats are about one submission."""
    if len(all_marks) != 1:
        raise UsageError(
            tr(
                "--format {format}: is about one answer (got {number})",
                format=format,
                number=len(all_marks),
            )
        )
    return all_marks[0]


def gradescope(all_marks: Sequence[Marks]) -> str:
    """Return results.json. An answer that is not gradable gets the points of what can be read."""
    return json.dumps(results(only(all_marks, "gradescope")), ensure_ascii=False, indent=2) + "\n"


def results(marks: Marks) -> dict[str, Any]:
    """Return the document."""
    said = [*marks.problems, *marks.said]
    if not marks.gradable:
        said.insert(
            0, tr("Not all of the answer can be read. Hand it in again; this cost nothing.")
        )
    document: dict[str, Any] = {
        "score": float(number(marks.points)),
        "output": "\n".join(said),
        "output_format": "text",
        "test_output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(at, part) for at, part in enumerate(marks.parts, 1)],
        "extra_data": {"student": marks.who, "seed": marks.seed, "gradable": marks.gradable},
    }
    if not marks.parts:
        document["score"] = 0.0
    if marks.measures:
        document["leaderboard"] = [
            {"name": m.title, "value": m.value, **({"order": "asc"} if m.order == "asc" else {})}
            for m in marks.measures
        ]
    return document


def _test(at: int, part: Part) -> dict[str, Any]:
    return {
        "name": part.title,
        "number": str(at),
        "score": float(number(part.points)),
        "max_score": float(part.most),
        "status": "passed" if part.passed else "failed",
        "output": "\n".join(filter(None, [tr(part.words), part.feedback])),
        "output_format": "text",
        "visibility": "visible",
    }
