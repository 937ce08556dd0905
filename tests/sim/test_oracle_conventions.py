"""The simulated machine follows the conventions as the slow oracle does, under every policy."""

from __future__ import annotations

import pytest

from sim import simulate
from tests.effort import cases
from tests.sim.cases import KINDS, by_convention, random_case, tick_of, workload_of
from tests.sim.oracle.policies import RULES
from tests.sim.oracle.system import Oracle
from tests.sim.test_oracle import different
from timeline.laws.check import check

CASES = cases(120)


@pytest.mark.parametrize("policy", RULES)
def test_every_process_is_where_the_oracle_says(policy: str) -> None:
    for seed in range(CASES):
        kind = KINDS[seed % len(KINDS)]
        case = by_convention(random_case(policy, seed, kind), seed)
        tick = tick_of(case, seed)
        run = simulate(workload_of(case, tick))
        difference = different(Oracle(case).play(), run, tick)
        assert not difference, f"case {seed} of {policy} {kind}: {case}\n{difference}"
        assert check(run) == [], f"case {seed} of {policy} {kind}"
