"""Linux's classes with a queue for each core: what moves, and what it takes along."""

from __future__ import annotations

from kernel.units import ms
from sim import simulate
from tests.language.conftest import Load
from tests.sim.test_oracle_linux import runs_of
from timeline.laws.check import check

HEAD = """
machine: {cores: 2}
scheduler: {policy: linux, hz: 1000, fair_server: 0}
processes:
"""


def test_a_reservation_that_moves_takes_its_budget_along(load: Load) -> None:
    # M waits behind D, whose deadline is earlier, until core 1 is idle at 5 ms. It gets its 4 ms
    # there and again from 10 ms on, when its period begins, and not 10 ms after it has moved.
    text = """
  - {name: H, cores: [1], cpu: 5ms}
  - {name: D, class: deadline, runtime: 9ms, deadline: 9ms, period: 50ms, cpu: 9ms}
  - {name: M, class: deadline, runtime: 4ms, period: 10ms, cpu: 8ms}
"""
    run = simulate(load(HEAD + text).workload)
    assert check(run) == []
    assert runs_of(run, 2)[:2] == [(ms(5), ms(9)), (ms(10), ms(14))]


def test_an_idle_core_leaves_alone_whose_budget_is_used_up(load: Load) -> None:
    # D has used its 2 ms of 20, and has waited longest when core 0 becomes idle at 12 ms.
    text = """
  - {name: P, count: 3, cores: [0], cpu: 4ms}
  - {name: D, class: deadline, runtime: 2ms, period: 20ms, cpu: 4ms}
  - {name: H, count: 2, cores: [0, 1], cpu: 20ms}
"""
    run = simulate(load(HEAD + text).workload)
    assert check(run) == []
    rows = {row.name: row for row in run.processes}
    assert rows["D"].migrations == 0
    assert sorted(rows[name].migrations for name in rows if name[0] == "H") == [0, 1]
