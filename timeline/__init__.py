"""One record for both machines: what happened, its metrics, its laws, and how two runs compare.

In a notebook: `from timeline import load`, then `load("run.json")` shows itself.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from timeline.frames import Runs, load

__all__ = ["Runs", "load"]


def __getattr__(name: str) -> Any:
    """Both are imported when they are used: no command needs them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from timeline import frames

    return getattr(frames, name)
