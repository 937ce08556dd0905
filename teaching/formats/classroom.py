"""Marks as Classroom 50 reads them: `result.json`, schema `classroom50/result/v1`.

The names of the classroom, the assignment and the submission come from the environment in which it
runs the grader. Scores are whole numbers there: points are rounded half up.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from teaching.formats.gradescope import only
from teaching.marks import Marks, Part

SCHEMA = "classroom50/result/v1"
FROM_ENVIRONMENT = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "assignment_type": "ASSIGNMENT_TYPE",
    "owner": "OWNER",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
    "review": "REVIEW_URL",
}


def classroom50(all_marks: Sequence[Marks]) -> str:
    """Return result.json."""
    return json.dumps(results(only(all_marks, "classroom50")), ensure_ascii=False, indent=2) + "\n"


def results(marks: Marks) -> dict[str, Any]:
    """Return the document. What the environment does not say is empty."""
    tests = [_test(part) for part in marks.parts]
    names = {key: os.environ.get(name, "") for key, name in FROM_ENVIRONMENT.items()}
    names["assignment_type"] = names["assignment_type"] or "individual"
    names["review"] = names["review"] or names["commit"]  # older runners do not say it
    now = datetime.now(UTC).replace(microsecond=0)
    return {
        "schema": SCHEMA,
        **names,
        "owner": names["owner"] or marks.who,
        "datetime": now.isoformat().replace("+00:00", "Z"),
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }


def _test(part: Part) -> dict[str, Any]:
    return {
        "test-name": part.title,
        "passed": part.passed,
        "score": _whole(part.points),
        "max-score": part.most,
    }


def _whole(points: Fraction) -> int:
    return (2 * points.numerator + points.denominator) // (2 * points.denominator)
