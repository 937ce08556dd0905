"""The views of the static site: their look, accessibility, hostile texts, endless policies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.looks import axe_of, looks
from benchmarks.site_keys import IDLE, became, driven

RESIZED = ((1280, 800), (400, 800), (1000, 500), (800, 600), (400, 800), (1280, 800))
OVERLAP = "scenarios/lessons/overlap.yaml"
LESSON = "scenarios/lessons/long-against-quantum.yaml"
EVIL = (
    "<img src=x onerror=hacked=1></script><script>hacked=1</script>"
    "{{7*7}} ${hacked=1} \u202egnirts \u2066\u200f & \"quoted\" 'too' `x` ]]>"
)
HOSTILE = f"""title: {json.dumps(EVIL)}
about: {json.dumps(EVIL + chr(10) * 2 + EVIL)}
machine: {{memory: 64MiB}}
memory: {{scheme: variable, fit: first}}
scheduler: {{policy: rr, quantum: 5ms}}
processes:
  - {{name: {json.dumps(EVIL[:60])}, memory: 8MiB, program: [{{cpu: 20ms}}, {{io: 5ms}}]}}
  - {{name: "__proto__", memory: 8MiB, arrival: 5ms, cpu: 20ms}}
  - {{name: "</svg><svg onload=hacked=1>", memory: 8MiB, arrival: 5ms, cpu: 20ms}}
"""
MISTAKEN = HOSTILE.replace("policy: rr", "policy: '<img src=x onerror=hacked=1>'")
MADE = """() => {
    const made = document.querySelectorAll("img, main script, iframe, [onerror], [onload]");
    return [window.hacked, made.length, Object.prototype.hacked];
}"""
ENDLESS = """from kernel.scheduling import Policy


class Mine(Policy):
    def setup(self): pass
    def ready(self, process, why): pass
    def pick(self, core):
        while True:
            pass
"""
FRAMES = """() => [...document.querySelectorAll("[data-chart]")].map((place) => {
    const view = [...Bokeh.index.roots].find((each) => place.contains(each.el));
    const {width, height} = view.el.getBoundingClientRect();
    return [place.dataset.chart, Math.round(width), Math.round(height), view.frame.bbox.width];
})"""


def tried(visits: Any, context: Any, folder: Path, screens: Path | None) -> Iterator[str]:
    """Yield a line for each thing that fails. `visits` opens pages in the browser's `context`."""
    page, _ = visits.page(context)
    yield from _hostile(page, visits, context)
    yield from _endless(page)
    yield from driven(page)
    yield from looks(page, _views, axe_of(folder.with_name(f"{folder.name}-work")), screens)
    yield from _resized(page, visits, context)
    page.close()


def _put(page: Any, text: str, policy: str | None = None, policies: str = "") -> None:
    page.evaluate("(words) => { document.getElementById('policies').value = words; }", policies)
    page.evaluate("([text, policy]) => playground.put(text, policy ?? undefined)", [text, policy])
    page.evaluate(IDLE)


def _look(page: Any, view: str) -> None:
    page.click(f"#{view}")
    page.evaluate(IDLE)


def _hostile(page: Any, visits: Any, context: Any) -> Iterator[str]:
    """Yield where texts of a scenario do anything but stand there."""
    _put(page, HOSTILE)
    problems = page.inner_text("#problems")
    if problems:
        yield f"the hostile scenario is not read: {problems}"
    for view in ("view-predict", "view-curve", "view-run"):
        _look(page, view)
        if view == "view-predict":
            page.click("#commit")
            page.wait_for_selector("#verdict-of-chart p")
        yield from _harmless(page, view)
    title = page.inner_text("#opening h1")
    if "<script>hacked=1</script>" not in title:
        yield f"the hostile title is changed: {title}"
    page.click("#share")
    became(page, "location.hash.startsWith('#s=')")
    other, _ = visits.page(context, page.evaluate("location.hash"))
    yield from _harmless(other, "a link")
    other.close()
    damaged, _ = visits.page(context, "#s=<img src=x onerror=hacked=1>")
    yield from _harmless(damaged, "a damaged link")
    damaged.close()
    _put(page, MISTAKEN)
    if "<img" not in page.inner_text("#problems"):
        yield "a hostile policy's name is not shown as it is"
    yield from _harmless(page, "a problem")


def _harmless(page: Any, where: str) -> Iterator[str]:
    found = page.evaluate(MADE)
    if found != [None, 0, None]:
        yield f"a hostile text does something in {where}: {found}"


def _endless(page: Any) -> Iterator[str]:
    """Yield what does not go on after a policy that never answers."""
    _put(page, "processes: [{name: A, cpu: 10ms}]", ENDLESS, "mine.py:Mine")
    words = page.inner_text("#status")
    if "was ended" not in words:
        yield f"an endless policy is not ended: {words}"
    text = page.evaluate(
        "(path) => playground.entries.find((each) => each.path === path).text", LESSON
    )
    _put(page, text)
    words = page.inner_text("#opening h1")
    if page.inner_text("#problems") or not words:
        yield f"the page does not go on after an endless policy: {words}"


def _views(page: Any) -> Iterator[str]:
    """Bring the page to each of its views, and yield its name."""
    page.evaluate("(path) => playground.open(path)", LESSON)
    _look(page, "view-run")
    yield "run"
    _look(page, "view-predict")
    page.click("#again")
    page.focus(".lane.drawn")
    for key in ("1", "Shift+PageUp", "2", "Shift+PageUp"):
        page.keyboard.press(key)
    yield "predict"
    page.click("#commit")
    page.wait_for_selector("#verdict-of-chart p")
    yield "predicted"
    _look(page, "view-curve")
    page.click("#curve-form button")
    page.wait_for_selector("#curve-table table")
    yield "curve"
    _look(page, "view-run")
    _put(page, MISTAKEN)
    yield "problems"
    page.click("#tab-policy")
    yield "policy"
    page.evaluate("document.getElementById('saving').showModal()")
    yield "save"
    page.evaluate("document.getElementById('saving').close()")


def _resized(page: Any, visits: Any, context: Any) -> Iterator[str]:
    """Yield where the charts of a page that was resized are not those of one that is new."""
    page.evaluate("(path) => playground.open(path)", OVERLAP)
    page.evaluate(IDLE)
    fresh = {size: _fresh(visits, context, size) for size in dict.fromkeys(RESIZED)}
    for width, height in RESIZED:
        page.set_viewport_size({"width": width, "height": height})
        found = _settled(page)
        if found != fresh[width, height]:
            new = fresh[width, height]
            yield f"at {width} by {height} pixels the charts are {found}, freshly loaded {new}"


def _fresh(visits: Any, context: Any, size: tuple[int, int]) -> Any:
    """Return the frames of the charts of a page that is loaded at that size."""
    page, _ = visits.page(context, f"#open={OVERLAP}", size)
    found = _settled(page)
    page.close()
    return found


def _settled(page: Any) -> Any:
    """Return the frames of the charts, as soon as they have not changed for half a second."""
    found, same = page.evaluate(FRAMES), 0
    while same < 5:
        page.wait_for_timeout(100)
        before, found = found, page.evaluate(FRAMES)
        same = same + 1 if found == before else 0
    return found
