"""Build the documentation's site: `python -m tools.documentation.build FOLDER` (`make docs`)."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from tools.documentation.languages import LANGUAGES
from tools.documentation.reference.pages import generated
from tools.documentation.sphinx import sphinx
from tools.documentation.staging import stage

PLAYGROUND = "../site/"  # where `make site` puts the playground, seen from the documentation


def build(site: Path, playground: str) -> int:
    """Build the site in the folder `site`, which is replaced; return Sphinx's exit status.

    The English pages are at the top, those of another language in a folder in it. `playground` is
    the address of the playground: absolute, or relative to the site's top.
    """
    source = site.with_name(f"{site.name}-source")
    stage(source, generated())
    shutil.rmtree(site, ignore_errors=True)
    for spoken in LANGUAGES:
        trees = site.with_name(f"{site.name}-trees") / spoken.code
        folder = site / spoken.folder
        is_absolute = "://" in playground or playground.startswith("/")
        seen_from = "" if is_absolute or folder == site else "../"
        options = [f"language={spoken.code}", f"playground={seen_from}{playground}"]
        if status := sphinx("html", source, folder, trees, options):
            return status
    return 0


def main() -> int:
    """Build the site, and say where it is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--playground", default=PLAYGROUND, metavar="ADDRESS")
    asked = parser.parse_args()
    site: Path = asked.folder.absolute()
    status = build(site, asked.playground)
    if status == 0:
        print(f"{site / 'index.html'}")
    return status


if __name__ == "__main__":
    sys.exit(main())
