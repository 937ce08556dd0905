"""Lists of what there is."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

import pytest

from kernel.policies import POLICIES
from kernel.scheduling import Duration, Policy, ms
from language import load
from report.terminal.listing import (
    Listed,
    defined_in,
    fragment,
    show_lessons,
    show_policies,
    show_policy,
    stated_in,
)
from tests.paths import DOCS
from tests.report.runs import piped, printed

PAGE = DOCS / "policies.md"


class Mine(Policy):
    """Nobody, ever. Good for tests."""

    colour: Literal["red", "blue"] = "red"
    patience: Duration | None = None
    steps: list[Duration] = [ms(1), ms(2)]
    seen: ClassVar[int] = 0


def test_policies_are_listed_with_what_they_do_and_their_parameters() -> None:
    console = piped()
    show_policies(POLICIES, console)

    text = printed(console)
    assert "Every ready process runs in turn" in text
    assert "quantum: 20ms" in text
    assert "preemptive: true (true or false)" in text
    assert "highest: small (small or large)" in text
    assert max(map(len, text.splitlines())) <= 80


def test_lessons_are_listed_below_their_heading_with_level_and_title() -> None:
    console = piped()
    lessons = [Listed("overlap", "beginner", "I/O overlaps"), Listed("mine", "", "My own")]
    show_lessons({"I/O": lessons}, console, "multiprog", Path("scenarios"))

    assert printed(console).splitlines() == [
        "I/O",
        "  overlap (beginner)",
        "    I/O overlaps",
        "  mine",
        "    My own",
        "",
        "Run one by its name: multiprog simulate overlap",
        "The files are in scenarios",
    ]


def told(name: str, policy: type[Policy], where: str = "here") -> str:
    console = piped()
    show_policy(name, policy, where, console)
    return printed(console)


def test_one_policy_is_told_with_its_rules_and_an_example() -> None:
    text = told("rr", POLICIES["rr"], "docs/policies.md")

    assert "quantum  20ms (a duration)" in text
    assert f"runs next  {POLICIES['rr'].rule}" in text
    assert f"ties       {POLICIES['rr'].tie_rule}" in text
    assert "stated in  docs/policies.md" in text
    assert "  scheduler: {policy: rr, quantum: 20ms}\n" in text


def test_a_policy_of_ones_own_is_told_as_well() -> None:
    text = told("mine.py:Mine", Mine, defined_in(Mine))

    assert "colour    red (red or blue)" in text
    assert "patience  none (a duration, or none)" in text
    assert "steps     [1ms, 2ms] (a list of durations)" in text
    assert "seen" not in text
    assert "test_listing.py:" in "".join(text.split())  # a long path is broken between lines
    assert "{policy: mine.py:Mine, colour: red, steps: [1ms, 2ms]}" in text


@pytest.mark.parametrize("name", POLICIES)
def test_the_example_of_each_policy_is_a_correct_scenario(name: str, tmp_path: Path) -> None:
    file = tmp_path / "example.yaml"
    file.write_text(fragment(name, POLICIES[name]))

    scheduler = load(file).workload.scheduler

    assert scheduler.policy is POLICIES[name]
    assert scheduler.parameters == POLICIES[name].parameters()


@pytest.mark.parametrize("name", POLICIES)
def test_the_page_of_rules_states_each_policy(name: str) -> None:
    assert stated_in(name, PAGE).startswith('docs/policies.md, under "')


@pytest.mark.parametrize("name", POLICIES)
def test_each_policy_says_what_it_goes_by_and_when_it_fails(name: str) -> None:
    policy = POLICIES[name]

    assert policy.rule and policy.tie_rule
    assert policy.__doc__ and len(policy.__doc__.split("\n\n")) >= 2
    assert max(map(len, told(name, policy).splitlines())) <= 80


def test_without_the_page_its_name_is_all_there_is(tmp_path: Path) -> None:
    assert stated_in("rr", tmp_path / "none.md") == "docs/policies.md"
