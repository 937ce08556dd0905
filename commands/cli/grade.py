"""The command `grade`."""

from __future__ import annotations

from pathlib import Path

import click

from commands.grading import Grading, grades
from commands.names import EXERCISES, scenario_argument
from commands.spoken import Argument, Spoken


@click.command("grade", cls=Spoken)
@scenario_argument("exercise", EXERCISES)
@click.argument("answers", cls=Argument, nargs=-1, required=True, type=click.Path(path_type=Path))
@grades
def command(exercise: Path, answers: tuple[Path, ...], grading: Grading) -> int:
    """Grade answers, and name the misconceptions behind wrong ones.

    ANSWERS are files, or folders of files; each answers the variant of its student. A wrong answer
    is compared with the answers that known misconceptions lead to.
    """
    from commands.grading import grade

    return grade(exercise, answers, grading)
