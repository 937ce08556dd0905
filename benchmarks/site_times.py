"""The times of the static site, measured in the page: a lesson, a keystroke, a slider."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any

from benchmarks.figures import Figure
from playground.catalogue import catalogue

RAN, CHECKED, PICTURES = 0.3, 0.15, 10.0  # s of a lesson and of a keystroke, pictures a second
SLIDER = "scenarios/lessons/long-against-quantum.yaml"
LESSON = """async ([file, text]) => {
    const began = performance.now();
    await playground.model.ask({do: "simulate", file, files: {[file]: text}});
    return (performance.now() - began) / 1000;
}"""
"""Returns the seconds from the question to the answer with all that the page shows."""
KEYSTROKE = """async (path) => {
    playground.open(path);
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const idle = async () => { do await sleep(50); while (playground.busy || playground.wanted); };
    const seconds = [];
    for (let round = 0; round < 15; round++) {
        await idle();
        const began = performance.now();
        const told = new Promise((resolve) => {
            playground._problems = function (problems) {
                delete playground._problems;
                playground._problems(problems);
                resolve();
            };
        });
        playground.editor.view.dispatch({changes: {from: 0, insert: "#"}});
        await told;
        seconds.push((performance.now() - began) / 1000);
    }
    return seconds;
}"""
"""Returns the seconds from each of fifteen keystrokes until its problems are underlined."""
DRAG = """async (path) => {
    playground.open(path);
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    do await sleep(50); while (playground.busy || playground.wanted);
    const view = playground.views["view-run"], refresh = view.refresh;
    let pictures = 0;
    view.refresh = async () => { const found = await refresh(); pictures += 1; return found; };
    const input = document.querySelector("#sliders input"), began = performance.now();
    for (let value = 0; performance.now() - began < 4000; value++) {
        input.value = Number(input.min) + (value % 20) + 1;
        input.dispatchEvent(new Event("input"));
        await new Promise(requestAnimationFrame);
    }
    view.refresh = refresh;
    return pictures / ((performance.now() - began) / 1000);
}"""
"""Returns the pictures a second while a slider is dragged for four seconds."""


def times_of(page: Any) -> Iterator[Figure]:
    """Yield the figures. The page is that of the site, with a run shown."""
    lessons = [entry for entry in catalogue() if entry.path.startswith("scenarios/lessons/")]
    for entry in lessons[:5]:
        page.evaluate(LESSON, [entry.path, entry.text])
    found = [page.evaluate(LESSON, [entry.path, entry.text]) for entry in lessons]
    median = statistics.median(found)
    words = f"{max(found):.2f} s, median {median:.3f} (at most {RAN})"
    yield Figure(f"the slowest of {len(found)} lessons", max(found), RAN, words, True)
    typed = page.evaluate(KEYSTROKE, SLIDER)
    slow = statistics.median(typed)
    words = f"{1000 * slow:.0f} ms, at most {1000 * max(typed):.0f} (at most {1000 * CHECKED:.0f})"
    yield Figure("a keystroke is checked", slow, CHECKED, words, True)
    rate = page.evaluate(DRAG, SLIDER)
    words = f"{rate:.1f} a second (at least {PICTURES:.0f})"
    yield Figure("pictures while a slider moves", rate, PICTURES, words)
