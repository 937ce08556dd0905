"""Where the project's own files are, for tests in any folder."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent.parent
SCENARIOS = ROOT / "scenarios"
LESSONS = SCENARIOS / "lessons"
TEXTBOOK = SCENARIOS / "textbook"
DOCS = ROOT / "docs"
SCHEMAS = ROOT / "tests" / "teaching" / "schemas"
