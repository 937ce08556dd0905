"""The command `exercise`: the sheet of a student, its template, its solution, its key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from commands.options import gathered, path_option, variant_options
from kernel.errors import UsageError
from translation import tr

if TYPE_CHECKING:
    from teaching.posed import Posed


@dataclass(frozen=True)
class Posing:
    """The options of `exercise`. None: not given."""

    seed: int | None = None
    student: str | None = None
    solution: bool = False
    html: Path | None = None
    md: Path | None = None
    template: Path | None = None
    answer_key: Path | None = None
    check_file: Path | None = None
    prove: int | None = None
    export: str | None = None
    variants: int | None = None
    out: Path | None = None
    students: Path | None = None  # the list of a class

    def check(self, file: Path) -> None:
        """Raise UsageError if the options exclude each other, or a file cannot be written."""
        from kernel.files.writing import require_another, require_writable

        if self.seed is not None and self.student is not None:
            raise UsageError(tr("exercise: give only one of --seed and --student"))
        if self.student is not None and not is_name(self.student):
            raise UsageError(tr("--student: must be 1 to 100 printable characters"))
        if self.students is not None:
            self._check_class()
        else:
            self._check_export()
        written = [path for path in self.files.values() if path is not None]
        for path in written:
            require_another(path, [file])
            require_writable(path)
        if len(set(written)) < len(written):
            raise UsageError(tr("exercise: two options write to the same file"))

    def _check_class(self) -> None:
        others = (self.seed, self.student, self.prove, self.export, *self.files.values())
        if self.variants is not None or any(each is not None for each in others):
            raise UsageError(
                tr("exercise: --class goes with --out and --solution, and nothing else")
            )
        if self.out is None:
            raise UsageError(tr("exercise --class: say into which folder: --out FOLDER"))

    def _check_export(self) -> None:
        if self.export is None and (self.variants or self.out):
            raise UsageError(tr("exercise: --variants and --out belong to --export (or --class)"))
        others = (self.student, self.prove, *self.files.values())
        if self.export is not None and (self.solution or any(each is not None for each in others)):
            raise UsageError(tr("exercise: --export writes one thing; leave out the other options"))
        if self.export in IN_FILES and self.out is None:
            raise UsageError(
                tr("exercise --export {kind}: say where: --out PATH", kind=self.export)
            )

    @property
    def files(self) -> dict[str, Path | None]:
        """The files to write, by option."""
        return {
            "--html": self.html,
            "--md": self.md,
            "--template": self.template,
            "--answer-key": self.answer_key,
            "--check-file": self.check_file,
        }

    def posed(self, file: Path) -> Posed:
        """Return the variant that the options ask for. Raises UsageError."""
        from language.exercises import read_exercise, seed_of
        from teaching.variants import pose

        exercise = read_exercise(file)
        seed = seed_of(self.student) if self.student is not None else self.seed
        return pose(exercise, seed)

    def proof(self, file: Path) -> int:
        """Check the first variants of an exercise, say what was found, and return the status."""
        from teaching.proof import prove

        assert self.prove is not None
        found = prove(file, range(self.prove))
        click.echo(str(found))
        return 0 if found.holds else 1

    def deliver(self, posed: Posed) -> None:
        """Write the files that are asked for, and say so; without any print the sheet."""
        from teaching.answer_files import answer_key, template
        from teaching.check_file import check_file
        from teaching.sheet.content import sheet, solution
        from teaching.sheet.html import html
        from teaching.sheet.markdown import markdown

        blocks = (solution if self.solution else sheet)(posed, self.student)
        texts: dict[str, Callable[[], str]] = {
            "--html": lambda: html(blocks),
            "--md": lambda: markdown(blocks),
            "--template": lambda: template(posed, self.student),
            "--answer-key": lambda: answer_key(posed, self.student),
            "--check-file": lambda: check_file(posed),
        }
        written = {option: path for option, path in self.files.items() if path is not None}
        for option, path in written.items():
            save_text(path, texts[option]())
        if written:
            say_written(tr("wrote {file}", file=tr(", ").join(map(str, written.values()))))
        else:
            from report.base.screen import console
            from teaching.sheet.terminal import show

            show(blocks, console())


IN_FILES = ("prairielearn", "gradescope")
"""Exports that are no text on stdout."""


def is_name(text: str) -> bool:
    """Return whether the text can be a student's name."""
    return bool(text.strip()) and text.isprintable() and len(text) <= 100


def make_folder(folder: Path, option: str = "--out") -> None:
    """Make the folder that an option names, if it is not there. Raises UsageError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            tr(
                "{option} {folder}: cannot be made: {reason}",
                option=option,
                folder=folder,
                reason=error.strerror,
            )
        ) from None


def save_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all. Raises UsageError."""
    from kernel.files.writing import save

    def write(file: TextIO) -> None:
        file.write(text)

    save(path, write)


def say_written(sentence: str) -> None:
    """Say on stderr what was written, and where: stdout is for what is asked for there."""
    click.echo(sentence, err=True)


poses = gathered(
    Posing,
    "posing",
    [
        *variant_options(),
        click.option(
            "--solution", is_flag=True, help="Print the answers, the chart and each decision."
        ),
        path_option("--html", "Write the sheet (or the solution) as HTML."),
        path_option("--md", "Write the sheet (or the solution) as Markdown."),
        path_option("--template", "Write an answer file to fill in."),
        path_option("--answer-key", "Write the answer file that is right."),
        path_option("--check-file", "Write a hash of the answer, for answer --check-file."),
        click.option(
            "--prove",
            type=click.IntRange(1, 100_000),
            metavar="N",
            help="Test N variants: grade the key, each misconception, damaged answers.",
        ),
        click.option(
            "--export",
            type=click.Choice(["moodle", "gift", "prairielearn", "gradescope"]),
            help="Write the exercise in a form that a course system imports.",
        ),
        click.option(
            "--variants",
            type=click.IntRange(1, 1000),
            metavar="N",
            help="With --export: write N variants (default: 10).",
        ),
        click.option(
            *("--class", "students"),
            type=click.Path(path_type=Path),
            metavar="LIST",
            help="Write a page and an answer file for each student of the list, into --out.",
        ),
        click.option(
            "--out",
            type=click.Path(path_type=Path),
            metavar="PATH",
            help="The file or folder that --export or --class writes.",
        ),
    ],
)
"""A decorator for the command `exercise`, which gets these options as `posing`."""
