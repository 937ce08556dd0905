"""The command `answer`."""

from __future__ import annotations

from pathlib import Path

import click

from commands.answering import Answering, answers
from commands.names import EXERCISES, scenario_argument
from commands.spoken import Spoken


@click.command("answer", cls=Spoken)
@scenario_argument(first=EXERCISES)
@answers
def command(file: Path, answering: Answering) -> int:
    """Answer an exercise in the terminal, then see the right answers.

    Nothing is revealed before the last answer. Then your chart, the model's chart and the chart of
    a real run are shown, with the right answers and an explanation of your first error.
    """
    from commands.answering import answer

    return answer(file, answering)
