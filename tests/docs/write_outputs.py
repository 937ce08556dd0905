"""Write what the commands of the pages print now: `python -m tests.docs.write_outputs [PAGE...]`.

Read every line of `git diff docs` before you commit it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.docs.pages import PAGES, blocks, printed_by, typed, write_files


def write_outputs(page: Path) -> None:
    """Put what the commands of the page print now into the page."""
    here, text = Path.cwd(), page.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write_files(page, Path())
        for block in blocks(page):
            if block.language == "console":
                parts = []
                for each in typed(block):
                    shown = each.shown if each.is_real else printed_by(each.command)[1]
                    parts.append(f"$ {each.command}\n{shown}")
                text = text.replace(
                    f"```console\n{block.text}```", f"```console\n{''.join(parts)}```"
                )
        os.chdir(here)
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    os.environ["COLUMNS"] = "80"
    given = [Path(name).absolute() for name in sys.argv[1:]]
    for each in given or PAGES:
        write_outputs(each)
