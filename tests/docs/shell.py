"""What the pages type into a shell: each command, and whether it can be tried here."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click

from cli import cli
from tests.docs.pages import PAGES, Block, blocks
from translation import language_given_back

OTHER_PROGRAMS = {
    *(
        ".venv\\Scripts\\python",
        "docker",
        "head",
        "make",
        "mkdir",
        "perf",
        "pip",
        "py",
        "python",
        "python3",
        "ssh",
    ),
    *("source", ".venv/bin/pip", ".venv/bin/python", "trace-cmd", "wsl", "done", "while"),
}
"""Programs that the pages name beside Multiprog. A loop's words count as such."""
NOT_HERE = {
    r"tcp://": "needs a cluster",
    r"^make |^docker |^wsl |^perf |^pip |^python3 -m ": "sets up, or builds",
    r"^py |Scripts|^source ": "is of another shell, or changes this one",
    r"\.venv/bin/": "is in the environment that the line before sets up",
    r"…|\$id|^while|^done": "has a placeholder, or is a loop",
    r"^ssh ": "goes to another machine",
    r"many\.yaml": "runs a million processes",
}
"""What is not run by `make check-docs`, and why. All else is."""


def shell_blocks() -> list[Block]:
    """Return all blocks of the pages that are typed into a shell."""
    return [
        block for page in PAGES for block in blocks(page) if block.language in ("sh", "{picture}")
    ]


def lines(block: Block) -> list[str]:
    """Return the lines of a block without comments. A line that ends in a backslash goes on."""
    text = block.text.replace("\\\n", "")
    return [line for each in text.splitlines() if (line := _without_comment(each).strip())]


def _without_comment(line: str) -> str:
    return re.sub(r"(^|\s+)#\s.*$", "", line)


def commands(line: str) -> Iterator[str]:
    """Yield the commands of a line, without what their output goes to or comes from."""
    for part in re.split(r" && | \| | \\\| ", line):
        yield re.sub(r" [<>] \S+", "", part).strip()


def is_ours(command: str) -> bool:
    """Return whether it is a command of Multiprog."""
    return command.startswith(("python cli.py ", ".venv/bin/python cli.py "))


def arguments(command: str) -> list[str]:
    """Return the words behind `python cli.py`."""
    return shlex.split(command)[2:]


def parse(command: str) -> None:
    """Parse a command of ours without executing it. Raises click.UsageError."""
    name, *rest = arguments(command)
    if name == "--version" or "…" in command:
        return
    inner = cli.commands[name]
    with language_given_back():
        inner.make_context(
            name, rest, parent=click.Context(cli, **cli.context_settings), resilient_parsing=False
        )


def why_not_here(line: str) -> str | None:
    """Return why a line is not run by `make check-docs`; None if it is."""
    return next((why for what, why in NOT_HERE.items() if re.search(what, line)), None)
