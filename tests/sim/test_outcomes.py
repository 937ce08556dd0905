"""Whether the rules allow what a witness saw: the search through all orders of events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from kernel.lifecycle.outcomes import allows
from kernel.workload import Workload
from sim import simulate
from tests.language.conftest import Load


@dataclass(frozen=True)
class Said:
    """One thing that a process of the witness said."""

    name: str
    value: Any

    def is_of(self, name: str, value: Any) -> bool:
        return (name, value) == (self.name, self.value)


def printed(**said: list[str]) -> dict[str, list[Said]]:
    return {name: [Said("prints", text) for text in texts] for name, texts in said.items()}


def race(load: Load) -> Workload:
    """Two processes that put a value each, and one that takes both."""
    return load(
        "processes:\n"
        "- {name: A, program: [{send: {queue: q, value: a}}]}\n"
        "- {name: B, program: [{cpu: 50ms}, {send: {queue: q, value: b}}]}\n"
        "- {name: C, program: [{receive: q}, {receive: q}]}\n"
    ).workload


@pytest.mark.parametrize(
    ("values", "allowed"),
    [(["a", "b"], True), (["b", "a"], True), (["a", "a"], False), (["a"], False)],
)
def test_an_order_that_timing_decides(load: Load, values: list[str], allowed: bool) -> None:
    said = {"C": [Said("receive q", value) for value in values]}
    assert allows(race(load), said, ends=True) is allowed


def test_one_that_hangs_where_none_can(load: Load) -> None:
    said = {"C": [Said("receive q", "a")]}
    assert allows(race(load), said, ends=False) is False


def test_the_limit(load: Load) -> None:
    said = {"C": [Said("receive q", value) for value in "cc"]}
    assert allows(race(load), said, ends=True, limit=1) is None


DEADLOCK = (
    "programs:\n"
    "  one: {program: [{lock: A}, {lock: B}, {print: one}]}\n"
    "  two: {program: [{lock: B}, {lock: A}, {print: two}]}\n"
    "processes: [{name: P, program: [{start: {program: one}}, {start: {program: two}}]}]\n"
)


@pytest.mark.parametrize(
    ("said", "ends", "allowed"),
    [
        (printed(), False, True),  # each has its first lock
        (printed(one=["one"]), False, True),  # one ends with both, and two waits for them
        (printed(two=["two"]), False, True),
        (printed(one=["one"], two=["two"]), True, False),  # none gives a lock back
    ],
)
def test_a_deadlock_that_timing_decides(
    load: Load, said: dict[str, list[Said]], ends: bool, allowed: bool
) -> None:
    assert allows(load(DEADLOCK).workload, said, ends) is allowed


def test_a_signal_may_act_before_or_after_the_next_look(load: Load) -> None:
    workload = load(
        "programs: {c: {program: [{io: 5s}]}}\n"
        "processes: [{name: P, program: [{start: {program: c}}, {kill: c}, {observe: c}]}]\n"
    ).workload
    [seen] = [row.value for row in simulate(workload).observations]
    dead = seen | {"is_alive": False, "exitcode": -9}
    found = {
        "alive": seen,
        "reaped by the look itself": dead | {"state": "zombie", "keeps": "exit code -9"},
        "by another signal": dead | {"exitcode": -15},
    }
    results = {
        what: allows(workload, {"P": [Said("observe c", value)]}, ends=True)
        for what, value in found.items()
    }
    assert results == {
        "alive": True,
        "reaped by the look itself": True,
        "by another signal": False,
    }


def test_what_a_queue_has_not_written_may_be_lost_with_a_kill(load: Load) -> None:
    workload = load(
        "queues: {q: {kind: queue}}\n"
        "processes:\n"
        "- {name: A, program: [{send: {queue: q, value: a}}, {os_exit: 0}]}\n"
        "- {name: B, program: [{receive: {queue: q, timeout: 1s}}]}\n"
    ).workload
    got, lost = Said("receive q", "a"), Said("receive q", "Empty")
    assert allows(workload, {"B": [got]}, ends=True) is True
    assert allows(workload, {"B": [lost]}, ends=True) is True


def test_a_wake_up_may_be_lost_with_a_kill(load: Load) -> None:
    workload = load(
        "programs: {w: {program: [{lock: L}, {print: got}]}}\n"
        "processes:\n"
        "- name: P\n"
        "  program: [{lock: L}, {start: {program: w, name: a}}, {start: {program: w, name: b}},"
        " {io: 9ms}, {unlock: L}, {kill: a}]\n"
    ).workload
    assert allows(workload, printed(b=["got"]), ends=True) is True
    assert allows(workload, printed(), ends=False) is True
    assert allows(workload, printed(a=["got"], b=["got"]), ends=True) is False


def test_what_is_not_shown_is_not_missed(load: Load) -> None:
    workload = load("processes: [{name: P, program: [{raise: OSError}]}]\n").workload
    assert allows(workload, {}, ends=True) is False
    assert allows(workload, {}, ends=True, shown=lambda name, _: name != "raise") is True


@pytest.mark.parametrize(
    ("kinds", "codes"),
    [
        (("terminate", "kill"), {-15}),
        (("kill", "terminate"), {-9}),
        (("interrupt", "terminate", "kill"), {-9, -15, 1}),  # the victim may run in between
    ],
)
def test_the_exit_codes_that_signals_in_a_row_may_leave(
    load: Load, kinds: tuple[str, ...], codes: set[int]
) -> None:
    signals = ", ".join(f"{{{kind}: c}}" for kind in kinds)
    workload = load(
        "programs: {c: {program: [{lock: m}]}}\nprocesses: [{name: P, program: "
        f"[{{lock: m}}, {{start: {{program: c}}}}, {{io: 5ms}}, {signals}, "
        "{join: c}, {observe: c}]}]\n"
    ).workload
    found = {
        code
        for code in (-15, -9, -2, 0, 1)
        if allows(workload, {"P": [Ended(code)]}, ends=True, shown=lambda name, _: "obs" in name)
    }
    assert found == codes


@dataclass(frozen=True)
class Ended:
    """The witness saw that exit code."""

    code: int

    def is_of(self, name: str, value: Any) -> bool:
        return name == "observe c" and value["exitcode"] == self.code
