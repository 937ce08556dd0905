"""What the front end asks of the model, answered by this Python as by the browser's."""

from __future__ import annotations

import json
from typing import Any

import pytest

import cli
from language import Options, load
from playground.answers import answer
from playground.catalogue import entry, files
from tests.paths import LESSONS, ROOT, TEXTBOOK

TWO = "processes:\n  - {name: A, cpu: 30ms}\n  - {name: B, arrival: 5ms, cpu: 10ms}\n"
MINE = """
from kernel.scheduling import Policy

class Mine(Policy):
    def setup(self): self.queue = []
    def ready(self, process, why): self.queue.append(process)
    def pick(self, core): return (self.queue.pop(), None) if self.queue else None
"""


def asked(do: str, text: str = TWO, **others: Any) -> dict[str, Any]:
    files = {"scenario.yaml": text, **others.pop("files", {})}
    found: dict[str, Any] = json.loads(
        answer(json.dumps({"do": do, "file": "scenario.yaml", "files": files, **others}))
    )
    return found


def test_a_right_scenario_has_no_problems() -> None:
    assert asked("check") == {"problems": [], "remarks": []}


def test_a_mistake_has_its_place_and_the_message_of_the_command_line() -> None:
    text = "processes:\n  - {name: A, cpu: 30parsecs}\n"
    [problem] = asked("check", text)["problems"]
    assert (problem["line"], problem["column"]) == (2, 20)
    assert problem["message"].startswith("processes.0.cpu: must be a duration")


@pytest.mark.parametrize("text", ["", "a: [", "\x00", "processes: 7", "[" * 500, "- \ud800"])
def test_any_text_has_an_answer(text: str) -> None:
    assert asked("simulate", text.encode("utf-8", "replace").decode())["problems"]


def test_a_run_is_shown_by_the_parts_of_a_page() -> None:
    page = asked("simulate")["page"]
    assert page["document"]["runs"][0]["processes"] == ["A", "B"]
    assert 'data-chart="lanes-0"' in page["charts"]


def test_the_page_is_that_of_the_command_line_without_bokehs_script() -> None:
    found = asked("page")
    assert found["page"].count(found["library"]) == 1
    assert len(found["page"]) < 200_000


def test_several_policies_are_shown_side_by_side() -> None:
    page = asked("simulate", policies=["fcfs", "srtf"])["page"]
    assert [run["title"] for run in page["document"]["runs"]] == ["fcfs", "srtf"]


def test_a_changed_number_changes_the_run() -> None:
    page = asked("simulate", sets=["processes.0.cpu=50ms"])["page"]
    assert page["document"]["span"] == 60_000_000


@pytest.mark.parametrize(
    ("cpu", "end", "title", "checked"),
    [
        (30, 20, "", False),  # a slider was moved
        (30, 30, "", True),  # the user has changed what is expected, too
        (20, 20, "title: mine\n", True),  # the run is the same
    ],
)
def test_expectations_of_a_shipped_scenario_are_of_its_unchanged_text(
    cpu: int, end: int, title: str, checked: bool
) -> None:
    text = "processes: [{{name: A, cpu: {}ms}}]\nexpect: {{completion: {{A: {}ms}}}}\n"
    found = asked("simulate", title + text.format(cpu, end), shipped=text.format(20, 20))
    assert ("What the scenario expects" in found["page"]["closing"]) is checked
    said = "expect is not checked: it was written for the lesson before your changes"
    assert (said in found["remarks"]) is not checked


def test_a_policy_of_the_user_is_executed() -> None:
    page = asked("simulate", policies=["mine.py:Mine"], files={"mine.py": MINE})["page"]
    assert page["document"]["runs"][0]["processes"] == ["A", "B"]


def test_a_mistake_in_a_policy_names_its_file() -> None:
    broken = MINE.replace("def pick", "def pick(")
    found = asked("simulate", policies=["mine.py:Mine"], files={"mine.py": broken})
    assert "mine.py" in found["problems"][0]["message"]


def test_the_saved_run_is_that_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    file = "scenarios/lessons/overlap.yaml"
    text = (ROOT / file).read_text(encoding="utf-8")
    found = json.loads(answer(json.dumps({"do": "document", "file": file, "files": {file: text}})))
    assert cli.main(["simulate", file, "--json"]) == 0
    assert found["document"] == capsys.readouterr().out


def test_a_file_stays_below_its_folder() -> None:
    found = asked("check", files={"../../escaped.yaml": "a: 1"})
    assert found["problems"] == []
    assert not (ROOT.parent / "escaped.yaml").exists()


def test_names_and_texts_of_a_scenario_are_text_on_the_page() -> None:
    evil = "<img src=x onerror=alert(1)></script>"
    text = f"title: '{evil}'\nabout: '{evil}'\n" + TWO.replace("name: A", f"name: '{evil}'")
    page = asked("simulate", text)["page"]
    assert "<img" not in page["opening"] + page["charts"] + page["closing"]


def test_all_shipped_scenarios_are_offered() -> None:
    offered = {file for _, file in files()}
    assert len(offered) > 150
    assert offered >= {
        *LESSONS.glob("*.yaml"),
        *LESSONS.glob("life/*.yaml"),
        *TEXTBOOK.glob("*.yaml"),
    }


def test_a_scenario_is_offered_with_the_title_and_advice_that_the_language_reads() -> None:
    for group, file in list(files())[::10]:
        source = load(file, Options()).workload.source
        offered = entry(group, file)
        assert offered.title == source["title"]
        assert (source.get("about") or "") in offered.words


def test_a_scenario_is_offered_with_its_title_advice_and_text() -> None:
    offered = entry("Lessons", LESSONS / "overlap.yaml")
    assert offered.path == "scenarios/lessons/overlap.yaml"
    assert offered.title.startswith("Several programs in memory")
    assert "multiprogramming" in offered.words
    assert offered.text.startswith("title: ")
