"""The blocks of code on a page, and the commands in them, run one after the other.

A block of YAML or Python whose first line is a file's name in a comment is that file. A block
`console` is one or several commands, each behind `$ `, with what they print below them. A block
`sh` has commands whose output the page does not show.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cli import main
from tests.paths import DOCS, ROOT

BLOCK = re.compile(r"^( *)```(\S*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# ([\w-]+\.\w+)\n")
PAGES = (*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md")
REAL = ("run-real", "compare", "calibrate", "record", "answer")
"""Commands that start real processes, or that ask."""


class Block(NamedTuple):
    """A block of code: its page, its language and its text."""

    page: Path
    language: str
    text: str

    @property
    def name(self) -> str:
        """How a message names the block."""
        return f"{self.page.relative_to(ROOT)}: {self.text.partition(chr(10))[0][:60]}"


class Typed(NamedTuple):
    """A command, and what the page shows of its output."""

    command: str
    shown: str

    @property
    def is_real(self) -> bool:
        """Whether it starts real processes."""
        return any(f"cli.py {name}" in self.command for name in REAL)


def blocks(page: Path) -> list[Block]:
    """Return all blocks of code of a page, in order."""
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [Block(page, language, _moved(text, len(indent))) for indent, language, text in found]


def _moved(text: str, columns: int) -> str:
    return "".join(line[columns:] for line in text.splitlines(keepends=True)) if columns else text


def file_of(block: Block) -> str | None:
    """Return the name of the file that the block is; None if it is none."""
    named = FILE.match(block.text)
    return named[1] if named is not None and block.language in ("yaml", "python") else None


def write_files(page: Path, folder: Path) -> None:
    """Write each file of the page into the folder, and make the project's scenarios be there."""
    for block in blocks(page):
        if (name := file_of(block)) is not None:
            (folder / name).write_text(block.text, encoding="utf-8")
    if not (folder / "scenarios").exists():
        (folder / "scenarios").symlink_to(ROOT / "scenarios")


def typed(block: Block) -> Iterator[Typed]:
    """Yield each command of a block `console`, with what is shown.

    A line that ends in a backslash goes on.
    """
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        found = re.fullmatch(r"(.*?[^\\])\n(.*)", part, re.DOTALL)
        assert found is not None, part
        yield Typed(found[1], found[2])


ANOTHER_RUN = "another real run is going on"  # on this machine, while the test runs


def printed_by(command: str) -> tuple[int, str]:
    """Return exit status and all that a command prints.

    Of pipes `| grep WORD` (the lines with it) and `| head -N` (the first N) are understood.
    """
    line, *filters = command.replace("\\\n", "").split(" | ")
    python, script, *arguments = shlex.split(line)
    assert (python, script) == ("python", "cli.py")
    stream = io.StringIO()
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
        status = main(arguments)
    said = stream.getvalue().splitlines(keepends=True)
    lines = [one for one in said if not one.startswith(ANOTHER_RUN)]
    for each in filters:
        program, what = shlex.split(each)
        lines = (
            lines[: int(what.removeprefix("-"))]
            if program == "head"
            else [one for one in lines if what in one]
        )
    return status, "".join(lines)
