"""Decisions on the terminal: when, who, out of whom, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from kernel.scheduling.explain import Decision
from report.sections.decisions import MOST_DECISIONS, MOST_READY, show_decisions
from report.terminal.run import show_run
from tests.report.runs import MS, Row, make_run, piped, printed
from timeline.record.run import Run

ROWS: list[Row] = [
    ("A", "running", 0, 30),
    ("B", "ready", 0, 30),
    ("B", "running", 30, 60),
]


def decision(at: float, process: str, event: str = "picked", **more: Any) -> Decision:
    ready = more.pop("ready", ((process, {"remaining_ns": 30 * MS}),))
    rule = more.pop("rule", "the least remaining burst")
    return Decision(round(at * MS), more.pop("core", 0), event, process, rule, tuple(ready))


def explained(decisions: Sequence[Decision] | None) -> Run:
    return make_run(ROWS, decisions=decisions)


def shown(*decisions: Decision, width: int = 80, encoding: str = "utf-8", cores: int = 1) -> str:
    run = explained(list(decisions))
    run = replace(run, cores=run.cores * cores)
    console = piped(width, encoding)
    show_decisions(run, console)
    return printed(console)


BOTH = (("A", {"remaining_ns": 30 * MS}), ("B", {"remaining_ns": 12_500_000, "level": 2}))


def test_a_decision_says_when_who_out_of_whom_and_by_what() -> None:
    lines = shown(decision(0, "A", ready=BOTH), decision(12.5, "B", "preempted")).splitlines()

    assert lines[0] == "Decisions, by the rule: the least remaining burst (times in ms)"
    assert lines[1] == "  at  decision        ready queue"
    assert lines[3] == " 0.0  A runs          A remaining 30ms; B remaining 12.5ms, level 2"
    assert lines[4] == "12.5  B is preempted  B remaining 30ms"


def test_several_cores_are_told_apart() -> None:
    text = shown(decision(0, "A", core=1), cores=2)
    assert "at  core  decision" in text
    assert " 0     1  A runs" in text


def test_where_rules_differ_each_decision_has_its_own() -> None:
    text = shown(decision(0, "A", rule="the first"), decision(5, "B", rule="the last"))
    assert "A remaining 30ms; by the first" in text
    assert "B remaining 30ms; by the last" in text


def test_a_key_that_has_no_value_is_none() -> None:
    assert "A laxity none" in shown(decision(0, "A", ready=[("A", {"laxity_ns": None})]))


def test_of_many_ready_processes_some_are_shown_and_the_chosen_one_always() -> None:
    ready = [(f"P{i}", {"level": i}) for i in range(100)]
    text = shown(decision(0, "P77", ready=ready))

    assert "P0 level 0;" in text
    assert "P77 level 77;" in text
    assert f"and {100 - MOST_READY} more" in text


def test_of_many_decisions_the_first_are_shown() -> None:
    text = shown(*[decision(at, "A") for at in range(1000)])

    assert text.count("A runs") == MOST_DECISIONS
    assert f"the first {MOST_DECISIONS} of 1,000 decisions" in text
    assert "--json and --out have all of them" in text


def test_a_very_long_rule_or_key_is_cut() -> None:
    ready = [("A", {"remaining_ns": "x" * 2_000_000})]

    assert len(shown(decision(0, "A", ready=ready, rule="y" * 2_000_000))) < 2_000
    assert len(shown(decision(0, "A", ready=ready), decision(5, "B", rule="y" * 2_000_000))) < 4_000


def test_a_run_without_decisions_says_so_only_if_they_were_asked_for() -> None:
    assert "There was nothing to decide." in shown()
    console = piped()
    show_decisions(explained(None), console)
    assert printed(console) == ""


def test_decisions_follow_the_timeline() -> None:
    console = piped()
    show_run(explained([decision(0, "A")]), console)
    text = printed(console)
    assert text.index("core 0") < text.index("Decisions") < text.index("Processes")


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_console(width: int) -> None:
    ready = [(f"a-long-name-{i}", {"remaining_ns": 123_456_789}) for i in range(9)]
    text = shown(decision(123.456, "a-long-name-0", ready=ready), width=width)
    assert max(map(len, text.splitlines())) <= width


def test_an_old_terminal_gets_ascii_only() -> None:
    long = "a-very-long-name-that-has-to-be-cut"
    assert shown(decision(0, long), encoding="latin-1").isascii()


def test_what_a_policy_says_does_not_move_the_cursor() -> None:
    text = shown(decision(0, "A", rule="\x1b[2J", ready=[("A", {"key": "\x1b[2J\r"})]))
    assert not set("\x1b\r") & set(text)


@pytest.mark.parametrize(
    ("scheduler", "stays"),
    [
        ({"policy": "srtf"}, True),
        ({"policy": "srtf", "newcomer": "preempts"}, False),
        ({"policy": "priority", "preemptive": True}, True),
        ({"policy": "priority", "preemptive": False}, False),
        ({"policy": "sjf"}, False),
        ({"policy": "own.py:Own"}, False),
    ],
)
def test_why_the_running_process_stays_beside_an_equal_one(
    scheduler: dict[str, Any], stays: bool
) -> None:
    console = piped(80)
    show_decisions(replace(explained([decision(0, "A")]), scheduler=scheduler), console)
    said = "A process that becomes ready with the same key as the running process does not"
    assert (said in printed(console)) is stays
