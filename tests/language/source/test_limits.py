"""Limits: which are in force, which one wins, and the message for a wrong one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cli import main
from kernel.errors import UsageError
from language.source import limits
from language.source.limits import KNOWN, LIMITS, VARIABLE, in_force

SCENARIO = "scenarios/lessons/overlap.yaml"


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The lab's file, which is not there yet."""
    path = tmp_path / "multiprog.yaml"
    monkeypatch.setattr(limits, "LAB", path)
    monkeypatch.delenv(VARIABLE, raising=False)
    return path


def refused(options: list[str], environment: dict[str, str] | None = None) -> str:
    with pytest.raises(UsageError) as caught:
        in_force(options, environment or {})
    assert caught.value.exit_status == 2
    return str(caught.value)


@pytest.mark.usefixtures("lab")
def test_what_is_built_in_holds_if_nothing_else_is_set() -> None:
    assert in_force([], {}) == LIMITS


@pytest.mark.usefixtures("lab")
def test_an_option_raises_a_limit() -> None:
    assert in_force(["processes=2000000"], {})["processes"] == 2_000_000


@pytest.mark.usefixtures("lab")
def test_each_kind_is_written_as_elsewhere() -> None:
    found = in_force(["wall=1.5min", "memory=2GiB", "steps=7", "cpu=30"], {})
    assert found["wall"] == 90_000_000_000
    assert found["memory"] == 2 << 30
    assert found["steps"] == 7
    assert found["cpu"] == 30_000_000_000  # a bare number is in seconds


def test_an_option_wins_over_the_environment_and_that_over_the_lab(lab: Path) -> None:
    lab.write_text("limits: {processes: 100, wall: 60s, steps: 50}")
    found = in_force(["processes=70"], {VARIABLE: "processes=80, wall=30s"})
    assert (found["processes"], found["wall"], found["steps"]) == (70, 30_000_000_000, 50)


def test_no_option_gets_beyond_the_lab(lab: Path) -> None:
    lab.write_text("limits: {processes: 100, wall: 60s}")
    assert refused(["processes=101"]) == f"--limit processes=101: {lab} allows at most 100 here"
    wanted = f"{VARIABLE} wall=2min: {lab} allows at most 60s here"
    assert refused([], {VARIABLE: "wall=2min"}) == wanted


def test_the_lab_may_allow_more_than_is_built_in(lab: Path) -> None:
    lab.write_text("limits: {children: 5000}")
    assert in_force(["children=4000"], {})["children"] == 4000


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("patience=3", "--limit patience=3: must be NAME=VALUE with a name of file_size, nesting,"),
        ("wall", "--limit wall: must be NAME=VALUE"),
        ("wall=soon", "wall must be a duration above 0, like 30s or 10min (got 'soon')"),
        ("wall=0", "wall must be a duration above 0"),
        ("memory=-1MiB", "memory must be a size above 0, like 64MiB (got '-1MiB')"),
        ("memory=1e30", "memory must be a size above 0"),
        ("processes=1.5", "processes must be a whole number above 0, like 1000 (got '1.5')"),
        ("processes=²", "processes must be a whole number above 0"),
        ("steps=" + "9" * 5000, "steps must be a whole number above 0"),
    ],
)
@pytest.mark.usefixtures("lab")
def test_a_wrong_option_is_one_line(option: str, says: str) -> None:
    line = refused([option])
    assert says in line and "\n" not in line


@pytest.mark.usefixtures("lab")
def test_a_wrong_variable_is_named() -> None:
    says = f"{VARIABLE} wall=x: wall must be a duration above 0, like 30s or 10min (got 'x')"
    assert refused([], {VARIABLE: "steps=5, wall=x"}) == says


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("limits: {proceses: 1}", ":1:10: limits.proceses: unknown limit 'proceses' (did you mean"),
        ("limits:\n  wall: never\n", ":2:9: limits.wall: must be a duration above 0"),
        ("limits: 5", ":1:9: limits: must be a mapping, like {processes: 1000}"),
        ("limit: {}", ":1:1: limit: unknown key 'limit' (did you mean 'limits'?)"),
        ("[1, 2]", ":1:1: must be a mapping with the key limits"),
        ("limits: {wall: 1s", ": is not YAML"),
        ("limits: {wall: }", ":1:10: limits.wall: must be a duration above 0"),
        ("limits: {wall: [1s]}", "like 30s or 10min (got 'a list')"),
        ("a: &a [x]\nlimits: *a", ":1:1: a: unknown key 'a'"),
    ],
)
def test_a_wrong_file_of_the_lab_is_named_with_the_place(lab: Path, text: str, says: str) -> None:
    lab.write_text(text)
    assert refused([]).startswith(str(lab)) and says in refused([])


def test_all_mistakes_of_the_labs_file_at_once(lab: Path) -> None:
    lab.write_text("limits:\n  wall: x\n  cpu: y\n")
    assert len(refused([]).splitlines()) == 2


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"#" * 200_000])
def test_a_file_of_the_lab_that_is_no_text_or_too_large(lab: Path, raw: bytes) -> None:
    lab.write_bytes(raw)
    assert "tell its administrator" in refused([])


def test_a_file_of_the_lab_that_cannot_be_read(lab: Path) -> None:
    lab.mkdir()
    assert refused([]) == (
        f"{lab}: cannot be read: Is a directory; "
        "it holds this machine's limits: tell its administrator"
    )


def test_an_empty_file_of_the_lab_says_nothing(lab: Path) -> None:
    lab.write_text("# nothing yet\n")
    assert in_force([], {}) == LIMITS


# -- the commands keep them --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "limit", "status"),
    [
        ("simulate", "processes=1", 2),
        ("simulate", "steps=2", 2),
        ("simulate", "file_size=10", 2),
        ("simulate", "nesting=2", 2),
        ("simulate", "nodes=5", 2),
        ("check", "processes=1", 2),
        ("run-real", "workers=1", 2),
        ("run-real", "cpu=1ms", 2),
    ],
)
@pytest.mark.usefixtures("lab")
def test_the_error_names_the_limit(
    capsys: pytest.CaptureFixture[str], command: str, limit: str, status: int
) -> None:
    assert main([command, SCENARIO, "--limit", limit]) == status
    said = capsys.readouterr().err.strip()
    assert f"(the limit {limit.partition('=')[0]})" in said
    assert len(said.splitlines()) == 1


def test_alias_expansion_and_repeats_are_bounded_before_anything_expands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bomb = tmp_path / "bomb.yaml"
    lines = ["a0: &a0 [1, 1]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    bomb.write_text("\n".join(lines))
    assert main(["check", str(bomb)]) == 2
    assert "(the limit nodes)" in capsys.readouterr().err
    repeat = "{cpu: 1ms}"
    for _ in range(9):
        repeat = f"{{repeat: {{times: 1000, do: [{repeat}]}}}}"
    bomb.write_text(f"processes: [{{name: A, program: [{repeat}]}}]")
    assert main(["check", str(bomb)]) == 2
    assert "(the limit steps)" in capsys.readouterr().err


@pytest.mark.usefixtures("lab")
def test_a_simulation_that_takes_too_long_ends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    long = tmp_path / "long.yaml"
    long.write_text("processes: [{name: P, count: 20000, cpu: 1ms}]")
    assert main(["simulate", str(long), "--limit", "wall=1us"]) == 1
    assert "the simulation took longer than 1us (the limit wall)" in capsys.readouterr().err


@pytest.mark.usefixtures("lab")
def test_the_command_takes_no_more_memory_than_it_may(tmp_path: Path) -> None:
    import subprocess
    import sys

    large = tmp_path / "large.yaml"
    large.write_text("processes: [{name: P, count: 900000, cpu: 1ms}]")
    done = subprocess.run(
        [sys.executable, "cli.py", "simulate", str(large), "--limit", "memory=150MiB"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "this needs more memory" in done.stderr and "(the limit memory" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("lab")
def test_main_gives_the_bound_of_memory_back() -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_DATA)
    assert main(["check", SCENARIO, "--limit", "memory=1GiB"]) == 0
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


@pytest.mark.usefixtures("lab")
def test_a_wrong_variable_stops_a_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(os.environ, VARIABLE, "all=1")
    assert main(["check", SCENARIO]) == 2
    assert capsys.readouterr().err.startswith(f"{VARIABLE} all=1: must be NAME=VALUE")


def test_help_says_that_there_are_limits(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--help"]) == 0
    assert "--limit NAME=N" in capsys.readouterr().out


def test_every_limit_says_of_what_it_is() -> None:
    assert all(limit.of and limit.value > 0 for limit in KNOWN.values())


def test_nesting_can_be_raised_only_as_far_as_every_command_can_follow() -> None:
    assert in_force(["nesting=200"], {})["nesting"] == 200
    assert refused(["nesting=201"]) == (
        "--limit nesting=201: nesting must be at most 200 (got '201')"
    )
