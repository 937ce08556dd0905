"""Priority inheritance and ceilings: worked out by hand, and against a slow reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.units import ms
from sim import simulate
from tests.effort import cases
from tests.language.conftest import Load, load
from timeline.laws.check import check
from timeline.record.run import Run

__all__ = ["load"]

INVERSION = """
processes:
- {name: L, priority: 3, program: [{cpu: 5}, {lock: m}, {cpu: 20}, {unlock: m}, {cpu: 10}]}
- {name: M, priority: 2, arrival: 15, cpu: 100}
- {name: H, priority: 1, arrival: 10, program: [{lock: m}, {cpu: 10}, {unlock: m}]}
"""


def run(load: Load, text: str, policy: str = "{policy: priority}") -> Run:
    found = simulate(load(f"scheduler: {policy}\n{text}").workload)
    assert check(found) == []
    return found


def ends(found: Run) -> dict[str, int]:
    return {row.name: (row.completion_ns or 0) // ms(1) for row in found.processes}


def lent(found: Run) -> list[tuple[int, str, str, str]]:
    """When which process got the priority of which other one, or its own again."""
    return [
        (row.at_ns // ms(1), row.event, row.process, row.by)
        for row in found.lifecycle
        if row.event in ("inherits", "restored")
    ]


@pytest.mark.parametrize(
    ("lock", "completion", "events"),
    [
        ("{}", {"L": 145, "M": 115, "H": 135}, []),
        (
            "{protocol: inheritance}",
            {"L": 145, "M": 135, "H": 35},
            [(10, "inherits", "L", "H"), (25, "restored", "L", "L")],
        ),
        (
            "{protocol: ceiling, ceiling: 1}",
            {"L": 145, "M": 135, "H": 35},
            [(5, "inherits", "L", "L"), (25, "restored", "L", "L")],
        ),
    ],
)
def test_the_classic_inversion(
    load: Load,
    lock: str,
    completion: dict[str, int],
    events: list[tuple[int, str, str, str]],
) -> None:
    found = run(load, f"locks: {{m: {lock}}}{INVERSION}")
    assert ends(found) == completion
    assert lent(found) == events


def test_large_priorities_may_be_the_important_ones(load: Load) -> None:
    text = INVERSION.replace("priority: 3", "priority: 0").replace("priority: 1", "priority: 9")
    found = run(
        load, f"locks: {{m: {{protocol: inheritance}}}}{text}", "{policy: priority, highest: large}"
    )
    assert ends(found) == {"L": 145, "M": 135, "H": 35}


def test_a_holder_that_waits_hands_on_what_it_inherits(load: Load) -> None:
    found = run(
        load,
        "locks: {a: {protocol: inheritance}, b: {protocol: inheritance}}\n"
        "processes:\n"
        "- {name: low, priority: 4, program: [{lock: b}, {cpu: 20}, {unlock: b}, {cpu: 5}]}\n"
        "- {name: mid, priority: 3, arrival: 5, program: "
        "[{lock: a}, {lock: b}, {cpu: 5}, {unlock: b}, {unlock: a}]}\n"
        "- {name: other, priority: 2, arrival: 12, cpu: 100}\n"
        "- {name: high, priority: 1, arrival: 10, program: [{lock: a}, {cpu: 5}, {unlock: a}]}\n",
    )
    assert ends(found) == {"low": 135, "mid": 25, "other": 130, "high": 30}
    assert (10, "inherits", "low", "mid") in lent(found)
    assert (10, "inherits", "mid", "high") in lent(found)


def test_the_lock_wakes_the_most_important_process(load: Load) -> None:
    waiters = "".join(
        f"- {{name: W{p}, priority: {p}, arrival: {at}, program: [{{lock: m}}, {{print: W{p}}}, "
        "{unlock: m}]}\n"
        for p, at in ((3, 1), (2, 2), (1, 3))
    )
    holder = "- {name: L, priority: 9, program: [{lock: m}, {cpu: 9}, {unlock: m}]}\n"
    found = run(load, f"locks: {{m: {{protocol: inheritance}}}}\nprocesses:\n{holder}{waiters}")
    assert [row.value for row in found.observations] == ["W1", "W2", "W3"]


@pytest.mark.parametrize("queues", ["global", "per-core"])
def test_a_process_that_leaves_a_ceiling_loses_its_core_at_once(load: Load, queues: str) -> None:
    found = run(
        load,
        "locks: {m: {protocol: ceiling, ceiling: 1}}\nprocesses:\n"
        "- {name: L, priority: 3, program: [{lock: m}, {cpu: 20}, {unlock: m}, {cpu: 10}]}\n"
        "- {name: M, priority: 2, arrival: 5, cpu: 10}\n"
        "- {name: H, priority: 1, arrival: 50, program: [{lock: m}, {unlock: m}]}\n",
        f"{{policy: priority, queues: {queues}}}",
    )
    assert ends(found) == {"L": 40, "M": 30, "H": 50}


def test_a_killed_holder_lends_and_inherits_nothing(load: Load) -> None:
    found = run(
        load,
        "locks: {m: {protocol: inheritance}}\n"
        "programs: {c: {priority: 3, program: [{lock: m}, {cpu: 90}]}}\nprocesses:\n"
        "- {name: P, priority: 1, program: [{start: {program: c}}, {io: 10}, "
        "{lock: {lock: m, timeout: 10}}, {kill: c}, {lock: {lock: m, timeout: 10}}]}\n",
    )
    assert lent(found) == [(10, "inherits", "c", "P"), (20, "restored", "c", "c")]
    assert [row.value for row in found.observations] == [False, False]


def test_a_policy_that_does_not_go_by_priority_keeps_its_order(load: Load) -> None:
    plain, with_protocol = (
        run(load, f"locks: {{m: {lock}}}{INVERSION}", "{policy: rr, quantum: 5ms}")
        for lock in ("{}", "{protocol: inheritance}")
    )
    assert list(plain.intervals) == list(with_protocol.intervals)
    assert lent(with_protocol) == []


# -- against a slow reference ---------------------------------------------------------------------


@dataclass
class Task:
    """A process of the reference. Its steps are ("cpu", ms), ("lock", name) or ("unlock", name)."""

    priority: int
    arrival: int
    steps: list[tuple[str, Any]]
    left: int = 0  # ms of its burst
    waits: str | None = None  # for that lock
    end: int | None = None


class Reference:
    """One core. Each millisecond the most important process is looked for anew.

    So of those that wait for a lock the most important one gets it. A process holds at most one
    lock at a time, so no holder waits for a lock.
    """

    def __init__(self, tasks: list[Task], protocol: str) -> None:
        self.tasks, self.protocol = tasks, protocol
        self.held: dict[str, Task] = {}
        self.now = 0

    def priority(self, task: Task) -> int:
        levels = [task.priority]
        for name, holder in self.held.items():
            if holder is task and self.protocol == "ceiling":
                levels.append(CEILING)
            if holder is task and self.protocol == "inheritance":
                levels += [each.priority for each in self.tasks if each.waits == name]
        return min(levels)

    def best(self) -> Task | None:
        able = [
            task
            for task in self.tasks
            if task.arrival <= self.now and task.end is None and task.waits not in self.held
        ]
        return min(able, key=self.priority, default=None)

    def proceed(self, task: Task) -> None:
        """Execute the steps that take no time."""
        while not task.left:
            if not task.steps:
                task.end = self.now
                return
            kind, what = task.steps[0]
            if kind == "lock" and what in self.held:
                task.waits = what
                return
            task.steps.pop(0)
            if kind == "lock":
                self.held[what], task.waits = task, None
            elif kind == "unlock":
                del self.held[what]
            else:
                task.left = what

    def ends(self) -> list[int | None]:
        while any(task.end is None for task in self.tasks):
            task = self.best()
            if task is not None and not task.left:
                self.proceed(task)
                continue
            self.now += 1
            if task is not None:
                task.left -= 1
                self.proceed(task)
        return [task.end for task in self.tasks]


CEILING = 0  # more important than all of them
RULES = {
    "inheritance": "{protocol: inheritance}",
    "ceiling": f"{{protocol: ceiling, ceiling: {CEILING}}}",
}


@st.composite
def tasks(draw: st.DrawFn) -> list[Task]:
    count = draw(st.integers(2, 5))
    made = []
    for priority in draw(st.permutations(range(1, count + 1))):
        steps: list[tuple[str, Any]] = [("cpu", draw(st.integers(1, 4)))]
        for _ in range(draw(st.integers(0, 2))):
            lock = draw(st.sampled_from("ab"))
            steps += [("lock", lock), ("cpu", draw(st.integers(1, 6))), ("unlock", lock)]
            steps += [("cpu", draw(st.integers(1, 4)))] * draw(st.booleans())
        made.append(Task(priority, draw(st.integers(0, 15)), steps))
    return made


@pytest.mark.parametrize("protocol", RULES)
@settings(max_examples=cases(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=tasks())
def test_random_programs_end_when_the_reference_says(
    load: Load, protocol: str, made: list[Task]
) -> None:
    written = "".join(
        f"- {{name: P{number}, priority: {task.priority}, arrival: {task.arrival}, program: "
        f"[{', '.join(f'{{{kind}: {what}}}' for kind, what in task.steps)}]}}\n"
        for number, task in enumerate(made)
    )
    text = f"locks: {{a: {RULES[protocol]}, b: {RULES[protocol]}}}\nprocesses:\n{written}"
    assert list(ends(run(load, text)).values()) == Reference(made, protocol).ends()
