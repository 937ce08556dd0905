"""A process's track, put together from the decisions, the dispatches and what its worker saw."""

from __future__ import annotations

from array import array
from typing import Any

import pytest

from kernel.process.control_block import Process
from kernel.process.program import CPU, Program
from kernel.process.spec import ProcessSpec
from kernel.process.states import BLOCKED, NEW, READY, RUNNING, ZOMBIE, State
from real.cells import GAP
from real.dispatched.journal import Change, Dispatch
from real.dispatched.switches import still_unseen, switches, with_compaction
from real.dispatched.tracks import MeasuredTrack, ProcessNotes, split
from real.supervisor.overheads import Windows, beside_runs
from timeline.record.intervals import Interval, Intervals
from timeline.record.run import Overhead

KEYS = ("state", "start", "end", "core", "why")


def life(
    changes: list[Change],
    dispatches: list[tuple[int, int]],
    running_intervals: list[int],
    *,
    state: State = State.DEAD,
    stopped_at: int | None = None,
    at_work: tuple[int, ...] = (),
    early: int = 0,
) -> MeasuredTrack:
    """A process that arrives at 0; dispatches are (sent, core). In units of a millisecond."""
    process = Process(ProcessSpec(0, "A", 0, Program.of([(CPU, 1)])))
    process.state = state
    unit = 1_000_000
    notes = ProcessNotes(
        arrived=0,
        changes=[each._replace(wall=each.wall * unit) for each in changes],
        dispatches=[Dispatch(sent * unit, sent * unit, core) for sent, core in dispatches],
        running_intervals=array("q", [moment * unit for moment in running_intervals]),
        stopped_at=stopped_at and stopped_at * unit,
    )
    return MeasuredTrack(process, notes, Windows([at * unit for at in at_work]), early * unit)


def rows(life: MeasuredTrack) -> list[tuple[Any, ...]]:
    return [
        (row.state, row.start // 1_000_000, row.end // 1_000_000, row.core, row.why)
        for row in life.intervals
    ]


def ran(why: str, wall: int) -> Change:
    return Change(RUNNING, why, -1, wall)


def waited(wall: int) -> Change:
    return Change(READY, "dispatched", -1, wall)


def test_ready_until_it_saw_itself_run() -> None:
    one = life([waited(10), ran("ended", 30)], [(10, 0)], [11, 30])
    assert rows(one) == [(READY, 0, 11, -1, "dispatched"), (RUNNING, 11, 30, 0, "ended")]


def test_io_lasts_as_long_as_the_device_was_busy() -> None:
    one = life(
        [ran("blocked", 10), Change(BLOCKED, "woke", 0, 40), waited(41), ran("ended", 50)],
        [(0, 0), (41, 0)],
        [0, 10, 42, 50],
    )
    assert rows(one) == [
        (RUNNING, 0, 10, 0, "blocked"),
        (BLOCKED, 10, 40, -1, "woke"),
        (READY, 40, 42, -1, "dispatched"),
        (RUNNING, 42, 50, 0, "ended"),
    ]


def test_a_hole_in_a_slice_is_another_programs() -> None:
    one = life([ran("ended", 20)], [(0, 0)], [0, 5, 9, 20])
    assert rows(one) == [
        (RUNNING, 0, 5, 0, "interrupted"),
        (READY, 5, 9, -1, "resumed"),
        (RUNNING, 9, 20, 0, "ended"),
    ]
    assert [row.why for row in one.overheads] == ["interrupted"]


def losses(life: MeasuredTrack) -> list[tuple[int, int, str]]:
    return [(row.start_ns // 1_000_000, row.end_ns // 1_000_000, row.why) for row in life.overheads]


def test_or_the_dispatchers_as_far_as_it_was_at_work_then() -> None:
    ended = [ran("ended", 20)]
    whole = life(ended, [(0, 0)], [0, 5, 9, 20], at_work=(3, 9))
    assert losses(whole) == [(5, 9, "dispatcher")]
    part = life(ended, [(0, 0)], [0, 5, 9, 20], at_work=(6, 7))
    assert losses(part) == [
        (5, 6, "interrupted"),
        (6, 7, "dispatcher"),
        (7, 9, "interrupted"),
    ]


def test_what_it_takes_to_get_to_the_dispatcher_and_back_is_the_dispatchers() -> None:
    one = Overhead(0, 5_000_000, 6_000_000, "dispatcher")
    process = Process(ProcessSpec(0, "A", 0, Program.of([(CPU, 1)])))
    ran_in = array("q", [0, one.start_ns, one.end_ns, 20_000_000])
    notes = ProcessNotes(0, [ran("ended", 20_000_000)], [Dispatch(0, 0, 0)], ran_in)
    found = MeasuredTrack(process, notes, Windows([one.start_ns + GAP, one.end_ns - GAP]), early=0)
    assert found.overheads == [one]


def test_a_slice_that_ends_while_it_does_not_run() -> None:
    one = life(
        [ran("preempted", 9), waited(30), ran("ended", 40)], [(0, 0), (30, 0)], [0, 5, 30, 40]
    )
    assert rows(one)[:2] == [(RUNNING, 0, 5, 0, "preempted"), (READY, 5, 30, -1, "dispatched")]
    hole = one.overheads[0]
    assert (hole.start_ns, hole.end_ns) == (5_000_000, 9_000_000)


def test_from_core_to_core_without_a_gap() -> None:
    one = life([ran("expired", 10), ran("ended", 20)], [(0, 0), (10, 1)], [0, 20])
    assert rows(one) == [(RUNNING, 0, 10, 0, "expired"), (RUNNING, 10, 20, 1, "ended")]


def test_a_slice_of_no_time_has_its_dispatch_and_the_next_slice_has_its_own() -> None:
    one = life(
        [waited(10), ran("preempted", 10), waited(17), ran("ended", 31)],
        [(10, 0), (17, 1)],
        [18, 31],
    )
    assert rows(one) == [(READY, 0, 18, -1, "dispatched"), (RUNNING, 18, 31, 1, "ended")]


def test_memory_comes_first() -> None:
    one = life([Change(NEW, "admitted", -1, 7), ran("ended", 9)], [(7, 0)], [8, 9])
    assert rows(one)[0] == (NEW, 0, 7, -1, "admitted")


def test_what_a_stopped_run_was_in_the_middle_of() -> None:
    running = life([], [(0, 0)], [0, 5], state=RUNNING, stopped_at=5)
    assert rows(running) == [(RUNNING, 0, 5, 0, "stopped")]
    ready = life([], [], [], state=READY, stopped_at=5)
    assert rows(ready) == [(READY, 0, 5, -1, "stopped")]
    unborn = life([], [], [], state=State.UNBORN, stopped_at=5)
    assert rows(unborn) == []


def test_running_intervals_are_split_at_dispatches() -> None:
    assert split(array("q", [1, 4, 6, 9, 12, 25]), [0, 5, 20]) == [
        [(1, 4)],
        [(6, 9), (12, 20)],
        [(20, 25)],
    ]


def test_an_interval_of_no_length_is_none() -> None:
    assert split(array("q", [3, 3, 5, 8]), [0]) == [[(5, 8)]]


def test_windows_that_touch_have_nothing_in_common() -> None:
    windows = Windows([10, 20, 40, 50])
    assert list(windows.within(15, 16)) == [(15, 16)]
    assert list(windows.within(19, 41)) == [(19, 20), (40, 41)]
    assert not any(list(windows.within(*each)) for each in ((0, 10), (20, 40), (50, 60)))


def test_a_slice_that_was_cut_short_on_purpose_was_not_disturbed() -> None:
    expired = Change(RUNNING, "expired", -1, 10)
    assert life([expired], [(0, 0)], [0, 9], early=1).overheads == []
    assert [
        (lost.start_ns // 1_000_000, lost.end_ns // 1_000_000)
        for lost in life([expired], [(0, 0)], [0, 7], early=1).overheads
    ] == [(7, 9)]


def test_overheads_lie_beside_the_runs_and_beside_each_other() -> None:
    intervals = Intervals()
    for start, end in ((0, 10), (14, 20)):
        intervals.add(Interval(0, RUNNING, start, end, 0, -1, "expired"))
    intervals.add(Interval(1, READY, 0, 30, -1, -1, "stopped"))
    told = [
        Overhead(0, 12, 16, "switch"),
        Overhead(0, 10, 13, "dispatcher"),
        Overhead(0, 10, 11, "interrupted"),
        Overhead(0, 20, 22, "interrupted"),
    ]
    assert beside_runs(told, intervals, 1) == [
        Overhead(0, 10, 13, "dispatcher"),
        Overhead(0, 13, 14, "switch"),
        Overhead(0, 20, 22, "interrupted"),
    ]


def test_an_overhead_is_told_on_both_sides_of_a_run() -> None:
    """Two ran in the slice of a third, as another program had continued them."""
    intervals = Intervals()
    for process, start, end in ((0, 0, 10), (1, 12, 20), (2, 25, 30), (0, 33, 40)):
        intervals.add(Interval(process, RUNNING, start, end, 0, -1, "expired"))
    lost = [Overhead(0, 10, 33, "interrupted"), Overhead(0, 22, 24, "switch")]
    assert beside_runs(lost, intervals, 1) == [
        Overhead(0, 10, 12, "interrupted"),
        Overhead(0, 20, 25, "interrupted"),
        Overhead(0, 30, 33, "interrupted"),
    ]


def test_no_core_is_lost_after_the_last_program_has_ended() -> None:
    intervals = Intervals()
    intervals.add(Interval(0, RUNNING, 0, 10, 0, -1, "ended"))
    intervals.add(Interval(1, ZOMBIE, 5, 40, -1, -1, "reaped"))
    noticed_late = [Overhead(0, 10, 31, "interrupted"), Overhead(1, 4, 31, "switch")]

    assert beside_runs(noticed_late, intervals, 2) == [Overhead(1, 4, 10, "switch")]


def test_what_passed_while_partitions_were_copied_is_compaction() -> None:
    told = [Overhead(0, 10, 20, "switch"), Overhead(0, 30, 34, "interrupted")]
    assert list(with_compaction(told, Windows([5, 12, 14, 15, 31, 40]))) == [
        Overhead(0, 10, 12, "compaction"),
        Overhead(0, 12, 14, "switch"),
        Overhead(0, 14, 15, "compaction"),
        Overhead(0, 15, 20, "switch"),
        Overhead(0, 30, 31, "interrupted"),
        Overhead(0, 31, 34, "compaction"),
    ]
    assert list(with_compaction(told, Windows(()))) == told


@pytest.mark.parametrize(
    ("sent", "longest"),
    [
        ([], 0),
        ([Dispatch(0, 0, 0)], 0),  # it ran
        ([Dispatch(0, 0, 0), Dispatch(10, 10, 0)], 15),
        ([Dispatch(0, 0, 0), Dispatch(8, 12, 0)], 15),  # the core was not free at 8
        ([Dispatch(0, 0, 0), Dispatch(12, 14, 0), Dispatch(20, 20, 0)], 13),
        ([Dispatch(0, 0, 0), Dispatch(4, 4, 1)], 21),
    ],
)
def test_a_dispatch_that_is_under_way_at_the_end(sent: list[Dispatch], longest: int) -> None:
    intervals = Intervals()
    intervals.add(Interval(0, RUNNING, 0, 10, 0, -1, "expired"))
    intervals.add(Interval(0, READY, 10, 25, -1, -1, "stopped"))
    assert still_unseen(intervals, [sent], 2) == longest


def test_a_dispatch_is_not_late_while_partitions_are_copied() -> None:
    intervals = Intervals()
    for start, end in ((0, 10), (18, 20)):
        intervals.add(Interval(0, RUNNING, start, end, 0, -1, "expired"))
    sent = [[Dispatch(10, 16, 0)]]
    overheads, dead = switches(intervals, sent, 1, 0, Windows([11, 15]))
    assert overheads == [Overhead(0, 10, 18, "switch")] and dead == [4]


def test_the_time_of_a_process_that_only_looked_counts_for_the_next_one() -> None:
    intervals = Intervals()
    for start, end in ((0, 10), (18, 20)):
        intervals.add(Interval(0, RUNNING, start, end, 0, -1, "expired"))
    sent, looks = [[Dispatch(0, 0, 0), Dispatch(15, 16, 0)], [Dispatch(10, 12, 0)]]
    overheads, dead = switches(intervals, [sent, looks], 1, 0)
    assert overheads == [Overhead(0, 10, 18, "switch")] and dead == [0, 8]
