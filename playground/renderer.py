"""The scripts of the page of a run, as one module that the front end imports."""

from __future__ import annotations

from report.page.document import scripts

EXPORTED = ("show",)
"""What the front end uses of them."""


def renderer() -> str:
    """Return the module `renderer.js`."""
    return f"{scripts()}\nexport {{ {', '.join(EXPORTED)} }};\n"
