"""Runs in a notebook: `from report.notebook import load`; `load("run.json")` shows itself."""

from __future__ import annotations

from report.notebook.frames import Runs, load

__all__ = ["Runs", "load"]
