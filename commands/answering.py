"""The command `answer`: ask the questions of an exercise, then show what is right, and why."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands import machines
from commands.machines import Handling
from commands.options import gathered, path_option, variant_options
from commands.statuses import DONE, FAILED
from kernel.errors import UsageError
from translation import tr

if TYPE_CHECKING:
    from rich.console import Console

    from language.answers import Written
    from teaching.posed import Posed
    from timeline.record.core_chart import Lane
    from timeline.record.run import Run

LONGEST_REAL = 1_500_000_000
"""ns that a stretched real run may take in the model. A longer scenario is not stretched."""
STRETCHES = (50, 20, 10, 5, 2)


@dataclass(frozen=True)
class Answering:
    """The options of `answer`. None: not given."""

    seed: int | None = None
    student: str | None = None
    no_real: bool = False
    check_file: Path | None = None


answers = gathered(
    Answering,
    "answering",
    [
        *variant_options(),
        click.option("--no-real", is_flag=True, help="Do not run the exercise on real processes."),
        path_option("--check-file", "Only say whether the answer file FILE is right."),
    ],
)
"""A decorator for the command `answer`, which gets these options as `answering`."""


def answer(file: Path, answering: Answering) -> int:
    """Ask, reveal, and return the exit status. Raises UsageError."""
    if answering.check_file is not None:
        if answering.seed is not None or answering.student is not None:
            raise UsageError(
                tr(
                    "answer: the check file says which variant it is for: leave out --seed and "
                    "--student"
                )
            )
        return _checked(file, answering.check_file)
    from commands.exercises import Posing
    from report.base.screen import console

    posing = Posing(seed=answering.seed, student=answering.student)
    posing.check(file)
    posed = posing.posed(file)
    screen = console()
    written = _asked(posed, screen)
    _reveal(posed, written, screen, real=not answering.no_real)
    return DONE


def _checked(file: Path, check: Path) -> int:
    """Say whether an answer file is right, by a check file. Return 0 if it is."""
    from language.answers import parse_answer
    from teaching.check_file import CheckFile

    checker = CheckFile(check)
    written = checker.read(parse_answer(file))
    for problem in written.problems:
        click.echo(str(problem), err=True)
    if written.problems:
        return FAILED
    missing = checker.missing(written)
    if missing:
        click.echo(tr("not filled in: {questions}", questions=", ".join(missing)))
        return FAILED
    right = checker.holds(written)
    click.echo(tr("all answers are right") if right else tr("not all answers are right"))
    return DONE if right else FAILED


# -- asking ----------------------------------------------------------------------------------------


def _asked(posed: Posed, screen: Console) -> Written:
    """Show what is given, then ask each question. The end of the input ends the questions."""
    from teaching.asking import Asking
    from teaching.sheet.content import given_blocks, question_blocks
    from teaching.sheet.terminal import show

    show(given_blocks(posed, None), screen)
    click.echo(
        tr("An empty line leaves a question open. Nothing is revealed before the last one.") + "\n"
    )
    asking = Asking(posed, _line, click.echo)
    for asked in posed.asked:
        show(question_blocks(asked, posed), screen)
        if not asking.ended:
            asking.question(asked)
        click.echo()
    return asking.written()


def _line(prompt: str) -> str | None:
    """Return a line that the user types, or None at the end of the input."""
    try:
        if sys.stdin.isatty():
            return input(prompt)
        click.echo(prompt, nl=False)
        line = sys.stdin.readline()
    except EOFError:
        click.echo()
        return None
    except UnicodeDecodeError:
        raise UsageError(tr("the input is not UTF-8")) from None
    click.echo(line.rstrip("\n"))
    return line.rstrip("\n") if line else None


# -- revealing -------------------------------------------------------------------------------------


def _reveal(posed: Posed, written: Written, screen: Console, *, real: bool) -> None:
    """Show the three lanes, the marks with the right values, and why the first error is one."""
    from report.base.printing import BOLD, say
    from teaching.first_error import first_error
    from teaching.formats.text import lines_of
    from teaching.grading import Grader
    from teaching.lanes import run_of, show_lanes
    from timeline.record.core_chart import core_chart, joined

    lanes = {core: joined(lane) for core, lane in (written.get("gantt") or {}).items()}
    charts: dict[str, Run] = {tr("yours"): run_of(lanes, posed.run)} if lanes else {}
    model: dict[int, Lane] = dict(enumerate(core_chart(posed.run)))
    charts[tr("model")] = run_of(model, posed.run)
    if real:
        found = _really(posed)
        if found is not None:
            charts[tr("real")] = run_of(found, posed.run)
    show_lanes(charts, screen)
    marks = Grader(posed).judged(written, tr("You"), reveal=True)
    for line in lines_of(marks):
        say(screen, line)
    why = first_error(posed, lanes) if lanes else None
    if why is not None:
        say(screen, tr("The first thing that is wrong"), BOLD)
        say(screen, why)


def _really(posed: Posed) -> dict[int, Lane] | None:
    """Return the chart of a real run in the model's time; None, with a remark, if it cannot be.

    A scenario in bare numbers is stretched, so that a unit is longer than what a switch takes.
    """
    from commands.elsewhere import require_linux
    from commands.prices import known_price
    from commands.resolve import Host, resolve
    from language.source.limits import in_force
    from timeline.record.core_chart import core_chart

    unit = posed.right.time_unit
    factor = next((f for f in STRETCHES if f * posed.run.makespan_ns <= LONGEST_REAL), 1)
    stretched = posed.file.stretched(posed.variant, unit * factor)
    if stretched.demand != factor * posed.variant.demand:  # not all is in bare numbers
        stretched, factor = posed.variant, 1
    limits, handling = in_force(()), Handling()
    workload = resolve(replace(stretched.workload, expect=None), None, Host.THIS)
    try:
        require_linux(tr("a real run"))
        machines.check_real_run(workload, limits, handling, live=False)
        with machines.alone(handling.no_wait) as host:
            run = machines.really_run(
                workload, limits, handling, False, price=known_price(workload), host=host
            )
    except UsageError as error:
        click.echo(tr("no real run: {error}", error=error), err=True)
        return None
    if factor > 1:
        click.echo(
            tr(
                "the real run was {factor} times as slow as the model; it is drawn to the "
                "model's time scale",
                factor=factor,
            ),
            err=True,
        )
    return {
        core: [(name, start // factor, end // factor) for name, start, end in lane]
        for core, lane in enumerate(core_chart(run))
    }
