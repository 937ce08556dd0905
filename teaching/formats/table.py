"""All formats of marks by their names."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from teaching.formats.classroom import classroom50
from teaching.formats.gradescope import gradescope
from teaching.formats.junit import junit
from teaching.formats.prairielearn import prairielearn
from teaching.formats.tables import csv_of, json_of
from teaching.formats.text import text_of
from teaching.marks import Marks

WRITERS: dict[str, Callable[[Sequence[Marks]], str]] = {
    "text": text_of,
    "csv": csv_of,
    "json": json_of,
    "junit": junit,
    "gradescope": gradescope,
    "prairielearn": prairielearn,
    "classroom50": classroom50,
}
