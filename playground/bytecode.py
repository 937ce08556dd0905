"""Compile the Python modules of the site when it is built, so that no visit compiles them.

The browser's Python would compile some 700 modules from source at each visit, which takes longer
than everything else that it does. `playground/web/compile.mjs` runs this module in the same Python
under Node: only the version of Python that loads a compiled module can make it.
"""

from __future__ import annotations

import importlib.util
import marshal
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from playground.answers import warm_up

HEAD = importlib.util.MAGIC_NUMBER + bytes(12)
"""The words before a compiled module: no hash, and no time or size of a source (PEP 552)."""
AS_WRITTEN, WITHOUT_DOCSTRINGS = 0, 2  # how `compile` optimizes
ARCHIVES = (("packages.zip", WITHOUT_DOCSTRINGS), ("project.zip", AS_WRITTEN))
LIBRARY = "pyodide/python_stdlib.zip"
LEFT_OUT = (
    *("_pyrepl/", "ctypes/", "dbm/", "ensurepip/", "multiprocessing/", "pydoc_data/", "sqlite3/"),
    *("unittest/", "venv/", "wsgiref/", "xml/", "xmlrpc/", "encodings/cp", "encodings/mac_"),
    *("cProfile", "doctest", "ftplib", "imaplib", "mailbox", "pdb", "pickletools", "poplib"),
    *("profile", "pstats", "pydoc", "smtplib", "socketserver", "tarfile", "turtle", "webbrowser"),
)
"""How files of Python's library begin that no answer loads and no policy needs in a browser."""
QUESTIONS = ("check", "simulate", "document", "page", "predict", "numbers", "schema")
"""What is asked, so that the modules are loaded which the answers need."""


def compile_site(site: str, unpacked: str) -> None:
    """Replace the sources in the archives of the folder `site` by compiled modules.

    `unpacked` is the folder from which this Python loads the modules of `packages.zip` and
    `project.zip`. A module that no answer loads stays a source, which is smaller.
    """
    warm_up(*QUESTIONS)
    library = next(path for path in sys.path if path.endswith(".zip"))
    for name, optimize in ARCHIVES:
        compile_archive(Path(site, name), set(_loaded(unpacked)), optimize)
    wanted = set(_loaded(library))
    compile_archive(Path(site, LIBRARY), wanted, WITHOUT_DOCSTRINGS, left_out=LEFT_OUT)


def _loaded(folder: str) -> Iterator[str]:
    """Yield the files of the loaded modules, as paths below the folder or archive."""
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if file and Path(file).is_relative_to(folder):
            yield Path(file).relative_to(folder).as_posix()


def compile_archive(
    archive: Path, wanted: set[str], optimize: int, left_out: tuple[str, ...] = ()
) -> None:
    """Compile the wanted files of an archive. A compiled module lies where its source lay.

    Files whose names begin like one of `left_out` are left out, unless they are wanted.
    """
    stream = BytesIO()
    with ZipFile(archive) as sources, ZipFile(stream, "w", ZIP_DEFLATED) as made:
        for entry in sources.infolist():
            name, content = entry.filename, sources.read(entry)
            if name.startswith(left_out) and name not in wanted:
                continue
            if name in wanted and name.endswith(".py"):
                code = compile(content, name, "exec", dont_inherit=True, optimize=optimize)
                name, content = f"{name}c", HEAD + marshal.dumps(code)
            made.writestr(ZipInfo(name, entry.date_time), content, ZIP_DEFLATED, 9)
    archive.write_bytes(stream.getvalue())
