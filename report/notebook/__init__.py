"""Runs in a notebook: after `from report.notebook import load`, `load("run.json")` shows a run."""

from __future__ import annotations

from report.notebook.frames import Runs, load

__all__ = ["Runs", "load"]
