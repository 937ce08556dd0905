"""Each policy on its own: whom it picks, for how long, and who must give way."""

from __future__ import annotations

import random
from typing import ClassVar

import pytest

from kernel.policies import POLICIES
from kernel.process.control_block import Process
from kernel.scheduling import Duration, Policy, ms
from tests.kernel.hand import policy, process, tell

DRAWN = ("random", "lottery")
KEEPS = ("linux", "cfs")  # who runs stays in the queue until it has left its core
IN_ORDER = [name for name in POLICIES if name not in (*DRAWN, *KEEPS, "stride")]  # of equals


def picks(of: Policy, *ready: Process) -> list[str]:
    """The names in the order in which they are picked when all have become ready in this order."""
    for each in ready:
        tell(of, each)
    return [pick[0].name for _ in ready if (pick := of.pick(0)) is not None]


@pytest.mark.parametrize("name", POLICIES)
def test_nobody_is_picked_when_nobody_is_ready(name: str) -> None:
    assert policy(name).pick(0) is None


@pytest.mark.parametrize("name", IN_ORDER)
def test_equal_processes_are_picked_in_the_order_they_became_ready(name: str) -> None:
    names = picks(policy(name), *(process(index) for index in (2, 0, 3, 1)))
    assert names == ["P3", "P1", "P4", "P2"]


@pytest.mark.parametrize("name", [name for name in POLICIES if name not in KEEPS])
def test_a_process_that_is_gone_is_not_picked(name: str) -> None:
    made, gone = policy(name), process(1)
    for each in (process(0), gone, process(2)):
        tell(made, each)
    made.removed(gone)
    left = [pick[0].name for _ in range(2) if (pick := made.pick(0)) is not None]
    assert sorted(left) == ["P1", "P3"]
    assert made.pick(0) is None


@pytest.mark.parametrize("name", ["fcfs", "sjf", "srtf", "priority"])
def test_only_round_robin_limits_a_slice(name: str) -> None:
    made = policy(name)
    tell(made, process(0))
    pick = made.pick(0)
    assert pick is not None
    assert pick[1] is None


def test_round_robin_gives_a_quantum() -> None:
    made, one = policy("rr", quantum=ms(4)), process(0)
    tell(made, one)
    assert made.pick(0) == (one, 4_000_000)


def test_round_robin_has_a_quantum_of_20_ms_unless_told_otherwise() -> None:
    assert POLICIES["rr"].parameters() == {"quantum": 20_000_000}


@pytest.mark.parametrize("name", ["sjf", "srtf"])
def test_the_shortest_burst_is_picked_first(name: str) -> None:
    assert picks(policy(name), process(0, 8), process(1, 3), process(2, 5)) == ["P2", "P3", "P1"]


@pytest.mark.parametrize(("highest", "wanted"), [("small", "P2"), ("large", "P1")])
def test_the_most_important_process_is_picked_first(highest: str, wanted: str) -> None:
    made = policy("priority", highest=highest)
    assert picks(made, process(0, priority=9), process(1, priority=-1))[0] == wanted


@pytest.mark.parametrize(
    ("name", "parameters", "newcomer", "gives_way"),
    [
        ("fcfs", {}, process(9, 1, 0), False),
        ("rr", {}, process(9, 1, 0), False),
        ("sjf", {}, process(9, 1, 0), False),
        ("srtf", {}, process(9, 4), True),
        ("srtf", {}, process(9, 5), False),
        ("priority", {}, process(9, priority=1), True),
        ("priority", {}, process(9, priority=2), False),
        ("priority", {"preemptive": False}, process(9, priority=1), False),
        ("priority", {"highest": "large"}, process(9, priority=3), True),
        ("priority", {"highest": "large"}, process(9, priority=1), False),
    ],
)
def test_who_gives_way_to_whom(
    name: str, parameters: dict[str, object], newcomer: Process, gives_way: bool
) -> None:
    made, running = policy(name, **parameters), process(0, 5, 2)
    assert picks(made, running) == ["P1"]
    tell(made, newcomer)
    assert (made.loses([running]) is running) == gives_way


def test_the_one_with_the_most_left_gives_way() -> None:
    made, running = policy("srtf"), [process(0, 5), process(1, 7), process(2, 6)]
    picks(made, *running)
    tell(made, process(3, 4))
    assert made.loses(running) is running[1]


def test_among_equals_the_one_that_became_ready_last_gives_way() -> None:
    made, first, last = policy("priority"), process(1, priority=5), process(0, priority=5)
    picks(made, first, last)
    tell(made, process(2, priority=1))
    assert made.loses([last, first]) is last


def test_nobody_gives_way_when_nobody_is_ready() -> None:
    made, running = policy("srtf"), process(0)
    picks(made, running)
    assert made.loses([running]) is None


class Tuned(Policy):
    quantum: Duration = ms(3)
    tie_rule: ClassVar[str] = "none"
    weight: int = 2
    _private: int = 1
    unset: int
    plain = 4


class Retuned(Tuned):
    weight: int = 5
    extra: bool = False


def test_parameters_are_annotated_public_attributes_with_a_value() -> None:
    assert Tuned.parameters() == {"quantum": 3_000_000, "weight": 2}


def test_a_policy_inherits_the_parameters_of_the_one_it_extends() -> None:
    assert Retuned.parameters() == {"quantum": 3_000_000, "weight": 5, "extra": False}


def test_setting_up_twice_gives_two_queues() -> None:
    one, other = policy("fcfs"), policy("fcfs")
    tell(one, process(0))
    assert other.pick(0) is None


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_says_when_it_is_good_and_when_it_fails(name: str) -> None:
    text = POLICIES[name].__doc__ or ""
    assert "Good" in text or "Least" in text
    assert "Fails" in text or "tarves" in text


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_says_by_what_rule_it_picks_and_by_what_keys(name: str) -> None:
    made, one = policy(name), process(0)
    tell(made, one)
    assert made.rule
    assert made.keys(one)


def test_a_heap_of_random_lengths_is_sorted() -> None:
    draw = random.Random(1)
    ready = [process(index, draw.randint(1, 9)) for index in range(50)]
    wanted = [each.name for each in sorted(ready, key=lambda each: each.left)]  # a stable sort
    assert picks(policy("sjf"), *ready) == wanted
