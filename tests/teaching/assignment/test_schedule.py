"""Where two runs differ first, and how long processes wait: held against a slow oracle."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.policies import POLICIES
from kernel.process.states import READY, RUNNING
from kernel.units import ms
from kernel.workload import SchedulerSpec
from language.schema.assignment import KINDS
from sim import simulate
from teaching.assignment.cases import Case
from teaching.assignment.kinds import case_of
from teaching.assignment.schedule import first_difference, longest_wait, moments
from tests.effort import cases
from timeline.record.run import Run

RR, FCFS, SRTF = (
    SchedulerSpec(name, POLICIES[name], POLICIES[name].parameters())
    for name in ("rr", "fcfs", "srtf")
)
STEP = ms(1)
some_cases = st.builds(
    lambda kind, seed: case_of(kind, 1, seed, STEP),
    st.sampled_from([kind for kind in KINDS if kind != "shares"]),
    st.integers(0, 10**6),
)


def runs_at(run: Run, at: int) -> frozenset[str]:
    """Look at each interval of the record: which processes run from `at` on."""
    return frozenset(
        run.process_names[row.process]
        for row in run.intervals
        if row.state == RUNNING and row.start <= at < row.end
    )


@settings(max_examples=cases(30))
@given(case=some_cases, spec=st.sampled_from([FCFS, SRTF]))
def test_the_first_difference_is_where_looking_step_by_step_finds_it(
    case: Case, spec: SchedulerSpec
) -> None:
    mine, other = simulate(case.workload(spec)), simulate(case.workload(RR))
    times = range(0, max(mine.makespan_ns, other.makespan_ns), STEP)
    slow = next((at for at in times if runs_at(mine, at) != runs_at(other, at)), None)
    found = first_difference(mine, other)
    assert (found and found.at) == slow
    if found:
        assert (found.mine, found.other) == (runs_at(mine, found.at), runs_at(other, found.at))


def test_a_run_does_not_differ_from_itself() -> None:
    run = simulate(case_of("cores", 1, 3, STEP).workload(RR))
    assert first_difference(run, run) is None


@settings(max_examples=cases(30))
@given(case=some_cases)
def test_stretches_follow_each_other_and_name_the_longest_wait(case: Case) -> None:
    run = simulate(case.workload(RR))
    stretches = list(moments(run))
    assert all(one.end == two.start for one, two in pairwise(stretches))
    waits = [row.end - row.start for row in run.intervals if row.state == READY]
    found = longest_wait(run)
    assert (found.end - found.start if found else 0) == max(waits, default=0)
