"""Several policies on one scenario: a table first, the best and worst of each column marked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from report.terminal.policies import show_policies_compared
from tests.report.runs import MS, Row, alternating, make_run, piped, printed
from timeline.record.run import REAL, Averages, Expectation, Job, Run

FIRST: list[Row] = [
    ("A", "running", 0, 40),
    ("B", "ready", 0, 40),
    ("B", "running", 40, 60),
]
TURNS: list[Row] = [
    ("A", "running", 0, 20),
    ("A", "ready", 20, 40),
    ("A", "running", 40, 60),
    ("B", "ready", 0, 20),
    ("B", "running", 20, 40),
]


def run(rows: list[Row], policy: str, turnaround: int, waiting: int) -> Run:
    return replace(
        make_run(rows),
        scheduler={"policy": policy, "ties": "arrival-first"},
        averages=Averages(turnaround * MS, waiting * MS, waiting * MS, 33.3, 1.0),
    )


def two() -> list[Run]:
    return [run(FIRST, "fcfs", 50, 20), run(TURNS, "rr", 50, 20)]


def shown(runs: list[Run], width: int = 80, encoding: str = "utf-8") -> str:
    console = piped(width, encoding)
    show_policies_compared(runs, console)
    return printed(console)


def rows_of(text: str, name: str) -> list[str]:
    """The cells of a policy in all parts of the table."""
    lines = text[text.index("Policies (times") :].splitlines()
    return [word for line in lines if line.startswith(f"{name} ") for word in line.split()[1:]]


def test_each_policy_has_a_row() -> None:
    runs = [run(FIRST, "fcfs", 50, 20), run(TURNS, "rr", 45, 30)]
    text = shown(runs, width=160)

    assert "50  " in text
    assert rows_of(text, "fcfs")[:2] == ["50!", "60"]
    assert rows_of(text, "rr")[:2] == ["45*", "60"]


def test_the_best_of_a_column_has_a_mark_and_nobody_if_all_are_alike() -> None:
    text = shown(two(), width=160)
    fcfs, rr = rows_of(text, "fcfs"), rows_of(text, "rr")

    assert not any("*" in cell for cell in fcfs[:5])  # all the same in both
    assert "1*" in fcfs  # one switch, against two
    assert "2!" in rr
    assert "* marks the best of its column, ! the worst" in text


def test_the_rules_of_each_policy_are_told() -> None:
    text = shown(two())

    assert "arrivals come before quantum expiries (arrival-first)" in text
    assert "fcfs  the process that became ready first is ahead" in text


def test_every_policy_has_its_chart_on_the_same_axis() -> None:
    lines = shown(two()).splitlines()
    charts = [line.split("│")[1] for line in lines if line.startswith("core 0")]

    assert len(charts) == 2
    assert len(charts[0]) == len(charts[1])


def test_very_many_charts_are_left_out() -> None:
    assert "core 0" not in shown(two() * 30)


def test_missed_deadlines_are_a_column_if_there_are_any() -> None:
    runs = two()
    assert "missed" not in shown(runs)
    for each in runs:
        end = each.processes[0].completion_ns
        each.processes[0].jobs = [Job(release_ns=0, deadline_ns=50 * MS, completion_ns=end)]

    text = shown(runs, width=160)

    assert rows_of(text, "fcfs")[-3:] == ["0", "of", "1*"]
    assert rows_of(text, "rr")[-3:] == ["1", "of", "1!"]


def test_expectations_and_a_stop_are_told_with_their_policy() -> None:
    first, second = two()
    failed = replace(first, expectations=[Expectation("makespan", 1, 2, False)])
    text = shown([failed, replace(second, stopped="interrupted")])

    assert "What the scenario expects of fcfs" in text
    assert "The run of rr was stopped: interrupted" in text


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("count", [1, 30, 60])
def test_no_line_is_wider_than_the_console(width: int, count: int) -> None:
    text = shown([alternating(count, 1234.567), alternating(count, 1234.567)], width)
    assert max(map(len, text.splitlines())) <= width


def test_an_old_terminal_gets_ascii_only() -> None:
    assert shown(two(), encoding="latin-1").isascii()


def test_runs_of_no_length_can_be_shown() -> None:
    assert "there is no chart to draw" in shown([make_run([]), make_run([])])


def test_what_real_machines_had_to_do_is_told_once_if_equal_and_else_for_each() -> None:
    runs = [
        replace(
            run,
            backend=REAL,
            machine={
                "privilege": "ordinary",
                "steal_ns": 0,
                "dispatch": {"count": 3, "dead_p50_ns": dead},
            },
        )
        for run, dead in zip(two(), (65_000, 70_000), strict=True)
    ]
    text = shown(runs)

    assert text.count("privilege") == text.count("ordinary") == 1
    assert "stolen              0 ms (0.0 %) by the hypervisor" in text
    assert "dispatch dead time  fcfs: p50 65 µs (3 dispatches)" in text
    assert "                    rr: p50 70 µs (3 dispatches)" in text


def test_a_large_throughput_has_no_power_of_ten() -> None:
    first, second = two()
    large = Averages(None, None, None, throughput_per_s=123_456.7, cpu_utilization=1.0)
    assert "123457" in shown([replace(first, averages=large), second])
