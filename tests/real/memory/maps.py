"""What this process may do with the pages of a machine's memory, as Linux says."""

from __future__ import annotations

from pathlib import Path

from real.host import syscalls


def rights(address: int, pages: int) -> str:
    """A character a page from `address` on: `w` it may be read and written, `-` neither."""
    found = [" "] * pages
    for line in Path("/proc/self/maps").read_text().splitlines():
        stretch, access, *_ = line.split()
        start, end = ((int(each, 16) - address) // syscalls.PAGE for each in stretch.split("-"))
        for page in range(max(start, 0), min(end, pages)):
            found[page] = {"rw-s": "w", "---s": "-"}.get(access, "?")
    return "".join(found)
