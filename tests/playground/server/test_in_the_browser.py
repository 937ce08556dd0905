"""The playground on one's own machine as a person uses it, in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.local_playground import Server
from tests.report.page.browser import PATIENCE, chromium

TWO = "processes:\n  - {name: A, cpu: 30ms}\n  - {name: B, arrival: 5ms, cpu: 10ms}\n"
LONG = "processes: [{name: A, count: 2, cpu: 30s}]\n"
TURN = """
from kernel.scheduling import Policy, ms

class Turn(Policy):
    def setup(self): self.queue = []
    def ready(self, process, why): self.queue.append(process)
    def pick(self, core): return (self.queue.pop(0), ms(50)) if self.queue else None
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lab")
    for name, text in (("课.yaml", TWO), ("other.yaml", TWO), ("turn.py", TURN)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    with Server(folder, "课.yaml") as running:
        yield running


class Opened:
    """The page behind the link of a server, with what the browser complained about."""

    def __init__(self, browser: Any, server: Server) -> None:
        self.complaints: list[str] = []
        self.page = browser.new_page(viewport={"width": 1280, "height": 800})
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(server.link)
        self.page.wait_for_selector("body[data-ready=yes]")

    def _hear(self, said: Any) -> None:
        if said.type in ("error", "warning"):
            self.complaints.append(said.text)

    def waits_for(self, text: str) -> None:
        """Wait until the page says this text."""
        self.page.wait_for_selector(f"[role=status] >> text={text}")

    @property
    def text(self) -> str:
        """The scenario in the editor."""
        return str(self.page.evaluate("playground.editor.text('scenario.yaml')"))


@pytest.fixture
def opened(browser: Any, server: Server) -> Iterator[Opened]:
    found = Opened(browser, server)
    yield found
    found.page.close()
    assert found.complaints == []


def test_the_link_opens_the_file_and_leaves_no_token_behind(opened: Opened) -> None:
    opened.waits_for("课.yaml is open")
    assert opened.text == TWO
    assert "token" not in opened.page.url
    assert opened.page.evaluate("document.cookie") == ""


def test_a_file_is_changed_and_kept(opened: Opened, folder: Path) -> None:
    opened.waits_for("课.yaml is open")
    opened.page.on("dialog", lambda dialog: dialog.accept("new.yaml"))
    opened.page.evaluate("playground.editor.view.dispatch({changes: {from: 0, insert: '# 二\\n'}})")
    opened.page.click("#keep")
    opened.waits_for("new.yaml is saved")
    assert (folder / "new.yaml").read_text(encoding="utf-8") == f"# 二\n{TWO}"
    assert opened.page.input_value("#folder-files") == "new.yaml"


def test_a_file_that_was_changed_meanwhile_is_not_written_over(
    opened: Opened, folder: Path
) -> None:
    opened.waits_for("课.yaml is open")
    opened.page.select_option("#folder-files", "other.yaml")
    opened.waits_for("other.yaml is open")
    (folder / "other.yaml").write_text("# other\n", encoding="utf-8")
    opened.page.on("dialog", lambda dialog: dialog.accept(dialog.default_value))
    opened.page.click("#keep")
    opened.waits_for("was changed by another program")
    assert (folder / "other.yaml").read_text(encoding="utf-8") == "# other\n"
    opened.complaints.clear()  # the browser tells of the refusal


def test_a_file_outside_of_the_folder_is_refused_by_name(opened: Opened, folder: Path) -> None:
    opened.waits_for("课.yaml is open")
    opened.page.on("dialog", lambda dialog: dialog.accept("../outside.yaml"))
    opened.page.click("#keep")
    opened.waits_for("'../outside.yaml': must be the name of a file in")
    assert not (folder.parent / "outside.yaml").exists()
    opened.complaints.clear()  # the browser tells of the refusal


def test_a_slider_is_named_by_its_process_only_if_it_has_one(opened: Opened) -> None:
    opened.waits_for("课.yaml is open")
    opened.page.evaluate(f"playground.put({json.dumps(TWO + 'scheduler: {quantum: 5ms}')})")
    opened.page.wait_for_selector("#sliders label >> text=quantum")
    names = [
        each.split("\n")[0] for each in opened.page.locator("#sliders label").all_inner_texts()
    ]
    assert names == ["A cpu", "B arrival", "B cpu", "quantum"]


@pytest.mark.real
def test_a_comparison_is_shown_in_place_of_the_simulated_run(opened: Opened) -> None:
    opened.waits_for("课.yaml is open")
    opened.page.click("#compare")
    opened.page.wait_for_selector("#verdict")
    assert opened.page.locator("#runs li.done >> text=comparison").count() == 1
    assert opened.page.locator("[data-chart^=lanes]").count() == 2


@pytest.mark.real
def test_a_policy_of_the_folder_runs_for_real_and_is_stopped_by_a_button(opened: Opened) -> None:
    opened.waits_for("课.yaml is open")
    opened.page.select_option("#folder-files", "turn.py")
    opened.page.evaluate(f"playground.put({json.dumps(LONG)})")
    opened.page.fill("#policies", "turn.py:Turn")
    opened.page.click("#run-real")
    opened.page.wait_for_selector("#runs li.running >> text=running: ")
    opened.page.click("#runs li.running button")
    opened.waits_for("It was stopped: interrupted by SIGINT")
    assert opened.page.locator("#opening h1").count() == 1


def test_a_slider_writes_one_number_however_fast_it_moves(opened: Opened) -> None:
    opened.page.wait_for_selector("#sliders input")
    opened.page.evaluate(
        """() => {
            const input = document.querySelector("#sliders input");
            for (const value of [8, 45, 9, 60]) {
                input.value = value;
                input.dispatchEvent(new Event("input"));
            }
        }"""
    )
    assert opened.text == TWO.replace("cpu: 30ms", "cpu: 60ms")


def test_a_slider_has_its_arrow_keys_for_itself(opened: Opened) -> None:
    opened.page.wait_for_selector("#sliders input")
    where = opened.page.inner_text("#where")
    opened.page.focus("#sliders input")
    opened.page.keyboard.press("ArrowRight")
    assert opened.text == TWO.replace("cpu: 30ms", "cpu: 31ms")
    assert opened.page.inner_text("#where").split("·")[0] == where.split("·")[0]
