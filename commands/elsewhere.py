"""What a command needs that only some systems have, and what to do on the others.

The model, the files and the pages work everywhere. Real runs need Linux, and single keys need a
Unix terminal. See docs/elsewhere.md.
"""

from __future__ import annotations

import sys

from kernel.errors import UsageError
from translation import tr


def require_linux(command: str) -> None:
    """Raise UsageError, which says what to do, if this is not Linux."""
    if sys.platform != "linux":
        raise UsageError(
            tr(
                "{command} starts real processes and needs Linux (signals, processor affinity): "
                "run it {where}, see docs/elsewhere.md; simulate works here",
                command=command,
                where=_how(),
            )
        )


def require_confinement(command: str) -> None:
    """Raise UsageError if this system cannot confine the process of a submitted policy."""
    if sys.platform != "linux":
        raise UsageError(
            tr(
                "{command} asks submitted policies in confined processes and needs Linux (seccomp "
                "filters): run it {where}, see docs/elsewhere.md",
                command=command,
                where=_how(),
            )
        )


def _how() -> str:
    return tr("in WSL2") if sys.platform == "win32" else tr("in a container")


def require_unix_terminal(option: str) -> None:
    """Raise UsageError if this system's terminals pass on no single keys."""
    if sys.platform == "win32":
        raise UsageError(
            tr(
                "{option} needs a terminal of Linux or macOS: use --html, whose page takes the "
                "same keys",
                option=option,
            )
        )
