"""A file with the marks of each student, to be given back: `grade --each FOLDER`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from commands.class_sheets import NO_FILE_NAME
from commands.exercises import make_folder, save_text

if TYPE_CHECKING:
    from teaching.marks import Marks

ENDINGS = {"text": "txt", "csv": "csv", "junit": "xml"}
"""How the names of files end, by format; all others are JSON."""
LONGEST = 60
"""Characters of a name: at most 240 bytes, where a file's name may have 255."""


def write_each(folder: Path, format: str, all_marks: Sequence[Marks]) -> None:
    """Write the marks of each student into a file of their name. Raises UsageError.

    A student's name may come from what the student wrote: no character of it leaves the folder.
    """
    from teaching.formats.table import WRITERS

    make_folder(folder, "--each")
    written: set[str] = set()
    for marks in all_marks:
        name = _unused(_file_name(marks.who), written)
        save_text(folder / f"{name}.{ENDINGS.get(format, 'json')}", WRITERS[format]([marks]))


def _file_name(student: str) -> str:
    kept = "".join(
        "_" if letter in NO_FILE_NAME or not letter.isprintable() else letter
        for letter in student.strip()[:LONGEST]
    )
    return kept.replace(".", "_", 1) if kept.startswith(".") else kept or "_"


def _unused(name: str, written: set[str]) -> str:
    """Return the name, or the first of name-2, name-3, ... that no other student has."""
    number, found = 1, name
    while found.casefold() in written:
        number += 1
        found = f"{name}-{number}"
    written.add(found.casefold())
    return found
