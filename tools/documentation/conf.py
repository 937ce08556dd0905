"""Sphinx's configuration of the documentation."""

from __future__ import annotations

from importlib.metadata import version as installed
from pathlib import Path

from tools.documentation.languages import LOCALE

project = "Multiprog"
author = copyright = "the Multiprog developers"
version = release = installed("multiprog")
extensions = ["myst_parser", "tools.documentation.extension"]
myst_heading_anchors = 4  # headings can be linked as on a code host
html_theme = "furo"
html_title = "Multiprog"
html_copy_source = False
html_show_sphinx = False
html_static_path = ["static"]
html_css_files = ["style.css"]
html_search_scorer = str(Path(__file__).parent / "scorer.js")
templates_path = ["templates"]
locale_dirs = [LOCALE]  # in the folder of the pages, where Sphinx puts what it makes of catalogues
gettext_compact = False  # a catalogue for each page
gettext_location = False  # else each new line would change the catalogues
highlight_language = "none"
suppress_warnings = ["misc.highlighting_failure"]  # console blocks with charts are no shell
