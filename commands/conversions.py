"""What `import` and `export` print, and the options of `import`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.options import gathered
from kernel.errors import UsageError
from kernel.units import parse_duration
from translation import tr

if TYPE_CHECKING:
    from fractions import Fraction

    from language import Options
    from language.convert.imports.options import ImportOptions

_SCALE = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(?:/(\d{1,12}))?")


@dataclass(frozen=True)
class ImportAsked:
    """The options of an import, as the user typed them. None or empty: not given."""

    kind: str | None = None
    first: int | None = None
    scale: str | None = None
    columns: str | None = None
    numbers: Path | None = None
    only: tuple[str, ...] = ()
    start: str | None = None
    duration: str | None = None
    limits: tuple[str, ...] = ()

    def options(self) -> ImportOptions:
        """Return the options for `language.import_file`. Raises UsageError."""
        from language.convert.imports.options import ImportOptions
        from language.source.limits import bound_memory, in_force

        limits = in_force(self.limits)
        bound_memory(limits["memory"])
        return ImportOptions(
            first=self.first,
            scale=None if self.scale is None else _scale(self.scale),
            columns=tuple((self.columns or "").split(",")) if self.columns else (),
            numbers=self.numbers,
            only=tuple(each.strip() for text in self.only for each in text.split(",")),
            start=None if self.start is None else _time("--start", self.start, 0),
            duration=None if self.duration is None else _time("--duration", self.duration, 1),
            limits=limits,
        )


def _scale(text: str) -> Fraction:
    from fractions import Fraction

    found = _SCALE.fullmatch(text.strip())
    if found is None or not int(found[2] or 1) or not Fraction(found[1]):
        raise UsageError(
            tr("--scale {text}: must be a number above 0, like 1/1000 or 0.5", text=text)
        )
    return Fraction(found[1]) / int(found[2] or 1)


def _time(option: str, text: str, least: int) -> int:
    try:
        time = parse_duration(text, 1_000_000_000)
    except ValueError as error:
        raise UsageError(f"{option} {text}: {error}") from None
    if time < least:
        raise UsageError(
            tr("{option} {text}: must be a duration like 2s or 500ms", option=option, text=text)
        )
    return time


imports = gathered(
    ImportAsked,
    "asked",
    [
        click.option(
            "--from", "kind", metavar="KIND",
            help="The kind of FILE, if its content does not tell: see docs/bring-your-own.md.",
        ),
        click.option(
            "--first", type=click.IntRange(1), metavar="N", help="Take the first N rows or jobs."
        ),
        click.option("--scale", metavar="S", help="Multiply all times by S, like 1/1000."),
        click.option(
            "--columns", metavar="NAMES",
            help="What the columns of a table mean, like name,arrival,burst,-,priority.",
        ),
        click.option(
            "--numbers", type=click.Path(path_type=Path), metavar="FILE",
            help="The file of random numbers of NYU's scheduling lab.",
        ),
        click.option(
            "--only", multiple=True, metavar="THREADS",
            help="From a trace, import only these threads, by name or number.",
        ),
        click.option("--start", metavar="D", help="From a trace, leave out so much at its start."),
        click.option("--duration", metavar="D", help="From a trace, import only this much time."),
        click.option(
            "--limit", "limits", multiple=True, metavar="NAME=N",
            help="Change a limit, like file_size=10MB.",
        ),
    ],
)  # fmt: skip
"""A decorator for a command, which gets these options as `asked`."""


def print_import(file: Path, asked: ImportAsked) -> None:
    """Print the scenario of FILE on stdout, and what was read on stderr. Raises UsageError."""
    from language import import_file

    imported = import_file(file, asked.kind, asked.options())
    click.echo(imported.text.encode(), nl=False)
    click.echo(tr("{file}: read as {kind}", file=file, kind=imported.what), err=True)
    for remark in imported.remarks:
        click.echo(remark, err=True)


def print_export(file: Path, options: Options, *, rt_app: bool) -> None:
    """Print the scenario FILE as a workload of rt-app, or as a program of Python."""
    from language import export_python, export_rt_app

    if not rt_app:
        click.echo(export_python(file, options).encode(), nl=False)  # Python reads UTF-8
        return
    made = export_rt_app(file, options)
    click.echo(made.text.encode(), nl=False)
    for remark in made.remarks:
        click.echo(remark, err=True)
