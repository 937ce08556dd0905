"""A browser, and the page of a comparison in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from report.result import Result
from tests.report.page.browser import Shown, chromium
from tests.report.page.made import compared


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    return compared(tmp_path_factory.mktemp("page"))


@pytest.fixture
def shown(browser: Any, made: tuple[Result, Path]) -> Iterator[Shown]:
    page = Shown(browser, made[1], 1280, 800, dark=False)
    yield page
    page.close()
