"""The modules as the browser's Python has compiled them, for the next visit.

Compiling takes a second or two of a first visit. The front end keeps this archive in the browser,
beside the files of the same version of the site.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

UNCHECKED = bytes([1, 0, 0, 0, *([0] * 8)])
"""The second to fourth word of a compiled file: it is valid whenever its source was made (PEP 552).

The source is unpacked anew at each visit, so its time says nothing.
"""


def compiled(site: str) -> bytes:
    """Return an archive of the compiled modules below the folder `site`."""
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_STORED) as archive:
        for file in sorted(Path(site).rglob("__pycache__/*.pyc")):
            content = file.read_bytes()
            name = file.relative_to(site).as_posix()
            archive.writestr(name, content[:4] + UNCHECKED + content[16:])
    return stream.getvalue()
