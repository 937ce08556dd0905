"""Where a delay came from, followed back along what waited for what. Times in ms."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kernel.hardware import Costs
from kernel.process.states import BLOCKED
from kernel.units import ms, us
from sim import simulate
from tests.sim.cases import random_case, workload_of
from tests.timeline.gantt import gantt, remade
from timeline.comparison.causes.core_losses import FOREIGN, LATE, SWITCHING
from timeline.comparison.causes.delay_chain import IO, REST, chained
from timeline.comparison.causes.turnaround_causes import attributions
from timeline.record.run import Job, Overhead, Run
from timeline.record.sorted_run import SortedRun


def causes(first: Run, second: Run) -> list[dict[int, float]]:
    """For each process ms by cause, without what is nothing."""
    found = chained(SortedRun(first), SortedRun(second))
    assert found is not None
    return [{cause: ns / ms(1) for cause, ns in delay.items() if ns} for delay in found]


def lost(*stretches: tuple[int, int], why: str = "switch") -> list[Overhead]:
    return [Overhead(0, ms(start), ms(end), why) for start, end in stretches]


def preempting(run: Run) -> Run:
    """What is drawn as expiries were preemptions."""
    rows = list(run.intervals)
    return remade(run, [r._replace(why=r.why.replace("expired", "preempted")) for r in rows])


def at_the_disk(run: Run) -> Run:
    """All I/O is of the machine's disk."""
    rows = list(run.intervals)
    return remade(run, [r._replace(device=0) if r.state == BLOCKED else r for r in rows])


def test_a_switch_delays_the_process_switched_to() -> None:
    model = gantt("A 00\nB ..00")
    real = gantt("A 00\nB ...00", overheads=lost((2, 3)))
    assert causes(model, real) == [{}, {SWITCHING: 1}]


def test_a_process_that_becomes_ready_later_inherits_the_delay_of_the_running_one() -> None:
    model = gantt("A 00000\nB   ...000")
    real = gantt("A .00000\nB   ....000", overheads=lost((0, 1)))
    assert causes(model, real) == [{SWITCHING: 1}, {SWITCHING: 1}]


def test_a_core_without_a_process_is_late() -> None:
    assert causes(gantt("A 00\nB ..00"), gantt("A 00\nB ...00")) == [{}, {LATE: 1}]


def test_an_interrupted_slice_delays_all_behind_it() -> None:
    model = gantt("A 000\nB ...00")
    real = gantt("A 0x00\nB ....00", overheads=lost((1, 2), why="interrupted"))
    assert causes(model, real) == [{FOREIGN: 1}, {FOREIGN: 1}]


def test_the_dispatcher_on_a_workers_core_is_none_of_those_outside() -> None:
    real = gantt("A 0x00", overheads=lost((1, 2), why="dispatcher"))
    assert causes(gantt("A 000"), real) == [{SWITCHING: 1}]


def test_a_longer_burst_is_ones_own_and_known_as_such_to_others() -> None:
    model, real = gantt("A 00\nB ..00"), gantt("A 000\nB ...00")
    assert causes(model, real) == [{0: 1}, {0: 1}]
    mine, other = attributions(SortedRun(model), SortedRun(real))
    assert (mine.overshoot_ns, mine.others_overshoot_ns) == (ms(1), 0)
    assert (other.overshoot_ns, other.others_overshoot_ns) == (0, ms(1))


def test_what_one_slice_had_too_much_the_next_has_too_little() -> None:
    model, real = gantt("A 000...000\nB ...000"), gantt("A 0000...00\nB ....000")
    assert causes(model, real) == [{}, {0: 1}]


def test_late_io_delays_the_process_that_waits_for_it() -> None:
    assert causes(gantt("A 0--0"), gantt("A 0---0")) == [{IO: 1}]


def test_a_delay_is_absorbed_where_the_core_was_idle() -> None:
    model = gantt("A 00\nB     00")
    real = gantt("A .00\nB     00", overheads=lost((0, 1)))
    assert causes(model, real) == [{SWITCHING: 1}, {}]


def test_late_io_is_nothing_to_a_process_that_waited_for_the_core_anyway() -> None:
    model = gantt("A 0--.0\nB .000")
    real = gantt("A 0---0\nB .000")
    assert causes(model, real) == [{}, {}]


def test_a_preempted_process_gets_later_what_it_did_not_get_before() -> None:
    """A begins a millisecond late, and is preempted at the time it always was."""
    model = preempting(gantt("A 000..00\nB    00"))
    real = preempting(gantt("A .00..000\nB    00", overheads=lost((0, 1))))
    assert causes(model, real) == [{SWITCHING: 1}, {}]


def test_a_process_queued_at_a_device_inherits_the_delay_of_the_served_one() -> None:
    model = at_the_disk(gantt("A 0---0\nB .0----0"))
    real = at_the_disk(gantt("A 0----0\nB .0-----0"))
    assert causes(model, real) == [{IO: 1}, {IO: 1}]


def test_a_program_that_waits_for_memory_inherits_the_delay_of_the_one_that_leaves() -> None:
    model = gantt("A 000\nB www00")
    real = gantt("A .000\nB wwww00", overheads=lost((0, 1)))
    assert causes(model, real) == [{SWITCHING: 1}, {SWITCHING: 1}]


def test_another_order_is_not_explained() -> None:
    model = gantt("A 00\nB ..0000")
    real = gantt("A ....00\nB 0000")
    found = causes(model, real)
    assert found[0] == pytest.approx({REST: 4})
    assert found[1] == pytest.approx({REST: -2})


def test_runs_of_different_slices_have_no_chain() -> None:
    assert (
        chained(SortedRun(gantt("A 0000\nB ....00")), SortedRun(gantt("A 00..00\nB ..00"))) is None
    )


@pytest.mark.parametrize("policy", ["fcfs", "rr", "srtf", "priority", "mlfq"])
def test_the_parts_add_up_and_nothing_is_left_where_the_order_is_the_same(policy: str) -> None:
    """Random workloads with and without costs; what is left is rounding, in ns."""
    chains = 0
    for seed in range(100):
        free = workload_of(random_case(policy, seed), ms(1))
        first = simulate(replace(free, costs=Costs()))
        second = simulate(replace(free, costs=Costs(switch=us(1))))
        found = chained(SortedRun(first), SortedRun(second))
        for delay, mine, yours in zip(
            found or (), first.processes, second.processes, strict=found is not None
        ):
            assert mine.turnaround_ns is not None
            assert yours.turnaround_ns is not None
            assert sum(delay.values()) == yours.turnaround_ns - mine.turnaround_ns
        if found is not None and orders(first) == orders(second):
            chains += 1
            assert all(abs(delay.get(REST, 0)) < 100 for delay in found)
    assert chains > 20


def orders(run: Run) -> list[list[int]]:
    """Return which processes ran on each core, and which each device served, in order."""
    sorted_run = SortedRun(run)
    waits = sorted((row for track in sorted_run.tracks for row in track), key=lambda row: row.end)
    return [
        *([row.process for row in lane] for lane in sorted_run.lanes),
        *(
            [row.process for row in waits if row.state == BLOCKED and row.device == device]
            for device in range(len(run.device_names))
        ),
    ]


def test_a_process_that_joins_another_inherits_its_delay() -> None:
    life = {"life": {"start_method": "fork"}}
    model = gantt("A 0---0\nB  000", machine=life)
    real = gantt("A 0----0\nB  .000", machine=life, overheads=lost((1, 2)))
    assert causes(model, real) == [{SWITCHING: 1}, {SWITCHING: 1}]


def releasing(run: Run, *completions: int) -> Run:
    """All waits are for the next job, released every 5 ms; when (ms) the jobs were completed."""
    rows = list(run.intervals)
    found = remade(run, [r._replace(why="released") if r.state == BLOCKED else r for r in rows])
    found.processes[0].jobs = [
        Job(release_ns=ms(5 * at), deadline_ns=ms(5 * at + 5), completion_ns=ms(end))
        for at, end in enumerate(completions)
    ]
    return found


def test_a_release_comes_at_its_hour_and_forgets_what_was_late() -> None:
    model = releasing(gantt("A 00---00"), 2, 7)
    real = releasing(gantt("A .00--.00", overheads=lost((0, 1), (5, 6))), 3, 8)
    assert causes(model, real) == [{SWITCHING: 1}]


def test_a_late_release_is_late_whatever_was_before() -> None:
    model = releasing(gantt("A 00---00"), 2, 7)
    real = releasing(gantt("A .00---00", overheads=lost((0, 1))), 3, 8)
    assert causes(model, real) == [{LATE: 1}]


def test_jobs_before_a_release_in_time_explain_nothing_of_those_after_it() -> None:
    model = releasing(gantt("A 00---00---00"), 2, 7, 12)
    real = releasing(gantt("A 0....0.00-.00", overheads=lost((1, 5), (10, 11))), 6, 9, 13)
    assert chained(SortedRun(model), SortedRun(real)) is None
    [found] = attributions(SortedRun(model), SortedRun(real))
    assert (found.difference_ns, found.switching_ns) == (ms(1), ms(1))
    assert (found.io_ns, found.unexplained_ns, found.late_ns) == (0, 0, 0)


def test_causes_are_not_followed_where_they_would_be_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs = SortedRun(gantt("A 00\nB ..00")), SortedRun(gantt("A 00\nB ..00"))
    assert chained(*runs) is not None
    monkeypatch.setattr("timeline.comparison.causes.delay_chain.MOST", 3)
    assert chained(*runs) is None
