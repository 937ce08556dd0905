"""A run on the terminal: complete, within its width, readable without colour."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from language.policies.lookup import find
from report.sections.sentences import policy_words
from report.terminal.run import show_run
from tests.report.runs import MS, Row, alternating, make_run, piped, printed
from timeline.record.run import REAL, Allocation, Expectation, MemoryEvent, Run

OVERLAP: list[Row] = [
    ("A", "running", 0, 30),
    ("A", "blocked", 30, 80),
    ("A", "running", 80, 90),
    ("B", "ready", 0, 30),
    ("B", "running", 30, 60),
]


def shown(run: Run, width: int = 80, encoding: str = "utf-8") -> str:
    console = piped(width, encoding)
    show_run(run, console)
    return printed(console)


def line(text: str, start: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(start))


def test_letters_stand_where_their_processes_ran() -> None:
    chart = line(shown(make_run(OVERLAP)), "core 0").split("│")[1]

    ninth = len(chart) // 9
    assert chart == "A" * 3 * ninth + "B" * 3 * ninth + "·" * 2 * ninth + "A" * ninth


def test_each_process_has_a_line_of_its_states() -> None:
    text = shown(make_run(OVERLAP))

    assert set(line(text, "A   ").split("│")[1]) == {"█", "─"}
    assert set(line(text, "B ").split("│")[1]) == {"░", "█", " "}
    assert "█ running   ░ ready   ─ blocked" in text


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("count", [1, 3, 30, 60, 200])
def test_no_line_is_wider_than_the_console(width: int, count: int) -> None:
    lines = shown(alternating(count, 1234.567), width).splitlines()

    assert max(map(len, lines)) <= width


def test_every_row_of_the_charts_is_equally_wide() -> None:
    lines = [line for line in shown(make_run(OVERLAP)).splitlines() if "│" in line]

    assert len({line.rindex("│") for line in lines}) == 1


def test_without_colour_there_are_no_escape_codes() -> None:
    assert "\x1b" not in shown(make_run(OVERLAP))


def test_a_process_has_the_same_colour_in_every_chart() -> None:
    console = Console(file=io.StringIO(), width=80, color_system="truecolor", force_terminal=True)
    show_run(make_run(OVERLAP), console)

    text = printed(console)
    sky_blue = "86;180;233"
    assert f"48;2;{sky_blue}mA" in text
    assert f"38;2;{sky_blue}m█" in text


def test_an_old_terminal_gets_ascii_only() -> None:
    text = shown(make_run(OVERLAP), encoding="latin-1")

    assert text.isascii()
    assert "core 0 |AAA" in text


def test_control_characters_in_a_title_do_not_reach_the_terminal() -> None:
    run = make_run(OVERLAP, scenario={"title": "\x1b[2Jboo", "about": "a\rb\x07"})

    assert not set("\x1b\r\x07") & set(shown(run))


def test_thirty_processes_have_thirty_letters_and_lines() -> None:
    text = shown(alternating(30))

    assert line(text, "Z job-26")
    assert line(text, "d job-30")


def test_sixty_processes_have_a_legend_instead_of_lines() -> None:
    text = shown(alternating(60))

    assert "A job-1   B job-2" in text
    assert "7 job-60" in text
    assert "░" not in text


def test_a_long_table_is_cut_to_the_first_and_the_worst() -> None:
    text = shown(alternating(60))

    assert "60 processes: the first 10, then the 10 worst by turnaround" in text
    assert line(text, "job-10 ")
    assert line(text, "job-60 ")
    assert not any(row.startswith("job-30 ") for row in text.splitlines())


def test_numbers_are_never_cut() -> None:
    text = shown(alternating(30, 1234.567), width=40)

    assert text.count("37.037") >= 2  # job-30: its completion and its turnaround
    assert "…" not in text


def test_a_run_of_no_length_says_so() -> None:
    assert "there is no chart to draw" in shown(make_run([]))


def test_a_run_in_which_nothing_finished_can_be_shown() -> None:
    run = make_run(OVERLAP, stopped="interrupted")
    for row in run.processes:
        row.completion_ns = row.turnaround_ns = row.response_ns = row.first_run_ns = None

    text = shown(run)

    assert "2 of 2 programs not finished" in " ".join(text.split())
    assert "The run was stopped: interrupted" in text


def test_the_rules_in_force_are_printed() -> None:
    text = shown(make_run(OVERLAP))

    assert "Policy: rr, quantum 20ms" in text
    assert "arrivals come before quantum expiries (arrival-first)" in text


def test_a_count_among_the_parameters_is_a_number_and_no_duration() -> None:
    scheduler = {"policy": "feedback", "quantum": 20 * MS, "growth": 5000}
    assert policy_words(scheduler) == "feedback, quantum 20ms, growth 5000"


def test_so_it_is_in_a_policy_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from kernel.scheduling import Duration, Policy, ms\n"
        "class Mine(Policy):\n"
        "    most: int = 5000\n"
        "    quanta: list[Duration] = [ms(5)]\n"
        "    tick: Duration = 10\n"
    )
    mine = find("mine.py:Mine", tmp_path)
    words = policy_words({"policy": "mine.py:Mine", **mine.parameters()})
    assert words == "mine.py:Mine, most 5000, quanta [5ms], tick 10ns"


def test_expectations_say_whether_they_held() -> None:
    expectations = [
        Expectation("A turnaround_ns", 90 * MS, 90 * MS, True),
        Expectation("makespan_ns", 80 * MS, 90 * MS, False),
    ]
    text = shown(make_run(OVERLAP, expectations=expectations))

    assert "1 of 2" in text
    assert "✗ makespan_ns  80 ms expected, got 90 ms" in text


def test_memory_shows_who_lay_where_and_what_was_wasted() -> None:
    run = make_run(OVERLAP)
    run = replace(
        run,
        machine={"memory": {"scheme": "fixed", "partitions": [8192, 4096], "fit": "first"}},
        memory_events=[
            MemoryEvent(0, "placed", "A", 0, 8192),
            MemoryEvent(0, "placed", "B", 8192, 4096),
            MemoryEvent(60 * MS, "freed", "B", 8192, 4096),
            MemoryEvent(90 * MS, "freed", "A", 0, 8192),
        ],
    )
    run.processes[0].memory = Allocation(0, 8192, 6144)
    run.processes[1].memory = Allocation(8192, 4096, 4096)

    text = shown(run)

    assert set(line(text, "8KiB").split("│")[1]) == {"A"}
    assert set(line(text, "4KiB").split("│")[1]) == {"B", "·"}
    assert "internal fragmentation  2.0 KiB, 18.8 % of the memory given out" in text
    assert "in memory               1.67 programs (degree of multiprogramming)" in text


def variable_run(places: list[tuple[str, int, int]], size: int, **about: object) -> Run:
    """A run in which each (name, base, size) is held from 0 to 90 ms."""
    return replace(
        make_run(OVERLAP),
        machine={"memory": {"scheme": "variable", "size": size, **about}},
        memory_events=[
            MemoryEvent(at * MS, event, name, base, size)
            for at, event in ((0, "placed"), (90, "freed"))
            for name, base, size in places
        ],
    )


def test_variable_memory_is_cut_at_the_borders_of_programs() -> None:
    text = shown(variable_run([("A", 0, 4096), ("B", 4096, 2048)], 8192))

    assert set(line(text, "@0").split("│")[1]) == {"A"}
    assert set(line(text, "@4KiB").split("│")[1]) == {"B"}
    assert set(line(text, "@6KiB").split("│")[1]) == {"·"}
    assert "@ memory from this address up" in text


def test_a_program_that_is_moved_changes_its_line() -> None:
    run = variable_run([("A", 0, 4096), ("B", 4096, 2048)], 8192, compaction="when-needed")
    placed, _, *freed = run.memory_events
    elsewhere = MemoryEvent(0, "placed", "B", 6144, 2048)
    moved = MemoryEvent(45 * MS, "moved", "B", 4096, 2048)
    run = replace(run, memory_events=[placed, elsewhere, moved, *freed])

    text = shown(run)

    assert [*dict.fromkeys(line(text, "@4KiB").split("│")[1])] == ["·", "B"]
    assert [*dict.fromkeys(line(text, "@6KiB").split("│")[1])] == ["B", "·"]
    assert "variable partitions, compaction when needed" in text
    assert "compaction              1 move, 2.0 KiB copied" in text


def test_reserved_memory_has_no_line() -> None:
    text = shown(variable_run([("A", 0, 4096)], 65536, holes=[4096, 8192]))

    assert [row.split()[0] for row in text.splitlines() if row.startswith("@") and "│" in row] == [
        "@0",
        "@8KiB",
    ]


def test_a_map_of_too_many_borders_has_lines_of_equal_size() -> None:
    many = [("A" if at % 2 else "B", 1024 * at, 1024) for at in range(30)]
    text = shown(variable_run(many, 32768))

    rows = [row for row in text.splitlines() if row.startswith("@") and "│" in row]
    assert len(rows) == 16
    assert rows[1].startswith("@2KiB")


def test_a_real_run_tells_what_the_machine_had_to_do() -> None:
    run = make_run(OVERLAP, backend=REAL)
    run = replace(
        run,
        machine={
            "dispatch": {
                "count": 3,
                "dead_p50_ns": 65_000,
                "dead_p99_ns": 140_000,
                "dead_max_ns": 300_000,
            },
            "corrections": 1,
            "lag_max_ns": 12_000_000,
            "steal_ns": 0,
            "privilege": "The supervisor runs as SCHED_FIFO.",
            "memory_scale": 4,
            "compaction": {"moves": 2, "bytes": 163840, "took_ns": 250_000},
        },
    )

    text = shown(run)

    assert "dispatch dead time  p50 65 µs, p99 140 µs, max 300 µs (3 dispatches)" in text
    assert "clock corrections   1 time; largest lag 12 ms" in text
    assert "The supervisor runs as SCHED_FIFO." in text
    assert "memory scale        4," in text
    assert "compaction          2 moves, 160KiB copied, 250 µs" in text


def test_the_threads_of_the_kernel_are_no_other_programs() -> None:
    others = [
        {"pid": 9, "name": "kworker/0:1", "cpu_ns": 30_000_000, "kernel": True},
        {"pid": 71, "name": "cc1", "cpu_ns": 20_000_000},
    ]
    text = shown(make_run(OVERLAP, backend=REAL, machine={"others": others}))
    assert "other programs  cc1 20 ms of CPU time" in text
    assert "kernel threads  kworker/0:1 30 ms of CPU time" in text


def test_a_real_run_may_lack_every_measurement() -> None:
    assert "Real" in shown(make_run(OVERLAP, backend=REAL, machine={}))
