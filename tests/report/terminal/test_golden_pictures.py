"""Golden pictures of the terminal: 80 and 140 columns, no colour; 1, 8 and 30 processes.

Of the output of a command, and of a step through the run. After a change that is meant to change
them, `MULTIPROG_GOLDENS=write python -m pytest tests/report/terminal/test_golden_pictures.py`
writes them anew; look at every one of them before you commit it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from language import load
from report.replay.stepping import StepThrough
from report.terminal.run import show_run
from sim import simulate
from tests.report.runs import piped, printed
from timeline.record.run import Run

GOLDENS = Path(__file__).parent / "goldens"
LINES = 40  # of the terminal that is stepped in
WIDTHS = (80, 140)
COUNTS = (1, 8, 30)
SCENARIO = """
title: {count} programs share two cores, a disk and memory
machine: {{cores: 2, memory: 16MiB, devices: {{disk: {{units: 1}}}}}}
memory: {{scheme: variable, fit: first}}
scheduler: {{policy: rr, quantum: 10ms}}
processes:
  - name: job
    count: {count}
    arrival: {{every: 7ms}}
    memory: 3MiB
    program: [{{cpu: {{uniform: [5ms, 30ms]}}}}, {{io: {{disk: 12ms}}}}, {{cpu: 8ms}}]
"""


@pytest.fixture(scope="module", params=COUNTS, ids=lambda count: f"{count}-processes")
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The model's run of the scenario with so many programs."""
    file = tmp_path_factory.mktemp("golden") / "golden.yaml"
    file.write_text(SCENARIO.format(count=request.param))
    return simulate(load(file).workload, explain=True)


def check(text: str, name: str, width: int) -> None:
    """`text` is what the golden file of this name holds, and fits the width."""
    assert "\x1b" not in text
    assert max(map(cell_len, text.splitlines())) <= width
    file = GOLDENS / f"{name}.txt"
    if os.environ.get("MULTIPROG_GOLDENS") == "write":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_output_of_a_run(run: Run, width: int) -> None:
    console = piped(width)
    show_run(replace(run, decisions=None), console)

    check(printed(console), f"run-{len(run.processes)}-at-{width}", width)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_step_in_the_middle_of_a_run(run: Run, width: int) -> None:
    console = piped(width)
    walk = StepThrough([run])
    walk.go(len(walk.steps) // 2)
    lines = walk.lines(console, LINES)
    for line in lines:
        console.print(line, no_wrap=True, overflow="ignore", crop=False)

    assert len(lines) <= LINES
    check(printed(console), f"step-{len(run.processes)}-at-{width}", width)


@pytest.mark.parametrize("height", [6, 10, 16, 24, 60])
@pytest.mark.parametrize("width", [40, 80, 140])
def test_a_step_fits_every_terminal(run: Run, width: int, height: int) -> None:
    console, walk = piped(width), StepThrough([run, run])
    for place in (0, len(walk.steps) // 2, len(walk.steps)):
        walk.go(place - walk.place)
        lines = walk.lines(console, height)
        assert len(lines) <= height
        assert max(cell_len(line.plain) for line in lines) <= width
