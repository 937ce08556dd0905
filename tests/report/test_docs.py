"""The example on the page about the output is what is really printed."""

from __future__ import annotations

import textwrap
from pathlib import Path

from kernel.scheduling import POLICIES
from kernel.units import ms
from kernel.workload import CPU, WAIT, ProcessSpec, Program, SchedulerSpec, Workload
from report.terminal import show_run
from sim import simulate
from tests.report.runs import piped, printed

PAGE = Path(__file__).parents[2] / "docs" / "reading-the-output.md"


def example() -> Workload:
    """The scenario of the page."""
    about = """\
        Look at the editor between 50 and 100 ms: it is blocked, and the core is not
        idle.
    """
    title = "While one program waits for I/O, the other computes"
    editor = Program.of([(CPU, ms(30)), (WAIT, ms(50)), (CPU, ms(30))])
    return Workload(
        source={"title": title, "about": textwrap.dedent(about), "file": "x.yaml", "seed": 7},
        cores=1,
        devices=(),
        memory=None,
        scheduler=SchedulerSpec("rr", POLICIES["rr"], {"quantum": ms(20)}),
        processes=(
            ProcessSpec(0, "editor", 0, editor),
            ProcessSpec(1, "batch", ms(5), Program.of([(CPU, ms(100))])),
        ),
    )


def test_the_page_shows_what_is_printed() -> None:
    console = piped()
    show_run(simulate(example()), console)

    assert printed(console).rstrip() in PAGE.read_text(encoding="utf-8")
