"""Decisions in the run document: there and back, and what is none."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from kernel.scheduling.explain import Decision
from sim import simulate
from tests.sim.cases import workload
from tests.sim.oracle.system import Job
from timeline.files.decisions import columns, plain
from timeline.files.document import write_run
from timeline.files.reading import read_run
from timeline.record.run import Run


def text_of(run: Run) -> str:
    stream = io.StringIO()
    write_run(run, stream)
    return stream.getvalue()


def explained() -> Run:
    jobs = [Job(0, (("cpu", 5),)), Job(2, (("cpu", 1), ("wait", 2), ("cpu", 1)))]
    return simulate(workload("srtf", jobs), explain=True)


def test_decisions_are_columns() -> None:
    document = json.loads(text_of(explained()))["decisions"]

    assert list(document) == ["at_ns", "core", "event", "process", "rule", "ready"]
    assert document["at_ns"][:3] == [0, 2, 2]
    assert document["event"][:3] == ["picked", "preempted", "picked"]
    assert document["process"][:3] == ["P1", "P1", "P2"]
    assert document["ready"][2] == [
        {"process": "P2", "remaining_ns": 1},
        {"process": "P1", "remaining_ns": 3},
    ]


def test_a_run_with_decisions_is_read_back_as_it_was_written() -> None:
    run = explained()
    again = read_run(json.loads(text_of(run)))

    assert again.decisions == run.decisions
    assert text_of(again) == text_of(run)


def test_without_explain_there_are_none() -> None:
    run = simulate(workload("fcfs", [Job(0, (("cpu", 1),))]))

    assert run.decisions is None
    assert "decisions" not in json.loads(text_of(run))


def test_null_is_none() -> None:
    document = json.loads(text_of(explained()))
    document["decisions"] = None
    assert read_run(document).decisions is None


@pytest.mark.parametrize(
    ("key", "written"),
    [
        (5, 5),
        (0.5, 0.5),
        (None, None),
        (True, True),
        ("a b", "a b"),
        (Fraction(1, 3), "1/3"),
        (2**70, str(2**70)),
        (float("nan"), "nan"),
        ([1, 2], "[1, 2]"),
        ("a\nb", "a\nb"),
    ],
)
def test_a_key_that_json_cannot_say_is_written_as_text(key: object, written: object) -> None:
    assert plain(key) == written


def test_a_policy_cannot_hide_which_process_was_ready() -> None:
    decision = Decision(0, 0, "picked", "A", "rule", (("A", {"process": "another"}),))
    assert columns([decision])["ready"] == [[{"process": "A"}]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.update(at_ns=7), "decisions.at_ns must be a list, not 7"),
        (lambda d: d["at_ns"].pop(), "the columns of decisions differ in length"),
        (lambda d: d["ready"].pop(), "the columns of decisions differ in length"),
        (lambda d: d.pop("rule"), "decisions.rule is missing"),
        (lambda d: d["at_ns"].__setitem__(0, -1), "decisions.at_ns has a time before the start"),
        (lambda d: d["at_ns"].__setitem__(0, "x"), "decisions.at_ns[0] must be a whole number"),
        (lambda d: d["core"].__setitem__(0, 3), "decisions.core has an unknown value 3"),
        (lambda d: d["event"].__setitem__(0, "x"), "decisions.event has an unknown value 'x'"),
        (lambda d: d["process"].__setitem__(0, "Q"), "decisions.process has an unknown value 'Q'"),
        (lambda d: d["ready"].__setitem__(0, 1), "decisions.ready[0] must be a list, not 1"),
        (lambda d: d["ready"][0].append(1), "decisions.ready[0] must be an object, not 1"),
        (lambda d: d["ready"][0].append({}), "decisions.ready[0].process is missing"),
        (
            lambda d: d["ready"][0].append({"process": "Q"}),
            "decisions.ready[0].process has an unknown value 'Q'",
        ),
        (
            lambda d: d["ready"][0].append({"process": "P1", "k": []}),
            "decisions.ready[0].k must be text or a whole number",
        ),
    ],
)
def test_damaged_decisions_are_refused(change: Callable[[Any], object], said: str) -> None:
    document = json.loads(text_of(explained()))
    change(document["decisions"])
    with pytest.raises(ValueError, match=f"^{re.escape(said)}"):
        read_run(document)
