"""The playground in Chinese, in a real browser: its language, its texts, the list of languages."""

# ruff: noqa: RUF001 - Chinese punctuation is meant

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.local_playground import Server
from kernel.scheduling.policies.fcfs import FirstComeFirstServed
from teaching.sheet.system import first_sentence
from tests.report.page.browser import PATIENCE, chromium

TWO = "processes:\n  - {name: A, cpu: 30ms}\n  - {name: B, arrival: 5ms, cpu: 10ms}\n"
ENGLISH = re.compile(r"[A-Za-z]{2,}(?: [a-z]{2,})+")
"""Two words of English. A single one may be a key, a name, or a unit."""
NOT_WORDS = "#editor, #sliders, pre, code, kbd, script, option, [hidden]"
"""What is typed, commands and keys; and what is not shown."""
SAID = """(notWords) => {
    const shown = document.body.cloneNode(true);
    for (const each of shown.querySelectorAll(notWords)) each.remove();
    document.body.append(shown);
    const text = shown.innerText;
    shown.remove();
    return text;
}"""
OF_THE_POLICY = (FirstComeFirstServed.rule, FirstComeFirstServed.tie_rule)
"""What the policy itself says, and its docstring; a policy of one's own may say it in English."""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder: Path = tmp_path_factory.mktemp("lab")
    (folder / "two.yaml").write_text(TWO, encoding="utf-8")
    with chromium() as browser, Server(folder, "two.yaml", LC_ALL="C") as server:
        found = browser.new_context(locale="zh-CN").new_page()
        found.set_default_timeout(PATIENCE)
        found.goto(server.link)
        found.wait_for_selector("body[data-ready=yes]")
        yield found


def english(page: Any) -> list[str]:
    """Return the lines of the page that have English left."""
    text = str(page.evaluate(SAID, NOT_WORDS))
    for words in (*OF_THE_POLICY, first_sentence(FirstComeFirstServed)):
        text = text.replace(words, "")
    return [line for line in text.splitlines() if ENGLISH.search(line)]


def test_the_page_is_in_the_language_of_the_browser(page: Any) -> None:
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert page.title() == "Multiprog 演练场"
    page.wait_for_selector("[role=status] >> text=two.yaml 已打开。")
    assert english(page) == []


def test_what_the_model_says_is_in_that_language(page: Any) -> None:
    page.click("#view-predict")
    page.wait_for_selector("#drawing:not([hidden])")
    page.click("#commit")
    page.wait_for_selector("#verdict-of-chart >> text=在时刻 0，应当运行 A，你写的是空闲。")
    assert english(page) == []


def test_another_language_is_chosen_and_the_text_stays(page: Any) -> None:
    page.evaluate("playground.editor.view.dispatch({changes: {from: 0, insert: '# mine\\n'}})")
    page.select_option("#language", "en")
    page.wait_for_selector("[role=status] >> text=two.yaml is open.")
    page.wait_for_selector("body[data-ready=yes]")
    assert "?lang=en" in page.url
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.evaluate("playground.editor.text('scenario.yaml')") == f"# mine\n{TWO}"
    assert page.evaluate("playground.file") == "two.yaml"
