"""Pictures for papers and slides: whole, the same every time, readable without colour."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kernel.errors import UsageError
from report.base.style import STATE_STYLES, colour
from tests.report.runs import alternating, make_run
from tests.timeline.gantt import gantt
from timeline.comparison.compare import compare
from timeline.record.run import REAL, Allocation, MemoryEvent, Run

pytest.importorskip("matplotlib")

from matplotlib.colors import to_hex
from matplotlib.patches import PathPatch

from report.files.picture import WIDTH, draw, save_picture

TWO = """
A 000..00
B ...00
C  ww..--000
"""
PNG = b"\x89PNG\r\n\x1a\n"


def two(backend: str = "simulated", **changes: Any) -> Run:
    return replace(gantt(TWO, backend=backend), **changes)


def texts(run: Run, *more: Run) -> set[str]:
    """Everything that is written in the picture."""
    from matplotlib.text import Text

    comparison = compare(run, more[0]) if more else None
    return {text.get_text() for text in draw([run, *more], comparison).findobj(Text)}


def outlines(runs: Sequence[Run], place: int) -> list[PathPatch]:
    """The drawn pieces of one of the panels."""
    panel = draw(runs, compare(runs[0], runs[1]) if len(runs) == 2 else None).axes[place]
    return [child for child in panel.get_children() if isinstance(child, PathPatch)]


def corners(patch: PathPatch) -> list[tuple[float, float]]:
    """The corners of all rectangles of an outline."""
    vertices: Any = patch.get_path().vertices
    return [(float(x), float(y)) for x, y in vertices]


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_same_run_gives_the_same_bytes(kind: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        save_picture([two()], None, tmp_path / name, kind)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_png_is_a_png_whatever_its_file_is_called(tmp_path: Path) -> None:
    save_picture([two()], None, tmp_path / "picture.dat", "png")

    assert (tmp_path / "picture.dat").read_bytes().startswith(PNG)


def test_programs_have_names_and_cores_numbers() -> None:
    assert {"A", "B", "C", "core 0", "Cores", "Programs", "time, ms"} <= texts(two())


def test_each_slice_is_drawn_where_it_ran_in_the_colour_of_its_program() -> None:
    run = make_run([("A", "running", 0, 30), ("A", "blocked", 30, 80), ("A", "running", 80, 90)])
    (patch,) = outlines([run], 0)
    xs = sorted({round(x, 6) for x, _ in corners(patch)})

    assert xs == [0, 30, 80, 90]
    assert to_hex(patch.get_facecolor()).upper() == colour(0)


def test_states_differ_in_height_or_pattern_so_that_no_colour_is_needed() -> None:
    looks = [(look.height, look.hatch) for look in STATE_STYLES.values()]

    assert len(set(looks)) == len(looks)
    hatches = {patch.get_hatch() for patch in outlines([two()], 1)}
    assert {"///", "..."} <= hatches


def test_a_comparison_shows_both_machines_and_what_came_out() -> None:
    first, second = two(), two(REAL)
    written = texts(first, second)

    assert {"Simulated", "Real", "simulated", "real"} <= written
    assert any(text.startswith("Verdict: ") for text in written)


def test_memory_is_drawn_with_what_nobody_asked_for_apart() -> None:
    machine = {"cores": 1, "devices": {}, "costs": {}}
    memory = {"size": 8 << 20, "scheme": "fixed", "partitions": [4 << 20, 4 << 20]}
    run = make_run(
        [("A", "running", 0, 30)],
        machine={**machine, "memory": memory},
        memory_events=[MemoryEvent(0, "placed", "A", 0, 4 << 20)],
    )
    run.processes[0].memory = Allocation(0, 4 << 20, 3 << 20)
    held, unused = outlines([run], 2)

    assert {y for _, y in corners(held)} == {0, 3}
    assert {y for _, y in corners(unused)} == {3, 4}
    assert unused.get_hatch() and not held.get_hatch()


def test_a_title_with_dollars_is_text_and_not_mathematics() -> None:
    title = r"Cost: $x^2$ and \frac"

    assert title in texts(two(scenario={"title": title, "file": "x"}))


def test_thirty_programs_have_thirty_lanes_and_two_hundred_only_cores() -> None:
    assert len(draw([alternating(30)]).axes) == 2
    assert len(draw([alternating(200)]).axes) == 1


def test_the_text_of_an_svg_stays_within_the_picture(tmp_path: Path) -> None:
    save_picture([two()], None, tmp_path / "x.svg", "svg")
    head = (tmp_path / "x.svg").read_text(encoding="utf-8")[:600]

    assert re.search(rf'width="{WIDTH * 72:g}pt"', head)


def test_nothing_to_draw_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing took any time"):
        save_picture([make_run([])], None, tmp_path / "x.png", "png")


def test_characters_that_no_font_has_are_one_remark(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.png"
    save_picture(
        [two(scenario={"title": "\U0001f680\u5b57\U0001f681", "file": "x"})], None, file, "png"
    )

    assert capsys.readouterr().err in (
        "",  # there is such a font here
        f"{file}: no font has some of the characters: they are boxes\n",
    )


def test_names_of_any_length_and_control_characters_leave_the_picture_whole() -> None:
    run = two(scenario={"title": "\x1b[2J\n" + 300 * "long ", "file": "x"})
    run.processes[0].name = "a name that is longer than there is room\x07"

    written = texts(run)
    assert "a name that is…" in written
    assert not {"\x1b", "\x07"} & set("".join(written))


CHINESE = "编辑器程序处理机"


def named(name: str) -> Run:
    run = two()
    run.processes[0].name = name
    return run


def test_a_character_that_the_first_font_lacks_is_drawn_by_another() -> None:
    fonts = pytest.importorskip("report.files.fonts")
    found = fonts.families(CHINESE)
    if len(found) == 1:
        pytest.skip("no font here has Chinese characters")

    assert found[0] == fonts.FONT
    assert fonts.families("A") == [fonts.FONT]


def test_chinese_names_are_no_boxes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from report.files.fonts import families

    if len(families(CHINESE)) == 1:
        pytest.skip("no font here has Chinese characters")
    save_picture([named(CHINESE)], None, tmp_path / "picture.svg", "svg")

    assert "boxes" not in capsys.readouterr().err


def test_wide_names_are_cut_by_their_width() -> None:
    assert f"{CHINESE[:7]}…" in texts(named(CHINESE))


def test_a_control_character_of_a_saved_run_leaves_the_svg_well_formed(tmp_path: Path) -> None:
    from xml.dom.minidom import parse

    run = named("a\x07b\x1b[1m")
    devices = {"d\x01sk": {"units": 1}}
    run = replace(
        run,
        scenario={"title": "bell \x07 and \x00"},
        machine={**run.machine, "devices": devices},
    )
    save_picture([run], None, tmp_path / "picture.svg", "svg")

    root = parse(str(tmp_path / "picture.svg")).documentElement
    assert root is not None and root.tagName == "svg"


def test_a_legend_with_every_state_lies_within_the_picture() -> None:
    run = make_run([("A", "running", 10 * n, 10 * n + 10) for n in range(len(STATE_STYLES))])
    run.intervals.state[:] = array("b", map(int, STATE_STYLES))
    figure = draw([run])
    figure.draw_without_rendering()
    box = figure.legends[0].get_window_extent()

    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.width
    assert box.y0 >= 0
    assert len(figure.legends[0].get_texts()) == len(STATE_STYLES)
