"""What happens in a worker of a cluster: it keeps what was brought, and makes what it is asked for.

What is brought is a function, which makes a workplace, and what it makes it from. A worker calls a
workplace in several threads.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from report.base.version import version

_ROOT = Path(__file__).parents[2]
CODE = ("experiments", "kernel", "language", "sim", "timeline")
"""The folders whose code decides the rows of a sweep."""


class Workplace(Protocol):
    """What a worker makes things with."""

    def make(self, *what: Any) -> Any:
        """Make one thing."""

    def close(self) -> None:
        """End the processes that it has started."""


Begin = Callable[[Any], Workplace]

_brought: dict[str, tuple[Begin, Any]] = {}
_workplaces: dict[str, Workplace] = {}
_lock = threading.Lock()


@cache
def versions(folders: Sequence[str]) -> dict[str, str]:
    """Return what must be alike on all machines; `folders` have the code that decides."""
    digest = sha256()
    for folder in folders:
        for file in sorted((_ROOT / folder).rglob("*.py")):
            digest.update(file.read_bytes())
    return {
        "Multiprog": version(),
        "Python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "code": digest.hexdigest()[:12],
    }


def keep(name: str, begin: Begin, setup: Any) -> None:
    """Keep what was brought. The workplace is made when something is asked for."""
    with _lock:
        _brought[name] = begin, setup


def forget(name: str) -> None:
    """Forget what was brought, and close its workplace."""
    with _lock:
        _brought.pop(name, None)
        workplace = _workplaces.pop(name, None)
    if workplace is not None:
        workplace.close()


def make(name: str, *what: Any) -> Any:
    """Make one thing at the workplace of that name."""
    with _lock:
        if name not in _workplaces:
            begin, setup = _brought[name]
            _workplaces[name] = begin(setup)
        workplace = _workplaces[name]
    return workplace.make(*what)
