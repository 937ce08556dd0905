"""Each translated page is translated whole, with the code and the links of the English one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from tests.paths import DOCS, ROOT
from tools.documentation.catalogues import read, updated
from tools.documentation.languages import CHINESE, ENGLISH, LOCALE, address, catalogue, translated
from tools.documentation.staging import stage
from tools.documentation.translation import mistakes, out_of_date

PAGES = translated(DOCS, CHINESE)
IN_BOTH = re.compile(r"\[(.+)\]\((reference/.+\.md)\)")


def chinese(page: str) -> Catalog:
    return read(catalogue(DOCS, CHINESE, page), CHINESE)


def one(english: str, other: str) -> Catalog:
    found = Catalog(CHINESE.code)
    found.add(english, other)
    return found


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the English pages as the site has them. Of generated pages, the index has titles."""
    links = [IN_BOTH.fullmatch(str(message.id)) for message in chinese("index")]
    generated = {link[2]: f"# {link[1]}\n" for link in links if link is not None}
    folder = tmp_path_factory.mktemp("staged") / "source"
    stage(folder, generated)
    return folder


@pytest.mark.parametrize("page", PAGES)
def test_a_translated_page_is_translated_whole(page: str) -> None:
    assert list(mistakes(chinese(page))) == []


@pytest.mark.parametrize("page", PAGES)
def test_a_translated_page_is_that_of_today(page: str, staged: Path) -> None:
    text = (staged / f"{page}.md").read_text(encoding="utf-8")
    assert list(out_of_date(text, chinese(page))) == [], "run `make docs-catalogues`, and translate"


def test_what_sphinx_makes_of_a_catalogue_is_not_kept() -> None:
    assert list((DOCS / LOCALE).rglob("*.mo")) == []


def test_the_readme_is_the_same_in_both_languages() -> None:
    english, other = (
        (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md")
    )
    assert "](README.zh.md)" in english
    assert "](README.md)" in other
    fence = re.compile("^```.*?^```", re.MULTILINE | re.DOTALL)
    without_comments = [
        [re.sub(r"\s+# .*", "", block) for block in fence.findall(text)]
        for text in (english, other)
    ]
    assert without_comments[0] == without_comments[1]
    links = [sorted(re.findall(r"\]\((?!README)([^)]+)\)", text)) for text in (english, other)]
    assert links[0] == links[1]


@pytest.mark.parametrize(
    ("english", "other", "found"),
    [
        ("A process.", "", "no translation: A process."),
        ("Type `run`.", "输入 `go`。", "other code, - run; + go: Type `run`."),
        ("See [it](a.md#b).", "见[它](a.md)。", "other links, - a.md#b; + a.md: See [it](a.md#b)."),
        (
            "**Predict.** Now.",
            "**预测。**现在。",
            "0 words in bold instead of 1: **Predict.** Now.",
        ),
    ],
)
def test_a_mistake_of_a_translation_is_named(english: str, other: str, found: str) -> None:
    assert list(mistakes(one(english, other))) == [found]


def test_words_may_stand_in_another_order() -> None:
    assert list(mistakes(one("`a` of [b](c.md)", "[乙](c.md) 的 `a`"))) == []


def test_a_changed_paragraph_waits_for_a_translator() -> None:
    old, new = one("A process waits for I/O.", "进程等待 I/O。"), Catalog()
    new.add("A process waits for its I/O.")
    now = updated(old, new)
    assert [str(message.id) for message in now if message.id] == ["A process waits for its I/O."]
    assert next(mistakes(now)).startswith("the English text was changed (fuzzy)")


def test_a_page_that_was_changed_is_found() -> None:
    page = "# Title\n\nOne\nparagraph.\n\n```sh\nmake run\n```\n\nA new one.\n"
    found = one("Title", "标题")
    found.add("One paragraph.", "一段。")
    found.add("An old one.", "旧的一段。")
    lines = ["not on the page any more: An old one.", "not in the catalogue: A new one."]
    assert list(out_of_date(page, found)) == lines


def test_a_page_leads_to_the_same_page_of_the_other_language() -> None:
    assert address("start/install", ENGLISH, CHINESE) == "../zh/start/install.html"
    assert address("start/install", CHINESE, ENGLISH) == "../../start/install.html"
    assert address("memory", ENGLISH, CHINESE) == "zh/memory.html"
