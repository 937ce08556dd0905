"""Files that show a result: refused before the run if they cannot be written."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any

import pytest

from cli import main
from kernel.errors import UsageError
from kernel.files.writing import require_writable, require_writable_folder
from report.outputs import OUTPUTS, Output, Outputs

SCENARIO = "processes: [{name: A, cpu: 2ms}, {name: B, cpu: 1ms}]\n"
HTML = OUTPUTS[0]


@pytest.fixture
def small(tmp_path: Path) -> str:
    file = tmp_path / "small.yaml"
    file.write_text(SCENARIO)
    return str(file)


def test_a_file_in_a_folder_that_is_there_can_be_written(tmp_path: Path) -> None:
    require_writable(tmp_path / "new.html")
    require_writable(Path("/dev/null"))
    require_writable(Path("new.html"))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no/where.html", "there is no folder"),
        ("", "is a folder"),
        ("file/x.html", "is not a folder"),
        ("x" * 300, "name"),
        ("x" * 255, "name is too long"),
    ],
)
def test_a_file_that_cannot_be_written_is_named(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UsageError, match=words) as caught:
        require_writable(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_without_permission_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, _mode: path != tmp_path)  # as root may all

    with pytest.raises(UsageError, match="you may not write to"):
        require_writable(tmp_path / "x.html")
    with pytest.raises(UsageError, match="you may not write to"):
        require_writable_folder(tmp_path / "new")


def test_a_folder_that_is_new_or_there_can_be_written_to(tmp_path: Path) -> None:
    require_writable_folder(tmp_path)
    require_writable_folder(tmp_path / "new")

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_or_nowhere_cannot(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UsageError, match="is a file"):
        require_writable_folder(tmp_path / "file")
    with pytest.raises(UsageError, match="there is no folder"):
        require_writable_folder(tmp_path / "no" / "where")


def test_two_results_in_one_file_are_refused(tmp_path: Path) -> None:
    out = tmp_path / "x"

    with pytest.raises(UsageError, match="is given twice"):
        Outputs([(HTML, out)]).check(out)
    Outputs([(HTML, Path("/dev/null"))]).check(Path("/dev/null"))


def test_a_missing_library_is_named_with_the_command_that_installs_it(
    small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "bokeh" else found(name)
    )

    assert main(["simulate", small, "--html", str(tmp_path / "x.html")]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == (
        "--html needs bokeh, which is not installed: pip install --editable '.[report]'\n"
    )


@pytest.mark.parametrize("command", ["simulate", "run-real", "compare"])
@pytest.mark.parametrize("option", ["--html", "--out"])
def test_a_file_that_cannot_be_written_is_said_before_the_run(
    command: str,
    option: str,
    small: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("it ran")

    monkeypatch.setattr("commands.machines.simulated", never)
    monkeypatch.setattr("commands.machines.really_run", never)
    path = tmp_path / "no" / "x"

    assert main([command, small, option, str(path)]) == 2
    assert capsys.readouterr().err == (
        f"{path}: cannot be written: there is no folder {path.parent}\n"
    )


@pytest.mark.parametrize("option", ["--out", "--svg"])
def test_what_the_command_reads_is_not_written_over(
    small: str, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    before = Path(small).read_text()
    assert main(["simulate", small, option, f"./{os.path.relpath(small)}"]) == 2
    assert "is a file that this command reads; name another file" in capsys.readouterr().err
    assert Path(small).read_text() == before


def test_a_folder_that_one_may_not_enter_is_told_in_one_line(tmp_path: Path) -> None:
    closed, user = tmp_path / "closed", os.geteuid()
    closed.mkdir(mode=0)
    if user == 0:
        os.setresuid(65534, 65534, 0)  # no folder is closed to root
    try:
        with pytest.raises(UsageError, match=r"x\.json: cannot be written: "):
            Outputs([]).check(closed / "x.json")
    finally:
        os.setresuid(user, user, user)


def test_decisions_that_only_a_file_needs_are_nowhere_else(
    small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, saved = tmp_path / "x.html", tmp_path / "x.json"
    plain, with_page = tmp_path / "plain.json", tmp_path / "both.json"

    assert main(["simulate", small, "--html", str(page), "--out", str(saved)]) == 0
    assert "Decisions" not in capsys.readouterr().out
    assert main(["simulate", small, "--out", str(plain)]) == 0
    assert saved.read_bytes() == plain.read_bytes()
    assert main(["simulate", small, "--explain", "--html", str(page), "--out", str(with_page)]) == 0
    assert '"decisions"' in with_page.read_text()


def test_a_file_that_fails_in_the_end_does_not_cost_the_result(
    small: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", small, "--html", "/dev/full"]) == 2

    output = capsys.readouterr()
    assert "Makespan 3000 us" in output.out
    assert output.err == "/dev/full: cannot be written: No space left on device\n"


def test_every_output_has_an_option_with_help(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("simulate", "run-real", "compare"):
        assert main([command, "--help"]) == 0
        text = capsys.readouterr().out
        for output in OUTPUTS:
            assert f"--{output.option} {'DIR' if output.files_in else 'FILE'}" in text


def test_an_output_that_needs_no_library_asks_for_none(tmp_path: Path) -> None:
    written: list[Path] = []
    plain = Output("plain", "", lambda _, path: written.append(path))
    outputs = Outputs([(plain, tmp_path / "x")])

    outputs.check()
    outputs.write([])
    assert written == [tmp_path / "x"]
    assert not outputs.decides


# -- what the command reads -----------------------------------------------------------------------

POLICY = """
from helper import first
from kernel.scheduling import Policy


class Mine(Policy):
    \"\"\"The first come.\"\"\"

    def setup(self):
        self.queue = []

    def ready(self, process, why):
        self.queue.append(process)

    def pick(self, core):
        if self.queue:
            return self.queue.pop(0), None
"""


@pytest.mark.parametrize("option", ["--out", "--html", "--svg", "--perfetto"])
@pytest.mark.parametrize("name", ["mine.py", "hard.json", "soft.json", "helper.py"])
def test_the_policy_that_a_scenario_names_is_not_written_over(
    option: str,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    policy, helper = tmp_path / "mine.py", tmp_path / "helper.py"
    policy.write_text(POLICY)
    helper.write_text("first = 0\n")
    (tmp_path / "hard.json").hardlink_to(policy)
    (tmp_path / "soft.json").symlink_to(policy)
    scenario = tmp_path / "own.yaml"
    scenario.write_text(f"scheduler: {{policy: 'mine.py:Mine'}}\n{SCENARIO}")
    monkeypatch.syspath_prepend(str(tmp_path))

    assert main(["simulate", str(scenario), option, str(tmp_path / name)]) == 2
    assert capsys.readouterr().err == (
        f"{tmp_path / name}: is a file that this command reads; name another file\n"
    )
    assert (policy.read_text(), helper.read_text()) == (POLICY, "first = 0\n")


def test_the_profile_of_costs_is_not_written_over(
    small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    profile = tmp_path / "p.json"
    profile.write_text("{}")

    assert main(["simulate", small, "--costs", str(profile), "--out", str(profile)]) == 2
    assert "is a file that this command reads" in capsys.readouterr().err
    assert profile.read_text() == "{}"


def test_a_table_does_not_take_the_place_of_what_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = tmp_path / "runs.csv"
    scenario.write_text(SCENARIO)

    assert main(["simulate", str(scenario), "--csv", str(tmp_path)]) == 2
    assert "is a file that this command reads" in capsys.readouterr().err
    assert scenario.read_text() == SCENARIO


def test_two_names_of_one_file_hold_one_result(
    small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "one").touch()
    (tmp_path / "two").hardlink_to(tmp_path / "one")

    arguments = ["--out", str(tmp_path / "one"), "--html", str(tmp_path / "two")]
    assert main(["simulate", small, *arguments]) == 2
    assert "is given twice" in capsys.readouterr().err


@pytest.mark.usefixtures("capsys")
@pytest.mark.parametrize("option", ["--out", "--html", "--svg", "--perfetto", "--csv"])
def test_names_that_are_no_unicode_are_no_trouble(option: str, tmp_path: Path) -> None:
    odd = os.fsdecode(b"caf\xe9")
    scenario = tmp_path / f"{odd}.yaml"
    scenario.write_text(SCENARIO)

    assert main(["simulate", str(scenario), option, str(tmp_path / f"{odd}.out")]) == 0
    assert (tmp_path / f"{odd}.out").exists()
