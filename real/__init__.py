"""The real machine: `multiprocessing` processes on the cores of the computer."""

from __future__ import annotations

from real.run import run_real

__all__ = ["run_real"]
