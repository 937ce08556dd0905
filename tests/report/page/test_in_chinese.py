"""The page of a Chinese reader, in a browser: what stands in its HTML, and what its scripts say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.report.page.browser import Shown
from tests.report.page.made import compared
from translation import speaking


def test_the_page_speaks_chinese(browser: Any, tmp_path: Path) -> None:
    with speaking("zh"):
        page = compared(tmp_path)[1]
    shown = Shown(browser, page, 1280, 900, dark=False)
    try:
        shown.page.click("#next")

        assert shown.page.evaluate("document.documentElement.lang") == "zh-CN"
        assert shown.page.inner_text("#where").startswith("第 2 步")
        assert shown.page.inner_text("#play") == "▶ 播放"
        assert shown.page.get_attribute("#next", "title") == "下一个决策（→）"
        assert "就绪" in shown.page.inner_text("#panel-0")
        assert "进程" in shown.hover("memory-0", 10, 0.9)
        assert shown.complaints == []
    finally:
        shown.close()
