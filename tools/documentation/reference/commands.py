"""The page on the commands, made of what `--help` says."""

from __future__ import annotations

import re

import click

from cli import cli
from tools.documentation.reference.markdown import block, code, table

HEAD = """# Commands

`python cli.py COMMAND --help` prints the same. Where Multiprog is installed, the command is called
`multiprog`. The exit status is

- 0 when the command is done;
- 1 if the run failed, if an expectation or the comparison did not hold, or if the output could not
  be written;
- 2 for a bad scenario or bad usage;
- 130 if the command was interrupted.
"""


def commands() -> str:
    """Return the page: each command with its usage, its help and its options."""
    parts = [HEAD, _overview()]
    for name, command in sorted(cli.commands.items()):
        parts.append(_section(name, command))
    return "\n".join(parts)


def _overview() -> str:
    rows = [
        (f"[{code(name)}](#{name})", command.get_short_help_str(100))
        for name, command in sorted(cli.commands.items())
    ]
    return table(("command", "what it does"), rows)


def _section(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=f"python cli.py {name}")
    usage = command.get_usage(context).removeprefix("Usage: ")
    options = [
        (code(record[0]), _sentence(record[1]))
        for parameter in command.params
        if isinstance(parameter, click.Option)
        and (record := parameter.get_help_record(context)) is not None
    ]
    text = click.unstyle(command.help or "").replace("\b", "")
    parts = [f"## {code(name)}\n", block("sh", usage), f"{_literal(text)}\n"]
    return "\n".join([*parts, table(("option", "meaning"), options)])


def _literal(text: str) -> str:
    """Return a help text as paragraphs; one that is a command alone becomes a block."""
    paragraphs = [
        "\n".join(line.strip() for line in part.splitlines()) for part in text.split("\n\n")
    ]
    return "\n\n".join(
        block("text", part) if part.startswith("python cli.py") else part.replace("<", "\\<")
        for part in paragraphs
    )


def _sentence(text: str) -> str:
    return (
        re.sub(r" *\[x>=\d+\]", "", text)
        .replace("<", "\\<")
        .replace("*", "\\*")
        .replace("[", "\\[")
    )
