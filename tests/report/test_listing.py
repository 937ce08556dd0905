"""Lists of what there is."""

from __future__ import annotations

from kernel.scheduling import POLICIES
from report.listing import show_lessons, show_policies
from tests.report.runs import piped, printed


def test_policies_are_listed_with_what_they_do_and_their_parameters() -> None:
    console = piped()
    show_policies(POLICIES, console)

    text = printed(console)
    assert "Every ready process in turn" in text
    assert "quantum: 20ms" in text
    assert "preemptive: yes" in text
    assert max(map(len, text.splitlines())) <= 80


def test_lessons_are_listed_with_title_and_file() -> None:
    console = piped()
    show_lessons([("overlap", "scenarios/lessons/overlap.yaml", "I/O overlaps")], console)

    assert printed(console).splitlines() == [
        "overlap",
        "  I/O overlaps",
        "  scenarios/lessons/overlap.yaml",
    ]
