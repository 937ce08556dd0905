"""The options of `sweep`, laid over the experiment of the scenario."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.clusters import dask_option
from commands.machines import as_on, no_wait
from commands.options import gathered, path_option
from kernel.errors import UsageError
from report.outputs import Output, with_outputs
from translation import tr

if TYPE_CHECKING:
    from commands.resolve import Host, OtherKernel
    from experiments.results.answer import Answer
    from language.schema.experiment import Experiment

_EXCLUDES = {"repeat": ("precision", "max"), "precision": ("repeat",), "batches": ("repeat",)}
"""Keys of the experiment that an option of the command line puts out of force."""


@dataclass(frozen=True)
class Swept:
    """The options that say what is run and measured, as the user typed them."""

    zip: tuple[str, ...] = ()
    where: str | None = None
    points: Path | None = None
    sample: str | None = None
    repeat: int | None = None
    precision: str | None = None
    confidence: str | None = None
    max: int | None = None
    measure: str | None = None
    warmup: str | None = None
    until: str | None = None
    batches: int | None = None
    percentiles: str | None = None

    def laid_over(self, written: Experiment, time_unit: int) -> Experiment:
        """Return the experiment of the scenario with these options in it. Raises UsageError."""
        from pydantic import ValidationError

        from language.schema.context import CheckContext
        from language.schema.experiment import Experiment

        given: dict[str, Any] = {
            field.name: value
            for field in fields(self)
            if field.name != "points" and (value := getattr(self, field.name)) not in (None, ())
        }
        if self.zip:
            given["zip"] = [group.split(",") for group in self.zip]
        context = CheckContext(0, 0, time_unit)
        try:
            options = Experiment.model_validate(given, context=context)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            said = first.get("ctx", {}).get("error", first["msg"])
            raise UsageError(f"--{first['loc'][0]}: {said}") from None
        gone = {key for name in given for key in _EXCLUDES.get(name, ()) if key not in given}
        if "sample" in given or self.points is not None:
            gone |= {"where", "zip"} - given.keys() if self.points is not None else set()
        update = {name: getattr(options, name) for name in given}
        defaults = Experiment()
        return written.model_copy(
            update={**{name: getattr(defaults, name) for name in gone}, **update}
        )

    def typed(self) -> str:
        """Return the options as one types them."""
        words = []
        for field in fields(self):
            value = getattr(self, field.name)
            for each in value if isinstance(value, tuple) else [value]:
                if each is not None:
                    words += [f"--{field.name}", str(each)]
        return shlex.join(words)


sweeps = gathered(
    Swept,
    "swept",
    [
        click.option(
            "--zip", multiple=True, metavar="A,B", help="Pair the values of keys: first with first."
        ),
        click.option(
            "--where",
            metavar="COND",
            help="Keep only points that meet this: quantum < 40ms or policy = fcfs.",
        ),
        path_option(
            "--points", "Read the points: a heading of keys, then a line for each point.", "CSV"
        ),
        click.option(
            "--sample",
            metavar="lhs:N",
            help="Take N points of a Latin hypercube, not all combinations.",
        ),
        click.option("--repeat", type=int, metavar="N", help="Make N replications of each point."),
        click.option(
            "--precision",
            metavar="P",
            help="Repeat until half-widths are below this share of the means, like 5%.",
        ),
        click.option(
            "--confidence", metavar="P", help="The confidence of the intervals (default: 95%)."
        ),
        click.option(
            "--max",
            type=int,
            metavar="N",
            help="With --precision: at most N replications (default: 500).",
        ),
        click.option(
            "--measure",
            metavar="NAMES",
            help="What to measure, like turnaround,waiting.p95,switches (see the docs).",
        ),
        click.option(
            "--warmup",
            metavar="D",
            help="Leave this time at the start out, like 5s, or auto (MSER-5).",
        ),
        click.option("--until", metavar="D", help="Measure up to this time, not to the end."),
        click.option("--batches", type=int, metavar="N", help="Cut one long run into N batches."),
        click.option(
            "--percentiles",
            metavar="P",
            help="Also print percentiles over replications, like 50%,95%.",
        ),
    ],
)
"""A decorator for a command, which gets these options as `swept`."""


@dataclass(frozen=True)
class Where:
    """Where the replications are made, and where the rows go."""

    jobs: int | None  # None: as many as there are processors
    dask: str | None  # the address of a scheduler, or `local`
    out: Path | None
    real: int | None  # real runs of each point
    no_wait: bool
    as_on: Path | None = None  # the profile of a machine, whose kernel the model takes

    def host(self) -> Host | OtherKernel:
        """Return the machine whose kernel sets what a scenario leaves open. Raises UsageError.

        With real runs it is this machine, as in `compare`.
        """
        from commands.resolve import Host, other_kernel

        if self.as_on is None:
            return Host.USUAL if self.real is None else Host.THIS
        if self.real is not None:
            raise UsageError(
                tr("--as-on: --real runs on this machine, not on another: leave one of them out")
            )
        return other_kernel(self.as_on)


_places = gathered(
    Where,
    "where",
    [
        click.option(
            "--jobs",
            type=click.IntRange(1, 1024),
            metavar="N",
            help="Use N worker processes (default: one for each processor); 1: none.",
        ),
        dask_option,
        path_option(
            "--out",
            "Append the rows to this file (.csv, .parquet); the same command goes on there.",
        ),
        click.option(
            "--real",
            type=click.IntRange(1, 1000),
            metavar="N",
            help="Also run each point N times on real processes, one run after the other.",
        ),
        no_wait,
        as_on,
    ],
)


def _html(answer: Answer, path: Path) -> None:
    from experiments.shown.page import save_answer_page

    save_answer_page(answer, path)


def _png(answer: Answer, path: Path) -> None:
    from experiments.shown.picture import save_answer_picture

    save_answer_picture(answer, path, "png")


def _svg(answer: Answer, path: Path) -> None:
    from experiments.shown.picture import save_answer_picture

    save_answer_picture(answer, path, "svg")


SWEEP_OUTPUTS = (
    Output("html", "Write one HTML page with the curves.", _html, extra="report", module="bokeh"),
    Output("png", "Write a picture for a slide.", _png, extra="plot", module="matplotlib"),
    Output("svg", "Write a picture for a paper.", _svg, extra="plot", module="matplotlib"),
)
"""The kinds of files that show the answer of a sweep."""


def places(command: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a command with the options of where a sweep runs and what it leaves."""
    full = click.option("--full", is_flag=True, help="Print all points of a long table.")
    return _places(with_outputs(full(command), SWEEP_OUTPUTS))
