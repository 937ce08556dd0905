"""The static site driven by keyboard alone: open, edit, run, predict, draw a curve, step."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

MOST_TABS = 90
PATIENCE = 30.0  # s
IDLE = """async () => {
    do await new Promise((resolve) => setTimeout(resolve, 60));
    while (playground.busy || playground.wanted);
}"""
"""Waits until the page shows what was asked."""
DRAWN = """JSON.stringify(
    playground.views["view-predict"].lanes[0].stretches().map(([name]) => name)
) === '["car","truck"]'"""


def became(page: Any, expression: str) -> bool:
    """Return whether an expression becomes true within PATIENCE.

    The driver's own way to wait evaluates texts in the page, which the site's policy forbids.
    """
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if page.evaluate(f"Boolean({expression})"):
            return True
        page.wait_for_timeout(50)
    return False


class Keyboard:
    """Presses keys, and looks whether the page has done what they ask. `missed` says what not."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self.missed: list[str] = []

    def to(self, found: str) -> None:
        """Press Tab until an element of this selector has the focus."""
        self._page.evaluate("document.activeElement.blur()")
        for _ in range(MOST_TABS):
            self._page.keyboard.press("Tab")
            if self._page.evaluate(f"document.activeElement?.matches({json.dumps(found)})"):
                return
        self.missed.append(f"by keyboard alone: {found} is not reached")

    def press(self, *keys: str) -> None:
        """Press these keys, one after the other."""
        for key in keys:
            self._page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type a text."""
        self._page.keyboard.type(text)

    def expect(self, what: str, expression: str) -> None:
        """Note `what` unless the expression becomes true."""
        self._page.evaluate(IDLE)
        if not became(self._page, expression):
            self.missed.append(f"by keyboard alone: {what}")


def driven(page: Any) -> Iterator[str]:
    """Yield what cannot be done by keyboard alone."""
    keyboard = Keyboard(page)
    keyboard.to("#search")
    keyboard.type("convoy")
    keyboard.to("#catalogue")
    keyboard.press("ArrowDown")
    keyboard.expect("a lesson is not opened", "playground.file.includes('convoy')")
    keyboard.to(".cm-content")
    keyboard.press("Control+Home")
    keyboard.type("# mine\n")
    keyboard.press("Control+Enter")
    text = "playground.editor.text('scenario.yaml')"
    keyboard.expect("nothing is typed", f"{text}.startsWith('# mine')")
    _slides(keyboard)
    _predicts(keyboard)
    keyboard.to("#view-predict")
    keyboard.press("ArrowRight")
    keyboard.expect("Curve is not shown", "!document.getElementById('shown-curve').hidden")
    keyboard.to("#curve-values")
    keyboard.press("Enter")
    keyboard.expect("no curve", "document.querySelectorAll('#curve-charts section').length > 0")
    keyboard.to("#view-curve")
    keyboard.press("ArrowRight")
    keyboard.expect("Run is not shown", "!document.getElementById('shown-run').hidden")
    keyboard.to("#next")
    keyboard.press("Enter", "ArrowRight")
    where = "document.getElementById('where').textContent"
    keyboard.expect("no step is made", f"{where}.startsWith('step 3')")
    yield from keyboard.missed


def _slides(keyboard: Keyboard) -> None:
    keyboard.to("#sliders input")
    keyboard.press("Home", "ArrowRight", "ArrowRight")
    first = "document.querySelector('#sliders input')"
    text = "playground.editor.text('scenario.yaml')"
    moved = f"{first}.value > {first}.min && {text}.includes({first}.value)"
    keyboard.expect("a slider does not move", moved)


def _predicts(keyboard: Keyboard) -> None:
    keyboard.to("#view-run")
    keyboard.press("ArrowRight")
    keyboard.expect("Predict is not shown", "!document.getElementById('shown-predict').hidden")
    keyboard.to(".lane.drawn")
    keyboard.press("1", "Shift+End", "Home", "2", " ", " ")
    keyboard.expect("nothing is drawn", DRAWN)
    keyboard.to("#commit")
    keyboard.press("Enter")
    keyboard.expect("nothing is graded", "document.querySelector('#verdict-of-chart p')")
