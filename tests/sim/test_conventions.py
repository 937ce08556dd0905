"""Each convention on its smallest case, and the published answers that it decides between."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.scheduling.conventions import name_order
from sim import simulate
from tests.sim.cases import workload
from tests.sim.oracle.system import Job
from tests.sim.test_instants import job, run, slices
from timeline.record.run import Run


def drawn(by: str, *jobs: Job, policy: str = "sjf", names: str = "", **parameters: Any) -> str:
    """Return the slices of a run in which `by` decides among equals."""
    named = names or "ABCDEFGH"[: len(jobs)]
    return slices(
        simulate(workload(policy, jobs, parameters, names=named, draws=by)),
    )


def completions(of: Run) -> dict[str, int | None]:
    return {row.name: row.completion_ns for row in of.processes}


# -- draws ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "wanted"),
    [("ready-order", "D B A C"), ("arrival", "D C B A"), ("name", "D A B C"), ("pid", "D C A B")],
)
def test_the_draw_decides_among_equal_keys(by: str, wanted: str) -> None:
    """B is ready before A, and C, which arrives first but waits for I/O, is ready last."""
    jobs = job(1, ("wait", 3), 2), job(3, 2), job(2, 2), job(0, 9)
    assert drawn(by, *jobs, names="CABD") == wanted


@pytest.mark.parametrize(
    ("by", "wanted"), [("ready-order", "A B"), ("name", "A B"), ("pid", "B A")]
)
def test_the_draw_decides_who_comes_back_first_from_io(by: str, wanted: str) -> None:
    """B's wait began later, and B stands first in the file."""
    jobs = job(1, ("wait", 2), 1), job(0, ("wait", 3), 1)
    assert drawn(by, *jobs, policy="fcfs", names="BA") == wanted


def test_equals_that_take_turns_are_not_drawn() -> None:
    jobs = job(0, 2, priority=1), job(0, 2, priority=1)
    found = drawn("name", *jobs, policy="priority", quantum=1)
    assert found == "A B A B"


def test_numbers_in_names_count_as_numbers() -> None:
    names = ["P10", "P2", "a", "P2b", "P", "10", "9", "P02"]
    assert sorted(names, key=name_order) == ["9", "10", "P", "P02", "P2", "P2b", "P10", "a"]


# -- the order of an instant ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "wanted"), [("before-arrivals", "A B C"), ("after-arrivals", "A C B")]
)
def test_io_is_over_before_or_after_the_arrivals_of_its_instant(when: str, wanted: str) -> None:
    jobs = job(0, 4), job(0, ("wait", 2), 1), job(2, 1)
    assert slices(run("fcfs", *jobs, completed_io=when)) == wanted


def test_a_slice_that_is_over_stays_behind_arrivals_and_io() -> None:
    jobs = job(0, 3), job(0, ("wait", 2), 1), job(2, 1)
    found = run("rr", *jobs, parameters={"quantum": 2}, completed_io="after-arrivals")
    assert slices(found) == "A C B A"


# -- a process that is preempted, and one that comes ---------------------------------------------


@pytest.mark.parametrize(("where", "wanted"), [("behind", "A C B A"), ("keeps-place", "A C A B")])
def test_a_preempted_process_goes_behind_its_equals_or_keeps_its_place(
    where: str, wanted: str
) -> None:
    jobs = job(0, 3, priority=2), job(0, 3, priority=2), job(1, 2, priority=1)
    assert slices(run("priority", *jobs, parameters={"requeue": where})) == wanted


def test_a_process_that_keeps_its_place_is_still_behind_those_before_it() -> None:
    jobs = (
        job(0, 1, priority=2),
        job(1, 4, priority=2),
        job(0, 9, priority=3),
        job(2, 1, priority=1),
    )
    found = run("priority", *jobs, parameters={"requeue": "keeps-place"})
    assert slices(found) == "A B D B C"


@pytest.mark.parametrize(
    ("newcomer", "ends"),
    [
        ("waits", {"p6": 7, "p1": 8, "p2": 10, "p3": 13, "p4": 17, "p5": 22}),
        ("preempts", {"p1": 7, "p2": 8, "p3": 10, "p4": 13, "p5": 17, "p6": 22}),
    ],
)
def test_both_published_answers_to_the_draws_under_srtf(
    newcomer: str, ends: dict[str, int]
) -> None:
    jobs = [job(7 - number, number) for number in range(1, 7)]
    names = [f"p{number}" for number in range(1, 7)]
    found = simulate(workload("srtf", jobs, {"newcomer": newcomer}, names=names))
    assert completions(found) == ends


def test_the_newcomer_gets_the_core_even_if_the_loser_keeps_its_place() -> None:
    rules = {"newcomer": "preempts", "requeue": "keeps-place"}
    assert slices(run("srtf", job(0, 5), job(2, 3), parameters=rules)) == "A B A"


def test_a_preempted_process_does_not_take_the_core_back_from_its_equal() -> None:
    found = run("srtf", job(0, 5), job(2, 3), job(9, 1), parameters={"newcomer": "preempts"})
    assert [row.preemptions for row in found.processes] == [1, 0, 0]
