"""Missed deadlines can be seen: in the chart, in the tables, in the totals, in a comparison."""

from __future__ import annotations

from typing import Any

import pytest

from report.terminal.comparison import show_comparison
from report.terminal.run import show_run
from tests.report.runs import MS, Row, alternating, make_run, piped, printed
from timeline.comparison.compare import compare
from timeline.record.run import REAL, Job, Run

PERIODIC: list[Row] = [
    ("A", "running", 0, 20),
    ("A", "blocked", 20, 50),
    ("A", "running", 50, 70),
    ("B", "ready", 0, 20),
    ("B", "running", 20, 50),
]


def job(release: float, deadline: float, completion: float) -> Job:
    release, deadline, completion = (round(at * MS) for at in (release, deadline, completion))
    return Job(release_ns=release, deadline_ns=deadline, completion_ns=completion)


def periodic(late: float = 0, **changes: Any) -> Run:
    """A has two jobs, both in time; unless `late` (ms) moves their deadlines forward."""
    run = make_run(PERIODIC, **changes)
    run.processes[0].jobs = [job(0, 35 - late, 20), job(50, 70.5 - late, 70)]
    return run


def dropping() -> Run:
    """The second job of A was dropped at its deadline."""
    run = periodic()
    dropped = Job(release_ns=50 * MS, deadline_ns=70 * MS, completion_ns=None, dropped_ns=MS)
    run.processes[0].jobs = [job(0, 35, 20), dropped]
    return run


def shown(run: Run, width: int = 80, encoding: str = "utf-8") -> str:
    console = piped(width, encoding)
    show_run(run, console)
    return printed(console)


def chart(text: str, start: str) -> str:
    lines = (line for line in text.splitlines() if line.startswith(start) and "│" in line)
    return next(lines).split("│")[1]


def test_a_missed_deadline_is_marked_where_it_was() -> None:
    cells = chart(shown(periodic(late=1)), "A ")

    assert cells.count("!") == 1
    assert cells.index("!") == round(69.5 / 70 * len(cells)) - 1
    assert "!" not in chart(shown(periodic(late=1)), "B ")
    assert "! missed a deadline" in shown(periodic(late=1))


def test_a_deadline_that_is_met_has_no_mark() -> None:
    assert "!" not in shown(periodic())


def test_the_table_counts_and_the_totals_sum_up() -> None:
    text = shown(periodic(late=1))

    assert "missed" in text
    assert next(line for line in text.splitlines() if "1 of 2" in line).startswith("A ")
    assert "missed 1 of 2 deadlines" in " ".join(text.split())


def test_without_deadlines_there_is_no_column() -> None:
    assert "missed" not in shown(make_run(PERIODIC))


def test_many_processes_share_a_line_of_marks() -> None:
    run = alternating(40)
    for row in run.processes[:20]:
        row.jobs = [Job(release_ns=0, deadline_ns=5 * MS, completion_ns=row.completion_ns)]

    text = shown(run)

    assert chart(text, "missed").count("!") == 1
    assert "missed 20 of 20 deadlines" in " ".join(text.split())


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_console(width: int) -> None:
    assert max(map(len, shown(periodic(late=1), width).splitlines())) <= width


def test_an_old_terminal_gets_ascii_only() -> None:
    assert shown(periodic(late=1), encoding="latin-1").isascii()


def compared(first: Run, second: Run) -> str:
    console = piped()
    show_comparison(first, second, compare(first, second), console)
    return printed(console)


def test_a_comparison_holds_the_misses_of_both_against_each_other() -> None:
    text = compared(periodic(), periodic(late=1, backend=REAL))

    assert "missed deadlines     0 against 1, of 2" in text
    rows = [line.split() for line in text.splitlines() if line.startswith("A ")]
    assert any(row[-2:] == ["0", "1"] for row in rows)
    lines = [line for line in text.splitlines() if line.startswith("missed │")]
    assert [line.count("!") for line in lines] == [0, 1]


def test_a_comparison_without_deadlines_does_not_speak_of_them() -> None:
    assert "missed" not in compared(make_run(PERIODIC), make_run(PERIODIC, backend=REAL))


def test_dropped_jobs_are_counted_and_the_mark_says_what_became_of_them() -> None:
    text = shown(dropping())
    assert "missed a deadline: the job was dropped" in text
    assert "missed 1 of 2 deadlines · jobs dropped: 1" in " ".join(text.split())
    assert "dropped" not in shown(periodic(late=30))
