"""The command `exercise`."""

from __future__ import annotations

from pathlib import Path

import click

from commands.exercises import Posing, poses
from commands.names import EXERCISES, scenario_argument
from commands.spoken import Spoken
from commands.statuses import DONE


@click.command("exercise", cls=Spoken)
@scenario_argument(first=EXERCISES)
@poses
def command(file: Path, posing: Posing) -> int:
    """Pose an exercise, with other numbers for each student. Print what is given and what is asked.

    With --solution print the answers, the chart and each decision; the sheet shows none of these.
    """
    posing.check(file)
    if posing.export is not None:
        from commands.exports import export_exercise

        return export_exercise(file, posing)
    if posing.students is not None:
        from commands.class_sheets import write_for_class

        return write_for_class(file, posing)
    if posing.prove is not None:
        return posing.proof(file)
    posing.deliver(posing.posed(file))
    return DONE
