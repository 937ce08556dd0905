"""A comparison on the terminal: one axis, the differences, the verdict as the last word."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from report.terminal.comparison import show_comparison
from report.terminal.delivery import deliver_divergence
from tests.report.runs import Row, make_run, piped, printed
from timeline.comparison.compare import compare
from timeline.comparison.criteria import INCONCLUSIVE
from timeline.comparison.with_witness import with_witness
from timeline.comparison.witness import DIFFERENT, SAME, Witness, WitnessRow
from timeline.record.run import REAL, SIMULATED, Divergence, Expectation, Overhead, Run

MODEL: list[Row] = [
    ("A", "running", 0, 30),
    ("B", "ready", 0, 30),
    ("B", "running", 30, 60),
]
CLOSE: list[Row] = [
    ("A", "ready", 0, 0.25),
    ("A", "running", 0.25, 30.25),
    ("B", "ready", 0, 30.5),
    ("B", "running", 30.5, 60.5),
]
SWAPPED: list[Row] = [
    ("B", "running", 0, 30),
    ("A", "ready", 0, 30),
    ("A", "running", 30, 60),
]


def real(rows: list[Row]) -> Run:
    run = make_run(rows, names=["A", "B"], backend=REAL)
    for row in run.processes:
        row.demand_ns = 30_000_000
    return run


def compared(
    first: Run, second: Run, width: int = 80, encoding: str = "utf-8", *, full: bool = True
) -> str:
    console = piped(width, encoding)
    show_comparison(first, second, compare(first, second), console, full=full)
    return printed(console)


THREE: list[Row] = [
    ("A", "running", 0, 20),
    ("B", "ready", 0, 20),
    ("B", "running", 20, 40),
    ("C", "ready", 0, 40),
    ("C", "running", 40, 60),
]


def three(backend: str) -> Run:
    run = make_run(THREE, names=["A", "B", "C"], backend=backend)
    for row in run.processes:
        row.demand_ns = 20_000_000
    return run


def test_the_gist_of_three_processes_fits_on_thirty_lines() -> None:
    lines = compared(three(SIMULATED), three(REAL), full=False).splitlines()

    assert len(lines) <= 30
    assert max(map(len, lines)) <= 80
    last = ["Schedule", "Times", "Meaning", "Verdict:"]
    assert [line.split()[0] for line in lines[-4:]] == last
    assert sum(line.startswith("core 0") for line in lines) == 2


def test_the_gist_has_a_line_for_each_process_and_one_for_the_whole() -> None:
    text = compared(three(SIMULATED), three(REAL), full=False)
    rows = [line.split() for line in text.splitlines() if line.startswith(("A  ", "makespan"))]

    assert [row[:2] for row in rows] == [["A", "20"], ["makespan", "60"]]


def test_the_gist_has_the_charged_model_between_the_two() -> None:
    model, console = three(SIMULATED), piped(80)
    found = compare(model, three(REAL), charged=model)
    show_comparison(model, three(REAL), found, console, full=False)
    heading = next(line for line in printed(console).splitlines() if line.startswith("process"))

    assert heading.split()[1:4] == ["simulated", "charged", "real"]


def test_what_to_do_about_noise_stands_with_the_verdict() -> None:
    noisy = real(CLOSE)
    noisy.overheads.append(Overhead(0, 0, 40_000_000, "interrupted"))
    found = replace(
        compare(make_run(MODEL), noisy), verdict=INCONCLUSIVE, advice=("close other programs",)
    )
    console = piped(80)
    show_comparison(make_run(MODEL), noisy, found, console, full=False)

    assert printed(console).splitlines()[-2] == "To do     close other programs"


def test_the_last_line_ends_in_the_verdict() -> None:
    assert compared(make_run(MODEL), real(CLOSE)).splitlines()[-1] == "Verdict: agree"


def test_runs_in_another_order_do_not_agree() -> None:
    text = compared(make_run(MODEL), real(SWAPPED))

    assert text.splitlines()[-1] == "Verdict: disagree"
    assert "first at slice 1: A at 0 ms against B at 0 ms" in text


def test_both_charts_have_the_same_axis() -> None:
    lines = compared(make_run(MODEL), real(CLOSE)).splitlines()
    charts = [line.split("│")[1] for line in lines if line.startswith("core 0")]

    assert len(charts) == 2
    assert len(charts[0]) == len(charts[1])
    assert sum("SIMULATED" in line or "REAL" in line for line in lines) == 2


def test_the_about_is_told_once() -> None:
    assert compared(make_run(MODEL), real(CLOSE)).count("Look here.") == 1


def test_each_difference_has_a_sign_and_a_percentage() -> None:
    text = compared(make_run(MODEL), real(CLOSE))
    row = next(line for line in text.splitlines() if line.startswith("B "))

    assert row.split()[1:5] == ["60", "60.50", "+0.50", "+0.8"]


def test_a_large_share_is_a_whole_number() -> None:
    late: list[Row] = [("A", "running", 0, 84), ("B", "ready", 0, 84), ("B", "running", 84, 168)]
    text = compared(make_run(MODEL), real(late))

    assert "within 2 % or 500 µs: 180 %" in text
    assert "e+" not in text


def test_where_the_time_went_is_told() -> None:
    text = compared(make_run(MODEL), real(CLOSE))

    assert "Where the time went" in text
    assert "it took longer, of which" in text


def test_identical_runs_have_nothing_to_explain() -> None:
    text = compared(make_run(MODEL), make_run(MODEL))

    assert "FIRST" in text
    assert "Where the time went" not in text
    assert text.splitlines()[-1] == "Verdict: agree"


def test_expectations_are_told_for_each_run() -> None:
    second = real(CLOSE)
    second = replace(second, expectations=[Expectation("makespan", "60ms", "60.5ms", False)])
    text = compared(make_run(MODEL), second)

    assert "What the scenario expects of the real run" in text
    assert "✗ makespan  60ms expected, got 60.5ms" in text


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("count", [1, 30, 60])
def test_no_line_is_wider_than_the_console(width: int, count: int) -> None:
    rows: list[Row] = [
        (f"job-{i}", "running", i * 1234.567, i * 1234.567 + 9) for i in range(count)
    ]
    lines = compared(make_run(rows), make_run(rows), width).splitlines()

    assert max(map(len, lines)) <= width


def test_a_run_of_no_length_can_be_compared() -> None:
    assert "there is no chart to draw" in compared(make_run([]), make_run([]))


def test_an_old_terminal_gets_ascii_only() -> None:
    assert compared(make_run(MODEL), real(CLOSE), encoding="ascii").isascii()


# -- divergences and the third witness -------------------------------------------------------------


def test_a_divergence_is_a_disagreement_whatever_the_noise() -> None:
    found = Divergence(7, "A", "lock m", "waits", "came back")
    run = replace(real(CLOSE), divergences=[found], stopped=found.sentence)
    text = " ".join(compared(make_run(MODEL), run).split())
    assert "by the rules A waits in lock m, but on the real machine it came back" in text
    assert text.endswith("Verdict: disagree")


def test_a_divergence_before_all_processes_were_started(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = Divergence(7, "A", "lock m", "waits", "came back")
    second = replace(make_run(CLOSE[:2], backend=REAL), divergences=[found], stopped=found.sentence)
    out = tmp_path / "runs.json"
    deliver_divergence(make_run(MODEL), second, False, out)
    text = " ".join(capsys.readouterr().out.split())
    assert "by the rules A waits in lock m, but on the real machine it came back" in text
    assert text.endswith("Verdict: disagree")
    assert json.loads(out.read_text(encoding="utf-8"))["comparison"]["verdict"] == "disagree"


def heard(*rows: WitnessRow, verdict: str = DIFFERENT) -> str:
    witness = Witness(verdict, "the plain program says this", "it ended", 1.0, rows)
    comparison = with_witness(compare(make_run(MODEL), real(CLOSE)), witness)
    console = piped(80, "utf-8")
    show_comparison(make_run(MODEL), real(CLOSE), comparison, console, full=False)
    return " ".join(printed(console).split())


def test_what_the_plain_program_says_otherwise_stands_beside_the_machines() -> None:
    text = heard(
        WitnessRow("A", "prints", "one", "one", "one", True),
        WitnessRow("A", "receive q", "7", "7", None, False),
    )
    assert "✗ A: receive q simulated: 7 real: 7 program: nothing" in text
    assert "A: prints" not in text
    assert text.endswith("Verdict: disagree")


def test_what_the_plain_program_says_alike_is_only_counted() -> None:
    text = heard(WitnessRow("A", "prints", "one", "one", "one", True), verdict=SAME)
    assert "The plain program same: the plain program says this" in text
    assert "A: prints" not in text
    assert text.endswith("Verdict: agree")
