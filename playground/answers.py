"""What the front end asks of the model: a question and its answer are JSON.

In the static site the browser's own Python answers; see `playground/web/worker.js`. A question has
`do`, the name of what is asked, the texts of `files` by their names, and in `file` the name of the
scenario. What a file says is never trusted: every mistake becomes a problem with its place,
and nothing is executed but the classes of a policy that the user has written.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kernel.errors import MultiprogError
from language.source.limits import LIMITS as KNOWN_LIMITS

if TYPE_CHECKING:
    from language import Loaded
    from timeline.record.run import Run

LIMITS = {"processes": 10_000, "steps": 200_000, "slices": 200_000}
"""Limits in a browser: a run must come to its end while the user waits for it."""
MOST_POLICIES = 6

Question = Mapping[str, Any]
Answer = dict[str, Any]


def answer(question: str) -> str:
    """Return the answer to a question. Both are JSON.

    The answer has either what was asked for, or `problems`: each has `line` and `column` (from 1;
    None: it has no place), the `file` and the `message`.
    """
    asked: Question = json.loads(question)
    with folder_of(asked.get("files") or {}):
        try:
            found = _ANSWERS[asked["do"]](asked)
        except MultiprogError as error:
            found = {"problems": problems_of(error)}
    return json.dumps(found)


def warm_up() -> None:
    """Answer a first question, so that all modules are loaded before the user asks one."""
    text = "processes: [{name: A, cpu: 1ms}]"
    answer(json.dumps({"do": "simulate", "file": "a.yaml", "files": {"a.yaml": text}}))


@contextmanager
def folder_of(files: Mapping[str, str]) -> Iterator[None]:
    """Work in a new folder with these files. Their names are paths below it."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as name:
        for file, text in files.items():
            path = Path(name, *(part for part in Path(file).parts if part.strip("./")))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        os.chdir(name)
        try:
            yield
        finally:
            os.chdir(before)


def problems_of(error: MultiprogError) -> list[Answer]:
    """Return the problems of an error, in the order of the file."""
    from language import ScenarioError

    if not isinstance(error, ScenarioError):
        return [{"file": "", "line": None, "column": None, "message": str(error)}]
    return [
        {
            "file": problem.file,
            "line": problem.line,
            "column": problem.column,
            "message": ": ".join(part for part in (problem.path, problem.message) if part),
        }
        for problem in error.problems
    ]


def _loaded(asked: Question, policy: str | None = None) -> Loaded:
    from language import Options, load

    sets = tuple(asked.get("sets") or ())
    return load(str(asked["file"]), Options(policy=policy, sets=sets, limits=LIMITS))


def _check(asked: Question) -> Answer:
    """Return the remarks on a scenario without mistakes."""
    return {"problems": [], "remarks": _loaded(asked).remarks}


def _simulated(asked: Question, policy: str | None, *, explain: bool) -> tuple[Run, list[str]]:
    """Return the run of a scenario as `simulate` makes it, and the remarks."""
    from commands.machines import simulated
    from commands.resolve import Host, resolve

    loaded = _loaded(asked, policy)
    workload = resolve(loaded.workload, None, Host.USUAL)
    return simulated(workload, {**KNOWN_LIMITS, **LIMITS}, explain), loaded.remarks


def _simulate(asked: Question) -> Answer:
    """Return the parts of the page that shows the run of each policy."""
    from report.page.document import parts_of
    from report.result import Result

    policies = (asked.get("policies") or [None])[:MOST_POLICIES]
    found = [_simulated(asked, policy, explain=True) for policy in policies]
    parts = parts_of(Result([run for run, _ in found]))
    remarks = dict.fromkeys(remark for _, remarks in found for remark in remarks)
    return {"page": parts._asdict(), "remarks": list(remarks)}


def _document(asked: Question) -> Answer:
    """Return the saved run of a scenario: the text that `simulate --json` prints."""
    from timeline.files.document import write_run

    run, _ = _simulated(asked, None, explain=False)
    stream = io.StringIO()
    write_run(run, stream)
    return {"document": stream.getvalue()}


def _schema(_asked: Question) -> Answer:
    from language import json_schema

    return {"schema": json_schema()}


_ANSWERS: Mapping[str, Callable[[Question], Answer]] = {
    "check": _check,
    "simulate": _simulate,
    "document": _document,
    "schema": _schema,
}
