"""The chart of a run: what its lanes hold, and how charts that are drawn together share labels."""

from __future__ import annotations

from kernel.process.states import BLOCKED, READY, RUNNING
from kernel.units import ms
from report.base.chart import NO_PROCESS, Chart, shared_labels, span_of
from report.base.style import PALETTE
from tests.report.runs import make_run
from timeline.record.run import Overhead

ROWS = [("A", "running", 0, 20), ("B", "ready", 0, 20), ("B", "running", 20, 30)]


def test_a_core_shows_its_overheads_and_the_processes_that_ran_on_it() -> None:
    chart = Chart(make_run(ROWS, overheads=[Overhead(0, ms(30), ms(31), "switch")]))

    assert [(span.lane, span.process, span.why) for span in chart.core_spans()] == [
        (0, NO_PROCESS, "switch"),
        (0, 0, "ended"),
        (0, 1, "ended"),
    ]


def test_a_process_shows_its_states_in_a_lane_of_its_own() -> None:
    chart = Chart(make_run(ROWS))

    assert [(span.lane, span.state, span.end) for span in chart.state_spans()] == [
        (0, RUNNING, ms(20)),
        (1, READY, ms(20)),
        (1, RUNNING, ms(30)),
    ]


def test_charts_that_are_drawn_together_give_a_process_one_colour() -> None:
    first, second = make_run(ROWS), make_run([("B", "running", 0, 10)])
    labels = shared_labels([first, second])

    assert Chart(second, labels).labels.colour(0) == Chart(first, labels).labels.colour(1)
    assert Chart(second, labels).until(ms(5)).labels.colour(0) == PALETTE[1][0]


def test_a_chart_until_an_instant_is_cut_there() -> None:
    chart = Chart(make_run([*ROWS, ("A", "blocked", 20, 40)])).until(ms(25))

    assert [(span.state, span.end) for span in chart.state_spans()] == [
        (RUNNING, ms(20)),
        (READY, ms(20)),
        (RUNNING, ms(25)),
        (BLOCKED, ms(25)),
    ]
    assert chart.run.cores[0].busy_ns == ms(25)
    assert span_of(chart.run) == ms(25)


def test_a_name_that_has_no_room_gives_way_to_its_label() -> None:
    labels = shared_labels([make_run([("editor", "running", 0, 10)])])

    assert [labels.fitting(0, room) for room in (6, 5, 0.5)] == ["editor", "E", ""]
