"""Each convention on its smallest case, and the published answers that it decides between."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.scheduling.conventions import name_order
from sim import simulate
from tests.sim.cases import workload
from tests.sim.oracle.system import Job
from tests.sim.test_instants import job, run, slices
from timeline.laws.check import check
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


# -- a process that is preempted, and one that comes ----------------------------------------------


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


# -- the multilevel feedback queue ----------------------------------------------------------------


def feedback(*jobs: Job, **rules: Any) -> str:
    usual = {"levels": 2, "quanta": [2, 4], "allotments": None, "boost": None}
    return slices(run("mlfq", *jobs, parameters={**usual, **rules}))


@pytest.mark.parametrize(("preemptive", "wanted"), [(True, "A B A"), (False, "A B")])
def test_a_higher_level_preempts_or_waits_for_the_end_of_the_slice(
    preemptive: bool, wanted: str
) -> None:
    assert feedback(job(0, 6), job(3, 1), preemptive=preemptive) == wanted


@pytest.mark.parametrize(
    ("io", "wanted"),
    [("keeps", "A B A B A B"), ("keeps-quantum", "A B A B A B"), ("renews", "A B A B")],
)
def test_io_keeps_or_renews_the_allotment(io: str, wanted: str) -> None:
    """A has used 1 of the 2 ms of its allotment before its wait, and needs 2 more."""
    assert feedback(job(0, 1, ("wait", 2), 2), job(1, 9), io=io) == wanted


def test_io_may_keep_the_rest_of_the_quantum() -> None:
    """The allotment of A would let it run for 3 ms, and its quantum has 1 ms left."""
    jobs = job(0, 1, ("wait", 2), 3), job(1, 2), job(1, 2)
    rules = {"allotments": [9, 9]}
    assert feedback(*jobs, **rules, io="keeps") == "A B C A"
    assert feedback(*jobs, **rules, io="keeps-quantum") == "A B C A"
    assert feedback(*jobs, job(3, 2), **rules, io="keeps-quantum") == "A B C A D A"


@pytest.mark.parametrize(("where", "wanted"), [("back", "A B C A"), ("front", "A B A C")])
def test_a_process_comes_back_from_io_to_the_back_or_the_front(where: str, wanted: str) -> None:
    assert feedback(job(0, 1, ("wait", 1), 1), job(0, 2), job(0, 1), io_return=where) == wanted


def test_the_last_level_may_have_no_quantum() -> None:
    assert feedback(job(0, 9), job(0, 9), quanta=[2, None]) == "A B A B"


def test_a_preempted_process_may_go_behind_the_others_of_its_level() -> None:
    jobs = job(0, 6), job(0, 6), job(5, 1)
    assert feedback(*jobs) == "A B A C A B"
    assert feedback(*jobs, requeue="behind") == "A B A C B A"


# -- memory ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("origin", "wanted"), [("placement", [0, 2, 4]), ("hole", [0, 12, 24])])
def test_next_fit_searches_behind_the_placement_or_behind_its_hole(
    origin: str, wanted: list[int]
) -> None:
    jobs = [job(0, 9, memory=2) for _ in range(3)]
    found = run(
        "fcfs", *jobs, partitions=[10, 10, 10], scheme="variable", fit="next", next_from=origin
    )
    places = [row.memory.base for row in found.processes if row.memory is not None]
    assert places == wanted


# -- costs, devices, releases ---------------------------------------------------------------------


@pytest.mark.parametrize(("when", "runs_at"), [("coming", 8), ("half", 6), ("leaving", 6)])
def test_a_switch_is_charged_when_a_process_leaves_or_comes(when: str, runs_at: int) -> None:
    """A ends at 2, and B comes at 4. Of a switch of 4 ns up to 2 ns pass while the core idles."""
    found = run("fcfs", job(0, 2), job(4, 3), costs=(0, 4, 0), switch_at=when)
    assert [row.first_run_ns for row in found.processes] == [0, runs_at]


def order_of_service(queue: str, *jobs: Job, **more: Any) -> list[str]:
    found = run("fcfs", *jobs, devices={"disk": 1}, queues_of={"disk": queue}, **more)
    rows = [row for row in found.processes if row.completion_ns is not None]
    return [row.name for row in sorted(rows, key=lambda row: row.completion_ns or 0)]


def test_a_device_may_serve_the_nearest_track_first() -> None:
    """Silberschatz, Galvin, Gagne, Operating System Concepts: the head is at 53."""
    tracks = [53, 98, 183, 37, 122, 14, 124, 65, 67]
    jobs = [Job(0, (("disk", 1),), tracks=(track,)) for track in tracks]
    names = [str(track) for track in tracks]
    served = order_of_service("sstf", *jobs, names=names)
    assert served == ["53", "65", "67", "37", "14", "98", "122", "124", "183"]


def test_a_device_may_serve_the_most_important_first() -> None:
    jobs = [Job(at, (("disk", 5),), priority=priority) for at, priority in ((0, 9), (1, 2), (2, 1))]
    assert order_of_service("priority", *jobs) == ["A", "C", "B"]
    assert order_of_service("fifo", *jobs) == ["A", "B", "C"]


def test_jobs_are_released_at_the_listed_times() -> None:
    steps = (("cpu", 2), ("release", 0), ("cpu", 2), ("release", 0), ("cpu", 2))
    found = run("edf", Job(1, steps, deadline=3, releases=(0, 1, 9)))
    assert [
        (each["release_ns"], each["completion_ns"]) for each in found.processes[0].jobs or ()
    ] == [*((1, 3), (2, 5), (10, 12))]


def ends_at_a_device(*changes: tuple[int, int]) -> list[int | None]:
    jobs = [job(0, ("disk", 4)) for _ in range(4)]
    found = run("fcfs", *jobs, devices={"disk": 1}, changes={"disk": changes})
    return [row.completion_ns for row in found.processes]


def test_a_device_that_gets_servers_serves_more_at_once() -> None:
    assert ends_at_a_device((2, 3)) == [4, 6, 6, 8]


def test_a_server_that_is_taken_away_completes_what_it_has_begun() -> None:
    assert ends_at_a_device((1, 2), (3, 1)) == [4, 5, 9, 13]


def test_a_device_out_of_order_serves_nobody() -> None:
    assert ends_at_a_device((1, 0), (20, 1)) == [4, 24, 28, 32]


def test_a_change_before_the_first_arrival_is_there_at_the_arrival() -> None:
    jobs = [job(5, ("disk", 4)), job(5, ("disk", 4))]
    found = run("fcfs", *jobs, devices={"disk": 1}, changes={"disk": ((5, 2),)})
    assert [row.completion_ns for row in found.processes] == [9, 9]


def test_a_program_that_finds_no_place_may_be_refused() -> None:
    jobs = job(0, 9, memory=5), job(1, 2, memory=5), job(2, 3, memory=3), job(12, 1, memory=8)
    found = run("fcfs", *jobs, partitions=[8], scheme="variable", refuses=True)
    assert completions(found) == {"A": 9, "B": None, "C": 12, "D": 13}
    assert [row.exitcode for row in found.processes] == [0, None, 0, 0]
    assert check(found) == []


def test_a_program_above_the_degree_may_be_refused() -> None:
    jobs = job(0, 9, memory=1), job(1, 2, memory=1), job(9, 3, memory=1)
    found = run("fcfs", *jobs, partitions=[8], scheme="variable", refuses=True, most=1)
    assert completions(found) == {"A": 9, "B": None, "C": 12}
