"""The sheets of a whole class: for each student of a list a page, and a file to fill in."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from commands.exercises import Posing, is_name, make_folder, save_text, say_written
from kernel.errors import UsageError
from translation import tr, tr_n

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMN = "student"
NO_FILE_NAME = frozenset('/\\:*?"<>|')
"""Characters that a file's name cannot have on every platform."""


def write_for_class(file: Path, posing: Posing) -> int:
    """Write `NAME.html` and `NAME.yaml` for each student of the list. Return the exit status.

    With the option --solution only the page, which is the solution. Raises UsageError.
    """
    from language.exercises import read_exercise, seed_of
    from report.terminal.progress import Progress
    from teaching.answer_files import template
    from teaching.sheet.content import sheet, solution
    from teaching.sheet.html import html
    from teaching.variants import pose

    assert posing.students is not None
    assert posing.out is not None
    names = students_in(posing.students)
    exercise = read_exercise(file)
    make_folder(posing.out)
    with Progress(tr("making the exercise sheets"), len(names)) as progress:
        for number, name in enumerate(names, 1):
            posed = pose(exercise, seed_of(name))
            blocks = (solution if posing.solution else sheet)(posed, name)
            save_text(posing.out / f"{name}.html", html(blocks))
            if not posing.solution:
                save_text(posing.out / f"{name}.yaml", template(posed, name))
            progress.update(number)
    say_written(_written(len(names), posing))
    return 0


def _written(many: int, posing: Posing) -> str:
    """Return the sentence that says what is now in the folder."""
    if posing.solution:
        return tr_n(
            "wrote the solution of {n} student into {folder}",
            "wrote the solutions of {n} students into {folder}",
            many,
            folder=posing.out,
        )
    return tr_n(
        "wrote a page and an answer file for {n} student into {folder}",
        "wrote a page and an answer file for each of {n} students into {folder}",
        many,
        folder=posing.out,
    )


def students_in(path: Path) -> list[str]:
    """Return the students of a list: a name in each line, or a table with the column student.

    Raises UsageError for a name that cannot be a file's, and for two that are the same student.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            tr("--class {path}: cannot be read: {error}", path=path, error=error)
        ) from None
    names: list[str] = []
    seen: dict[str, int] = {}
    for line, name in _names(text):
        wrong = _wrong(name)
        if not wrong and name.casefold() in seen:
            wrong = tr("is the student of line {line}, too", line=seen[name.casefold()])
        if wrong:
            raise UsageError(
                tr(
                    "--class {path}:{line}: {name!r} {wrong}",
                    path=path,
                    line=line,
                    name=name[:100],
                    wrong=wrong,
                )
            )
        seen[name.casefold()] = line
        names.append(name)
    if not names:
        raise UsageError(tr("--class {path}: has no student; write a name in each line", path=path))
    return names


def _names(text: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of each student."""
    lines = text.splitlines()
    first = lines[0] if lines else ""
    divider = ";" if first.count(";") > first.count(",") else ","
    heads = [cell.strip().strip('"').lower() for cell in first.split(divider)]
    if len(heads) < 2 or COLUMN not in heads:
        is_head = heads == [COLUMN]
        yield from (
            (number, line.strip())
            for number, line in enumerate(lines, 1)
            if line.strip() and not (is_head and number == 1)
        )
        return
    reader = csv.reader(lines, delimiter=divider)
    for row in reader:
        if reader.line_num == 1 or not any(cell.strip() for cell in row):
            continue
        at = heads.index(COLUMN)
        yield reader.line_num, row[at].strip() if at < len(row) else ""


def _wrong(name: str) -> str:
    """Return why a name cannot stand in the list; "" if it can."""
    if not is_name(name):
        return tr("must be 1 to 100 printable characters")
    if NO_FILE_NAME & set(name) or name.startswith("."):
        return tr(
            'cannot be the name of a file: it has one of / \\ : * ? " < > | or begins with a dot'
        )
    return ""
