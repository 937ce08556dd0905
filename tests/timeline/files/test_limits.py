"""Saved runs that are too large, packed or not, are told in one line before anything is built."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from cli import main
from kernel.errors import UsageError
from tests.timeline.gantt import gantt
from timeline.files import document
from timeline.files.document import save, write_run
from timeline.files.limits import rows_in

LIMITS = {"run_size": 100_000, "rows": 1000}


def refused(file: Path, limits: dict[str, int] = LIMITS) -> str:
    with pytest.raises(UsageError) as caught:
        document.load(file, limits)
    assert caught.value.exit_status == 2
    return str(caught.value).removeprefix(f"{file}: ")


@pytest.mark.parametrize("piece", [b" ", b"\n", b"[", b'"a",'])
def test_a_bomb_is_unpacked_no_further_than_the_limit(piece: bytes, tmp_path: Path) -> None:
    file = tmp_path / "bomb.jsonl.gz"
    file.write_bytes(gzip.compress(piece * 10_000_000, 1))

    said = refused(file)

    if piece != b"\n":  # of which the first line says that it is none of ours
        assert said == "is larger than 100KB, unpacked (the limit run_size)"


def test_a_bomb_in_a_bomb_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "bomb.jsonl.gz"
    file.write_bytes(gzip.compress(gzip.compress(b" " * 1_000_000)))
    assert "is not UTF-8 text" in refused(file)


def test_a_run_of_more_rows_than_allowed_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    save(file, lambda stream: write_run(gantt("A 00\nB ..00"), stream))

    assert len(document.load(file, LIMITS)) == 1
    assert refused(file, {**LIMITS, "rows": 5}) == "has more than 5 rows (the limit rows)"


def test_every_table_of_a_run_counts() -> None:
    columns = {"a": [1, 2, 3], "b": []}
    run = {
        **dict.fromkeys(
            ("intervals", "overheads", "memory_events", "life", "observations"), columns
        ),
        "processes": [{"jobs": [{}, {}]}, {"jobs": None}],
        "cores": [{}],
        "expectations": [{}],
        "stuck": ["A"],
        "decisions": {"at_ns": [1], "ready": [[{}, {}, {}]]},
        "machine": {"kernel_trace": {"intervals": columns, "others": [{}]}},
    }
    assert rows_in(run) == 5 * 3 + 2 + 2 + 1 + 1 + 1 + 1 + 3 + 3 + 1


@pytest.mark.parametrize("damaged", [None, [], 1, {"decisions": 1}, {"processes": [None, {}]}])
def test_rows_of_what_is_damaged_can_be_counted(damaged: object) -> None:
    assert rows_in(damaged) >= 0


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 15_000,
        '{"format": NaN}',
        '{"format": ' + "9" * 5000 + "}",
        '{"format": "\\ud800"}',
        "\ufeff",
        "",
        "\0",
    ],
)
@pytest.mark.parametrize("suffix", ["json", "jsonl"])
def test_no_text_makes_a_traceback(
    text: str, suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / f"run.{suffix}"
    file.write_text(text)

    assert main(["compare", str(file), str(file)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(str(file)) and said.count("\n") == 1


def test_a_limit_may_be_raised_for_saved_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "run.json"
    save(file, lambda stream: write_run(gantt("A 00\nB ..00"), stream))
    given = json.loads(file.read_text())
    given["scenario"] = {**given["scenario"], "about": "x" * 5_000_000}
    file.write_text(json.dumps(given))

    assert main(["compare", str(file), str(file)]) == 2
    assert "(the limit run_size)" in capsys.readouterr().err
    assert main(["compare", str(file), str(file), "--limit", "run_size=10MB"]) == 0
