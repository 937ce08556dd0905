"""What the front end asks of the model: a question and its answer are JSON.

In the static site the browser's own Python answers; see `playground/web/worker.js`. A question has
`do`, the name of what is asked, the texts of `files` by their names, in `file` the name of the
scenario, and in `language` that of the answer. If the user has changed a scenario that comes with
Multiprog, `shipped` is its text before that. What a file says is never trusted: every mistake
becomes a problem with its place, and nothing is executed but the classes of a policy that the user
has written.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kernel.errors import MultiprogError
from playground.limits import ALL, LIMITS, MOST_POLICIES
from translation import available, chosen, in_english, speaking, tr

if TYPE_CHECKING:
    from language import Loaded
    from report.result import Result
    from timeline.record.run import Run

LIBRARY = "<!-- Bokeh's script -->"
"""Stands in a page for Bokeh's script, which the browser has and this Python has not."""

Question = Mapping[str, Any]
Answer = dict[str, Any]


def answer(question: str) -> str:
    """Return the answer to a question. Both are JSON.

    The answer has either what was asked for, or `problems`: each has `line` and `column` (from 1;
    None: it has no place), the `file` and the `message`.
    """
    asked: Question = json.loads(question)
    with speaking(language_of(asked)), folder_of(asked.get("files") or {}):
        try:
            found = _ANSWERS[asked["do"]](asked)
        except MultiprogError as error:
            found = {"problems": problems_of(error)}
    return json.dumps(found)


def language_of(asked: Question) -> str:
    """Return the language in which the question is answered: the page's, if there is such a one."""
    language = asked.get("language")
    return language if language in available() else chosen()


def warm_up(*questions: str) -> None:
    """Answer first questions, so that all modules are loaded before the user asks one.

    `questions` are names of what is asked; none: only `simulate`.
    """
    text = "processes: [{name: A, cpu: 1ms}]"
    for each in questions or ("simulate",):
        answer(json.dumps({"do": each, "file": "a.yaml", "files": {"a.yaml": text}}))


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

    loaded = _without_foreign_expectations(_loaded(asked, policy), asked, policy)
    workload = resolve(loaded.workload, None, Host.USUAL)
    return simulated(workload, ALL, explain), loaded.remarks


def _without_foreign_expectations(loaded: Loaded, asked: Question, policy: str | None) -> Loaded:
    """Return a scenario without the expectations of the shipped one, if it means another run.

    A slider changes the numbers, but not what was expected of them. Expectations that the user has
    changed are kept.
    """
    from language import Options
    from language.loading import load_text

    shipped = asked.get("shipped")
    if not isinstance(shipped, str) or loaded.workload.expect is None:
        return loaded
    try:
        before = load_text(str(asked["file"]), shipped, Options(policy=policy, limits=LIMITS))
    except MultiprogError:
        return loaded
    if before.workload.expect != loaded.workload.expect or _same_run(before, loaded):
        return loaded
    said = tr("expect is not checked: it was written for the lesson before your changes")
    return replace(
        loaded,
        workload=replace(loaded.workload, expect=None),
        remarks=[*loaded.remarks, said],
    )


def _same_run(first: Loaded, second: Loaded) -> bool:
    """Return whether two scenarios differ at most in texts, such as the title."""
    bare = [replace(each.workload, expect=None, source={}) for each in (first, second)]
    return bare[0] == bare[1]


def _shown(asked: Question) -> tuple[Result, list[str]]:
    """Return the runs that are shown side by side, one for each policy, and the remarks."""
    from report.result import Result

    policies = (asked.get("policies") or [None])[:MOST_POLICIES]
    found = [_simulated(asked, policy, explain=True) for policy in policies]
    remarks = dict.fromkeys(remark for _, remarks in found for remark in remarks)
    return Result([run for run, _ in found]), list(remarks)


def _simulate(asked: Question) -> Answer:
    """Return the parts of the page that shows the run of each policy."""
    from report.page.document import parts_of

    result, remarks = _shown(asked)
    return {"page": parts_of(result)._asdict(), "remarks": remarks}


def _page(asked: Question) -> Answer:
    """Return the page that `simulate --html` writes, and where in it Bokeh's script belongs."""
    from report.page.document import page

    result, _ = _shown(asked)
    return {"page": page(result, LIBRARY), "library": LIBRARY}


def _predict(asked: Question) -> Answer:
    from playground.predicting import empty_chart

    return empty_chart(asked)


def _grade(asked: Question) -> Answer:
    from playground.predicting import graded_chart

    return graded_chart(asked)


def _numbers(asked: Question) -> Answer:
    from playground.curve import numbers_of

    return numbers_of(asked)


def _curve(asked: Question) -> Answer:
    from playground.curve import curve

    return curve(asked)


def _document(asked: Question) -> Answer:
    """Return the saved run of a scenario: the text that `simulate --json` prints."""
    from timeline.files.document import write_run

    with in_english():  # programs read it
        run, _ = _simulated(asked, None, explain=False)
        stream = io.StringIO()
        write_run(run, stream)
    return {"document": stream.getvalue()}


def _schema(_asked: Question) -> Answer:
    from language import json_schema

    return {"schema": _explained(json_schema())}


def _explained(part: Any) -> Any:
    """Return a part of the schema, with what explains keys in the language in use."""
    if isinstance(part, list):
        return [_explained(each) for each in part]
    if not isinstance(part, dict):
        return part
    said = part.get("description")
    rest = {key: _explained(value) for key, value in part.items()}
    return {**rest, "description": tr(said)} if isinstance(said, str) else rest


_ANSWERS: Mapping[str, Callable[[Question], Answer]] = {
    "check": _check,
    "simulate": _simulate,
    "document": _document,
    "page": _page,
    "predict": _predict,
    "grade": _grade,
    "numbers": _numbers,
    "curve": _curve,
    "schema": _schema,
}
