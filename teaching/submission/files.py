"""What a student has handed in: a file, or a folder with the policy's file and what it imports.

No link is followed: a link to a file of the grader's would be read with the grader's rights, and
its text would be given to the submission.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kernel.errors import UsageError
from language.source.wording import nearest
from translation import tr

MOST_BYTES = 200_000  # of all files of a submission together
MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class Submission:
    """What one student has handed in. `problem` says why it cannot be read; "" if it can."""

    student: str
    main: str = ""
    files: dict[str, str] = field(default_factory=dict)
    problem: str = ""


def submissions_in(paths: Sequence[Path], main: str) -> list[Path]:
    """Return the path of each submission.

    A folder without the file `main` is one of submissions. Raises UsageError if it has none.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir() and not path.is_symlink() and not (path / main).is_file():
            inner = sorted(each for each in path.iterdir() if _is_submission(each))
            if not inner:
                raise UsageError(
                    tr(
                        "{path}: has neither {file} nor folders or files of students",
                        path=path,
                        file=main,
                    )
                )
            found += inner
        else:
            found.append(path)
    return found


def _is_submission(path: Path) -> bool:
    hidden = path.name.startswith((".", "__"))
    return not hidden and (path.suffix == ".py" or (path.is_dir() and not path.is_symlink()))


def submission_of(path: Path, main: str) -> Submission:
    """Return what lies at `path`: a file, whatever its name, or a folder with the file `main`.

    What is wrong with it is its `problem`. Raises UsageError if nothing is there.
    """
    try:
        mode = path.lstat().st_mode
    except (OSError, ValueError):
        raise UsageError(tr("no such submission: {path}", path=path)) from None
    if not stat.S_ISDIR(mode):
        return _read(path.stem, path.name, [path])
    try:
        found = sorted(each for each in path.iterdir() if each.suffix == ".py")
    except OSError as error:
        return Submission(path.name, problem=tr("cannot be read: {error}", error=error.strerror))
    names = [each.name for each in found]
    if main not in names:
        if len(found) == 1:
            return _read(path.name, names[0], found)
        return Submission(path.name, problem=_without(main, names))
    return _read(path.name, main, found)


def _without(main: str, names: Sequence[str]) -> str:
    """Return what is wrong with a folder that has other files."""
    if not names:
        return tr("must have the file {file} (has no .py file)", file=main)
    there, meant = ", ".join(names[:5]), nearest(main, names)
    if meant:
        return tr(
            "must have the file {file} (has {names}; did you mean {meant}?)",
            file=main,
            names=there,
            meant=meant,
        )
    return tr("must have the file {file} (has {names})", file=main, names=there)


def _read(student: str, main: str, paths: list[Path]) -> Submission:
    if len(paths) > MOST_FILES:
        problem = tr("has {number} .py files; at most {limit}", number=len(paths), limit=MOST_FILES)
        return Submission(student, problem=problem)
    files: dict[str, str] = {}
    left = MOST_BYTES
    for path in paths:
        try:
            text = _text(path, left)
        except ValueError as error:
            return Submission(student, problem=f"{path.name}: {error}")
        except OSError as error:
            problem = tr("{file}: cannot be read: {error}", file=path.name, error=error.strerror)
            return Submission(student, problem=problem)
        left -= len(text)
        try:
            files[path.name] = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            problem = tr(
                "{file}: is not UTF-8 text (byte {byte})", file=path.name, byte=error.start + 1
            )
            return Submission(student, problem=problem)
    return Submission(student, main, files)


def _text(path: Path, most: int) -> bytes:
    """Return the bytes of a regular file. Raises ValueError, which says what would be right."""
    if path.is_symlink():
        raise ValueError(tr("is a link; hand in the file itself"))
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise ValueError(tr("is no file of text"))
        text = file.read(most + 1)
    if len(text) > most:
        raise ValueError(
            tr("is too large: a submission has at most {limit:,} bytes", limit=MOST_BYTES)
        )
    return text
