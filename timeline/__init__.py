"""One record for both machines: what happened, its metrics, its laws, and how two runs compare.

In a notebook: `from timeline import load`, then `load("run.json")` shows itself.
"""

from timeline.frames import Runs, load

__all__ = ["Runs", "load"]
