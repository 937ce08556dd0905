"""The digits under the memory map: how full memory was."""

from __future__ import annotations

from kernel.hardware import MemorySpec
from report.base.axis import Axis
from report.base.screen import ASCII
from report.sections.gantt import Frame
from report.sections.memory_levels import level_lines, level_names
from tests.timeline.memory.test_memory import jobs, run_of, variable
from timeline.record.run import Run


def drawn(run: Run, span: int, width: int) -> list[str]:
    frame = Frame(Axis.exact(span, width), 9, ASCII)
    return [line.plain for line in level_lines(run, frame)]


def test_each_cell_has_the_mean_over_its_time() -> None:
    """Of 10 bytes 4 and 3 are used for 10 ms, then 3 alone, then 5."""
    run = run_of(variable(10), *jobs(4, 3, 5))
    assert drawn(run, run.makespan_ns, 3) == [
        "programs  |211|",
        "given out |735|",
        "scattered |.4.|",
    ]


def test_what_nobody_asked_for_is_unused() -> None:
    run = run_of(MemorySpec(20, (10, 10)), *jobs(4, 10))
    assert drawn(run, run.makespan_ns, 2) == [
        "programs  |21|",
        "given out |*5|",
        "unused    |3.|",
    ]


def test_a_cell_over_several_moments_has_their_mean() -> None:
    run = run_of(variable(10), *jobs(10, 10))
    assert drawn(run, 2 * run.makespan_ns, 1) == ["programs  |1|", "given out |*|"]


def test_lines_of_zeros_are_left_out() -> None:
    assert level_names(run_of(variable(8), *jobs(4, 4))) == ["programs", "given out"]


def test_more_than_nine_programs() -> None:
    run = run_of(variable(40), *jobs(*[1] * 12))
    assert drawn(run, run.makespan_ns, 12)[0] == "programs  |+++987654321|"
