"""Each check of an assignment says what is wrong first, and nothing of a run that is right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from kernel.policies import POLICIES
from kernel.units import ms
from kernel.workload import SchedulerSpec
from language.schema.assignment import Check
from language.schema.context import CheckContext
from sim import simulate
from teaching.assignment.cases import CPU_STEP, Case, Task
from teaching.assignment.checks import Held, wrong
from teaching.assignment.kinds import case_of
from timeline.record.run import Run

RR = SchedulerSpec("rr", POLICIES["rr"], {"quantum": ms(20)})
PAIR = Case(
    "plain",
    1,
    (
        Task("A", 0, ((CPU_STEP, ms(60)),), priority=5, tickets=100),
        Task("B", ms(10), ((CPU_STEP, ms(40)),), priority=1, tickets=300),
    ),
)


def under(policy: str, case: Case, **parameters: Any) -> Run:
    kind = POLICIES[policy]
    spec = SchedulerSpec(policy, kind, kind.parameters() | parameters)
    return simulate(case.workload(spec))


def said(written: Mapping[str, Any], policy: str, case: Case = PAIR, **parameters: Any) -> str:
    """Return what a check says of the run of a case under a policy; rr is the model solution."""
    check = Check.model_validate(dict(written), context=CheckContext(1, 1))
    held = Held(
        under(policy, case, **parameters),
        simulate(case.workload(RR)),
        lambda name: under(name, case),
        RR,
        {task.name: task.tickets for task in case.tasks},
        {task.name: task.priority for task in case.tasks},
    )
    return wrong(check, held)


@pytest.mark.parametrize(
    ("check", "policy", "words"),
    [
        ({"same_schedule": True}, "rr", ""),
        ({"same_schedule": True}, "fcfs", "At 20ms your policy runs A; rr runs B."),
        ({"longest_wait": "20ms"}, "rr", ""),
        ({"longest_wait": "20ms"}, "fcfs", "B is ready from 10ms to 60ms and does not run: 50ms."),
        ({"priorities": "always"}, "priority", ""),
        (
            {"priorities": "always"},
            "rr",
            "At 10ms A runs (priority 5), and B is ready (priority 1).",
        ),
        ({"priorities": "when-picked"}, "fcfs", ""),
        (
            {"priorities": "when-picked"},
            "rr",
            "At 40ms A runs (priority 5), and B is ready (priority 1).",
        ),
        ({"turnaround": 1, "of": "srtf"}, "srtf", ""),
        (
            {"turnaround": 1, "of": "srtf"},
            "rr",
            "The mean turnaround is 85ms; srtf has 70ms, and 1 times that is 70ms.",
        ),
        ({"response": 2, "of": "rr"}, "rr", ""),
        (
            {"response": 2, "of": "rr"},
            "fcfs",
            "The mean response is 25ms; rr has 5ms, and 2 times that is 10ms.",
        ),
    ],
)
def test_a_check_says_what_is_wrong(check: Mapping[str, Any], policy: str, words: str) -> None:
    assert said(check, policy) == words


def test_shares_are_those_of_tickets() -> None:
    case = case_of("shares", 1, 2, ms(10))
    assert said({"shares": "3%", "on": ["shares"]}, "stride", case) == ""
    assert "tickets" in said({"shares": "3%", "on": ["shares"]}, "rr", case)


def test_the_largest_priority_is_best_if_the_scheduler_says_so() -> None:
    check = Check.model_validate({"priorities": "always"}, context=CheckContext(1, 1))
    spec = SchedulerSpec("priority", POLICIES["priority"], {"highest": "large"})
    run = simulate(PAIR.workload(spec))
    held = Held(run, run, lambda _: run, spec, {"A": 1, "B": 1}, {"A": 5, "B": 1})
    assert wrong(check, held) == ""
