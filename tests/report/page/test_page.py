"""The page as a file: whole in itself, and with all of the record in it."""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli import main
from kernel.process.states import WHYS
from report.base import style
from report.base.chart import Chart
from report.page.document import page
from report.page.record import record
from report.page.sections import command_of
from report.result import Result
from tests.paths import LESSONS
from tests.report.page.made import compared, simulated
from tests.report.runs import alternating
from timeline.record.run import Run


def unpacked(text: str) -> dict[str, Any]:
    """The record that a page carries."""
    found = re.search(r'id="record">([^<]*)<', text)
    assert found is not None
    document: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(found[1])))
    return document


def rows_of(given: dict[str, Any]) -> list[tuple[int, ...]]:
    """The intervals of a packed run: process, start, end, state, core, device, why."""
    columns, rows, at = given["intervals"], [], 0
    for process, many in enumerate(columns["count"]):
        end = 0
        for row in range(at, at + many):
            start = end + columns["gap"][row]
            end = start + columns["length"][row]
            others = (columns[name][row] for name in ("state", "core", "device", "why"))
            rows.append((process, start, end, *others))
        at += many
    return rows


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return simulated(tmp_path)


def test_it_refers_to_nothing_outside_of_itself(tmp_path: Path) -> None:
    text = compared(tmp_path)[1].read_text()

    own = re.sub(r"<script>\s*'use strict';\s*/\*!.*?</script>", "", text, count=1, flags=re.DOTALL)
    assert len(own) < len(text) / 2
    assert "<link" not in own
    assert re.findall(r"<[a-z][^>]*\s(?:src|href|action)=", own) == []
    assert "default-src 'none'" in own


def test_all_of_the_record_is_in_it(run: Run) -> None:
    given = unpacked(page(Result([run])))["runs"][0]

    assert sorted(rows_of(given)) == sorted(
        (row.process, row.start, row.end, row.state, row.core, row.device, WHYS.index(row.why))
        for row in run.intervals
    )
    assert given["processes"] == run.process_names
    assert len(given["memory"]["stays"]) == 3


def test_every_decision_has_its_ready_queue(run: Run) -> None:
    given = unpacked(page(Result([run])))["runs"][0]["decisions"]

    for decision, row in zip(run.decisions or [], given["ready"], strict=True):
        entries = [
            {"process": run.process_names[row[at]], given["keys"][row[at + 1]][0]: row[at + 2]}
            for at in range(0, len(row), 3)
        ]
        assert entries == [{"process": name, **keys} for name, keys in decision.ready]


def test_very_long_queues_are_cut_and_counted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("report.page.record.MOST_ENTRIES", 3)
    queue = tuple((name, {"since_ns": 0}) for name in run.process_names * 4)
    run = replace(run, decisions=[each._replace(ready=queue) for each in run.decisions or []])

    given = record(Chart(run), "x")["decisions"]
    assert given["waiting"] == [12] * len(run.decisions or ())
    assert {len(row) for row in given["ready"]} == {8 * 3}


def test_the_same_run_gives_the_same_record(run: Run) -> None:
    assert unpacked(page(Result([run]))) == unpacked(page(Result([run])))


def test_words_of_the_scenario_are_escaped(run: Run) -> None:
    text = page(Result([run]))

    assert "<h1>Two programs &amp; &lt;b&gt;one&lt;/b&gt; disk</h1>" in text
    assert "<p>Look at the &lt;i&gt;queue&lt;/i&gt;.</p><p>Then look again.</p>" in text


def test_a_comparison_says_its_verdict_and_its_differences(tmp_path: Path) -> None:
    result, path = compared(tmp_path)
    text = path.read_text()

    assert result.comparison is not None
    assert f'id="verdict" class="{result.comparison.verdict}"' in text
    assert "How far apart" in text
    assert "Processes, and how far the runs are apart (times in ms)" in text


def test_the_source_is_on_the_page(run: Run) -> None:
    assert "scheduler: {policy: srtf}" in page(Result([run]))


@pytest.mark.usefixtures("capsys")
def test_it_says_how_to_do_it_again(tmp_path: Path) -> None:
    file, html = tmp_path / "a b.yaml", tmp_path / "x.html"
    file.write_text("processes: [{name: A, cpu: 2ms}]\n")

    assert main(["simulate", str(file), "--cores", "2", "--html", str(html)]) == 0
    command = f"python cli.py simulate &#x27;{file}&#x27; --cores 2 --html report.html"
    assert command in html.read_text()


def test_several_policies_are_several_charts(tmp_path: Path) -> None:
    file, html = tmp_path / "x.yaml", tmp_path / "x.html"
    file.write_text("processes: [{name: A, cpu: 20ms}, {name: B, cpu: 2ms}]\n")

    assert main(["simulate", str(file), "--policy", "fcfs,sjf,rr", "--html", str(html)]) == 0
    document = unpacked(html.read_text())
    assert [each["title"] for each in document["runs"]] == ["fcfs", "sjf", "rr"]
    assert "--policy fcfs,sjf,rr --html" in html.read_text()


def test_saved_runs_can_be_shown(tmp_path: Path) -> None:
    file, html, saved = tmp_path / "x.yaml", tmp_path / "x.html", tmp_path / "x.json"
    file.write_text("processes: [{name: A, cpu: 20ms}, {name: B, cpu: 2ms}]\n")

    assert main(["simulate", str(file), "--out", str(saved)]) == 0
    assert main(["compare", str(saved), str(saved), "--html", str(html)]) == 0
    assert unpacked(html.read_text())["runs"][0]["decisions"] is None


def test_a_process_has_its_colour_of_the_terminal(run: Run) -> None:
    document = unpacked(page(Result([run])))

    assert document["palette"] == [list(pair) for pair in style.PALETTE]
    assert document["runs"][0]["colours"] == [0, 1, 2]


def test_all_reasons_and_states_have_words() -> None:
    assert set(WHYS) <= set(style.WHY_WORDS)
    document = unpacked(page(Result([alternating(3)])))
    assert {state["name"] for state in document["states"]} == {
        state.name.lower() for state in style.STATE_STYLES
    }


def test_the_command_of_a_comparison_names_it(tmp_path: Path) -> None:
    result, _ = compared(tmp_path)

    assert command_of(result).startswith("python cli.py compare ")


def test_each_step_has_what_was_called_printed_and_observed(tmp_path: Path) -> None:
    run = simulated(tmp_path, (LESSONS / "life" / "zombie.yaml").read_text(encoding="utf-8"))
    [found] = unpacked(page(Result([run])))["runs"]
    told = [words for step in found["steps"]["observed"] for _, words in step]

    assert told[0] == "starts c1"
    assert "active_children: []" in told
    assert any(words.startswith("observe c1: ") for words in told)
    assert len(told) == len(run.observations) + sum(
        event.event == "exited" or event.by in run.process_names for event in run.lifecycle
    )


def test_the_legend_has_a_word_for_everything_that_is_drawn(tmp_path: Path) -> None:
    result, path = compared(tmp_path)
    text = path.read_text(encoding="utf-8")

    for drawn in style.STATE_STYLES.values():
        assert f"{drawn.words}</li>" in text
    assert "given beyond what was asked for" in text
    assert "the real run</li>" in text
    assert len(result.runs) == 2


def test_the_life_of_processes_is_told(tmp_path: Path) -> None:
    lesson = LESSONS / "life" / "zombie.yaml"
    assert main(["simulate", str(lesson), "--html", str(tmp_path / "page.html")]) == 0
    written = (tmp_path / "page.html").read_text()
    assert re.search("<h3>Process tree, [^<]+</h3>", written)
    assert re.search("<h3>Observations, [^<]+</h3>", written)
