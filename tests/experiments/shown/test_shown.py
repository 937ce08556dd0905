"""The answer as table, sentences, chart, picture and page."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.cells import cell_len

from experiments.results.answer import Answer
from experiments.results.rows import Rows
from experiments.shown.numbers import scale_of
from experiments.shown.page import answer_page
from experiments.shown.panels import Form, drawing_of, reals_of
from experiments.shown.picture import save_answer_picture
from experiments.shown.table import answer_table
from experiments.shown.terminal import show_answer
from experiments.shown.terminal_chart import chart_lines
from experiments.shown.words import differences, plan_words, short_keys
from experiments.statistics.intervals import Estimate
from kernel.errors import UsageError
from report.base.screen import ASCII, UNICODE
from tests.experiments.answers import answer, noise
from tests.report.runs import piped, printed

QUANTA = {"scheduler.quantum": ["5ms", "10ms", "20ms", "40ms"]}
POLICIES = {"scheduler.policy": ["rr", "srtf", "sjf"]}
TIMES = {"rr": 50e6, "srtf": 30e6, "sjf": 30.05e6}


def by_policy(row: tuple[str, ...], replication: int) -> list[float]:
    """Turnarounds that differ by policy, less than by chance between srtf and sjf."""
    own = 1e6 * (replication % 3 - 1) if row[0] == "sjf" else 0.0
    return [TIMES[row[0]] + noise(replication) + own]


def by_quantum(row: tuple[str, ...], replication: int) -> list[float]:
    """Turnarounds that are least at 20 ms."""
    return [40e6 + 1e6 * abs(int(row[0][:-2]) - 20) + noise(replication)]


@pytest.fixture
def policies() -> Answer:
    """Three policies."""
    return answer(POLICIES, by_policy, measure=["turnaround"])


@pytest.fixture
def quanta() -> Answer:
    """Four quanta."""
    return answer(QUANTA, by_quantum, measure=["turnaround"])


def test_the_best_is_marked_and_what_is_not_shown_to_differ(policies: Answer) -> None:
    sheet = answer_table(policies, 20, "…")
    cells = [cell.rstrip() for cell in sheet.groups[0].columns[0].cells]
    assert [cell[-1] for cell in cells] == [cells[0][-1], "*", "~"]
    assert cells[0][-1].isdigit()


def test_differences_are_paired_so_that_common_noise_is_gone(policies: Answer) -> None:
    told = list(differences(policies, 0))
    assert told == [
        "turnaround: srtf is 20.00 ± 0.00 ms shorter than rr",
        "turnaround: no difference is shown between srtf and sjf",
    ]


def test_what_was_done_is_said_in_short(quanta: Answer) -> None:
    words = ["4 points", "20 replications each", "95 % intervals", "seed 7"]
    assert plan_words(quanta) == words


def test_points_with_the_same_load_are_compared() -> None:
    values = {**POLICIES, "processes.0.arrival.every.exponential": ["9ms", "7ms", "6ms", "5ms"]}
    many = answer(values, by_policy, measure=["turnaround"])
    assert short_keys(many) == ["policy", "arrival"]
    told = list(differences(many, 0))
    assert told[0] == "turnaround: arrival 9ms: srtf is 20.00 ± 0.00 ms shorter than rr"
    assert len(told) == 8


@pytest.mark.parametrize(
    ("values", "form", "series"),
    [
        (QUANTA, Form.CURVES, 1),
        (POLICIES, Form.BARS, 1),
        ({**POLICIES, **QUANTA}, Form.CURVES, 3),
        ({**QUANTA, "machine.cores": ["1", "2", "3", "4", "5"]}, Form.CURVES, 4),
        (
            {"scheduler.quantum": [f"{n}ms" for n in range(1, 7)], "machine.cores": list("12345")},
            Form.HEAT,
            1,
        ),
        ({"scheduler.policy": [f"p{n}.py:P" for n in range(12)], **QUANTA}, Form.CURVES, 8),
    ],
)
def test_what_varies_decides_the_form(
    values: dict[str, list[str]], form: Form, series: int
) -> None:
    drawing = drawing_of(answer(values, lambda *_: [1.0], measure=["switches"], repeat=2))
    assert drawing is not None
    assert (drawing.form, len(drawing.series)) == (form, series)


def test_one_point_is_not_drawn(tmp_path: Path) -> None:
    one = answer({"seed": ["1"]}, lambda *_: [5.0], measure=["switches"])
    assert drawing_of(one) is None
    with pytest.raises(UsageError, match="one point makes no picture"):
        save_answer_picture(one, tmp_path / "x.png", "png")
    assert "<Quanta>" not in answer_page(one)


def test_a_sample_is_dots() -> None:
    sampled = answer(
        {**QUANTA, "machine.cores": ["1", "2", "3", "4"]},
        lambda *_: [1.0],
        measure=["switches"],
        sample="lhs:4",
        repeat=2,
    )
    drawing = drawing_of(sampled)
    assert drawing is not None
    assert drawing.form in (Form.DOTS, Form.CURVES)


@pytest.mark.parametrize("width", [32, 80, 200])
@pytest.mark.parametrize("values", [QUANTA, POLICIES, {**POLICIES, **QUANTA}])
def test_a_chart_fits_its_width(width: int, values: dict[str, list[str]]) -> None:
    made = answer(values, lambda *at: [1e6 + noise(at[1])], measure=["turnaround"])
    drawing = drawing_of(made)
    assert drawing is not None
    for glyphs in (UNICODE, ASCII):
        lines = chart_lines(made, drawing, 0, width, glyphs)
        assert lines
        if width > 32:
            assert max(map(cell_len, lines)) <= width


def test_the_least_point_of_a_curve_is_the_lowest(quanta: Answer) -> None:
    drawing = drawing_of(quanta)
    assert drawing is not None
    lines = chart_lines(quanta, drawing, 0, 80, UNICODE)
    height = {line.index("o"): at for at, line in enumerate(lines) if "o" in line}
    assert len(height) >= 2
    lowest = max(height, key=height.__getitem__)
    assert min(height) < lowest < max(height)


def test_real_runs_stand_beside_the_model(quanta: Answer) -> None:
    real = Rows(4, 1)
    for point in range(4):
        real.put(point, 1, [45e6])
    object.__setattr__(quanta, "real", real)
    console = piped()
    show_answer(quanta, console)
    out = printed(console)
    assert "x real runs" in out
    assert out.count(" 45") >= 4
    assert "real runs" in answer_page(quanta)


def test_a_picture_has_the_same_bytes_each_time(quanta: Answer, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for name in ("a.svg", "b.svg"):
        save_answer_picture(quanta, tmp_path / name, "svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    ElementTree.parse(tmp_path / "a.svg")
    save_answer_picture(quanta, tmp_path / "c.png", "png")
    assert (tmp_path / "c.png").read_bytes()[:4] == b"\x89PNG"


def test_the_page_has_the_winner_the_scenario_and_the_command(quanta: Answer) -> None:
    page = answer_page(quanta)
    assert "best: 20ms, " in page
    assert "&lt;Quanta&gt; &amp; more" in page
    assert "<Quanta>" not in page
    assert "python cli.py sweep f.yaml" in page
    assert "{exponential: 60ms}" in page
    assert "http:" not in page.partition("<script")[0]


@pytest.mark.parametrize(
    ("mean", "half", "text"),
    [(317_234_567.0, 1_400_000.0, "317.2 ± 1.4"), (5e9, None, "5000"), (0.0, 0.0, "0 ± 0")],
)
def test_numbers_have_as_many_digits_as_their_interval(
    quanta: Answer, mean: float, half: float | None, text: str
) -> None:
    found = Estimate(5, mean, 1.0, half)
    assert scale_of(quanta.measures[0], [found]).within(found) == text


@pytest.mark.parametrize(("runs", "drawn"), [(2, [1, 1]), (4, [1] * 4), (5, [5])])
def test_few_real_runs_are_drawn_one_by_one(quanta: Answer, runs: int, drawn: list[int]) -> None:
    real = Rows(4, 1)
    for replication in range(1, runs + 1):
        real.put(0, replication, [replication * 10e6])
    object.__setattr__(quanta, "real", real)
    found = reals_of(quanta, 0, 0)
    assert [each.many for each in found] == drawn
    assert all(each.half is None for each in found) == (runs < 5)
    assert reals_of(quanta, 0, 1) == []
