"""The process tree, printed lines and observations on a terminal."""

from __future__ import annotations

from rich.console import Console

from language import load as load_file
from report.base.screen import ASCII, UNICODE
from report.sections.process_tree import (
    show_observations,
    show_process_tree,
    tree_facts,
)
from sim import simulate
from tests.paths import LESSONS
from timeline.comparison.observations import ObservationPair, side_by_side
from timeline.record.run import Run

FOLDER = LESSONS / "life"


def lesson(name: str) -> Run:
    return simulate(load_file(FOLDER / f"{name}.yaml").workload)


def shown(*arguments: object, show: object = show_process_tree) -> str:
    console = Console(width=80, record=True, file=None, markup=False, highlight=False)
    with console.capture() as capture:
        show(*arguments, console)  # type: ignore[operator]
    return capture.get()


def test_the_tree_tells_how_long_a_process_was_a_zombie() -> None:
    lines = dict(tree_facts(lesson("zombie"), "ms", UNICODE))
    assert lines["├─ c1"] == "from 20 to 60, exit code 0; zombie until 140, reaped by parent"


def test_the_tree_tells_whose_priority_a_process_has() -> None:
    lines = dict(tree_facts(lesson("priority-inheritance"), "ms", UNICODE))
    assert lines["L"] == "from 0 to 320, exit code 0; with the priority of H from 40 to 80"


def test_the_tree_tells_each_life() -> None:
    lines = dict(tree_facts(lesson("orphan-by-terminate"), "ms", UNICODE))
    assert list(lines) == ["parent", "└─ child", "   └─ grandchild"]
    assert lines["└─ child"] == "from 20 to 30, killed by signal 15; reaped by parent"
    assert lines["   └─ grandchild"] == (
        "from 30 to 150, exit code 0; orphan from 30, adopted by the supervisor; "
        "reaped by the supervisor"
    )


def test_the_tree_has_an_ascii_form() -> None:
    names = [name for name, _ in tree_facts(lesson("many-zombies"), "ms", ASCII)]
    assert names == ["parent", "+- c1", "+- c2", "+- c3", "watcher"]


def test_lines_and_observations_are_shown_in_order() -> None:
    text = shown(lesson("isolation-fork"))
    assert text.index("a = 33520") < text.index("a = 0") < text.index("a = 7")


def test_no_line_is_wider_than_the_terminal() -> None:
    for path in FOLDER.glob("*.yaml"):
        text = shown(simulate(load_file(path).workload))
        assert max(map(len, text.splitlines())) <= 80, path


def test_a_difference_shows_both_sides() -> None:
    sights = [
        ObservationPair("P", "observe c", "state zombie", "state gone"),
        ObservationPair("P", "prints", "a", "a"),
    ]
    text = shown(sights, ("simulated", "real"), show=show_observations)
    assert "1 of 2 the same" in text
    assert "simulated: state zombie" in text and "real: state gone" in text


def test_a_run_without_life_has_no_such_part() -> None:
    run = simulate(load_file(FOLDER.parent / "overlap.yaml").workload)
    assert shown(run) == ""
    assert side_by_side(run, run) == []
