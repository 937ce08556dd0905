"""The part of a sweep that runs in a worker of a cluster.

Such a worker executes chunks in threads. An own policy needs the main thread of a process, for its
timer, and a process that may be ended: it gets a child (`experiments/running/child.py`).
"""

from __future__ import annotations

import sys
import threading
from functools import cache
from hashlib import sha256
from pathlib import Path

from experiments.running.bench import Bench, Done, Span
from experiments.running.child import Child
from experiments.running.setup import Setup
from report.base.version import version

_ROOT = Path(__file__).parents[2]
_CODE = ("experiments", "kernel", "language", "sim", "timeline")
"""The folders whose code decides the rows."""

_setups: dict[str, Setup] = {}
_benches: dict[str, Bench] = {}
_children: dict[str, list[Child]] = {}  # those that have no chunk
_lock = threading.Lock()


@cache
def versions() -> dict[str, str]:
    """Return what must be alike on all machines."""
    digest = sha256()
    for folder in _CODE:
        for file in sorted((_ROOT / folder).rglob("*.py")):
            digest.update(file.read_bytes())
    return {
        "Multiprog": version(),
        "Python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "code": digest.hexdigest()[:12],
    }


def keep(name: str, setup: Setup) -> None:
    """Keep the setup of a sweep."""
    with _lock:
        _setups[name] = setup


def forget(name: str) -> None:
    """Forget a sweep, and end its children."""
    with _lock:
        _setups.pop(name, None)
        _benches.pop(name, None)
        children = _children.pop(name, [])
    for child in children:
        child.close()


def make(name: str, spans: list[Span], budget: float) -> Done:
    """Make the replications of a chunk. Raises Died if the child that had it is dead."""
    setup = _setups[name]
    if not setup.files:
        return _bench(name, setup).make(spans, budget)
    with _lock:
        free = _children.setdefault(name, [])
        child = free.pop() if free else None
    child = child or Child(setup)
    try:
        done = child.make(spans, budget)
    except BaseException:
        child.close()
        raise
    with _lock:
        _children.setdefault(name, []).append(child)
    return done


def _bench(name: str, setup: Setup) -> Bench:
    with _lock:
        if name not in _benches:
            _benches[name] = Bench(setup)
        return _benches[name]
