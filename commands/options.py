"""Groups of options. A command gets a group as one object."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

Command = Callable[..., Any]
Option = Callable[[Command], Command]


def gathered(kind: type[Any], into: str, options: Sequence[Option]) -> Option:
    """Return a decorator for a command, which gets `options` as one object of dataclass `kind`.

    Each option has the name of a field; the command's argument is called `into`. `--help` shows
    the options in the order of `options`.
    """

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def collected(*args: Any, **given: Any) -> Any:
            mine = {field.name: given.pop(field.name) for field in fields(kind)}
            return command(*args, **{into: kind(**mine)}, **given)

        found: Command = collected
        for option in reversed(options):
            found = option(found)
        return found

    return decorate


def path_option(option: str, text: str, metavar: str = "FILE") -> Option:
    """Return an option that names a file, which need not exist. `text` is its help."""
    return click.option(option, type=click.Path(path_type=Path), metavar=metavar, help=text)


def seed_option(text: str) -> Option:
    """Return the option --seed: a whole number as a scenario's `seed` may be."""
    return click.option("--seed", type=click.IntRange(0, 2**63 - 1), metavar="N", help=text)


def variant_options() -> list[Option]:
    """Return the options that choose the variant of an exercise: --seed and --student."""
    return [
        seed_option("Use the variant with this number."),
        click.option("--student", metavar="ID", help="Use the variant of this student."),
    ]
