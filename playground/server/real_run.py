"""The child that makes one real run, or a comparison with the model.

stdin has one question, as for `playground.answers`; `do` is `run-real` or `compare`. The answer is
one JSON object: the parts of the page and the saved run, or problems. Progress is on stderr, as
that of the commands.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from kernel.errors import MultiprogError
from playground.answers import Answer, Question, folder_of, language_of, problems_of
from playground.server.child import live
from report.outputs import Output, Outputs
from report.result import Result
from translation import choose


def _answer_one(answers: TextIO) -> int:
    asked: Question = json.loads(sys.stdin.read())
    choose(language_of(asked))
    status = 0
    with folder_of(asked["files"]):
        try:
            found = _MAKING[asked["do"]](asked)
        except MultiprogError as error:
            found, status = {"problems": problems_of(error)}, error.exit_status
    json.dump(found, answers)
    answers.close()
    return status


def _run_real(asked: Question) -> Answer:
    """Run the scenario on real processes, under each policy."""
    from commands.real_runs import real_runs
    from timeline.files.document import write_run, write_runs

    runs = real_runs(Path(asked["file"]), **_options(asked))
    document = io.StringIO()
    if len(runs) == 1:
        write_run(runs[0], document)
    else:
        write_runs(runs, None, document)
    return _shown(Result(runs), document)


def _compare(asked: Question) -> Answer:
    """Run the model, then real processes, and compare the two."""
    from commands.compared import concluded, model_and_real_runs
    from timeline.files.document import write_runs

    how = _options(asked)
    compared = model_and_real_runs(
        Path(asked["file"]), 1, how["asked"], None, how["handling"], how["shown"]
    )
    first, second = compared.first, compared.others[0]
    comparison = None
    if first.process_names == second.process_names:  # else it was stopped before all had started
        comparison, _ = concluded(compared, repeated=False)
    document = io.StringIO()
    told = None if comparison is None else comparison.to_json()
    write_runs([first, second], told, document)
    return _shown(Result([first, second], comparison), document)


def _options(asked: Question) -> dict[str, Any]:
    """Return the options with which the commands would do this, by their names."""
    from commands.asked import Asked
    from commands.machines import Handling
    from commands.shown import Shown

    page = Output("page", "", _not_written, decides=True)
    shown = Shown(
        explain=True,
        live=False,
        step=False,
        as_json=False,
        out=None,
        full=False,
        latency=False,
        outputs=Outputs([(page, Path("page"))]),
    )
    policies = ",".join(asked.get("policies") or []) or None
    sets = tuple(asked.get("sets") or ())
    return {
        "asked": Asked(policy=policies, sets=sets),
        "handling": Handling(),
        "shown": shown,
    }


def _not_written(_result: Any, _path: Path) -> None:
    """Do nothing: the page is shown by the browser, and needs decisions as one in a file."""


def _shown(result: Result, document: io.StringIO) -> Answer:
    from report.page.document import parts_of

    stopped = next((run.stopped for run in result.runs if run.stopped), None)
    return {
        "page": parts_of(result)._asdict(),
        "document": document.getvalue(),
        "stopped": stopped,
        "remarks": [],
    }


_MAKING: Mapping[str, Any] = {"run-real": _run_real, "compare": _compare}
KINDS = tuple(_MAKING)


def main() -> None:
    """Answer the one question."""
    live(_answer_one)
