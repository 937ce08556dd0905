"""Where the project's own files are, for tests in any folder."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent.parent
SCENARIOS = ROOT / "scenarios"
LESSONS = SCENARIOS / "lessons"
EXERCISES = SCENARIOS / "exercises"
TEXTBOOK = SCENARIOS / "textbook"
DOCS = ROOT / "docs"
SCHEMAS = ROOT / "tests" / "teaching" / "schemas"

NO_ONE_PYTHON = frozenset({"four-ways"})
"""Lessons whose processes no single Python can run: they are for the model."""
NOT_REAL = NO_ONE_PYTHON | {"fork-beside-threads"}
"""Lessons that run-real refuses."""
