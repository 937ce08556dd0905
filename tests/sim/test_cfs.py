"""CFS: when the running one is looked at."""

from __future__ import annotations

import pytest

from kernel.units import ms
from sim import simulate
from tests.language.conftest import Load
from tests.sim.test_oracle_linux import runs_of
from timeline.laws.check import check

THREE = """
scheduler: {{policy: cfs, base_slice: 700us, {how}}}
processes:
  - {{name: A, cpu: 40ms}}
  - {{name: B, cpu: 40ms}}
  - {{name: C, cpu: 40ms}}
"""


@pytest.mark.parametrize(
    ("how", "length"),
    [
        ("hz: 250", 4),  # at the tick after its part of 2 ms
        ("hz: 250, watching: true", 4),  # whose account is settled is not looked at
        ("hz: 250, high_resolution: true", 2),
    ],
)
def test_a_part_is_over_at_the_next_tick_or_at_once(load: Load, how: str, length: int) -> None:
    run = simulate(load(THREE.format(how=how)).workload)
    assert check(run) == []
    first = runs_of(run, 0)[:2]
    assert [end - start for start, end in first] == [ms(length)] * 2


@pytest.mark.parametrize("how", ["watching: true", "high_resolution: true"])
def test_who_is_looked_at_for_nothing_is_not_looked_at_each_nanosecond(
    load: Load, how: str
) -> None:
    text = (
        THREE.format(how=how)
        + "  - {name: D, nice: -5, program: [{cpu: 9ms}, {io: 1ms}, {cpu: 9ms}]}\n"
    )
    costs = "machine.costs={switch: 20us, dispatch: 5us}"
    run = simulate(load(text, sets=(costs,)).workload)
    assert check(run) == [] and len(run.intervals) < 500
