"""The scenarios and policies of the current folder, opened and saved; nothing outside of it.

A name may lead through links, but what it leads to must be in the folder. A file that has been
changed since it was opened is not written over.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from kernel.errors import UsageError
from kernel.files.reading import TooLargeError, read_bounded
from kernel.files.writing import require_writable, save
from translation import mark, tr

SUFFIXES = (".yaml", ".yml", ".py")
LARGEST = 1_000_000  # bytes of a file
MOST, DEEPEST, MOST_FOLDERS = (
    500,
    4,
    2_000,
)  # files listed; folders in each other; folders looked at
MOST_BESIDE = 50  # policies beside a scenario


class Folder:
    """The folder in which the command was started."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve(strict=True)

    def names(self) -> list[str]:
        """Return the names of the files that can be opened, as paths from the folder."""
        found: list[str] = []
        for name in self._below():
            found.append(name)
            if len(found) == MOST:
                break
        return sorted(found)

    def _below(self) -> Iterator[str]:
        """Yield the names of files, nearest first. Hidden folders and links are left out."""
        waiting, looked = [(self.root, 0)], 0
        while waiting and looked < MOST_FOLDERS:
            folder, depth = waiting.pop(0)
            looked += 1
            try:
                entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            except OSError:  # a folder that this user may not read
                continue
            for entry in entries:
                if entry.name.startswith(".") or not entry.name.isprintable():
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if depth < DEEPEST and entry.name != "__pycache__":
                        waiting.append((Path(entry.path), depth + 1))
                elif entry.name.endswith(SUFFIXES) and entry.is_file(follow_symlinks=False):
                    yield Path(entry.path).relative_to(self.root).as_posix()

    def path(self, name: str) -> Path:
        """Return the path of the file with that name. Raises UsageError for one outside."""
        parts = PurePosixPath(name).parts
        wrong = not parts or ".." in parts or name.startswith("/") or "\\" in name
        if wrong or not name.isprintable() or any(part.startswith(".") for part in parts):
            raise UsageError(
                tr("{name!r}: must be the name of a file in {folder}", name=name, folder=self.root)
            )
        if not name.endswith(SUFFIXES):
            raise UsageError(tr("{file}: must be a scenario (.yaml) or a policy (.py)", file=name))
        path = self.root.joinpath(*parts)
        try:
            real = path.resolve()
        except (OSError, RuntimeError) as error:  # RuntimeError: links that lead to each other
            raise UsageError(
                tr("{file}: cannot be followed: {error}", file=name, error=error)
            ) from None
        if not real.is_relative_to(self.root):
            raise UsageError(tr("{file}: leads out of {folder}", file=name, folder=self.root))
        return real

    def read(self, name: str) -> tuple[str, str]:
        """Return the text of a file, and its version. Raises UsageError."""
        path = self.path(name)
        try:
            content = read_bounded(path, LARGEST)
            return content.decode("utf-8"), _version(content)
        except FileNotFoundError:
            raise UsageError(tr("{file}: no such file", file=name)) from None
        except OSError as error:
            raise UsageError(
                tr("{file}: cannot be read: {error}", file=name, error=error.strerror)
            ) from None
        except UnicodeDecodeError:
            raise UsageError(tr("{file}: is not UTF-8 text", file=name)) from None
        except TooLargeError:
            raise UsageError(
                tr("{file}: is larger than {limit:,} bytes", file=name, limit=LARGEST)
            ) from None

    def write(self, name: str, text: str, before: str | None) -> str:
        """Save a file, whole or not at all, and return its version. Raises UsageError.

        `before` is the version that was opened; None: the file must be new.
        """
        path = self.path(name)
        content = text.encode("utf-8", "backslashreplace")
        if len(content) > LARGEST:
            raise UsageError(
                tr("{file}: would be larger than {limit:,} bytes", file=name, limit=LARGEST)
            )
        there = self.read(name)[1] if path.exists() else None
        if there is not None and there != before:
            there_already = mark(
                "{file}: is there already: save under another name, or open it again"
            )
            changed = mark(
                "{file}: was changed by another program: save under another name, or open it again"
            )
            raise UsageError(tr(there_already if before is None else changed, file=name))
        require_writable(path)
        save(path, lambda stream: stream.write(text))
        return _version(content)

    def beside(self, name: str) -> dict[str, str]:
        """Return the policies in the folder of that file: their texts by their names.

        A scenario may name one of them, and they may import each other.
        """
        try:
            parent = self.path(name).parent
            entries = [each.name for each in os.scandir(parent) if each.name.endswith(".py")]
        except (UsageError, OSError):  # the scenario is not one of this folder
            return {}
        found = {}
        for other in sorted(entries)[:MOST_BESIDE]:
            path = (PurePosixPath(name).parent / other).as_posix()
            with suppress(UsageError):  # no text, too large, gone: the scenario cannot use it
                found[path] = self.read(path)[0]
        return found


def _version(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
