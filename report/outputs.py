"""The kinds of files that show a result. Each has an option.

Before the run the command checks that the libraries are there and the files can be written. It
writes the files after the run. To add a kind of file, add an `Output` to OUTPUTS; its writer is
imported when it is used.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from kernel.errors import UsageError
from kernel.files.writing import (
    can_be_replaced,
    identity,
    require_another,
    require_writable,
    require_writable_folder,
)
from translation import tr

if TYPE_CHECKING:
    from report.result import Result


class Output(NamedTuple):
    """One kind of file. `write` may raise UsageError."""

    option: str  # without the dashes
    help: str
    write: Callable[[Any, Path], None]  # of a Result; of a sweep, an answer
    extra: str | None = None  # the extra of pip with the library that it needs, if it needs one
    module: str = ""  # the name by which that library is imported
    decides: bool = False  # whether the file shows decisions, so that the run must record them
    files_in: Callable[[Path], list[Path]] | None = None  # the files of a folder; None: one file


def _html(result: Result, path: Path) -> None:
    from report.page import write_page

    write_page(result, path)


def _png(result: Result, path: Path) -> None:
    from report.files.picture import save_picture

    save_picture(result.runs, result.comparison, path, "png")


def _svg(result: Result, path: Path) -> None:
    from report.files.picture import save_picture

    save_picture(result.runs, result.comparison, path, "svg")


def _perfetto(result: Result, path: Path) -> None:
    from report.files.perfetto import save_trace

    save_trace(result.runs, path)


def _csv(result: Result, path: Path) -> None:
    from report.files.csv_tables import save_tables

    save_tables(path, result.runs, bom=result.bom)


def _csv_files(folder: Path) -> list[Path]:
    from timeline.files.tables import TABLES

    return [folder / f"{table}.csv" for table in TABLES]


OUTPUTS = (
    Output(
        "html",
        "Write one HTML page that needs no other file.",
        _html,
        extra="report",
        module="bokeh",
        decides=True,
    ),
    Output("png", "Write a picture for a slide.", _png, extra="plot", module="matplotlib"),
    Output("svg", "Write a picture for a paper.", _svg, extra="plot", module="matplotlib"),
    Output("perfetto", "Write a trace for ui.perfetto.dev.", _perfetto, decides=True),
    Output("csv", "Write tables for pandas or DuckDB.", _csv, decides=True, files_in=_csv_files),
)


class Outputs:
    """The files that were asked for on one command line."""

    def __init__(
        self, wanted: Sequence[tuple[Output, Path]], *, curtain: bool = False, bom: bool = False
    ) -> None:
        """Note the files; `curtain`: the page hides what comes later, and asks.

        With `bom` the tables begin with a byte order mark.
        """
        self._wanted = wanted
        self._curtain = curtain
        self._bom = bom

    @property
    def wanted(self) -> bool:
        """Whether any file was asked for."""
        return bool(self._wanted)

    @property
    def decides(self) -> bool:
        """Whether any of the files shows decisions."""
        return any(output.decides for output, _ in self._wanted)

    def check(self, *others: Path | None, reads: Iterable[Path] = ()) -> None:
        """Raise UsageError if a library is missing or a file cannot be written.

        It is called before the run. `others` are further files that the command will write. A file
        that the command `reads` must not be written over.
        """
        asked = {output.option for output, _ in self._wanted}
        if self._curtain and "html" not in asked:
            raise UsageError(tr("--curtain is for the page: give --html FILE, too"))
        if self._bom and "csv" not in asked:
            raise UsageError(tr("--bom is for the tables: give --csv DIR, too"))
        for output, _ in self._wanted:
            _require(output)
        single = [path for path in others if path is not None]
        single += [path for output, path in self._wanted if output.files_in is None]
        for path in single:
            require_writable(
                path
            )  # before `identity`, which cannot read a folder that may not be entered
        for output, path in self._wanted:
            if output.files_in is not None:
                require_writable_folder(path, output.files_in(path))
        files = self._files(*others)
        counted = Counter(identity(path) for path in files if can_be_replaced(path))
        for path in files:
            if counted[identity(path)] > 1:
                raise UsageError(
                    tr("{path}: is given twice, and can hold only one of the results", path=path)
                )
        self.spare(*others, reads=reads)

    def spare(self, *others: Path | None, reads: Iterable[Path]) -> None:
        """Raise UsageError if a file that will be written is one that the command reads."""
        read = list(reads)
        for path in self._files(*others):
            require_another(path, read)

    def _files(self, *others: Path | None) -> list[Path]:
        """Return all files that will be written, with each file of a folder."""
        files = [path for path in others if path is not None]
        for output, path in self._wanted:
            files += [path] if output.files_in is None else output.files_in(path)
        return files

    def write(self, result: Any) -> None:
        """Write all files. Raise UsageError if one cannot be written."""
        if self._curtain:
            result = result._replace(curtain=True)
        if self._bom:
            result = result._replace(bom=True)
        for output, path in self._wanted:
            output.write(result, path)


def with_outputs(
    command: Callable[..., Any], kinds: Sequence[Output] = OUTPUTS
) -> Callable[..., Any]:
    """Decorate a command with an option for each of `kinds`; it gets them as `outputs`."""

    @functools.wraps(command)
    def collected(*args: Any, **given: Any) -> Any:
        wanted = [(each, given.pop(each.option)) for each in kinds]
        asked = [(each, path) for each, path in wanted if path is not None]
        flags = {flag: bool(given.pop(flag, False)) for flag in ("curtain", "bom")}
        outputs = Outputs(asked, **flags)
        return command(*args, outputs=outputs, **given)

    if kinds is OUTPUTS:
        collected = click.option(
            "--bom", is_flag=True, help="The files of --csv begin with a byte order mark."
        )(collected)
        collected = click.option(
            "--curtain", is_flag=True, help="The page of --html asks before it reveals each step."
        )(collected)
    for output in reversed(kinds):
        collected = click.option(
            f"--{output.option}",
            type=click.Path(path_type=Path),
            metavar="DIR" if output.files_in is not None else "FILE",
            help=output.help,
        )(collected)
    return collected


def _require(output: Output) -> None:
    from importlib.util import find_spec

    if output.extra is not None and find_spec(output.module) is None:
        raise UsageError(
            tr(
                "--{option} needs {library}, which is not installed: "
                "pip install --editable '.[{extra}]'",
                option=output.option,
                library=output.module,
                extra=output.extra,
            )
        )
