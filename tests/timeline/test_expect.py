"""What a scenario says must come out, held against runs in which it does and does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kernel.errors import UsageError
from kernel.hardware import MemorySpec
from kernel.units import ms, us
from sim import simulate
from tests.sim.cases import workload
from tests.sim.oracle.system import CPU
from tests.sim.oracle.system import Job as Program
from tests.timeline.gantt import as_real, gantt
from timeline.expect import check
from timeline.record.run import Job, Run

THREE = """
    A 000000
    B ......000
    C .........0000
"""


@pytest.fixture
def run() -> Run:
    return gantt(THREE)


def holds(expect: dict[str, Any], run: Run) -> bool | None:
    [line] = check(expect, run)
    return line.holds


@pytest.mark.parametrize(
    ("key", "time"),
    [("completion", 9), ("turnaround", 9), ("waiting", 6), ("response", 6), ("first_run", 6)],
)
def test_a_time_of_a_process(run: Run, key: str, time: int) -> None:
    assert holds({key: {"B": ms(time)}}, run)
    assert not holds({key: {"B": ms(time) + 1}}, run)


def test_a_line_says_what_was_wanted_and_what_came(run: Run) -> None:
    [line] = check({"completion": {"B": ms(8)}}, run)
    assert (line.what, line.wanted, line.got, line.holds) == (
        "completion of B",
        ms(8),
        ms(9),
        False,
    )


def test_the_makespan(run: Run) -> None:
    assert holds({"makespan": ms(13)}, run)
    assert not holds({"makespan": ms(14)}, run)


def test_a_mean_may_be_written_with_two_decimals_rounded_or_cut_off() -> None:
    run = gantt("A 000\nB ...0\nC ....000")  # waiting 0, 3, 4: mean 7/3
    assert holds({"mean": {"waiting": us(2330)}}, run)
    assert not holds({"mean": {"waiting": us(2350)}}, run)
    assert not holds({"mean": {"waiting": us(2300)}}, run)


def test_the_hundredth_is_one_of_the_scenarios_time_unit() -> None:
    run = gantt("A 000\nB ...0\nC ....000", unit=ms(20))
    expect = {"mean": {"waiting": 233 * ms(20) // 100}}
    assert not check(expect, run)[0].holds
    assert check(expect, run, time_unit=ms(20))[0].holds


def test_the_order_of_completion(run: Run) -> None:
    assert holds({"order": ["A", "B", "C"]}, run)
    assert not holds({"order": ["B", "A", "C"]}, run)


def test_the_order_of_some_of_them(run: Run) -> None:
    assert holds({"order": ["A", "C"]}, run)


def test_completions_at_one_instant_have_no_order() -> None:
    run = gantt("A 000\nB 111")
    assert holds({"order": ["A", "B"]}, run)
    assert holds({"order": ["B", "A"]}, run)


def test_a_real_time_may_be_off_by_a_share_of_the_makespan(run: Run) -> None:
    expect = {"completion": {"C": ms(13)}}
    assert holds(expect, as_real(run, lateness=0.019))
    assert not holds(expect, as_real(run, lateness=0.021))
    assert holds({**expect, "tolerance": 0.05}, as_real(run, lateness=0.021))


def test_the_tolerance_does_not_loosen_the_simulator(run: Run) -> None:
    assert not holds({"makespan": ms(13) + 1, "tolerance": 0.5}, run)


def test_real_completions_within_the_tolerance_may_come_in_either_order() -> None:
    real = as_real(gantt("A 0000000000\nB 1111111111"))
    real.processes[0].completion_ns = ms(10)
    real.processes[1].completion_ns = ms(10) - us(150)
    assert holds({"order": ["A", "B"]}, real)
    real.processes[1].completion_ns = ms(10) - us(250)
    assert not holds({"order": ["A", "B"]}, real)


def test_what_never_happened_is_not_close_to_anything() -> None:
    run = gantt("A 000", stopped="interrupted")
    assert not holds({"completion": {"A": ms(3)}}, run)
    assert not holds({"order": ["A"]}, run)


@pytest.mark.parametrize(
    "expect",
    [
        {"completion": {"child": ms(3)}},
        {"exitcode": {"child": 0}},
        {"order": ["A", "child"]},
        {"dispatched": ["A", "child"]},
        {"deadlock": ["child"]},
        {"placed": {"child": {"base": 0}}},
    ],
)
def test_whoever_was_not_born_when_the_run_was_stopped_did_not_do_it(
    expect: dict[str, Any],
) -> None:
    assert not holds(expect, gantt("A 000", stopped="interrupted by SIGINT"))


def test_a_program_that_never_runs_may_be_expected_not_to() -> None:
    assert holds({"first_run": {"A": None}}, gantt("A ---"))


@pytest.mark.parametrize(
    "expect", [{"completion": {"Z": 1}}, {"mean": {"luck": 1}}, {"weather": 1}, {"order": ["Z"]}]
)
def test_an_unknown_name_is_a_usage_error(run: Run, expect: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="must be one of"):
        check(expect, run)


# -- which processes ran, and how often ----------------------------------------------------------

TURNS = """
    A 0..0..00
    B .0..0
    C ..0..0
"""


def test_the_order_of_dispatch_as_far_as_it_is_written() -> None:
    run = gantt(TURNS)
    assert holds({"dispatched": ["A", "B", "C", "A", "B", "C", "A"]}, run)
    assert holds({"dispatched": ["A", "B"]}, run)
    assert not holds({"dispatched": ["A", "C"]}, run)
    assert not holds({"dispatched": ["A", "B", "C", "A", "B", "C", "A", "B"]}, run)


def test_a_slice_that_goes_on_is_one_however_often_it_is_written() -> None:
    assert holds({"dispatched": ["A", "B", "B", "A", "A", "A"]}, gantt("A 0..00\nB .00"))


def test_an_order_of_dispatch_says_how_far_it_came() -> None:
    [line] = check({"dispatched": ["A", "B", "A"]}, gantt(TURNS))
    assert (line.wanted, line.got) == (["A", "B", "A"], ["A", "B", "C"])


def test_the_order_of_dispatch_of_a_real_run_has_no_tolerance() -> None:
    assert not holds({"dispatched": ["B", "A"], "tolerance": 0.9}, as_real(gantt("A 0\nB .0")))


def test_how_often_a_process_loses_its_core() -> None:
    assert holds({"preemptions": {"A": 2}}, gantt(TURNS))
    assert not holds({"preemptions": {"A": 3}}, gantt(TURNS))


def with_jobs(run: Run, *jobs: tuple[int, int | None]) -> Run:
    """Its first process as a periodic one: (deadline, completion) of each job, in ms."""
    run.processes[0].jobs = [
        Job(release_ns=0, deadline_ns=ms(deadline), completion_ns=None if end is None else ms(end))
        for deadline, end in jobs
    ]
    return run


def test_a_job_that_is_completed_at_its_deadline_meets_it() -> None:
    run = with_jobs(gantt("A 0000000000"), (4, 4), (8, 9), (9, 10))
    assert holds({"missed": {"A": 2}}, run)
    assert not holds({"missed": {"A": 3}}, run)


def test_a_process_without_deadlines_misses_none() -> None:
    assert holds({"missed": {"A": 0}}, gantt("A 000"))


def test_a_job_that_never_ends_misses_its_deadline() -> None:
    assert holds({"missed": {"A": 1}}, with_jobs(gantt("A 000", stopped="interrupted"), (5, None)))


def test_a_real_job_may_be_as_late_as_any_time() -> None:
    run = with_jobs(as_real(gantt("A " + "0" * 100)), (50, 51), (60, 70))
    assert holds({"missed": {"A": 1}}, run)
    assert holds({"missed": {"A": 2}}, run)
    assert not holds({"missed": {"A": 0}}, run)


def test_a_count_is_told_as_a_number_and_not_as_a_time() -> None:
    [line] = check({"preemptions": {"A": 3}}, gantt(TURNS))
    assert (line.what, line.wanted, line.got) == ("preemptions of A", "3", "2")


# -- memory ---------------------------------------------------------------------------------------


@pytest.fixture
def placed() -> Run:
    """Holes of 10, 30 and 20 bytes: P1 gets 12 from the one of 20, P2 waits for 28 of the 30."""
    spec = MemorySpec(64, (), "best", "fifo", "variable", (10, 30, 20))
    given = [Program(0, (("cpu", 1),), memory=size) for size in (12, 29, 28)]
    return simulate(replace(workload("fcfs", given), memory=spec))


@pytest.mark.parametrize(
    ("place", "right"),
    [
        ({"hole": 20}, True),
        ({"base": 44}, True),
        ({"hole": 20, "base": 44}, True),
        ({"hole": 12}, False),
        ({"hole": 20, "base": 0}, False),
    ],
)
def test_where_a_program_is_placed(placed: Run, place: dict[str, int], right: bool) -> None:
    assert holds({"placed": {"P1": place}}, placed) is right


def test_a_place_is_told_as_a_scenario_writes_it(placed: Run) -> None:
    [line] = check({"placed": {"P3": {"hole": 2048, "base": 0}}}, placed)
    assert (line.what, line.wanted, line.got) == ("place of P3", "2KiB@0", "30B@12B")


def test_a_program_that_got_no_place() -> None:
    [line] = check({"placed": {"A": {"base": 0}}}, gantt(THREE))
    assert (line.got, line.holds) == ("nowhere", False)


def test_these_wait_for_memory_and_no_others(placed: Run) -> None:
    assert holds({"waits": ["P3"]}, placed)
    assert not holds({"waits": []}, placed)
    assert not holds({"waits": ["P2", "P3"]}, placed)
    assert holds({"waits": []}, gantt(THREE))


def test_the_exit_code_of_a_process(run: Run) -> None:
    run.processes[1].exitcode = -11
    assert holds({"exitcode": {"B": -11}}, run)
    assert not holds({"exitcode": {"B": 0}}, run)


@pytest.mark.parametrize(
    ("key", "part", "wanted"),
    [
        ("utilization", "cpu", "100%"),
        ("utilization", "core 0", ms(13)),
        ("idle", "core 0", 0),
        ("idle", "cpu", "0.00%"),
    ],
)
def test_how_much_of_a_core_is_used(run: Run, key: str, part: str, wanted: int | str) -> None:
    assert holds({key: {part: wanted}}, run)


def of_devices(**devices: int | None) -> Run:
    """Two programs want the device for 4 ms each from 0 on; the third is there to compute 10."""
    [device] = devices
    jobs = [Program(0, ((device, 4),)), Program(0, ((device, 4),)), Program(0, ((CPU, 10),))]
    return simulate(workload("fcfs", jobs, tick=ms(1), devices=devices))


@pytest.mark.parametrize(
    ("units", "busy", "idle", "share"),
    [(1, 8, 2, "80%"), (2, 8, 12, "40%"), (3, 8, 22, "26.6%"), (None, 4, 6, "40%")],
)
def test_how_much_of_a_device_is_used(units: int | None, busy: int, idle: int, share: str) -> None:
    """The line is served by as many as the device has; without a bound it is in use or not."""
    run = of_devices(disk=units)
    assert holds({"utilization": {"disk": ms(busy)}}, run)
    assert holds({"utilization": {"disk": share}}, run)
    assert holds({"idle": {"disk": ms(idle)}}, run)


@pytest.mark.parametrize(
    ("share", "came"),
    [(share, True) for share in ("66.67%", "66.66%", "66.7%", "66.6%", "66%", "67%")]
    + [(share, False) for share in ("66.68%", "66.65%", "66.5%", "65%", "68%")],
)
def test_a_share_is_rounded_or_cut_off(share: str, came: bool) -> None:
    run = gantt("A 0-0")  # two of three
    assert holds({"utilization": {"cpu": share}}, run) is came


def test_on_real_machines_a_share_may_be_off_as_a_time_may() -> None:
    run = as_real(gantt("A 0-0"))
    assert holds({"utilization": {"cpu": "65%"}}, run) and holds({"idle": {"cpu": "35%"}}, run)
    assert not holds({"utilization": {"cpu": "60%"}}, run)


def test_a_part_that_the_machine_has_not(run: Run) -> None:
    with pytest.raises(UsageError, match="utilization: must be one of disk, core 0, cpu"):
        check({"utilization": {"tape": "5%"}}, run)
