"""Make `web/codemirror.js` anew: `python -m playground.editor_bundle` (`make editor`).

The playground on one's own machine needs no npm: its server hands out the front end as it is
written, and in place of each package that the front end imports this one file. It has all names
that the front end imports from packages, and is committed.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playground.site import ROOT, WEB, node_modules

BUNDLE = "codemirror.js"
_IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"./][^"]*)";', re.MULTILINE)


def imports(text: str) -> dict[str, set[str]]:
    """Return the names that a module of the front end imports from packages, by package."""
    found: dict[str, set[str]] = {}
    for names, package in _IMPORT.findall(text):
        found.setdefault(package, set()).update(name.strip() for name in names.split(","))
    return found


def unbundled(text: str) -> str:
    """Return a module that imports from the bundle what it imports from packages."""
    return _IMPORT.sub(rf'import {{\1}} from "./{BUNDLE}";', text)


def modules() -> Iterator[Path]:
    """Yield the modules of the front end that are written by hand."""
    return (file for file in sorted(WEB.glob("*.js")) if file.name != BUNDLE)


def build(work: Path) -> None:
    """Make the bundle, in the folder `work`. Raises CalledProcessError."""
    wanted: dict[str, set[str]] = {}
    for module in modules():
        for package, names in imports(module.read_text(encoding="utf-8")).items():
            wanted.setdefault(package, set()).update(names)
    packages = node_modules(work)
    entry = work / "codemirror.js"
    entry.write_text(
        "".join(
            f"export {{ {', '.join(sorted(names))} }} from {json.dumps(package)};\n"
            for package, names in sorted(wanted.items())
        ),
        encoding="utf-8",
    )
    licence = (packages / "codemirror" / "LICENSE").read_text(encoding="utf-8").strip()
    told = f"/*! CodeMirror 6 and Lezer, made by `make editor`; do not edit.\n\n{licence}\n*/"
    how = ["--bundle", "--format=esm", "--minify", f"--banner:js={told}", "--log-level=warning"]
    esbuild = str(packages / ".bin" / "esbuild")
    subprocess.run([esbuild, str(entry), *how, f"--outfile={WEB / BUNDLE}"], check=True)


def main() -> int:
    """Make the bundle, and say how large it is."""
    build(ROOT / "build" / "site-work")
    print(f"{WEB / BUNDLE}: {(WEB / BUNDLE).stat().st_size / 1e3:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
