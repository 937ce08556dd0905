"""The rule of a verdict, branch by branch: schedule, times, what noise may have done, the price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from kernel.process.states import READY, RUNNING
from kernel.units import ms, us
from tests.timeline.gantt import gantt, make
from timeline.comparison.causes.noise import Noise, noise_of
from timeline.comparison.compare import compare
from timeline.comparison.criteria import (
    AGREE,
    AGREE_BUT_TIMES,
    DIFFERENT,
    DISAGREE,
    HIDDEN,
    INCONCLUSIVE,
    SMALL,
    THE_SAME,
    UNDECIDED,
    UNEXPLAINED,
)
from timeline.comparison.model import Comparison
from timeline.comparison.schedule.near_ties import needed_shift
from timeline.comparison.schedule.process_events import ProcessEvent
from timeline.expect import check
from timeline.record.intervals import Interval
from timeline.record.run import REAL, SIMULATED, Job, Overhead, Run

TURNS = [("A", 10), ("B", 10), ("A", 10), ("B", 10), ("A", 5)]


def price(middle: int, most: int) -> dict[str, Any]:
    """Return the price of a machine whose dispatches all take the same, as in its record."""
    kind = dict.fromkeys(("from_away_ns", "from_idle_ns", "from_slice_ns", "count", "p10_ns"), 0)
    quantiles = {"p50_ns": middle, "p90_ns": most, "p99_ns": most}
    kinds = [{"first": first, **kind, **quantiles} for first in (False, True)]
    return {"kinds": kinds}


def played(dead: Sequence[int] | None, **machine: Any) -> Run:
    """`TURNS` on one core, on the real machine with so much dead time (ns) before each of them."""
    names, at = ["A", "B"], 0
    since, rows, overheads = [0, 0], [], []
    for number, (name, length) in enumerate(TURNS):
        at_process, wait = names.index(name), dead[number] if dead else 0
        if wait:
            overheads.append(Overhead(0, at, at + wait, "switch"))
        start, end = at + wait, at + wait + ms(length)
        if start > since[at_process]:
            rows.append(Interval(at_process, READY, since[at_process], start, -1, -1, "dispatched"))
        last = name not in [other for other, _ in TURNS[number + 1 :]]
        rows.append(
            Interval(at_process, RUNNING, start, end, 0, -1, "ended" if last else "expired")
        )
        since[at_process] = at = end
    measured = {"resolution_ns": 100_000, "dispatch": {"slack_ns": ms(60)}, "steal_ns": 0}
    return make(
        names,
        rows,
        backend=SIMULATED if dead is None else REAL,
        machine={
            "cores": 1,
            "devices": {},
            "memory": None,
            **(measured if dead else {}),
            **machine,
        },
        scheduler={"policy": "rr", "quantum": ms(10)},
        overheads=overheads,
    )


def against(dead: Sequence[int], **machine: Any) -> Comparison:
    return compare(played(None), played(dead, **machine))


def parts(found: Comparison) -> tuple[str, str, str]:
    return found.verdict, found.schedule.verdict, found.times.verdict


# -- the machine's own price


def test_what_the_machine_was_calibrated_to_need_is_not_judged() -> None:
    found = against([us(900)] * 5, price=price(us(800), ms(1)))
    assert parts(found) == (AGREE, THE_SAME, SMALL)
    assert found.makespan.percent == pytest.approx(10.0)


def test_without_a_calibration_a_quiet_machine_is_assumed() -> None:
    found = against([us(900)] * 5)
    assert parts(found) == (AGREE_BUT_TIMES, THE_SAME, HIDDEN)
    assert "half of the dispatches took at least 9 times the assumed cost" in found.times.reason


def test_one_dispatch_that_is_late_hides_the_times() -> None:
    found = against([us(100), us(100), ms(20), us(100), us(100)], price=price(us(100), ms(1)))
    assert parts(found) == (AGREE_BUT_TIMES, THE_SAME, HIDDEN)
    assert found.noise.late_ns == ms(19)


def test_one_late_dispatch_that_makes_no_difference_hides_nothing() -> None:
    found = against([us(100), us(100), us(1200), us(100), us(100)], price=price(us(100), ms(1)))
    assert parts(found) == (AGREE, THE_SAME, SMALL)


def test_a_dispatcher_ten_times_as_slow_never_simply_agrees() -> None:
    """The times are hidden even if all differences are within the tolerances."""
    found = against([us(100)] * 5, price=price(us(10), us(200)))
    assert abs(found.makespan.percent or 0) < 2
    assert parts(found) == (AGREE_BUT_TIMES, THE_SAME, HIDDEN)


def test_the_price_and_the_lateness_of_a_switch_are_told_apart() -> None:
    found = against([0, 0, ms(20), 0, 0], price=price(us(100), ms(1)))
    told = {part.name: part.ns for part in found.causes.parts if part.ns}
    assert told == {
        "switching between processes": ms(1),
        "dispatches later than this machine needs": ms(19),
    }
    row = next(row for row in found.attributions if row.name == "A")
    assert (row.switching_ns, row.late_ns) == (ms(1), ms(19))


# -- what nothing explains


def test_longer_bursts_are_explained_by_nothing() -> None:
    slow = played([0] * 5)
    slow.processes[1].cpu_ns += ms(3)
    slow.processes[1].demand_ns = slow.processes[1].cpu_ns
    model = played(None)
    model.processes[1].demand_ns = slow.processes[1].demand_ns
    assert parts(compare(model, slow)) == (DISAGREE, THE_SAME, UNEXPLAINED)


def real(text: str, *overheads: Overhead, **machine: Any) -> Run:
    slack = {"dispatch": {"slack_ns": ms(1)}, **machine}
    return gantt(text, backend=REAL, machine=slack, overheads=overheads)


@pytest.mark.parametrize("noise", [0, 5])
def test_a_device_twice_as_slow_disagrees_with_and_without_noise(noise: int) -> None:
    hole = "x" * noise
    taken = [Overhead(0, ms(10), ms(10 + noise), "interrupted")] if noise else []
    model = gantt("A " + "0" * 20 + "-" * 30 + "0" * 20)
    slow = real("A " + "0" * 10 + hole + "0" * 10 + "-" * 60 + "0" * 20, *taken)
    found = compare(model, slow)
    assert (parts(found)[::2], found.broken) == ((DISAGREE, UNEXPLAINED), ())


def test_a_wait_that_is_late_by_no_more_than_the_noise_is_undecided() -> None:
    model = gantt("A " + "0" * 20 + "-" * 30 + "0" * 20)
    taken = Overhead(0, ms(10), ms(20), "interrupted")
    late = real("A " + "0" * 10 + "x" * 10 + "0" * 10 + "-" * 40 + "0" * 20, taken)
    assert parts(compare(model, late)) == (AGREE_BUT_TIMES, THE_SAME, HIDDEN)


@pytest.mark.parametrize("noise", [0, 8])
def test_bursts_in_each_others_place_disagree_with_and_without_noise(noise: int) -> None:
    hole = "x" * noise
    taken = [Overhead(0, ms(20), ms(20 + noise), "interrupted")] if noise else []
    model = gantt("A " + "0" * 30 + "-" * 10 + "0" * 60)
    other = real("A " + "0" * 20 + hole + "0" * 40 + "-" * 10 + "0" * 30, *taken)
    found = compare(model, other)
    assert (found.verdict, found.broken) == (DISAGREE, ())
    assert next(c for c in found.criteria if c.what == "CPU of each burst").holds is False


# -- another schedule


MODEL = """
    H 00------....000
    X ..0000000000
    M          ......000
"""
LATE = """
    H 0xxx0------.......000
    X .....0000000000
    M          ......000
"""


def disturbed(*overheads: Overhead, **machine: Any) -> Comparison:
    return compare(gantt(MODEL), real(LATE, *overheads, **machine))


def test_noise_that_moved_two_events_across_each_other_leaves_the_order_undecided() -> None:
    found = disturbed(Overhead(0, ms(1), ms(4), "interrupted"))
    assert parts(found) == (INCONCLUSIVE, UNDECIDED, HIDDEN)
    assert "slice 3 is H's in the model but M's" in found.schedule.reason
    assert (
        "after 3 ms of noise, of which 3 ms are enough to cause the difference"
        in found.schedule.reason
    )


def test_noise_that_is_too_little_excuses_no_order() -> None:
    found = disturbed(Overhead(0, ms(1), ms(3), "interrupted"))
    assert (parts(found)[:2], found.broken) == ((DISAGREE, DIFFERENT), ())


def test_noise_that_came_afterwards_excuses_no_order() -> None:
    text = LATE.replace("000\n    X", "0xxxx00\n    X")
    late = Overhead(0, ms(19), ms(23), "interrupted")
    found = compare(gantt(MODEL), real(text, Overhead(0, ms(1), ms(2), "interrupted"), late))
    assert found.verdict == DISAGREE


def test_the_price_of_switching_excuses_no_order() -> None:
    found = disturbed(Overhead(0, ms(1), ms(4), "switch"), price=price(ms(3), ms(3)))
    assert found.verdict == DISAGREE


def test_a_run_that_was_stopped_from_outside_may_have_decided_anything() -> None:
    taken, still = Overhead(0, ms(1), ms(3), "interrupted"), "the supervisor stood still for 2.0 s"
    found = disturbed(taken, disturbances=[still])
    assert found.verdict == INCONCLUSIVE
    assert still in found.sentence


def test_what_comes_after_an_excused_difference_follows_from_it() -> None:
    found = disturbed(Overhead(0, ms(1), ms(4), "interrupted"))
    ends = next(c for c in found.criteria if c.what == "completion order")
    assert ends.holds is None
    assert "which follows from the difference before it" in ends.got


def test_another_choice_among_those_that_were_ready_needs_all_the_time_between_them() -> None:
    first = [ProcessEvent("A", 0, 0, 0, False), ProcessEvent("B", 0, ms(20), 0, False)]
    second = [ProcessEvent("B", 0, 0, 0, False), ProcessEvent("A", 0, ms(20), 0, False)]
    assert needed_shift(0, first, second) == (ms(40), 0)


def test_a_waking_that_missed_a_decision_needs_to_be_as_late_as_that() -> None:
    first = [ProcessEvent("H", 0, ms(10), ms(8), True), ProcessEvent("M", 0, ms(20), ms(9), False)]
    second = [
        ProcessEvent("M", 0, ms(10), ms(9), False),
        ProcessEvent("H", 0, ms(20), ms(11), True),
    ]
    assert needed_shift(0, first, second) == (ms(3), ms(3))


# -- exit codes and deadlines


def with_exitcodes(run: Run, *codes: int) -> Run:
    rows = zip(run.processes, codes, strict=True)
    return replace(run, processes=[replace(row, exitcode=code) for row, code in rows])


def test_another_exit_code_disagrees() -> None:
    model, other = (
        with_exitcodes(played(dead), 0, code) for dead, code in ((None, 3), ([0] * 5, 0))
    )
    found = compare(model, other)
    assert parts(found)[:2] == (DISAGREE, DIFFERENT)
    assert "exit codes: B 0 against 3" in found.schedule.reason


def with_job(run: Run, deadline: int) -> Run:
    done = run.processes[1].completion_ns
    run.processes[1].jobs = [Job(release_ns=0, deadline_ns=deadline, completion_ns=done)]
    return run


def test_a_job_that_noise_made_late_is_undecided() -> None:
    late = with_job(played([0, 0, ms(20), 0, 0]), ms(48))
    found = compare(with_job(played(None), ms(48)), late)
    assert parts(found)[:2] == (INCONCLUSIVE, UNDECIDED)


# -- what is said


def test_no_percentage_stands_behind_a_criterion_that_its_floor_decided() -> None:
    model, other = gantt("A 0\nB .00000000000000000000"), real("A 0\nB .00000000000000000000")
    other.processes[0].cpu_ns += us(900)
    told = {c.what: c.got for c in compare(model, other).criteria if c.holds}
    assert told["CPU received"] == "A +900 µs (1.9 ms against 1 ms)"


def test_another_real_run_is_said_and_what_to_do_about_it() -> None:
    noise = noise_of(played([0] * 5, beside=[{"pid": 7}]))
    assert noise.words() == "another real run ran at the same time"
    assert "leave out --no-wait" in next(noise.advice())


def test_nobody_is_told_to_close_a_thread_of_the_kernel() -> None:
    thread = {"pid": 9, "name": "kworker/0:1", "cpu_ns": ms(30), "kernel": True}
    program = {"pid": 71, "name": "cc1", "cpu_ns": ms(20)}
    assert noise_of(played([0] * 5, others=[thread])).others == ""
    assert noise_of(played([0] * 5, others=[thread, program])).others == "cc1 20 ms"


@pytest.mark.parametrize(
    ("noise", "advice"),
    [
        (Noise(steal=0.0, outsiders=0.04, others="python 20 ms"), "close other programs (python"),
        (Noise(steal=0.04, outsiders=0.0), "when the host"),
        (Noise(steal=0.0, outsiders=0.0, late=0.04), "use a larger --time-unit"),
        (Noise(steal=0.0, outsiders=0.0), "--runs"),
    ],
    ids=["others", "steal", "late", "nothing"],
)
def test_the_advice_fits_what_was_measured(noise: Noise, advice: str) -> None:
    assert advice in next(noise.advice())


# -- what a scenario expects of a real run


def test_a_real_time_may_be_off_by_the_machines_price() -> None:
    run = played([us(900)] * 5, price=price(us(800), ms(1)))
    assert [line.holds for line in check({"makespan": ms(45)}, run)] == [True]


def test_a_real_time_that_noise_may_have_made_is_undecided() -> None:
    run = played([0, 0, ms(20), 0, 0])
    lines = check({"makespan": ms(45), "order": ["A", "B"]}, run)
    assert [line.holds for line in lines] == [None, None]


def test_a_real_time_that_nothing_explains_does_not_hold() -> None:
    assert [line.holds for line in check({"makespan": ms(30)}, played([0] * 5))] == [False]


def test_the_charged_model_stands_beside_the_other() -> None:
    found = compare(played(None), played([us(900)] * 5), charged=played(None))
    assert found.charged is not None
    assert found.charged.makespan == found.makespan
    assert len(found.charged.turnarounds) == 2
