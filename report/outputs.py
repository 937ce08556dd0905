"""Files that show a result: an option of the commands for each; checked first, written last.

What cannot work, a library that is not there or a file that cannot be written, is said before the
run begins. To add one, add an `Output` to OUTPUTS; its writer is imported when it is used.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from kernel.errors import UsageError

if TYPE_CHECKING:  # each command loads what it needs, when it needs it
    from timeline.compare import Comparison
    from timeline.run import Run


class Result(NamedTuple):
    """What a command came to: one run, or several; two of them may have been compared."""

    runs: Sequence[Run]
    comparison: Comparison | None = None


class Output(NamedTuple):
    """One kind of file. `write` may raise UsageError."""

    option: str  # without the dashes
    help: str
    write: Callable[[Result, Path], None]
    extra: str | None = None  # of pip, if it needs a library that is not always there
    module: str = ""  # that library, as it is imported
    decides: bool = False  # it shows decisions, so they are to be recorded
    folder: bool = False  # it writes several files into a folder, which it makes


def _html(result: Result, path: Path) -> None:
    from report.page import write_page

    write_page(result, path)


def _png(result: Result, path: Path) -> None:
    from report.picture import save_picture

    save_picture(result.runs, result.comparison, path, "png")


def _svg(result: Result, path: Path) -> None:
    from report.picture import save_picture

    save_picture(result.runs, result.comparison, path, "svg")


def _perfetto(result: Result, path: Path) -> None:
    from report.perfetto import save_trace

    save_trace(result.runs, path)


def _csv(result: Result, path: Path) -> None:
    from report.csv_tables import save_tables

    save_tables(path, result.runs)


OUTPUTS = (
    Output(
        "html",
        "One page to look at, whole in itself.",
        _html,
        extra="report",
        module="bokeh",
        decides=True,
    ),
    Output("png", "A picture for a slide.", _png, extra="plot", module="matplotlib"),
    Output("svg", "A picture for a paper.", _svg, extra="plot", module="matplotlib"),
    Output("perfetto", "A trace for ui.perfetto.dev.", _perfetto, decides=True),
    Output("csv", "Tables for pandas or DuckDB.", _csv, decides=True, folder=True),
)


class Outputs:
    """The files that were asked for on one command line."""

    def __init__(self, wanted: Sequence[tuple[Output, Path]]) -> None:
        self._wanted = wanted

    @property
    def wanted(self) -> bool:
        """Whether there are any."""
        return bool(self._wanted)

    @property
    def decides(self) -> bool:
        """Whether any of them shows decisions."""
        return any(output.decides for output, _ in self._wanted)

    def check(self, *others: Path | None, reads: Iterable[Path] = ()) -> None:
        """Before the run: are the libraries there, and can the files be written?

        `others` are further files that the command will write; what it `reads` it must not write
        over. Raises UsageError.
        """
        read = {_place(path) for path in reads}
        for output, _ in self._wanted:
            _require(output)
        files = [path for path in others if path is not None]
        files += [path for output, path in self._wanted if not output.folder]
        for path in files:
            require_writable(path)  # first: in a folder that we may not enter nothing can be seen
            if _is_file(path) and _place(path) in read:
                raise UsageError(f"{path}: is what this reads; must be another file")
            if _is_file(path) and [_place(each) for each in files].count(_place(path)) > 1:
                raise UsageError(f"{path}: is given twice, and can hold only one of the results")
        for output, path in self._wanted:
            if output.folder:
                require_writable_folder(path)

    def write(self, result: Result) -> None:
        """Write them all. Raises UsageError if one cannot be written after all."""
        for output, path in self._wanted:
            output.write(result, path)


def with_outputs(command: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a command with an option for each output; it gets them as `outputs`."""

    @functools.wraps(command)
    def collected(*args: Any, **given: Any) -> Any:
        wanted = [(each, given.pop(each.option)) for each in OUTPUTS]
        outputs = Outputs([(each, path) for each, path in wanted if path is not None])
        return command(*args, outputs=outputs, **given)

    for output in reversed(OUTPUTS):
        collected = click.option(
            f"--{output.option}",
            type=click.Path(path_type=Path),
            metavar="DIR" if output.folder else "FILE",
            help=output.help,
        )(collected)
    return collected


def require_writable(path: Path) -> None:
    """Raises UsageError unless a file can be written at `path`. It is not touched."""
    try:
        if path.is_dir():
            raise UsageError(f"{path}: is a folder; must be the name of a file")
        place = path if path.exists() and not path.is_file() else path.parent
        if not place.exists():
            raise UsageError(f"{path}: cannot be written: there is no folder {place}")
        if not os.access(place, os.W_OK):
            raise UsageError(f"{path}: cannot be written: you may not write to {place}")
        if place == path.parent and not place.is_dir():
            raise UsageError(f"{path}: cannot be written: {place} is not a folder")
        if len(os.fsencode(path.name)) > _longest_name(place):
            raise UsageError(f"{path}: cannot be written: the name is too long")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from None


def require_writable_folder(path: Path) -> None:
    """Raises UsageError unless files can be written in a folder at `path`, which may have to be
    made. It is not touched."""
    try:
        if path.exists() and not path.is_dir():
            raise UsageError(f"{path}: is a file; must be a folder, or a name for a new one")
        there = path if path.exists() else path.parent
        if not there.is_dir():
            raise UsageError(f"{path}: cannot be written: there is no folder {there}")
        if not os.access(there, os.W_OK):
            raise UsageError(f"{path}: cannot be written: you may not write to {there}")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from None


def _require(output: Output) -> None:
    from importlib.util import find_spec

    if output.extra is not None and find_spec(output.module) is None:
        raise UsageError(
            f"--{output.option} needs {output.module}, which is not installed: "
            f"pip install --editable '.[{output.extra}]'"
        )


def _is_file(path: Path) -> bool:
    return path.is_file() or not path.exists()  # but not /dev/null, a pipe


def _place(path: Path) -> str:
    return os.path.realpath(path)


def _longest_name(folder: Path) -> int:
    """Bytes; saving needs some for itself."""
    return os.pathconf(folder, "PC_NAME_MAX") - len(f"..{os.getpid()}")
