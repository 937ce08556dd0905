"""Latencies on the terminal and on the page: each kind that a run has, and no other."""

from __future__ import annotations

import pytest

from report.sections.latencies import MOST, kinds_of_latency
from report.terminal.run import show_latencies
from tests.report.runs import make_run, piped, printed
from tests.sim.test_instants import job, run
from timeline.record.run import Run


def shown(of: Run, width: int = 80, encoding: str = "utf-8") -> str:
    console = piped(width, encoding)
    show_latencies(of, console)
    return printed(console)


def test_each_kind_has_a_table_with_all_processes_at_its_foot() -> None:
    text = shown(run("fcfs", job(0, 5000), job(0, ("wait", 2000), 1000)))
    assert "Wake-up latency: from the end of a wait until running (times in ns)" in text
    assert "Service time of bursts" in text
    assert "Slack" not in text
    foot = next(line for line in text.splitlines() if line.startswith("all"))
    assert foot.split() == ["all", "1", *["3000"] * 5]


def test_a_histogram_has_a_bar_for_each_bin() -> None:
    jobs = [job(0, ("wait", 1), 10) for _ in range(3)]
    text = shown(run("fcfs", job(0, 5), *jobs))
    assert "2 to 5 ns" in text
    assert "█" in text


def test_with_many_processes_only_the_worst_are_listed() -> None:
    jobs = [job(0, ("wait", 1), 10) for _ in range(MOST + 5)]
    kinds = kinds_of_latency(
        run("fcfs", *jobs, names=[f"P{n}" for n in range(len(jobs))]), 20, "~", "#"
    )
    title, _, sheet, _ = next(kinds)
    assert title.endswith(f"the worst {MOST} of {MOST + 5} processes")
    assert sheet.names.cells[0] == f"P{MOST + 4}"


def test_a_run_in_which_nothing_ran_has_none() -> None:
    assert "there are no latencies" in shown(make_run([]))


@pytest.mark.parametrize("width", [40, 60, 80])
def test_no_line_is_wider_than_the_console(width: int) -> None:
    jobs = [job(0, ("wait", 1), 10_000_000) for _ in range(6)]
    lines = shown(run("rr", *jobs, parameters={"quantum": 999_999}), width).splitlines()
    assert max(map(len, lines)) <= width


def test_an_old_terminal_gets_ascii() -> None:
    assert shown(run("fcfs", job(0, 5), job(0, ("wait", 1), 1)), encoding="ascii").isascii()
