"""A case is shrunk to a smaller one that fails in the same way."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.units import ms
from language.schema.assignment import KINDS
from teaching.assignment.cases import CPU_STEP, IO_STEP, Case, Task
from teaching.assignment.kinds import case_of
from teaching.assignment.shrinking import shrunk
from tests.effort import cases

some_cases = st.builds(
    lambda kind, seed: case_of(kind, 1, seed, ms(10)),
    st.sampled_from(KINDS),
    st.integers(0, 10**6),
)


@settings(max_examples=cases(30))
@given(case=some_cases, least=st.integers(1, 3))
def test_it_still_fails_and_is_no_larger(case: Case, least: int) -> None:
    def fails(smaller: Case) -> bool:
        return len(smaller.tasks) >= least and sum(t.arrival for t in smaller.tasks) % 7 != 3

    if fails(case):
        small = shrunk(case, fails)
        assert fails(small)
        assert small.size <= case.size


@settings(max_examples=cases(30))
@given(case=some_cases)
def test_two_processes_that_wait_are_shrunk_to_two_processes_of_one_unit(case: Case) -> None:
    small = shrunk(case, lambda each: len(each.tasks) > 1, tries=1000)
    assert [task.name for task in small.tasks] == ["A", "B"]
    assert all(task.steps == ((CPU_STEP, ms(10)),) for task in small.tasks)
    assert {(task.arrival, task.priority, task.tickets) for task in small.tasks} == {(0, 0, 100)}
    assert small.cores == 1


@settings(max_examples=cases(30))
@given(case=some_cases)
def test_a_wait_is_shrunk_to_one_process_that_waits_once(case: Case) -> None:
    def waits(each: Case) -> bool:
        return any(kind != CPU_STEP for task in each.tasks for kind, _ in task.steps)

    if waits(case):
        small = shrunk(case, waits, tries=1000)
        step = ms(10)
        assert small.tasks == (Task("A", 0, ((CPU_STEP, step), (IO_STEP, step), (CPU_STEP, step))),)


def test_it_tries_no_more_than_it_may() -> None:
    asked: list[Case] = []

    def fails(smaller: Case) -> bool:
        asked.append(smaller)
        return False

    shrunk(case_of("many", 1, 1, ms(10)), fails, tries=17)
    assert len(asked) == 17


def test_a_submission_that_does_not_fail_again_leaves_the_case_as_it_is() -> None:
    case = case_of("io", 1, 1, ms(10))
    assert shrunk(case, lambda _: False) == case
