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
    """Answer an exercise here, then see what is right. Nothing is revealed before the last answer.

    It shows your chart, the model's and the real machine's, and why the first error is one.
    """
    from commands.answering import answer

    return answer(file, answering)
