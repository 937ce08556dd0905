"""The examples on the page about the output are what is really printed."""

from __future__ import annotations

import textwrap
from dataclasses import replace

from kernel.policies import POLICIES
from kernel.process.program import CPU, WAIT, Program
from kernel.process.spec import ProcessSpec
from kernel.units import ms
from kernel.workload import SchedulerSpec, Workload
from report.base.printing import print_tables
from report.sections.decisions import show_decisions
from report.sections.policy_table import policy_table
from report.terminal.comparison import show_comparison
from report.terminal.run import show_run
from sim import simulate
from tests.paths import DOCS
from tests.report.runs import piped, printed
from timeline.comparison.compare import compare
from timeline.record.run import REAL

PAGE = DOCS / "reading-the-output.md"


def example(policy: str = "rr") -> Workload:
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
        scheduler=SchedulerSpec(policy, POLICIES[policy], POLICIES[policy].parameters()),
        processes=(
            ProcessSpec(0, "editor", 0, editor),
            ProcessSpec(1, "batch", ms(5), Program.of([(CPU, ms(100))])),
        ),
    )


def test_the_page_shows_what_is_printed() -> None:
    console = piped()
    show_run(simulate(example()), console)

    assert printed(console).rstrip() in PAGE.read_text(encoding="utf-8")


def test_the_page_shows_the_decisions_that_are_printed() -> None:
    console = piped()
    show_decisions(simulate(example("srtf"), explain=True), console)

    assert printed(console).rstrip() in PAGE.read_text(encoding="utf-8")


def test_the_page_shows_every_part_of_a_comparison_that_is_printed() -> None:
    model = simulate(example())
    late = replace(model, backend=REAL, processes=[replace(row) for row in model.processes])
    late.processes[1].completion_ns = (late.processes[1].completion_ns or 0) + ms(1)
    late.processes[1].turnaround_ns = (late.processes[1].turnaround_ns or 0) + ms(1)
    console = piped()
    show_comparison(model, late, compare(model, late), console)
    titles = [part.splitlines()[0] for part in printed(console).split("\n\n")[3:-1]]

    page = PAGE.read_text(encoding="utf-8")
    assert "Why each took longer or shorter" in titles
    assert [one for one in titles if one[0] != " " and f"\n\n{one}\n" not in page] == []


def test_the_page_shows_the_table_of_policies_that_is_printed() -> None:
    console, names = piped(), ["fcfs", "rr", "srtf"]
    runs = [simulate(example(name)) for name in names]
    print_tables(console, policy_table(runs, names, "ms", 20, "…"))

    assert printed(console).rstrip() in PAGE.read_text(encoding="utf-8")
