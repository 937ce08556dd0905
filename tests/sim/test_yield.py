"""`yield` under Linux's classes: what sched_yield(2) does in each."""

from __future__ import annotations

import pytest

from kernel.units import ms
from sim import simulate
from tests.language.conftest import Load
from timeline.laws.check import check
from timeline.record.tracks import by_process, slices


def turns(load: Load, processes: str, scheduler: str = "policy: linux, hz: 1000") -> str:
    """Return the slices in order: the process, and the begin in ms."""
    run = simulate(load(f"scheduler: {{{scheduler}}}\nprocesses:\n{processes}").workload)
    assert check(run) == []
    found = slices(by_process(run))
    return " ".join(f"{run.process_names[turn.process]}{turn.start / ms(1):g}" for turn in found)


YIELDS = "program: [{cpu: 1ms}, {yield: true}, {cpu: 1ms}]"


@pytest.mark.parametrize("policy", ["linux", "cfs"])
@pytest.mark.parametrize("kind", ["other", "batch", "idle", "fifo", "rr"])
def test_who_is_alone_goes_on(load: Load, policy: str, kind: str) -> None:
    assert turns(load, f"  - {{name: A, class: {kind}, {YIELDS}}}", f"policy: {policy}") == "A0"


def test_among_equals_of_real_time_it_goes_to_the_end_of_the_line(load: Load) -> None:
    text = f"""
  - {{name: A, class: fifo, rt_priority: 5, {YIELDS}}}
  - {{name: B, class: rr, rt_priority: 5, {YIELDS}}}
  - {{name: C, class: fifo, rt_priority: 4, cpu: 1ms}}
"""
    assert turns(load, text) == "A0 B1 A2 B3 C4"


def test_no_less_important_one_gets_the_core_by_it(load: Load) -> None:
    text = f"""
  - {{name: A, class: fifo, rt_priority: 5, {YIELDS}}}
  - {{name: B, class: fifo, rt_priority: 4, cpu: 1ms}}
  - {{name: C, cpu: 1ms}}
"""
    assert turns(load, text) == "A0 B2 C3"


def test_rr_keeps_the_rest_of_its_slice(load: Load) -> None:
    """A has had 30 of its 100 ms when it yields, and has 70 when it is its turn again."""
    text = """
  - {name: A, class: rr, program: [{cpu: 30ms}, {yield: true}, {cpu: 100ms}]}
  - {name: B, class: rr, cpu: 250ms}
"""
    assert turns(load, text) == "A0 B30 A130 B200 A300 B330"


def test_a_reservation_forgoes_the_rest_of_its_budget(load: Load) -> None:
    text = f"""
  - {{name: D, class: deadline, runtime: 5ms, period: 20ms, jobs: 1, {YIELDS}}}
  - {{name: C, cpu: 30ms}}
"""
    assert turns(load, text) == "D0 C1 D20 C21"


def test_so_it_does_alone(load: Load) -> None:
    text = f"  - {{name: D, class: deadline, runtime: 5ms, period: 20ms, jobs: 1, {YIELDS}}}"
    assert turns(load, text) == "D0 D20"


def test_who_is_ahead_of_its_share_lets_another_run(load: Load) -> None:
    text = f"  - {{name: A, {YIELDS}}}\n  - {{name: B, cpu: 10ms}}"
    assert turns(load, text, "policy: linux, hz: 250, base_slice: 2800us") == "A0 B1 A4 B5"


def test_who_is_behind_forgoes_its_request_and_may_still_be_the_one_to_run(load: Load) -> None:
    """At 5 B has had 1 ms and A 4. B's virtual time becomes 3, its deadline, and A's is 4."""
    text = (
        "  - {name: A, cpu: 9ms}\n  - {name: B, program: [{cpu: 1ms}, {yield: true}, {cpu: 9ms}]}"
    )
    assert turns(load, text, "policy: linux, hz: 250, base_slice: 3ms") == "A0 B4 A8 B12 A16 B17"


@pytest.mark.parametrize(
    ("before", "order"),
    [("3500us", "B0 A4 B7.5 A12 B13"), ("1ms", "B0 A4 B6")],
)
def test_cfs_lets_the_second_go_first_if_it_is_not_far_behind(
    load: Load, before: str, order: str
) -> None:
    """B has had 4 ms when A begins. A has had nearly as much when it yields, or is far behind."""
    text = f"""
  - {{name: B, cpu: 12ms}}
  - {{name: A, program: [{{cpu: {before}}}, {{yield: true}}, {{cpu: 1ms}}]}}
"""
    assert turns(load, text, "policy: cfs, hz: 250, base_slice: 700us") == order


def test_each_of_several_cores_has_its_own_queue(load: Load) -> None:
    text = "\n".join(f"  - {{name: {name}, {YIELDS}}}" for name in "ABCD")
    run = simulate(
        load(f"scheduler: {{policy: linux}}\nmachine: {{cores: 2}}\nprocesses:\n{text}").workload
    )
    assert check(run) == [] and run.makespan_ns == ms(4)
