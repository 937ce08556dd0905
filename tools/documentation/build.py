"""Build the documentation's site: `python -m tools.documentation.build FOLDER` (`make docs`)."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from tools.documentation.reference.pages import generated
from tools.documentation.staging import stage

CONFIGURATION = Path(__file__).parent
PLAYGROUND = "../site/"  # where `make site` puts the playground, seen from the documentation


def build(site: Path, playground: str) -> int:
    """Build the site in the folder `site`, which is replaced; return Sphinx's exit status.

    `playground` is the address of the playground: absolute, or relative to the site's top.
    """
    from sphinx.cmd.build import main as sphinx

    source = site.with_name(f"{site.name}-source")
    stage(source, generated())
    shutil.rmtree(site, ignore_errors=True)
    place = [str(source), str(site)]
    options = ["-W", "--keep-going", "-q", "-c", str(CONFIGURATION), "-d", f"{source}-trees"]
    status: int = sphinx([*options, "-D", f"playground={playground}", *place])
    return status


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
