"""How the views of a page look: in three sizes, light and dark, for axe and for the eye."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

SIZES = ((1280, 800), (800, 600), (400, 800))
THEMES = ("light", "dark")
AXE = """async () => {
    const {violations} = await axe.run(document, {resultTypes: ["violations"]});
    return violations.filter(({impact}) => ["serious", "critical"].includes(impact))
        .map(({id, help, nodes}) =>
            `${id}: ${help}: ${nodes.slice(0, 3).map(({html}) => html).join(" ")}`);
}"""


def axe_of(work: Path) -> str:
    """Return the script of axe-core, from the folder in which npm has put the site's packages."""
    return (work / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def looks(
    page: Any, views: Callable[[Any], Iterator[str]], axe: str, screens: Path | None
) -> Iterator[str]:
    """Yield what axe finds serious in a view, and which view is wider than the window.

    `views` brings the page to each of its views, and yields its name. With `screens` a picture of
    each is written there.
    """
    page.evaluate(axe + "; undefined")
    if screens is not None:
        screens.mkdir(parents=True, exist_ok=True)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            for view in views(page):
                name = f"{view}-{width}-{theme}"
                yield from (f"{name}: {line}" for line in page.evaluate(AXE))
                wide = page.evaluate("document.documentElement.scrollWidth")
                if wide > width:
                    yield f"{name}: is {wide} pixels wide"
                if screens is not None:
                    page.screenshot(path=str(screens / f"{name}.png"), full_page=True)
