"""The scripts of the page of a run, as one module that the front end imports."""

from __future__ import annotations

import re
from importlib.resources import files

from report.page.document import scripts

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./renderer\.js";', re.MULTILINE)


def renderer() -> str:
    """Return the module `renderer.js`. It exports the names that the front end imports of it."""
    modules = [each for each in files("playground").joinpath("web").iterdir() if each.is_file()]
    texts = (each.read_text("utf-8") for each in modules if each.name.endswith(".js"))
    lists = (found for text in texts for found in _IMPORT.findall(text))
    names = sorted({name.strip() for found in lists for name in found.split(",")})
    return f"{scripts()}\nexport {{ {', '.join(names)} }};\n"
